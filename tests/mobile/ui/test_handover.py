"""Handing over and carrying on the glass: what is in it and what is not, codes that move and wait, a camera that says what is missing."""

from __future__ import annotations

import flet as ft
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mobile.ui.language import CHINESE, ENGLISH
from mobile.ui.widgets.receipt_code import code_drawing
from mobile.workflow.ports import Scan, ScanEnd
from shared.premises import PremisesType
from sync.handover import frames_of, read_bundle
from tests.contracts.office import cut
from tests.mobile.phone import make_phone, make_world
from tests.mobile.played import played
from tests.mobile.ui.fakes import Desk, enrolled_desk
from tests.mobile.ui.inspector import Inspector, in_hand
from tests.sync.test_client import with_file

KEY = (
    ec.derive_private_key(5, ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
)


async def a_desk(code: str = ENGLISH, records: int = 2) -> Desk:
    """A phone with records and no network."""
    desk = await enrolled_desk(code)
    desk.world.office.handover_key = KEY
    await desk.app.sync.run()
    desk.world.office.before = cut
    for number in range(records):
        await desk.app.register.premises(f"市场{number}", "210123101", PremisesType.MARKET)
    return desk


async def bundle_of_another(records: int = 2) -> bytes:
    """What another phone of the office hands over."""
    world = make_world()
    world.office.handover_key = KEY
    world.office.random_bytes(8)  # Another number than the courier's own.
    giver = make_phone(world, seed=9)
    await giver.enrol()
    for number in range(records):
        await giver.app.register.premises(f"市场{number}" * 20, "210123101", PremisesType.MARKET)
    return (await giver.app.hand_over.as_file(with_files=False)).bundle


def shown_code(hand: Inspector) -> str:
    """The drawing on the glass."""
    [image] = [one for one in hand.client.controls() if isinstance(one, ft.Image)]
    return str(image.src)


@played
@pytest.mark.parametrize("code", [ENGLISH, CHINESE])
async def test_the_outbox_is_handed_over_as_a_file(code: str) -> None:
    """The two ways are offered with what there is; the file is saved, what is in it is said, and the records read as handed over."""
    desk = await a_desk(code)
    await with_file(desk.machine, b"\xff\xd8 a picture")
    async with in_hand(desk) as hand:
        await hand.tap("Outbox", "Hand over")
        assert hand.reads(
            "It is sealed for the office alone: whoever carries it, or finds it, can't read it."
        )
        await hand.tap("As a file, records alone")
        assert hand.reads("In it: {records} records, {files} photos.", records=3, files=0)
        assert hand.reads("Not in it: {count} photos. They stay on this phone.", count=1)
        await hand.tap("As a file, with photos")
        assert hand.reads("In it: {records} records, {files} photos.", records=3, files=1)
        [_alone, (name, _media, bundle)] = desk.platform.shared
        assert name.endswith(".qhh")
        assert read_bundle(bundle, KEY).header.records == 3
        await hand.tap("Back")
        assert hand.client.texts().count(hand.word("Handed over")) == 3


@played
async def test_codes_are_shown_one_after_the_other() -> None:
    """One back, one on and pause; the glass shows each code's own drawing; done notes the records as handed over."""
    desk = await a_desk(records=6)
    made, frames = await desk.app.hand_over.as_codes()
    count = len(frames)
    assert count > 2
    async with in_hand(desk) as hand:
        await hand.tap("Outbox", "Hand over", "Show as codes")
        assert hand.reads("Code {number} of {count}", number=1, count=count)
        assert hand.reads("Turn this screen's brightness all the way up, and hold still.")
        seen = {shown_code(hand)}
        await hand.tap("Pause")
        assert hand.offers("Go on")
        for number in range(2, count + 1):
            await hand.tap("One on")
            assert hand.reads("Code {number} of {count}", number=number, count=count)
            seen.add(shown_code(hand))
        assert len(seen) == count
        await hand.tap("One on")
        assert hand.reads("Code {number} of {count}", number=1, count=count)
        await hand.tap("One back")
        assert hand.reads("Code {number} of {count}", number=count, count=count)
        await hand.tap("The other phone has them all")
        assert hand.client.texts().count(hand.word("Handed over")) == 6
    assert made.digests


@played
@pytest.mark.parametrize("code", [ENGLISH, CHINESE])
async def test_codes_are_taken_by_the_camera(code: str) -> None:
    """The camera says how many of how many, and which are missing; left off, it goes on later; what is carried is said, and gone after the sync."""
    desk = await enrolled_desk(code)
    desk.world.office.handover_key = KEY
    await desk.app.sync.run()
    bundle = await bundle_of_another()
    frames = frames_of(bundle)
    assert len(frames) > 3
    show = [frames[1], frames[1], "HTTPS://X/L/1", *frames_of(await bundle_of_another(1))[:1], frames[0]]
    async with in_hand(desk) as hand:
        await hand.tap("Outbox", "Carry for another phone")
        desk.camera.scans += [Scan(ScanEnd.DECODED, text) for text in show]
        await hand.tap("Scan the codes")
        hints = [words["hint"] for words in desk.camera.words]
        assert hints[0] == hand.word("Aim at the codes on the other phone")
        assert hints[-1] == hand.word("{count} of {all} codes", count=2, all=len(frames))
        notes = [words["note"] for words in desk.camera.words]
        assert hand.word("This is no code of a hand-over.") in notes
        assert hand.word("This code is of another hand-over; it was passed over.") in notes
        assert not desk.camera.open
        assert hand.reads("{count} of {all} codes", count=2, all=len(frames))
        missing = hand.word(
            "Missing: {numbers}",
            numbers=desk.phone.language.listed([str(number) for number in range(3, len(frames) + 1)]),
        )
        assert hand.client.reads(missing)
        desk.camera.scans += [Scan(ScanEnd.DECODED, text) for text in frames]
        await hand.tap("Scan the codes")
        assert hand.reads("Taken, and kept until the office has it.")
        assert hand.reads("Waits for a network")
        await hand.tap("Back")
        assert hand.reads("Carried for others: {count}", count=1)
        await hand.tap("Me")
        assert hand.reads("Carried for others")
        await hand.tap("Outbox", "Sync now")
        assert not hand.reads("Carried for others: {count}", count=1)
        assert desk.world.office.handovers == [bundle]


@played
async def test_a_file_is_opened_and_wrong_ones_say_what_they_are() -> None:
    """A file that is none and one that is damaged are declined on the glass; none chosen changes nothing; the right one is carried."""
    desk = await enrolled_desk()
    desk.world.office.handover_key = KEY
    await desk.app.sync.run()
    bundle = await bundle_of_another()
    async with in_hand(desk) as hand:
        await hand.tap("Outbox", "Carry for another phone", "Open a file")
        desk.platform.picked += [b"a letter", bundle[:-1], bundle]
        await hand.tap("Open a file")
        assert hand.reads("This is no hand-over of a phone's records.")
        await hand.tap("Open a file")
        assert hand.reads("The hand-over was damaged or changed on its way.")
        await hand.tap("Open a file")
        assert hand.reads("Taken, and kept until the office has it.")
        assert not hand.reads("The hand-over was damaged or changed on its way.")


@played
async def test_nothing_to_hand_over_says_so() -> None:
    """A phone in step offers neither way; the codes' own screen says it too."""
    desk = await a_desk(records=0)
    async with in_hand(desk) as hand:
        await hand.tap("Outbox", "Hand over")
        assert hand.reads("The office has every record of this phone; there is nothing to hand over.")
        assert not hand.offers("Show as codes")
        desk.phone.go("/codes")
        await hand.client.rest()
        assert hand.reads("There is nothing to hand over: the office has every record of this phone.")


def test_each_code_is_of_a_size_that_a_cheap_camera_reads() -> None:
    """A full frame is at most a version 13 code (69 modules, and the quiet zone)."""
    text = frames_of(b"QHHO" + bytes(range(256)) * 8)[0]
    assert 'viewBox="0 0 77 77"' in code_drawing(text)
