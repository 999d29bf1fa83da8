"""Lots of prepackages for tests: net readings on a valid balance, everything in order but for what a test names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from shared.lot import LotInspection, LotReading
from shared.metrology.prepackages.rules import PrepackageRules
from tests.shared.checks import IDENTITY, ROOT, TODAY, noon, quantity, weights


def rule_files() -> dict[str, bytes]:
    """The files of the rules in assets."""
    return {path.name: path.read_bytes() for path in (ROOT / "assets/prepackages").glob("*.toml")}


@cache
def rules() -> PrepackageRules:
    """The rules in assets."""
    return PrepackageRules.parse(rule_files())


LIMITS = rules().net_content.limits[0]


def readings(values: Sequence[str | Decimal], unit: str = "g", on: date = TODAY) -> list[LotReading]:
    """Packages 1, 2, … with these indications."""
    return [
        LotReading(package=place, indication=quantity(f"{value} {unit}"), read_at=noon(on))
        for place, value in enumerate(values, 1)
    ]


def repeated(groups: Sequence[Sequence[Any]]) -> list[str]:
    """``[[25, "100"], [1, "91"]]`` as 26 values."""
    return [value for count, value in groups for _ in range(count)]


def lot(
    values: Sequence[str | Decimal] = (), nominal: str = "500 g", size: int = 40, **changes: Any
) -> LotInspection:
    """A lot whose net readings are ``values``, in the unit of its nominal quantity."""
    unit = nominal.partition(" ")[2]
    fields: dict[str, Any] = {
        "lot_id": IDENTITY,
        "goods": "面粉",
        "nominal": quantity(nominal),
        "lot_size": size,
        "label_text": f"净含量:{nominal.replace(' ', '')}",
        "character_height": quantity("6 mm"),
        "readings": readings(values, unit),
        "standards": weights(["5 kg"]),
        "started_at": noon(TODAY),
        "rules_version": rules().version,
    }
    return LotInspection(**(fields | changes))


A = ["498", "501", "499", "500", "502", "497", "500", "499", "501", "498"]
"""The net contents of set A, which is within."""
