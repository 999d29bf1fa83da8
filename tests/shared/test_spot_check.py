"""The conclusion of a spot check: three findings, the worst of them on top, and nothing passed that was not seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.inspection import (
    Conclusion,
    FindingOutcome,
    FindingSubject,
    Headline,
    Inspection,
    LabelCheck,
    PointRole,
    Reading,
    VisualAnswer,
    VisualFinding,
)
from shared.instrument import PartialRange
from shared.metrology.catalogue import Catalogue
from shared.metrology.judges import plan
from shared.metrology.judging import Outcome
from shared.metrology.spot_check import conclude, headline_of, without_working
from shared.quantity import Quantity
from tests.shared.checks import (
    TODAY,
    WEIGHTS,
    catalogue,
    catalogue_files,
    check,
    noon,
    planned,
    quantity,
    scale,
    vectors,
    weights,
)
from tests.shared.refusals import refusal
from tests.shared.words import everything_said, said_in_chinese

PASSES = {Headline.WITHIN, Headline.WITHIN_BUT_EXPIRED, Headline.WITHIN_UNVERIFIED}


def of_vector(vector: dict[str, Any]) -> Inspection:
    """The spot check that a vector tells of."""
    facts = scale(
        valid_until=vector.get("valid_until", date(2027, 3, 14)),
        verification_known=vector.get("verification_known", True),
    )
    if "e" in vector:
        e = quantity(vector["e"]) if vector["e"] else None
        facts = msgspec.structs.replace(facts, verification_scale_interval=e, actual_scale_interval=None)
    standards = weights(
        **{
            name: vector[key]
            for name, key in (
                ("masses", "weights"),
                ("accuracy_class", "accuracy_class_of_weights"),
                ("valid_until", "weights_valid_until"),
            )
            if key in vector
        }
    )
    given_answers = dict.fromkeys(vector.get("flags", []), VisualAnswer.FLAG)
    given_answers |= dict.fromkeys(vector.get("not_applicable", []), VisualAnswer.NOT_APPLICABLE)
    visual = [
        VisualFinding(question.id, given_answers.get(question.id, VisualAnswer.OK))
        for question in catalogue().kind(facts.kind).questions(None)
        if question.id not in vector.get("unanswered", [])
    ]
    label = LabelCheck(vector.get("label", "genuine"))
    return check(facts, standards, vector.get("readings"), visual=visual, label=label)


@pytest.mark.parametrize("vector", vectors("spot-checks.toml"), ids=lambda vector: vector["name"])
def test_whole_checks_come_out_as_they_should(vector: dict[str, Any]) -> None:
    """Headline, findings, range and Chinese words of a vector; whatever is not plain within gives a reason."""
    found = conclude(catalogue(), of_vector(vector))
    assert found.headline is Headline(vector["headline"])
    for key, subject in (
        ("measurement", FindingSubject.MEASUREMENT),
        ("marks", FindingSubject.MARKS_AND_SEALS),
        ("status", FindingSubject.VERIFICATION_STATUS),
    ):
        finding = found.finding(subject)
        if key in vector:
            assert finding.outcome is FindingOutcome(vector[key])
        fine = finding.outcome in {FindingOutcome.WITHIN, FindingOutcome.VALID}
        assert fine is not bool(finding.reasons)
    if "words" in vector:
        assert found.words.said(said_in_chinese) == vector["words"]
    if "covered_to" in vector:
        assert found.covered_to
        assert found.covered_to.shown() == vector["covered_to"]
    assert everything_said([found.findings, found.notes, found.words]) == vector["said"]
    assert everything_said(found)
    assert found.catalogue_version == catalogue().version


def test_a_label_of_another_instrument_is_suspected_cheating() -> None:
    """A copied label is named as one, beside whatever was flagged; the worst of the marks counts, in whatever order they come."""
    questions = catalogue().kind("price-computing-scale").questions(None)
    open_first = [
        VisualFinding(each.id, VisualAnswer.FLAG if each.id == "level" else VisualAnswer.OK)
        for each in questions
    ]
    for label, said in (
        (LabelCheck.COPIED, "标签属于另一件器具"),
        (LabelCheck.FORGED, "标签签名不对"),
    ):
        found = conclude(catalogue(), check(label=label, visual=open_first))
        marks = found.finding(FindingSubject.MARKS_AND_SEALS)
        assert marks.outcome is FindingOutcome.SUSPECTED_CHEATING
        assert everything_said(marks)[-1] == said
    genuine = conclude(catalogue(), check(visual=open_first)).finding(FindingSubject.MARKS_AND_SEALS)
    assert genuine.outcome is FindingOutcome.UNDECIDED


def test_only_a_newer_designs_question_may_not_apply() -> None:
    """Three codes may not be there on a scale made since 2026; a seal is on every one, and the wave is said to be no answer."""
    facts = scale(manufactured_on=date(2026, 2, 1))
    for question, headline in (("three_codes", Headline.WITHIN), ("seal", Headline.UNDECIDED)):
        visual = [
            VisualFinding(
                each.question, VisualAnswer.NOT_APPLICABLE if each.question == question else each.answer
            )
            for each in check(facts).visual
        ]
        assert conclude(catalogue(), check(facts, visual=visual)).headline is headline


@pytest.mark.parametrize(
    ("known", "valid_until", "masses", "words"),
    [
        (True, date(2027, 3, 14), ["5 kg", "500 g", "100 g"], "初筛符合（核查至 5.6 kg）"),
        (True, None, ["5 kg", "500 g", "100 g"], "初筛符合（核查至 5.6 kg）"),
        (True, date(2026, 1, 1), ["5 kg", "500 g", "100 g"], "示值初筛符合（核查至 5.6 kg），但检定已过期"),
        (False, None, ["5 kg", "500 g", "100 g"], "示值初筛符合（核查至 5.6 kg），检定状态不明"),
        (False, None, list(WEIGHTS), "示值初筛符合，检定状态不明"),
    ],
)
def test_the_headline_says_range_and_status(
    known: bool, valid_until: date | None, masses: list[str], words: str
) -> None:
    """How far the range was checked, and what is known of the verification, stand in one sentence."""
    facts = scale(verification_known=known, valid_until=valid_until)
    found = conclude(catalogue(), check(facts, weights(masses)))
    assert everything_said(found.words) == [words]


def test_a_kind_that_is_not_judged_has_no_note_of_editions() -> None:
    """A pending edition is told of where something is judged by the one before it, and nowhere else."""
    found = conclude(catalogue(), check(scale(kind="glass-thermometer"), standards=[]))
    assert (found.notes, found.edition, found.points, found.together) == ([], "", [], [])
    assert everything_said(found.finding(FindingSubject.MEASUREMENT)) == [
        "这类器具的示值在此不判定；有疑问请送检。"
    ]


def test_what_a_record_keeps_has_no_working() -> None:
    """Neither the points' lines nor what would decide them is kept, together or one by one; everything else is."""
    found = conclude(catalogue(), check(readings={"repeatability:1": {"indication": "7.510"}}))
    kept = without_working(found)
    for before, after in zip([*found.points, *found.together], [*kept.points, *kept.together], strict=True):
        assert (after.working, after.finer) == ([], None)
        assert msgspec.structs.replace(before, working=[], finer=None) == after
    assert (kept.words, kept.findings, kept.notes) == (found.words, found.findings, found.notes)
    assert found.together


