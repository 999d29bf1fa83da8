"""A lot of prepackages on the phone: reading by reading over days, and what is sealed is what was given."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import Figure, LotStep
from mobile.workflow.points import PointState
from shared.errors import InputError
from shared.lot import OTHER_METHOD, Grade, LotInspection, TareMethod
from shared.metrology.judging import Outcome
from shared.metrology.prepackages.lots import judge_lot
from shared.quantity import Quantity
from shared.standard import Standard
from tests.mobile.keys import typed
from tests.mobile.phone import COUNTY, ROOT, Phone, World, make_phone, make_world
from tests.mobile.phone import weight as new_weight
from tests.mobile.picture import jpeg
from tests.mobile.played import played
from tests.shared.lots import rules

VECTORS = tomllib.loads((ROOT / "tests/vectors/prepackage-lots.toml").read_text())["vector"]
Act = Callable[[LotCheck], Awaitable[object]]


def typing(text: str) -> list[tuple[str, Act]]:
    """One act for every key."""

    def key(upto: int) -> Act:
        return lambda lot: typed(lot, text[:upto])

    return [(f"type {text[:upto]}", key(upto)) for upto in range(1, len(text) + 1)]


def reading(text: str) -> list[tuple[str, Act]]:
    return [*typing(text), (f"take {text}", lambda lot: lot.take())]


async def begun(world: World, phone: Phone) -> LotCheck:
    """A lot at the market, on an enrolled phone."""
    await phone.enrol()
    return await phone.app.lots.begin(world.premises)


async def at_the_scale(lot: LotCheck, nominal: str, size: int, weight: Standard) -> None:
    """Everything before the first reading: goods, label, plan, net weighing, and what was weighed with."""
    await lot.answer(goods="面粉", label_text=f"净含量:{nominal.replace(' ', '')}")
    await lot.go_to(LotStep.GOODS, Figure.HEIGHT)
    await typed(lot, "6")
    await lot.onward()
    assert lot.draft.field == Figure.LOT_SIZE, "the label states Qn, so N is what is left to type"
    await typed(lot, str(size))
    await lot.onward()
    await lot.toggle_standard(weight.standard_id)
    await lot.onward()


async def read_all(lot: LotCheck, nets: list[str]) -> None:
    for net in nets:
        await typed(lot, net)
        await lot.take()


async def recorded(phone: Phone, lot: LotCheck) -> LotInspection:
    [kept] = await phone.store.records.about(lot.draft.lot_id)
    assert kept.envelope.kind == "lot.inspected"
    return msgspec.json.decode(kept.envelope.payload, type=LotInspection)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
@played
async def test_the_published_sets_through_the_form(vector: dict[str, Any]) -> None:
    """METROLOGY §4.2: read package by package, the phone states the set's verdict, and the record gives it once more."""
    world = make_world()
    phone = make_phone(world)
    lot = await begun(world, phone)
    await at_the_scale(lot, vector["nominal"], vector["lot_size"], world.weights[0])
    await read_all(lot, vector["nets"])
    assert lot.draft.step is LotStep.VERDICT
    verdict = lot.verdict()
    assert verdict
    assert verdict.plan
    assert (verdict.outcome.value, verdict.plan.individual.value) == (vector["outcome"], vector["individual"])
    assert (verdict.plan.t1, verdict.plan.t2) == (vector.get("t1", 0), vector.get("t2", 0))
    assert verdict.label is Outcome.WITHIN
    receipt = await lot.sign(b"strokes", "image/png")
    assert receipt.lot
    payload = await recorded(phone, lot)
    assert payload.verdict
    assert payload.verdict.outcome.value == vector["outcome"]
    assert judge_lot(rules(), payload).outcome.value == vector["outcome"]
    assert [str(one.indication.value) for one in payload.readings if one.indication] == vector["nets"]


