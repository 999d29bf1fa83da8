"""Codes of others on the phone: found again offline once they are bound, put aside if nobody knows, never bound where they name no one instrument."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from mobile.workflow.resolve import LabelVerdict
from shared.errors import InputError
from shared.foreign_label import read_foreign
from shared.instrument import Instrument
from shared.records import AliasBound, Sighting
from tests.contracts.office import cut
from tests.mobile.phone import COUNTY, PIN, Phone, World, make_phone, make_world
from tests.mobile.played import played

CODE = "https://jl.example.gov.cn/q?id=210123000471"
OTHER_WRITING = "HTTP://JL.EXAMPLE.gov.cn/q?id=%32%310123000471"
LEDGER = "型号规格：TCS-15；出厂编号：2611-70707；生产厂家：上海大华"


async def offline(world: World, path: Path | str = ":memory:") -> Phone:
    """An enrolled phone in a basement."""
    phone = make_phone(world, path)
    await phone.enrol()
    world.office.before = cut
    return phone


def second_scale(world: World) -> Instrument:
    """Another scale at the same market, which the office shows."""
    other = msgspec.structs.replace(
        world.scale,
        instrument_id=world.scale.instrument_id[:-1] + "0",
        serial_number="2403-01188",
        label="",
        stall="A13",
    )
    world.office.show(COUNTY, "instrument", other.instrument_id, other)
    return other


@played
async def test_a_bound_code_opens_the_instrument_in_every_writing() -> None:
    """Bound offline: a signed record waits, and the next scan, however the address is written, gives the instrument."""
    world = make_world()
    phone = await offline(world)
    found = await phone.app.resolve.scanned(CODE)
    assert (found.verdict, found.instrument) == (LabelVerdict.FOREIGN, None)
    bound = await phone.app.foreign.bind(found, world.scale, Sighting.NAMEPLATE)
    again = await phone.app.resolve.scanned(OTHER_WRITING)
    assert (again.verdict, again.instrument) == (LabelVerdict.FOREIGN_BOUND, bound.instrument)
    assert again.premises == world.premises
    [kept] = await phone.store.records.about(world.scale.instrument_id)
    assert kept.envelope.kind == "alias.bound"
    assert kept.envelope.basis[0].version == world.scale.version
    payload = msgspec.json.decode(kept.envelope.payload, type=AliasBound)
    assert (payload.raw, payload.key, payload.seen) == (CODE, read_foreign(CODE).key, Sighting.NAMEPLATE)
    check = await phone.app.spot_checks.begin(again)
    assert check.draft.label_payload == OTHER_WRITING


@played
async def test_binding_twice_signs_once() -> None:
    """The same code on the same instrument again: nothing more to sign."""
    world = make_world()
    phone = await offline(world)
    for _time in range(2):
        found = await phone.app.resolve.scanned(CODE)
        await phone.app.foreign.bind(found, world.scale, Sighting.TOLD)
    assert len(await phone.store.records.about(world.scale.instrument_id)) == 1


@played
async def test_a_code_on_two_instruments_asks_which() -> None:
    """Bound again to another instrument, both stay: the scan is disputed and names both."""
    world = make_world()
    other = second_scale(world)
    phone = await offline(world)
    for instrument in (world.scale, other):
        await phone.app.foreign.bind(await phone.app.resolve.scanned(CODE), instrument, Sighting.NAMEPLATE)
    found = await phone.app.resolve.scanned(CODE)
    assert (found.verdict, found.instrument) == (LabelVerdict.FOREIGN_DISPUTED, None)
    holders = [one.instrument for one in found.holders if one.instrument]
    assert {one.instrument_id for one in holders} == {world.scale.instrument_id, other.instrument_id}
    assert [one.premises for one in found.holders] == [world.premises] * 2
    chosen = await phone.app.resolve.bound(found, holders[0])
    assert (chosen.verdict, chosen.instrument) == (LabelVerdict.FOREIGN_BOUND, holders[0])


@played
async def test_another_phones_binding_comes_by_pull_and_is_found_offline(tmp_path: Path) -> None:
    """The state that the office shows carries the code; it is found with no network, after a restart, until a later state says otherwise."""
    world = make_world()
    phone = make_phone(world, tmp_path / "work.db")
    await phone.enrol()
    keys = [read_foreign(CODE).key, read_foreign(LEDGER).key]
    changed = msgspec.structs.replace(world.scale, version=4, aliases=keys)
    world.office.show(COUNTY, "instrument", changed.instrument_id, changed)
    await phone.app.sync.run()
    world.office.before = cut
    again = await phone.reopened()
    for text in (OTHER_WRITING, LEDGER):
        assert (await again.app.resolve.scanned(text)).instrument == changed
    world.office.before = lambda _method, _path: None
    world.office.show(
        COUNTY, "instrument", changed.instrument_id, msgspec.structs.replace(changed, aliases=keys[1:])
    )
    await again.app.sync.run()
    assert (await again.app.resolve.scanned(CODE)).verdict is LabelVerdict.FOREIGN
    assert (await again.app.resolve.scanned(LEDGER)).verdict is LabelVerdict.FOREIGN_BOUND


@played
async def test_the_number_in_a_code_finds_candidates() -> None:
    """A serial number in the code, whether named so or only guessed, finds the instruments that have it."""
    world = make_world()
    phone = await offline(world)
    for text in (
        "出厂编号：2403 01187",
        "https://m.example/#/d?ccbh=240301187",
        "https://m.example/d/2403-01187",
        "S/N 2403-01187",
    ):
        found = await phone.app.resolve.scanned(text)
        assert found.foreign
        assert [one.instrument for one in await phone.app.foreign.alike(found.foreign)] == [world.scale], text
    found = await phone.app.resolve.scanned(CODE)
    assert found.foreign
    assert await phone.app.foreign.alike(found.foreign) == []


@pytest.mark.parametrize(
    "text",
    [
        "(01)09506000134352",
        "http://maker.example/",
        "7" * 7090,
        "",
        "https://office.example/receipts/12345678",
    ],
)
@played
async def test_what_names_no_one_instrument_is_not_bound(text: str) -> None:
    """A model's code, a home page, more than a code holds, nothing, and a page of our own office: refused, and nothing is signed."""
    world = make_world()
    phone = await offline(world)
    found = await phone.app.resolve.scanned(text)
    assert found.verdict is LabelVerdict.FOREIGN
    with pytest.raises(InputError, match="code_names_none"):
        await phone.app.foreign.bind(found, world.scale, Sighting.TOLD)
    assert await phone.store.records.about(world.scale.instrument_id) == []


