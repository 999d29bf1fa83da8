"""Fingers that are faster than the glass is drawn: every touch counts, in the order in which it came."""

from __future__ import annotations

import flet as ft

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


@played
async def test_a_sign_that_comes_while_the_finds_are_drawn_stays() -> None:
    """Flet knows of a sign before its handler does; finds drawn in between do not set the field back."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.tap("Type the number")
        client, label = hand.client, hand.word("Number, serial number or stall")
        field = next(one for one in client.controls() if isinstance(one, ft.TextField) and one.label == label)
        client.session.apply_patch(field._i, {"value": "2403"})
        await client.session.dispatch_event(field._i, "change", "2403")
        client.session.apply_patch(field._i, {"value": "2403-"})
        await client.rest()
        assert hand.client.reads("2403-01187"), "the finds were drawn"
        assert hand.fields()[label] == "2403-"


@played
async def test_a_sign_that_comes_while_an_answer_is_saved_stays() -> None:
    """A field for words, whose every sign is saved: what is drawn after a saving does not take the next sign away."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.tap("Check prepackages")
        client, label = hand.client, hand.word("What is in the packages")
        field = next(one for one in client.controls() if isinstance(one, ft.TextField) and one.label == label)
        client.session.apply_patch(field._i, {"value": "雪花"})
        await client.session.dispatch_event(field._i, "change", "雪花")
        client.session.apply_patch(field._i, {"value": "雪花粉"})
        await client.rest()
        assert hand.fields()[label] == "雪花粉"
        await client.session.dispatch_event(field._i, "change", "雪花粉")
        await client.rest()
        assert desk.phone.lot
        assert desk.phone.lot.draft.answers.goods == "雪花粉"