def test_the_plan_is_the_procedures() -> None:
    """Zero, three repeats near Max/2, the loads, four corners at Max/3, tare and price, each with the limit in service."""
    points = planned(scale(), weights())
    assert [point.key for point in points] == [
        "zero",
        *(f"repeatability:{number}" for number in (1, 2, 3)),
        *(f"load:{load}" for load in ("100 g", "2.5 kg", "10 kg", "15 kg")),
        *(f"eccentricity:{number}" for number in (1, 2, 3, 4)),
        "tare",
        "price",
    ]
    shown = {point.key: (point.same, point.limit and point.limit.shown()) for point in points}
    assert shown["zero"] == ("0.000", "1.25 g")
    assert shown["repeatability:1"] == ("7.500", "10 g")
    assert shown["load:100 g"] == ("0.100", "5 g")
    assert shown["load:2.5 kg"] == ("2.500", "5 g")
    assert shown["load:10 kg"] == ("10.000", "10 g")
    assert shown["load:15 kg"] == ("15.000", "15 g")
    assert shown["eccentricity:1"] == ("5.000", "10 g")
    assert shown["price"] == ("25.00", "0.005 元")


@given(
    masses=st.lists(
        st.sampled_from(["1 g", "5 g", "20 g", "50 g", "100 g", "200 g", "1 kg", "2 kg", "5 kg", "20 kg"]),
        max_size=7,
    ),
    figures=st.sampled_from([("15 kg", "5 g"), ("30 kg", "10 g"), ("6 kg", "2 g"), ("3 kg", "1 g")]),
)
def test_every_planned_load_can_be_put_on(masses: list[str], figures: tuple[str, str]) -> None:
    """A planned load is a sum of the weights carried, between Min and Max, and one that the display can show."""
    most, e = map(quantity, figures)
    facts = scale(
        capacity_max=most, capacity_min=None, verification_scale_interval=e, actual_scale_interval=e
    )
    sums = {Decimal(0)}
    for mass in masses:
        sums |= {total + quantity(mass).to("g").value for total in sums}
    for point in planned(facts, weights(masses)):
        load = point.reference.to("g").value
        assert load in sums
        assert point.role is PointRole.ZERO or 20 * e.value <= load <= most.to("g").value
        assert not load % e.value


