"""The catalogue: what is wrong in it is named at the start, and what is not sure is never law."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from shared.errors import InputError
from shared.inspection import (
    FindingOutcome,
    FindingSubject,
    Headline,
    InstrumentFacts,
    VisualAnswer,
    VisualFinding,
)
from shared.metrology.catalogue import Catalogue, Certainty, OnFlag
from shared.metrology.catalogue_file import compiled, unpacked
from shared.metrology.spot_check import conclude
from shared.metrology.weighing_limits import WeighingLimits
from tests.shared.checks import IDENTITY, TODAY, catalogue, catalogue_files, check, planned, scale, weights
from tests.shared.refusals import refusal

SCALE, LIMITS = "kind-price-computing-scale.toml", "limits-weighing.toml"
GAUGE, DIAL = "kind-pressure-gauge.toml", "limits-pressure-gauge.toml"
GLASS, HEAT = "kind-glass-thermometer.toml", "limits-heat-meter.toml"
CO, LEL = "limits-carbon-monoxide-alarm.toml", "limits-combustible-gas-alarm.toml"
UNJUDGED = sorted(kind.id for kind in catalogue().kinds.values() if kind.procedure is None)
FAULTS = [
    # file, text, what it is replaced by, key, reason; where the key is a path of the file itself, part of the reason
    (SCALE, 'family = "weighing"', 'famly = "weighing"', "$", "famly"),
    (SCALE, "corners = 4", "corners = 4\nrounding = 3", "$.procedure", "rounding"),
    (SCALE, "repeats = 3", 'repeats = "three"', "$.procedure.repeats", "int"),
    (SCALE, "repeats = 3", "repeats = 0", "procedure.repeats", "must be more than 0"),
    (SCALE, 'unit_price = "10.00"', "unit_price = 10.00", "$.procedure.unit_price", "without quotes"),
    (SCALE, 'on_flag = "undecided"', 'on_flag = "shrug"', "$.visual[0].on_flag", "shrug"),
    (SCALE, 'id = "display"', 'id = "nameplate"', "visual", "two questions have the same id"),
    (SCALE, '"seal", "housing"', '"seel", "housing"', "asks[1]", "questions.toml has no seel"),
    (SCALE, "from = 2027-01-08\n", "", "editions[1].from", "editions must follow each other day by day"),
    (SCALE, "from = 2027-01-08", "from = 2027-01-09", "editions[1].from", "editions must follow each other day by day"),
    (SCALE, "from = 2027-01-08", 'from = "soon"', "$.editions[1].from", "date"),
    (SCALE, "until = 2027-01-07\n", "", "editions[1].from", "editions must follow each other day by day"),
    (SCALE, 'judged_by = "JJG 539-2016"\n', "", "editions[1]", "an unseen text needs judged_by"),
    (SCALE, 'judged_by = "JJG 539-2016"', 'judged_by = "JJG 1204-2025"', "editions[1].judged_by", "no edition that judges is called JJG 1204-2025"),
    (SCALE, 'judged_by = "JJG 539-2016"', 'judged_by = "JJG 539-2016"\nlimits = "weighing-r76"', "editions[1].judged_by", "no edition that judges is called JJG 539-2016"),
    (SCALE, 'limits = "weighing-r76"\n', "", "editions[1].judged_by", "no edition that judges is called JJG 539-2016"),
    (GAUGE, 'limits = "pressure-gauge"\n', "", "editions[1].limits", "there are no limits (none named) for pressure"),
    (GAUGE, 'default_class = "1.6"', 'default_class = "1.5"', "default_class", "1.5 is not among accuracy_classes"),
    (GAUGE, 'shares = ["0.25", "0.5", "0.75", "1"]', 'references = ["1"]\nnameplate = "range_to"', "procedure.points[0]", "must say in one way where its reference values come from"),
    (GAUGE, 'id = "falling"', 'id = "rising"', "procedure.points", "two points have the same id"),
    (GAUGE, 'id = "range_to"', 'id = "range_end"', "procedure.points[0].shares", "the nameplate needs range_from and range_to"),
    ("kind-fuel-dispenser.toml", 'id = "neck_mark"', 'id = "neck_reading"', "procedure.inputs", "two inputs have the same id"),
    (GLASS, 'jjf_1051 = "04067500"', 'jjf_1051 = "0406750"', "jjf_1051", "A type code of JJF 1051 has 8 digits."),
    (GLASS, 'limits = "glass-thermometer"', 'limits = "glass"', "editions[1].limits", "there are no limits glass for temperature"),
    (CO, 'or_absolute = "5"', 'or_absolute = "0"', "mpe[0].or_absolute", "stands beside a relative limit only"),
    (CO, 'high = "10"', 'high = "10"\nlow = "10"', "mpe[0].high", "the upper limit must be above the lower one"),
    (CO, 'up_to = "2000"', 'up_to = "2000"\nbelow = "2000"', "mpe[0]", "the stretch must end once, and after it begins"),
    (LEL, 'response_pump = "30"', 'response_pump = "0"', "response", "must be more than 0"),
    (LEL, 'repeatability = "2"', 'repeatability = "0"', "repeatability", "must be more than 0"),
    (DIAL, 'tap = "0.5"', 'tap = "1.5"', "tap", "must be more than 0, and 1 at the most"),
    (DIAL, "standard_divisor = 4", "standard_divisor = 0", "standard_divisor", "must be more than 0"),
    (DIAL, "shown_decimals = 4", "shown_decimals = -1", "shown_decimals", "must not be negative"),
    (HEAT, 'most = "5"', 'most = "1"', "parts[0].flow", "must be more than 0, and not begin above its end"),
    (SCALE, 'limits = "weighing-r76"', 'limits = "weighing-r99"', "editions[0].limits", "there are no limits weighing-r99 for weighing"),
    (SCALE, 'loads = ["min", "500e", "2000e", "max"]', 'loads = ["min", "500e", "2 kg"]', "procedure.loads", "2 kg is neither min, half, max nor a multiple of e"),
    (SCALE, 'deciding_loads = ["min", "500e"]', 'deciding_loads = ["min", "300e"]', "procedure.deciding_loads", "not among the loads"),
    (SCALE, 'certainty = "seen"\nlimits', 'certainty = "memory"\nlimits', "editions[0].limits", "what is only remembered can't judge"),
    (SCALE, 'id = "price-computing-scale"', 'id = "fuel-dispenser"', "id", "fuel-dispenser is there already"),
    (SCALE, "[procedure]", "[procedure", "$", "line"),
    (LIMITS, "up_to = 2000,", "up_to = 400,", "mpe[2].bands", "the bands must go up"),
    (LIMITS, '{ up_to = 2000, multiple = "1.0" }', '{ up_to = 2000, multiple = "0.5" }', "mpe[2].bands", "the bands must go up"),
    (LIMITS, '{ up_to = 2000, multiple = "1.0" }', '{ multiple = "1.0" }', "mpe[2].bands", "only the last band may be without end"),
    (LIMITS, '{ up_to = 2000, multiple = "1.0" }', "{ up_to = 2000, multiple = 1.0 }", "$.mpe[2].bands[1].multiple", "without quotes"),
    (LIMITS, 'accuracy_class = "IIII"', 'accuracy_class = "III"', "mpe", "two tables are for the same class"),
    (LIMITS, "in_service = 2", "in_use = 2", "$.stages", "in_use"),
    (LIMITS, "in_service = 2\n", "\n", "stages.in_service", "the factor is missing or not more than 0"),
    (LIMITS, "in_service = 2", "in_service = 0", "stages.in_service", "the factor is missing or not more than 0"),
    (LIMITS, 'zero_multiple = "0.25"\n', "", "$", "zero_multiple"),
    (LIMITS, 'amount_step = "0.01"', 'amount_step = "0"', "amount_step", "must be more than 0"),
    (LIMITS, 'certainty = "seen"', 'certainty = "memory"', "editions[0].limits", "what is only remembered can't judge"),
    (LIMITS, 'certainty = "seen"', 'certainty = "sure"', "$.certainty", "sure"),
    (LIMITS, "divisor = 3", "divisor = 0", "weights.divisor", "must be more than 0"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "instead", "key", "reason"), FAULTS)
def test_a_fault_is_named_with_file_key_and_reason(
    file: str, text: str, instead: str, key: str, reason: str
) -> None:
    """A wrong catalogue is refused whole; the error says in which file, at which key, and what is wrong."""
    files = catalogue_files()
    assert text in files[file].decode(), "the fault does not touch the file"
    files[file] = files[file].decode().replace(text, instead, 1).encode()
    with refusal("catalogue_invalid") as refused:
        Catalogue.parse(files)
    details = refused.value.problem.details
    # A limits file that can't judge shows where an edition asks it to.
    expected = "kind-" if key.startswith("editions") and file == LIMITS else file
    assert details["file"].startswith(expected)
    assert details["key"] == key
    said = details["reason"]
    assert (reason in said) if key.startswith("$") else (reason == said)


def test_a_missing_or_a_strange_file_is_named() -> None:
    """Without its issue the catalogue is refused, and so is a file whose name means nothing."""
    files = catalogue_files()
    with pytest.raises(InputError, match="the file is missing"):
        Catalogue.parse({name: text for name, text in files.items() if name != "catalogue.toml"})
    with pytest.raises(InputError, match="kinds-new"):
        Catalogue.parse(files | {"kinds-new.toml": b""})
    with pytest.raises(InputError, match="utf-8"):
        Catalogue.parse(files | {SCALE: b"\xff"})


def test_no_number_of_the_catalogue_is_a_binary_fraction() -> None:
    """Every figure with a point stands in quotes, and so reaches the arithmetic as it was written."""
    for name, text in catalogue_files().items():
        found: list[str] = []
        tomllib.loads(text.decode(), parse_float=lambda figure, found=found: found.append(figure))
        assert not found, name


@pytest.mark.parametrize("kind", sorted(catalogue().kinds))
def test_every_day_has_one_edition(kind: str) -> None:
    """On the last day of an edition it is in force, on the next day its successor; the far future has one, and a past without one is said."""
    editions = catalogue().kind(kind).editions
    first = editions[0].starts
    if first:
        with refusal("edition_unknown"):
            catalogue().edition(kind, first - timedelta(days=1))
    for edition in editions:
        for day in (edition.starts or date.min, edition.until or date.max):
            assert [each for each in editions if each.in_force_on(day)] == [edition]
        if edition.until:
            after = catalogue().edition(kind, edition.until + timedelta(days=1))
            assert edition not in (after.pending,)
            assert (after.pending or after.judging).starts == edition.until + timedelta(days=1)


def test_jjg_1204_is_pending_from_its_day_on() -> None:
    """JJG 539-2016 judges alone until 2027-01-07; from 2027-01-08 it judges on while JJG 1204-2025 is to be checked."""
    before = catalogue().edition("price-computing-scale", date(2027, 1, 7))
    after = catalogue().edition("price-computing-scale", date(2027, 1, 8))
    assert (before.judging.document, before.pending) == ("JJG 539-2016", None)
    assert after.judging.document == "JJG 539-2016"
    assert after.pending
    assert after.pending.document == "JJG 1204-2025"
    assert after.pending.certainty is Certainty.UNSEEN


def test_questions_of_newer_designs_go_by_the_date_of_manufacture() -> None:
    """三码一封 and the software are asked of scales made from 2026-01-08 on, not of older ones or of those whose date is unknown."""
    kind = catalogue().kind("price-computing-scale")
    newer = {"three_codes", "software"}
    asked = {
        day: {each.id for each in kind.questions(day)} for day in (date(2026, 1, 7), date(2026, 1, 8), None)
    }
    assert asked[date(2026, 1, 8)] - asked[date(2026, 1, 7)] == newer
    assert asked[None] == asked[date(2026, 1, 7)]
    assert len(asked[None]) == 7
    found = conclude(catalogue(), without_answer("three_codes", scale(manufactured_on=date(2026, 1, 8))))
    assert found.headline is Headline.UNDECIDED


def without_answer(question: str, facts: InstrumentFacts) -> object:
    inspection = check(facts)
    inspection.visual[:] = [each for each in inspection.visual if each.question != question]
    return inspection


@pytest.mark.parametrize("kind", UNJUDGED)
def test_kinds_that_are_not_sure_are_not_measured(kind: str) -> None:
    """Identity, seal and certificate are asked; the measurement is said not to be judged, by no document, and nothing passes it."""
    facts = scale(kind=kind, accuracy_class="", capacity_max=None, verification_scale_interval=None)
    questions = catalogue().kind(kind).questions(None)
    assert "nameplate" in {question.id for question in questions}
    assert {"mark", "life"} & {question.id for question in questions}
    assert planned(facts, weights()) == []
    found = conclude(catalogue(), check(facts))
    measurement = found.finding(FindingSubject.MEASUREMENT)
    assert measurement.outcome is FindingOutcome.NOT_JUDGED
    assert measurement.reasons[0].text.startswith("The measurement of this kind is not judged")
    assert found.headline is Headline.UNDECIDED
    assert (found.edition, found.points, found.covered_to, found.notes) == ("", [], None, [])
    assert found.finding(FindingSubject.MARKS_AND_SEALS).outcome is FindingOutcome.WITHIN
    flagged = [
        VisualFinding(each.id, VisualAnswer.FLAG if each.id == "nameplate" else VisualAnswer.OK)
        for each in questions
    ]
    found = conclude(catalogue(), check(facts, visual=flagged))
    assert found.headline is Headline.SUSPECTED_CHEATING


def test_nothing_remembered_judges() -> None:
    """Each edition that judges, and the limits it judges by, were seen or worked out from what was."""
    sure = {Certainty.SEEN, Certainty.COMPUTED}
    judged = [kind for kind in catalogue().kinds.values() if kind.procedure]
    assert len(judged) >= 2
    for kind in judged:
        for edition in kind.editions:
            assert edition.judged_by or edition.certainty in sure
        for day in (TODAY, date(2030, 1, 1)):
            limits = catalogue().limits_on(kind.id, day)
            assert limits.certainty in sure
            assert not isinstance(limits, WeighingLimits) or limits.weights.certainty in sure
        assert all(question.certainty in sure for question in kind.visual)


def test_a_tell_tale_of_a_kind_is_suspected_cheating() -> None:
    """Seal, housing and hidden functions of a price-computing scale are tell-tales; a bad place to stand is not."""
    kind = catalogue().kind("price-computing-scale")
    cheating = {each.id for each in kind.visual if each.on_flag is OnFlag.SUSPECTED_CHEATING}
    assert {"seal", "housing", "keys", "three_codes", "software"} <= cheating
    assert not cheating & {"level", "display"}


def test_weights_grow_coarser_with_their_class() -> None:
    """From E2 over F1, F2, M1 and M2 to M3, and from small masses to great ones, a weight's own limit grows."""
    weight_limits = catalogue().limits_on("price-computing-scale", TODAY).weights
    for finer, coarser in pairwise(("E2", "F1", "F2", "M1", "M2", "M3")):
        both = weight_limits.mpe_mg[finer].keys() & weight_limits.mpe_mg[coarser].keys()
        assert len(both) > 10
        for nominal in both:
            assert weight_limits.mpe_mg[finer][nominal] < weight_limits.mpe_mg[coarser][nominal]
    for row in weight_limits.mpe_mg.values():
        assert [row[nominal] for nominal in sorted(row)] == sorted(row.values())
    assert weight_limits.mpe("M1", Decimal(5000)) == Decimal("0.25")
    assert weight_limits.mpe("M1", Decimal("7.5")) is None


def test_an_unknown_kind_is_named() -> None:
    """A record of a kind that this issue of the catalogue lacks raises ``kind_unknown``."""
    with refusal("kind_unknown"):
        conclude(catalogue(), check(scale(), instrument=scale(kind="sundial", instrument_id=IDENTITY)))


def test_a_compiled_catalogue_is_the_same() -> None:
    """What the web app's build compiles is read back as it was, to the last digit of each figure."""
    again = unpacked("catalogue.json", compiled(catalogue()), Catalogue)
    assert again == catalogue()
    assert compiled(again) == compiled(catalogue())


@pytest.mark.parametrize(
    "damage", [b"", b"{}", compiled(catalogue())[:-1]], ids=["empty", "another shape", "cut off"]
)
def test_a_damaged_compiled_catalogue_is_refused(damage: bytes) -> None:
    """A compiled file that is cut off, empty, or of another shape is named, and nothing is judged by it."""
    with refusal("catalogue_invalid") as refused:
        unpacked("catalogue.json", damage, Catalogue)
    assert refused.value.problem.details["file"] == "catalogue.json"
