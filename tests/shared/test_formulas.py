"""Formulas of families: the daily rate of a clock, the step of a taximeter's display, a thermometer's correction, and repeats of a gas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from shared.inspection import Conclusion, FindingSubject, Headline, Reading
from shared.metrology.distance import DistanceJudge
from shared.metrology.gas import GasJudge, GasLimits, GasMeasurement, check_gas
from shared.metrology.judges import judge_of
from shared.metrology.judging import Outcome, PossibleErrors
from shared.metrology.spot_check import conclude
from shared.metrology.temperature import TemperatureJudge
from shared.metrology.timing import TimeJudge
from tests.shared.checks import TODAY, catalogue, quantity, scale
from tests.shared.families import check_of, facts_of
from tests.shared.refusals import refused
from tests.shared.words import everything_said

WHEN = date(2013, 10, 26)


def clock() -> TimeJudge:
    """Who judged parking meters while their limits were known."""
    judge = judge_of(catalogue(), scale(kind="parking-meter", accuracy_class=""), WHEN)
    assert isinstance(judge, TimeJudge)
    return judge


def timed(of_clock: str, of_time: str) -> Reading:
    """A clock's time beside the time that passed."""
    point = check_of("taximeter").readings[0]
    return msgspec.structs.replace(point, indication=quantity(of_clock), reference=quantity(of_time))


def worked(found: PossibleErrors) -> tuple[Decimal, Decimal, list[str]]:
    """Best value, doubt and working."""
    return found.value, found.half_width, everything_said(found)


def test_a_daily_rate_is_read_out() -> None:
    """3601 s in an hour is 24 s/d fast; in minutes and hours it is the same, and each figure stands in seconds."""
    judge = clock()
    limit = judge.limit(quantity("1 h"))
    assert limit.unit == "s/d"
    assert worked(judge.error(timed("3601 s", "1 h"), limit)) == (
        Decimal(24),
        Decimal(0),
        ["日差 =（3601 − 3600）/ 3600 × 86400 = +24 s/d"],
    )
    assert worked(judge.error(timed("59 min", "1 h"), limit)) == (
        Decimal(-1440),
        Decimal(0),
        ["日差 =（3540 − 3600）/ 3600 × 86400 = −1440 s/d"],
    )
    third = judge.error(timed("3.00001 s", "3 s"), limit)
    assert everything_said(third) == ["日差 =（3.00001 − 3）/ 3 × 86400 = +0.288 s/d"]
    one = judge.error(timed("1 s", "0.5 s"), limit)
    assert one.value == 86400
    for passed in ("0 s", "-1 s"):
        with refused("reference_zero"):
            judge.error(timed("1 s", passed), limit)


def test_a_clock_with_another_limit_is_compared_as_any_other() -> None:
    """A limit in seconds is of the difference itself."""
    judge = clock()
    limit = msgspec.structs.replace(judge.limit(quantity("1 h")), unit="s")
    found = judge.error(timed("3601 s", "3600 s"), limit)
    assert (found.value, everything_said(found)) == (
        Decimal(1),
        ["误差 = 示值 − 标准值 = 3601 − 3600 = +1 s"],
    )


def driven(indication: str, reference: str, step: str | None, **procedure: Any) -> PossibleErrors:
    """What a taximeter can have counted, read while its display counts in these steps."""
    facts = facts_of("taximeter")
    judge = judge_of(catalogue(), facts, TODAY)
    assert isinstance(judge, DistanceJudge)
    assert judge.procedure
    judge = DistanceJudge(
        judge.limits, msgspec.structs.replace(judge.procedure, **procedure), facts, "", judge.stage, TODAY
    )
    read = msgspec.structs.replace(
        check_of("taximeter").readings[0],
        indication=quantity(indication),
        reference=quantity(reference),
        inputs={} if step is None else {"display_step": quantity(step)},
    )
    return judge.error(read, judge.limit_of(read))


def test_a_display_that_counts_in_steps_may_have_counted_more() -> None:
    """Over 2 km a step of 0.1 km is 5 %: the error lies between what is shown and 5 % more, half of which is the doubt."""
    for step in ("0.1 km", "100 m"):
        assert worked(driven("2.02 km", "2 km", step)) == (
            Decimal("3.5"),
            Decimal("2.5"),
            [
                "误差 =（示值 − 标准值）/ 标准值 =（2.02 − 2）/ 2 = +1 %",
                "在两次跳字之间读取：实际计程可能多至 +5 %",
                "正误差对乘客不利",
            ],
        )


def test_a_meter_read_as_it_stepped_has_no_doubt() -> None:
    """A step of nought, or a procedure that asks for none, leaves the error as it is; one below nought, or none typed, was not read."""
    exact = (
        Decimal(1),
        Decimal(0),
        ["误差 =（示值 − 标准值）/ 标准值 =（2.02 − 2）/ 2 = +1 %", "正误差对乘客不利"],
    )
    assert worked(driven("2.02 km", "2 km", "0 km")) == exact
    assert worked(driven("2.02 km", "2 km", None, inputs=[])) == exact
    for step in ("-0.1 km", None):
        with refused("input_missing", what="Read as the meter stepped on?"):
            driven("2.02 km", "2 km", step)


