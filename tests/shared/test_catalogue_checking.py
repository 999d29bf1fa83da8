"""What the types can't say of kinds, procedures and editions: each fault by its place and reason, what is just sound, and what is asked for in vain."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from shared.metrology.catalogue import (
    Catalogue,
    Kind,
    NameplateField,
    check_kind,
    check_limits,
    with_questions,
)
from shared.metrology.catalogue_file import compiled, read, unpacked
from shared.metrology.editions import (
    Certainty,
    Edition,
    check_editions,
    check_sure,
    in_force,
    pending_notes,
)
from shared.metrology.judging import Stage
from shared.metrology.procedure import (
    InputField,
    PointRow,
    PointsProcedure,
    WeighingProcedure,
    check_procedure,
)
from tests.shared.checks import TODAY, catalogue, catalogue_files, quantity
from tests.shared.refusals import refusal, refused
from tests.shared.words import everything_said

FILE = "kind-x.toml"
SHOP, GAUGE = catalogue().kind("price-computing-scale"), catalogue().kind("pressure-gauge")
assert isinstance(SHOP.procedure, WeighingProcedure)
assert isinstance(GAUGE.procedure, PointsProcedure)
LOADS, POINTS = SHOP.procedure, GAUGE.procedure


def edition(starts: str, until: str, limits: str = "x", judged_by: str = "", **fields: Any) -> Edition:
    """An edition between two days, called by its first."""
    return Edition(
        **{
            "document": starts or "first",
            "source": "",
            "certainty": Certainty.SEEN,
            "starts": date.fromisoformat(starts) if starts else None,
            "until": date.fromisoformat(until) if until else None,
            "limits": limits,
            "judged_by": judged_by,
        }
        | fields
    )


FOLLOW, LAST = "editions must follow each other day by day", "the last edition must be open"


@pytest.mark.parametrize(
    ("editions", "key", "reason"),
    [
        ([], "editions", LAST),
        ([edition("", "2020-01-01")], "editions", LAST),
        ([edition("", "2020-01-01"), edition("2020-01-03", "")], "editions[1].from", FOLLOW),
        ([edition("", "2020-01-01"), edition("2020-01-01", "")], "editions[1].from", FOLLOW),
        ([edition("", "2020-01-01"), edition("", "")], "editions[1].from", FOLLOW),
        ([edition("", ""), edition("2020-01-02", "")], "editions[1].from", FOLLOW),
        ([edition("", "", limits="", certainty=Certainty.UNSEEN)], "editions[0]", "an unseen text needs judged_by"),
        ([edition("", "", judged_by="first")], "editions[0].judged_by", "no edition that judges is called first"),
        ([edition("", "", limits="", judged_by="another")], "editions[0].judged_by", "no edition that judges is called another"),
    ],
)  # fmt: skip
def test_editions_that_leave_a_day_out_are_refused(editions: list[Edition], key: str, reason: str) -> None:
    """Every day from the first on has one edition, and each judges by limits that are there."""
    with refused("catalogue_invalid", file=FILE, key=key, reason=reason):
        check_editions(FILE, editions)


def test_editions_follow_each_other_and_judge_by_turns() -> None:
    """On its last day an edition is in force, on the next its successor; one that was not seen is pending beside the one that judges."""
    first = edition("2010-01-01", "2020-01-01")
    second = edition("2020-01-02", "", limits="", judged_by=first.document, certainty=Certainty.UNSEEN)
    both = [first, second]
    check_editions(FILE, both)
    days = [date(2009, 12, 31), date(2010, 1, 1), date(2020, 1, 1), date(2020, 1, 2)]
    found = [in_force(both, day) for day in days]
    assert [each and (each.judging, each.pending) for each in found] == [
        None,
        (first, None),
        (first, None),
        (first, second),
    ]
    assert pending_notes(None) == pending_notes(found[2]) == []
    assert everything_said(pending_notes(found[3])) == ["2020-01-02 已实施，新规程待核；按 2010-01-01 判定。"]


def test_what_is_only_remembered_can_not_judge() -> None:
    """Every certainty must be enough, not one of them."""
    check_sure(FILE, "x", [Certainty.SEEN, Certainty.COMPUTED])
    for unsure in (Certainty.MEMORY, Certainty.UNSEEN):
        with refused("catalogue_invalid", file=FILE, key="x", reason="what is only remembered can't judge"):
            check_sure(FILE, "x", [Certainty.SEEN, unsure])


def loads(**fields: Any) -> WeighingProcedure:
    """The procedure of a shop scale, changed."""
    return msgspec.structs.replace(LOADS, **fields)


def row(name: str = "a", **fields: Any) -> PointRow:
    """A row of points at 1."""
    given = fields or {"references": [Decimal(1)]}
    return PointRow(id=name, title="{reference}", instruction="{reference}", **given)


def points(*rows: PointRow, **fields: Any) -> PointsProcedure:
    """The procedure of a gauge with other rows."""
    return msgspec.structs.replace(POINTS, points=list(rows), **fields)


def asked(name: str) -> InputField:
    """Something that is read beside."""
    return InputField(id=name, name=name, unit="1", decimals=0)


NAMES = "is neither min, half, max nor a multiple of e"
MORE, AMONG = "must be more than 0", "not among the loads"
ONE_WAY = "must say in one way where its reference values come from"
NEITHER = "a number must not be negative, and a price more than 0"


@pytest.mark.parametrize(
    ("procedure", "key", "reason"),
    [
        (loads(loads=["0e"]), "procedure.loads", f"0e {NAMES}"),
        (loads(loads=["min "]), "procedure.loads", f"min  {NAMES}"),
        (loads(deciding_loads=["MAX"]), "procedure.deciding_loads", f"MAX {NAMES}"),
        (loads(deciding_loads=[]), "procedure.deciding_loads", AMONG),
        (loads(deciding_loads=["min", "501e"]), "procedure.deciding_loads", AMONG),
        (loads(repeats=0), "procedure.repeats", MORE),
        (loads(eccentricity_divisor=0), "procedure.eccentricity_divisor", MORE),
        (loads(corners=-1), "procedure", NEITHER),
        (loads(unit_price=Decimal(0)), "procedure", NEITHER),
        (points(), "procedure.points", "there is no point"),
        (points(row(), row()), "procedure.points", "two points have the same id"),
        (points(row(), row("b", standards=False)), "procedure.points[1]", ONE_WAY),
        (points(row(references=[Decimal(1)], standards=True)), "procedure.points[0]", ONE_WAY),
        (points(row(nameplate="moon")), "procedure.points[0].nameplate", "the nameplate has no moon"),
        (points(row(references=[Decimal(1)], repeats=0)), "procedure.points[0].repeats", "must be at least 1"),
        (points(row(), inputs=[asked("x"), asked("x")]), "procedure.inputs", "two inputs have the same id"),
        (points(row(references=[Decimal(1)], inputs=[asked("x")]), inputs=[asked("x")]), "procedure.inputs", "two inputs have the same id"),
    ],
)  # fmt: skip
def test_a_procedure_that_is_none_is_refused(
    procedure: WeighingProcedure | PointsProcedure, key: str, reason: str
) -> None:
    """Loads and points that mean nothing, numbers that make no check, and names that stand twice."""
    with refused("catalogue_invalid", file=FILE, key=key, reason=reason):
        check_procedure(FILE, procedure, {"range_from", "range_to"})


def test_shares_need_both_ends_of_the_range() -> None:
    """A share of a span is one only where both its ends are on the nameplate."""
    shares = points(row(shares=[Decimal(1)]))
    check_procedure(FILE, shares, {"range_from", "range_to", "more"})
    for plate in (set(), {"range_to"}, {"range_from"}):
        with refusal("catalogue_invalid") as caught:
            check_procedure(FILE, shares, plate)
        assert caught.value.problem.details == {
            "file": FILE,
            "key": "procedure.points[0].shares",
            "reason": "the nameplate needs range_from and range_to",
        }


def test_procedures_just_sound_are_taken() -> None:
    """Every name of a load, one of each number, no corner and no price; one row of each sort."""
    sound = loads(
        loads=["min", "half", "max", "1e", "20e"],
        deciding_loads=["half"],
        repeats=1,
        eccentricity_divisor=1,
        corners=0,
        unit_price=Decimal("0.01"),
    )
    check_procedure(FILE, sound, set())
    check_procedure(FILE, msgspec.structs.replace(sound, unit_price=None), set())
    check_procedure(FILE, msgspec.structs.replace(sound, deciding_loads=sound.loads), set())
    each = points(
        row(),
        row("b", shares=[Decimal(1)]),
        row("c", nameplate="range_to"),
        row("d", standards=True, repeats=1),
    )
    check_procedure(FILE, each, {"range_from", "range_to"})


def kind(**fields: Any) -> Kind:
    """The kind of pressure gauges, changed."""
    return msgspec.structs.replace(GAUGE, **fields)


FIELD = NameplateField(id="x", name="x", unit="MPa")
[*_, JUDGES] = GAUGE.editions


@pytest.mark.parametrize(
    ("changed", "key", "reason"),
    [
        (kind(editions=[]), "editions", LAST),
        (kind(visual=[GAUGE.visual[0], GAUGE.visual[0]]), "visual", "two questions have the same id"),
        (kind(nameplate=[*GAUGE.nameplate, FIELD, FIELD]), "nameplate", "two figures have the same id"),
        (kind(default_class="9"), "default_class", "9 is not among accuracy_classes"),
        (kind(jjf_1051="1"), "jjf_1051", "A type code of JJF 1051 has 8 digits."),
        (kind(procedure=points()), "procedure.points", "there is no point"),
        (kind(nameplate=[]), "procedure.points[0].shares", "the nameplate needs range_from and range_to"),
        (kind(editions=[msgspec.structs.replace(JUDGES, starts=None, limits="")]), "editions[0].limits", "there are no limits (none named) for pressure"),
        (kind(editions=[msgspec.structs.replace(JUDGES, starts=None, limits="taximeter")]), "editions[0].limits", "there are no limits taximeter for pressure"),
        (kind(procedure=None, editions=[msgspec.structs.replace(JUDGES, starts=None, limits="moon")]), "editions[0].limits", "there are no limits moon for pressure"),
        (kind(editions=[msgspec.structs.replace(JUDGES, starts=None, certainty=Certainty.MEMORY)]), "editions[0].limits", "what is only remembered can't judge"),
    ],
)  # fmt: skip
def test_a_kind_that_can_not_be_judged_is_refused(changed: Kind, key: str, reason: str) -> None:
    """Names that lead nowhere, ids that stand twice, and limits that are not there or not sure."""
    with refused("catalogue_invalid", file=FILE, key=key, reason=reason):
        check_kind(FILE, changed, catalogue().limits)


def test_a_kind_just_sound_is_taken() -> None:
    """Without a class, without classes or a type code; an edition that was followed may be without limits, and one that judges nothing too."""
    open_end = msgspec.structs.replace(JUDGES, starts=None)
    past = edition("", "2020-01-01", limits="")
    now = msgspec.structs.replace(JUDGES, starts=date(2020, 1, 2), until=None)
    unsure = msgspec.structs.replace(open_end, certainty=Certainty.MEMORY)
    for each in (
        kind(default_class="", jjf_1051=""),
        kind(default_class="9", accuracy_classes=[]),
        kind(editions=[past, now]),
        kind(procedure=None, editions=[msgspec.structs.replace(open_end, limits="")]),
        kind(procedure=None, editions=[unsure]),
    ):
        check_kind(FILE, each, catalogue().limits)


def test_a_spot_check_needs_limits_in_service() -> None:
    """Limits of verification alone judge no spot check; without a procedure nobody asks for them. Weights must be sure, too."""
    limits = dict(catalogue().limits)
    table = limits["pressure-gauge"]
    rows = [msgspec.structs.replace(each, stages=[Stage.INITIAL]) for each in table.mpe]
    limits["pressure-gauge"] = msgspec.structs.replace(table, mpe=rows)
    check_kind(FILE, kind(procedure=None), limits)
    place = next(place for place, each in enumerate(GAUGE.editions) if each.limits)
    reason = "no limit in service is known, so a spot check can't be judged"
    with refused("catalogue_invalid", file=FILE, key=f"editions[{place}].limits", reason=reason):
        check_kind(FILE, GAUGE, limits)
    weighing = limits["weighing-r76"]
    weights = msgspec.structs.replace(weighing.weights, certainty=Certainty.MEMORY)
    limits["weighing-r76"] = msgspec.structs.replace(weighing, weights=weights)
    with refused(
        "catalogue_invalid", file=FILE, key="editions[0].limits", reason="what is only remembered can't judge"
    ):
        check_kind(FILE, SHOP, limits)


@pytest.mark.parametrize(
    "name", ["weighing-r76", "pressure-gauge", "combustible-gas-alarm", "heat-meter", "taximeter"]
)
def test_limits_of_each_rule_are_checked(name: str) -> None:
    """Whatever its rule, a table that is none is refused by its file."""
    table = catalogue().limits[name]
    check_limits(FILE, table)
    wrong = (
        msgspec.structs.replace(table, amount_step=Decimal(0))
        if name == "weighing-r76"
        else msgspec.structs.replace(table, shown_decimals=-1)
    )
    with refusal("catalogue_invalid") as caught:
        check_limits(FILE, wrong)
    assert caught.value.problem.details["file"] == FILE


def test_shared_questions_are_asked_first() -> None:
    """In the order the kind names them, before its own; one that is not there is named by its place."""
    first, second, own = SHOP.visual[:3]
    known = {each.id: each for each in (first, second)}
    found = with_questions(FILE, kind(asks=[second.id, first.id], visual=[own]), known)
    assert found.visual == [second, first, own]
    with refused("catalogue_invalid", file=FILE, key="asks[1]", reason="questions.toml has no moon"):
        with_questions(FILE, kind(asks=[first.id, "moon"]), known)


def test_a_figure_can_stand_on_a_nameplate() -> None:
    """From the least to the most, both included, in any unit, and whole where it must be; what can't stand there is named."""
    anything = msgspec.structs.replace(FIELD, name="Points of support")
    whole = msgspec.structs.replace(anything, least=Decimal(1), most=Decimal(3), whole=True)
    for possible in ("1 MPa", "1000 kPa", "3 MPa"):
        whole.check(quantity(possible))
    for impossible in ("0.999 MPa", "3.001 MPa", "4 MPa", "1.5 MPa"):
        with refused("nameplate_impossible", figure=anything.name, value=impossible):
            whole.check(quantity(impossible))
    part = msgspec.structs.replace(anything, least=Decimal(1))
    part.check(quantity("1.5 MPa"))
    part.check(quantity("1000000 MPa"))
    anything.check(quantity("0 MPa"))
    with refused("nameplate_impossible", figure=anything.name, value="−0.001 MPa"):
        anything.check(quantity("-0.001 MPa"))


