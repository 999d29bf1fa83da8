"""The spot check of a scale as a whole: where E0 and the price's weight come from, weights, repeats, and how much of the range was checked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from shared.inspection import Conclusion, FindingSubject, Headline, Inspection, PointRole, PointVerdict
from shared.metrology.judges import judge_of
from shared.metrology.judging import Outcome, Source, Stage
from shared.metrology.spot_check import conclude
from tests.shared.checks import TODAY, catalogue, check, planned, quantity, scale, weights
from tests.shared.families import check_of, facts_of
from tests.shared.words import everything_said


def concluded(inspection: Inspection) -> Conclusion:
    """The conclusion, each line of which can be said."""
    found = conclude(catalogue(), inspection)
    everything_said(found)
    return found


def reasons(inspection: Inspection) -> list[str]:
    """Why the measurement is no pass."""
    return everything_said(concluded(inspection).finding(FindingSubject.MEASUREMENT).reasons)


def point(inspection: Inspection, key: str) -> PointVerdict:
    """The verdict on one point."""
    return next(each for each in concluded(inspection).points if each.point == key)


def changed(inspection: Inspection, changes: dict[str, dict[str, Any]]) -> Inspection:
    """The inspection with some of its readings changed."""
    readings = [msgspec.structs.replace(each, **changes.get(each.point, {})) for each in inspection.readings]
    return msgspec.structs.replace(inspection, readings=readings)


def test_the_limits_of_a_scale_name_their_source() -> None:
    """At 10 kg of class III with e = 5 g: ±10 g in service, ±5 g at verification, by the clause of the limits, asked in any unit."""
    for stage, limit in ((Stage.IN_SERVICE, 10), (Stage.INITIAL, 5)):
        judge = judge_of(catalogue(), scale(), TODAY, stage)
        for load in ("10 kg", "10000 g"):
            found = judge.limit(quantity(load))
            assert (found.low, found.high, found.unit) == (-limit, limit, "g")
        limits = catalogue().limits["weighing-r76"]
        assert found.source == Source(limits.document, limits.clause, limits.certainty.value)
        assert everything_said(found)[0].startswith("10 kg = 2000e；III 级 500e–2000e")


def test_a_scale_without_a_class_is_of_its_kinds() -> None:
    """Where the plate's class was not entered, that of the kind judges."""
    judge = judge_of(catalogue(), scale(accuracy_class=""), TODAY)
    assert judge.limit(quantity("10 kg")).high == 10


@pytest.mark.parametrize(
    ("key", "shown", "half"),
    [
        ("load:10 kg", "10.010", "2.5 g"),
        ("load:10 kg", "9.990", "2.5 g"),
        ("load:10 kg", "10.005", None),
        ("repeatability:1", "7.510", "2.5 g"),
        ("eccentricity:1", "5.010", "2.5 g"),
        ("tare", "2.505", "2.5 g"),
        ("zero", "0.005", None),
        ("price", "2.505", None),
    ],
)
def test_half_a_step_is_offered_at_a_loads_limit(key: str, shown: str, half: str | None) -> None:
    """½e for a reading just at the limit of a load, in grams; none at the zero or for a price."""
    judge = judge_of(catalogue(), scale(), TODAY)
    asked = next(each for each in planned(scale(), weights()) if each.key == key)
    found = judge.half_step(asked, Decimal(shown))
    assert (found.shown() if found else None) == half


@pytest.mark.parametrize(
    ("zero", "error", "half_width"),
    [
        ({}, "+9.5 g", "1.25 g"),
        ({"added": "2"}, "+9 g", "0 g"),
        ({"added": "3"}, "+10 g", "0 g"),
        ({"added": "7"}, "+9.5 g", "1.25 g"),
        ({"not_done": "other"}, "+9.5 g", "1.25 g"),
    ],
)
def test_the_error_at_zero_is_that_of_the_zero_point(
    zero: dict[str, str], error: str, half_width: str
) -> None:
    """E0 = 0 + 2.5 g − ΔL, where small weights found it and it can be believed; else the zero that was only set leaves ±0.25e."""
    inspection = check(readings={"zero": zero, "load:10 kg": {"indication": "10.010", "added": "3"}})
    found = point(inspection, "load:10 kg")
    assert (found.error_of_indication.shown_signed(), found.half_width.shown()) == (error, half_width)
    at_once = changed(inspection, {"zero": {"jumped": True}})
    if "added" in zero:
        assert point(at_once, "load:10 kg").half_width == quantity("1.25 g")