def test_expired_weights_are_refused_for_planning() -> None:
    """On the day after its certificate's last one a weight is refused, and on that day it is not."""
    last = weights(valid_until=TODAY)
    assert plan(catalogue(), scale(), last, TODAY)
    with refusal("standard_expired"):
        plan(catalogue(), scale(), last, TODAY + timedelta(days=1))


def test_a_signature_after_midnight_does_not_spoil_the_readings() -> None:
    """Weights valid on the day of the readings judge them, though the record is finished on the next."""
    inspection = check(standards=weights(valid_until=TODAY))
    read_at = [
        msgspec.structs.replace(reading, read_at=noon(TODAY) + timedelta(hours=11))
        for reading in inspection.readings
    ]
    late = msgspec.structs.replace(
        inspection, readings=read_at, finished_at=noon(TODAY) + timedelta(hours=13)
    )
    assert conclude(catalogue(), late).headline is Headline.WITHIN


BEFORE, AFTER = datetime(2027, 1, 7, 15, 59, 59, tzinfo=UTC), datetime(2027, 1, 7, 16, 0, tzinfo=UTC)


def test_the_edition_is_that_of_the_day_in_china() -> None:
    """A second before JJG 1204-2025 is in force nothing is said of it; from midnight in China on 新规程待核, and 539 still judges."""
    facts = scale()
    found = [
        conclude(catalogue(), check(facts, finished_at=moment, on=date(2026, 11, 20)))
        for moment in (BEFORE, AFTER)
    ]
    assert [each.edition for each in found] == ["JJG 539-2016", "JJG 539-2016"]
    assert [each.headline for each in found] == [Headline.WITHIN, Headline.WITHIN]
    assert not found[0].notes
    assert [note.said(said_in_chinese) for note in found[1].notes] == [
        "JJG 1204-2025 已实施，新规程待核；按 JJG 539-2016 判定。"
    ]


def with_later_limits() -> Catalogue:
    """The catalogue as it will be when the text of JJG 1204 has been seen, here with limits of half the size."""
    files = catalogue_files()
    limits = files["limits-weighing.toml"].replace(b'id = "weighing-r76"', b'id = "weighing-1204"')
    files["limits-1204.toml"] = limits.replace(b"in_service = 2", b"in_service = 1")
    name = "kind-price-computing-scale.toml"
    files[name] = files[name].replace(
        b'certainty = "unseen"\njudged_by = "JJG 539-2016"', b'certainty = "seen"\nlimits = "weighing-1204"'
    )
    return Catalogue.parse(files)


def test_limits_change_with_the_edition() -> None:
    """Where the new edition brings other limits they judge from its day on, and the old ones until the day before."""
    rules = with_later_limits()
    readings = {
        "load:10 kg": {"indication": "10.005", "added": "1"},
        "zero": {"indication": "0.000", "added": "2.5"},
    }
    inspection = check(readings=readings)
    before, after = (
        conclude(rules, msgspec.structs.replace(inspection, finished_at=moment)) for moment in (BEFORE, AFTER)
    )
    assert (before.edition, after.edition) == ("JJG 539-2016", "JJG 1204-2025")
    assert before.headline is Headline.WITHIN
    assert after.headline is Headline.SUSPECTED_OVER_LIMIT
    assert not after.notes


