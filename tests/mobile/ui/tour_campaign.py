"""The part of the walk that only a verifier sees: a campaign from its list to the site's signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mobile.ui.theme import ThemeChoice
from shared.campaign import RosterState
from tests.mobile.ui.inspector import Inspector, in_hand
from tests.mobile.ui.test_campaigns import a_verifiers_desk

if TYPE_CHECKING:
    from tests.mobile.ui.tour import Tour

VERIFICATION = "verification: "
"""How the stops begin that speak of a verification, where 合格 is the right word."""


async def verifying(tour: Tour, theme: ThemeChoice) -> None:
    """On a phone of its own: whoever verifies has another role."""
    desk, campaign_id = await a_verifiers_desk(tour.language)
    await desk.app.set_setting("theme", theme.value)
    scale, site = desk.world.scale, desk.world.premises
    async with in_hand(desk, tour.width, tour.height) as hand:

        def see(name: str) -> None:
            tour.see(hand, VERIFICATION + name)

        await hand.tap("Campaigns")
        see("campaigns")
        await hand.choose("2026 年集贸市场免费检定")
        see("townships")
        await hand.choose("小城子镇")
        see("roster")
        await hand.tap("Next item")
        see("item")
        await hand.tap("Seals")
        see("item that fails")
        await hand.tap("Failed")
        see("failed")
        await hand.tap("Test it again")
        see("retest")
        await hand.tap("Adjusted", "All right: passed")
        see("passed")
        await hand.tap("To the roster", "Next item", "Not there or scrapped")
        see("reasons")
        await replaced(hand, see)
        desk.phone.go(f"/confirm/{campaign_id}/{site.premises_id}")
        await hand.client.rest()
        see("confirmation")
        await hand.choose(f"{hand.word('Price-computing scale')} {scale.serial_number}")
        see("objection")
        await hand.tap("On to the signature")
        see("signature")
    campaign = await desk.app.campaigns.campaign(campaign_id)
    assert campaign.roster[0].state is RosterState.VERIFIED


async def replaced(hand: Inspector, see: Callable[[str], None]) -> None:
    """The instrument is another by now."""
    await hand.tap("Replaced by another")
    see("replaced")
    await hand.tap("Back", "Back")
