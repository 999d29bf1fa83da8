"""Correcting an entry on the glass: a few taps from the card, and what others say of the same field."""

from __future__ import annotations

import msgspec
import pytest

from mobile.ui.language import CHINESE, ENGLISH
from shared.amending import Dispute
from shared.instrument import UseStatus
from tests.contracts.office import cut
from tests.mobile.phone import COUNTY
from tests.mobile.played import played
from tests.mobile.ui.fakes import enrolled_desk
from tests.mobile.ui.inspector import in_hand


@played
async def test_a_stall_is_corrected_in_two_taps() -> None:
    """From the card, offline: one touch opens the fields as they are, one signs; the card shows the new value."""
    desk = await enrolled_desk()
    desk.world.office.before = cut
    async with in_hand(desk) as hand:
        await hand.scan()
        before = hand.taps
        await hand.tap("Correct the entry")
        assert hand.fields()[hand.word("Stall or user")] == "A12"
        assert hand.reads("Signed and kept. The office sees the old value and the new one.")
        await hand.write("Stall or user", "B7")
        await hand.tap("Sign the correction")
        assert hand.taps - before == 2
        assert hand.reads("This instrument")
        assert hand.client.reads("B7")


@played
async def test_a_scrapped_instrument_says_so() -> None:
    """Scrapped by a touch; the serial number can't be emptied, and back leaves everything as it was."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan()
        await hand.tap("Correct the entry")
        await hand.write("Serial number", "")
        await hand.tap("Sign the correction")
        assert hand.reads("The serial number is missing.")
        await hand.tap("Back")
        assert not hand.reads("Use status")
        await hand.tap("Correct the entry", "Scrapped", "Sign the correction")
        assert hand.reads("Use status")
        assert hand.reads("Scrapped")
    [kept] = await desk.app.equipment.store.records.about(desk.world.scale.instrument_id)
    assert b'"after":"scrapped"' in bytes(kept.envelope.payload)


@played
async def test_a_moved_instrument_gets_another_site() -> None:
    """The site is chosen from the list of the county's."""
    desk = await enrolled_desk()
    world = desk.world
    other = msgspec.structs.replace(
        world.premises, premises_id=world.premises.premises_id[:-1] + "0", name="东市场"
    )
    world.office.show(COUNTY, "premises", other.premises_id, other)
    await desk.app.sync.run()
    async with in_hand(desk) as hand:
        await hand.scan()
        await hand.tap("Correct the entry", "It stands at another site")
        await hand.choose("东市场")
        await hand.tap("Sign the correction")
        assert hand.client.reads("东市场")


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
@played
async def test_both_values_of_a_disputed_field_are_shown(language: str) -> None:
    """The one in force where it always is, and the other beside it, in both languages."""
    desk = await enrolled_desk(language)
    world = desk.world
    disputes = [
        Dispute("stall", "B7", [world.scale.instrument_id]),
        Dispute("use_status", UseStatus.SCRAPPED.value, [world.scale.instrument_id]),
    ]
    state = msgspec.structs.replace(world.scale, disputes=disputes)
    world.office.show(COUNTY, "instrument", state.instrument_id, state)
    await desk.app.sync.run()
    said = "{field}: somebody else recorded {value}. The office decides."
    async with in_hand(desk) as hand:
        await hand.scan()
        assert hand.client.reads("A12")
        assert hand.reads(said, field=hand.word("Stall or user"), value="B7")
        assert hand.reads(said, field=hand.word("Use status"), value=hand.word("Scrapped"))
