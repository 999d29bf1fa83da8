"""Limits and zones at the points of instruments that are compared with a standard, where each of them changes; and what is refused."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from shared.errors import InputError
from shared.metrology.dispensing import DispensingJudge
from shared.metrology.energy import HeatLimits, Parts, Share, check_heat, ratio
from shared.metrology.flow import FlowJudge
from shared.metrology.judges import judge_of
from shared.metrology.judging import STAGE_WORDS, Source, Stage
from shared.metrology.points import PointsJudge
from shared.metrology.table_limits import ErrorForm, MpeRow, PointLimits, TableLimits, Where, check_table
from shared.quantity import Quantity
from tests.shared.checks import TODAY, catalogue, quantity, scale
from tests.shared.families import check_of, facts_of
from tests.shared.refusals import refusal, refused
from tests.shared.words import everything_said, said_in_chinese

HEAT = "limits-heat-meter.toml"


def limits_of(kind: str) -> TableLimits:
    """The table of a kind."""
    found = catalogue().limits_on(kind, TODAY)
    assert isinstance(found, TableLimits)
    return found


def heat() -> HeatLimits:
    """The limits of heat meters."""
    found = catalogue().limits["heat-meter"]
    assert isinstance(found, HeatLimits)
    return found


def where(stage: Stage = Stage.INITIAL, accuracy_class: str = "2", **inputs: str) -> Where:
    """A point of a heat meter of qp 1.5 m³/h and Δθmin 3 K."""
    given = {"flow_rate": "1.5 m³/h", "temperature_difference": "30 K"} | inputs
    return Where(
        stage=stage,
        reference=Decimal(10),
        accuracy_class=accuracy_class,
        inputs={name: quantity(text) for name, text in given.items()},
        nameplate={
            "rated_flow": quantity("1.5 m³/h"),
            "least_temperature_difference": quantity("3 K"),
        },
    )


def test_a_heat_meters_limit_is_said_part_by_part() -> None:
    """At qp and ten times Δθmin: 2.02 + 0.8 + 0.6 = 3.42 %, with each part in the working."""
    limit = heat().limit_at(where())
    assert (limit.low, limit.high, limit.unit) == (Decimal("-3.42"), Decimal("3.42"), "%")
    assert limit.working.said(said_in_chinese).count("3.42 %") == 1
    assert [limit.working.values[name] for name in ("flow", "sensors", "calculator")] == [
        "2.02",
        "0.80",
        "0.60",
    ]
    assert limit.source.document == heat().document


@pytest.mark.parametrize("change", [{"stage": Stage.IN_SERVICE}, {"accuracy_class": "3"}])
def test_a_heat_meter_of_another_class_or_stage_has_no_known_limit(change: dict[str, object]) -> None:
    """Both the stage and the class must be those of the parts."""
    asked = msgspec.structs.replace(where(), **change)
    document, stage = heat().document, STAGE_WORDS[asked.stage].text
    with refused("limit_unknown_here", document=document, reference="10", unit="kWh", stage=stage):
        heat().limit_at(asked)


def test_limits_know_their_stages() -> None:
    """Heat meters are known at initial verification alone; limits without rows are known at no stage."""
    assert [heat().knows(stage) for stage in Stage] == [True, False, False]
    table = limits_of("pressure-gauge")
    assert all(table.knows(stage) for stage in Stage)
    bare = PointLimits(
        **{name: getattr(table, name) for name in PointLimits.__struct_fields__}  # a rule that has no table
    )
    assert not any(bare.knows(stage) for stage in Stage)
    asked = Where(stage=Stage.IN_SERVICE, reference=Decimal("0.50"))
    with refused(
        "limit_unknown_here", document=bare.document, reference="0.5", unit="MPa", stage="in service"
    ):
        bare.limit_at(asked)


@pytest.mark.parametrize("value", [None, "0 K", "-1 K"])
def test_a_ratio_needs_a_reading_above_nought(value: str | None) -> None:
    """What was not read, or is nought or less, divides nothing; the reading is named as people call it."""
    flow = {"flow_rate": quantity("1.5 m³/h")}
    read = {} if value is None else {"temperature_difference": quantity(value)}
    with refused("input_missing", what="Temperature difference"):
        heat().limit_at(msgspec.structs.replace(where(), inputs=flow | read))


@pytest.mark.parametrize("value", [None, "0 m³/h"])
def test_a_ratio_needs_the_plates_figure(value: str | None) -> None:
    """A figure of the plate that is not known, or is nought, is named as people call it, and apart from a reading."""
    plate = {"least_temperature_difference": quantity("3 K")}
    plate |= {} if value is None else {"rated_flow": quantity(value)}
    facts = scale(
        kind="heat-meter",
        accuracy_class="2",
        capacity_max=None,
        verification_scale_interval=None,
        nameplate=plate,
    )
    judge = judge_of(catalogue(), facts, TODAY, Stage.INITIAL)
    assert isinstance(judge, PointsJudge)
    with refused("nameplate_incomplete", figure="Permanent flow rate qp"):
        judge.limit(quantity("10 kWh"), inputs=where().inputs)
    read = msgspec.structs.replace(
        check_of("taximeter").readings[0], reference=quantity("10 kWh"), inputs=where().inputs
    )
    whole = msgspec.structs.replace(facts, nameplate=where().nameplate)
    known = judge_of(catalogue(), whole, TODAY, Stage.INITIAL)
    assert isinstance(known, PointsJudge)
    assert known.limit_of(read).high == Decimal("3.42")
    unnamed = msgspec.structs.replace(where(), nameplate=plate)
    with pytest.raises(InputError, match="nameplate_incomplete") as caught:
        heat().limit_at(unnamed)
    assert caught.value.problem.details == {"figure": "rated_flow"}


def test_a_ratio_is_the_nameplates_over_the_reading() -> None:
    """Δθmin 3 K over 30 K is a tenth."""
    assert ratio(where(), "least_temperature_difference", "temperature_difference", "K") == Decimal("0.1")


@pytest.mark.parametrize(
    ("share", "sound"),
    [
        (Share(Decimal("0.5"), Decimal(0)), True),
        (Share(Decimal("0.5"), Decimal(1), Decimal("0.5")), True),
        (Share(Decimal(0), Decimal(1)), False),
        (Share(Decimal("-0.5"), Decimal(1)), False),
        (Share(Decimal("0.5"), Decimal("-0.1")), False),
        (Share(Decimal("0.5"), Decimal(1), Decimal("0.4")), False),
    ],
)
def test_the_parts_of_a_heat_meter_are_limits(share: Share, sound: bool) -> None:
    """A part begins above nought, does not fall, and does not end below its beginning."""
    known = heat().parts[0]
    parts = Parts(known.stages, known.accuracy_class, known.flow, known.sensors, share)
    changed = msgspec.structs.replace(heat(), parts=[parts])
    if sound:
        check_heat(HEAT, changed)
        return
    reason = "must be more than 0, and not begin above its end"
    with refusal("catalogue_invalid") as caught:
        check_heat(HEAT, changed)
    assert caught.value.problem.details == {"file": HEAT, "key": "parts[0].calculator", "reason": reason}


def test_a_heat_meters_limits_are_limits_of_points_too() -> None:
    """What is wrong with any table of points is named for heat meters as well, with their file."""
    with refusal("catalogue_invalid") as caught:
        check_heat(HEAT, msgspec.structs.replace(heat(), shown_decimals=-1))
    assert caught.value.problem.details["file"] == HEAT


def water(duration: str, plate: dict[str, Quantity] | None = None) -> str:
    """The zone that a water meter's reading of 10 L lies in; Q2 is 0.04 m³/h, and ``plate`` has what else its nameplate says."""
    facts = facts_of("water-meter")
    facts = msgspec.structs.replace(facts, nameplate=facts.nameplate | (plate or {}))
    judge = judge_of(catalogue(), facts, TODAY)
    assert isinstance(judge, FlowJudge)
    read = next(each for each in check_of("water-meter").readings if each.indication)
    changed = msgspec.structs.replace(
        read, reference=quantity("10 L"), inputs=read.inputs | {"duration": quantity(duration)}
    )
    return judge.zone_of(changed)


