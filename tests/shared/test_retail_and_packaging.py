"""Retail weighing and excessive packaging: every row, the worked examples, and what is only remembered."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrology.judging import Outcome
from shared.metrology.prepackages.packaging import (
    PackagingSubject,
    PackagingVerdict,
    SalesPackage,
    packaging_verdict,
)
from shared.metrology.prepackages.retail import CheckScale, RetailSale, RetailVerdict, retail_deviation
from shared.quantity import Quantity
from tests.shared.checks import ROOT, TODAY, quantity, vectors
from tests.shared.lots import rules
from tests.shared.refusals import refusal
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
    if "limit" in vector:
        assert found.limit
        assert found.limit.equals(quantity(vector["limit"]))
    assert bool(found.reasons) is (found.outcome is not Outcome.WITHIN)


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
    with refusal("sale_impossible"):
        sale(quantity("0 kg"), Decimal(0), "meat")
    with refusal("goods_unknown"):
        sale(quantity("1 kg"), Decimal(0), "diamonds")
    with refusal("unit_mismatch"):
        judged(
            RetailSale(
                settled=quantity("1 kg"),
                actual=quantity("1 kg"),
                check_scale=CheckScale.EQUAL,
                unit_price=quantity("6 元"),
            )
        )


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
    if found.outcome is not found.apparent:
        assert found.working[0] == found.reasons[0], "that it is not certain is said first"
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
    inside_out = (quantity("-10 cm"), quantity("-10 cm"), quantity("10 cm"))
    for package, code in (
        (SalesPackage(goods="tea", item=quantity("1 g"), sides=flat), "package_impossible"),
        (SalesPackage(goods="tea", item=quantity("1 g"), sides=inside_out), "package_impossible"),
        (SalesPackage(goods="mooncake", item=quantity("60 g"), layers=-1), "package_impossible"),
        (
            SalesPackage(goods="tea", item=quantity("1 g"), packaging_cost=Decimal(1), price=Decimal(0)),
            "package_impossible",
        ),
        (SalesPackage(goods="tea", item=quantity("0 g"), sides=cube), "package_impossible"),
        (SalesPackage(goods="tea", item=quantity("1 g"), count=0, sides=cube), "package_impossible"),
        (SalesPackage(goods="coffee", item=quantity("1 g")), "goods_unknown"),
    ):
        with refusal(code):
            verdict_on(package)