def test_a_correction_is_that_of_the_standards_certificate() -> None:
    """The bath is what the standard shows and its correction; nought, or none asked for, changes nothing and says nothing."""
    judge = judge_of(catalogue(), facts_of("electronic-thermometer"), TODAY)
    assert isinstance(judge, TemperatureJudge)
    read = check_of("electronic-thermometer").readings[0]
    plain = msgspec.structs.replace(read, inputs={"correction": quantity("0 ℃")})
    assert judge.corrected(plain) is plain
    assert len(judge.error(plain, judge.limit_of(plain)).working) == 1
    assert judge.procedure
    bare = TemperatureJudge(
        judge.limits, msgspec.structs.replace(judge.procedure, inputs=[]), judge.facts, "", judge.stage, TODAY
    )
    assert bare.corrected(read) is read
    edge = msgspec.structs.replace(
        read, reference=quantity("39.00 ℃"), inputs={"correction": quantity("-0.01 ℃")}
    )
    assert judge.limit_of(edge).high == Decimal("0.1")
    past = msgspec.structs.replace(edge, inputs={"correction": quantity("0.01 ℃")})
    with refused(
        "limit_unknown_here",
        document=judge.limits.document,
        reference="39.01",
        unit="℃",
        stage="in service",
    ):
        judge.limit_of(past)


def alarm(
    *shown: str, kind: str = "combustible-gas-alarm", at: str = "gas:40 %LEL", **inputs: str
) -> Conclusion:
    """The conclusion on an alarm whose repeats at one gas showed these."""
    inspection = check_of(kind)
    given = {name: quantity(text) for name, text in inputs.items()}
    changes = {
        f"{at}:{number}": {"indication": quantity(text)} | ({"inputs": given} if number == 1 else {})
        for number, text in enumerate(shown, 1)
    }
    readings = [msgspec.structs.replace(each, **changes.get(each.point, {})) for each in inspection.readings]
    found = conclude(catalogue(), msgspec.structs.replace(inspection, readings=readings))
    everything_said(found)
    return found


def test_repeats_of_a_gas_are_shares_of_their_mean() -> None:
    """40, 40 and 41.21 %LEL lie 3 % of their mean apart; the same in another order; where the mean is nought nothing is decided."""
    for shown in (("40 %LEL", "40 %LEL", "41 %LEL"), ("41 %LEL", "40 %LEL", "40 %LEL")):
        found = next(each for each in alarm(*shown).together if each.point == "repeatability:gas:40 %LEL")
        assert found.error_of_indication == quantity("2.5 %")
        assert found.limits_shown() == "≤ 2 %"
        assert found.outcome is Outcome.UNDECIDED
        assert everything_said(found)[0] == "重复性 =（+101.6529 %）−（+99.1736 %）= 2.4793 %"
    nought = alarm("0 %LEL", "1 %LEL", "-1 %LEL")
    said = everything_said(nought.finding(FindingSubject.MEASUREMENT).reasons)
    assert "重复测量的平均值为零。" in said
    judge = judge_of(catalogue(), facts_of("combustible-gas-alarm"), TODAY)
    inspection = check_of("combustible-gas-alarm")
    measurement = judge.measurement(inspection)
    assert isinstance(measurement, GasMeasurement)
    none = [msgspec.structs.replace(each, indication=quantity("0 %LEL")) for each in inspection.readings[:3]]
    with refused("reference_zero"):
        measurement.repeated(none)


@pytest.mark.parametrize(
    ("response", "seconds", "limit", "outcome"),
    [
        ("response_pump", "30 s", "30 s", Outcome.WITHIN),
        ("response_pump", "31 s", "30 s", Outcome.BEYOND),
        ("response_pump", "0.5 min", "30 s", Outcome.WITHIN),
        ("response_pump", "0.2 s", "30 s", Outcome.WITHIN),
        ("response_diffusion", "60 s", "60 s", Outcome.WITHIN),
        ("response_diffusion", "61 s", "60 s", Outcome.BEYOND),
    ],
)
def test_an_alarm_answers_in_time(response: str, seconds: str, limit: str, outcome: Outcome) -> None:
    """Up to and including the time for the way the gas comes in; the point, the time and its limit are said, with their source."""
    found = alarm("40 %LEL", **{response: seconds})
    [judged] = [each for each in found.together if each.point.startswith("response:")]
    assert (judged.point, judged.outcome, judged.limits_shown()) == (
        "response:gas:40 %LEL:1",
        outcome,
        f"≤ {limit}",
    )
    took = quantity(seconds).to("s").shown()
    assert everything_said(judged)[:2] == [f"响应时间 {took}", f"响应时间：≤ {limit}"]
    assert found.headline is (Headline.WITHIN if outcome is Outcome.WITHIN else Headline.SUSPECTED_OVER_LIMIT)


def test_response_times_are_above_nought() -> None:
    """A time of nought is none, half a second is one."""
    judge = judge_of(catalogue(), facts_of("combustible-gas-alarm"), TODAY)
    assert isinstance(judge, GasJudge)
    assert isinstance(judge.limits, GasLimits)
    for seconds in ("0.5", "1"):
        check_gas("limits-x.toml", msgspec.structs.replace(judge.limits, response={"x": Decimal(seconds)}))
    for seconds in ("0", "-1"):
        wrong = msgspec.structs.replace(judge.limits, response={"x": Decimal(seconds)})
        with refused("catalogue_invalid", file="limits-x.toml", key="response", reason="must be more than 0"):
            check_gas("limits-x.toml", wrong)
    with refused(
        "catalogue_invalid", file="limits-x.toml", key="shown_decimals", reason="must not be negative"
    ):
        check_gas("limits-x.toml", msgspec.structs.replace(judge.limits, shown_decimals=-1))