def test_the_zone_of_a_meter_is_that_of_its_flow_rate() -> None:
    """10 L in 900 s is Q2 exactly, the first of the upper zone; a second more is below it; in one second, above."""
    assert [water(duration) for duration in ("900 s", "901 s", "15 min", "1 s", "0.5 s")] == [
        "upper",
        "lower",
        "upper",
        "upper",
        "upper",
    ]


def test_no_limit_is_known_outside_the_meters_range() -> None:
    """From Q1 = 0.02 m³/h (10 L in 1800 s) to Q4 = 3.6 m³/h (10 s) both included; a plate that does not say them ends nowhere."""
    plate = {"minimum_flow": quantity("0.02 m³/h"), "overload_flow": quantity("3600 L/h")}
    assert [water(duration, plate) for duration in ("1800 s", "10 s")] == ["lower", "upper"]
    document = limits_of("water-meter").document
    for duration in ("1800.1 s", "9.99 s"):
        with refused("limit_unknown_here", document=document, reference="10", unit="L", stage="in service"):
            water(duration, plate)
        water(duration)


def test_a_flow_rate_needs_a_time() -> None:
    """No time, or one of nought, gives no zone, and the reason names what is missing."""
    with refused("input_missing", what="Time that it ran"):
        water("0 s")


def test_a_zone_that_the_procedure_names_goes_first() -> None:
    """A point of the lower zone is judged there, however fast the water ran."""
    judge = judge_of(catalogue(), facts_of("water-meter"), TODAY)
    assert isinstance(judge, FlowJudge)
    assert judge.procedure
    rows = [msgspec.structs.replace(each, zone="lower") for each in judge.procedure.points]
    procedure = msgspec.structs.replace(judge.procedure, points=rows)
    named = FlowJudge(judge.limits, procedure, judge.facts, "", Stage.IN_SERVICE, TODAY)
    read = check_of("water-meter").readings[0]
    fast = msgspec.structs.replace(read, inputs=read.inputs | {"duration": quantity("1 s")})
    assert (named.zone_of(fast), judge.zone_of(fast)) == ("lower", "upper")


