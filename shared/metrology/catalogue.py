"""The catalogue: kinds of instrument, editions of regulations, limits and procedures, as data in ``assets/catalogue``.

Each fact says where it comes from and how sure it is; what is only remembered is never shown to an inspector as law.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

import msgspec

from shared.codes.type_code import parse_type_code
from shared.errors import InputError
from shared.metrology.catalogue_file import add, invalid, read
from shared.metrology.editions import Certainty, Edition, EditionInForce, check_editions, check_sure, in_force
from shared.metrology.energy import HeatLimits, check_heat
from shared.metrology.gas import GasLimits, check_gas
from shared.metrology.judging import Stage
from shared.metrology.pressure import PressureLimits, check_pressure
from shared.metrology.procedure import Procedure, check_procedure
from shared.metrology.table_limits import TableLimits, check_table
from shared.metrology.weighing_limits import WeighingLimits, check_weighing
from shared.quantity import Quantity

Limits = WeighingLimits | TableLimits | PressureLimits | GasLimits | HeatLimits
LIMITS: Any = Limits
"""The same, as a decoder takes it."""


class OnFlag(StrEnum):
    """What a flagged question makes of the marks-and-seals finding."""

    SUSPECTED_CHEATING = "suspected_cheating"
    UNDECIDED = "undecided"


class VisualQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question of the visual check; ``question`` and ``short`` are message ids."""

    id: str
    question: str
    short: str
    on_flag: OnFlag
    source: str
    certainty: Certainty
    manufactured_from: date | None = None
    """Asked only of instruments made on that day or later."""


class MandatoryVerification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether and in which form verification is compulsory (强制检定)."""

    mode: str
    form: str
    certainty: Certainty


class NameplateField(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure of the nameplate that the judgement needs; ``name`` is a message id."""

    id: str
    name: str
    unit: str
    decimals: int = 0
    usual: list[str] = []
    """What is sold most: suggestions only, no rule."""
    optional: bool = False
    least: Decimal = Decimal(0)
    most: Decimal | None = None
    whole: bool = False

    def check(self, given: Quantity) -> None:
        """Raises InputError ``nameplate_impossible`` for a figure that no nameplate of this kind has, ``unit_mismatch``."""
        value = given.to(self.unit).value
        beyond = value < self.least or (self.most is not None and value > self.most)
        if beyond or (self.whole and value != value.to_integral_value()):
            raise InputError(
                "nameplate_impossible",
                "{figure}: {value} can't stand on such a nameplate.",
                "Read the figure from the nameplate again.",
                figure=self.name,
                value=given.shown(),
            )


class Unsure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fact that would be needed and is not sure enough to judge by; shown in the office's list, never to an inspector as law. ``fact`` is a message id."""

    fact: str
    source: str
    certainty: Certainty


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of instrument. ``name`` is a message id, ``chinese`` the trade's own term."""

    id: str
    name: str
    chinese: str
    family: str
    use_scenes: list[str]
    mandatory_verification: MandatoryVerification
    editions: list[Edition]
    visual: list[VisualQuestion] = []
    """Those of this kind alone."""
    asks: list[str] = []
    """Ids of questions that ``questions.toml`` has for several kinds; asked first."""
    interval_months: int | None = None
    jjf_1051: str = ""
    """Type code of JJF 1051, eight digits, where it is known."""
    default_class: str = ""
    accuracy_classes: list[str] = []
    nameplate: list[NameplateField] = []
    procedure: Procedure | None = None
    """None where the measurement is not judged: identity, seals and certificate only."""
    unsure: list[Unsure] = []

    def questions(self, manufactured_on: date | None) -> list[VisualQuestion]:
        """The visual questions for an instrument made on that day; those of newer designs only when the day is known."""
        return [
            question
            for question in self.visual
            if question.manufactured_from is None
            or (manufactured_on is not None and question.manufactured_from <= manufactured_on)
        ]


class Issue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which issue of the catalogue this is."""

    version: str
    issued: date


class Questions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Questions of the visual check that several kinds share."""

    question: list[VisualQuestion]


