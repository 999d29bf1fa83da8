"""What is read beside the indication, and the figures of the nameplate: nothing typed is lost, nothing missing passes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mobile.workflow.draft import Draft, Field, Step
from mobile.workflow.resolve import Found, LabelVerdict
from mobile.workflow.spot_check import SpotCheck
from shared.errors import InputError
from shared.inspection import FindingOutcome, FindingSubject, Inspection
from shared.metrology.judging import Outcome
from shared.quantity import Quantity
from tests.mobile.bench import DISPENSER, GAUGE, MONITOR, instrument, standard
from tests.mobile.keys import typed
from tests.mobile.phone import Phone, World, make_phone, make_world

Act = Callable[[SpotCheck], Awaitable[object]]
STANDARDS = [
    ("volume", "20 L", "0.025 %"),
    ("pressure", "2.5 MPa", "0.00125 MPa"),
    ("pressure", "300 mmHg", "0.5 mmHg"),
]
RANGE = {"range_to": Quantity(Decimal("1.6"), "MPa")}


async def begun(world: World, phone: Phone, kind: str, *, carried: bool = True, **fields: Any) -> SpotCheck:
    """A check of a new instrument of that kind, at its first reading; weights are carried beside the other standards."""
    made = instrument(world, kind, **fields)
    others = [standard(world, *one) for one in STANDARDS]
    await phone.enrol()
    chosen = [one.standard_id for one in [*world.weights[:5], *(others if carried else [])]]
    await phone.app.session.choose_standards(chosen)
    check = await phone.app.spot_checks.begin(Found(verdict=LabelVerdict.NO_LABEL, instrument=made))
    await check.rest_is_normal()
    await check.without_photo()
    return check


def keys(*texts: str) -> list[tuple[str, Act]]:
    """A figure typed key by key."""
    return [
        (f"type {text[:length]}", lambda check, upto=text[:length]: typed(check, upto))  # type: ignore[misc]
        for text in texts
        for length in range(1, len(text) + 1)
    ]


DISPENSED: list[tuple[str, Act]] = [
    *keys("15.2"),
    ("take the measure's temperature", lambda check: check.next_field()),
    *keys("18"),
    ("take the nozzle's", lambda check: check.next_field()),
    ("petrol", lambda check: check.choose("fuel_expansion", "0.0012")),
    ("steel", lambda check: check.choose("vessel_expansion", "0.00005")),
    *keys("20.0"),
    ("to the volume", lambda check: check.edit("vessel_volume")),
    *keys("19.98"),
    ("back to the display", lambda check: check.edit(Field.INDICATION.value)),
    *keys("20.00"),
    ("next", lambda check: check.next_point()),
]


def test_a_kill_after_any_key_reopens_in_the_same_field(tmp_path: Path) -> None:
    """Killed after each key, the draft reopens with the same field open and every field's text as it was typed."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world, tmp_path / "work.db")
        check = await begun(world, phone, DISPENSER)
        for name, act in DISPENSED:
            world.clock.advance(timedelta(seconds=1))
            await act(check)
            before, live = check.draft, check.live()
            assert live
            phone = await phone.reopened()
            check = await phone.app.spot_checks.open(before.draft_id)
            assert check.draft == before, name
            again = check.live()
            assert again
            assert [(each.id, each.text, each.standing, each.here) for each in again.fields] == [
                (each.id, each.text, each.standing, each.here) for each in live.fields
            ], name
        [reading] = check.draft.readings
        assert {name: given.shown() for name, given in reading.inputs.items()} == {
            "vessel_volume": "19.98 L",
            "vessel_temperature": "15.2 ℃",
            "nozzle_temperature": "18 ℃",
            "fuel_expansion": "0.0012 1/℃",
            "vessel_expansion": "0.00005 1/℃",
        }

    asyncio.run(flow())