def test_a_volume_that_was_read_goes_before_the_neck_scale() -> None:
    """Where both were typed the volume judges; where neither was, it is the volume that is missing."""
    judge = judge_of(catalogue(), facts_of("fuel-dispenser"), TODAY)
    assert isinstance(judge, DispensingJudge)
    read = check_of("fuel-dispenser").readings[0]
    neck = {name: text for name, text in read.inputs.items() if name.startswith("neck_")}
    both = msgspec.structs.replace(read, inputs=neck | {"vessel_volume": quantity("19.5 L")})
    assert judge.volume(both) == (Decimal("19.5"), [])
    with refused("input_missing", what="Volume read off the measure"):
        judge.volume(msgspec.structs.replace(read, inputs={}))


def row(**changes: object) -> MpeRow:
    """A row of ±1 for every stage."""
    return MpeRow(**({"stages": list(Stage), "high": Decimal(1)} | changes))


@pytest.mark.parametrize(
    ("change", "rows", "key", "reason"),
    [
        ({}, [], "mpe", "there is no row"),
        ({}, [row(), row(stages=[])], "mpe[1].stages", "no stage is named"),
        ({}, [row(high=Decimal(-1))], "mpe[0].high", "the upper limit must be above the lower one"),
        (
            {},
            [row(high=Decimal(-1), low=Decimal(-2))],
            "mpe[0].high",
            "the upper limit must be above the lower one",
        ),
        ({}, [row(low=Decimal(1))], "mpe[0].high", "the upper limit must be above the lower one"),
        (
            {"form": ErrorForm.FIDUCIAL},
            [row(low=Decimal("-0.5"))],
            "mpe[0].low",
            "a fiducial limit is the same on both sides",
        ),
        (
            {},
            [row(least=Decimal(2), below=Decimal(1))],
            "mpe[0]",
            "the stretch must end once, and after it begins",
        ),
        (
            {},
            [row(below=Decimal(2), up_to=Decimal(2))],
            "mpe[0]",
            "the stretch must end once, and after it begins",
        ),
        (
            {},
            [row(least=Decimal(2), up_to=Decimal(1))],
            "mpe[0]",
            "the stretch must end once, and after it begins",
        ),
        (
            {},
            [row(form=ErrorForm.RELATIVE, low=Decimal("-0.5"), or_absolute=Decimal(1))],
            "mpe[0].or_absolute",
            "stands beside a relative limit only",
        ),
        (
            {},
            [row(or_absolute=Decimal(1))],
            "mpe[0].or_absolute",
            "stands beside a relative limit only",
        ),
        ({}, [row(high=Decimal(0))], "mpe[0].high", "the upper limit must be above the lower one"),
        (
            {"form": ErrorForm.RELATIVE},
            [row(or_absolute=Decimal(0))],
            "mpe[0].or_absolute",
            "stands beside a relative limit only",
        ),
        ({"shown_decimals": -1}, [row()], "shown_decimals", "must not be negative"),
        ({"standard_divisor": 0}, [row()], "standard_divisor", "must be more than 0"),
        ({"repeatability": Decimal(0)}, [row()], "repeatability", "must be more than 0"),
    ],
)
def test_a_table_that_is_none_is_refused(
    change: dict[str, object], rows: list[MpeRow], key: str, reason: str
) -> None:
    """The file, the place and the reason are named."""
    table = msgspec.structs.replace(
        limits_of("water-meter"), **({"form": ErrorForm.ABSOLUTE, "mpe": rows} | change)
    )
    with refusal("catalogue_invalid") as caught:
        check_table("limits-x.toml", table)
    assert caught.value.problem.details == {"file": "limits-x.toml", "key": key, "reason": reason}


