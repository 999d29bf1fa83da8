"""The catalogue: kinds of instrument, editions of regulations, limits and procedures, as data in ``assets/catalogue``.

Each fact says where it comes from and how sure it is; what is only remembered is never shown to an inspector as law.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

import msgspec

from shared.errors import InputError

Part = TypeVar("Part", bound=msgspec.Struct)


class Certainty(StrEnum):
    """How sure a fact is."""

    SEEN = "seen"
    COMPUTED = "computed"
    MEMORY = "memory"
    UNSEEN = "unseen"
    """The document is known to exist, its text has not been seen."""


class Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"starts": "from"}):
    """One edition of a regulation, in force from ``starts`` to ``until``, both days included; absent means open."""

    document: str
    source: str
    certainty: Certainty
    starts: date | None = None
    until: date | None = None
    limits: str = ""
    """Id of the limits that this edition judges by; empty where the measurement is not judged."""
    judged_by: str = ""
    """The edition whose limits judge while this one's text has not been seen."""

    def in_force_on(self, day: date) -> bool:
        return (self.starts is None or self.starts <= day) and (self.until is None or day <= self.until)


class EditionInForce(msgspec.Struct, frozen=True):
    """The edition that judges on a day, and the newer one whose text is still to be checked (新规程待核)."""

    judging: Edition
    pending: Edition | None = None


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


class WeighingProcedure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The spot check of a weighing instrument; loads are named ``min``, ``max`` or as a multiple of e (``500e``)."""

    loads: list[str]
    deciding_loads: list[str]
    """The least that decides, ascending: of each a load must have been judged, from it on and below the next of them."""
    repeats: int
    corners: int
    eccentricity_divisor: int
    unit_price: Decimal
    """Yuan a kilogram that the price point asks for."""


class MandatoryVerification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether and in which form verification is compulsory (强制检定)."""

    mode: str
    form: str
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
    visual: list[VisualQuestion]
    interval_months: int | None = None
    jjf_1051: str = ""
    default_class: str = ""
    procedure: WeighingProcedure | None = None
    """None where the measurement is not judged: identity, seals and certificate only."""

    def questions(self, manufactured_on: date | None) -> list[VisualQuestion]:
        """The visual questions for an instrument made on that day; those of newer designs only when the day is known."""
        return [
            question
            for question in self.visual
            if question.manufactured_from is None
            or (manufactured_on is not None and question.manufactured_from <= manufactured_on)
        ]


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit of ``multiple`` × e up to and including ``up_to`` intervals; absent means without end."""

    multiple: Decimal
    up_to: int | None = None


class IntervalSizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which scales a class knows: for e from ``e_from`` to ``e_to`` grams, n = Max/e, and Min in e (R 76-1 3.2, table 3)."""

    e_from: Decimal
    n_least: int
    capacity_min: int
    e_to: Decimal | None = None
    n_most: int | None = None

    def hold(self, e: Decimal) -> bool:
        """Whether they are for this e."""
        return self.e_from <= e and (self.e_to is None or e <= self.e_to)


class ClassLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accuracy_class: str
    bands: list[Band]
    sizes: list[IntervalSizes]

    def sizes_for(self, e: Decimal) -> IntervalSizes | None:
        """The sizes for an e in grams; None where the class has no such e."""
        return next((sizes for sizes in self.sizes if sizes.hold(e)), None)


class WeightLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of weights in milligrams, by class and nominal mass in grams."""

    document: str
    source: str
    certainty: Certainty
    divisor: int
    """The weights' own limits together may be this part of the instrument's limit."""
    mpe_mg: dict[str, dict[int, Decimal]]

    def mpe(self, accuracy_class: str, nominal: Decimal) -> Decimal | None:
        """The limit of one weight, both in grams; None where it is not known."""
        milligrams = (
            self.mpe_mg.get(accuracy_class, {}).get(int(nominal)) if nominal == int(nominal) else None
        )
        return None if milligrams is None else milligrams / 1000


class WeighingLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits of a family, with the factor of each stage (``initial``, ``subsequent``, ``in_service``)."""

    id: str
    family: str
    document: str
    clause: str
    certainty: Certainty
    stages: dict[str, Decimal]
    zero_multiple: Decimal
    """Limit of the zero, in e; a zero that was only set leaves as much."""
    amount_step: Decimal
    """What a price is rounded to, in yuan."""
    mpe: list[ClassLimits]
    weights: WeightLimits
    note: str = ""

    def of_class(self, accuracy_class: str) -> ClassLimits:
        """The limits of a class. Raises InputError ``accuracy_class_unknown``."""
        found = next((each for each in self.mpe if each.accuracy_class == accuracy_class), None)
        if found is None:
            raise InputError(
                "accuracy_class_unknown",
                "There are no limits for accuracy class {accuracy_class}.",
                "Read the class from the nameplate again, or say that the measurement can't be done.",
                accuracy_class=accuracy_class or "?",
            )
        return found


class Issue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which issue of the catalogue this is."""

    version: str
    issued: date


class Catalogue(msgspec.Struct, frozen=True):
    """Everything in ``assets/catalogue``, checked once when it is read."""

    version: str
    kinds: dict[str, Kind]
    limits: dict[str, WeighingLimits]

    @classmethod
    def parse(cls, files: Mapping[str, bytes]) -> Catalogue:
        """Reads TOML files by name: ``catalogue.toml``, ``limits-*.toml``, ``kind-*.toml``.

        Raises InputError ``catalogue_invalid`` with the file, the key and the reason.
        """
        if "catalogue.toml" not in files:
            raise invalid("catalogue.toml", "$", "the file is missing")
        kinds: dict[str, Kind] = {}
        limits: dict[str, WeighingLimits] = {}
        for name in sorted(files):
            if name.startswith("limits-"):
                table = read(name, files[name], WeighingLimits)
                check_limits(name, table)
                add(limits, name, table.id, table)
        for name in sorted(files):
            if name.startswith("kind-"):
                kind = read(name, files[name], Kind)
                check_kind(name, kind, limits)
                add(kinds, name, kind.id, kind)
            elif not name.startswith("limits-") and name != "catalogue.toml":
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
        """The edition that judges on ``on``: the one in force, or the last known where that one's text is unseen."""
        kind = self.kind(kind_id)
        in_force = next(edition for edition in kind.editions if edition.in_force_on(on))
        if not in_force.judged_by:
            return EditionInForce(in_force)
        known = next(edition for edition in kind.editions if edition.document == in_force.judged_by)
        return EditionInForce(known, in_force)

    def judging(self, kind_id: str, on: date) -> str:
        """The document that a measurement is judged by on ``on``; empty where that of this kind is not judged."""
        return self.edition(kind_id, on).judging.document if self.kind(kind_id).procedure else ""

    def limits_on(self, kind_id: str, on: date) -> WeighingLimits:
        """The limits that judge a kind with a procedure on ``on``."""
        return self.limits[self.edition(kind_id, on).judging.limits]


class Unquoted:
    """A number that was written with a point and without quotes; no field takes one, so that a binary fraction never becomes a limit."""

    def __init__(self, text: str) -> None:
        self.text = text


def read(name: str, text: bytes, part: type[Part]) -> Part:
    """One TOML file as a struct."""
    try:
        # Tables keyed by a nominal mass have text for keys in TOML: that is the one thing that strict would refuse.
        return msgspec.convert(tomllib.loads(text.decode(), parse_float=Unquoted), part, strict=False)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise invalid(name, "$", str(error)) from error
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at ")
        raise invalid(
            name, key.strip("`") or "$", reason.replace("`Unquoted`", "a number without quotes")
        ) from error


def add(table: dict[str, Part], name: str, key: str, part: Part) -> None:
    """Puts a part under its id, which must be new."""
    if key in table:
        raise invalid(name, "id", f"{key} is there already")
    table[key] = part


