"""Lots of prepackages: the published sets, what is known after each reading, tare, density, attempts, standards."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.lot import Density, Grade, LotInspection, LotReading, LotVerdict, TareMethod
from shared.message import Message
from shared.metrology.judging import Outcome
from shared.metrology.prepackages.lots import judge_lot, without_working
from shared.metrology.prepackages.rates import PassRate, pass_rate
from shared.metrology.prepackages.rules import PrepackageRules, Rounding
from shared.metrology.prepackages.sampling import average
from shared.quantity import Quantity
from tests.shared.checks import ROOT, TODAY, noon, quantity, weights
from tests.shared.lots import A, lot, readings, repeated, rule_files, rules
from tests.shared.words import everything_said

VECTORS = tomllib.loads((ROOT / "tests/vectors/prepackage-lots.toml").read_text())
C = ["503", "504", "502", "505", "503", "484", "504", "503", "502", "504"]


def judged(inspection: LotInspection) -> LotVerdict:
    """The verdict, each line of which can be said."""
    found = judge_lot(rules(), inspection)
    everything_said(found)
    return found


def texts(messages: list[Message]) -> list[str]:
    return [message.text for message in messages]


@pytest.mark.parametrize("vector", VECTORS["vector"], ids=lambda vector: vector["name"])
def test_lots_of_the_chinese_plan(vector: dict[str, Any]) -> None:
    """Mean, s, limit, T1, T2 and both tests are those of the set, and both must pass."""
    found = judged(lot(vector["nets"], vector["nominal"], vector["lot_size"]))
    plan = found.plan
    assert plan
    figures = {"mean": plan.mean, "deviation": plan.deviation, "mean_limit": plan.mean_limit}
    for name, figure in figures.items():
        if name in vector:
            assert figure
            assert figure.value == Decimal(vector[name]).normalize(), name
    assert (plan.t1, plan.t2) == (vector.get("t1", 0), vector.get("t2", 0))
    assert plan.individual.value == vector["individual"]
    assert (plan.average.value if plan.average else None) == vector.get("average")
    assert (plan.outcome.value, found.outcome.value) == (vector["outcome"], vector["outcome"])
    assert bool(found.reasons) is (found.outcome is not Outcome.WITHIN)


@pytest.mark.parametrize("vector", VECTORS["eu"], ids=lambda vector: vector["name"])
def test_lots_of_the_double_plan(vector: dict[str, Any]) -> None:
    """The published samples of the EU's rule are accepted, rejected or sampled again as printed, beside the plan that judges."""
    values = repeated(vector["first"]) + repeated(vector.get("second", []))
    found = judged(lot(values, "100 g", 100, destructive=vector.get("destructive", False)))
    [beside] = found.beside
    assert beside.individual.value == vector["individual"]
    assert beside.outcome.value == vector["outcome"]
    assert beside.second_sample is vector.get("second_sample", False)
    assert {name: getattr(beside, name) for name in vector["counts"]} == vector["counts"]
    assert everything_said(beside) == vector["said"]
    [plan] = rules().sampling.beside
    assert (beside.plan, beside.document, beside.average) == (plan.id, plan.document, Outcome.WITHIN)
    assert beside.mean
    assert f"{len(repeated(vector['first']))} 件平均 = {beside.mean.shown()}" in "".join(vector["said"])
    assert len(values) >= 50 or found.outcome is not Outcome.WITHIN, "the Chinese plan wants 50"


def test_rates_of_the_national_check() -> None:
    """T20: groups add up to the totals, rates are printed to 0.1 %, and targets are compared in whole numbers."""
    totals = VECTORS["rates"][0]
    sums = [sum(column) for column in zip(*VECTORS["groups"]["rows"], strict=True)]
    assert sums == [totals["lots"], totals["label"][0], totals["content"][0]]
    for vector in VECTORS["rates"]:
        for within, percent in (vector["label"], vector["content"]):
            assert PassRate(within, vector["lots"]).percent == Decimal(percent)
    assert PassRate(95, 100).reaches(95)
    assert not PassRate(9499, 10000).reaches(95), "95.0 % as printed is not 95 %"
    assert not PassRate(0, 0).reaches(0)
    assert PassRate(1, 1).reaches(100)
    assert pass_rate([Outcome.WITHIN, Outcome.UNDECIDED, Outcome.BEYOND]) == PassRate(1, 2, 1)


