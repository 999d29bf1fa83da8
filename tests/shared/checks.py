"""Spot checks for tests: a scale, weights, and everything answered as it stands in the plan, but for what a test names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from shared.inspection import (
    Inspection,
    InstrumentFacts,
    PlannedPoint,
    Reading,
    StandardUsed,
    VisualAnswer,
    VisualFinding,
)
from shared.metrology.catalogue import Catalogue
from shared.metrology.judges import plan
from shared.metrology.points import REFERENCE
from shared.quantity import Quantity

ROOT = Path(__file__).parents[2]
IDENTITY = "01900000-0000-7000-8000-000000000001"
TODAY = date(2026, 11, 20)
WEIGHTS = ("5 kg", "5 kg", "2 kg", "2 kg", "1 kg", "500 g", "100 g", "100 g")


def catalogue_files() -> dict[str, bytes]:
    """The files of the catalogue in assets."""
    return {path.name: path.read_bytes() for path in (ROOT / "assets/catalogue").glob("*.toml")}


@cache
def catalogue() -> Catalogue:
    """The catalogue in assets."""
    return Catalogue.parse(catalogue_files())


def vectors(name: str) -> list[dict[str, Any]]:
    """The vectors of one file, each with the document, edition, clause and mark that it stands under."""
    table = tomllib.loads((ROOT / "tests/vectors" / name).read_text())
    above = {key: value for key, value in table.items() if key != "vector"}
    return [above | vector for vector in table["vector"]]


def quantity(text: str) -> Quantity:
    """``5 kg``."""
    value, _, unit = text.partition(" ")
    return Quantity(Decimal(value), unit)


def scale(**changes: Any) -> InstrumentFacts:
    """A price-computing scale of class III: Max 15 kg, Min 100 g, e = d = 5 g, verified until 2027-03-14."""
    fields: dict[str, Any] = {
        "instrument_id": IDENTITY,
        "kind": "price-computing-scale",
        "serial_number": "2403-01187",
        "accuracy_class": "III",
        "capacity_max": quantity("15 kg"),
        "capacity_min": quantity("100 g"),
        "verification_scale_interval": quantity("5 g"),
        "actual_scale_interval": quantity("5 g"),
        "valid_until": date(2027, 3, 14),
        "verification_known": True,
    }
    return InstrumentFacts(**(fields | changes))


def weights(
    masses: Iterable[str] = WEIGHTS, accuracy_class: str = "M1", valid_until: date = date(2027, 12, 31)
) -> list[StandardUsed]:
    """Weights of these masses."""
    return [StandardUsed(IDENTITY, quantity(mass), accuracy_class, valid_until) for mass in masses]


def noon(day: date) -> datetime:
    """Noon in China."""
    return datetime.combine(day, time(4), UTC)


def reading(point: PlannedPoint, **changes: Any) -> Reading:
    """The planned point read as its load."""
    fields: dict[str, Any] = {
        "point": point.key,
        "role": point.role,
        "reference": point.reference,
        "indication": Quantity(Decimal(point.same), point.unit),
        "unit_price": point.unit_price,
    }
    return Reading(**(fields | changes))


def changed(
    point: PlannedPoint, change: Mapping[str, Any] | None, inputs: Mapping[str, str] | None = None
) -> Reading:
    """The point as a vector says: ``indication`` and ``reference`` in the display's unit or their own, ``added`` in grams, ``inputs``, or ``not_done``."""
    change = change or {}
    if "not_done" in change:
        return reading(point, indication=None, not_done_because=change["not_done"])
    given = {field.id: f"{field.usual} {field.unit}" for field in point.inputs if field.usual}
    given |= {field.id: inputs[field.id] for field in point.inputs if field.id in (inputs or {})}
    given |= change.get("inputs", {})
    fields: dict[str, Any] = {
        "inputs": {name: quantity(text) for name, text in given.items() if text and name != REFERENCE}
    }
    for key in ("indication", "reference"):
        if key in change:
            text = change[key]
            fields[key] = quantity(text if " " in text else f"{text} {point.unit}")
    if "added" in change:
        fields["added_weights"] = Quantity(Decimal(change["added"]), "g")
    return reading(point, **fields)


def planned(
    facts: InstrumentFacts, standards: list[StandardUsed], on: date = TODAY, rules: Catalogue | None = None
) -> list[PlannedPoint]:
    """The plan, whatever the weights' certificates say."""
    valid = [msgspec.structs.replace(one, valid_until=date.max) for one in standards]
    return plan(rules or catalogue(), facts, valid, on)


def check(
    facts: InstrumentFacts | None = None,
    standards: list[StandardUsed] | None = None,
    readings: Mapping[str, Mapping[str, Any]] | None = None,
    on: date = TODAY,
    inputs: Mapping[str, str] | None = None,
    **changes: Any,
) -> Inspection:
    """A spot check in which all is well, but for what is named."""
    facts, standards = facts or scale(), weights() if standards is None else standards
    points = planned(facts, standards, on)
    unknown = set(readings or {}) - {point.key for point in points}
    assert not unknown, f"no such points: {unknown}"
    kind = catalogue().kind(facts.kind)
    fields: dict[str, Any] = {
        "instrument": facts,
        "visual": [
            VisualFinding(question.id, VisualAnswer.OK) for question in kind.questions(facts.manufactured_on)
        ],
        "readings": [changed(point, (readings or {}).get(point.key), inputs) for point in points],
        "planned": [point.key for point in points],
        "standards": standards,
        "started_at": noon(on),
        "finished_at": noon(on),
        "catalogue_version": catalogue().version,
        "edition": catalogue().judging(facts.kind, on),
    }
    return Inspection(**(fields | changes))
