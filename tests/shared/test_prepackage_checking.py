"""Rules on prepackages that can't judge: each fault by its file, its place and its reason, and what is just sound."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from shared.metrology.prepackages.amounts import Measure
from shared.metrology.prepackages.checking import (
    check,
    check_deficiency,
    check_net_content,
    check_packaging,
    check_retail,
    check_rows,
    check_stages,
)
from shared.metrology.prepackages.rules import (
    AttributesRow,
    CostLimit,
    DeficiencyBand,
    DeficiencyTable,
    HeightRule,
    PlanRow,
    PrepackageRules,
    RoundingStep,
    Stage,
    UnitRule,
    VoidBand,
    WeightBand,
)
from tests.shared.lots import rule_files, rules
from tests.shared.refusals import refused

NET, SAMPLING, RETAIL, PACKAGING = "net-content.toml", "sampling.toml", "retail.toml", "packaging.toml"
NET_LIMITS, RETAIL_LIMITS = rules().net_content.limits[0], rules().retail.limits[0]
PACKAGING_LIMITS = rules().packaging.limits[0]
UP, OPEN = "the bands must go up", "the last band must be without end"


def number(text: str) -> Decimal | None:
    """A figure, none where it is left out."""
    return Decimal(text) if text else None


def table(*bands: tuple[str, str, str], limited: bool = False, **fields: Any) -> DeficiencyTable:
    """A table of T with these bands: end, per cent, amount."""
    found = [DeficiencyBand(number(end), number(percent), number(amount)) for end, percent, amount in bands]
    return DeficiencyTable(measures=[Measure.MASS], bands=found, limited=limited, **fields)


ENDS = "the bands must go up, and end only where limited"
FIGURE = "one figure above 0, or none"
STEPS = "the steps must go up, the last without end"
STEP = "a step must be more than 0"
ONE = (("", "1", ""),)


def steps(*pairs: tuple[str, str]) -> list[RoundingStep]:
    """Steps of rounding: the step and where it ends."""
    return [RoundingStep(Decimal(step), number(end)) for step, end in pairs]


@pytest.mark.parametrize(
    ("found", "key", "reason"),
    [
        (table(), "x.bands", ENDS),
        (table(("50", "9", "")), "x.bands", ENDS),
        (table(("", "9", ""), limited=True), "x.bands", ENDS),
        (table(("50", "9", ""), ("50", "", "4.5"), limited=True), "x.bands", ENDS),
        (table(("", "9", ""), ("50", "", "4.5"), limited=True), "x.bands", ENDS),
        (table(("50", "9", ""), ("", "9", ""), ("", "1", "")), "x.bands", ENDS),
        (table(("0", "9", ""), ("", "1", "")), "x.bands", ENDS),
        (table(("", "9", "4.5")), "x.bands[0]", FIGURE),
        (table(("50", "9", ""), ("", "0", "")), "x.bands[1]", FIGURE),
        (table(("50", "9", ""), ("", "", "-1")), "x.bands[1]", FIGURE),
        (table(*ONE, rounding=steps(("1", "50"))), "x.rounding", STEPS),
        (table(*ONE, rounding=steps(("0.1", "50"), ("0.5", "50"), ("1", ""))), "x.rounding", STEPS),
        (table(*ONE, rounding=steps(("0.1", "50"), ("0", ""))), "x.rounding", STEP),
        (table(*ONE, rounded_up=Decimal(-1)), "x.rounding", STEP),
        (table(*ONE, rounded_up=Decimal(0)), "x.rounding", STEP),
    ],
)
def test_a_table_of_deficiencies_that_is_none_is_refused(
    found: DeficiencyTable, key: str, reason: str
) -> None:
    """Bands that do not go up or end where they should not, two figures or none above nought, steps that are none."""
    with refused("catalogue_invalid", file=NET, key=key, reason=reason):
        check_deficiency("x", found)


def test_a_table_of_deficiencies_just_sound_is_taken() -> None:
    """One open band or one closed, without a figure, with one just above nought, and steps with a last one without end."""
    for found in (
        table(("", "", "")),
        table(("0.001", "0.001", ""), limited=True),
        table(*ONE, rounding=steps(("0.001", "1"), ("1", ""))),
        table(*ONE, rounding=steps(("0.5", ""))),
        table(*ONE, rounded_up=Decimal("0.5")),
    ):
        check_deficiency("x", found)


def rows(*spans: tuple[int, int | None]) -> list[PlanRow]:
    """Rows for lots of these sizes."""
    return [PlanRow(lot_from=start, t1_allowed=0, t2_allowed=0, lot_to=end) for start, end in spans]


REACH = "the rows must reach from the first lot to lots without end"
FOLLOW = "the rows must follow each other"


@pytest.mark.parametrize(
    ("found", "key", "reason"),
    [
        (rows(), "x", REACH),
        (rows((1, 10)), "x", REACH),
        (rows((2, None)), "x", REACH),
        (rows((1, None), (11, None)), "x[1].lot_from", FOLLOW),
        (rows((1, 10), (12, None)), "x[1].lot_from", FOLLOW),
        (rows((1, 10), (10, None)), "x[1].lot_from", FOLLOW),
        (rows((1, 10), (11, 9), (10, None)), "x[2].lot_from", FOLLOW),
    ],
)
def test_rows_of_a_plan_that_leave_a_lot_out_are_refused(found: list[PlanRow], key: str, reason: str) -> None:
    """Every lot from the first on has one row."""
    with refused("catalogue_invalid", file=SAMPLING, key=key, reason=reason):
        check_rows("x", found, first=1)


def test_rows_of_a_plan_just_sound_are_taken() -> None:
    """A row for lots of one size, and a plan that begins later where nothing says where it must."""
    check_rows("x", rows((1, 1), (2, None)), first=1)
    check_rows("x", rows((100, None)))


def stages(*counts: tuple[int, int]) -> list[AttributesRow]:
    """A row whose stages accept and reject at these counts, after a sound one."""
    sound = AttributesRow(1, [Stage(10, 0, 1)])
    return [sound, AttributesRow(11, [Stage(10, accept, reject) for accept, reject in counts])]


@pytest.mark.parametrize(
    "counts",
    [(), ((1, 3),), ((1, 1),), ((2, 1),), ((3, 3), (4, 5)), ((1, 3), (4, 6)), ((1, 3), (2, 4), (4, 5))],
)
def test_stages_that_decide_nothing_are_refused(counts: tuple[tuple[int, int], ...]) -> None:
    """Each can accept and reject, the last leaves nothing between, and there are two at the most."""
    reason = "the last stage must decide, each must be able to"
    with refused("catalogue_invalid", file=SAMPLING, key="x[1].stages", reason=reason):
        check_stages("x", stages(*counts))


def test_stages_that_decide_are_taken() -> None:
    """One that decides at once, or one that may leave it to a second."""
    for counts in (((0, 1),), ((1, 3), (4, 5)), ((1, 2), (4, 5))):
        check_stages("x", stages(*counts))


def net(**fields: Any) -> Any:
    """The limits of net contents with something else in them."""
    return msgspec.structs.replace(NET_LIMITS, **fields)


OTHER_UNITS = [each for each in NET_LIMITS.units if each.measure is not Measure.MASS]
OTHER_HEIGHTS = [
    msgspec.structs.replace(each, measures=[one for one in each.measures if one is not Measure.AREA])
    for each in NET_LIMITS.heights
]
ALL_UNITS, ALL_HEIGHTS = "mass needs units for every size", "area needs heights for every size"


def units(*pairs: tuple[str, str]) -> list[UnitRule]:
    """Units of masses, each with where it ends."""
    return [*OTHER_UNITS, *(UnitRule(Measure.MASS, [unit], number(below)) for unit, below in pairs)]


def heights(*pairs: tuple[str, str]) -> list[HeightRule]:
    """Heights for areas, each with where it ends."""
    return [
        *OTHER_HEIGHTS,
        *(HeightRule([Measure.AREA], Decimal(least), number(end)) for least, end in pairs),
    ]


@pytest.mark.parametrize(
    ("found", "key", "reason"),
    [
        (net(deficiency=NET_LIMITS.deficiency[1:]), "x.deficiency", None),
        (net(deficiency=[*NET_LIMITS.deficiency, NET_LIMITS.deficiency[0]]), "x.deficiency", None),
        (net(units=units()), "x.units", ALL_UNITS),
        (net(units=units(("g", "1000"))), "x.units", ALL_UNITS),
        (net(units=units(("g", "1000"), ("kg", "1000"), ("t", ""))), "x.units", ALL_UNITS),
        (net(units=units(("g", "1000"), ("L", ""))), f"x.units[{len(OTHER_UNITS) + 1}]", "a unit is not one of this measure"),
        (net(heights=heights()), "x.heights", ALL_HEIGHTS),
        (net(heights=heights(("2", "50"))), "x.heights", ALL_HEIGHTS),
        (net(heights=heights(("2", "50"), ("3", "50"), ("4", ""))), "x.heights", ALL_HEIGHTS),
        (net(deficiency=[msgspec.structs.replace(NET_LIMITS.deficiency[0], bands=[]), *NET_LIMITS.deficiency[1:]]), "x.deficiency[0].bands", ENDS),
    ],
)  # fmt: skip
def test_limits_of_net_contents_that_leave_a_size_out_are_refused(
    found: Any, key: str, reason: str | None
) -> None:
    """Each measure has one table, and units and heights for every size."""
    first = NET_LIMITS.deficiency[0].measures[0].value
    expected = reason or f"one table must be for {first}"
    with refused("catalogue_invalid", file=NET, key=key, reason=expected):
        check_net_content("x", found)


def test_limits_of_net_contents_just_sound_are_taken() -> None:
    """One unit and one height for every size; pieces need no unit."""
    check_net_content("x", net(units=units(("g", "")), heights=heights(("2", ""))))


def retail(**fields: Any) -> Any:
    """The limits of retail weighing with something else in them."""
    return msgspec.structs.replace(RETAIL_LIMITS, **fields)


def goods(place: int, **fields: Any) -> list[Any]:
    """The goods of retail weighing with one row changed."""
    found = list(RETAIL_LIMITS.goods)
    found[place] = msgspec.structs.replace(found[place], **fields)
    return found


def weight_bands(*pairs: tuple[str, str]) -> list[WeightBand]:
    """Bands: where each ends and what it permits."""
    return [WeightBand(Decimal(end), Decimal(deviation)) for end, deviation in pairs]


PRICED = next(place for place, each in enumerate(RETAIL_LIMITS.goods) if each.price_up_to)
PRICES = "the prices must follow each other"


@pytest.mark.parametrize(
    ("found", "key", "reason"),
    [
        (retail(goods=goods(1, bands=[])), "x.goods[1].bands", UP),
        (retail(goods=goods(1, bands=weight_bands(("500", "1"), ("500", "2")))), "x.goods[1].bands", UP),
        (retail(goods=goods(1, bands=weight_bands(("500", "0")))), "x.goods[1].bands", "a deviation must be more than 0"),
        (retail(goods=goods(PRICED, price_up_to=None, price_above=Decimal(1))), "x.goods", PRICES),
        (retail(goods=goods(PRICED, price_up_to=Decimal("5.99"))), "x.goods", PRICES),
        (retail(equal=Decimal(0)), "x", "a factor must be more than 0"),
        (retail(same_or_better=Decimal(-1)), "x", "a factor must be more than 0"),
        (retail(goods=[*RETAIL_LIMITS.goods, RETAIL_LIMITS.goods[-1]]), "x.goods", "two rows have the same id"),
        (retail(excluded=[*RETAIL_LIMITS.excluded, RETAIL_LIMITS.excluded[0]]), "x.goods", "two rows have the same id"),
    ],
)  # fmt: skip
def test_limits_of_retail_weighing_that_are_none_are_refused(found: Any, key: str, reason: str) -> None:
    """Bands that do not go up, prices that leave a gap, factors and deviations of nothing, and two rows of one name."""
    with refused("catalogue_invalid", file=RETAIL, key=key, reason=reason):
        check_retail("x", found)


def test_limits_of_retail_weighing_just_sound_are_taken() -> None:
    """Factors and deviations just above nought."""
    tiny = goods(1, bands=weight_bands(("0.5", "0.5")))
    check_retail("x", retail(goods=tiny, equal=Decimal("0.5"), same_or_better=Decimal("0.5")))


def packaging(**fields: Any) -> Any:
    """The limits of packaging with something else in them."""
    return msgspec.structs.replace(PACKAGING_LIMITS, **fields)


def voids(*pairs: tuple[str, str]) -> list[VoidBand]:
    """Void ratios: per cent and where it ends."""
    return [VoidBand(Decimal(percent), number(end)) for percent, end in pairs]


def costs(*prices: str) -> list[CostLimit]:
    """Rules of cost that begin above these prices."""
    known = PACKAGING_LIMITS.cost[0]
    return [msgspec.structs.replace(known, price_above=Decimal(price)) for price in prices]


SHARE, FROM_NOUGHT = "a void ratio is between 0 and 100 %", "the prices must go up from 0"
WITH_COST = next(place for place, each in enumerate(PACKAGING_LIMITS.goods) if each.cost)


def priced(*prices: str) -> Any:
    """The limits of packaging with other rules of cost for goods that have some of their own."""
    found = list(PACKAGING_LIMITS.goods)
    found[WITH_COST] = msgspec.structs.replace(found[WITH_COST], cost=costs(*prices))
    return packaging(goods=found)


@pytest.mark.parametrize(
    ("found", "key", "reason"),
    [
        (packaging(void_ratio=[]), "x.void_ratio", OPEN),
        (packaging(void_ratio=voids(("50", "10"))), "x.void_ratio", OPEN),
        (packaging(void_ratio=voids(("50", "10"), ("40", "10"), ("30", ""))), "x.void_ratio", UP),
        (packaging(void_ratio=voids(("50", "10"), ("0", ""))), "x.void_ratio", SHARE),
        (packaging(void_ratio=voids(("100", ""))), "x.void_ratio", SHARE),
        (packaging(goods=[*PACKAGING_LIMITS.goods, PACKAGING_LIMITS.goods[0]]), "x.goods", "two rows have the same id"),
        (packaging(cost=[]), "x.cost (0)", FROM_NOUGHT),
        (packaging(cost=costs("1")), "x.cost (0)", FROM_NOUGHT),
        (priced("0", "100", "100"), "x.cost (1)", FROM_NOUGHT),
        (priced("100"), "x.cost (1)", FROM_NOUGHT),
    ],
)  # fmt: skip
def test_limits_of_packaging_that_are_none_are_refused(found: Any, key: str, reason: str) -> None:
    """Bands that do not go up or do not reach every size, shares that are none, two goods of one name, costs that leave prices out."""
    with refused("catalogue_invalid", file=PACKAGING, key=key, reason=reason):
        check_packaging("x", found)


def test_limits_of_packaging_just_sound_are_taken() -> None:
    """Shares just above nought and just below all."""
    check_packaging("x", packaging(void_ratio=voids(("99.9", "0.5"), ("0.5", ""))))


def of(part: str, **fields: Any) -> PrepackageRules:
    """The rules with one part changed."""
    changed = msgspec.structs.replace(getattr(rules(), part), **fields)
    return msgspec.structs.replace(rules(), **{part: changed})


def plan_row(place: int, **fields: Any) -> PrepackageRules:
    """The rules with one row of the sampling plan changed."""
    [plan] = rules().sampling.limits
    found = list(plan.rows)
    found[place] = msgspec.structs.replace(found[place], **fields)
    return of("sampling", limits=[msgspec.structs.replace(plan, rows=found)])


def beside(**fields: Any) -> PrepackageRules:
    """The rules with the plan beside changed."""
    [plan] = rules().sampling.beside
    return of("sampling", beside=[msgspec.structs.replace(plan, **fields)])


AVERAGE, TWICE = "an average needs a sample of 2", "two tables have the same id"


@pytest.mark.parametrize(
    ("found", "file", "key", "reason"),
    [
        (of("net_content", limits=[NET_LIMITS, NET_LIMITS]), NET, "limits", TWICE),
        (of("retail", limits=[RETAIL_LIMITS, RETAIL_LIMITS]), RETAIL, "limits", TWICE),
        (of("packaging", limits=[]), PACKAGING, "editions[0].limits", "there is no table packaging-2021"),
        (of("retail", limits=[]), RETAIL, "editions[0].limits", f"there is no table {RETAIL_LIMITS.id}"),
        (of("sampling", editions=[]), SAMPLING, "editions", "the last edition must be open"),
        (of("net_content", limits=[net(units=[])]), NET, "limits[0].units", "mass needs units for every size"),
        (of("retail", limits=[retail(equal=Decimal(0))]), RETAIL, "limits[0]", "a factor must be more than 0"),
        (of("packaging", limits=[packaging(cost=[])]), PACKAGING, "limits[0].cost (0)", FROM_NOUGHT),
        (plan_row(0, lot_from=2), SAMPLING, "limits[0].rows", REACH),
        (plan_row(0, correction=Decimal(1), sample=None), SAMPLING, "limits[0].rows[0]", AVERAGE),
        (plan_row(1, correction=Decimal(1), sample=1), SAMPLING, "limits[0].rows[1]", AVERAGE),
        (beside(non_destructive=[]), SAMPLING, "beside[0].non_destructive", REACH),
        (beside(destructive=[]), SAMPLING, "beside[0].destructive", REACH),
        (beside(destructive=[AttributesRow(1, [])]), SAMPLING, "beside[0].destructive[0].stages", "the last stage must decide, each must be able to"),
    ],
)  # fmt: skip
def test_each_file_is_checked(found: PrepackageRules, file: str, key: str, reason: str) -> None:
    """Every part of the rules is looked at, and named by its own file."""
    with refused("catalogue_invalid", file=file, key=key, reason=reason):
        check(found)


def test_a_sample_of_two_has_an_average() -> None:
    """Two packages are enough for a standard deviation."""
    check(plan_row(1, correction=Decimal(1), sample=2))


def test_files_that_are_missing_or_not_known_are_named() -> None:
    """With what is wrong with them."""
    files = rule_files()
    with refused("catalogue_invalid", file="retail.toml", key="$", reason="the file is missing"):
        PrepackageRules.parse({name: text for name, text in files.items() if name != "retail.toml"})
    with refused("catalogue_invalid", file="a.toml", key="$", reason="no such file is known"):
        PrepackageRules.parse(files | {"z.toml": b"", "a.toml": b""})
