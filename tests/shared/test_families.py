"""Every judged kind: whole spot checks and limits as the vectors have them, and what holds of any."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.errors import InputError
from shared.inspection import Conclusion, FindingOutcome, FindingSubject, Headline, Inspection, PointRole
from shared.metrology.judges import judge_of
from shared.metrology.judging import Outcome, Stage, compare, rounded
from shared.metrology.judging import PossibleErrors as Possible
from shared.metrology.procedure import PointsProcedure
from shared.metrology.spot_check import conclude
from shared.quantity import FACTORS, UNITS, Quantity
from tests.shared.checks import TODAY, catalogue, noon, quantity, scale, vectors
from tests.shared.families import FILE, check_of, facts_of, in_other_order, setups, standards_of
from tests.shared.refusals import refusal
from tests.shared.words import everything_said, said_in_chinese

JUDGED = sorted(kind.id for kind in catalogue().kinds.values() if kind.procedure)
FAMILIES = [kind for kind in JUDGED if kind in setups()]
POINTWISE = [kind for kind in FAMILIES if isinstance(catalogue().kind(kind).procedure, PointsProcedure)]
PASSES = {Headline.WITHIN, Headline.WITHIN_BUT_EXPIRED, Headline.WITHIN_UNVERIFIED}
MARKS = {"S", "D", "constructed"}


@pytest.mark.parametrize("vector", vectors(FILE), ids=lambda vector: f"{vector['kind']}: {vector['name']}")
def test_whole_checks_come_out_as_they_should(vector: dict[str, Any]) -> None:
    """Headline, errors, what several readings say together, and the Chinese words are a vector's; whatever is no pass gives a reason."""
    assert vector["mark"] in MARKS
    inspection = check_of(vector["kind"], vector)
    found = conclude(catalogue(), inspection)
    assert found.headline is Headline(vector["headline"])
    measurement = found.finding(FindingSubject.MEASUREMENT)
    assert (measurement.outcome is FindingOutcome.WITHIN) is not bool(measurement.reasons)
    shown = {each.point: each.error_of_indication.shown_signed() for each in found.points}
    for point, error in vector.get("errors", {}).items():
        assert shown[point] == error
    together = {each.point: each.error_of_indication.shown() for each in found.together}
    for point, spread in vector.get("together", {}).items():
        assert together[point] == spread
    said = everything_said(found)
    for line in [*vector.get("said", []), *([vector["words"]] if "words" in vector else [])]:
        assert line in said
    for point in vector.get("points", []):
        assert point in inspection.planned
    assert found.edition == vector.get("judged_by", found.edition)


@pytest.mark.parametrize("kind", FAMILIES)
def test_every_judged_kind_has_its_six_checks(kind: str) -> None:
    """Each judged kind has vectors for: right, over, missing, at the limit, a standard expired, a standard too coarse."""
    mine = [each for each in vectors(FILE) if each["kind"] == kind]
    assert any(each["headline"] == "within" and not each.get("readings") for each in mine)
    assert any(each["headline"] == "suspected_over_limit" for each in mine)
    assert any("not_done" in change for each in mine for change in each.get("readings", {}).values())
    assert any("at the limit" in each["name"] or "at the upper limit" in each["name"] for each in mine)
    assert any("standards_valid_until" in each for each in mine)
    assert any("coarse" in each["name"] or "own limit" in each["name"] for each in mine)
    assert {"document", "edition", "clause"} <= setups()[kind].keys()


def test_every_judged_kind_has_vectors() -> None:
    """No kind is judged without a setup of its own; the price-computing scale has a file to itself."""
    assert set(JUDGED) - set(FAMILIES) == {"price-computing-scale"}


