"""From a label to the instrument's card, or to the one warning that fits; an accusation never rests on a missing key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mobile.ui.language import CHINESE
from mobile.workflow.ports import Scan, ScanEnd
from shared.inspection import LabelCheck
from shared.label import (
    Label,
    check_character,
    label_key_id,
    label_message,
    mint_code,
    serial_tag_of,
    write_payload,
)
from tests.contracts.fakes import seeded
from tests.contracts.office import cut
from tests.mobile.phone import World
from tests.mobile.played import played
from tests.mobile.ui.fakes import enrolled_desk
from tests.mobile.ui.inspector import JPEG, in_hand

HOST = "https://office.example"


def forged(world: World) -> str:
    """The scale's label with another signature."""
    return world.payload[:-10] + world.payload[-10:].translate(str.maketrans("ABCDEFGH", "HGFEDCBA"))


def copied(world: World) -> str:
    """The scale's code, truly signed for another serial number."""
    code, key_id = world.label.code, world.label.key_id
    tag = serial_tag_of(code, "9999-00001")
    return write_payload(Label(code, key_id, tag, world.issuer.sign(label_message(code, key_id, tag))), HOST)


def of_another_key(world: World) -> str:
    """The scale's label by an issuer whose key the phone does not hold."""
    other = Ed25519PrivateKey.from_private_bytes(seeded("another issuer")(32))
    key_id = label_key_id(other.public_key().public_bytes_raw())
    code, tag = world.label.code, world.label.serial_tag
    return write_payload(Label(code, key_id, tag, other.sign(label_message(code, key_id, tag))), HOST)


def of_no_instrument(world: World) -> str:
    """A genuine label of an instrument that has not reached the phone."""
    code, key_id = mint_code(seeded("a new label")), world.label.key_id
    tag = serial_tag_of(code, "2611-00007")
    return write_payload(Label(code, key_id, tag, world.issuer.sign(label_message(code, key_id, tag))), HOST)


@played
async def test_a_genuine_label_opens_the_card_with_no_network() -> None:
    """Who it is, where, whether it is verified and until when, and that its label is genuine; then the check begins."""
    desk = await enrolled_desk()
    desk.world.office.before = cut
    async with in_hand(desk) as hand:
        await hand.scan()
        assert desk.platform.buzzes == [[40]]
        for words in ("2403-01187", "A12", "张强镇中心农贸市场", "100 g to 15 kg, e = 5 g"):
            assert hand.client.reads(words)
        assert hand.reads("Verification valid")
        assert hand.reads("to {until}, {days} days left", until="2027-03-14", days=114)
        assert hand.reads("Label's signature valid")
        assert hand.offers("Start check")
        await hand.client.back()
        assert hand.reads("Today")


@played
async def test_an_expired_verification_says_since_when() -> None:
    """The day after, the card reads expired."""
    desk = await enrolled_desk()
    desk.world.clock.advance(timedelta(days=115))
    async with in_hand(desk) as hand:
        await hand.scan()
        assert hand.reads("Verification expired")
        assert hand.reads("ended on {until}, {days} days ago", until="2027-03-14", days=1)


WARNINGS = [
    (forged, "Suspected false label", LabelCheck.FORGED),
    (copied, "Label and instrument don't agree", LabelCheck.COPIED),
    (of_another_key, "Label can't be checked", LabelCheck.KEY_UNKNOWN),
]


@pytest.mark.parametrize(("payload", "words", "label"), WARNINGS)
@played
async def test_each_warning_is_its_own_and_leads_on(payload: object, words: str, label: LabelCheck) -> None:
    """Forged, copied, key unknown: three screens, each with its word and no other's; the check can be done all the same."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan(payload(desk.world))  # type: ignore[operator]
        assert [one for _payload, one, _label in WARNINGS if hand.reads(one)] == [words]
        assert not hand.reads("Label's signature valid")
        if label is LabelCheck.KEY_UNKNOWN:
            assert not hand.offers("Photograph as evidence"), "nobody is accused"
            await hand.tap("Open its card", "Start check")
        else:
            assert hand.reads("Treat it as not verified")
            await hand.tap("Check all the same")
    assert desk.phone.check
    assert desk.phone.check.draft.label is label


@played
async def test_a_forged_label_and_its_evidence_take_two_taps() -> None:
    """UX.md 3d: photograph as evidence, shutter; the picture is in the check that goes on."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan(forged(desk.world))
        desk.camera.pictures.append(JPEG)
        before = hand.taps
        await hand.tap("Photograph as evidence")
        assert hand.taps - before == 2
        assert hand.reads("Look it over")
    assert desk.phone.check
    assert [photo.role for photo in desk.phone.check.photos] == ["label_evidence"]


@played
async def test_a_closed_evidence_camera_stays_at_the_warning() -> None:
    """No picture, no check: the warning is still there."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan(forged(desk.world))
        await hand.tap("Photograph as evidence")
        assert hand.reads("Suspected false label")


@played
async def test_a_foreign_code_shows_what_it_reads_and_registers() -> None:
    """A maker's code is no forgery: its text is shown, and the instrument can be put on the ledger."""
    async with in_hand(await enrolled_desk()) as hand:
        await hand.scan("TCS-15 SN 2403-77777")
        assert hand.reads("Not an identity label")
        assert hand.client.reads("TCS-15 SN 2403-77777")
        await hand.tap("Put it on the ledger")
        assert hand.reads("Not on the ledger")


