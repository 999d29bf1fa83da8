"""Limits and errors of weighing instruments: the published figures, and what must hold for all of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.metrology.judging import Judgement, Outcome, Stage
from shared.metrology.weighing import (
    Partial,
    Rules,
    Scale,
    error_at,
    half_step,
    judge_load,
    judge_price,
    judge_repeatability,
    judge_zero,
    limit_at,
)
from shared.metrology.weighing_limits import WeighingLimits
from shared.quantity import Quantity
from tests.shared.checks import catalogue, vectors
from tests.shared.refusals import refused
from tests.shared.words import everything_said, said

LIMITS = catalogue().limits["weighing-r76"]
assert isinstance(LIMITS, WeighingLimits)
E = Decimal(5)
SHOP = Rules(LIMITS, Scale("III", Decimal(15000), Decimal(100), E, E))
ENDINGS = {
    "{error} ≤ {limit}": Outcome.WITHIN,
    "{error} ± {width} lies wholly within {limit}": Outcome.WITHIN,
    "{error} > {limit}, beyond by {beyond}": Outcome.BEYOND,
    "{error} ± {width} lies wholly beyond {limit}": Outcome.BEYOND,
    "{error} ± {width} reaches over {limit}: undecided": Outcome.UNDECIDED,
    "ΔL = {added} g can't be right: the display jumps within one interval, {interval}": Outcome.UNDECIDED,
}


def rules(accuracy_class: str, e: Decimal, most: Decimal, stage: Stage = Stage.IN_SERVICE) -> Rules:
    """A scale with d = e."""
    return Rules(LIMITS, Scale(accuracy_class, most, e, e, e), stage)


def decimal(vector: dict[str, Any], key: str) -> Decimal | None:
    return Decimal(vector[key]) if key in vector else None


def ending(judgement: Judgement) -> Outcome:
    """What the last line of the working says, leaving out where the limit comes from."""
    said = [ENDINGS[line.text] for line in judgement.working if line.text in ENDINGS]
    assert len(said) == 1
    return said[0]


@pytest.mark.parametrize("vector", vectors("weighing-limits.toml"), ids=lambda vector: vector["name"])
def test_limits_are_the_published_ones(vector: dict[str, Any]) -> None:
    """At each load of a vector the limit is the one of its source, on verification and in service, and the working ends with it."""
    partial = tuple(Partial(Decimal(end), Decimal(e)) for end, e in vector.get("partial", []))
    e = Decimal(vector["e"])
    scale = Scale(vector["accuracy_class"], Decimal(vector["capacity_max"]), e, e, e, partial)
    assert vector["mark"] in {"S", "D", "constructed"}
    for load, initial, in_service in vector["limits"]:
        for stage, expected in (
            (Stage.INITIAL, initial),
            (Stage.SUBSEQUENT, initial),
            (Stage.IN_SERVICE, in_service),
        ):
            limit = limit_at(Rules(LIMITS, scale, stage), Decimal(load))
            assert limit.mpe == Decimal(expected), (load, stage)
            assert str(limit.working.values["limit"]).replace(" g", "") == expected


@pytest.mark.parametrize("accuracy_class", ["II", "III", "IIII"])
def test_no_limit_is_invented_beyond_the_table(accuracy_class: str) -> None:
    """Past the last band of a class there is no limit, rather than the last one going on."""
    last = LIMITS.of_class(accuracy_class).bands[-1].up_to
    assert last
    scale = rules(accuracy_class, E, last * E)
    assert limit_at(scale, last * E).mpe == 3 * E
    load = Quantity(Decimal(last * E + 1) / 1000, "kg").shown()
    with refused("limit_unknown", load=load, accuracy_class=accuracy_class):
        limit_at(scale, last * E + 1)
    with refused("accuracy_class_unknown", accuracy_class="V"):
        limit_at(rules("V", E, last * E), E)
    with refused("accuracy_class_unknown", accuracy_class="?"):
        limit_at(rules("", E, last * E), E)


def test_the_working_says_band_multiple_and_both_limits() -> None:
    """The line of the limit is that of the trade: 2000e is in 500e–2000e, ±1.0e = ±5 g, in service ±10 g."""
    line = limit_at(SHOP, Decimal(10000)).working
    said = line.said(lambda text: text)
    assert said == "10 kg = 2000e; class III 500e–2000e: ±1.0e = ±5 g, in service ±10 g"
    assert limit_at(SHOP, Decimal(2500)).working.values["band"] == "0e–500e"
    verified = limit_at(rules("III", E, Decimal(15000), Stage.INITIAL), Decimal(1000))
    assert everything_said(verified) == ["1 kg = 200e；III 级 0e–500e：±0.5e = ±2.5 g"]
    assert limit_at(SHOP, Decimal("2501.5")).working.values["intervals"] == "500.3"
    assert limit_at(SHOP, Decimal("999.5")).working.values["load"] == "999.5 g"
    first = limit_at(rules("I", E, Decimal(10) ** 7), Decimal(10) ** 7)
    assert first.working.values["band"] == "> 200000e"


@pytest.mark.parametrize("vector", vectors("weighing-errors.toml"), ids=lambda vector: vector["name"])
def test_errors_and_what_they_decide(vector: dict[str, Any]) -> None:
    """Error, doubt and outcome are those of the vector, and the working and what decides are read out as they stand there."""
    found = judge_load(
        SHOP,
        load=Decimal(vector["load"]),
        indication=Decimal(vector["indication"]),
        added=decimal(vector, "added"),
        jumped=vector.get("jumped"),
        zero_error=decimal(vector, "zero"),
    )
    assert found.error_of_indication == Decimal(vector["error"])
    assert found.half_width == Decimal(vector.get("half_width", 0))
    assert found.outcome is Outcome(vector["outcome"])
    assert ending(found) is found.outcome
    assert (found.finer is None) == (found.outcome is not Outcome.UNDECIDED)
    assert everything_said(found) == vector["said"]


@given(
    accuracy_class=st.sampled_from(["I", "II", "III", "IIII"]),
    e=st.sampled_from(["0.1", "1", "2", "5", "10", "20000"]).map(Decimal),
    loads=st.lists(st.decimals(0, 1000, places=3), min_size=2, max_size=2),
)
def test_the_limit_never_falls_with_the_load(accuracy_class: str, e: Decimal, loads: list[Decimal]) -> None:
    """A greater load never has a smaller limit, and in service it is just twice that of the verification."""
    low, high = (load * e for load in sorted(loads))
    here = rules(accuracy_class, e, 1000 * e)
    assert limit_at(here, low).mpe <= limit_at(here, high).mpe
    assert limit_at(here, low).mpe == 2 * limit_at(rules(accuracy_class, e, 1000 * e, "initial"), low).mpe


@given(
    band=st.sampled_from(
        [(each.accuracy_class, band) for each in LIMITS.mpe for band in each.bands if band.up_to]
    ),
    e=st.decimals("0.001", "50", places=3),
)
def test_a_boundary_belongs_to_the_band_below(band: tuple[str, Any], e: Decimal) -> None:
    """A load of just ``up_to`` intervals still has the smaller limit, whatever e is."""
    accuracy_class, here = band
    found = limit_at(rules(accuracy_class, e, 10**6 * e), here.up_to * e)
    assert found.mpe == here.multiple * e * 2


THOUSANDTHS = st.integers(-5000, 5000).map(lambda number: E * number / 1000)
"""True errors up to five intervals, in thousandths of one."""


def shows(mass: Decimal) -> Decimal:
    """What a perfect digital display shows of a mass: rounded to the nearest interval, up from the middle."""
    return (mass / E + Decimal("0.5")).to_integral_value("ROUND_FLOOR") * E


@given(
    true=THOUSANDTHS,
    zero=st.integers(-250, 250).map(lambda number: E * number / 1000),
    load=st.sampled_from([100, 2500, 5000, 10000, 15000]).map(Decimal),
    way=st.sampled_from(["plain", "finer", "half"]),
    zero_measured=st.booleans(),
)
def test_no_verdict_contradicts_the_true_error(
    true: Decimal, zero: Decimal, load: Decimal, way: str, zero_measured: bool
) -> None:
    """Against a simulated scale whose true error is known: within and beyond are always true; measured finely it always decides."""
    limit = limit_at(SHOP, load).mpe
    indication, added, jumped = shows(load + true), None, None
    if way == "finer":
        added = indication + E / 2 - load - true
    elif way == "half":
        assume(half_step(SHOP, load, indication))
        added = half_step(SHOP, load, indication)
        assert added is not None
        jumped = shows(load + true + added) > indication
        # Just on the step a real display wavers; no rule is asked to read that.
        assume(abs(true) != limit)
    found = judge_load(
        SHOP,
        load=load,
        indication=indication,
        added=added,
        jumped=jumped,
        zero_error=zero if zero_measured else None,
    )
    assert found.outcome is not Outcome.WITHIN or abs(true - zero) <= limit
    assert found.outcome is not Outcome.BEYOND or abs(true - zero) > limit
    assert ending(found) is found.outcome
    if way == "finer" and zero_measured:
        assert found.outcome is not Outcome.UNDECIDED
        assert found.error_of_indication == true - zero


@pytest.mark.parametrize(
    ("added", "believed"),
    [("0", True), ("5", True), ("5.5", True), ("5.51", False), ("-0.1", False)],
)
def test_a_display_jumps_within_an_interval(added: str, believed: bool) -> None:
    """From nothing up to an interval and a tenth of e more ΔL can be right; less or more can't, and says how much it may be."""
    found = error_at(SHOP.scale, Decimal(1000), Decimal(1000), Decimal(added))
    assert found.believable is believed
    jumped, stayed = (
        error_at(SHOP.scale, Decimal(1000), Decimal(1000), Decimal(added), way) for way in (True, False)
    )
    assert jumped.believable is believed
    assert stayed.believable is (believed and added != "5.5")
    fine = Scale("III", Decimal(15000), Decimal(100), E, Decimal(1))
    assert error_at(fine, Decimal(1000), Decimal(1000), Decimal("1.5")).believable
    assert not error_at(fine, Decimal(1000), Decimal(1000), Decimal("1.6")).believable


