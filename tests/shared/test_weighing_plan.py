"""What a scale's plan asks for, which scales there can be, and which loads some weights make."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from shared.inspection import InstrumentFacts, PlannedPoint, PointRole, StandardUsed
from shared.instrument import PartialRange
from shared.metrology.judges import judge_of
from shared.metrology.judging import Stage
from shared.metrology.weighing import Rules, Scale
from shared.metrology.weighing_check import WeighingJudge
from shared.metrology.weighing_limits import Band, WeighingLimits, check_weighing
from shared.metrology.weighing_plan import loads_that_can_be_made, named_load, nearest, own_limit, scale_of
from shared.quantity import Quantity
from tests.shared.checks import TODAY, catalogue, planned, quantity, scale, weights
from tests.shared.families import facts_of, standards_of
from tests.shared.refusals import refused
from tests.shared.words import said

LIMITS = catalogue().limits["weighing-r76"]
assert isinstance(LIMITS, WeighingLimits)
E = Decimal(5)
SHOP = Rules(LIMITS, Scale("III", Decimal(15000), Decimal(100), E, E))


def rows(points: Sequence[PlannedPoint]) -> list[tuple[str, ...]]:
    """Each point as the form shows it."""
    return [
        (
            each.key,
            said(each.title),
            said(each.instruction),
            said(each.basis) if each.basis else "",
            each.reference.shown(),
            f"{each.same} {each.unit}",
            each.limit.shown() if each.limit else "",
        )
        for each in points
    ]


def test_a_shop_scales_plan_is_read_out() -> None:
    """Zero, repeats, loads, corners, tare and price: what to do, with what, whose limit it is, and what stands there if all is right."""
    points = planned(scale(), weights())
    repeat = "清空秤盘，放 7.5 kg，读示值"
    assert rows(points) == [
        ("zero", "零点", "清空秤盘，置零，读示值", "", "0 kg", "0.000 kg", "1.25 g"),
        *(
            (f"repeatability:{number}", f"重复 {number}", f"第 {number} 次：{repeat}", "III 级 使用中 · 1500e", "7.5 kg", "7.500 kg", "10 g")
            for number in (1, 2, 3)
        ),
        ("load:100 g", "100 g", "放上 100 g 砝码，读示值", "III 级 使用中 · 20e", "0.1 kg", "0.100 kg", "5 g"),
        ("load:2.5 kg", "2.5 kg", "放上 2.5 kg 砝码，读示值", "III 级 使用中 · 500e", "2.5 kg", "2.500 kg", "5 g"),
        ("load:10 kg", "10 kg", "放上 10 kg 砝码，读示值", "III 级 使用中 · 2000e", "10 kg", "10.000 kg", "10 g"),
        ("load:15 kg", "15 kg", "放上 15 kg 砝码，读示值", "III 级 使用中 · 3000e", "15 kg", "15.000 kg", "15 g"),
        *(
            (f"eccentricity:{number}", f"偏载 {number}", f"把 5 kg 放在第 {number} 角，读示值", "III 级 使用中 · 1000e", "5 kg", "5.000 kg", "10 g")
            for number in (1, 2, 3, 4)
        ),
        ("tare", "去皮", "放上袋或盆，按去皮，再加 2.5 kg，读净重", "III 级 使用中 · 500e", "2.5 kg", "2.500 kg", "5 g"),
        ("price", "计价", "放 2.5 kg，输入单价 10.00 元/kg，读金额", "", "2.5 kg", "25.00 元", "0.005 元"),
    ]  # fmt: skip
    price = points[-1]
    assert (price.unit_price, price.decimals, price.finer_possible) == (Decimal("10.00"), 2, False)
    for each in points[:-1]:
        assert (each.unit_price, each.decimals, each.finer_possible, each.inputs) == (None, 3, True, [])
        assert (each.limit_below, each.zone, each.reference_read) == (None, "", False)


@pytest.mark.parametrize(
    ("kind", "decimals", "first", "finer"),
    [
        ("truck-scale", 2, ("load:400 kg", "400 kg", "0.4 t", "0.40 t", "20000 g"), True),
        ("electronic-balance", 4, ("load:0.1 g", "0.1 g", "0.1 g", "0.1000 g", "0.001 g"), True),
        ("mechanical-scale", 2, ("load:1 kg", "1 kg", "1 kg", "1.00 kg", "50 g"), False),
        ("electronic-bench-scale", 2, ("load:400 g", "400 g", "0.4 kg", "0.40 kg", "20 g"), True),
    ],
)
def test_points_are_written_as_the_display_shows_them(
    kind: str, decimals: int, first: tuple[str, ...], finer: bool
) -> None:
    """In the unit of Max, with the decimals of d; small weights only where there is a display; no price where none is computed."""
    points = planned(facts_of(kind), standards_of(kind))
    assert {each.decimals for each in points} == {decimals}
    assert {each.finer_possible for each in points} == {finer}
    assert PointRole.PRICE not in {each.role for each in points}
    load = next(row for row in rows(points) if row[0].startswith("load:"))
    assert (load[0], load[1], *load[4:]) == first


@pytest.mark.parametrize(
    ("supports", "corners", "load"),
    [(None, 3, "20400 kg"), ("3", 3, "20400 kg"), ("4", 4, "20400 kg"), ("5", 5, "20400 kg"), ("6", 6, "20000 kg"), ("11", 11, "10000 kg")],
)  # fmt: skip
def test_corners_go_by_the_supports(supports: str | None, corners: int, load: str) -> None:
    """One for each support with Max/(n − 1) from five on; up to four, and where nobody knows, with Max over the kind's divisor."""
    plate = {"supports": quantity(f"{supports} 1")} if supports else {}
    facts = msgspec.structs.replace(facts_of("truck-scale"), nameplate=plate)
    found = [
        each for each in planned(facts, standards_of("truck-scale")) if each.role is PointRole.ECCENTRICITY
    ]
    assert len(found) == corners
    assert f"把 {load} 放在" in said(found[0].instruction)