class Catalogue(msgspec.Struct, frozen=True, dict=True):
    """Everything in ``assets/catalogue``, checked once when it is read."""

    version: str
    kinds: dict[str, Kind]
    limits: dict[str, Limits]

    @cached_property
    def judges(self) -> dict[bytes, Any]:
        """The judges that were asked for, by what is on the nameplate and the day; ``judges.judge_of`` keeps them."""
        return {}

    @classmethod
    def parse(cls, files: Mapping[str, bytes]) -> Catalogue:
        """Reads TOML files by name: ``catalogue.toml``, ``questions.toml``, ``limits-*.toml``, ``kind-*.toml``.

        Raises InputError ``catalogue_invalid`` with the file, the key and the reason.
        """
        for name in ("catalogue.toml", "questions.toml"):
            if name not in files:
                raise invalid(name, "$", "the file is missing")
        shared = {
            each.id: each for each in read("questions.toml", files["questions.toml"], Questions).question
        }
        kinds: dict[str, Kind] = {}
        limits: dict[str, Limits] = {}
        for name in sorted(files):
            if name.startswith("limits-"):
                table: Limits = read(name, files[name], LIMITS)
                check_limits(name, table)
                add(limits, name, table.id, table)
        for name in sorted(files):
            if name.startswith("kind-"):
                kind = with_questions(name, read(name, files[name], Kind), shared)
                check_kind(name, kind, limits)
                add(kinds, name, kind.id, kind)
            elif not name.startswith("limits-") and name not in ("catalogue.toml", "questions.toml"):
                raise invalid(name, "$", "the name says neither kind- nor limits-")
        return cls(read("catalogue.toml", files["catalogue.toml"], Issue).version, kinds, limits)

    def kind(self, kind_id: str) -> Kind:
        """The kind of that id. Raises InputError ``kind_unknown``."""
        kind = self.kinds.get(kind_id)
        if kind is None:
            raise InputError(
                "kind_unknown",
                "The catalogue has no kind {kind}.",
                "Update the app; what was recorded is kept.",
                kind=kind_id,
            )
        return kind

    def edition(self, kind_id: str, on: date) -> EditionInForce:
        """The edition that judges on ``on``: the one in force, or the last known where that one's text is unseen.

        Raises InputError ``edition_unknown`` for a day before the first edition that is known.
        """
        kind = self.kind(kind_id)
        found = in_force(kind.editions, on)
        if found is None:
            raise InputError(
                "edition_unknown",
                "No edition for {kind} is known that was in force on {on}.",
                "Look at the date; what was recorded is kept.",
                kind=kind.chinese,
                on=on,
            )
        return found

    def judging(self, kind_id: str, on: date) -> str:
        """The document that a measurement is judged by on ``on``; empty where it is not judged."""
        try:
            edition = self.edition(kind_id, on).judging
        except InputError:
            return ""
        return edition.document if self.kind(kind_id).procedure and edition.limits else ""

    def limits_on(self, kind_id: str, on: date) -> Limits | None:
        """The limits of the edition that judges on ``on``; None where none are known."""
        return self.limits.get(self.edition(kind_id, on).judging.limits)


def check_kind(name: str, kind: Kind, limits: Mapping[str, Limits]) -> None:
    """What the types can't say of a kind: names lead somewhere, and ids are used once."""
    check_editions(name, kind.editions)
    for place, edition in enumerate(kind.editions):
        # An edition that has been followed may have been left without limits; the one in force may not.
        if edition.limits or (kind.procedure and not edition.judged_by and not edition.until):
            check_judging(name, f"editions[{place}].limits", kind, edition, limits)
    if len({question.id for question in kind.visual}) < len(kind.visual):
        raise invalid(name, "visual", "two questions have the same id")
    if len({field.id for field in kind.nameplate}) < len(kind.nameplate):
        raise invalid(name, "nameplate", "two figures have the same id")
    if kind.default_class and kind.accuracy_classes and kind.default_class not in kind.accuracy_classes:
        raise invalid(name, "default_class", f"{kind.default_class} is not among accuracy_classes")
    if kind.jjf_1051:
        try:
            parse_type_code(kind.jjf_1051)
        except InputError as error:
            raise invalid(name, "jjf_1051", error.problem.what) from error
    if kind.procedure:
        check_procedure(name, kind.procedure, {field.id for field in kind.nameplate})


def with_questions(name: str, kind: Kind, shared: Mapping[str, VisualQuestion]) -> Kind:
    """The kind with the shared questions that it asks, before its own."""
    for place, question in enumerate(kind.asks):
        if question not in shared:
            raise invalid(name, f"asks[{place}]", f"questions.toml has no {question}")
    return msgspec.structs.replace(kind, visual=[*(shared[each] for each in kind.asks), *kind.visual])


def check_judging(name: str, key: str, kind: Kind, edition: Edition, limits: Mapping[str, Limits]) -> None:
    """Limits that an edition names are there; those that judge know the stage, and nothing of them is only remembered."""
    table = limits.get(edition.limits)
    if table is None or table.family != kind.family:
        raise invalid(name, key, f"there are no limits {edition.limits or '(none named)'} for {kind.family}")
    if not kind.procedure:
        return
    certainties = {edition.certainty, table.certainty}
    if isinstance(table, WeighingLimits):
        certainties.add(table.weights.certainty)
    elif not table.knows(Stage.IN_SERVICE):
        raise invalid(name, key, "no limit in service is known, so a spot check can't be judged")
    check_sure(name, key, certainties)


def check_limits(name: str, limits: Limits) -> None:
    """What the types can't say of limits."""
    match limits:
        case WeighingLimits():
            check_weighing(name, limits)
        case HeatLimits():
            check_heat(name, limits)
        case PressureLimits():
            check_pressure(name, limits)
        case GasLimits():
            check_gas(name, limits)
        case _:
            check_table(name, limits)