def test_what_is_asked_for_in_vain_is_refused() -> None:
    """A kind, or an edition on a day, that the catalogue lacks is named, with what is kept; no document judges there."""
    with refused("kind_unknown", kind="sundial"):
        catalogue().kind("sundial")
    early, monitor = date(2000, 1, 1), catalogue().kind("blood-pressure-monitor")
    with refused("edition_unknown", kind=monitor.chinese, on="2000-01-01"):
        catalogue().edition(monitor.id, early)
    assert catalogue().judging(monitor.id, early) == ""
    assert catalogue().judging(GAUGE.id, TODAY) == "JJG 52-2013"
    assert catalogue().judging("glass-thermometer", TODAY) == ""
    assert catalogue().judging("sundial", TODAY) == ""
    assert catalogue().limits_on(GAUGE.id, TODAY) is catalogue().limits["pressure-gauge"]


def test_files_are_refused_by_their_names() -> None:
    """One that is missing, one whose name says nothing, one that is there twice under two names, and bytes that are no text."""
    files = catalogue_files()
    for name in ("catalogue.toml", "questions.toml"):
        with refused("catalogue_invalid", file=name, key="$", reason="the file is missing"):
            Catalogue.parse({each: text for each, text in files.items() if each != name})
    reason = "the name says neither kind- nor limits-"
    with refused("catalogue_invalid", file="kinds-new.toml", key="$", reason=reason):
        Catalogue.parse(files | {"kinds-new.toml": b""})
    with refused("catalogue_invalid", file="kind-z.toml", key="id", reason="taximeter is there already"):
        Catalogue.parse(files | {"kind-z.toml": files["kind-taximeter.toml"]})
    with refused("catalogue_invalid", file="limits-z.toml", key="id", reason="taximeter is there already"):
        Catalogue.parse(files | {"limits-z.toml": files["limits-taximeter.toml"]})
    for name in ("catalogue.toml", "questions.toml"):
        with refusal("catalogue_invalid") as caught:
            Catalogue.parse(files | {name: b"x"})
        assert caught.value.problem.details["file"] == name
    found = Catalogue.parse(files)
    assert found.version
    assert found.kinds == catalogue().kinds


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """Something that a file says."""

    figure: Decimal
    names: list[str] = []
    count: int = 0


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (b"figure = 1.5", "$.figure", "Expected `decimal`, got a number without quotes"),
        (b'figure = "1"\nmoon = 1', "$", "Object contains unknown field `moon`"),
        (b'figure = "1"\nnames = ["a", 1]', "$.names[1]", "Expected `str`, got `int`"),
        (b'figure = "1"\ncount = "3"', "$.count", "Expected `int`, got `str`"),
        (b"figure", "$", None),
        (b"\xff", "$", None),
    ],
    ids=["point", "unknown", "number", "text for a number", "no table", "no text"],
)
def test_a_file_that_is_none_is_refused_by_its_place(text: bytes, key: str, reason: str | None) -> None:
    """The key where it goes wrong, and why; a number without quotes never becomes a limit."""
    with refusal("catalogue_invalid") as caught:
        read(FILE, text, Part)
    details = caught.value.problem.details
    assert (details["file"], details["key"]) == (FILE, key)
    assert reason is None or details["reason"] == reason
    assert read(FILE, b'figure = "1.50"', Part) == Part(Decimal("1.50"))


def test_what_was_compiled_is_read_back() -> None:
    """A damaged file is refused by its name and the reason."""
    assert unpacked("x.json", compiled(Part(Decimal("1.50"))), Part) == Part(Decimal("1.50"))
    with refusal("catalogue_invalid") as caught:
        unpacked("x.json", b'{"figure": "1"', Part)
    details = caught.value.problem.details
    assert (details["file"], details["key"]) == ("x.json", "$")
    assert details["reason"] == "Input data was truncated"