def with_reading(inspection: Inspection, reading: Reading) -> Inspection:
    return msgspec.structs.replace(inspection, readings=[*inspection.readings, reading])


def attempt(point: str, indication: str, number: int, cause: str = "") -> Reading:
    """Another attempt at a load."""
    load = quantity(point.removeprefix("load:"))
    return Reading(
        point=point,
        role=PointRole.LOAD,
        reference=load,
        indication=Quantity(Decimal(indication), "kg"),
        attempt=number,
        superseded_because=cause,
    )


def test_a_retest_erases_no_failure_without_a_cause() -> None:
    """A failed attempt stands beside a good later one, unless it says why it was set aside; then a note keeps it in sight."""
    good = check()
    failed = with_reading(good, attempt("load:10 kg", "10.050", 0))
    assert conclude(catalogue(), failed).headline is Headline.SUSPECTED_OVER_LIMIT
    explained = with_reading(good, attempt("load:10 kg", "10.050", 0, "disturbed"))
    found = conclude(catalogue(), explained)
    assert found.headline is Headline.WITHIN
    assert [note.values["error"] for note in found.notes] == ["+50 g"]


def test_a_point_that_was_set_aside_and_not_read_again_is_missing() -> None:
    """Setting a reading aside, good or bad, without reading again leaves the point unread."""
    for indication in ("10.000", "10.050"):
        inspection = check()
        readings = [each for each in inspection.readings if each.point != "load:10 kg"]
        aside = attempt("load:10 kg", indication, 1, "wrong_load")
        found = conclude(catalogue(), msgspec.structs.replace(inspection, readings=[*readings, aside]))
        assert found.headline is Headline.UNDECIDED


def test_a_spread_is_not_mended_by_reading_a_repeat_again() -> None:
    """A repeat that was read again without a cause still counts in the spread."""
    inspection = check(readings={"repeatability:2": {"indication": "7.510"}})
    third = next(each for each in inspection.readings if each.point == "repeatability:3")
    earlier = msgspec.structs.replace(third, indication=quantity("7.490 kg"), attempt=0)
    found = conclude(catalogue(), with_reading(inspection, earlier))
    spread = found.together[0]
    assert spread.error_of_indication.shown() == "20 g"
    assert spread.outcome is Outcome.BEYOND


def test_a_small_load_under_a_large_ones_name_is_no_answer() -> None:
    """A reading whose load or role is not that of its point leaves the point unread."""
    inspection = check()
    for change in (
        {"reference": quantity("100 g"), "indication": quantity("0.100 kg")},
        {"role": PointRole.TARE},
    ):
        readings = [
            msgspec.structs.replace(each, **change) if each.point == "load:15 kg" else each
            for each in inspection.readings
        ]
        found = conclude(catalogue(), msgspec.structs.replace(inspection, readings=readings))
        assert found.headline is Headline.UNDECIDED


def test_a_load_that_the_weights_do_not_make_decides_nothing() -> None:
    """Readings at loads for which no weights are in the record are no pass."""
    found = conclude(catalogue(), msgspec.structs.replace(check(), standards=[], planned=[]))
    assert found.headline is Headline.UNDECIDED


@settings(max_examples=60)
@given(draws=st.data())
def test_no_check_passes_with_an_answer_missing(draws: st.DataObject) -> None:
    """Take away any readings or visual answers, or leave points undone: the headline is never a pass."""
    inspection = check(scale(manufactured_on=date(2026, 2, 1)))
    keep = draws.draw(st.lists(st.sampled_from(["keep", "drop", "undone"]), min_size=14, max_size=14))
    asked = draws.draw(st.lists(st.booleans(), min_size=9, max_size=9))
    readings = []
    for reading, fate in zip(inspection.readings, keep, strict=True):
        if fate == "keep":
            readings.append(reading)
        elif fate == "undone":
            readings.append(msgspec.structs.replace(reading, indication=None, not_done_because="no_weights"))
    visual = [each for each, there in zip(inspection.visual, asked, strict=True) if there]
    whole = set(keep) == {"keep"} and all(asked)
    forgets = draws.draw(st.booleans())
    left = msgspec.structs.replace(
        inspection, readings=readings, visual=visual, planned=[] if forgets else inspection.planned
    )
    assert (conclude(catalogue(), left).headline in PASSES) is whole


