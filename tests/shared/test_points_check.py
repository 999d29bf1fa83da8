"""Checks of instruments that are compared with a standard: which standard judges what, which reading answers which point, and repeats."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from shared.inspection import Conclusion, FindingSubject, Headline, Inspection
from shared.metrology.judges import judge_of
from shared.metrology.judging import Outcome
from shared.metrology.measuring import Measurement
from shared.metrology.points import PointsJudge
from shared.metrology.spot_check import conclude
from shared.metrology.table_limits import Spread
from tests.shared.checks import TODAY, catalogue, quantity
from tests.shared.families import check_of, facts_of, standards_of
from tests.shared.refusals import refused
from tests.shared.words import everything_said


def concluded(inspection: Inspection) -> Conclusion:
    """The conclusion, each line of which can be said."""
    found = conclude(catalogue(), inspection)
    everything_said(found)
    return found


def reasons(inspection: Inspection) -> list[str]:
    """Why the measurement is no pass."""
    return everything_said(concluded(inspection).finding(FindingSubject.MEASUREMENT).reasons)


def changed(inspection: Inspection, changes: Mapping[str, Mapping[str, Any]]) -> Inspection:
    """The inspection with some of its readings changed."""
    readings = [msgspec.structs.replace(each, **changes.get(each.point, {})) for each in inspection.readings]
    return msgspec.structs.replace(inspection, readings=readings)


def judge_for(kind: str) -> PointsJudge:
    """The judge of a kind."""
    judge = judge_of(catalogue(), facts_of(kind), TODAY)
    assert isinstance(judge, PointsJudge)
    return judge


def test_no_relative_error_against_nought() -> None:
    """A distance of nothing driven is refused, and so is an input that the procedure does not know, by its id."""
    judge = judge_for("taximeter")
    read = msgspec.structs.replace(check_of("taximeter").readings[0], reference=quantity("0 km"))
    with refused("reference_zero"):
        judge.judge(read, [])
    assert judge.not_read("moon").problem.details == {"what": "moon"}


@pytest.mark.parametrize("kind", ["pressure-gauge", "fuel-dispenser", "combustible-gas-alarm"])
def test_without_a_fitting_standard_that_is_said(kind: str) -> None:
    """None at all, or one of another sort: it is the first reason, and even a failure decides nothing."""
    inspection = check_of(kind)
    first = inspection.readings[0]
    over = changed(inspection, {first.point: {"indication": first.reference * 2}})
    other = [msgspec.structs.replace(each, sort="weight") for each in standards_of(kind)]
    for standards in ([], other):
        for each in (inspection, over):
            bare = msgspec.structs.replace(each, standards=standards)
            assert reasons(bare)[0] == "未携带适用的计量标准器。"
            assert concluded(bare).headline is Headline.UNDECIDED


def gases(**errors: str) -> Inspection:
    """An alarm checked with gases whose certificates say so much, by their values."""
    inspection = check_of("combustible-gas-alarm")
    standards = [
        msgspec.structs.replace(each, largest_error=quantity(errors.get(f"at_{each.nominal.value}", "2 %")))
        for each in inspection.standards
    ]
    return msgspec.structs.replace(inspection, standards=standards)


def test_a_gas_serves_its_own_points_alone() -> None:
    """5 % of 10 %LEL is fine, though of 60 %LEL it would be too coarse; 20 % of 10 %LEL is not."""
    assert concluded(gases(at_10="5 %")).headline is Headline.WITHIN
    assert reasons(gases(at_10="20 %")) == [
        "标准器 10 %LEL 太粗：误差可达 ±2 %LEL，超过限值 ±5 %LEL 的 1/3。"
    ]


def test_a_standard_is_held_against_what_was_read() -> None:
    """Too coarse at 60 %LEL alone, where nothing was read, it is not too coarse; a reading of no planned point is served by any."""
    coarse = gases(at_60="2.8 %")
    assert "太粗" in reasons(coarse)[0]
    undone = {f"gas:60 %LEL:{number}": {"indication": None} for number in (1, 2, 3)}
    assert not [line for line in reasons(changed(coarse, undone)) if "太粗" in line]
    strange = msgspec.structs.replace(
        coarse.readings[0],
        point="gas:50 %LEL:1",
        reference=quantity("50 %LEL"),
        indication=quantity("50 %LEL"),
    )
    more = msgspec.structs.replace(gases(at_10="5 %"), readings=[*coarse.readings, strange])
    assert "标准器 10 %LEL 太粗：误差可达 ±2.5 %LEL，超过限值 ±5 %LEL 的 1/3。" in reasons(more)


def test_a_point_without_a_limit_hides_no_coarse_standard() -> None:
    """A bath at which no limit is known comes first; the standard is still held against the next."""
    inspection = check_of("electronic-thermometer", {"largest_error": "0.04 ℃"})
    first = inspection.readings[0].point
    odd = changed(inspection, {first: {"reference": quantity("45 ℃"), "indication": quantity("45 ℃")}})
    assert "标准器 42 ℃ 太粗：误差可达 ±0.04 ℃，超过限值 ±0.1 ℃ 的 1/3。" in reasons(odd)


@pytest.mark.parametrize(
    ("kind", "point", "reference", "answered"),
    [
        ("blood-pressure-monitor", "static:100 mmHg", "110 mmHg", True),
        ("blood-pressure-monitor", "static:100 mmHg", "110.1 mmHg", False),
        ("blood-pressure-monitor", "static:100 mmHg", "90 mmHg", True),
        ("electronic-thermometer", "bath:37.5 ℃", "38 ℃", True),
        ("electronic-thermometer", "bath:37.5 ℃", "38.01 ℃", False),
        ("blood-pressure-meter", "static:250 mmHg", "268 mmHg", True),
        ("blood-pressure-meter", "leak:285 mmHg", "267 mmHg", True),
        ("pressure-gauge", "falling:0.8 MPa", "0.88 MPa", True),
        ("pressure-gauge", "falling:0.8 MPa", "720 kPa", True),
    ],
)
def test_a_reading_answers_the_point_that_it_lies_next_to(
    kind: str, point: str, reference: str, answered: bool
) -> None:
    """Off by a tenth at the most, and no nearer to another point of the same zone read the same way."""
    read = {"reference": quantity(reference), "indication": quantity(reference)}
    found = reasons(changed(check_of(kind), {point: read}))
    assert (not any(line.endswith("未读数") for line in found)) is answered


def dispensed(*indications: str, first: Mapping[str, Any] | None = None) -> Inspection:
    """A dispenser whose readings at the greatest flow showed these litres; ``first`` is an attempt before the first of them."""
    inspection = check_of("fuel-dispenser")
    points = [each for each in inspection.readings if each.point.startswith("fast:")]
    changes: dict[str, dict[str, Any]] = {each.point: {"indication": None} for each in points}
    changes |= {
        each.point: {"indication": quantity(f"{text} L")}
        for each, text in zip(points, indications, strict=False)
    }
    found = changed(inspection, changes)
    if first is None:
        return found
    earlier = msgspec.structs.replace(points[0], attempt=0, **first)
    return msgspec.structs.replace(found, readings=[earlier, *found.readings])


def spreads(inspection: Inspection) -> dict[str, tuple[str, Outcome]]:
    """What the repeats at each point say."""
    return {
        each.point: (each.error_of_indication.shown(), each.outcome)
        for each in concluded(inspection).together
    }


FAST, SLOW = "repeatability:fast:20 L", "repeatability:slow:20 L"


def test_two_repeats_have_a_spread_and_one_has_none() -> None:
    """Each flow apart."""
    assert spreads(dispensed("20.00"))[SLOW] == ("0 %", Outcome.WITHIN)
    assert FAST not in spreads(dispensed("20.00"))
    assert spreads(dispensed("20.00", "20.02"))[FAST] == ("0.1 %", Outcome.WITHIN)


@pytest.mark.parametrize(
    ("highest", "outcome"),
    [("20.02", Outcome.WITHIN), ("20.022", Outcome.UNDECIDED), ("20.04", Outcome.UNDECIDED), ("20.042", Outcome.BEYOND)],
)  # fmt: skip
def test_a_spread_is_judged_by_every_usual_formula(highest: str, outcome: Outcome) -> None:
    """Of three repeats up to 0.10 % within, up to 0.20 % open, more than that beyond, each end on the milder side."""
    assert spreads(dispensed("20.00", highest, "20.01"))[FAST][1] is outcome


def test_an_earlier_attempt_counts_in_the_spread() -> None:
    """One that was read again without a cause does, one that was set aside or not done does not."""
    far = {"indication": quantity("20.05 L")}
    alike = ("20.00", "20.00", "20.00")
    assert spreads(dispensed(*alike, first=far))[FAST] == ("0.25 %", Outcome.BEYOND)
    assert spreads(dispensed(*alike, first=far | {"superseded_because": "disturbed"}))[FAST][0] == "0 %"
    assert spreads(dispensed(*alike, first={"indication": None}))[FAST][0] == "0 %"


def test_repeats_that_can_not_be_worked_out_are_undecided() -> None:
    """An earlier attempt whose volume was not read leaves its flow open with that reason, and the other flow judged."""
    inspection = dispensed("20.00", "20.00", "20.00", first={"inputs": {}})
    found = concluded(inspection)
    assert found.headline is Headline.UNDECIDED
    assert "量器读数体积未读取。" in reasons(inspection)
    assert list(spreads(inspection)) == [SLOW]


def test_where_the_formula_was_seen_the_spread_itself_decides() -> None:
    """A spread of 0.15 % against 0.10 % is then beyond, and nothing is said of other formulas."""
    judge = judge_for("fuel-dispenser")
    seen = msgspec.structs.replace(judge.limits, repeatability_as=Spread.SPREAD)
    plain = type(judge)(seen, judge.procedure, judge.facts, "", judge.stage, TODAY)
    measurement: Measurement = plain.measurement(dispensed("20.00", "20.03", "20.00")).run()
    found = next(each for each in measurement.together if each.point == FAST)
    assert found.outcome is Outcome.BEYOND
    assert everything_said(found) == [
        "重复性 =（+0.15 %）−（0 %）= 0.15 %",
        "重复性：≤ 0.10 %",
        "+0.15 % 超出限值 ≤ 0.1 %，超出 0.05 %",
    ]
    assert found.half_width.value == Decimal(0)