@played
async def test_registering_by_a_code_binds_it() -> None:
    """The new instrument has the maker and model of the code and is found by it; a code that names a model only is not bound."""
    world = make_world()
    phone = await offline(world)
    for text, serial, bound in ((LEDGER, "2611-70707", True), ("(01)09506000134352", "2611-70708", False)):
        found = await phone.app.resolve.scanned(text)
        added = await phone.app.register.instrument(
            kind="price-computing-scale",
            serial_number=serial,
            capacity=None,
            premises_id=world.premises.premises_id,
            manufacturer="上海大华 ",
            model="TCS-15",
            found=found,
        )
        assert added.instrument
        assert (added.instrument.manufacturer, added.instrument.model) == ("上海大华", "TCS-15")
        assert ((await phone.app.resolve.scanned(text)).verdict is LabelVerdict.FOREIGN_BOUND) is bound
        assert len(await phone.store.records.about(added.instrument.instrument_id)) == 1 + bound


@played
async def test_a_code_that_was_put_aside_is_still_there_after_a_kill(tmp_path: Path) -> None:
    """Kept character by character and encrypted, once however often it is kept; gone when it is bound or thrown away."""
    world = make_world()
    phone = await offline(world, tmp_path / "work.db")
    hostile = "javascript:alert(1)\x00\u202e \r\n"
    for text in (CODE, hostile, CODE):
        await phone.app.foreign.keep(await phone.app.resolve.scanned(text))
    assert CODE.encode() not in (tmp_path / "work.db").read_bytes()
    again = phone.killed()
    await again.app.start()
    assert (await again.app.session.unlock(PIN)).opened
    assert [one.found.payload for one in await again.app.foreign.put_aside()] == [CODE, hostile]
    assert (await again.app.today.home()).kept_codes == 2
    found = await again.app.resolve.scanned(CODE)
    assert await again.app.foreign.is_kept(found)
    await again.app.foreign.bind(found, world.scale, Sighting.LABEL)
    [left] = await again.app.foreign.put_aside()
    assert left.found.payload == hostile
    await again.app.foreign.drop(left.found)
    assert await again.app.foreign.put_aside() == []