def bench(**changes: Any) -> InstrumentFacts:
    """A scale of class III, Max 15 kg, e = d = 5 g, changed."""
    given = {
        name: quantity(text) if isinstance(text, str) and name != "accuracy_class" else text
        for name, text in changes.items()
    }
    return scale(**given)  # fmt: skip


def ranges(*pairs: tuple[str, str]) -> list[PartialRange]:
    """Partial ranges."""
    return [PartialRange(quantity(end), quantity(e)) for end, e in pairs]


@pytest.mark.parametrize(
    ("changes", "least", "d"),
    [
        ({}, 100, 5),
        ({"capacity_min": None}, 100, 5),
        ({"capacity_min": "200 g"}, 200, 5),
        ({"actual_scale_interval": None}, 100, 5),
        ({"actual_scale_interval": "0.5 g"}, 100, "0.5"),
        ({"capacity_max": "2.5 kg"}, 100, 5),
        ({"capacity_max": "50 kg"}, 100, 5),
        ({"verification_scale_interval": "2 g", "actual_scale_interval": None, "capacity_max": "200 g", "capacity_min": None}, 40, 2),
        ({"capacity_max": "30 kg", "partial_ranges": ranges(("15 kg", "5 g"), ("30 kg", "10 g"))}, 100, 5),
        ({"capacity_max": "60 kg", "partial_ranges": ranges(("30 kg", "5 g"), ("60 kg", "10 g"))}, 100, 5),
        ({"accuracy_class": "IIII", "capacity_max": "5 kg", "capacity_min": None}, 50, 5),
        ({"accuracy_class": "", "capacity_min": None}, 100, 5),
    ],
)  # fmt: skip
def test_a_scale_that_can_be_is_taken(changes: dict[str, Any], least: int, d: int | str) -> None:
    """Just as few or as many intervals as its class knows, d from a tenth of e up; what the plate leaves out is the class's."""
    found = scale_of(bench(**changes), LIMITS, "III")
    assert (found.capacity_min, found.d) == (least, Decimal(d))
    assert found.digital