def check_kind(name: str, kind: Kind, limits: Mapping[str, WeighingLimits]) -> None:
    """What the types can't say: editions follow each other without a gap, and names lead somewhere."""
    judging = {edition.document for edition in kind.editions if not edition.judged_by}
    for place, edition in enumerate(kind.editions):
        key = f"editions[{place}]"
        if edition.judged_by and edition.judged_by not in judging:
            raise invalid(name, f"{key}.judged_by", f"no edition that judges is called {edition.judged_by}")
        if edition.certainty is Certainty.UNSEEN and not edition.judged_by:
            raise invalid(name, key, "an unseen text needs judged_by")
        before = kind.editions[place - 1] if place else None
        gap = before and (not before.until or not edition.starts or (edition.starts - before.until).days != 1)
        if gap or (not before and edition.starts):
            raise invalid(name, f"{key}.from", "editions must follow each other day by day")
        if kind.procedure and not edition.judged_by:
            check_judging(name, f"{key}.limits", kind, edition, limits)
    if not kind.editions or kind.editions[-1].until:
        raise invalid(name, "editions", "the last edition must be open")
    if len({question.id for question in kind.visual}) < len(kind.visual):
        raise invalid(name, "visual", "two questions have the same id")
    if kind.procedure:
        check_procedure(name, kind.procedure)


def check_judging(
    name: str, key: str, kind: Kind, edition: Edition, limits: Mapping[str, WeighingLimits]
) -> None:
    """An edition that judges names limits that are there, and neither is only remembered."""
    table = limits.get(edition.limits)
    if table is None or table.family != kind.family:
        raise invalid(name, key, f"there are no limits {edition.limits or '(none named)'} for {kind.family}")
    if {edition.certainty, table.certainty, table.weights.certainty} & {Certainty.MEMORY, Certainty.UNSEEN}:
        raise invalid(name, key, "what is only remembered can't judge")


def check_procedure(name: str, procedure: WeighingProcedure) -> None:
    """The loads have names that mean something, and the numbers make a check."""
    for key in ("loads", "deciding_loads"):
        for load in getattr(procedure, key):
            if not re.fullmatch("min|max|[1-9][0-9]*e", load):
                raise invalid(name, f"procedure.{key}", f"{load} is neither min nor max nor a multiple of e")
    if not procedure.deciding_loads or not set(procedure.deciding_loads) <= set(procedure.loads):
        raise invalid(name, "procedure.deciding_loads", "not among the loads")
    for key in ("repeats", "corners", "eccentricity_divisor", "unit_price"):
        if getattr(procedure, key) <= 0:
            raise invalid(name, f"procedure.{key}", "must be more than 0")


def check_limits(name: str, limits: WeighingLimits) -> None:
    """Bands go up without a hole, every stage has its factor, and nothing is nought or less."""
    for stage in ("initial", "subsequent", "in_service"):
        if limits.stages.get(stage, Decimal(0)) <= 0:
            raise invalid(name, f"stages.{stage}", "the factor is missing or not more than 0")
    for key in ("zero_multiple", "amount_step"):
        if getattr(limits, key) <= 0:
            raise invalid(name, key, "must be more than 0")
    if limits.weights.divisor <= 0:
        raise invalid(name, "weights.divisor", "must be more than 0")
    for place, each in enumerate(limits.mpe):
        key = f"mpe[{place}].bands"
        if not each.bands or any(band.up_to is None for band in each.bands[:-1]):
            raise invalid(name, key, "only the last band may be without end")
        ends = [Decimal(band.up_to) for band in each.bands if band.up_to is not None]
        multiples = [band.multiple for band in each.bands]
        if any(
            after <= before for row in (ends, multiples) for before, after in pairwise([Decimal(0), *row])
        ):
            raise invalid(name, key, "the bands must go up")
    if len({each.accuracy_class for each in limits.mpe}) < len(limits.mpe):
        raise invalid(name, "mpe", "two tables are for the same class")


def invalid(file: str, key: str, reason: str) -> InputError:
    """The error of a catalogue that can't be used."""
    return InputError(
        "catalogue_invalid",
        "The catalogue file {file} is wrong at {key}: {reason}",
        "Mend the file in assets/catalogue and start again.",
        file=file,
        key=key,
        reason=reason,
    )
