"""From a code to an instrument, offline: what is said of a label is never more than is known."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mobile.workflow.resolve import LabelVerdict, Validity
from shared.errors import InputError
from shared.label import Label, label_key_id, label_message, mint_code, write_payload
from shared.premises import PremisesType
from tests.contracts.fakes import seeded
from tests.contracts.office import at, cut
from tests.mobile.phone import Phone, World, make_phone, make_world

HOST = "https://office.example"


async def offline(world: World) -> Phone:
    """An enrolled phone in a basement."""
    phone = make_phone(world)
    await phone.enrol()
    world.office.before = cut
    return phone


def signed(world: World, code: str, tag: str) -> str:
    """A label by the true issuer."""
    key_id = world.label.key_id
    return write_payload(Label(code, key_id, tag, world.issuer.sign(label_message(code, key_id, tag))), HOST)


def test_a_genuine_label_gives_the_instrument() -> None:
    """Signature right, serial number right: verified, with the instrument, its site and its validity."""

    async def flow() -> None:
        world = make_world()
        phone = await offline(world)
        found = await phone.app.resolve.scanned(world.payload.lower())
        assert (found.verdict, found.instrument, found.premises) == (
            LabelVerdict.VERIFIED,
            world.scale,
            world.premises,
        )
        card = await phone.app.resolve.card(found)
        assert (card.validity, card.days_left) == (Validity.VALID, 114)
        world.clock.at = at("2027-03-15 01:00")
        card = await phone.app.resolve.card(found)
        assert (card.validity, card.days_left) == (Validity.EXPIRED, -1)

    asyncio.run(flow())


def test_one_changed_character_is_a_forgery() -> None:
    """A label whose signature does not fit reads forged, whatever the phone knows of the code."""

    async def flow() -> None:
        world = make_world()
        phone = await offline(world)
        forged = msgspec.structs.replace(world.label, serial_tag="AAAAA")
        found = await phone.app.resolve.scanned(write_payload(forged, HOST))
        assert found.verdict is LabelVerdict.FORGED

    asyncio.run(flow())


def test_a_copied_label_does_not_fit_the_instrument() -> None:
    """A true signature over another serial number reads mismatched, not forged."""

    async def flow() -> None:
        world = make_world()
        phone = await offline(world)
        found = await phone.app.resolve.scanned(signed(world, world.label.code, "AAAAA"))
        assert found.verdict is LabelVerdict.MISMATCHED

    asyncio.run(flow())


def test_an_unknown_key_accuses_nobody() -> None:
    """A label by a key that the phone does not hold reads key unknown."""

    async def flow() -> None:
        world = make_world()
        phone = await offline(world)
        other = Ed25519PrivateKey.from_private_bytes(bytes(32))
        key_id = label_key_id(other.public_key().public_bytes_raw())
        code, tag = world.label.code, world.label.serial_tag
        label = Label(code, key_id, tag, other.sign(label_message(code, key_id, tag)))
        assert (
            await phone.app.resolve.scanned(write_payload(label, HOST))
        ).verdict is LabelVerdict.KEY_UNKNOWN

    asyncio.run(flow())


def test_an_empty_store_still_tells_a_genuine_label() -> None:
    """The code of a genuine label that the phone has no state for: verified, and no instrument."""

    async def flow() -> None:
        world = make_world()
        phone = await offline(world)
        await phone.store.mirror.forget("210123")
        found = await phone.app.resolve.scanned(world.payload)
        assert (found.verdict, found.instrument) == (LabelVerdict.VERIFIED, None)
        with pytest.raises(InputError, match="instrument_unknown"):
            await phone.app.resolve.card(found)

    asyncio.run(flow())


@pytest.mark.parametrize("payload", ["", "hello", "https://elsewhere.example/L/ABC", "\N{GRINNING FACE}"])
def test_other_codes_are_foreign(payload: str) -> None:
    """Anybody's QR code is not ours, and nothing is raised."""

    async def flow() -> None:
        phone = await offline(make_world())
        assert (await phone.app.resolve.scanned(payload)).verdict is LabelVerdict.FOREIGN

    asyncio.run(flow())