@pytest.mark.parametrize(
    "changes",
    [
        {"capacity_max": "2.495 kg"},
        {"capacity_max": "50.005 kg"},
        {"actual_scale_interval": "0.499 g"},
        {"actual_scale_interval": "5.001 g"},
        {"actual_scale_interval": "0 g"},
        {"actual_scale_interval": "-1 g"},
        {"verification_scale_interval": "3 g", "actual_scale_interval": None},
        {"verification_scale_interval": "0.05 g", "actual_scale_interval": None},
        {"partial_ranges": ranges(("7.5 kg", "5 g"), ("14 kg", "10 g"))},
        {"partial_ranges": ranges(("7.5 kg", "2 g"), ("15 kg", "10 g"))},
        {"partial_ranges": ranges(("7.5 kg", "5 g"), ("15 kg", "5 g"))},
        {"partial_ranges": ranges(("15 kg", "5 g"), ("15 kg", "10 g"))},
        {"partial_ranges": ranges(("15 kg", "10 g"), ("7.5 kg", "5 g"))},
        {"capacity_max": "60 kg", "partial_ranges": ranges(("55 kg", "5 g"), ("60 kg", "10 g"))},
    ],
)
def test_a_scale_that_can_not_be_is_refused(changes: dict[str, Any]) -> None:
    """Too few or too many intervals, d beyond e or below a tenth of it, an e that the class lacks, ranges that do not go up to Max."""
    facts = bench(**changes)
    assert facts.capacity_max
    assert facts.verification_scale_interval
    with refused(
        "scale_impossible",
        capacity_max=facts.capacity_max.shown(),
        e=facts.verification_scale_interval.shown(),
        accuracy_class="III",
    ):
        scale_of(facts, LIMITS, "III")


@pytest.mark.parametrize("missing", ["capacity_max", "verification_scale_interval"])
def test_a_scale_needs_max_and_e(missing: str) -> None:
    """Either of them missing is said."""
    with refused("scale_incomplete"):
        scale_of(bench(**{missing: None}), LIMITS, "III")


def carried(*nominals: str, own: str = "0.1 g", count: int = 1, sort: str = "weight") -> list[StandardUsed]:
    """Weights whose certificate says how far they may be off."""
    return [
        msgspec.structs.replace(one, largest_error=quantity(own), count=count, sort=sort)
        for one in weights(nominals, accuracy_class="X9")
    ]


def made(standards: list[StandardUsed], rules: Rules = SHOP) -> dict[str, str]:
    """The loads that they make and what their own limits add up to."""
    return {str(load): str(own) for load, own in loads_that_can_be_made(standards, rules).items()}


def test_loads_are_sums_of_the_weights_carried() -> None:
    """Every sum from Min to Max that the display can show, ascending, with the own limits added; a weight counts as often as it is there."""
    assert made(carried("100 g", "200 g")) == {"100": "0.1", "200": "0.1", "300": "0.2"}
    assert made(carried("100 g", count=3)) == {"100": "0.1", "200": "0.2", "300": "0.3"}
    assert made(carried("100 g", count=0)) == {}
    assert made(carried("50 g", "7 g", "60 g", "3 g")) == {"110": "0.2"}
    assert made(carried("10 kg", "5 kg", "1 g", "200 g")) == {
        "200": "0.1",
        "5000": "0.1",
        "5200": "0.2",
        "10000": "0.1",
        "10200": "0.2",
        "15000": "0.2",
    }
    assert made([*carried("200 g", sort="pressure"), *carried("100 g")]) == {"100": "0.1"}


def test_of_two_ways_to_a_load_the_finer_counts() -> None:
    """One certified weight of 200 g instead of two coarse ones of 100 g, whichever comes first; unknown ones are infinitely coarse."""
    coarse, fine = carried("100 g", own="0.5 g", count=2), carried("200 g", own="0.1 g")
    for standards in ([*coarse, *fine], [*fine, *coarse]):
        assert made(standards)["200"] == "0.1"
    assert made([*weights(["100 g"], accuracy_class="X9"), *fine]) == {
        "100": "Infinity",
        "200": "0.1",
        "300": "Infinity",
    }