def test_a_tare_has_a_zero_of_its_own() -> None:
    """The error at the empty pan corrects a load, and not what is weighed after a tare."""
    inspection = check(
        readings={
            "zero": {"added": "2"},
            "load:2.5 kg": {"added": "2.5"},
            "tare": {"indication": "2.500", "added": "2.5"},
        }
    )
    shown = {key: point(inspection, key) for key in ("load:2.5 kg", "tare")}
    assert shown["load:2.5 kg"].error_of_indication == quantity("-0.5 g")
    assert (shown["tare"].error_of_indication, shown["tare"].half_width) == (
        quantity("0 g"),
        quantity("1.25 g"),
    )


@pytest.mark.parametrize(("jumped", "outcome"), [(True, Outcome.BEYOND), (False, Outcome.WITHIN)])
def test_weights_put_on_at_once_decide_by_whether_the_display_jumped(jumped: bool, outcome: Outcome) -> None:
    """At the limit of 10 kg, with the error at zero known to be nought."""
    inspection = check(
        readings={"zero": {"added": "2.5"}, "load:10 kg": {"indication": "10.010", "added": "2.5"}}
    )
    assert point(changed(inspection, {"load:10 kg": {"jumped": jumped}}), "load:10 kg").outcome is outcome


@pytest.mark.parametrize(
    ("amount", "displayed", "outcome"),
    [
        ("25.00", "2.500", Outcome.WITHIN),
        ("25.05", "2.505", Outcome.WITHIN),
        ("25.05", "2.500", Outcome.UNDECIDED),
        ("25.05", None, Outcome.UNDECIDED),
        ("25.10", "2.505", Outcome.BEYOND),
    ],
)
def test_a_price_goes_by_what_its_load_showed(amount: str, displayed: str | None, outcome: Outcome) -> None:
    """The weight is that of the reading of the same load; another load's, or that of a corner, is none."""
    readings: dict[str, dict[str, str]] = {
        "price": {"indication": amount},
        "load:2.5 kg": {"indication": displayed} if displayed else {"not_done": "other"},
        "tare": {"indication": "2.505"},
    }
    found = point(check(readings=readings), "price")
    assert found.outcome is outcome
    assert (found.limit, found.error_of_indication.unit) == (quantity("0.005 元"), "元")


def test_a_price_that_was_not_asked_is_not_done() -> None:
    """Without a unit price, or without an amount, there is nothing to judge; a price that can't be is refused as one."""
    for change in ({"unit_price": None}, {"indication": None}):
        assert reasons(changed(check(), {"price": change}))[0] == "计价：未做"
    [first, *_] = reasons(changed(check(), {"price": {"unit_price": Decimal("1e30")}}))
    assert first == "不可能测得 1E+30 元。"


def test_units_of_a_verdict_are_grams() -> None:
    """Errors, limits and doubt of every load, of the zero and of the repeats are masses in grams."""
    found = concluded(check())
    for each in [*found.points, *found.together]:
        if each.point != "price":
            assert {each.error_of_indication.unit, each.limit.unit, each.half_width.unit} == {"g"}


def test_what_is_wrong_with_the_weights_is_said_load_by_load() -> None:
    """Loads that the weights do not make, whose own limits are not known, and that are too coarse, with the figures compared."""
    few = msgspec.structs.replace(check(), standards=weights(["5 kg", "5 kg", "2 kg", "500 g", "100 g"]))
    assert reasons(few)[:1] == ["所带砝码凑不成 15 kg"]
    unknown = msgspec.structs.replace(check(), standards=weights(accuracy_class="X9"))
    loads = ["100 g", "2.5 kg", "5 kg", "7.5 kg", "10 kg", "15 kg"]
    assert reasons(unknown) == [f"{load} 所用砝码：允差未知，不能用于判定。" for load in loads]
    coarse = [
        msgspec.structs.replace(one, largest_error=quantity("1 g")) for one in weights(accuracy_class="X9")
    ]
    assert reasons(msgspec.structs.replace(check(), standards=coarse)) == [
        "2.5 kg 所用砝码太粗：允差合计 ±2 g，超过限值 ±5 g 的 1/3。"
    ]
    fine = [msgspec.structs.replace(one, largest_error=quantity("0.5 g")) for one in coarse]
    assert concluded(msgspec.structs.replace(check(), standards=fine)).headline is Headline.WITHIN