def test_what_was_typed_before_stands_and_what_is_read_anew_does_not() -> None:
    """At the second point the fuel and the temperatures stand as typed; the volume must be read, and its field opens."""

    async def flow() -> None:
        world = make_world()
        check = await begun(world, make_phone(world), DISPENSER)
        for _name, act in DISPENSED:
            await act(check)
        live = check.live()
        assert live
        standing = {each.id: each.standing for each in live.fields}
        assert standing["vessel_temperature"] == "15.2"
        assert standing["fuel_expansion"] == "0.0012"
        assert standing["vessel_volume"] == ""
        assert check.cursor.field == Field.INDICATION
        await typed(check, "20.00")
        with pytest.raises(InputError, match="input_missing"):
            await check.next_point()
        assert check.cursor.field == "vessel_volume"
        assert check.cursor.indication == "20.00"
        await typed(check, "19.9801")
        with pytest.raises(InputError, match="reading_too_fine"):
            await check.next_field()
        live = (await typed(check, "19.980")).live()
        assert live.verdict
        assert live.verdict.limit.unit == "%"
        await check.next_field()
        await check.next_point()
        assert len(check.draft.readings) == 2

    asyncio.run(flow())


def test_a_plain_point_asks_for_the_indication_alone() -> None:
    """The standard's own reading stands at the nominal one; typed, it is the reference value, and the limits are those there."""

    async def flow() -> None:
        world = make_world()
        check = await begun(world, make_phone(world), MONITOR)
        live = (await typed(check, "55")).live()
        assert live.verdict
        assert live.verdict.outcome is Outcome.BEYOND
        await check.edit("reference")
        await typed(check, "52.5")
        live = check.live()
        assert live
        assert live.same == "", "the display can't show half a millimetre"
        with pytest.raises(InputError, match="no_same_figure"):
            await check.same()
        assert live.verdict
        assert live.verdict.error_of_indication.to("mmHg").value < 3
        await check.next_field()
        await check.next_point()
        await check.same()
        first, second = check.draft.readings
        assert (first.reference.shown(), second.reference.shown()) == ("52.5 mmHg", "100 mmHg")
        assert second.indication
        assert second.indication.equals(second.reference)

    asyncio.run(flow())


def test_only_standards_of_the_right_sort_are_used_and_whole() -> None:
    """Weights in the bag are no standard of a gauge; sort and largest error go into the record, and decide with it."""

    async def flow() -> None:
        world = make_world()
        check = await begun(world, make_phone(world), GAUGE, nameplate=RANGE, accuracy_class="1.6")
        assert {one.sort for one in check.draft.standards} == {"pressure"}
        assert all(one.largest_error for one in check.draft.standards)
        while check.cursor.step is Step.READINGS:
            await check.same()
        finding = check.conclusion().finding(FindingSubject.MEASUREMENT)
        assert finding.outcome is FindingOutcome.WITHIN, finding.reasons
        assert check.conclusion().together, "falling was compared with rising"
        names = {check.together_title(each).text for each in check.conclusion().together}
        assert names == {"{name}, {point}"}

    asyncio.run(flow())


def test_standards_chosen_later_are_taken() -> None:
    """A check begun without a fitting standard says so, and goes on as soon as one is carried."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        check = await begun(world, phone, MONITOR, carried=False)
        assert check.cursor.step is Step.READINGS
        assert check.live() is None
        assert check.sort_needed == "pressure"
        offered = await phone.app.session.offered_standards()
        await phone.app.session.choose_standards(
            [one.standard.standard_id for one in offered if one.standard.sort == "pressure"]
        )
        await check.equip()
        assert check.live()
        assert check.draft.standards

    asyncio.run(flow())


def test_a_missing_figure_is_asked_for_and_goes_into_the_record(tmp_path: Path) -> None:
    """Before the readings the form asks for the range; a kill keeps what is half-typed; the record relies on what was entered."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world, tmp_path / "work.db")
        check = await begun(world, phone, GAUGE)
        assert check.cursor.step is Step.NAMEPLATE
        assert [one.id for one in check.missing] == ["range_to"]
        await check.edit_figure("range_to")
        await typed(check, "1.")
        before = check.draft
        phone = await phone.reopened()
        check = await phone.app.spot_checks.open(before.draft_id)
        assert (check.draft, check.figure and check.figure.id) == (before, "range_to")
        for text in ("1.", "one", "1.6001", ""):
            with pytest.raises(InputError, match="figure_"):
                await check.take_figure("range_to", text)
        with pytest.raises(InputError, match="nameplate_impossible"):
            await check.take_figure("range_from", "-5")
        with pytest.raises(InputError, match="figure_unreadable"):
            await check.take_figure("accuracy_class", "3")
        await check.take_figure("range_to", "1.6")
        await check.take_figure("accuracy_class", "2.5")
        await check.figures_done()
        while check.cursor.step is Step.READINGS:
            await check.same()
        receipt = await check.refuse("gone")
        kept = await phone.store.records.by_digest(receipt.digest)
        assert kept
        inspection = msgspec.json.decode(kept.envelope.payload, type=Inspection)
        assert inspection.instrument.nameplate == RANGE
        assert inspection.instrument.accuracy_class == "2.5"
        assert receipt.conclusion.finding(FindingSubject.MEASUREMENT).outcome is FindingOutcome.WITHIN

    asyncio.run(flow())