def test_small_weights_say_nothing_of_a_beam() -> None:
    """A beam or dial has no display that jumps: added weights are refused, and what it does not resolve is not made finer."""
    beam = Scale("III", Decimal(15000), Decimal(100), E, E, digital=False)
    with refused("no_display_jumps"):
        error_at(beam, Decimal(1000), Decimal(1000), Decimal(1))
    found = judge_load(Rules(LIMITS, beam), load=Decimal(10000), indication=Decimal(10010))
    assert found.finer
    assert said(found.finer) == "分度不足以分辨；请送检。"
    assert half_step(Rules(LIMITS, beam), Decimal(10000), Decimal(10010)) is None


def test_half_a_step_is_offered_just_at_the_limit() -> None:
    """Only a reading at the limit, on a scale with d = e, is decided by half an interval; both signs say what a jump means."""
    assert half_step(SHOP, Decimal(10000), Decimal(10010)) == Decimal("2.5")
    assert half_step(SHOP, Decimal(10000), Decimal(9990)) == Decimal("2.5")
    assert half_step(SHOP, Decimal(10000), Decimal(10005)) is None
    fine = Rules(LIMITS, Scale("III", Decimal(15000), Decimal(100), E, Decimal(1)))
    assert half_step(fine, Decimal(10000), Decimal(10010)) is None
    over = judge_load(SHOP, load=Decimal(10000), indication=Decimal(10010))
    under = judge_load(SHOP, load=Decimal(10000), indication=Decimal(9990))
    assert over.finer
    assert under.finer
    assert over.finer.text.startswith("Add {half}: if the display jumps, the error is over")
    assert under.finer.text.startswith("Add {half}: if the display stays, the error is over")