@pytest.mark.parametrize("vector", vectors("limits.toml"), ids=lambda vector: vector["name"])
def test_limits_are_the_published_ones(vector: dict[str, Any]) -> None:
    """At each point of a vector the limits are those of its source, in its unit; where none is known, none is invented."""
    assert {"document", "edition", "clause"} <= vector.keys()
    assert vector["mark"] in MARKS
    facts = scale(
        kind=vector["kind"],
        accuracy_class=vector.get("accuracy_class", ""),
        nameplate={name: quantity(text) for name, text in vector.get("nameplate", {}).items()},
    )
    inputs = {name: quantity(text) for name, text in vector.get("inputs", {}).items()}
    for stage in vector.get("stages", ["in_service"]):
        for point, expected in vector["limits"]:

            def ask(stage: str = stage, point: str = point) -> Any:
                judge = judge_of(catalogue(), facts, vector["on"], Stage(stage))
                return judge.limit(quantity(point), vector.get("zone", ""), inputs)

            if expected == "none":
                with pytest.raises(InputError, match=r"limit_unknown_here|not_judged"):
                    ask()
                continue
            limit = ask()
            assert (limit.high, limit.unit) == (Decimal(expected), vector["unit"])
            assert limit.low == Decimal(vector.get("low", -limit.high))
            assert limit.shown().replace("±", "").replace("≤ ", "") in limit.working.said(str)
            assert limit.source.document.startswith(vector["document"].split()[0])


SYMMETRIC = ["blood-pressure-monitor", "fuel-dispenser", "pressure-gauge", "electronic-thermometer"]


@pytest.mark.parametrize("kind", SYMMETRIC)
@given(error=st.decimals("-0.2", "0.2", places=4))
def test_too_much_is_as_bad_as_too_little(kind: str, error: Decimal) -> None:
    """Where the rule is symmetric, an error of the other sign has the same outcome."""
    point = check_of(kind).readings[0]
    judge = judge_of(catalogue(), facts_of(kind), TODAY)
    apart = Quantity(error, point.reference.unit)
    judged = [
        judge.judge(msgspec.structs.replace(point, indication=point.reference + way), [])
        for way in (apart, -apart)
    ]
    assert judged[0]
    assert judged[1]
    assert judged[0].outcome is judged[1].outcome


@pytest.mark.parametrize("kind", POINTWISE)
@settings(max_examples=40)
@given(error=st.decimals("-30", "30", places=3), more=st.decimals("0", "30", places=3), draws=st.data())
def test_a_greater_error_is_never_the_better(
    kind: str, error: Decimal, more: Decimal, draws: st.DataObject
) -> None:
    """Moving an indication away from its reference value never turns beyond into within."""
    inspection = check_of(kind)
    judge = judge_of(catalogue(), inspection.instrument, TODAY)
    place = draws.draw(st.integers(0, len(inspection.readings) - 1))
    point = inspection.readings[place]

    def outcome(off: Decimal) -> Outcome:
        apart = Quantity(abs(point.reference.value) * off / 100, point.reference.unit)
        judged = judge.judge(
            msgspec.structs.replace(point, indication=point.reference + apart), inspection.readings
        )
        assert judged
        return judged.outcome

    if outcome(error) is Outcome.BEYOND:
        assert outcome(error + more if error > 0 else error - more) is Outcome.BEYOND


@pytest.mark.parametrize(
    ("kind", "jumps"),
    [
        ("pressure-gauge", {Decimal("1.44")}),
        ("carbon-monoxide-alarm", set()),
        ("blood-pressure-monitor", set()),
        ("taximeter", set()),
    ],
)
@given(share=st.decimals("0.01", "0.999", places=3))
def test_limits_are_continuous_but_for_known_jumps(kind: str, jumps: set[Decimal], share: Decimal) -> None:
    """Between points a hair apart the limit changes by a hair, but at the known jump of a gauge at nine tenths."""
    judge = judge_of(catalogue(), facts_of(kind), TODAY)
    unit = check_of(kind).readings[0].reference.unit
    spans = {"MPa": "1.6", "µmol/mol": "500", "mmHg": "250", "km": "5"}
    value = Decimal(spans[unit]) * share
    hair = Decimal("1e-9")
    below, above = (judge.limit(Quantity(value + way, unit)) for way in (-hair, hair))
    if value in jumps:
        assert above.high > below.high
    else:
        assert abs(above.high - below.high) < Decimal("1e-5")