def test_a_lot_is_known_after_each_reading() -> None:
    """Nothing passes before the last package; a failure that nothing can mend is known at once and stays."""
    outcomes = [judged(lot(A[:count])).outcome for count in range(len(A) + 1)]
    assert outcomes == [Outcome.UNDECIDED] * len(A) + [Outcome.WITHIN]
    failing = [judged(lot(C[:count])).outcome for count in range(len(C) + 1)]
    assert failing == [Outcome.UNDECIDED] * 6 + [Outcome.BEYOND] * 5
    so_far = judged(lot(C[:6])).plan
    assert so_far
    assert texts(so_far.working)[-2:] == ["T1: {t1}, T2: {t2}", "{left} still to read; they can't mend it."]
    half = judged(lot(A[:4])).plan
    assert half
    assert (half.read, half.sample, half.mean) == (4, 10, Quantity(Decimal("499.5"), "g"))
    assert half.working[-1].values == {"t1": "0", "t2": "0", "left": "6", "more": "0"}
    full = judged(lot(C, size=60)).plan
    assert full
    assert full.working[-1].text == "{left} still to read; {more} more T1 and no T2 are allowed."
    assert (full.working[-1].values["left"], full.working[-1].values["more"]) == ("3", "0")


def test_a_missing_reading_never_passes() -> None:
    """A package that was not done leaves the lot undecided, and says why."""
    left_out = [*readings(A[:9]), LotReading(package=10, not_done_because="破包")]
    found = judged(lot(readings=left_out))
    assert found.outcome is Outcome.UNDECIDED
    assert "Package {package} not done: {cause}" in texts(found.reasons)


def test_every_attempt_is_kept() -> None:
    """Read again without a cause the lowest counts; set aside with a cause it does not, and the note says so."""
    again = LotReading(package=6, indication=quantity("500 g"), attempt=2)
    without = judged(lot(readings=[*readings(C), again]))
    assert without.outcome is Outcome.BEYOND
    assert "Package {package} was read {count} times without a cause; the lowest counts." in texts(
        without.notes
    )
    typo = LotReading(package=6, indication=quantity("500 lb"), attempt=2)
    assert judged(lot(readings=[*readings(C), typo])).outcome is Outcome.BEYOND, "a failure is not typed away"
    assert judged(lot(readings=[*readings(A), typo])).outcome is Outcome.UNDECIDED, "nor is it a pass"
    far = LotReading(package=40, indication=quantity("500 lb"))
    assert judged(lot(readings=[*readings(A), far])).outcome is Outcome.WITHIN, "it is not of the sample"
    first = [
        msgspec.structs.replace(each, superseded_because="秤未置零") if each.package == 6 else each
        for each in readings(C)
    ]
    assert not [note for note in judged(lot(C)).notes if note.text.startswith("Package")]
    caused = judged(lot(readings=[*first, again]))
    assert caused.outcome is Outcome.WITHIN
    assert "Package {package}: {indication} set aside: {cause}" in texts(caused.notes)
    assert judged(lot(readings=first)).outcome is Outcome.UNDECIDED, "set aside and not read again"


def test_tare() -> None:
    """Gross readings less the mean packing, or each its own; a packing that was not weighed decides nothing."""
    gross = [str(int(value) + 10) for value in A]
    tares = readings(["9", "10", "11"])
    mean = lot(gross, tare_method=TareMethod.MEAN, tare_readings=tares)
    assert judged(mean).outcome is Outcome.WITHIN
    assert judged(mean).packages[0].net_content == quantity("498 g")
    assert judged(lot(gross, tare_method=TareMethod.MEAN)).outcome is Outcome.UNDECIDED
    own = lot(gross, tare_method=TareMethod.INDIVIDUAL, tare_readings=tares)
    found = judged(own)
    assert [each.net_content.value for each in found.packages] == [499, 501, 498]
    assert found.outcome is Outcome.UNDECIDED
    assert texts(found.reasons).count("Package {package}: the tare is not measured.") == 7
    light = judged(lot(A, tare_method=TareMethod.MEAN, tare_readings=readings(["-5"])))
    assert (light.outcome, light.packages) == (Outcome.UNDECIDED, []), (
        "a tare below nothing would add content"
    )
    heavy = judged(lot(A, tare_method=TareMethod.MEAN, tare_readings=readings(["600"])))
    assert (heavy.outcome, heavy.packages) == (Outcome.UNDECIDED, [])