def test_a_load_of_two_ranges_must_be_one_that_each_display_shows() -> None:
    """Above 15 kg a 15/30 kg scale counts in 10 g, so that 15.005 kg is no load of it."""
    facts = bench(capacity_max="30 kg", partial_ranges=ranges(("15 kg", "5 g"), ("30 kg", "10 g")))
    both = Rules(LIMITS, scale_of(facts, LIMITS, "III"))
    assert set(made(carried("15 kg", "5 g", "5 g", "10 kg"), both)) == {
        "10000", "10005", "10010", "15000", "15010", "25000", "25010",
    }  # fmt: skip


def test_what_a_weight_may_be_off_by() -> None:
    """By its class, else by its certificate in any unit, else nobody knows."""
    [by_class] = weights(["5 kg"])
    assert own_limit(by_class, SHOP) == Decimal("0.25")
    assert own_limit(carried("5 kg", own="25 mg")[0], SHOP) == Decimal("0.025")
    assert own_limit(weights(["5 kg"], accuracy_class="X9")[0], SHOP) == Decimal("Infinity")
    odd = msgspec.structs.replace(by_class, nominal=quantity("7.5 g"), largest_error=quantity("1 mg"))
    assert own_limit(odd, SHOP) == Decimal("0.001")


def test_loads_have_names() -> None:
    """Min, half of Max, Max, and multiples of e, never above Max; the nearest is the largest not above, else the smallest."""
    named = [
        named_load(name, SHOP.scale) for name in ("min", "half", "max", "500e", "2000e", "3000e", "3001e")
    ]
    assert named == [100, 7500, 15000, 2500, 10000, 15000, 15000]
    loads = [Decimal(load) for load in (100, 200, 300)]
    assert [nearest(loads, Decimal(wanted)) for wanted in (99, 100, 250, 300, 1000)] == [
        100,
        100,
        200,
        300,
        300,
    ]


def test_a_judge_without_a_procedure_plans_nothing() -> None:
    """Where only the limits are known, or no weight makes a load, nothing is asked for."""
    judge = judge_of(catalogue(), scale(), TODAY)
    assert isinstance(judge, WeighingJudge)
    bare = WeighingJudge(LIMITS, None, scale(), "III", Stage.IN_SERVICE, TODAY)
    assert bare.rules.scale.digital
    assert bare.plan(weights()) == []
    assert judge.plan(weights(["50 g"])) == []
    assert judge.plan([]) == []


def test_a_multi_interval_scale_shows_the_smallest_interval() -> None:
    """Its points have the decimals of e of the first range."""
    facts = bench(
        capacity_max="30 kg",
        actual_scale_interval="5 g",
        partial_ranges=ranges(("15 kg", "5 g"), ("30 kg", "10 g")),
    )
    points = planned(facts, weights(["20 kg", "10 kg", "5 kg"]))
    assert {each.decimals for each in points if each.role is not PointRole.PRICE} == {3}  # fmt: skip


def banded(*bands: tuple[str, int | None]) -> WeighingLimits:
    """The limits with other bands for their first class."""
    first = msgspec.structs.replace(
        LIMITS.mpe[0], bands=[Band(Decimal(multiple), up_to) for multiple, up_to in bands]
    )
    return msgspec.structs.replace(LIMITS, mpe=[first, *LIMITS.mpe[1:]])


def replaced(**changes: Any) -> WeighingLimits:
    """The limits with something else in them."""
    return msgspec.structs.replace(LIMITS, **changes)