WITH_TARE: list[tuple[str, Act]] = [
    ("goods", lambda lot: lot.answer(goods="大米")),
    ("producer", lambda lot: lot.answer(producer="某厂", batch_no="B7")),
    ("half a label", lambda lot: lot.answer(label_text="净含量:50")),
    ("the label", lambda lot: lot.answer(label_text="净含量:500g")),
    ("a picture", lambda lot: lot.add_photo(jpeg(b"a label"))),
    ("height", lambda lot: lot.go_to(LotStep.GOODS, Figure.HEIGHT)),
    *typing("4.5"),
    ("to the plan", lambda lot: lot.onward()),
    *typing("40"),
    ("to the method", lambda lot: lot.onward()),
    ("gross", lambda lot: lot.answer(tare_method=TareMethod.MEAN)),
    ("to the packings", lambda lot: lot.onward()),
    *reading("5.2"),
    *reading("5.4"),
    *typing("5"),
    ("to the packages", lambda lot: lot.onward()),
    *reading("505.3"),
    *typing("4"),
    ("another package", lambda lot: lot.go_to(LotStep.READINGS, "package:5")),
    *typing("50."),
    ("back at the half figure", lambda lot: lot.go_to(LotStep.READINGS, "package:2")),
    *reading("488.1"),
    ("read again", lambda lot: lot.again("package:2", "disturbed")),
    *reading("504"),
    ("cannot", lambda lot: lot.cannot("package_damaged")),
    ("a packing again", lambda lot: lot.again("packing:1", "mistyped")),
    ("it is done", lambda lot: typed(lot, "5.3")),
    ("taken", lambda lot: lot.take()),
    ("the outcome", lambda lot: lot.go_to(LotStep.VERDICT)),
    ("to sign", lambda lot: lot.go_to(LotStep.SIGN)),
    ("objects", lambda lot: lot.party_says(True, "秤不准")),
]


@played
async def test_nothing_is_lost_by_a_kill_after_any_key(tmp_path: Path) -> None:
    """Killed after every key and every choice, the app reopens with the very draft, in the very field."""
    world = make_world()
    phone = make_phone(world, tmp_path / "work.db")
    lot = await begun(world, phone)
    for name, act in WITH_TARE:
        world.clock.advance(timedelta(seconds=7))
        await act(lot)
        before, verdict = lot.draft, lot.verdict()
        phone = await phone.reopened()
        summary = (await phone.app.today.home()).resume
        assert summary, name
        assert summary.goods is not None
        lot = await phone.app.lots.open(summary.draft_id)
        assert lot.draft == before, name
        assert lot.verdict() == verdict, name
    assert (summary.points_done, summary.points_total) == (3, 10)
    assert lot.draft.figures["package:5"] == "50."
    assert [one.superseded_because for one in lot.draft.attempts("package:2")] == ["disturbed", ""]
    [photo] = lot.photos
    assert await phone.blobs.get(photo.digest)


@played
async def test_the_mean_of_the_packings_is_taken_off() -> None:
    """Gross readings minus the mean of the packings weighed; a packing that was set aside does not count."""
    world = make_world()
    phone = make_phone(world)
    lot = await begun(world, phone)
    for _name, act in WITH_TARE:
        await act(lot)
    await lot.toggle_standard(world.weights[0].standard_id)
    verdict = lot.verdict()
    assert verdict
    nets = {one.package: one.net_content for one in verdict.packages}
    assert nets == {1: Quantity(Decimal("499.95"), "g"), 2: Quantity(Decimal("498.65"), "g")}
    assert any(note.values.get("cause") for note in verdict.notes)
    assert (verdict.outcome, verdict.label) == (Outcome.UNDECIDED, Outcome.WITHIN)


@played
async def test_it_goes_on_for_days_by_the_rules_of_the_first(tmp_path: Path) -> None:
    """Half read today, half two days later: each reading has its own moment, and another lot and a check were begun between."""
    world = make_world()
    phone = make_phone(world, tmp_path / "work.db")
    lot = await begun(world, phone)
    await at_the_scale(lot, "500 g", 40, world.weights[0])
    nets = ["498", "501", "499", "500", "502", "497", "500", "499", "501", "498"]
    await read_all(lot, nets[:5])
    other = await phone.app.lots.begin()
    await other.answer(goods="豆油")
    check = await phone.app.spot_checks.begin(await phone.app.resolve.scanned(world.payload))
    await check.rest_is_normal()
    world.clock.advance(timedelta(days=2))
    phone = await phone.reopened()
    drafts = await phone.app.today.drafts()
    assert {one.goods for one in drafts} == {None, "豆油", "面粉"}
    assert {(one.points_done, one.points_total) for one in drafts if one.goods == "面粉"} == {(5, 10)}
    lot = await phone.app.lots.open(lot.draft_id)
    assert lot.draft.field == "package:6"
    await read_all(lot, nets[5:])
    await lot.sign(b"strokes", "image/png")
    payload = await recorded(phone, lot)
    days = [one.read_at - payload.started_at for one in payload.readings if one.read_at]
    assert [day.days for day in days] == [0] * 5 + [2] * 5
    assert payload.verdict
    assert payload.verdict.outcome is Outcome.WITHIN
    assert len(await phone.app.today.drafts()) == 2