def test_a_volume_is_found_by_weighing() -> None:
    """Mass ÷ density gives the volume, at the very limit as well; without a density nothing is decided."""
    density = Density(quantity("0.9 g/mL"), quantity("20 °C"))
    # Qn − T = 485 mL weighs 436.5 g; the rest hold so much that the average passes.
    masses = readings(["436.5", *["459"] * 12])
    weighed = lot(nominal="500 mL", size=60, readings=masses, density=density)
    found = judged(weighed)
    assert (found.outcome, found.packages[0].grade) == (Outcome.WITHIN, Grade.NONE)
    assert found.packages[0].working[-1].values["temperature"] == "20 °C"
    short = readings(["436.49", *["459"] * 12])
    assert judged(msgspec.structs.replace(weighed, readings=short)).packages[0].grade is Grade.T1
    unknown = judged(msgspec.structs.replace(weighed, density=None))
    assert (unknown.outcome, unknown.packages) == (Outcome.UNDECIDED, [])
    nothing = Density(quantity("0 g/mL"), quantity("20 °C"))
    assert judged(msgspec.structs.replace(weighed, density=nothing)).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("values", [A, C], ids=["within", "beyond"])
def test_an_unfit_standard_blocks(values: list[str]) -> None:
    """An instrument whose certificate ran out while the lot went on, or none at all, judges nothing, not even a failure."""
    expired = weights(["5 kg"], valid_until=TODAY)
    later = readings(values, on=TODAY + timedelta(days=1))
    assert judged(lot(values, standards=expired)).outcome is not Outcome.UNDECIDED
    blocked = judged(lot(readings=later, standards=expired))
    assert blocked.outcome is Outcome.UNDECIDED
    assert texts(blocked.reasons) == ["The certificate of {nominal} expired on {valid_until}."]
    assert judged(lot(values, standards=[])).outcome is Outcome.UNDECIDED
    gauge = [msgspec.structs.replace(one, sort="pressure") for one in weights(["5 kg"])]
    assert judged(lot(values, standards=gauge)).outcome is Outcome.UNDECIDED, (
        "no content is found with a gauge"
    )
    measure = [msgspec.structs.replace(one, sort="volume") for one in weights(["5 kg"])]
    oil, poured = ["500"] * 10, judged(lot(["500"] * 10, "500 mL", standards=measure))
    assert poured.outcome is Outcome.WITHIN
    assert judged(lot(oil, "500 mL")).outcome is Outcome.UNDECIDED, "no volume is read with weights"
    weighed = lot([], "500 mL", readings=readings(oil), standards=measure)
    weighed = msgspec.structs.replace(weighed, density=Density(quantity("1 g/mL"), quantity("20 °C")))
    assert judged(weighed).outcome is Outcome.UNDECIDED, "nothing is weighed with a volume measure"
    pieces = lot(["100"] * 10, "100 件", standards=[])
    assert judged(pieces).outcome is Outcome.WITHIN, "pieces are counted without an instrument"


def test_an_edition_without_a_plan_judges_nothing() -> None:
    """Where the edition in force has no plan and names none, that is said; the packages are graded all the same."""
    named = 'certainty = "unseen"\njudged_by = "JJF 1070-2005"'
    text = rule_files()["sampling.toml"].decode().replace(named, 'certainty = "seen"')
    unknown = PrepackageRules.parse(rule_files() | {"sampling.toml": text.encode()})
    found = judge_lot(unknown, lot(A))
    assert (found.outcome, found.plan, len(found.packages)) == (Outcome.UNDECIDED, None, 10)
    [reason] = found.reasons
    assert reason == Message(
        "No sampling plan is known for {document}: the lot is not judged.", {"document": "JJF 1070-2023"}
    )


def test_the_words_say_that_the_new_text_was_not_seen() -> None:
    """Since 2024-10-12 the table of 2005 judges and a note names both; before it there is no note."""
    [note] = [each for each in judged(lot(A)).notes if "pending" in each.values]
    assert note.values == {"pending": "JJF 1070-2023", "judging": "JJF 1070-2005"}
    before = judged(lot(readings=readings(A, on=date(2024, 10, 11)), started_at=noon(date(2024, 10, 11))))
    assert (before.outcome, [each for each in before.notes if "pending" in each.values]) == (
        Outcome.WITHIN,
        [],
    )