def test_multi_interval_resolution_goes_by_the_display() -> None:
    """In the upper range of a 15/30 kg scale a reading is known to half of 10 g, not of 5 g."""
    partial = (Partial(Decimal(15000), E), Partial(Decimal(30000), 2 * E))
    scale = Scale("III", Decimal(30000), Decimal(100), E, E, partial)
    assert error_at(scale, Decimal(15000), Decimal(15000)).half_width == Decimal("2.5")
    assert error_at(scale, Decimal(20000), Decimal(20010)).half_width == E
    assert error_at(scale, Decimal(20000), Decimal(20010), Decimal(3)).value == Decimal(12)
    # A display that shows more than Max counts as it does at Max.
    assert error_at(scale, Decimal(30000), Decimal(30010)).half_width == E
    three = Scale("III", Decimal(60000), Decimal(100), E, E, (*partial, Partial(Decimal(60000), 4 * E)))
    assert [three.e_at(Decimal(load)) for load in (15000, 30000, 30010, 60010)] == [E, 2 * E, 4 * E, 4 * E]
    both = Rules(LIMITS, scale)
    at_limit = judge_load(both, load=Decimal(20000), indication=Decimal(20020))
    assert everything_said(at_limit)[-1] == "加 5 g 小砝码：示值跳变即超限。或每次加 1 g，直到跳变。"
    near = judge_load(both, load=Decimal(20000), indication=Decimal(20020), added=Decimal(20))
    assert everything_said(near)[-1] == "每次加 1 g 小砝码，直到示值跳变。"
    inside = judge_load(both, load=Decimal(20000), indication=Decimal(20010), zero_error=Decimal(-8))
    assert everything_said(inside)[-1] == "每次加 1 g 小砝码，直到示值跳变。"
    far = judge_load(both, load=Decimal(20000), indication=Decimal(20020), zero_error=Decimal("0.3"))
    assert everything_said(far)[-1] == "加 5 g 小砝码：示值跳变即超限。或每次加 1 g，直到跳变。"
    wide = [error_at(scale, Decimal(20000), Decimal(text)) for text in ("20010", "19990")]
    assert (
        everything_said(judge_repeatability(both, Decimal(20000), wide))[-1]
        == "每次加 1 g 小砝码，直到示值跳变。"
    )
    finely = Rules(LIMITS, Scale("III", Decimal(15000), Decimal(100), E, Decimal(1)))
    open_one = judge_load(finely, load=Decimal(10000), indication=Decimal(10010))
    assert everything_said(open_one)[-1] == "每次加 0.5 g 小砝码，直到示值跳变。"
    zero = judge_zero(both, Decimal(0), Decimal(9))
    assert everything_said(zero)[-1] == "每次加 0.5 g 小砝码，直到示值跳变。"
    # At 20 kg the limit is that of 2000 intervals of 10 g, and half of such an interval decides there.
    assert half_step(both, Decimal(20000), Decimal(20020)) == E


