"""Retail weighing and excessive packaging: every row, the worked examples, and what is only remembered."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrology.editions import Certainty
from shared.metrology.judging import Outcome
from shared.metrology.prepackages.packaging import (
    PackagingSubject,
    PackagingVerdict,
    SalesPackage,
    packaging_verdict,
)
from shared.metrology.prepackages.retail import CheckScale, RetailSale, RetailVerdict, retail_deviation
from shared.metrology.prepackages.rules import Fact, PrepackageRules
from shared.quantity import Quantity
from tests.shared.checks import ROOT, TODAY, quantity, vectors
from tests.shared.lots import rules
from tests.shared.refusals import refusal, refused
from tests.shared.words import everything_said

RETAIL = tomllib.loads((ROOT / "tests/vectors/retail.toml").read_text())
PACKAGING = tomllib.loads((ROOT / "tests/vectors/packaging.toml").read_text())
HAIR = Decimal("0.001")


def judged(goods: RetailSale, on: date = TODAY) -> RetailVerdict:
    """The verdict on a sale, each line of which can be said."""
    found = retail_deviation(rules(), goods, on)
    everything_said(found)
    return found


def verdict_on(package: SalesPackage, on: date = TODAY) -> PackagingVerdict:
    """The verdict on a package, each line of which can be said."""
    found = packaging_verdict(rules(), package, on)
    everything_said(found)
    return found


def sale(
    settled: Quantity, short: Decimal, goods: str = "", scale: CheckScale = CheckScale.SAME_OR_BETTER
) -> RetailVerdict:
    """Goods short by so many grams."""
    actual = Quantity(settled.to("g").value - short, "g")
    return judged(RetailSale(settled=settled, actual=actual, check_scale=scale, goods=goods))


@pytest.mark.parametrize("goods", [name for name in RETAIL["rows"] if name != "mark"])
@pytest.mark.parametrize("scale", list(CheckScale))
def test_every_row_of_the_retail_table(goods: str, scale: CheckScale) -> None:
    """At the end of each band the deviation itself is within and a milligram more beyond; just past the end the next band counts."""
    factor = 2 if scale is CheckScale.EQUAL else 1
    rows = [(quantity(end), quantity(limit).value * factor) for end, limit in RETAIL["rows"][goods]]
    for place, (end, limit) in enumerate(rows):
        assert sale(end, limit, goods, scale).outcome is Outcome.WITHIN
        assert sale(end, limit + HAIR, goods, scale).outcome is Outcome.BEYOND
        past = Quantity(end.to("g").value + HAIR, "g")
        found = sale(past, limit + HAIR, goods, scale).outcome
        assert found is (Outcome.WITHIN if place + 1 < len(rows) else Outcome.UNDECIDED)


def test_a_remembered_row_shows_no_figure() -> None:
    """Goods above 100 yuan: whatever the shortage nothing is decided, and no limit is shown."""
    for end, _limit in RETAIL["remembered"]["precious-food"]:
        found = sale(quantity(end), Decimal(400), "precious-food")
        assert (found.outcome, found.limit) == (Outcome.UNDECIDED, None)
        assert "limit" not in found.working[-1].values


@pytest.mark.parametrize("vector", vectors("retail.toml"), ids=lambda vector: vector["name"])
def test_retail_sales(vector: dict[str, Any]) -> None:
    """T11 and the rules on goods and price come out as printed."""
    found = judged(
        RetailSale(
            settled=quantity(vector["settled"]),
            actual=quantity(vector["actual"]),
            check_scale=CheckScale(vector["check_scale"]),
            goods=vector.get("goods", ""),
            unit_price=quantity(f"{vector['price']} 元/kg") if "price" in vector else None,
        )
    )
    assert found.outcome.value == vector["outcome"]
    assert found.limit == (quantity(vector["limit"]) if "limit" in vector else None)
    assert found.deviation.equals(quantity(vector["settled"]) - quantity(vector["actual"]))
    assert found.deviation.unit == "g"
    assert bool(found.reasons) is (found.outcome is not Outcome.WITHIN)
    assert everything_said([found.working, found.reasons]) == vector["said"]


@given(grams=st.decimals("300", "30000", places=1), short=st.decimals("-50", "300", places=1))
def test_a_sale_does_not_depend_on_its_unit(grams: Decimal, short: Decimal) -> None:
    """In g or kg, with more zeros: the same verdict; and what passes once passes twice the deviation."""
    one = sale(Quantity(grams, "g"), short, "staple")
    other = sale(Quantity((grams / 1000).quantize(Decimal("0.0000001")), "kg"), short, "staple")
    assert (one.outcome, one.limit) == (other.outcome, other.limit)
    if one.outcome is Outcome.WITHIN:
        assert sale(Quantity(grams, "g"), short, "staple", CheckScale.EQUAL).outcome is Outcome.WITHIN


def test_unknown_goods_and_prices_are_refused() -> None:
    """Goods that no row names, and a price that is not by the kilogram, are errors that say what to do."""
    with refused("sale_impossible", settled="0 kg", actual="0 g"):
        sale(quantity("0 kg"), Decimal(0), "meat")
    with refused("sale_impossible", settled="1 kg", actual="−1 g"):
        sale(quantity("1 kg"), Decimal(1001), "meat")
    assert sale(quantity("0.5 g"), Decimal("0.5"), "meat").outcome is Outcome.WITHIN
    with refused("goods_unknown", goods="diamonds"):
        sale(quantity("1 kg"), Decimal(0), "diamonds")
    with refused("unit_mismatch", unit="元", wanted="元/kg"):
        judged(
            RetailSale(
                settled=quantity("1 kg"),
                actual=quantity("1 kg"),
                check_scale=CheckScale.EQUAL,
                unit_price=quantity("6 元"),
            )
        )


def test_without_a_rule_on_retail_weighing_nothing_is_decided() -> None:
    """Where no edition is known for the day the shortage is worked out all the same, and the day is said."""
    [edition] = rules().retail.editions
    later = msgspec.structs.replace(edition, starts=date(2026, 11, 21))
    none = msgspec.structs.replace(rules().retail, editions=[later])
    short = RetailSale(
        settled=quantity("1 kg"), actual=quantity("900 g"), check_scale=CheckScale.EQUAL, goods="meat"
    )
    found = retail_deviation(msgspec.structs.replace(rules(), retail=none), short, TODAY)
    assert (found.outcome, found.deviation, found.limit) == (Outcome.UNDECIDED, quantity("100 g"), None)
    assert everything_said([found.working, found.reasons]) == [
        "结算 1000 g − 实际 900 g = 短缺 100 g",
        "2026-11-20 适用的零售称重规定未知。",
    ]
    then = retail_deviation(msgspec.structs.replace(rules(), retail=none), short, date(2026, 11, 21))
    assert then.outcome is Outcome.BEYOND


def test_a_price_is_asked_only_where_the_table_goes_by_price() -> None:
    """Gold is gold at any price; goods whose row has a price are judged by both rows where these differ."""
    for goods, rows in (("gold", 1), ("staple", 2)):
        found = judged(
            RetailSale(
                settled=quantity("90 g"),
                actual=quantity("90 g"),
                check_scale=CheckScale.EQUAL,
                goods=goods,
                unit_price=quantity("80 元/kg"),
            )
        )
        assert len(found.working) == 1 + rows
        assert (found.limit is None) is (rows == 2)


def test_figures_of_packaging_are_the_published_ones() -> None:
    """k of each goods with its certainty, and the void ratio of each size of item."""
    [limits] = rules().packaging.limits
    known = {goods.id: goods.necessary_space for goods in limits.goods if goods.necessary_space}
    assert [[name, str(k.value), k.certainty == "seen"] for name, k in known.items()] == PACKAGING["k"][
        "rows"
    ]
    side = quantity("1 cm")
    for size, percent in PACKAGING["void"]["rows"]:
        package = SalesPackage(goods="tea", item=quantity(f"{size} g"), sides=(side, side, side))
        lines = verdict_on(package).finding(PackagingSubject.VOID_RATIO).working
        assert lines[-1].values["limit"] == percent, size


@pytest.mark.parametrize("vector", vectors("packaging.toml"), ids=lambda vector: vector["name"])
def test_packages(vector: dict[str, Any]) -> None:
    """The worked examples give the printed figures; what rests on memory is shown as apparent and not judged."""
    sides = [quantity(each) for each in vector.get("sides", [])]
    package = SalesPackage(
        goods=vector["goods"],
        item=quantity(vector["item"]),
        count=vector.get("count", 1),
        sides=(sides[0], sides[1], sides[2]) if sides else None,
        layers=vector.get("layers"),
        packaging_cost=Decimal(vector["packaging_cost"]) if "packaging_cost" in vector else None,
        price=Decimal(vector["price"]) if "price" in vector else None,
    )
    verdict = verdict_on(package)
    found = verdict.finding(PackagingSubject(vector["subject"]))
    assert (found.outcome.value, found.apparent.value) == (vector["outcome"], vector["apparent"])
    said = {name: value for line in found.working for name, value in line.values.items()}
    for name in ("ratio", "most"):
        if name in vector:
            assert said[name] == vector[name]
    assert everything_said([found.working, found.reasons]) == vector["said"]
    assert verdict.edition == "GB 23350-2021"
    assert [each.subject for each in verdict.findings] == list(PackagingSubject)
    missing = {
        PackagingSubject.VOID_RATIO: "包装外形尺寸未量。",
        PackagingSubject.LAYERS: "包装层数未数。",
        PackagingSubject.COST: "包装成本或售价未知。",
    }
    for each in verdict.findings:
        assert each is found or everything_said(each) == [missing[each.subject]]
        assert each is found or each.apparent is Outcome.UNDECIDED
    others = [each.outcome for each in verdict.findings if each is not found]
    assert others == [Outcome.UNDECIDED] * 2, "what was not measured never passes"
    assert verdict.outcome is (Outcome.BEYOND if found.outcome is Outcome.BEYOND else Outcome.UNDECIDED)


def test_sides_in_other_units_give_the_same_ratio() -> None:
    """30 cm, 300 mm and 0.30 m are one side."""
    said = []
    for sides in (("30 cm", "20 cm", "10 cm"), ("300 mm", "0.20 m", "100.0 mm")):
        length, width, height = (quantity(side) for side in sides)
        package = SalesPackage(goods="tea", item=quantity("0.1 kg"), count=2, sides=(length, width, height))
        said.append(verdict_on(package).findings[0])
    assert said[0] == said[1]


def test_no_rule_on_packaging_before_its_date() -> None:
    """The day before GB 23350-2021 nothing is judged, on its day it is."""
    package = SalesPackage(goods="mooncake", item=quantity("60 g"), layers=4)
    assert verdict_on(package, date(2023, 8, 31)).outcome is Outcome.UNDECIDED
    assert verdict_on(package, date(2023, 9, 1)).outcome is Outcome.BEYOND


def test_impossible_packages_are_refused() -> None:
    """No volume, sides below nought, layers fewer than none, no content, a price of nothing, unknown goods: an error that says what to do."""
    cube = (quantity("1 cm"), quantity("1 cm"), quantity("1 cm"))
    free = SalesPackage(goods="tea", item=quantity("1 g"), packaging_cost=Decimal(0), price=Decimal(1))
    assert verdict_on(free).finding(PackagingSubject.COST).outcome is Outcome.WITHIN
    flat = (quantity("0 cm"), quantity("1 cm"), quantity("1 cm"))
    thin = (quantity("1 cm"), quantity("0 cm"), quantity("1 cm"))
    low = (quantity("1 cm"), quantity("1 cm"), quantity("0 cm"))
    inside_out = (quantity("-10 cm"), quantity("-10 cm"), quantity("10 cm"))
    for package, code in (
        (SalesPackage(goods="tea", item=quantity("1 g"), sides=flat), "package_impossible"),
        (SalesPackage(goods="tea", item=quantity("1 g"), sides=inside_out), "package_impossible"),
        (SalesPackage(goods="tea", item=quantity("1 g"), sides=thin), "package_impossible"),
        (SalesPackage(goods="tea", item=quantity("1 g"), sides=low), "package_impossible"),
        (SalesPackage(goods="mooncake", item=quantity("60 g"), layers=-1), "package_impossible"),
        (
            SalesPackage(goods="tea", item=quantity("1 g"), packaging_cost=Decimal(1), price=Decimal(0)),
            "package_impossible",
        ),
        (SalesPackage(goods="tea", item=quantity("0 g"), sides=cube), "package_impossible"),
        (SalesPackage(goods="tea", item=quantity("1 g"), count=0, sides=cube), "package_impossible"),
        (SalesPackage(goods="coffee", item=quantity("1 g")), "goods_unknown"),
        (SalesPackage(goods="tea", item=quantity("1 kPa"), sides=cube), "unit_unknown"),
        (
            SalesPackage(goods="tea", item=quantity("1 g"), sides=(*cube[:2], quantity("1 g"))),
            "unit_mismatch",
        ),
    ):
        with refusal(code):
            verdict_on(package)


@pytest.mark.parametrize(
    ("change", "subject", "line"),
    [
        ({"goods": "grain", "sides": True}, PackagingSubject.VOID_RATIO, "k 值未知"),
        ({"item": quantity("5 件"), "sides": True}, PackagingSubject.VOID_RATIO, "空隙率只适用于"),
        ({"packaging_cost": Decimal(1)}, PackagingSubject.COST, "包装成本或售价未知。"),
        ({"price": Decimal(1)}, PackagingSubject.COST, "包装成本或售价未知。"),
    ],
)
def test_what_is_not_known_of_a_package_is_said(
    change: dict[str, Any], subject: PackagingSubject, line: str
) -> None:
    """Goods without k, contents that are no mass or volume, and half a cost are undecided, in figures and in appearance."""
    if change.get("sides"):
        change = change | {"sides": (quantity("10 cm"),) * 3}
    found = verdict_on(SalesPackage(**({"goods": "tea", "item": quantity("100 g")} | change))).finding(
        subject
    )
    assert (found.outcome, found.apparent, found.working) == (Outcome.UNDECIDED, Outcome.UNDECIDED, [])
    assert line in everything_said(found)[0]


def test_a_share_is_never_shown_on_the_wrong_side() -> None:
    """A ratio or share just over its limit is shown over it, one at it at it, with as many decimals as that takes."""
    for side, shown in (("4800", "30.0"), ("4800.1", "30.001"), ("4799.9", "29.999"), ("9600", "65.0")):
        sides = (quantity(f"{side} cm"), quantity("1 cm"), quantity("1 cm"))
        package = SalesPackage(goods="mooncake", item=quantity("60 g"), count=8, sides=sides)
        found = verdict_on(package).finding(PackagingSubject.VOID_RATIO)
        assert found.working[-2].values["ratio"] == shown
        assert found.apparent is (Outcome.BEYOND if Decimal(shown) > 30 else Outcome.WITHIN)
    for spent, shown in (("20", "20.0"), ("20.00001", "20.00001"), ("19.99", "19.99"), ("33.333", "33.3")):
        package = SalesPackage(
            goods="tea", item=quantity("1 g"), packaging_cost=Decimal(spent), price=Decimal(100)
        )
        found = verdict_on(package).finding(PackagingSubject.COST)
        assert found.working[-1].values["share"] == shown


def test_figures_of_a_package_are_compared_exactly() -> None:
    """A cost or a volume beyond its limit by the last of thirty digits is beyond."""
    price = Decimal(100000)
    for hair, outcome in (("", Outcome.WITHIN), (f".{'0' * 23}1", Outcome.BEYOND)):
        dear = SalesPackage(
            goods="tea", item=quantity("1 g"), packaging_cost=Decimal(f"20000{hair}"), price=price
        )
        assert verdict_on(dear).finding(PackagingSubject.COST).apparent is outcome
        sides = (quantity(f"48000{hair} cm"), quantity("1 cm"), quantity("1 cm"))
        package = SalesPackage(goods="mooncake", item=quantity("600 g"), count=8, sides=sides)
        assert verdict_on(package).finding(PackagingSubject.VOID_RATIO).apparent is outcome


def with_packaging(**changes: Any) -> PrepackageRules:
    """The rules with other limits of packaging."""
    packaging = rules().packaging
    limits = [msgspec.structs.replace(packaging.limits[0], **changes)]
    return msgspec.structs.replace(rules(), packaging=msgspec.structs.replace(packaging, limits=limits))


def test_a_void_ratio_is_judged_where_all_its_figures_are_sure() -> None:
    """With V0 seen as 2 cm³ a gram, 60 g of mooncakes need 840 cm³ and may fill 1200: 1201 is too much, and said to be."""
    sure = with_packaging(content_volume=Fact(Decimal(2), Certainty.SEEN, "a test"))
    for side, ratio, outcome in (("1200", "30.0", Outcome.WITHIN), ("1201", "30.1", Outcome.BEYOND)):
        sides = (quantity(f"{side} cm"), quantity("1 cm"), quantity("1 cm"))
        package = SalesPackage(goods="mooncake", item=quantity("60 g"), sides=sides)
        found = packaging_verdict(sure, package, TODAY).finding(PackagingSubject.VOID_RATIO)
        assert found.outcome is outcome
        assert everything_said([found.working, found.reasons]) == [
            f"X = (Vn − k·V0)/Vn = ({side} − 7 × 120)/{side} = {ratio} %",
            "单件 60 g：限 30 %；包装体积最大 1200 cm³",
            *([f"包装空隙率 {ratio} % > 30 %"] if outcome is Outcome.BEYOND else []),
        ]


def test_the_largest_volume_is_rounded_down() -> None:
    """Of 866.67 cm³ that 40 g of tea may fill, 866 are said: a package of 867 would be too large."""
    sides = (quantity("10 cm"),) * 3
    found = verdict_on(SalesPackage(goods="tea", item=quantity("40 g"), sides=sides))
    assert found.finding(PackagingSubject.VOID_RATIO).working[-1].values["most"] == "866"


def test_what_the_rules_do_not_know_is_said() -> None:
    """Goods whose layers nobody knows, and an edition whose limits were not seen, are undecided."""
    tea = msgspec.structs.replace(rules().packaging.limits[0].goods[0], layers=None)
    package = SalesPackage(goods="tea", item=quantity("1 g"), layers=9)
    found = packaging_verdict(with_packaging(goods=[tea]), package, TODAY).finding(PackagingSubject.LAYERS)
    assert (found.outcome, everything_said(found)) == (Outcome.UNDECIDED, ["此类商品的层数限值未知。"])
    [edition] = rules().packaging.editions
    unseen = msgspec.structs.replace(
        rules().packaging, editions=[msgspec.structs.replace(edition, limits="")]
    )
    verdict = packaging_verdict(msgspec.structs.replace(rules(), packaging=unseen), package, TODAY)
    assert verdict.outcome is Outcome.UNDECIDED
    assert {line for each in verdict.findings for line in everything_said(each)} == {
        "2026-11-20 适用的过度包装规定未知。"
    }


def test_figures_that_can_not_be_yuan_are_refused() -> None:
    """A price or cost beyond anything is named with its unit."""
    for name in ("price", "packaging_cost"):
        figures = {"price": Decimal(1), "packaging_cost": Decimal(1)} | {name: Decimal("1e30")}
        with refused("quantity_impossible", value="1E+30", unit="元"):
            verdict_on(SalesPackage(goods="tea", item=quantity("1 g"), **figures))


def test_a_package_without_layers_is_within() -> None:
    """None at all is no more than any limit; the rule of goods without a limit is not known."""
    bare = SalesPackage(goods="mooncake", item=quantity("60 g"), layers=0)
    assert verdict_on(bare).finding(PackagingSubject.LAYERS).outcome is Outcome.WITHIN
    small = (quantity("0.5 cm"),) * 3
    tiny = SalesPackage(goods="tea", item=quantity("0.01 g"), sides=small)
    assert verdict_on(tiny).finding(PackagingSubject.VOID_RATIO).apparent is Outcome.WITHIN