def table(*rows: MpeRow, form: ErrorForm = ErrorForm.ABSOLUTE) -> TableLimits:
    """Limits of water meters with other rows."""
    return msgspec.structs.replace(limits_of("water-meter"), form=form, mpe=list(rows))


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, "any"),
        ({"accuracy_class": "2"}, "of the class"),
        ({"zone": "lower"}, "of the zone"),
        ({"stage": Stage.INITIAL}, "new"),
    ],
)
def test_a_row_fits_by_stage_class_and_zone(fields: dict[str, object], found: str) -> None:
    """A row that names no class or zone is for all; one that names one is for that alone; the clause is the row's own, else the table's."""
    rows = [
        row(stages=[Stage.INITIAL], clause="new"),
        row(stages=[Stage.IN_SERVICE], accuracy_class="2", clause="of the class"),
        row(stages=[Stage.IN_SERVICE], zone="lower", clause="of the zone"),
        row(stages=[Stage.IN_SERVICE], clause="any"),
    ]
    asked = Where(**({"stage": Stage.IN_SERVICE, "reference": Decimal(1)} | fields))
    limits = table(*rows)
    source = limits.limit_at(asked).source
    assert source == Source(limits.document, found, limits.certainty.value)
    bare = table(row()).limit_at(asked).source
    assert bare == limits.source_of() == Source(limits.document, limits.clause, limits.certainty.value)


@pytest.mark.parametrize(
    ("form", "fields", "limit", "said"),
    [
        (ErrorForm.ABSOLUTE, {}, "±1 L", "8 L，使用中：±1 L"),
        (ErrorForm.ABSOLUTE, {"low": "-0.5"}, "−0.5…+1 L", "8 L，使用中：−0.5…+1 L"),
        (ErrorForm.RELATIVE, {}, "±1 %", "8 L，使用中：±1 %"),
        (ErrorForm.DAILY, {}, "±1 L/d", "8 L，使用中：±1 L/d"),
        (ErrorForm.FIDUCIAL, {}, "±0.2 L", "8 L，使用中：量程 20 L 的 ±1 % = ±0.2 L"),
        (ErrorForm.ABSOLUTE, {"form": ErrorForm.RELATIVE}, "±1 %", "8 L，使用中：±1 %"),
        (ErrorForm.FIDUCIAL, {"form": ErrorForm.ABSOLUTE}, "±1 L", "8 L，使用中：±1 L"),
        (
            ErrorForm.ABSOLUTE,
            {"form": ErrorForm.FIDUCIAL},
            "±0.2 L",
            "8 L，使用中：量程 20 L 的 ±1 % = ±0.2 L",
        ),
        (
            ErrorForm.RELATIVE,
            {"or_absolute": "0.05"},
            "±0.08 L",
            "8 L，使用中：±1 % 或 ±0.05 L，取较宽者 = ±0.08 L",
        ),
        (
            ErrorForm.RELATIVE,
            {"or_absolute": "0.1"},
            "±0.1 L",
            "8 L，使用中：±1 % 或 ±0.1 L，取较宽者 = ±0.1 L",
        ),
    ],
)
def test_a_limit_is_in_the_form_of_its_row(
    form: ErrorForm, fields: dict[str, object], limit: str, said: str
) -> None:
    """The row's form, else the table's: as an amount, in per cent of the value or of the span, a day, or the wider of two."""
    given = {
        name: Decimal(value) if isinstance(value, str) and name != "form" else value
        for name, value in fields.items()
    }
    limits = table(row(**given), form=form)
    asked = Where(stage=Stage.IN_SERVICE, reference=Decimal(8), span=Decimal(20))
    found = limits.limit_at(asked)
    assert found.shown() == limit
    assert everything_said(found) == [f"{said}（{limits.document}）"]