@pytest.mark.parametrize(
    ("indication", "added", "outcome", "said"),
    [
        (
            "0",
            None,
            Outcome.WITHIN,
            ["置零后显示为零；零点误差未细测。", "0 g ± 1.25 g 整段在限值 1.25 g 之内"],
        ),
        (
            "5",
            None,
            Outcome.BEYOND,
            [
                "误差 = 示值 − 载荷 = 5 − 0 = +5 g",
                "读数分辨 ±½d = ±2.5 g",
                "5 g ± 2.5 g 整段在限值 1.25 g 之外",
            ],
        ),
        (
            "-5",
            None,
            Outcome.BEYOND,
            [
                "误差 = 示值 − 载荷 = −5 − 0 = −5 g",
                "读数分辨 ±½d = ±2.5 g",
                "5 g ± 2.5 g 整段在限值 1.25 g 之外",
            ],
        ),
        (
            "0",
            "1.25",
            Outcome.WITHIN,
            ["误差 E = 示值 + ½d − ΔL − 载荷 = 0 + 2.5 − 1.25 − 0 = +1.25 g", "1.25 g ≤ 1.25 g"],
        ),
        (
            "0",
            "1.2",
            Outcome.BEYOND,
            [
                "误差 E = 示值 + ½d − ΔL − 载荷 = 0 + 2.5 − 1.2 − 0 = +1.3 g",
                "1.3 g > 1.25 g，超出 0.05 g",
            ],
        ),
        (
            "0",
            "3.75",
            Outcome.WITHIN,
            ["误差 E = 示值 + ½d − ΔL − 载荷 = 0 + 2.5 − 3.75 − 0 = −1.25 g", "1.25 g ≤ 1.25 g"],
        ),
        (
            "0",
            "3.8",
            Outcome.BEYOND,
            [
                "误差 E = 示值 + ½d − ΔL − 载荷 = 0 + 2.5 − 3.8 − 0 = −1.3 g",
                "1.3 g > 1.25 g，超出 0.05 g",
            ],
        ),
        (
            "0",
            "6",
            Outcome.UNDECIDED,
            ["ΔL = 6 g 不对：示值在一个分度 5 g 内就会跳变", "每次加 0.5 g 小砝码，直到示值跳变。"],
        ),
        (
            "5",
            "6",
            Outcome.UNDECIDED,
            ["ΔL = 6 g 不对：示值在一个分度 5 g 内就会跳变", "每次加 0.5 g 小砝码，直到示值跳变。"],
        ),
    ],
)
def test_zero_within_a_quarter_interval(
    indication: str, added: str | None, outcome: Outcome, said: list[str]
) -> None:
    """E0 within ±0.25e, both ends included; a display set to zero is taken as set, and leaves ±0.25e."""
    found = judge_zero(SHOP, Decimal(indication), Decimal(added) if added else None)
    assert found.outcome is outcome
    assert found.limit == Decimal("1.25")
    assert ending(found) is outcome
    assert [line for line in everything_said(found) if line != "零点：±0.25e = ±1.25 g"] == said
    if added is None and indication == "0":
        assert (found.error_of_indication, found.half_width) == (0, Decimal("1.25"))
    elif outcome is not Outcome.UNDECIDED:
        shown = Decimal(indication) if added is None else Decimal(indication) + E / 2 - Decimal(added)
        assert (found.error_of_indication, found.half_width) == (shown, 0 if added else E / 2)