def test_the_gauges_jump_is_where_it_should_be() -> None:
    """Just below nine tenths of the range a gauge has its own class, from there on the next."""
    judge = judge_of(catalogue(), facts_of("pressure-gauge"), TODAY)
    limits = [judge.limit(quantity(text)).high for text in ("1.4399999 MPa", "1.44 MPa", "1440 kPa")]
    assert limits == [Decimal("0.0256"), Decimal("0.04"), Decimal("0.04")]


@pytest.mark.parametrize("kind", FAMILIES)
@settings(max_examples=12)
@given(draws=st.data())
def test_units_order_and_zeros_change_no_verdict(kind: str, draws: st.DataObject) -> None:
    """The same check in other units, in another order and with trailing zeros has the same conclusion, outcome by outcome."""
    mine = [each for each in vectors(FILE) if each["kind"] == kind]
    vector = draws.draw(st.sampled_from(mine))
    inspection = check_of(kind, vector)
    order = draws.draw(st.lists(st.integers(0, 9), min_size=3, max_size=9))
    unit = draws.draw(st.sampled_from(sorted(FACTORS)))
    other = in_other_order(turned(inspection, unit), order)
    before, after = (conclude(catalogue(), each) for each in (inspection, other))
    assert after.headline is before.headline
    assert outcomes(after) == outcomes(before)


def turned(inspection: Inspection, unit: str) -> Inspection:
    """The inspection with each reading of that quantity in ``unit``, where that is exact, and with zeros behind the others."""

    def turn(given_one: Quantity | None) -> Quantity | None:
        if given_one is None:
            return None
        if FACTORS.get(given_one.unit, ("", 0))[0] == FACTORS[unit][0]:
            found = given_one.to(unit)
            return found if found.to(given_one.unit).value == given_one.value else given_one
        return Quantity(given_one.value + Decimal("0.000000"), given_one.unit)

    readings = [
        msgspec.structs.replace(
            each,
            indication=turn(each.indication),
            reference=turn(each.reference) or each.reference,
            inputs={name: turn(value) or value for name, value in each.inputs.items()},
        )
        for each in inspection.readings
    ]
    plate = {name: turn(value) or value for name, value in inspection.instrument.nameplate.items()}
    return msgspec.structs.replace(
        inspection,
        readings=readings,
        instrument=msgspec.structs.replace(inspection.instrument, nameplate=plate),
    )


def outcomes(found: Conclusion) -> dict[str, Outcome]:
    """By point, so that neither order nor unit counts."""
    return {each.point: each.outcome for each in [*found.points, *found.together]}


@pytest.mark.parametrize("kind", FAMILIES)
@settings(max_examples=25)
@given(draws=st.data())
def test_a_missing_reading_is_never_a_pass(kind: str, draws: st.DataObject) -> None:
    """Drop any readings, leave them undone, or take away what was read beside them: the headline is no pass."""
    inspection = check_of(kind)
    count = len(inspection.readings)
    fates = draws.draw(
        st.lists(st.sampled_from(["keep", "drop", "undone"]), min_size=count, max_size=count).filter(
            lambda each: set(each) != {"keep"}
        )
    )
    readings = [
        each if fate == "keep" else msgspec.structs.replace(each, indication=None, not_done_because="other")
        for each, fate in zip(inspection.readings, fates, strict=True)
        if fate != "drop"
    ]
    forgets = draws.draw(st.booleans())
    left = msgspec.structs.replace(
        inspection, readings=readings, planned=[] if forgets else inspection.planned
    )
    assert conclude(catalogue(), left).headline not in PASSES


@pytest.mark.parametrize("kind", POINTWISE)
def test_a_check_without_a_standard_decides_nothing(kind: str) -> None:
    """No standard, one of another sort, or one that is expired: nothing passes and nothing is accused."""
    for standards in ([], [msgspec.structs.replace(each, sort="weight") for each in standards_of(kind)]):
        found = conclude(catalogue(), msgspec.structs.replace(check_of(kind), standards=standards))
        assert found.headline is Headline.UNDECIDED


