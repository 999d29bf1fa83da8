"""The catalogue: kinds of instrument, editions of regulations, limits and procedures, as data in ``assets/catalogue``.

Each fact says where it comes from and how sure it is; what is only remembered is never shown to an inspector as law.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
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
    """The least that decides: a range up to the largest of these must have been checked."""
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


class ClassLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accuracy_class: str
    bands: list[Band]


class WeightLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of weights in milligrams, by class and nominal mass in grams."""

    document: str
    certainty: Certainty
    mpe_mg: dict[str, dict[int, Decimal]]


class WeighingLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits of a family, with the factor of each stage (``initial``, ``subsequent``, ``in_service``)."""

    family: str
    document: str
    clause: str
    certainty: Certainty
    stages: dict[str, Decimal]
    mpe: list[ClassLimits]
    weights: WeightLimits
    note: str = ""


class Issue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which issue of the catalogue this is."""

    version: str
    issued: date


class Catalogue(msgspec.Struct, frozen=True):
    """Everything in ``assets/catalogue``, checked once when it is read."""

    version: str
    kinds: dict[str, Kind]
    weighing: WeighingLimits

    @classmethod
    def parse(cls, files: Mapping[str, bytes]) -> Catalogue:
        """Reads TOML files by name: ``catalogue.toml``, ``kind-*.toml``, ``limits-weighing.toml``.

        Raises InputError ``catalogue_invalid`` with the file, the key and the reason.
        """
        kinds = [read(name, text, Kind) for name, text in sorted(files.items()) if name.startswith("kind-")]
        for name, kind in zip(sorted(name for name in files if name.startswith("kind-")), kinds, strict=True):
            check_kind(name, kind)
        for needed in ("catalogue.toml", "limits-weighing.toml"):
            if needed not in files:
                raise invalid(needed, "$", "the file is missing")
        return cls(
            version=read("catalogue.toml", files["catalogue.toml"], Issue).version,
            kinds={kind.id: kind for kind in kinds},
            weighing=read("limits-weighing.toml", files["limits-weighing.toml"], WeighingLimits),
        )

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


def read(name: str, text: bytes, part: type[Part]) -> Part:
    """One TOML file as a struct."""
    try:
        return msgspec.convert(tomllib.loads(text.decode()), part, strict=False)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise invalid(name, "$", str(error)) from error
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at ")
        raise invalid(name, key or "$", reason) from error


def check_kind(name: str, kind: Kind) -> None:
    """What the types can't say: editions follow each other without a gap, and names lead somewhere."""
    documents = {edition.document for edition in kind.editions}
    for place, edition in enumerate(kind.editions):
        if edition.judged_by and edition.judged_by not in documents:
            raise invalid(name, f"editions[{place}].judged_by", f"no edition is called {edition.judged_by}")
        if edition.certainty is Certainty.UNSEEN and not edition.judged_by:
            raise invalid(name, f"editions[{place}]", "an unseen text needs judged_by")
        before = kind.editions[place - 1] if place else None
        gap = before and (not before.until or not edition.starts or (edition.starts - before.until).days != 1)
        if gap or (not before and edition.starts):
            raise invalid(name, f"editions[{place}].from", "editions must follow each other day by day")
    if not kind.editions or kind.editions[-1].until:
        raise invalid(name, "editions", "the last edition must be open")
    if kind.procedure and not set(kind.procedure.deciding_loads) <= set(kind.procedure.loads):
        raise invalid(name, "procedure.deciding_loads", "not among the loads")


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