@pytest.mark.parametrize(
    ("readings", "outcome"),
    [
        (["7500", "7500", "7500"], Outcome.WITHIN),
        (["7500", "7505", "7500"], Outcome.WITHIN),
        (["7500", "7505", "7495"], Outcome.UNDECIDED),
        (["7510", "7500", "7495"], Outcome.UNDECIDED),
        (["7510", "7505", "7490"], Outcome.BEYOND),
        (["7505/2.5", "7495/2.5"], Outcome.WITHIN),
        (["7505/2", "7495/2.5"], Outcome.BEYOND),
        (["7505/2.5", "7495"], Outcome.UNDECIDED),
    ],
)
def test_repeats_within_the_limit_of_their_load(readings: list[str], outcome: Outcome) -> None:
    """The spread against |mpe| at 7.5 kg, 10 g in service, inclusive; what the display does not resolve widens it."""
    errors = []
    for text in readings:
        indication, _, added = text.partition("/")
        errors.append(
            error_at(SHOP.scale, Decimal(7500), Decimal(indication), Decimal(added) if added else None)
        )
    found = judge_repeatability(SHOP, Decimal(7500), errors)
    assert (found.outcome, found.limit) == (outcome, Decimal(10))
    assert ending(found) is outcome
    assert (found.finer is None) is (outcome is not Outcome.UNDECIDED)
    spread = max(each.value for each in errors) - min(each.value for each in errors)
    doubt = sum(sorted(each.half_width for each in errors)[-2:])
    assert (found.error_of_indication, found.half_width) == (spread, doubt)


def test_a_spread_is_read_out() -> None:
    """Highest less lowest, each with its sign, against the limit of their load, and what would decide."""
    errors = [error_at(SHOP.scale, Decimal(7500), Decimal(text)) for text in ("7500", "7505", "7495")]
    found = judge_repeatability(SHOP, Decimal(7500), errors)
    assert everything_said(found) == [
        "重复性 =（+5 g）−（−5 g）= 10 g",
        "7.5 kg = 1500e；III 级 500e–2000e：±1.0e = ±5 g，在用 ±10 g",
        "10 g ± 5 g 跨过限值 10 g：无法判定",
        "每次加 0.5 g 小砝码，直到示值跳变。",
    ]