def test_excluded_goods_are_not_judged() -> None:
    """Medicines are outside the regulation since 2023-06-01."""
    found = judged(lot(A, exclusion="medicine"))
    assert (found.outcome, found.label, found.plan) == (Outcome.UNDECIDED, Outcome.UNDECIDED, None)
    assert texts(found.reasons) == ["{goods} are outside {document}."]
    strange = judged(lot(A, exclusion="nobody knows"))
    assert (strange.outcome, strange.plan) == (Outcome.UNDECIDED, None)
    on = date(2023, 5, 31)
    first_day = date(2023, 6, 1)
    medicine = lot(readings=readings(A, on=first_day), started_at=noon(first_day), exclusion="medicine")
    assert judged(medicine).outcome is Outcome.UNDECIDED
    early = judged(lot(readings=readings(A, on=on), started_at=noon(on), exclusion="medicine"))
    assert early.outcome is Outcome.WITHIN


def test_rounding_is_the_records_own() -> None:
    """125 g short by 5.65 g: within T rounded up to 5.7, beyond T of 5.625; the record says which was set."""
    values = ["119.35"]
    up = judged(lot(values, "125 g", 1))
    none = judged(lot(values, "125 g", 1, rounding=Rounding.NONE))
    assert (up.outcome, none.outcome) == (Outcome.WITHIN, Outcome.BEYOND)
    assert (up.tolerance, none.tolerance) == (quantity("5.7 g"), quantity("5.625 g"))


def test_label_and_content_are_apart() -> None:
    """A wrong label leaves the net content within, a label that was not read is undecided, another quantity is noted."""
    wrong = judged(lot(A, label_text="含量:500g"))
    assert (wrong.outcome, wrong.label) == (Outcome.WITHIN, Outcome.BEYOND)
    assert judged(lot(A, label_text="")).label is Outcome.UNDECIDED
    other = judged(lot(A, label_text="净含量:450g"))
    assert "The label states {stated}; judged was {nominal}." in texts(other.notes)
    assert judged(lot(A, character_height=quantity("4 kg"))).label is Outcome.UNDECIDED


def test_a_record_keeps_the_verdict_without_its_working() -> None:
    """What a record keeps is small, decodes to the same, and loses nothing that can't be worked out again."""
    kept = without_working(judged(lot(A)))
    assert (kept.working, kept.beside, kept.packages[0].working) == ([], [], [])
    whole = lot(A, verdict=kept)
    assert msgspec.json.decode(msgspec.json.encode(whole), type=LotInspection) == whole


nets = st.lists(st.decimals("460", "540", places=2), min_size=1, max_size=14)


def outcome_of(found: LotVerdict) -> tuple[Any, ...]:
    plan = found.plan
    assert plan
    beside = [(each.outcome, each.t1, each.t2, each.second_sample) for each in found.beside]
    return found.outcome, plan.t1, plan.t2, plan.average, plan.mean, plan.deviation, plan.mean_limit, beside


@given(values=nets, order=st.randoms(use_true_random=False), zeros=st.integers(0, 4), kilograms=st.booleans())
def test_verdict_does_not_depend_on_how_it_is_written(
    values: list[Decimal], order: Any, zeros: int, kilograms: bool
) -> None:
    """The order of the readings, more zeros, and g or kg change nothing; the nominal quantity's unit neither."""
    plain = lot(values, size=60)
    changed = [
        msgspec.structs.replace(
            each,
            indication=Quantity(
                (value / 1000 if kilograms else value).quantize(Decimal(1).scaleb(-6 - zeros)),
                "kg" if kilograms else "g",
            ),
        )
        for each, value in zip(plain.readings, values, strict=True)
    ]
    order.shuffle(changed)
    other = msgspec.structs.replace(
        plain, readings=changed, nominal=quantity("0.500 kg" if kilograms else "500.0 g")
    )
    assert outcome_of(judged(other)) == outcome_of(judged(plain))