@played
async def test_each_reading_is_judged_while_it_is_typed() -> None:
    """The deviation and T1 or T2 are there before the reading is taken; what the rest can still do is said in words."""
    world = make_world()
    phone = make_phone(world)
    lot = await begun(world, phone)
    await at_the_scale(lot, "500 g", 60, world.weights[0])
    plan = lot.plan()
    assert plan
    assert (plan.sample, plan.t1_allowed, plan.t2_allowed, plan.factor) == (13, 1, 0, Decimal("0.848"))
    assert plan.document.endswith("JJF 1070-2005")
    assert [note.values["pending"] for note in plan.notes] == ["JJF 1070-2023"]
    grades = {}
    for text in ("500", "484.9", "469.9", "48x"):
        await typed(lot, text)
        live = lot.live()
        assert live
        grades[text] = live.verdict.grade if live.verdict else None
    assert grades == {"500": Grade.NONE, "484.9": Grade.T1, "469.9": Grade.T2, "48x": None}
    assert live
    assert live.problem
    assert live.problem.code == "reading_unreadable"
    await typed(lot, "484.9")
    await lot.take()
    still = lot.still_possible()
    assert still
    assert still.values["left"] == "12"
    assert still.values["more"] == "0"
    await typed(lot, "484")
    await lot.take()
    still = lot.still_possible()
    assert still
    assert still.text == "{left} still to read; they can't mend it."


@played
async def test_what_can_not_be_read_says_why_and_is_never_a_pass() -> None:
    """A package that could not be read leaves the lot undecided; a reason that is not in the list is refused."""
    world = make_world()
    phone = make_phone(world)
    lot = await begun(world, phone)
    await at_the_scale(lot, "100 g", 3, world.weights[0])
    await read_all(lot, ["100", "100"])
    with pytest.raises(InputError, match="reason_unknown"):
        await lot.cannot("lazy")
    await lot.cannot("package_missing")
    verdict = lot.verdict()
    assert verdict
    assert verdict.outcome is Outcome.UNDECIDED
    assert lot.draft.step is LotStep.VERDICT
    await lot.go_to(LotStep.READINGS, "package:3")
    with pytest.raises(InputError, match="point_answered"):
        await typed(lot, "1")
    await lot.again("package:3", "mistyped")
    await read_all(lot, ["100"])
    assert [point.state for point in lot.points] == [PointState.DONE] * 3
    verdict = lot.verdict()
    assert verdict
    assert verdict.outcome is Outcome.WITHIN


@played
async def test_each_packing_off_its_own_package() -> None:
    """With its own packing each, a package's gross and its packing follow each other, and only then is it judged."""
    world = make_world()
    phone = make_phone(world)
    lot = await begun(world, phone)
    await at_the_scale(lot, "100 g", 2, world.weights[0])
    await lot.answer(tare_method=TareMethod.INDIVIDUAL)
    await lot.go_to(LotStep.READINGS)
    fields = []
    for text in ("104", "4", "105", "3.5"):
        fields.append(lot.draft.field)
        await typed(lot, text)
        live = lot.live()
        assert live
        assert (live.unclear is not None) is lot.draft.field.startswith("package")
        await lot.take()
    assert fields == ["package:1", "packing:1", "package:2", "packing:2"]
    verdict = lot.verdict()
    assert verdict
    assert [one.net_content.value for one in verdict.packages] == [Decimal(100), Decimal("101.5")]
    assert verdict.outcome is Outcome.WITHIN