@given(
    error=st.decimals("-20", "20", places=6),
    decimals=st.integers(0, 4),
    low=st.decimals("-10", "0", places=3),
    high=st.decimals("0.001", "10", places=3),
)
def test_rounding_never_changes_sides(error: Decimal, decimals: int, low: Decimal, high: Decimal) -> None:
    """The shown error lies on the same side of each limit as the judged one, and gives the same outcome."""
    shown = rounded(error, decimals, low, high)
    assert [(shown > each, shown < each) for each in (low, high)] == [
        (error > each, error < each) for each in (low, high)
    ]
    exact = [compare(Possible(each, Decimal(0), []), low, high) for each in (error, shown)]
    assert exact[0] is exact[1]
    assert abs(shown - error) <= Decimal(1).scaleb(-decimals)


@given(values=st.lists(st.integers(-40, 40), min_size=3, max_size=3))
def test_no_usual_definition_of_repeatability_contradicts_the_verdict(values: list[int]) -> None:
    """Spread, standard deviation and spread over the range coefficient 1.69 all agree with within and with beyond."""
    indications = [Decimal(20) + Decimal(each) / 1000 for each in values]
    readings = {f"fast:20 L:{place}": {"indication": str(each)} for place, each in enumerate(indications, 1)}
    found = conclude(catalogue(), check_of("fuel-dispenser", {"readings": readings}))
    judged = next(each for each in found.together if each.point == "repeatability:fast:20 L")
    errors = [(each - 20) * 5 for each in indications]
    mean = sum(errors) / 3
    spread, variance = max(errors) - min(errors), sum((each - mean) ** 2 for each in errors) / 2
    limit = Decimal("0.10")
    # A hair is left for the third that a mean of three is rounded to.
    over = [spread > limit, variance > limit**2 + Decimal("1e-20"), spread > limit * Decimal("1.69")]
    if judged.outcome is not Outcome.UNDECIDED:
        assert set(over) == {judged.outcome is Outcome.BEYOND}


@given(clock=st.integers(1, 10**6), passed=st.integers(1, 10**6), unit=st.sampled_from(["s", "min", "h"]))
def test_a_daily_rate_does_not_depend_on_the_unit(clock: int, passed: int, unit: str) -> None:
    """Seconds a day from seconds, minutes or hours are the same, and an hour too fast in a day is 3600 s/d."""
    facts = scale(kind="parking-meter", accuracy_class="")
    judge = judge_of(catalogue(), facts, date(2013, 10, 26))
    seconds = int(UNITS["time"][unit])
    point = check_of("taximeter").readings[0]
    judged = []
    for factor, name in ((1, unit), (seconds, "s")):
        of_clock, of_time = (Quantity(Decimal(each * factor), name) for each in (clock, passed))
        read = msgspec.structs.replace(point, indication=of_clock, reference=of_time)
        judged.append(judge.judge(read, []))
    assert judged[0] == msgspec.structs.replace(judged[1], point=point.point) if judged[1] else False
    day = msgspec.structs.replace(point, indication=quantity("25 h"), reference=quantity("24 h"))
    fast = judge.judge(day, [])
    assert fast
    assert fast.error_of_indication == quantity("3600 s/d")
    with refusal("reference_zero"):
        judge.judge(msgspec.structs.replace(day, reference=quantity("0 s")), [])


@pytest.mark.parametrize("kind", POINTWISE)
def test_an_edition_judges_from_its_first_day(kind: str) -> None:
    """On the first day of the edition in force its limits judge; the day before they do not."""
    edition = catalogue().kind(kind).editions[-1]
    assert edition.starts
    assert judge_of(catalogue(), facts_of(kind), edition.starts)
    before = date.fromordinal(edition.starts.toordinal() - 1)
    with pytest.raises(InputError, match=r"edition_unknown|not_judged"):
        judge_of(catalogue(), facts_of(kind), before)
    with refusal("kind_unknown"):
        judge_of(catalogue(), scale(kind="sundial"), TODAY)


