"""What a plan of points asks for: each point as the form shows it, reference values from every source, and what a nameplate lacks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from shared.inspection import PlannedPoint, PointRole
from shared.metrology.judges import judge_of, plan
from shared.metrology.judging import Stage
from shared.metrology.points import PointsJudge
from shared.metrology.procedure import PointRow
from shared.quantity import Quantity
from tests.shared.checks import TODAY, catalogue, planned, quantity
from tests.shared.families import facts_of, standards_of
from tests.shared.refusals import refused
from tests.shared.words import said


def judge_for(kind: str, plate: dict[str, str] | None = None, **procedure: Any) -> PointsJudge:
    """The judge of a kind, with another nameplate or a changed procedure."""
    facts = facts_of(kind)
    if plate is not None:
        facts = msgspec.structs.replace(
            facts, nameplate={name: quantity(text) for name, text in plate.items()}
        )
    judge = judge_of(catalogue(), facts, TODAY)
    assert isinstance(judge, PointsJudge)
    assert judge.procedure
    changed = msgspec.structs.replace(judge.procedure, **procedure)
    return type(judge)(judge.limits, changed, facts, "", judge.stage, TODAY, judge.figures)


def point_of(kind: str, key: str) -> PlannedPoint:
    """One point of the plan of a kind."""
    return next(each for each in planned(facts_of(kind), standards_of(kind)) if each.key == key)


@pytest.mark.parametrize(
    ("kind", "key", "title", "instruction", "fields"),
    [
        (
            "pressure-gauge",
            "rising:0.4 MPa",
            "0.4 MPa，升压",
            "升压至标准器 0.4 MPa，读取压力表示值",
            {"reference": "0.4 MPa", "same": "0.4000", "decimals": 4, "limit": "0.0256 MPa", "reference_read": True},
        ),
        (
            "pressure-gauge",
            "falling:1.2 MPa",
            "1.2 MPa，降压",
            "降压至标准器 1.2 MPa，读取压力表示值",
            {"role": PointRole.FALLING, "reference": "1.2 MPa", "same": "1.2000", "decimals": 4, "limit": "0.0256 MPa", "reference_read": True},
        ),
        (
            "blood-pressure-meter",
            "leak:285 mmHg",
            "气密性",
            "升压至 285 mmHg，关闭阀门，把此时压力记为标准值；1 分钟后读取示值",
            {"reference": "285 mmHg", "same": "285", "decimals": 0, "limit": "0.8 kPa", "limit_below": "0 kPa", "zone": "leak", "reference_read": True},
        ),
        (
            "fuel-dispenser",
            "fast:20 L:2",
            "20 L，最大流量，第 2 次",
            "以最大流量向量器加注 20 L，然后读取量器和温度",
            {"reference": "20 L", "same": "20.00", "decimals": 2, "limit": "0.3 %"},
        ),
        (
            "water-meter",
            "open:10 L",
            "10 L，全开",
            "打开水龙头向量器放水 10 L；记录水表前后读数、体积和时间",
            {"reference": "10 L", "same": "10.00", "decimals": 2, "reference_read": True},
        ),
        (
            "taximeter",
            "drive:1 km",
            "1 km",
            "行驶约 1 km；读取计价器里程和实际里程，最好在计价器跳字时读取",
            {"reference": "1 km", "same": "1.00", "decimals": 2, "limit": "1 %", "limit_below": "-4 %", "reference_read": True},
        ),
    ],
)  # fmt: skip
def test_a_point_is_what_the_form_shows(
    kind: str, key: str, title: str, instruction: str, fields: dict[str, Any]
) -> None:
    """Reference value, decimals of the display, limits where they hang on nothing that is still to be read, and whose they are."""
    found = point_of(kind, key)
    assert (said(found.title), said(found.instruction)) == (title, instruction)
    shown = {
        name: quantity(text) for name, text in fields.items() if name in ("reference", "limit", "limit_below")
    }
    expected = {
        "key": key,
        "role": PointRole.INDICATION,
        "unit": shown["reference"].unit,
        "limit": None,
        "limit_below": None,
        "zone": "",
        "reference_read": False,
        "finer_possible": False,
        "unit_price": None,
    }
    expected |= fields | shown
    assert {name: getattr(found, name) for name in expected} == expected
    document = catalogue().limits_on(kind, TODAY).document
    assert (found.basis and said(found.basis)) == (document if "limit" in fields else None)


def test_the_standards_reading_stands_first_and_is_the_nominal_one() -> None:
    """Where the standard is read its field has two decimals more than the display, and the nominal value in it."""
    first = point_of("pressure-gauge", "rising:0.4 MPa").inputs[0]
    assert (first.id, first.name, first.unit, first.decimals, first.usual) == (
        "reference",
        "Standard",
        "MPa",
        6,
        "0.4000",
    )
    assert [each.id for each in point_of("water-meter", "open:10 L").inputs] == [
        "reference",
        "start",
        "duration",
    ]
    assert "reference" not in {each.id for each in point_of("fuel-dispenser", "fast:20 L:1").inputs}


def row(**fields: Any) -> PointRow:
    """A row of points."""
    return PointRow(id="at", title="{reference}", instruction="{reference}", **fields)


@pytest.mark.parametrize(
    ("plate", "fields", "values"),
    [
        ({}, {"references": ["1", "0.5", "2"]}, ["0.5", "1", "2"]),
        ({}, {"references": ["1", "0.5", "2"], "falling": True}, ["2", "1", "0.5"]),
        ({"range_to": "1.6 MPa"}, {"shares": ["1", "0.25"]}, ["0.4", "1.6"]),
        ({"range_to": "1.6 MPa"}, {"shares": ["0.25", "1"], "falling": True}, ["1.6", "0.4"]),
        ({"range_from": "-0.1 MPa", "range_to": "0.5 MPa"}, {"shares": ["0", "0.5", "1"]}, ["-0.1", "0.2", "0.5"]),
        ({"range_from": "0 kPa", "range_to": "1600 kPa"}, {"shares": ["0.5"]}, ["0.8"]),
        ({"range_from": "-100 kPa", "range_to": "0.5 MPa"}, {"shares": ["0.5"]}, ["0.2"]),
        ({"range_to": "600 kPa"}, {"nameplate": "range_to"}, ["0.6"]),
        ({}, {"standards": True}, ["0.6", "2.5"]),
    ],
)  # fmt: skip
def test_reference_values_come_from_one_place(
    plate: dict[str, str], fields: dict[str, Any], values: list[str]
) -> None:
    """Named, as shares of the range, from the nameplate or from the standards, ascending or falling, in the procedure's unit."""
    fields = {
        name: [Decimal(each) for each in value] if isinstance(value, list) else value
        for name, value in fields.items()
    }
    judge = judge_for("pressure-gauge", plate, points=[row(**fields)])
    standards = [
        msgspec.structs.replace(standards_of("pressure-gauge")[0], nominal=quantity(text))
        for text in ("2.5 MPa", "600 kPa", "0.6 MPa")
    ]
    points = judge.plan(standards)
    assert [(each.reference.value, each.reference.unit) for each in points] == [
        (Decimal(value), "MPa") for value in values
    ]


