"""What every family has in common: attempts, what is missing, certificates, and what several readings together are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from shared.inspection import Conclusion, FindingSubject, Headline, Inspection
from shared.metrology.judges import judge_of
from shared.metrology.measuring import standing, together_title
from shared.metrology.spot_check import conclude
from tests.shared.checks import TODAY, catalogue, check, noon, quantity, weights
from tests.shared.families import check_of, facts_of, standards_of
from tests.shared.refusals import refused
from tests.shared.words import everything_said, said

TENTH_LOAD = "load:10 kg"


def concluded(inspection: Inspection) -> Conclusion:
    """The conclusion, each line of which can be said."""
    found = conclude(catalogue(), inspection)
    everything_said(found)
    return found


def reasons(found: Conclusion) -> list[str]:
    """Why the measurement is no pass."""
    return everything_said(found.finding(FindingSubject.MEASUREMENT).reasons)


def altered(inspection: Inspection, changes: Mapping[str, Mapping[str, Any]]) -> Inspection:
    """The inspection with some of its readings changed."""
    readings = [msgspec.structs.replace(each, **changes.get(each.point, {})) for each in inspection.readings]
    return msgspec.structs.replace(inspection, readings=readings)


def attempts(*given: dict[str, Any], first: bool = True) -> Inspection:
    """A check of a scale in which 10 kg was read again, before or after all other readings."""
    inspection = check()
    point = next(each for each in inspection.readings if each.point == TENTH_LOAD)
    more = [msgspec.structs.replace(point, **each) for each in given]
    readings = [*more, *inspection.readings] if first else [*inspection.readings, *more]
    return msgspec.structs.replace(inspection, readings=readings)


OVER, MORE_OVER = {"indication": quantity("10.050 kg")}, {"indication": quantity("10.060 kg")}


def test_the_last_attempt_at_a_point_stands() -> None:
    """The greatest number counts, of two with the same number the later entry; one that was set aside hides none after it."""
    reading = check().readings[0]
    first, second, later = (
        msgspec.structs.replace(reading, attempt=number, indication=quantity(text))
        for number, text in ((1, "0.000 kg"), (2, "0.005 kg"), (2, "0.010 kg"))
    )
    aside = msgspec.structs.replace(reading, attempt=3, superseded_because="disturbed")
    other = msgspec.structs.replace(reading, point="tare")
    assert standing([second, first]) == {"zero": second}
    assert standing([first, second, later]) == {"zero": later}
    assert standing([aside, first, other]) == {"zero": first, "tare": other}


@pytest.mark.parametrize("first", [True, False])
def test_each_earlier_failure_is_told(first: bool) -> None:
    """Whether entered before or after the rest: without a cause each is a reason, with one a note, and a good attempt is neither."""
    good = {"attempt": 0}
    found = concluded(attempts(good, OVER | good, MORE_OVER | good, first=first))
    assert found.headline is Headline.SUSPECTED_OVER_LIMIT
    assert reasons(found) == [
        "10 kg：前一次误差 +50 g，重测未写原因",
        "10 kg：前一次误差 +60 g，重测未写原因",
    ]
    aside = good | {"superseded_because": "disturbed"}
    found = concluded(attempts(aside, OVER | aside, MORE_OVER | aside, first=first))
    assert (found.headline, reasons(found)) == (Headline.WITHIN, [])
    assert everything_said(found.notes) == [
        "10 kg：前一次误差 +50 g，已注明原因作废",
        "10 kg：前一次误差 +60 g，已注明原因作废",
    ]


def test_an_earlier_attempt_that_decides_nothing_is_no_failure() -> None:
    """An attempt that was not done, or that the display does not resolve, leaves the later one alone, and what comes after it is still seen."""
    undone, open_ = {"attempt": 0, "indication": None}, {"attempt": 0, "indication": quantity("10.010 kg")}
    assert concluded(attempts(undone, open_)).headline is Headline.WITHIN
    assert concluded(attempts(undone, OVER | {"attempt": 0})).headline is Headline.SUSPECTED_OVER_LIMIT


def test_reasons_name_their_point() -> None:
    """Beyond, open, not done and not read are each said of the point by its own name; a point of no plan by its key."""
    inspection = altered(
        check(),
        {
            "load:2.5 kg": {"indication": quantity("2.510 kg")},
            TENTH_LOAD: {"indication": quantity("10.010 kg")},
            "load:15 kg": {"indication": None, "not_done_because": "no_weights"},
        },
    )
    left = [each for each in inspection.readings if each.point != "tare"]
    found = concluded(msgspec.structs.replace(inspection, readings=left, planned=["load:20 kg"]))
    assert reasons(found) == [
        "2.5 kg：误差 +10 g，限值 ±5 g",
        "10 kg：读数分辨不足，+10 g 是否在 ±10 g 内不能判定",
        "15 kg：未做",
        "去皮：未读数",
        "测点 load:20 kg：未读数",
    ]


def test_nothing_of_the_plan_read_is_undecided() -> None:
    """Every point of the plan is asked for, whether or not the record repeats it, and none twice."""
    nothing = msgspec.structs.replace(check(), readings=[])
    for planned in ([], nothing.planned):
        found = concluded(msgspec.structs.replace(nothing, planned=planned))
        assert found.headline is Headline.UNDECIDED
        assert sum(line.endswith("：未读数") for line in reasons(found)) == len(nothing.planned)


def test_each_expired_standard_is_named_by_its_day() -> None:
    """The last reading counts, not the end of the record; with no time of reading the end does; each that ran out is a reason."""
    old, newer = (
        weights(["5 kg"], valid_until=TODAY),
        weights(["2 kg"], valid_until=TODAY + timedelta(days=1)),
    )
    inspection = check(standards=[*weights(), *old, *newer])

    def expired(days: list[int | None], end: int) -> list[str]:
        times = [None if each is None else noon(TODAY + timedelta(days=each)) for each in days]
        readings = [
            msgspec.structs.replace(each, read_at=times[place % len(times)])
            for place, each in enumerate(inspection.readings)
        ]
        changed = msgspec.structs.replace(
            inspection, readings=readings, finished_at=noon(TODAY + timedelta(days=end))
        )
        return [line for line in reasons(concluded(changed)) if "证书" in line]

    assert expired([0], 2) == []
    assert expired([None], 0) == []
    lines = ["5 kg 的证书已于 2026-11-20 到期。", "2 kg 的证书已于 2026-11-21 到期。"]
    assert expired([1, 0, None], 0) == lines[:1]
    assert expired([0, 2], 0) == lines
    assert expired([None], 2) == lines


def test_figures_that_no_arithmetic_fits_are_refused() -> None:
    """A distance that nobody drove is named as it was read, and judged by nothing."""
    point = check_of("taximeter").readings[0]
    judge = judge_of(catalogue(), facts_of("taximeter"), TODAY)
    read = msgspec.structs.replace(
        point, indication=quantity("100000000000000000 km"), reference=quantity("0.000000000001 km")
    )
    with refused("quantity_impossible", value="100000000000000000", unit="km"):
        judge.judge(read, [])
    undone = msgspec.structs.replace(point, indication=None)
    assert judge.judge(undone, []) is None


def test_a_verdict_has_a_lower_limit_where_it_is_another() -> None:
    """None where both sides are alike, and what decides an open one stands beside it."""
    open_one = concluded(check(readings={TENTH_LOAD: {"indication": "10.010"}})).points
    found = next(each for each in open_one if each.point == TENTH_LOAD)
    assert (found.limit, found.limit_below) == (quantity("10 g"), None)
    assert found.finer
    assert said(found.finer).startswith("加 2.5 g 小砝码")
    assert {each.limit_below for each in concluded(check_of("pressure-gauge")).points} == {None}
    [driven] = concluded(check_of("taximeter")).points
    assert (driven.limit, driven.limit_below, driven.finer) == (quantity("1 %"), quantity("-4 %"), None)


def titles(kind: str) -> dict[str, Any]:
    """The titles of a kind's points."""
    judge = judge_of(catalogue(), facts_of(kind), TODAY)
    return {point.key: point.title for point in judge.planned(standards_of(kind))}


