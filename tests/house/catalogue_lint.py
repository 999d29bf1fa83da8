"""What is wrong with the rules in assets although they can be read: things that nothing uses, and facts that don't say where they come from.

:meth:`.Catalogue.parse` and :meth:`.PrepackageRules.parse` refuse what can't judge (an edition that ends without a successor among it) and a JJF 1051 code that is none.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping

from shared.metrology.catalogue import Catalogue, Kind, Limits
from shared.metrology.editions import Certainty
from shared.metrology.prepackages.rules import DatedRule, PrepackageRules
from shared.metrology.table_limits import TableLimits
from shared.metrology.weighing_limits import WeighingLimits

CHINESE = re.compile("[一-鿿]")


def catalogue_faults(files: Mapping[str, bytes]) -> list[str]:
    """Each fault of the catalogue with its place."""
    rules = Catalogue.parse(files)
    found = [*unused(rules, files), *misnamed(rules, files)]
    for kind in rules.kinds.values():
        found += kind_faults(kind)
    for limits in rules.limits.values():
        found += limits_faults(limits)
    return found


def unused(rules: Catalogue, files: Mapping[str, bytes]) -> Iterator[str]:
    """Limits that no edition judges by, and shared questions that no kind asks."""
    named = {edition.limits for kind in rules.kinds.values() for edition in kind.editions}
    yield from (f"limits {each}: no edition judges by them" for each in rules.limits.keys() - named)
    asked = {question for kind in rules.kinds.values() for question in kind.asks}
    shared = {each["id"] for each in tomllib.loads(files["questions.toml"].decode())["question"]}
    yield from (f"questions.toml: no kind asks {each}" for each in shared - asked)


def misnamed(rules: Catalogue, files: Mapping[str, bytes]) -> Iterator[str]:
    """Kinds that don't stand in the file of their name, or share a Chinese one."""
    yield from (
        f"kind {each}: not in kind-{each}.toml" for each in rules.kinds if f"kind-{each}.toml" not in files
    )
    names = Counter(kind.chinese for kind in rules.kinds.values())
    yield from (f"{name}: the name of {count} kinds" for name, count in names.items() if count > 1)
    yield from (f"{name}: not Chinese" for name in names if not CHINESE.search(name))


def kind_faults(kind: Kind) -> Iterator[str]:
    """Facts without a source."""
    for edition in kind.editions:
        if not edition.source.strip():
            yield f"kind {kind.id}: {edition.document} has no source"
    for question in kind.visual:
        if not question.source.strip():
            yield f"kind {kind.id}: question {question.id} has no source"
    for unsure in kind.unsure:
        if not unsure.fact.strip() or not unsure.source.strip():
            yield f"kind {kind.id}: an unsure fact has no words or no source: {unsure.fact}"


def limits_faults(limits: Limits) -> Iterator[str]:
    """Limits that were seen, and don't say in which clause."""
    if isinstance(limits, TableLimits):
        told = bool(limits.clause) or all(row.clause for row in limits.mpe)
    else:
        told = bool(limits.clause)
    if limits.certainty is Certainty.SEEN and not told:
        yield f"limits {limits.id}: seen, but in which clause is not said"
    if not isinstance(limits, WeighingLimits) and not limits.source.strip():
        yield f"limits {limits.id}: no source"


def prepackage_faults(rules: PrepackageRules) -> list[str]:
    """Tables of the prepackage rules that no edition judges by, or that don't say where they come from."""
    found: list[str] = []
    for part in (rules.net_content, rules.sampling, rules.retail, rules.packaging):
        tables: list[DatedRule] = list(part.limits)
        named = {edition.limits for edition in part.editions}
        found += [f"{each.id}: no edition judges by it" for each in tables if each.id not in named]
        found += [
            f"{each.id}: no clause or no source"
            for each in tables
            if not (each.clause and each.source.strip())
        ]
        found += [f"{each.document}: no source" for each in part.editions if not each.source.strip()]
    return found
