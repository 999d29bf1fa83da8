"""The words of the commands: quantities, standards, readings and whole files, as a trainer types them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import msgspec

from shared.errors import InputError
from shared.inspection import InstrumentFacts, PlannedPoint, Reading, StandardUsed
from shared.metrology.catalogue import Kind
from shared.metrology.procedure import PointsProcedure
from shared.quantity import Quantity
from shared.standard import WEIGHT

NOBODY = "00000000-0000-7000-8000-000000000000"
"""Stands for instrument and standard: nothing here is on any ledger."""
ASSUMED_WEIGHTS = (
    "20 kg",
    "20 kg",
    "10 kg",
    "5 kg",
    "2 kg",
    "2 kg",
    "1 kg",
    "500 g",
    "200 g",
    "200 g",
    "100 g",
)
ASSUMED_CLASS = "M1"
# A unit that begins with a figure (1/℃) stands apart; attached, it would be part of a number that was written some other way.
_QUANTITY = re.compile(
    r"\s*(?P<value>[-+−]?[0-9]+(?:\.[0-9]+)?)(?:\s+(?P<apart>\S.*?)|(?P<unit>[^\W\d_]\S*|[%‰°℃¥Ω]\S*))?\s*"
)
File = TypeVar("File", bound=msgspec.Struct)


def quantity(text: str, unit: str = "") -> Quantity:
    """``15 kg`` or, where the unit goes without saying, ``15``. Raises InputError ``quantity_unreadable``."""
    found = _QUANTITY.fullmatch(text)
    given = (found["apart"] or found["unit"] or unit) if found else ""
    if found is None or not given:
        raise InputError(
            "quantity_unreadable",
            "{text} is not a value with its unit.",
            "Write it like 15 kg.",
            text=text,
        )
    return Quantity(Decimal(found["value"].replace("−", "-")), given)


def counted(text: str) -> int:
    """A number of things, from 1. Raises InputError ``number_unreadable``."""
    if not re.fullmatch(r"\s*[1-9][0-9]*\s*", text):
        raise InputError(
            "number_unreadable", "{text} is not a number from 1 on.", "Write it like 3.", text=text
        )
    return int(text)


def from_file(path: Path, what: type[File]) -> File:
    """What a TOML file describes. Raises InputError ``file_unreadable``."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=what)
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(
            "file_unreadable",
            "{file} can't be read: {reason}",
            "It may hold: {known}.",
            file=path.name,
            reason=error.strerror if isinstance(error, OSError) else error,
            known=", ".join(field.encode_name for field in msgspec.structs.fields(what)),
        ) from error


def pairs(words: Iterable[str]) -> dict[str, str]:
    """``name=value`` of each word. Raises InputError ``pair_unreadable``."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise InputError(
                "pair_unreadable", "{text} is not name=value.", "Write it like range_to=0.6 MPa.", text=word
            )
        found[name.strip()] = value.strip()
    return found


class Figures(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"accuracy_class": "class", "capacity_max": "max", "capacity_min": "min"},
):
    """The instrument as it was typed; in a file under the names of the options."""

    accuracy_class: str = ""
    capacity_max: str = ""
    capacity_min: str = ""
    e: str = ""
    d: str = ""
    nameplate: dict[str, str] = {}


def facts_of(kind: Kind, figures: Figures) -> InstrumentFacts:
    """The instrument's facts. Raises InputError ``quantity_unreadable``, ``figure_unknown``."""
    units = {field.id: field.unit for field in kind.nameplate}
    for name in figures.nameplate:
        if name not in units:
            raise InputError(
                "figure_unknown",
                "{kind} has no figure called {name} on its nameplate.",
                "It has: {known}.",
                kind=kind.chinese,
                name=name,
                known=", ".join(units) or "-",
            )
    return InstrumentFacts(
        instrument_id=NOBODY,
        kind=kind.id,
        serial_number="-",
        accuracy_class=figures.accuracy_class,
        capacity_max=quantity(figures.capacity_max) if figures.capacity_max else None,
        capacity_min=quantity(figures.capacity_min) if figures.capacity_min else None,
        verification_scale_interval=quantity(figures.e) if figures.e else None,
        actual_scale_interval=quantity(figures.d) if figures.d else None,
        nameplate={name: quantity(value, units[name]) for name, value in figures.nameplate.items()},
    )


def standards_of(words: Sequence[str], sort: str = WEIGHT) -> list[StandardUsed]:
    """Standards as typed: ``5 kg:M1:2027-12-31``, or ``nominal=300 mmHg,largest_error=0.8 mmHg,until=2027-12-31``; of the ``sort`` unless they say theirs.

    Raises InputError ``standard_unreadable`` or those of its parts.
    """
    return [standard_of(word, sort) for word in words]