def test_a_load_without_a_limit_hides_no_failure() -> None:
    """A reading at 60 kg, where no limit is known, is undecided; the load that was over stays over."""
    odd = {"reference": quantity("60 kg"), "indication": quantity("60 kg")}
    inspection = check(readings={"load:10 kg": {"indication": "10.050"}})
    found = concluded(changed(inspection, {"repeatability:3": odd}))
    assert found.headline is Headline.SUSPECTED_OVER_LIMIT
    said = everything_said(found.finding(FindingSubject.MEASUREMENT).reasons)
    assert said[0] == "60 kg 没有限值：已超出 III 级的范围。"
    assert "10 kg：误差 +50 g，限值 ±10 g" in said


def test_weights_may_be_off_by_a_third_together() -> None:
    """A third of the limit exactly is fine enough, a milligram more is not."""
    inspection = check(standards=weights(["5 kg"] * 3, accuracy_class="X9"), readings={}, planned=[])
    for own, fits in (("1.666 g", True), ("1.667 g", False)):
        standards = [
            msgspec.structs.replace(one, largest_error=quantity(own)) for one in inspection.standards
        ]
        found = reasons(msgspec.structs.replace(inspection, standards=standards))
        assert any("太粗" in line for line in found) is not fits


def repeats(*shown: str, **change: Any) -> Inspection:
    """A check whose repeats at 7.5 kg showed these."""
    readings = {f"repeatability:{number}": {"indication": text} for number, text in enumerate(shown, 1)}
    inspection = check(readings=readings)
    return changed(inspection, {"repeatability:3": change}) if change else inspection


def test_repeats_too_far_apart_are_a_reason() -> None:
    """Beyond and open are said with their spread, within is not."""
    assert reasons(repeats("7.510", "7.500", "7.490"))[-1] == "重复性相差 20 g，限值 10 g"
    assert reasons(repeats("7.505", "7.500", "7.495")) == ["重复性相差 10 g：读数分辨不足"]
    fine = concluded(repeats("7.505", "7.500", "7.500"))
    assert fine.headline is Headline.WITHIN
    assert [each.point for each in fine.together] == ["repeatability"]


@pytest.mark.parametrize(
    ("change", "spread"),
    [
        ({}, "20 g"),
        ({"superseded_because": "disturbed"}, "10 g"),
        ({"indication": None}, "10 g"),
        ({"added_weights": quantity("14 g")}, "10 g"),
        ({"added_weights": quantity("2 g")}, "20.5 g"),
        ({"added_weights": quantity("2.5 g"), "jumped": True}, "21.25 g"),
        ({"role": PointRole.LOAD}, "10 g"),
        ({"reference": quantity("60 kg"), "indication": quantity("60.05 kg")}, "10 g"),
    ],
)
def test_a_spread_is_that_of_the_repeats_that_were_done(change: dict[str, Any], spread: str) -> None:
    """One that was set aside, not done, can't be believed or is of another role is no repeat; small weights make one finer."""
    inspection = repeats("7.500", "7.510", "7.520")
    [found] = concluded(changed(inspection, {"repeatability:3": change})).together
    assert found.error_of_indication.shown() == spread


def test_one_repeat_has_no_spread() -> None:
    """Of two that were not done nothing is said together; an earlier attempt that can't be judged spoils no spread."""
    alone = changed(check(), {f"repeatability:{number}": {"indication": None} for number in (1, 2)})
    assert concluded(alone).together == []
    again = check()
    third = next(each for each in again.readings if each.point == "repeatability:3")
    undone = msgspec.structs.replace(third, attempt=0, indication=None)
    assert concluded(msgspec.structs.replace(again, readings=[undone, *again.readings])).together
    beam = check_of("mechanical-scale")
    first = next(each for each in beam.readings if each.role is PointRole.REPEATABILITY)
    earlier = msgspec.structs.replace(first, attempt=0, added_weights=quantity("1 g"))
    spoiled = msgspec.structs.replace(beam, readings=[earlier, *beam.readings])
    assert concluded(spoiled).together == concluded(beam).together