@played
async def test_a_genuine_label_of_an_unknown_instrument_is_bound_by_registering() -> None:
    """真伪可验，有效期未知; registering with it binds the label, and the next scan opens the card."""
    desk = await enrolled_desk()
    payload = of_no_instrument(desk.world)
    async with in_hand(desk) as hand:
        await hand.scan(payload)
        assert hand.reads("Genuine label, unknown instrument")
        await hand.tap("Put it on the ledger", "Price-computing scale")
        await hand.write("Serial number", "2611-00007")
        await hand.choose("15 kg")
        await hand.tap("Choose the site")
        await hand.choose("张强镇中心农贸市场")
        await hand.tap("Only register")
        assert hand.reads("This instrument")
        await hand.tap("Back")
        await hand.scan(payload)
        assert hand.reads("Label's signature valid")
        assert hand.reads("On this phone; not yet sent")


@played
async def test_the_number_can_be_typed_in_any_writing() -> None:
    """Small letters and hyphens are taken; the card says that a typed number proves nothing of the signature."""
    desk = await enrolled_desk()
    code = desk.world.label.code
    async with in_hand(desk) as hand:
        await hand.tap("Type the number")
        await hand.write("Number, serial number or stall", f" {code[:4]}-{code[4:]} ".lower())
        await hand.tap("Find")
        assert hand.reads("Number typed: signature not checked")


@played
async def test_a_wrong_check_character_is_said_and_the_figures_stay() -> None:
    """One wrong character is named as such, not as an unknown instrument; the field keeps what was typed."""
    desk = await enrolled_desk()
    code = desk.world.label.code
    wrong = code[:7] + ("7" if check_character(code[:7]) != "7" else "8")
    async with in_hand(desk) as hand:
        await hand.tap("Type the number")
        await hand.write("Number, serial number or stall", wrong)
        await hand.tap("Find")
        assert hand.client.reads("the check character does not fit")
        assert hand.fields() == {"Number, serial number or stall": wrong}
        await hand.write("Number, serial number or stall", code)
        await hand.tap("Find")
        assert hand.client.reads("2403-01187")


@played
async def test_the_ledger_is_searched_by_stall_and_serial_number() -> None:
    """What the market's people call it finds it, too."""
    async with in_hand(await enrolled_desk()) as hand:
        await hand.tap("Type the number")
        await hand.write("Number, serial number or stall", "01187")
        assert hand.reads("Known on this phone")
        await hand.choose("Price-computing scale 2403-01187")
        assert hand.reads("Label not scanned")


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (ScanEnd.CLOSED, "Today"),
        (ScanEnd.TYPE_CODE, "Type the number"),
        (ScanEnd.FAILED, "Type the number"),
        (ScanEnd.NO_LABEL, "Not on the ledger"),
    ],
)
@played
async def test_every_end_of_a_scan_leads_somewhere(end: ScanEnd, words: str) -> None:
    """Closed, a broken camera, no label: never a dead end."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        desk.camera.scans.append(Scan(end, reason="NotAllowedError"))
        await hand.tap("Scan to check")
        assert hand.reads(words)
        await hand.client.back()
        assert hand.reads("Today")


@played
async def test_the_camera_speaks_the_readers_language() -> None:
    """The overlay is drawn outside Flet; its words come along with the call."""
    desk = await enrolled_desk(CHINESE)
    async with in_hand(desk) as hand:
        await hand.scan()
        desk.camera.pictures.append(JPEG)
        await hand.tap("Start check", "All normal")
    for words in desk.camera.words:
        for name, said in words.items():
            assert any("一" <= character <= "鿿" for character in said), (name, said)


@played
async def test_registering_takes_three_taps_when_the_defaults_are_right() -> None:
    """UX.md 3c: from the second instrument at a stall on, form, serial number and one touch; a known serial number is asked about."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        desk.camera.scans.append(Scan(ScanEnd.NO_LABEL))
        await hand.tap("Scan to check", "Price-computing scale")
        await hand.write("Serial number", "2403-01187")
        assert hand.reads("Is it this one?")
        await hand.write("Serial number", "2611-1")
        assert not hand.reads("Is it this one?")
        await hand.tap("Only register")
        assert hand.reads("The site is missing.")
        await hand.tap("Choose the site")
        await hand.choose("张强镇中心农贸市场")
        await hand.tap("Only register", "Back")
        desk.camera.scans.append(Scan(ScanEnd.NO_LABEL))
        await hand.tap("Scan to check")
        assert hand.client.reads("张强镇中心农贸市场")
        assert hand.fields()["Serial number"] == ""
        await hand.tap("Register and check")
        assert hand.reads("The serial number is missing.")
        await hand.write("Serial number", "2611-2")
        await hand.tap("Register and check")
        assert hand.reads("Look it over")


@played
async def test_a_new_site_goes_on_the_ledger_without_waiting_for_its_position() -> None:
    """Name, township and kind; a phone that finds no satellite saves at once."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        desk.camera.scans.append(Scan(ScanEnd.NO_LABEL))
        await hand.tap("Scan to check", "Choose the site", "Another site", "Put the site on the ledger")
        assert hand.reads("The site's name is missing.")
        await hand.write("Name of the site", "北四家子早市")
        await hand.tap("Put the site on the ledger")
        assert hand.reads("The township is missing.")
        await hand.write("Part of the township's name", "北四家子")
        await hand.choose("北四家子")
        await hand.tap("Put the site on the ledger")
        assert hand.client.reads("北四家子早市")
        assert hand.reads("Not on the ledger")