def standard_of(word: str, sort: str) -> StandardUsed:
    """One standard."""
    try:
        if "=" in word:
            given = pairs(word.split(","))
            return StandardUsed(
                NOBODY,
                quantity(given["nominal"]),
                given.get("class", ""),
                date.fromisoformat(given["until"]) if "until" in given else date.max,
                counted(given.get("count", "1")),
                given.get("sort", sort),
                quantity(given["largest_error"]) if "largest_error" in given else None,
            )
        nominal, accuracy_class, *until = word.split(":")
        ends = date.fromisoformat(until[0]) if until else date.max
        return StandardUsed(NOBODY, quantity(nominal), accuracy_class, ends, 1, sort)
    except (KeyError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "standard_unreadable",
            "{text} is not a standard.",
            "Write it like 5 kg:M1:2027-12-31 or nominal=300 mmHg,largest_error=0.8 mmHg,until=2027-12-31.",
            text=word,
        ) from error


def assumed_standards(kind: Kind) -> list[StandardUsed]:
    """Standards for a check that names none: weights of class M1, or one without any error.

    Raises InputError ``standard_missing`` where the points are those of the standards carried.
    """
    procedure = kind.procedure
    if not isinstance(procedure, PointsProcedure):
        return standards_of([f"{mass}:{ASSUMED_CLASS}" for mass in ASSUMED_WEIGHTS])
    if any(row.standards for row in procedure.points):
        raise InputError(
            "standard_missing",
            "{kind} is checked at the values of the standards carried, and none is named.",
            "Name each, for example --standard nominal=1 {unit},largest_error=0 {unit}.",
            kind=kind.chinese,
            unit=procedure.unit,
        )
    perfect = Quantity(Decimal(0), procedure.unit)
    return [StandardUsed(NOBODY, perfect, "", date.max, 1, procedure.standard, perfect)]


def point_named(planned: Sequence[PlannedPoint], name: str) -> PlannedPoint:
    """The planned point of that key, or of that last part of a key; of several a load. Raises InputError ``point_unknown``, ``point_ambiguous``."""
    found = [point for point in planned if point.key == name] or [
        point for point in planned if name in point.key.split(":")
    ]
    loads = [point for point in found if point.key.startswith("load:")]
    if len(found) == 1 or len(loads) == 1:
        return (loads or found)[0]
    if found:
        raise InputError(
            "point_ambiguous",
            "{point} names several points.",
            "Say which: {known}.",
            point=name,
            known=", ".join(point.key for point in found),
        )
    raise InputError(
        "point_unknown",
        "{point} is no point of the plan.",
        "The plan has: {known}.",
        point=name,
        known=", ".join(point.key for point in planned) or "-",
    )


def reading_of(planned: Sequence[PlannedPoint], word: str, everywhere: dict[str, str]) -> Reading:
    """``10 kg=10.015`` or ``large:20 L:1=20.00,vessel_volume=19.93``: the point, its indication, what else was read.

    ``added`` is ΔL in grams; ``everywhere`` was read alike at every point. Raises InputError ``pair_unreadable``, ``point_unknown``,
    ``point_ambiguous``, ``input_unknown``, ``quantity_unreadable``, ``unit_mismatch``.
    """
    name, _equals, rest = word.partition("=")
    indication, *others = rest.split(",")
    if not indication.strip():
        raise InputError(
            "pair_unreadable", "{text} is not name=value.", "Write it like range_to=0.6 MPa.", text=word
        )
    point, given = point_named(planned, name.strip()), pairs(others)
    added = given.pop("added", None)
    inputs = inputs_at(point, everywhere) | inputs_of(point, given)
    shown = quantity(indication, point.unit)
    shown.to(point.unit)
    return Reading(
        point=point.key,
        role=point.role,
        reference=inputs.pop("reference", point.reference),
        indication=shown,
        added_weights=quantity(added, "g") if added else None,
        unit_price=point.unit_price,
        inputs=inputs,
    )


def inputs_at(point: PlannedPoint, everywhere: dict[str, str]) -> dict[str, Quantity]:
    """What is read at a point beside the indication, as far as it is usual or the same everywhere."""
    known = {each.id for each in point.inputs}
    usual = {each.id: Quantity(Decimal(each.usual), each.unit) for each in point.inputs if each.usual}
    return usual | inputs_of(point, {name: value for name, value in everywhere.items() if name in known})


def inputs_of(point: PlannedPoint, given: dict[str, str]) -> dict[str, Quantity]:
    """What was read beside the indication. Raises InputError ``input_unknown``, ``quantity_unreadable``."""
    units = {each.id: each.unit for each in point.inputs}
    unknown = set(given) - set(units)
    if unknown:
        raise InputError(
            "input_unknown",
            "At {point} nothing called {input} is read.",
            "Read there are: {known}.",
            point=point.key,
            input=", ".join(sorted(unknown)),
            known=", ".join(units) or "-",
        )
    return {name: quantity(value, units[name]) for name, value in given.items()}
