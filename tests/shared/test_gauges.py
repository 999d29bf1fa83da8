"""What several readings of a pressure gauge say together: falling against rising, and a light tap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from shared.inspection import PointVerdict
from shared.metrology.judges import judge_of
from shared.metrology.judging import Outcome
from shared.metrology.pressure import PressureLimits, check_pressure
from shared.metrology.spot_check import conclude
from tests.shared.checks import TODAY, catalogue, quantity
from tests.shared.families import check_of, facts_of
from tests.shared.refusals import refusal


def together(**changes: dict[str, Any]) -> dict[str, PointVerdict]:
    """What the readings of a gauge of class 1.6 to 1.6 MPa say together; ``rising`` and ``falling`` are those at 0.8 MPa."""
    inspection = check_of("pressure-gauge")
    readings = [
        msgspec.structs.replace(each, **changes.get(each.point.removesuffix(":0.8 MPa"), {}))
        for each in inspection.readings
    ]
    found = conclude(catalogue(), msgspec.structs.replace(inspection, readings=readings))
    return {each.point: each for each in found.together}


def test_a_falling_reading_is_held_against_the_rising_one() -> None:
    """Errors of −0.01 and +0.01 MPa lie 0.02 MPa apart, which is within the limit's amount; at 0.03 MPa they are beyond."""
    found = together(
        rising={"indication": quantity("0.81 MPa")}, falling={"indication": quantity("0.79 MPa")}
    )
    judged = found["returning:falling:0.8 MPa"]
    assert judged.outcome is Outcome.WITHIN
    assert judged.limits_shown() == "≤ 0.0256 MPa"
    assert judged.working[0].said(str) == "Falling against rising = |−0.01 − 0.01| = 0.02 MPa"
    apart = together(
        rising={"indication": quantity("0.81 MPa")}, falling={"indication": quantity("0.78 MPa")}
    )
    assert apart["returning:falling:0.8 MPa"].outcome is Outcome.BEYOND
    assert sum(key.startswith("returning:") for key in found) == 3


def test_the_same_point_need_not_be_the_same_pressure() -> None:
    """What the standard showed may differ a little between rising and falling: the errors are compared, not the readings."""
    found = together(falling={"reference": quantity("0.802 MPa"), "indication": quantity("0.812 MPa")})
    judged = found["returning:falling:0.8 MPa"]
    assert judged.error_of_indication == quantity("0.01 MPa")


@pytest.mark.parametrize(
    ("tapped", "moved", "after"),
    [
        ("0.815 MPa", Outcome.WITHIN, Outcome.WITHIN),
        ("0.8228 MPa", Outcome.WITHIN, Outcome.WITHIN),
        ("0.8229 MPa", Outcome.BEYOND, Outcome.WITHIN),
        ("0.827 MPa", Outcome.BEYOND, Outcome.BEYOND),
        ("815 kPa", Outcome.WITHIN, Outcome.WITHIN),
    ],
)
def test_a_light_tap_may_move_the_pointer_by_half_the_limit(
    tapped: str, moved: Outcome, after: Outcome
) -> None:
    """Moved by half the limit at the most, and still within it after the tap."""
    found = together(rising={"indication": quantity("0.81 MPa"), "inputs": {"tapped": quantity(tapped)}})
    taps = {key: each.outcome for key, each in found.items() if "tap" in key}
    assert taps == {"tapped:rising:0.8 MPa": moved, "after_tap:rising:0.8 MPa": after}
    assert found["tapped:rising:0.8 MPa"].limits_shown() == "≤ 0.0128 MPa"
    if tapped == "0.815 MPa":
        assert found["tapped:rising:0.8 MPa"].working[0].said(str) == (
            "A light tap moved the reading by |0.815 − 0.81| = 0.005 MPa"
        )


@pytest.mark.parametrize(
    ("tap", "sound"), [("0", False), ("0.01", True), ("1", True), ("1.01", False), ("-1", False)]
)
def test_a_taps_share_is_one(tap: str, sound: bool) -> None:
    """More than nothing of the limit, and all of it at the most."""
    limits = catalogue().limits["pressure-gauge"]
    assert isinstance(limits, PressureLimits)
    changed = msgspec.structs.replace(limits, tap=Decimal(tap))
    if sound:
        check_pressure("limits-x.toml", changed)
        return
    with refusal("catalogue_invalid") as refused:
        check_pressure("limits-x.toml", changed)
    assert refused.value.problem.details["key"] == "tap"
    assert refused.value.problem.details["reason"] == "must be more than 0, and 1 at the most"


def test_a_leak_is_said_with_its_unit() -> None:
    """How far the pressure fell stands in the working as an inspector reads it out; a rise is no leak."""
    judge = judge_of(catalogue(), facts_of("blood-pressure-meter"), TODAY)
    leak = next(each for each in check_of("blood-pressure-meter").readings if judge.limit_of(each).low == 0)
    for end, fall in (("37.8 kPa", "0.2 kPa"), ("38.2 kPa", "-0.2 kPa")):
        read = msgspec.structs.replace(leak, reference=quantity("38 kPa"), indication=quantity(end))
        judged = judge.judge(read, [read])
        assert judged
        assert judged.working[0].said(str).endswith(f" = {quantity(fall).shown()}")
        assert judged.error_of_indication == max(quantity(fall), quantity("0 kPa"))