def test_a_clock_long_before_the_first_edition_loses_nothing() -> None:
    """A check dated before any known edition is undecided with its reason, names no edition, and raises nothing."""
    inspection = check_of("blood-pressure-monitor")
    early = msgspec.structs.replace(inspection, finished_at=noon(date(2000, 1, 1)))
    found = conclude(catalogue(), early)
    measurement = found.finding(FindingSubject.MEASUREMENT)
    assert (found.headline, found.edition, measurement.outcome) == (
        Headline.UNDECIDED,
        "",
        FindingOutcome.UNDECIDED,
    )
    assert (
        measurement.reasons[0].said(said_in_chinese) == "无创自动血压计在 2000-01-01 没有已知的现行规程版本。"
    )


@given(
    counted=st.integers(800, 1200),
    step=st.sampled_from(["0.1", "0.5"]).map(Decimal),
    driven=st.integers(900, 1100),
)
def test_no_verdict_on_a_taximeter_contradicts_the_true_distance(
    counted: int, step: Decimal, driven: int
) -> None:
    """Against a simulated meter that shows the last whole step: within and beyond are always true of what it really counted."""
    true = Decimal(counted) / 1000
    shown = (true / step).to_integral_value("ROUND_FLOOR") * step
    judge = judge_of(catalogue(), facts_of("taximeter"), TODAY)
    point = check_of("taximeter").readings[0]
    read = msgspec.structs.replace(
        point,
        indication=Quantity(shown, "km"),
        reference=Quantity(Decimal(driven) / 1000, "km"),
        inputs={"display_step": Quantity(step, "km")},
    )
    judged = judge.judge(read, [])
    assert judged
    fair = -4 <= Decimal(counted - driven) * 100 / driven <= 1
    assert judged.outcome is not Outcome.WITHIN or fair
    assert judged.outcome is not Outcome.BEYOND or not fair


def test_falling_readings_come_after_all_rising_ones() -> None:
    """A gauge is read upwards, then downwards, and each point says which."""
    roles = [reading.role for reading in check_of("pressure-gauge").readings]
    assert roles == [PointRole.INDICATION] * 4 + [PointRole.FALLING] * 3
    falling = [each.reference for each in check_of("pressure-gauge").readings[4:]]
    assert all(after < before for before, after in pairwise(falling))


@given(volume=st.decimals("19", "21", places=3), warmer=st.integers(-10, 10))
def test_volumes_are_brought_to_one_temperature(volume: Decimal, warmer: int) -> None:
    """Fuel that is warmer at the nozzle than in the measure took more room there: the actual volume grows, so the error falls."""
    assume(warmer)
    judge = judge_of(catalogue(), facts_of("fuel-dispenser"), TODAY)
    point = check_of("fuel-dispenser").readings[0]
    errors = []
    for temperature in (20, 20 + warmer):
        inputs = point.inputs | {
            "vessel_volume": Quantity(volume, "L"),
            "nozzle_temperature": Quantity(Decimal(temperature), "℃"),
        }
        judged = judge.judge(msgspec.structs.replace(point, inputs=inputs), [])
        assert judged
        errors.append(judged.error_of_indication.value)
    assert (errors[1] < errors[0]) is (warmer > 0)


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": {"display_step": quantity("-0.1 km")}},
        {"indication": quantity("999999999999999999 km"), "reference": quantity("0.000000001 km")},
    ],
    ids=["a display that steps backwards", "a distance that nobody has driven"],
)
def test_figures_that_nobody_can_have_read_decide_nothing(change: dict[str, Any]) -> None:
    """A record may hold what no keypad lets one type: it is judged undecided, with a reason, and raises nothing."""
    given = check_of("taximeter")
    readings = [msgspec.structs.replace(one, **change) for one in given.readings]
    found = conclude(catalogue(), msgspec.structs.replace(given, readings=readings))
    measured = found.finding(FindingSubject.MEASUREMENT)
    assert (found.headline, measured.outcome) == (Headline.UNDECIDED, FindingOutcome.UNDECIDED)
    assert measured.reasons