@given(
    errors=st.lists(st.integers(-4, 4), min_size=12, max_size=12),
    unit=st.sampled_from(["g", "kg", "t", "mg"]),
)
def test_units_change_no_verdict(errors: list[int], unit: str) -> None:
    """The same check with every mass in another unit has the same outcomes, errors and limits."""
    points = [point.key for point in planned(scale(), weights()) if point.role is not PointRole.PRICE]
    as_read = {
        point.key: {"indication": str(Decimal(point.same) + Decimal(5 * errors[place % 12]) / 1000)}
        for place, point in enumerate(planned(scale(), weights()))
        if point.key in points
    }
    inspection = check(readings=as_read)

    def turned(mass: Quantity | None) -> Quantity | None:
        return mass.to(unit) if mass and mass.unit != "元" else mass

    facts = inspection.instrument
    other = msgspec.structs.replace(
        inspection,
        instrument=msgspec.structs.replace(
            facts,
            capacity_max=turned(facts.capacity_max),
            capacity_min=turned(facts.capacity_min),
            verification_scale_interval=turned(facts.verification_scale_interval),
            actual_scale_interval=turned(facts.actual_scale_interval),
        ),
        readings=[
            msgspec.structs.replace(
                each, indication=turned(each.indication), reference=turned(each.reference) or each.reference
            )
            for each in inspection.readings
        ],
        standards=[
            msgspec.structs.replace(each, nominal=each.nominal.to(unit)) for each in inspection.standards
        ],
    )
    here, there = conclude(catalogue(), inspection), conclude(catalogue(), other)
    assert without_working(here) == without_working(msgspec.structs.replace(there))


def test_phone_and_server_conclude_the_same() -> None:
    """The conclusion hangs on the record alone: read back from its bytes, with a catalogue read anew, it is the same."""
    for vector in vectors("spot-checks.toml"):
        inspection = of_vector(vector)
        on_phone = conclude(catalogue(), inspection)
        sealed = msgspec.json.encode(
            msgspec.structs.replace(inspection, conclusion=without_working(on_phone))
        )
        record = msgspec.json.decode(sealed, type=Inspection)
        on_server = conclude(Catalogue.parse(catalogue_files()), record)
        assert without_working(on_server) == record.conclusion
        assert on_server == on_phone


def test_the_headline_is_the_worst_finding() -> None:
    """Over every combination: cheating, then over limit, then undecided, then within with its status; never better than any finding."""
    order = [Headline.SUSPECTED_CHEATING, Headline.SUSPECTED_OVER_LIMIT, Headline.UNDECIDED]
    worth = {
        FindingOutcome.SUSPECTED_CHEATING: Headline.SUSPECTED_CHEATING,
        FindingOutcome.OVER_LIMIT: Headline.SUSPECTED_OVER_LIMIT,
        FindingOutcome.UNDECIDED: Headline.UNDECIDED,
        FindingOutcome.NOT_JUDGED: Headline.UNDECIDED,
        FindingOutcome.EXPIRED: Headline.WITHIN_BUT_EXPIRED,
        FindingOutcome.UNKNOWN: Headline.WITHIN_UNVERIFIED,
    }
    ranks = [*order, Headline.WITHIN_BUT_EXPIRED, Headline.WITHIN_UNVERIFIED, Headline.WITHIN]
    base = conclude(catalogue(), check()).findings
    measured = ("within", "over_limit", "undecided", "not_judged")
    for first in measured:
        for second in ("within", "suspected_cheating", "undecided"):
            for third in ("valid", "expired", "unknown"):
                findings = [
                    msgspec.structs.replace(finding, outcome=FindingOutcome(outcome))
                    for finding, outcome in zip(base, (first, second, third), strict=True)
                ]
                expected = min(
                    (worth.get(each.outcome, Headline.WITHIN) for each in findings), key=ranks.index
                )
                assert headline_of(*findings) is expected