@played
async def test_packings_belong_to_one_way_of_taking_them_off() -> None:
    """With another way the packings that were weighed are set aside with the cause: kept in the record, taken off nothing."""
    world = make_world()
    phone = make_phone(world)
    lot = await begun(world, phone)
    await at_the_scale(lot, "100 g", 2, world.weights[0])
    await lot.answer(tare_method=TareMethod.MEAN)
    await lot.go_to(LotStep.TARE)
    for text in ("4", "4.2"):
        await typed(lot, text)
        await lot.take()
    await lot.answer(tare_method=TareMethod.MEAN, goods="面粉")
    assert lot.mean_of_packings() == Quantity(Decimal("4.1"), "g"), "the same way again changes nothing"
    await lot.answer(tare_method=TareMethod.INDIVIDUAL)
    assert [one.superseded_because for one in lot.draft.packings] == [OTHER_METHOD] * 2
    await lot.answer(tare_method=TareMethod.MEAN)
    assert lot.mean_of_packings() is None
    await lot.answer(tare_method=TareMethod.NET)
    await lot.go_to(LotStep.READINGS)
    await read_all(lot, ["100", "101"])
    await lot.refuse("gone")
    payload = await recorded(phone, lot)
    assert [one.superseded_because for one in payload.tare_readings] == [OTHER_METHOD] * 2
    assert payload.verdict
    assert payload.verdict.outcome is Outcome.WITHIN


@played
async def test_fast_keys_stay_in_order_and_next_takes_the_whole_figure() -> None:
    """Keys and 下一件 touched faster than they are saved: no key is overtaken, and the reading is all of what was typed."""
    world = make_world()
    lot = await begun(world, make_phone(world))
    await at_the_scale(lot, "100 g", 2, world.weights[0])
    await asyncio.gather(*(lot.press(key) for key in "100.5"), lot.take())
    [reading] = lot.draft.readings
    assert reading.indication == Quantity(Decimal("100.5"), "g")


@played
async def test_a_volume_by_weighing_needs_its_density() -> None:
    """A volume that is weighed stays undecided until density and temperature stand there."""
    world = make_world()
    phone = make_phone(world)
    lot = await begun(world, phone)
    await at_the_scale(lot, "500 mL", 1, world.weights[0])
    await lot.answer(indication_unit="g")
    assert lot.by_density
    await lot.go_to(LotStep.READINGS)
    await read_all(lot, ["460"])
    verdict = lot.verdict()
    assert verdict
    assert verdict.outcome is Outcome.UNDECIDED
    for figure, text in ((Figure.DENSITY, "0.92"), (Figure.TEMPERATURE, "20")):
        await lot.go_to(LotStep.METHOD, figure)
        await typed(lot, text)
    verdict = lot.verdict()
    assert verdict
    assert verdict.packages[0].net_content == Quantity(Decimal(500), "mL")
    assert verdict.outcome is Outcome.WITHIN


@played
async def test_an_expired_standard_is_refused() -> None:
    """What is expired can't be chosen; what expires before the last reading lets nothing be judged."""
    world = make_world()
    phone = make_phone(world)
    short_lived = new_weight(world.clock, phone.random_bytes, "3", 1, 2026)
    world.office.show(COUNTY, "standard", short_lived.standard_id, short_lived)
    lot = await begun(world, phone)
    with pytest.raises(InputError, match="standard_expired"):
        await lot.toggle_standard(world.weights[-1].standard_id)
    await at_the_scale(lot, "100 g", 2, short_lived)
    await read_all(lot, ["100"])
    world.clock.advance(timedelta(days=60))
    await read_all(lot, ["100"])
    verdict = lot.verdict()
    assert verdict
    assert verdict.outcome is Outcome.UNDECIDED
    assert verdict.reasons[0].text.startswith("The certificate of")


@played
async def test_the_form_asks_for_what_is_missing() -> None:
    """Goods, Qn and N are needed before the plan; goods that the rule does not speak of go to the outcome without readings."""
    world = make_world()
    phone = make_phone(world)
    lot = await begun(world, phone)
    with pytest.raises(InputError, match="goods_missing"):
        await lot.onward()
    await lot.answer(goods="感冒药")
    await lot.onward()
    with pytest.raises(InputError, match="nominal_missing"):
        await lot.onward()
    await typed(lot, "100")
    with pytest.raises(InputError, match="lot_size_missing"):
        await lot.onward()
    await lot.go_to(LotStep.PLAN, Figure.LOT_SIZE)
    await typed(lot, "10.5")
    with pytest.raises(InputError, match="lot_size_missing"):
        await lot.onward()
    await typed(lot, "10")
    assert lot.plan()
    await lot.answer(exclusion=next(one.id for one in lot.excluded))
    assert lot.plan() is None
    await lot.onward()
    assert lot.draft.step is LotStep.VERDICT