def test_nobody_is_trapped_by_a_figure_that_can_not_be_read() -> None:
    """Going on without it leads to the outcome, which claims nothing."""

    async def flow() -> None:
        world = make_world()
        check = await begun(world, make_phone(world), GAUGE)
        await check.figures_done()
        assert check.cursor.step is Step.READINGS
        await check.go_to(Step.VERDICT)
        assert check.conclusion().finding(FindingSubject.MEASUREMENT).outcome is FindingOutcome.UNDECIDED

    asyncio.run(flow())


def test_another_nameplate_sets_readings_aside_and_loses_none() -> None:
    """Readings of points that the right range does not have stay in the record, with the cause."""

    async def flow() -> None:
        world = make_world()
        check = await begun(world, make_phone(world), GAUGE, nameplate=RANGE)
        await check.same()
        await check.take_figure("range_to", "1")
        [reading] = check.draft.readings
        assert (reading.point, reading.superseded_because) == ("rising:0.4 MPa", "other_nameplate")
        assert [one.key for one in check.draft.planned][:2] == ["rising:0.25 MPa", "rising:0.5 MPa"]

    asyncio.run(flow())


def test_a_draft_of_before_still_opens() -> None:
    """A draft saved when a point had one field: it reads as it did, with the added weights half-typed."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        await phone.enrol()
        await phone.app.session.choose_standards([one.standard_id for one in world.weights[:5]])
        check = await phone.app.spot_checks.begin(await phone.app.resolve.scanned(world.payload))
        old = msgspec.to_builtins(check.draft, str_keys=True)
        old["cursor"] = {
            "step": "readings",
            "point": "load:10 kg",
            "field": "added_weights",
            "text": "4",
            "indication": "10.010",
        }
        old["left"] = {"load:15 kg": {"step": "readings", "point": "load:15 kg", "text": "15."}}
        check.draft = msgspec.convert(old, Draft)
        live = check.live()
        assert live
        assert live.verdict
        assert live.verdict.error_of_indication.shown() == "8.5 g"
        await check.next_point()
        assert (check.cursor.point, check.cursor.text) == ("load:15 kg", "15.")

    asyncio.run(flow())


def test_a_registered_instrument_has_the_figures_that_were_read() -> None:
    """What was typed stands in the register by its field; a scale's Max and e are no figures of their own."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        await phone.enrol()

        async def registered(kind: str, figures: dict[str, str]) -> Any:
            found = await phone.app.register.instrument(
                kind=kind,
                serial_number="N-7",
                capacity=None,
                figures=figures,
                premises_id=world.premises.premises_id,
            )
            return found.instrument

        gauge = await registered(GAUGE, {"range_to": "1.6", "accuracy_class": "2.5"})
        assert (gauge.nameplate, gauge.accuracy_class) == (RANGE, "2.5")
        truck = await registered(
            "truck-scale", {"capacity_max": "60", "verification_scale_interval": "20", "supports": "6"}
        )
        assert (truck.capacity_max.shown(), truck.verification_scale_interval.shown()) == ("60 t", "20 kg")
        assert truck.nameplate["supports"].value == 6
        assert truck.accuracy_class == "III"

    asyncio.run(flow())