def test_a_value_below_nought_has_its_limit_too() -> None:
    """A share of a negative value, or of a span that it lies below the middle of, is as wide as on the other side."""
    asked = Where(stage=Stage.IN_SERVICE, reference=Decimal(-8), span=Decimal(20))
    wide = table(row(or_absolute=Decimal("0.05")), form=ErrorForm.RELATIVE)
    assert wide.limit_at(asked).high == Decimal("0.08")
    fiducial = table(row(least=Decimal(40), form=ErrorForm.FIDUCIAL), row(high=Decimal(3)))
    assert fiducial.limit_at(asked).high == Decimal("0.2")


def test_a_kind_without_limits_is_not_judged() -> None:
    """The kind is named in Chinese, with the day."""
    kind = catalogue().kind("gas-dispenser")
    with refused("not_judged", kind=kind.chinese, on="2026-11-20"):
        judge_of(catalogue(), scale(kind=kind.id), TODAY)


def test_what_no_nameplate_says_is_refused_by_its_name() -> None:
    """A figure that can't be is named as people call it, with what was typed; one that the kind does not know is not looked at."""
    fields = {each.id: each.name for each in catalogue().kind("truck-scale").nameplate}
    facts = facts_of("truck-scale")
    odd = msgspec.structs.replace(facts, nameplate={"supports": quantity("2.5 1")})
    with refused("nameplate_impossible", figure=fields["supports"], value="2.5 1"):
        judge_of(catalogue(), odd, TODAY)
    stranger = msgspec.structs.replace(facts, nameplate=facts.nameplate | {"range_to": quantity("1 MPa")})
    assert judge_of(catalogue(), stranger, TODAY)


def test_a_table_just_sound_is_taken() -> None:
    """A lower limit of nought, an upper one of nought, a stretch of one value, and a divisor of one are sound."""
    rows = [
        row(low=Decimal(0)),
        row(high=Decimal(0), low=Decimal(-1)),
        row(least=Decimal(2), up_to=Decimal(2)),
        row(form=ErrorForm.RELATIVE, or_absolute=Decimal("0.5")),
    ]
    change = {"form": ErrorForm.ABSOLUTE, "mpe": rows, "standard_divisor": 1, "shown_decimals": 0}
    check_table("limits-x.toml", msgspec.structs.replace(limits_of("water-meter"), **change))


@pytest.mark.parametrize(
    ("ends", "held"),
    [
        ({"least": "2"}, ["2", "3"]),
        ({"below": "2"}, ["1"]),
        ({"up_to": "2"}, ["1", "2"]),
        ({"least": "1", "below": "3"}, ["1", "2"]),
        ({"least": "2", "up_to": "2"}, ["2"]),
    ],
)
def test_a_stretch_holds_its_ends_as_it_says(ends: dict[str, str], held: list[str]) -> None:
    """``from`` and ``up_to`` are included, ``below`` is not."""
    each = row(**{name: Decimal(text) for name, text in ends.items()})
    assert [text for text in ("1", "2", "3") if each.holds(Decimal(text))] == held


def test_only_a_fiducial_row_goes_by_the_share_of_the_span() -> None:
    """0.8 of 1.6 MPa is half the span for a fiducial row, and 0.8 for every other; the working says which."""
    table = limits_of("pressure-gauge")
    asked = Where(stage=Stage.IN_SERVICE, reference=Decimal("0.8"), accuracy_class="1.6", span=Decimal("1.6"))
    shares = [table.stretch_value(row(form=form), asked) for form in (None, ErrorForm.ABSOLUTE)]
    assert shares == [Decimal(50), Decimal("0.8")]
    said = table.limit_at(asked).working.said(said_in_chinese)
    assert said == "0.8 MPa，使用中：量程 1.6 MPa 的 ±1.6 % = ±0.0256 MPa（JJG 52-2013）"
