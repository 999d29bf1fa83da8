"""``quanheng catalogue``: which kinds there are, by which editions and limits each is judged, and what is not sure."""

from __future__ import annotations

import argparse
from datetime import date

from server.shell.printing import CERTAIN, Page, add_reader, speaking
from server.shell.rulebooks import catalogue, kind_named
from shared.errors import InputError
from shared.message import Message, msgid
from shared.metrology.catalogue import Catalogue, Kind
from shared.metrology.energy import HeatLimits
from shared.metrology.judging import STAGE_WORDS, limits_shown
from shared.metrology.table_limits import ErrorForm, TableLimits
from shared.metrology.weighing_limits import WeighingLimits
from shared.quantity import Quantity, figure


def add_words(words: argparse.ArgumentParser) -> None:
    """The options of ``quanheng catalogue``."""
    words.add_argument("kind", nargs="?", default="", help="id or Chinese name of one kind, to see it whole")
    words.add_argument(
        "--unsure", action="store_true", help="what is not sure enough to judge by, of every kind"
    )
    add_reader(words, "day")


def run(asked: argparse.Namespace, today: date) -> tuple[int, str]:
    """The exit code and what to print. Raises InputError ``kind_unknown``, ``edition_unknown``."""
    rules, page, day = catalogue(), Page(speaking(asked.language)), asked.on or today
    if asked.kind:
        whole(page, rules, kind_named(rules, asked.kind), day)
        return 0, page.text()
    page.say(Message(msgid("Catalogue {version}, {day}"), {"version": rules.version, "day": day.isoformat()}))
    for kind in rules.kinds.values():
        if asked.unsure:
            if kind.unsure:
                page.say(called(page, kind))
                unsure_lines(page, kind)
            continue
        judged = Message("judged") if rules.judging(kind.id, day) else Message("not judged")
        page.say(f"{called(page, kind)}  {document(rules, kind, day)}  {judged.said(page.speak)}")
    return 0, page.text()


def called(page: Page, kind: Kind) -> str:
    """Id and name, in Chinese and in the reader's language."""
    names = dict.fromkeys((kind.chinese, Message(kind.name).said(page.speak)))
    return f"{kind.id:<24}  {'  '.join(names)}"


def document(rules: Catalogue, kind: Kind, day: date) -> str:
    """The edition that judges, or a dash before the first that is known."""
    try:
        return rules.edition(kind.id, day).judging.document
    except InputError:
        return "–"


def whole(page: Page, rules: Catalogue, kind: Kind, day: date) -> None:
    """One kind with editions, limits, nameplate, questions and what is not sure. Raises InputError ``edition_unknown``."""
    page.say(f"{called(page, kind)}  ({kind.family})")
    if kind.interval_months:
        page.say(Message(msgid("Verified every {months} months"), {"months": str(kind.interval_months)}), 1)
    found = rules.edition(kind.id, day)
    for edition in kind.editions:
        mark = "→" if edition in (found.judging, found.pending) else " "
        span = f"{edition.starts or '…'} – {edition.until or '…'}"
        certain = CERTAIN[edition.certainty].said(page.speak)
        page.say(f"{mark} {edition.document}  {span}  {certain}  ({edition.source})", 1)
    limits = rules.limits_on(kind.id, day)
    if isinstance(limits, WeighingLimits):
        class_lines(page, limits)
    elif isinstance(limits, TableLimits):
        table_lines(page, limits)
    elif isinstance(limits, HeatLimits):
        page.say(
            f"±(Ef + Et + Ec)  {limits.document} {limits.clause}  {CERTAIN[limits.certainty].said(page.speak)}",
            1,
        )
    for field in kind.nameplate:
        page.say(f"--nameplate {field.id}=… {field.unit}  {Message(field.name).said(page.speak)}", 1)
    for question in kind.visual:
        certain = CERTAIN[question.certainty].said(page.speak)
        page.say(f"{question.id}: {Message(question.question).said(page.speak)}  {certain}", 1)
    unsure_lines(page, kind)


def unsure_lines(page: Page, kind: Kind, depth: int = 1) -> None:
    """What would be needed and is not sure enough."""
    for unsure in kind.unsure:
        values: dict[str, str | Message] = {"fact": Message(unsure.fact), "source": unsure.source}
        page.say(Message(msgid("Not sure, so not judged by: {fact} ({source})"), values), depth)


def class_lines(page: Page, limits: WeighingLimits) -> None:
    """Limits of scales in multiples of e, class by class."""
    for each in limits.mpe:
        rows = ", ".join(
            f"±{figure(band.multiple)}e {f'≤ {band.up_to}e' if band.up_to else '…'}" for band in each.bands
        )
        page.say(f"{each.accuracy_class}: {rows}", 1)


def table_lines(page: Page, limits: TableLimits) -> None:
    """A table of limits, row by row."""
    certain = CERTAIN[limits.certainty].said(page.speak)
    for row in limits.mpe:
        form = row.form or limits.form
        unit = {ErrorForm.ABSOLUTE: limits.unit, ErrorForm.DAILY: f"{limits.unit}/d"}.get(form, "%")
        low = -row.high if row.low is None else row.low
        stages = " / ".join(STAGE_WORDS[stage].said(page.speak) for stage in row.stages)
        place = (row.accuracy_class, row.zone, stretch(row.least, row.below, row.up_to))
        shown = limits_shown(Quantity(low, unit), Quantity(row.high, unit))
        source = f"{limits.document} {row.clause or limits.clause}"
        page.say("  ".join(part for part in (stages, *place, shown, source, certain) if part), 1)


def stretch(least: object, below: object, up_to: object) -> str:
    """``35.3…41.0`` or ``< 40``."""
    if least is None and below is None and up_to is None:
        return ""
    end = f"< {below}" if below is not None else f"≤ {up_to}" if up_to is not None else ""
    return f"{least if least is not None else ''}… {end}".strip()
