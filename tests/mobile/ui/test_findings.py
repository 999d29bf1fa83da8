"""Saying on the glass what is found on site: few taps from the card or the site's page, offline, and shown there at once."""

from __future__ import annotations

import msgspec
import pytest

from mobile.ui.language import CHINESE, ENGLISH
from shared.inspection import PartyAnswer
from shared.premises import Standing
from shared.records import InstrumentAmended, LabelVoided
from tests.contracts.office import cut
from tests.mobile.played import played
from tests.mobile.ui.fakes import Desk, enrolled_desk
from tests.mobile.ui.inspector import JPEG, in_hand

REPORT = "Label, place or instrument not as recorded"


async def payloads(desk: Desk) -> list[bytes]:
    """What was sealed about the scale, the newest first."""
    kept = await desk.app.equipment.store.records.about(desk.world.scale.instrument_id)
    return [bytes(one.envelope.payload) for one in kept]


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
@played
async def test_a_missing_label_takes_four_taps_and_a_shutter(language: str) -> None:
    """From the card: what it is, a picture, kept; the card says that the label is out of force, in both languages."""
    desk = await enrolled_desk(language)
    desk.world.office.before = cut
    async with in_hand(desk) as hand:
        await hand.scan()
        before = hand.taps
        desk.camera.pictures.append(JPEG)
        await hand.tap(REPORT, "Label missing", "Take the picture", "Sign and keep")
        assert hand.taps - before == 5
        assert hand.reads("This instrument")
        assert hand.reads("Label out of force: missing")
        await hand.tap(REPORT)
        assert not hand.offers("Label missing")
    [payload] = await payloads(desk)
    assert len(msgspec.json.decode(payload, type=LabelVoided).evidence.photos) == 1


@played
async def test_a_refused_signature_is_an_outcome_with_a_receipt() -> None:
    """The other party sees what is recorded, refuses, and the receipt says so; who was there stands in the record."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan()
        await hand.tap(REPORT, "Instrument scrapped", "Have it signed")
        assert hand.reads("There is neither a picture of it nor a word.")
        await hand.write("A word on it", "秤盘已断")
        await hand.tap("Have it signed", "Employee", "Refuses to sign", "Does not want to sign")
        assert hand.reads("Refused to sign")
        assert hand.reads("Instrument scrapped")
    [payload] = await payloads(desk)
    evidence = msgspec.json.decode(payload, type=InstrumentAmended).evidence
    assert evidence
    assert evidence.other_party
    assert (evidence.other_party.answer, evidence.present) == (PartyAnswer.REFUSED, ["employee"])
    known = await desk.app.equipment.store.registry.instrument(desk.world.scale.instrument_id)
    assert known
    assert known.use_status == "scrapped"


@played
async def test_a_site_is_closed_from_its_own_page() -> None:
    """Two taps and a word from the page of the site, which then says so and offers the way back."""
    desk = await enrolled_desk()
    desk.world.office.before = cut
    async with in_hand(desk) as hand:
        desk.phone.go(f"/place/{desk.world.premises.premises_id}")
        await hand.client.rest()
        await hand.tap("Site is closed")
        await hand.write("A word on it", "门已锁")
        await hand.tap("Nobody", "Sign and keep")
        assert hand.reads("This site was found closed. Nothing is due here.")
        assert hand.offers("Site is open again")
    site = await desk.app.equipment.store.registry.premises(desk.world.premises.premises_id)
    assert site
    assert site.standing is Standing.CLOSED


@played
async def test_a_half_told_finding_is_carried_on_from_the_home_screen() -> None:
    """Left in the middle, it stands under 接着做 and opens where it was."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan()
        await hand.tap(REPORT, "Instrument not found", "Back", "Back")
        assert hand.reads("Left at what was found on site")
        await hand.tap("Resume", "Sign and keep")
        assert hand.reads("There is neither a picture of it nor a word.")
