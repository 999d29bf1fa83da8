"""The words of ``quanheng check``: an instrument, the standards carried and the readings, as a trainer types them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

from shared.errors import InputError
from shared.inspection import InstrumentFacts, PlannedPoint, Reading, StandardUsed
from shared.message import msgid
from shared.metrology.catalogue import Catalogue
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
_QUANTITY = re.compile(r"\s*(?P<value>[-+−]?[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>\S.*?)?\s*")


def quantity(text: str, unit: str = "") -> Quantity:
    """``15 kg`` or, where the unit goes without saying, ``15``. Raises InputError ``quantity_unreadable``."""
    found = _QUANTITY.fullmatch(text)
    try:
        value = Decimal((found["value"] if found else "").replace("−", "-"))
    except InvalidOperation:
        value = None
    if found is None or value is None or not (found["unit"] or unit):
        raise InputError(
            "quantity_unreadable",
            "{text} is not a value with its unit.",
            "Write it like 15 kg.",
            text=text,
        )
    return Quantity(value, found["unit"] or unit)


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


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The instrument as it was typed."""

    accuracy_class: str = ""
    capacity_max: str = ""
    capacity_min: str = ""
    e: str = ""
    d: str = ""
    nameplate: dict[str, str] = {}
    manufactured_on: date | None = None


def facts_of(catalogue: Catalogue, kind_id: str, figures: Figures) -> InstrumentFacts:
    """The instrument's facts. Raises InputError ``kind_unknown``, ``quantity_unreadable``, ``figure_unknown``."""
    kind = catalogue.kind(kind_id)
    units = {field.id: field.unit for field in kind.nameplate}
    for name in figures.nameplate:
        if name not in units:
            raise InputError(
                "figure_unknown",
                "{kind} has no figure called {figure} on its nameplate.",
                "It has: {known}.",
                kind=kind.chinese,
                figure=name,
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
        manufactured_on=figures.manufactured_on,
    )


def standards_of(words: Sequence[str]) -> list[StandardUsed]:
    """Standards as typed: ``5 kg:M1:2027-12-31`` for weights, or ``sort=pressure,nominal=300 mmHg,largest_error=0.8 mmHg,until=2027-12-31``.

    Raises InputError ``standard_unreadable`` or those of its parts.
    """
    return [standard_of(word) for word in words]


def standard_of(word: str) -> StandardUsed:
    """One standard."""
    try:
        if "=" in word:
            given = pairs(word.split(","))
            return StandardUsed(
                NOBODY,
                quantity(given["nominal"]),
                given.get("class", ""),
                date.fromisoformat(given.get("until", "9999-12-31")),
                int(given.get("count", "1")),
                given.get("sort", WEIGHT),
                quantity(given["largest_error"]) if "largest_error" in given else None,
            )
        nominal, accuracy_class, *until = word.split(":")
        ends = date.fromisoformat(until[0]) if until else date.max
        return StandardUsed(NOBODY, quantity(nominal), accuracy_class, ends)
    except (KeyError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "standard_unreadable",
            "{text} is not a standard.",
            "Write it like 5 kg:M1:2027-12-31 or sort=pressure,nominal=300 mmHg,largest_error=0.8 mmHg.",
            text=word,
        ) from error


def point_named(planned: Sequence[PlannedPoint], name: str) -> PlannedPoint:
    """The planned point of that key, or of that last part of a key. Raises InputError ``point_unknown``."""
    exact = [point for point in planned if point.key == name]
    ending = exact or [point for point in planned if name in point.key.split(":")]
    loads = [point for point in ending if point.key.startswith("load:")] if len(ending) > 1 else ending
    if len(loads) != 1:
        raise InputError(
            "point_unknown",
            msgid("{point} names {count} points of the plan."),
            msgid("The plan has: {known}."),
            point=name,
            count=len(ending),
            known=", ".join(point.key for point in planned) or "-",
        )
    return loads[0]


def reading_of(planned: Sequence[PlannedPoint], word: str) -> Reading:
    """``10 kg=10.015`` or ``large:20 L:1=20.00,vessel_volume=19.93``: the point, its indication, what else was read; ``added`` is ΔL in grams."""
    name, equals, rest = word.partition("=")
    indication, *others = rest.split(",")
    if not equals or not indication.strip():
        raise InputError(
            "pair_unreadable", "{text} is not name=value.", "Write it like range_to=0.6 MPa.", text=word
        )
    point, given = point_named(planned, name.strip()), pairs(others)
    added = given.pop("added", None)
    units = {each.id: each.unit for each in point.inputs}
    usual = {each.id: Quantity(Decimal(each.usual), each.unit) for each in point.inputs if each.usual}
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
    inputs = usual | {name: quantity(value, units[name]) for name, value in given.items()}
    reference = inputs.pop("reference", point.reference)
    return Reading(
        point=point.key,
        role=point.role,
        reference=reference,
        indication=quantity(indication, point.unit),
        added_weights=quantity(added, "g") if added else None,
        unit_price=point.unit_price,
        inputs=inputs,
    )
