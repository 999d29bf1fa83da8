"""A campaign through the screens: from the list to a sticker's number, a failure and its retest, and the site's signature."""

from __future__ import annotations

from datetime import date

import msgspec

from mobile.ui.language import ENGLISH
from shared.campaign import Campaign, RosterEntry, Standing
from shared.identity import mint
from shared.people import Role
from shared.verification import BLOCK_SIZE, StickerBlock
from tests.mobile.phone import COUNTY
from tests.mobile.played import played
from tests.mobile.ui.fakes import Desk, new_desk
from tests.mobile.ui.inspector import in_hand


async def a_verifiers_desk(language: str = ENGLISH) -> tuple[Desk, str]:
    """A phone of the verification team, with two scales at the market on the roster and a block of numbers; the campaign's id."""
    desk = new_desk(language)
    world, store = desk.world, desk.app.equipment.store
    world.office.person = msgspec.structs.replace(world.office.person, role=Role.VERIFIER)
    await desk.machine.enrol()
    await desk.app.set_setting("language", language)
    await desk.app.session.choose_standards([one.standard_id for one in world.weights[:5]])
    chain, _sequence, _digest = await store.outbox.head()
    other = msgspec.structs.replace(
        world.scale,
        instrument_id=mint(world.clock, world.office.random_bytes),
        serial_number="2403-01188",
        stall="A13",
        label="",
        verification=None,
    )
    campaign = Campaign(
        campaign_id=mint(world.clock, world.office.random_bytes),
        county=COUNTY,
        title="2026 年集贸市场免费检定",
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 12, 15),
        roster=[RosterEntry(each.instrument_id, world.premises.premises_id) for each in (world.scale, other)],
    )
    block = StickerBlock(
        block_id=mint(world.clock, world.office.random_bytes),
        county=COUNTY,
        series="K7Q2",
        first=101,
        count=BLOCK_SIZE,
        device=world.office.device_id,
        chain=chain,
    )
    world.office.show(COUNTY, "instrument", other.instrument_id, other)
    world.office.show(COUNTY, "campaign", campaign.campaign_id, campaign)
    world.office.show(COUNTY, "sticker_block", block.block_id, block)
    await desk.app.sync.run()
    return desk, campaign.campaign_id


async def standings(desk: Desk, campaign_id: str) -> list[Standing]:
    campaign = await desk.app.campaigns.campaign(campaign_id)
    return [each.standing for each in campaign.roster]


@played
async def test_down_the_roster() -> None:
    """From the home screen an item passes in five touches, and every further one in two; the site signs, without a network."""
    desk, campaign_id = await a_verifiers_desk()
    async with in_hand(desk) as hand:
        await hand.tap("Campaigns")
        await hand.choose("2026 年集贸市场免费检定")
        await hand.choose("小城子镇")
        assert hand.reads("{left} left", left=2)
        await hand.tap("Next item", "All right: passed")
        assert hand.taps == 5
        assert hand.client.reads("K7Q2-000101")
        await hand.tap("To the roster", "Next item")
        await hand.tap("Error of indication", "Failed")
        assert hand.reads(
            "Stop its use. Once it is repaired or adjusted, test it again; one that is replaced is noted as scrapped."
        )
        assert await standings(desk, campaign_id) == [Standing.VERIFIED, Standing.FAILED]
        await hand.tap("Test it again", "All right: passed")
        assert hand.reads("This instrument failed before.")
        await hand.tap("Adjusted", "All right: passed")
        assert hand.client.reads("K7Q2-000102")
        assert await standings(desk, campaign_id) == [Standing.VERIFIED, Standing.RETESTED]
        await hand.tap("To the roster")
        assert hand.reads("All done")
        await hand.choose(hand.word("Ask the site to confirm ({count})", count=2))
        await hand.choose(f"{hand.word('Price-computing scale')} 2403-01188")
        assert hand.reads("Otherwise")
        await hand.write("What was otherwise", "Not adjusted")
        await hand.tap("On to the signature")
        await hand.sign()
        await hand.tap("Signed")
        assert hand.reads("Passed, confirmed")
        assert hand.reads("Site objects")
    assert await standings(desk, campaign_id) == [Standing.CONFIRMED, Standing.OBJECTED]


@played
async def test_what_is_half_filled_in_is_kept() -> None:
    """A failed item that was touched is still touched when one comes back; absent asks for its reason, and can be verified later."""
    desk, campaign_id = await a_verifiers_desk()
    scale = desk.world.scale
    async with in_hand(desk) as hand:
        desk.phone.go(f"/verify/{campaign_id}/{scale.instrument_id}")
        await hand.client.rest()
        await hand.tap("Seals", "Back")
        desk.phone.go(f"/verify/{campaign_id}/{scale.instrument_id}")
        await hand.client.rest()
        assert hand.offers("Failed")
        await hand.tap("Seals")
        assert hand.offers("All right: passed")
        await hand.tap("Not there or scrapped", "Lent out or away for repair")
        assert hand.reads("Absent")
        assert (await standings(desk, campaign_id))[0] is Standing.ABSENT
        await hand.choose(f"{scale.stall} ")
        await hand.tap("All right: passed")
    assert (await standings(desk, campaign_id))[0] is Standing.VERIFIED


@played
async def test_refusing_to_sign_is_an_outcome() -> None:
    """拒签 asks for its reason, and the verification counts all the same."""
    desk, campaign_id = await a_verifiers_desk()
    scale, site = desk.world.scale, desk.world.premises
    async with in_hand(desk, 360, 740) as hand:
        desk.phone.go(f"/verify/{campaign_id}/{scale.instrument_id}")
        await hand.client.rest()
        await hand.tap("All right: passed")
        desk.phone.go(f"/confirm/{campaign_id}/{site.premises_id}")
        await hand.client.rest()
        assert hand.client.reads("2403-01188")
        await hand.tap("Refuses to sign", "Disputes the result")
        assert hand.reads("Passed, signature refused")
    assert await standings(desk, campaign_id) == [Standing.REFUSED, Standing.EXPECTED]
