"""Fingers that are faster than the glass is drawn: every touch counts, in the order in which it came."""

from __future__ import annotations

from mobile.workflow.app_state import Phase
from mobile.workflow.ports import Scan, ScanEnd
from tests.mobile.played import played
from tests.mobile.ui.fakes import PIN, enrolled_desk, new_desk
from tests.mobile.ui.inspector import Inspector, in_hand


async def at_once(hand: Inspector, digits: str) -> None:
    """Touches one key after the other before anything is drawn anew."""
    for digit in digits:
        await hand.client.session.dispatch_event(hand.client.button(digit)._i, "tap", None)
    await hand.client.rest()


@played
async def test_a_pin_typed_fast_opens_the_phone() -> None:
    """Six digits before the first dot is drawn are a whole PIN."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.tap("Me", "Lock")
        assert desk.app.phase is Phase.LOCKED
        await at_once(hand, PIN)
        assert desk.app.phase is Phase.OPEN


@played
async def test_a_pin_chosen_fast_is_the_one_that_was_typed() -> None:
    """Twice six digits in one go: the PIN is chosen and repeated, and no digit of the one counts for the other."""
    desk = new_desk()
    async with in_hand(desk) as hand:
        desk.camera.scans.append(Scan(ScanEnd.DECODED, "https://office.example/#/enrol/ENROLME1"))
        await hand.tap("Scan the code")
        await at_once(hand, PIN * 2)
        assert desk.app.session.unlocked
