"""Correcting an entry on the phone: signed offline, shown at once, chained to what was seen, and given up for the server's state."""

from __future__ import annotations

import msgspec
import pytest

from mobile.workflow.outbox_view import needing_a_person
from shared.amending import Dispute, InstrumentField
from shared.errors import InputError
from shared.instrument import UseStatus
from shared.records import InstrumentAmended
from sync.intake import field_disputed
from sync.messages import Ruling, Status
from tests.contracts.office import cut
from tests.mobile.phone import COUNTY, Phone, World, make_phone, make_world
from tests.mobile.played import played


async def offline(world: World) -> Phone:
    """An enrolled phone in a basement."""
    phone = make_phone(world)
    await phone.enrol()
    world.office.before = cut
    return phone


async def written(phone: Phone, world: World) -> list[InstrumentAmended]:
    """The corrections in the outbox, the oldest first."""
    kept = await phone.store.records.about(world.scale.instrument_id)
    return [msgspec.json.decode(one.envelope.payload, type=InstrumentAmended) for one in reversed(kept)]


@played
async def test_a_correction_is_shown_at_once() -> None:
    """Only what differs is signed, with the value it replaces and the version seen; the card shows the new one."""
    world = make_world()
    phone = await offline(world)
    values = {InstrumentField.STALL: " B7 ", InstrumentField.SERIAL_NUMBER: world.scale.serial_number}
    found = await phone.app.corrections.correct(world.scale, values)
    card = await phone.app.resolve.card(found)
    assert (card.instrument.stall, card.instrument.version) == ("B7", world.scale.version)
    [payload] = await written(phone, world)
    assert [(one.field, one.before, one.after, one.seen) for one in payload.changes] == [
        ("stall", world.scale.stall, "B7", [])
    ]
    [kept] = await phone.store.records.about(world.scale.instrument_id)
    assert kept.envelope.basis[0].version == world.scale.version


@played
async def test_the_second_correction_has_seen_the_first() -> None:
    """Own corrections name each other, so that a person never disagrees with themselves; scrapping names them all."""
    world = make_world()
    phone = await offline(world)
    for field, value in (
        (InstrumentField.STALL, "B7"),
        (InstrumentField.STALL, "B8"),
        (InstrumentField.MODEL, "TCS"),
        (InstrumentField.USE_STATUS, "scrapped"),
    ):
        now = await phone.store.registry.instrument(world.scale.instrument_id)
        await phone.app.corrections.correct(now, {field: value})
    ids = [
        one.envelope.record_id for one in reversed(await phone.store.records.about(world.scale.instrument_id))
    ]
    seen = [one.changes[0].seen for one in await written(phone, world)]
    assert seen == [[], [ids[0]], [], [ids[1], ids[2]]]
    now = await phone.store.registry.instrument(world.scale.instrument_id)
    assert (now.stall, now.model, now.use_status, now.disputes) == ("B8", "TCS", UseStatus.SCRAPPED, [])


@played
async def test_nothing_is_signed_for_nothing() -> None:
    """No record where nothing differs; an empty serial number is asked for."""
    world = make_world()
    phone = await offline(world)
    await phone.app.corrections.correct(world.scale, {InstrumentField.STALL: world.scale.stall})
    assert await written(phone, world) == []
    with pytest.raises(InputError) as caught:
        await phone.app.corrections.correct(world.scale, {InstrumentField.SERIAL_NUMBER: " "})
    assert caught.value.problem.code == "field_missing"


@played
async def test_a_merged_entry_leads_to_the_one_that_goes_on() -> None:
    """Its label, its number and its place in a list all open the other; in lists it stands no more."""
    world = make_world()
    phone = make_phone(world)
    await phone.enrol()
    other = msgspec.structs.replace(
        world.scale, instrument_id=world.scale.instrument_id[:-1] + "0", label="", serial_number="S-2"
    )
    merged = msgspec.structs.replace(world.scale, continued_by=other.instrument_id)
    for one in (other, merged):
        world.office.show(COUNTY, "instrument", one.instrument_id, one)
    await phone.app.sync.run()
    for found in (
        await phone.app.resolve.scanned(world.payload),
        await phone.app.resolve.chosen(merged.instrument_id),
    ):
        assert found.instrument == other
    assert [one.instrument for one in await phone.app.resolve.at(other.premises_id)] == [other]


@played
async def test_a_settled_correction_needs_nobody_more() -> None:
    """In conflict, it is on top until the office has decided; then it is one of the others."""
    world = make_world()
    phone = make_phone(world)
    await phone.enrol()
    await phone.app.corrections.correct(world.scale, {InstrumentField.STALL: "B7"})
    world.office.rule = lambda sealed: Ruling(
        "", sealed.digest, Status.CONFLICTING, COUNTY, 9, field_disputed()
    )
    await phone.app.sync.run()
    [kept] = await phone.store.records.about(world.scale.instrument_id)
    for disputes, needs in (([Dispute("stall", "A12", [kept.envelope.record_id])], 1), ([], 0)):
        state = msgspec.structs.replace(world.scale, stall="B7", disputes=disputes)
        world.office.show(COUNTY, "instrument", state.instrument_id, state)
        await phone.app.sync.run()
        assert len(await needing_a_person(phone.store)) == needs