def test_multi_interval_scales_are_judged_by_their_ranges() -> None:
    """A 15/30 kg scale with e = 5/10 g: 20 g off at 30 kg is within, 20 g off at 15 kg is not."""
    ranges = [
        PartialRange(quantity("15 kg"), quantity("5 g")),
        PartialRange(quantity("30 kg"), quantity("10 g")),
    ]
    facts = scale(capacity_max=quantity("30 kg"), partial_ranges=ranges)
    standards = weights(["20 kg", "5 kg", "2 kg", "2 kg", "1 kg", "500 g", "100 g"])
    points = [point.key for point in planned(facts, standards) if point.role is PointRole.LOAD]
    assert points == ["load:100 g", "load:2.5 kg", "load:10 kg", "load:30 kg"]

    def read(key: str, indication: str) -> Conclusion:
        return conclude(catalogue(), check(facts, standards, {key: {"indication": indication}}))

    assert read("load:30 kg", "30.020").headline is Headline.WITHIN
    assert read("load:10 kg", "10.020").headline is Headline.SUSPECTED_OVER_LIMIT
    for wrong in (ranges[:1], ranges[::-1]):
        assert not planned(msgspec.structs.replace(facts, partial_ranges=wrong), standards)


def test_what_was_checked_only_in_part_is_said() -> None:
    """A smallest load above Min and corners with far less than Max/3 are notes beside the verdict."""
    found = conclude(catalogue(), check(standards=weights(["2 kg", "500 g"])))
    assert [note.said(said_in_chinese) for note in found.notes] == [
        "从 500 g 起核查；最小秤量（Min）为 100 g。",
        "偏载用 2.5 kg；规程要求约 5 kg。",
    ]


def test_weights_of_unknown_accuracy_decide_nothing() -> None:
    """A weight of a class that nobody knows judges neither a pass nor a failure; one whose certificate says how far it may be off does."""
    unknown = weights(accuracy_class="X9")
    failing = {"load:10 kg": {"indication": "10.015"}}
    for readings in ({}, failing):
        found = conclude(catalogue(), check(standards=unknown, readings=readings))
        assert found.headline is Headline.UNDECIDED
    certified = [msgspec.structs.replace(one, largest_error=quantity("0.1 g")) for one in unknown]
    assert conclude(catalogue(), check(standards=certified)).headline is Headline.WITHIN


def test_other_standards_are_no_weights() -> None:
    """A pressure standard makes no load, whatever its figures are."""
    pressing = [msgspec.structs.replace(one, sort="pressure") for one in weights()]
    given = check()
    found = conclude(catalogue(), msgspec.structs.replace(given, standards=pressing))
    assert found.headline is Headline.UNDECIDED


@pytest.mark.parametrize("supports", ["-1", "0", "2.5", "1000000000"])
def test_a_scale_stands_on_a_number_of_supports_that_can_be(supports: str) -> None:
    """A figure that no nameplate has judges nothing, and asks for no million corners; a kind without supports does not look at any."""
    plate = {"supports": quantity(f"{supports} 1")}
    truck = scale(
        kind="truck-scale",
        capacity_max=quantity("60 t"),
        capacity_min=None,
        verification_scale_interval=quantity("20 kg"),
        actual_scale_interval=None,
        nameplate=plate,
    )
    given = msgspec.structs.replace(check(), instrument=truck)
    found = conclude(catalogue(), given)
    assert found.finding(FindingSubject.MEASUREMENT).outcome is FindingOutcome.UNDECIDED
    assert [each.text for each in found.finding(FindingSubject.MEASUREMENT).reasons] == [
        "{figure}: {value} can't stand on such a nameplate."
    ]
    shop = check(scale(nameplate=plate))
    assert len([each for each in shop.readings if each.role is PointRole.ECCENTRICITY]) == 4


def test_a_price_is_asked_for_at_the_plans_unit_price() -> None:
    """An amount of nothing at a price of nothing is no answer."""
    given = check()
    readings = [
        msgspec.structs.replace(one, unit_price=Decimal(0), indication=quantity("0 元"))
        if one.role is PointRole.PRICE
        else one
        for one in given.readings
    ]
    found = conclude(catalogue(), msgspec.structs.replace(given, readings=readings))
    assert found.headline is Headline.UNDECIDED


def test_points_follow_each_other_with_growing_limits() -> None:
    """The limits of a plan's loads never fall from one load to the next."""
    limits = [point.limit for point in planned(scale(), weights()) if point.role is PointRole.LOAD]
    assert all(before and after and before <= after for before, after in pairwise(limits))