@pytest.mark.parametrize(
    ("masses", "needed"),
    [
        (["5 kg", "5 kg", "2 kg", "2 kg", "1 kg", "500 g", "100 g"], []),
        (["5 kg", "500 g"], []),
        (["500 g"], ["2.5 kg"]),
        (["2 kg", "100 g"], ["2.5 kg"]),
        (["5 kg"], ["100 g"]),
    ],
)
def test_the_least_that_decides_is_asked_for(masses: list[str], needed: list[str]) -> None:
    """Of a shop scale a load from Min and one from 500e on; each that is missing is said, and a load between two decides only the lower."""
    given = check(standards=weights(masses))
    assert [line for line in reasons(given) if line.startswith("没有判定")] == [
        f"没有判定 {load} 起的载荷（判定所需的最少测点）" for load in needed
    ]


@pytest.mark.parametrize(
    ("undone", "covered"),
    [
        ([], None),
        (["load:15 kg"], "10 kg"),
        (["load:15 kg", "load:10 kg", "load:2.5 kg"], "100 g"),
        (["load:15 kg", "load:10 kg", "load:2.5 kg", "load:100 g"], None),
    ],
)
def test_how_far_the_range_was_checked(undone: list[str], covered: str | None) -> None:
    """Up to the largest load that was judged, repeats and corners not counted; nothing is said where it is Max, or none was."""
    found = concluded(changed(check(), {key: {"indication": None} for key in undone})).covered_to
    assert (found.shown() if found else None) == covered


def test_a_load_at_the_next_deciding_one_decides_not_the_lower() -> None:
    """With 2.5 kg and more, and no 100 g, nothing between Min and 500e was judged."""
    found = reasons(changed(check(), {"load:100 g": {"indication": None}}))
    assert found == ["100 g：未做", "没有判定 100 g 起的载荷（判定所需的最少测点）"]


def test_a_balance_is_checked_below_a_gram_too() -> None:
    """Loads and corners of a tenth of a gram are loads and corners; where none was judged nothing is said of the range."""
    standards = weights(["100 mg"], accuracy_class="E2")
    balance = concluded(check(facts_of("electronic-balance"), standards))
    assert balance.covered_to == quantity("0.1 g")
    notes = everything_said(balance.notes)
    assert "偏载用 0.1 g；规程要求约 67 g。" in notes
    assert not [line for line in notes if "最小秤量" in line]
    inspection = check(facts_of("electronic-balance"), standards)
    none = concluded(changed(inspection, {each: {"indication": None} for each in inspection.planned}))
    assert none.covered_to is None
    assert not [line for line in everything_said(none.notes) if "最小秤量" in line or "偏载" in line]


def test_a_kilogram_is_said_in_kilograms() -> None:
    """A range checked up to just 1 kg is said so, and the least load just at Min is not worth a note."""
    found = concluded(check(scale(capacity_min=quantity("1 kg")), weights(["1 kg"])))
    assert found.covered_to == quantity("1 kg")
    assert not [line for line in everything_said(found.notes) if "最小秤量" in line]


def test_corners_with_nearly_the_wanted_load_are_about_it() -> None:
    """From nine tenths of Max/3 on nothing is noted; below it the load and the wanted one are."""
    for masses, noted in ((["4 kg", "500 g"], False), (["4 kg", "400 g"], True)):
        found = everything_said(concluded(check(standards=weights(masses))).notes)
        assert any("偏载" in line for line in found) is noted
    assert everything_said(concluded(check_of("mechanical-scale")).notes) == [
        "偏载用 26 kg；规程要求约 33.333 kg。"
    ]
    no_corner = {f"eccentricity:{number}": {"indication": None} for number in (1, 2, 3, 4)}
    left = concluded(changed(check(standards=weights(["2 kg", "500 g"])), no_corner))
    assert not [line for line in everything_said(left.notes) if "偏载" in line]