@given(values=nets)
def test_a_failure_stays_and_litres_are_millilitres(values: list[Decimal]) -> None:
    """What failed before the last package still fails with one more; a volume in L is judged as one in mL."""
    before, after = judged(lot(values[:-1], size=60)), judged(lot(values, size=60))
    assert before.plan
    if before.plan.individual is Outcome.BEYOND:
        assert after.outcome is Outcome.BEYOND
    if len(values) < 13:
        assert after.outcome is not Outcome.WITHIN
    litres = lot([value / 1000 for value in values], "0.5 L", 60)
    assert outcome_of(judged(litres))[:4] == outcome_of(judged(lot(values, "500 mL", 60)))[:4]


def floats_in(value: object) -> bool:
    """Whether a float is anywhere in a structure."""
    if isinstance(value, dict):
        return any(floats_in(each) for each in value.values())
    if isinstance(value, list | tuple):
        return any(floats_in(each) for each in value)
    return isinstance(value, float)


@given(values=nets)
def test_no_float_reaches_a_verdict(values: list[Decimal]) -> None:
    """No part of a verdict is a float, its figures are Decimal."""
    found = judged(lot(values, size=60))
    assert not floats_in(msgspec.to_builtins(found, builtin_types=(Decimal,)))
    assert isinstance(found.packages[0].deficiency.value, Decimal)


@pytest.mark.parametrize(
    "change",
    [
        {"nominal": quantity("500 lb")},
        {"readings": readings(["1e18"] * 10)},
        {"readings": readings(["9e18"] * 10, "t")},
        {"readings": readings(["500"] * 10, "°C")},
        {"nominal": quantity("500 mL"), "density": Density(quantity("1e-20 g/mL"), quantity("20 °C"))},
        {"nominal": quantity("100 件"), "readings": readings(["99.5"] * 10, "件")},
        {"nominal": quantity("60 kg")},
    ],
    ids=["unit", "huge", "beyond", "not a content", "no density", "half pieces", "no T"],
)
def test_nothing_odd_is_raised(change: dict[str, Any]) -> None:
    """Whatever was typed, the verdict is a verdict: undecided with a reason, but for figures that can be judged."""
    found = judged(msgspec.structs.replace(lot(A), **change))
    assert found.outcome is (
        Outcome.WITHIN if change == {"readings": readings(["1e18"] * 10)} else Outcome.UNDECIDED
    )
    assert bool(found.reasons) is (found.outcome is Outcome.UNDECIDED)


def test_many_digits_are_compared_exactly() -> None:
    """A deficiency that is more than T by the last of thirty digits is T1."""
    edge = judged(lot(["485.00000000000000000000000", "484.99999999999999999999999"], size=2))
    assert [each.grade for each in edge.packages] == [Grade.NONE, Grade.T1]
    assert edge.outcome is Outcome.BEYOND


def test_a_mean_at_its_limit_passes() -> None:
    """s is 1 exactly, so the limit is Qn − 0.5: there the mean passes, a ten-thousandth below it fails."""
    nets = [Decimal(text) for text in ("500.5", "498.5", "500.5", "498.5", "499.5")]
    at = average(nets, Decimal(500), Decimal("0.5"))
    assert (at.mean, at.deviation, at.limit) == (Decimal("499.5"), Decimal(1), Decimal("499.5"))
    below = average([net - Decimal("0.0001") for net in nets], Decimal(500), Decimal("0.5"))
    assert (at.outcome, below.outcome) == (Outcome.WITHIN, Outcome.BEYOND)
    alike = average([Decimal(500)] * 2, Decimal(500), Decimal("0.5"))
    assert (alike.deviation, alike.outcome) == (0, Outcome.WITHIN)


def test_packages_beyond_the_sample_do_not_count() -> None:
    """An eleventh package of a sample of ten is noted and changes nothing; with ten there is no note."""
    text = "{count} packages beyond the sample of {sample} were read and do not count."
    assert text not in texts(judged(lot(A)).notes)
    more = judged(lot([*A, "400"]))
    assert (more.outcome, more.plan) == (Outcome.WITHIN, judged(lot(A)).plan)
    assert text in texts(more.notes)


def test_an_empty_package_is_short() -> None:
    """A package that holds nothing was read all the same: it is short by more than 2T."""
    found = judged(lot(["0"]))
    assert (found.outcome, found.packages[0].grade) == (Outcome.BEYOND, Grade.T2)