@given(
    errors=st.lists(THOUSANDTHS.map(lambda error: error / 3), min_size=2, max_size=4),
    fine=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_no_spread_contradicts_the_true_one(errors: list[Decimal], fine: list[bool]) -> None:
    """Against true errors: the spread is called within or beyond only when it is, however the repeats were read."""
    load = Decimal(7500)
    known = []
    for true, finely in zip(errors, fine, strict=False):
        indication = shows(load + true)
        known.append(
            error_at(SHOP.scale, load, indication, indication + E / 2 - load - true if finely else None)
        )
    found = judge_repeatability(SHOP, load, known)
    spread = max(errors) - min(errors)
    assert found.outcome is not Outcome.WITHIN or spread <= found.limit
    assert found.outcome is not Outcome.BEYOND or spread > found.limit


@pytest.mark.parametrize(
    ("price", "load", "amount", "outcome", "off"),
    [
        ("10.00", "2500", "25.00", Outcome.WITHIN, "0"),
        ("3.33", "2500", "8.32", Outcome.WITHIN, "-0.005"),
        ("3.33", "2500", "8.33", Outcome.WITHIN, "0.005"),
        ("3.33", "2500", "8.31", Outcome.UNDECIDED, "-0.015"),
        ("3.33", "2500", "8.30", Outcome.BEYOND, "-0.025"),
        ("19.99", "1335", "26.69", Outcome.WITHIN, "0.00335"),
        ("19.99", "1335", "26.68", Outcome.BEYOND, "-0.00665"),
        ("10.00", "2500", "24.95", Outcome.UNDECIDED, "-0.05"),
        ("10.00", "2500", "25.05", Outcome.UNDECIDED, "0.05"),
        ("1.00", "2500", "2.51", Outcome.UNDECIDED, "0.01"),
        ("10.00", "2500", "24.90", Outcome.BEYOND, "-0.1"),
        ("10.00", "2500", "25.10", Outcome.BEYOND, "0.1"),
        ("10.00", "2500", "0.00", Outcome.BEYOND, "-25"),
    ],
)
def test_amount_is_price_times_weight(price: str, load: str, amount: str, outcome: Outcome, off: str) -> None:
    """Rounded to the fen, either way from the middle; an amount of a weight that may have been shown does not decide."""
    found = judge_price(SHOP, Decimal(price), Decimal(load), Decimal(amount))
    assert found.outcome is outcome
    assert (found.finer is None) == (outcome is not Outcome.UNDECIDED)
    assert (found.error_of_indication, found.half_width, found.limit) == (Decimal(off), 0, Decimal("0.005"))


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("8.32", []),
        ("8.31", ["8.31 与 2.495 kg 相符：当时示值可能如此，无法判定", "请在示值为 2.5 kg 时再读一次金额。"]),
        ("8.30", ["金额错误超出 0.01 元的舍入。"]),
    ],
)
def test_an_amount_is_read_out(amount: str, said: list[str]) -> None:
    """Price, weight, the exact amount and the one shown, and what follows from them."""
    found = judge_price(SHOP, Decimal("3.33"), Decimal(2500), Decimal(amount))
    assert everything_said(found) == [f"金额 = 3.33 × 2.5 kg = 8.325；显示 {amount}", *said]
    either = judge_price(SHOP, Decimal(1), Decimal(10000), Decimal("10.01")).working[-1]
    assert either.values["weight"] == "10.005 kg", "of two weights that fit the lighter one is named"


def test_amount_goes_by_the_weight_displayed() -> None:
    """Where the display showed 2.505 kg with 2.5 kg on, 10.00 yuan a kilogram make 25.05 yuan."""
    found = judge_price(SHOP, Decimal(10), Decimal(2500), Decimal("25.05"), Decimal(2505))
    assert found.outcome is Outcome.WITHIN
    assert found.error_of_indication == 0