def test_two_repeats_have_numbers_and_one_has_none() -> None:
    """The number stands in the key and in the title of each of several, and not of a single one."""
    for repeats, keys in ((1, ["at:1 MPa"]), (2, ["at:1 MPa:1", "at:1 MPa:2"])):
        points = [row(references=[Decimal(1)], repeats=repeats)]
        found = judge_for("pressure-gauge", points=points).plan(standards_of("pressure-gauge"))
        assert [each.key for each in found] == keys
        assert ["number" in each.title.values for each in found] == [repeats > 1] * repeats
        assert [each.title.values.get("number") for each in found] == ([None] if repeats == 1 else ["1", "2"])


def test_a_figure_that_the_plate_lacks_is_named() -> None:
    """The figure by its name for people, one that the kind does not know by its id; a spot check then asks for no point."""
    shares = judge_for("pressure-gauge", {}, points=[row(shares=[Decimal(1)])])
    name = next(each.name for each in catalogue().kind("pressure-gauge").nameplate if each.id == "range_to")
    with refused("nameplate_incomplete", figure=name):
        shares.plan(standards_of("pressure-gauge"))
    other = judge_for("pressure-gauge", points=[row(nameplate="supports")])
    with pytest.raises(Exception, match="nameplate_incomplete") as caught:
        other.plan(standards_of("pressure-gauge"))
    assert caught.value.problem.details == {"figure": "supports"}
    unknown = msgspec.structs.replace(facts_of("pressure-gauge"), nameplate={})
    assert plan(catalogue(), unknown, standards_of("pressure-gauge"), TODAY) == []


@pytest.mark.parametrize(
    ("plate", "limit"),
    [
        ({"range_from": "0 MPa", "range_to": "1.6 MPa"}, "0.0256"),
        ({"range_to": "1600 kPa"}, "0.0256"),
        ({"range_from": "-100 kPa", "range_to": "0.5 MPa"}, "0.0096"),
        ({"range_from": "0.6 MPa", "range_to": "1.6 MPa"}, "0.016"),
        ({}, None),
        ({"range_from": "0 MPa"}, None),
        ({"range_from": "1.6 MPa", "range_to": "1.6 MPa"}, None),
        ({"range_from": "2 MPa", "range_to": "1.6 MPa"}, None),
    ],
)
def test_the_span_is_that_of_the_range(plate: dict[str, str], limit: str | None) -> None:
    """1.6 % of the upper end less the lower one, which is nought where the plate does not say it; a range that is none has no limit."""
    judge = judge_for("pressure-gauge", plate)
    if limit is None:
        with refused("range_unknown"):
            judge.limit(quantity("0.1 MPa"))
        return
    assert judge.limit(quantity("0.1 MPa")).high == Decimal(limit)


def test_limits_hang_on_the_zone_that_is_asked_for() -> None:
    """Of a sphygmomanometer ±0.5 kPa, in the zone of the leak a fall of 0.8 kPa; a kind that is not asked for a zone has none."""
    judge = judge_of(catalogue(), facts_of("blood-pressure-meter"), TODAY)
    at = quantity("100 mmHg")
    assert [(each.low, each.high) for each in (judge.limit(at), judge.limit(at, "leak"))] == [
        (Decimal("-0.5"), Decimal("0.5")),
        (Decimal(0), Decimal("0.8")),
    ]


def test_no_plan_without_a_procedure_or_its_standard() -> None:
    """A judge of limits alone plans nothing, asks for no input, and knows no row or zone."""
    judge = judge_for("pressure-gauge")
    bare = PointsJudge(judge.limits, None, judge.facts, "1.6", Stage.IN_SERVICE, TODAY)
    assert bare.plan(standards_of("pressure-gauge")) == []
    other = [msgspec.structs.replace(each, sort="temperature") for each in standards_of("pressure-gauge")]
    assert judge.plan(other) == []
    assert not bare.has_input("tapped")
    assert judge.has_input("tapped")
    with refused(
        "limit_unknown_here", document=judge.limits.document, reference="0.8", unit="MPa", stage="in service"
    ):
        bare.limits.limit_at(
            msgspec.structs.replace(bare.where(Quantity(Decimal("0.8"), "MPa"), "", {}), accuracy_class="")
        )
