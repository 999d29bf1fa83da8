"""Spot checks of every judged kind for tests: what stands on the nameplate and what is carried comes from the vectors."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from typing import Any

import msgspec

from shared.inspection import Inspection, InstrumentFacts, StandardUsed
from tests.shared.checks import IDENTITY, ROOT, check, quantity, scale

FILE = "spot-checks-families.toml"
LAST_DAY = date(2027, 12, 31)


@cache
def setups() -> dict[str, dict[str, Any]]:
    """By kind: nameplate, standards, and what is read beside the indications."""
    return tomllib.loads((ROOT / "tests/vectors" / FILE).read_text())["setup"]


def facts_of(kind: str) -> InstrumentFacts:
    """The instrument of a setup."""
    setup = setups()[kind]
    figures = dict.fromkeys(
        ("capacity_max", "capacity_min", "verification_scale_interval", "actual_scale_interval")
    )
    figures |= {name: quantity(text) for name, text in setup.get("scale", {}).items()}
    return scale(
        kind=kind,
        accuracy_class=setup.get("accuracy_class", ""),
        nameplate={name: quantity(text) for name, text in setup.get("nameplate", {}).items()},
        **figures,
    )


def standards_of(kind: str, vector: dict[str, Any] | None = None) -> list[StandardUsed]:
    """The standards of a setup, but for what a vector says of them."""
    vector = vector or {}
    found = []
    for each in setups()[kind]["standards"]:
        own = vector.get("largest_error", each.get("largest_error", ""))
        found.append(
            StandardUsed(
                IDENTITY,
                quantity(each["nominal"]),
                vector.get("accuracy_class_of_weights", each.get("accuracy_class", "")),
                vector.get("standards_valid_until", LAST_DAY),
                each.get("count", 1),
                each.get("sort", "weight"),
                quantity(own) if own else None,
            )
        )
    return found


def check_of(kind: str, vector: dict[str, Any] | None = None, **changes: Any) -> Inspection:
    """A spot check of a kind in which all is well, but for what a vector names."""
    vector = vector or {}
    return check(
        facts_of(kind),
        standards_of(kind, vector),
        vector.get("readings"),
        inputs=setups()[kind].get("inputs"),
        **changes,
    )


def in_other_order(inspection: Inspection, keys: list[int]) -> Inspection:
    """The same readings, entered in another order."""
    order = sorted(range(len(inspection.readings)), key=lambda place: keys[place % len(keys)])
    return msgspec.structs.replace(inspection, readings=[inspection.readings[place] for place in order])