def test_a_typed_code_forgives_spelling_and_catches_slips() -> None:
    """Small letters and a hyphen are forgiven; a wrong character is refused before anything is looked up."""

    async def flow() -> None:
        world = make_world()
        phone = await offline(world)
        code = world.label.code
        found = await phone.app.resolve.typed(f"{code[:4].lower()}-{code[4:]}")
        assert (found.verdict, found.instrument) == (LabelVerdict.TYPED, world.scale)
        wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
        with pytest.raises(InputError, match="label_code_mistyped"):
            await phone.app.resolve.typed(wrong)

    asyncio.run(flow())


@pytest.mark.parametrize("text", ["a12", "240301187", "2403-01", "农贸"])
def test_search_finds_by_stall_serial_and_site(text: str) -> None:
    """A stall, part of a serial number with or without its hyphen, or part of the site's name."""

    async def flow() -> None:
        world = make_world()
        phone = await offline(world)
        assert [one.instrument for one in await phone.app.resolve.search(text)] == [world.scale]

    asyncio.run(flow())


def test_search_takes_no_wildcards() -> None:
    """Percent signs and underscores are letters like others; nothing typed means nothing found."""

    async def flow() -> None:
        phone = await offline(make_world())
        for text in ("%", "_", "\\", " "):
            assert await phone.app.resolve.search(text) == []

    asyncio.run(flow())


def test_an_instrument_registered_here_is_checkable_at_once() -> None:
    """Registered offline under a genuine label: found by that label again, checkable, and two records wait."""

    async def flow() -> None:
        world = make_world()
        phone = await offline(world)
        register = phone.app.register
        from shared.label import serial_tag_of

        code = mint_code(seeded("new label"))
        found = await phone.app.resolve.scanned(signed(world, code, serial_tag_of(code, "N-77")))
        assert (found.verdict, found.instrument) == (LabelVerdict.VERIFIED, None)
        added = await register.instrument(
            kind="price-computing-scale",
            serial_number="N-77",
            capacity=register.capacities("price-computing-scale")[0],
            premises_id=world.premises.premises_id,
            stall="B3",
            found=found,
        )
        again = await phone.app.resolve.scanned(found.payload)
        assert again.instrument == added.instrument
        card = await phone.app.resolve.card(again)
        assert (card.provisional, card.checkable, len(card.own_records)) == (True, True, 2)
        assert (await register.same_serial("n77"))[0] == added.instrument
        assert (await register.view()).last_stall == "B3"
        check = await phone.app.spot_checks.begin(again)
        assert check.instrument.capacity_max

    asyncio.run(flow())


def test_the_servers_state_takes_the_place_of_the_own() -> None:
    """When the registered instrument comes back by pull, it is no longer provisional."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        await phone.enrol()
        site = await phone.app.register.premises("新市场", "210123101", PremisesType.MARKET)
        added = await phone.app.register.instrument(
            kind="pressure-gauge", serial_number="P1", capacity=None, premises_id=site.premises_id
        )
        assert added.instrument
        state = msgspec.structs.replace(added.instrument, version=1)
        world.office.show("210123", "instrument", state.instrument_id, state)
        await phone.app.sync.run()
        card = await phone.app.resolve.card(await phone.app.resolve.chosen(state.instrument_id))
        assert (card.provisional, card.instrument.version) == (False, 1)

    asyncio.run(flow())


@pytest.mark.parametrize(("serial", "premises"), [(" ", True), ("S1", False)])
def test_an_empty_field_is_refused(serial: str, premises: bool) -> None:
    """Without a serial number or a site nothing is registered."""

    async def flow() -> None:
        world = make_world()
        phone = await offline(world)
        with pytest.raises(InputError, match="field_missing"):
            await phone.app.register.instrument(
                kind="pressure-gauge",
                serial_number=serial,
                capacity=None,
                premises_id=world.premises.premises_id if premises else "",
            )
        assert (await phone.app.outbox.rows()).counts["waiting"] == 0  # type: ignore[index]

    asyncio.run(flow())