@pytest.mark.parametrize(
    ("kind", "point", "name"),
    [
        ("fuel-dispenser", "repeatability:fast:20 L", "重复性，20 L，最大流量"),
        ("pressure-gauge", "returning:falling:0.8 MPa", "回程与升程之差，0.8 MPa，降压"),
        ("pressure-gauge", "tapped:rising:0.8 MPa", "各次示值合看，0.8 MPa，升压"),
        ("combustible-gas-alarm", "response:gas:40 %LEL:1", "响应时间，40 %LEL，第 1 次"),
        ("combustible-gas-alarm", "repeatability", "重复性"),
        ("combustible-gas-alarm", "repeatability:gas:50 %LEL", "重复性"),
        ("combustible-gas-alarm", "response:", "响应时间"),
    ],
)
def test_what_several_readings_say_has_a_name(kind: str, point: str, name: str) -> None:
    """By what it is and by the point, of repeats without the number of one; of a point that is not known by what it is alone."""
    assert said(together_title(point, titles(kind))) == name


def test_a_scale_is_judged_on_the_day_it_was_finished() -> None:
    """The plan is that of the day in China; weights that ran out since still say which loads were planned."""
    late = check(standards=weights(valid_until=date(2026, 11, 19)))
    found = concluded(late)
    assert found.headline is Headline.UNDECIDED
    assert {each.point for each in found.points} == set(late.planned)
    assert reasons(found) == [
        f"{each.nominal.shown()} 的证书已于 2026-11-19 到期。" for each in late.standards
    ]