@pytest.mark.parametrize(
    ("limits", "key", "reason"),
    [
        (replaced(stages={}), "stages.initial", "the factor is missing or not more than 0"),
        (replaced(stages=LIMITS.stages | {Stage.IN_SERVICE: Decimal(0)}), "stages.in_service", "the factor is missing or not more than 0"),
        (replaced(zero_multiple=Decimal(0)), "zero_multiple", "must be more than 0"),
        (replaced(amount_step=Decimal("-0.01")), "amount_step", "must be more than 0"),
        (replaced(weights=msgspec.structs.replace(LIMITS.weights, divisor=0)), "weights.divisor", "must be more than 0"),
        (banded(), "mpe[0].bands", "only the last band may be without end"),
        (banded(("0.5", None), ("1", 100)), "mpe[0].bands", "only the last band may be without end"),
        (banded(("0.5", 100), ("1", None), ("1.5", 200)), "mpe[0].bands", "only the last band may be without end"),
        (banded(("0.5", 100), ("1", 100)), "mpe[0].bands", "the bands must go up"),
        (banded(("0.5", 100), ("0.5", 200)), "mpe[0].bands", "the bands must go up"),
        (banded(("0", 100)), "mpe[0].bands", "the bands must go up"),
        (banded(("0.5", 0)), "mpe[0].bands", "the bands must go up"),
        (replaced(mpe=[*LIMITS.mpe, LIMITS.mpe[0]]), "mpe", "two tables are for the same class"),
    ],
)  # fmt: skip
def test_limits_that_are_none_are_refused(limits: WeighingLimits, key: str, reason: str) -> None:
    """The file, the place and the reason are named."""
    with refused("catalogue_invalid", file="limits-x.toml", key=key, reason=reason):
        check_weighing("limits-x.toml", limits)


def test_limits_just_sound_are_taken() -> None:
    """One band, with an end or without, factors and steps just above nought, and a divisor of one."""
    check_weighing("limits-x.toml", LIMITS)
    for bands in ([("0.001", 1)], [("0.5", None)], [("0.5", 1), ("1", None)]):
        check_weighing("limits-x.toml", banded(*bands))
    tiny = dict.fromkeys(Stage, Decimal("0.5"))
    one = msgspec.structs.replace(LIMITS.weights, divisor=1)
    check_weighing("limits-x.toml", replaced(stages=tiny, zero_multiple=Decimal("0.5"), amount_step=Decimal("0.5"), weights=one))  # fmt: skip


def test_sizes_hold_their_ends() -> None:
    """Class II knows e from 1 mg to 50 mg and from 0.1 g on, ends included, and none between or below."""
    sizes = LIMITS.of_class("II")
    found = [sizes.sizes_for(Decimal(e)) for e in ("0.001", "0.05", "0.051", "0.099", "0.1", "0.0009")]
    first, second = sizes.sizes
    assert found == [first, first, None, None, second, None]


def test_a_display_without_decimals_shows_none() -> None:
    """A weighbridge that counts in kilograms shows whole ones."""
    truck = msgspec.structs.replace(
        facts_of("truck-scale"),
        capacity_max=quantity("100000 kg"),
        verification_scale_interval=quantity("20 kg"),
    )
    points = planned(truck, standards_of("truck-scale"))
    assert [(each.same, each.unit, each.decimals) for each in points[:1]] == [("0", "kg", 0)]


def test_intervals_are_said_in_whole_numbers() -> None:
    """A load of 100000.4e is said to be 100000e."""
    balance = facts_of("electronic-balance")
    standards = [
        msgspec.structs.replace(each, nominal=quantity("100.0004 g"), count=1)
        for each in standards_of("electronic-balance")[:1]
    ]
    known = [
        msgspec.structs.replace(each, accuracy_class="X9", largest_error=quantity("0.1 mg"))
        for each in standards
    ]
    load = next(each for each in planned(balance, known) if each.role is PointRole.LOAD)
    assert load.basis
    assert said(load.basis) == "I 级 使用中 · 100000e"


def test_half_an_interval_is_a_quantity_in_grams() -> None:
    """What the phone offers as small weights stands in grams, whatever the display's unit."""
    truck = judge_of(catalogue(), facts_of("truck-scale"), TODAY)
    load = next(each for each in truck.planned(standards_of("truck-scale")) if each.key == "load:10000 kg")
    assert truck.half_step(load, Decimal("10.02")) == Quantity(Decimal(10000), "g")
