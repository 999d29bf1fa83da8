"""Taking the phone into service, on the glass."""

from __future__ import annotations

import pytest

from mobile.ui.language import CHINESE, ENGLISH
from mobile.workflow.app_state import Phase
from mobile.workflow.ports import Scan, ScanEnd
from tests.contracts.office import cut
from tests.mobile.played import played
from tests.mobile.ui.fakes import PIN, new_desk
from tests.mobile.ui.inspector import in_hand


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
@played
async def test_from_the_box_to_the_home_screen(language: str) -> None:
    """Scan the console's code, give a PIN twice, and the counties come by themselves: one tap and twelve keys."""
    desk = new_desk(language)
    async with in_hand(desk) as hand:
        assert hand.reads("Take this phone into service")
        desk.camera.scans.append(Scan(ScanEnd.DECODED, "https://office.example/#/enrol/ENROLME1"))
        await hand.tap("Scan the code")
        assert hand.reads("Choose a PIN of six digits")
        await hand.keys(PIN)
        assert hand.reads("Once more, to be sure")
        await hand.keys(PIN)
        assert desk.app.phase is Phase.OPEN
        assert hand.reads("Today")
        assert hand.reads("Nothing is arranged for today")
        assert hand.taps == 1


@played
async def test_a_typed_code_and_two_different_pins() -> None:
    """A code that is none is said beside the field; two different PINs are asked for again from the first."""
    async with in_hand(new_desk()) as hand:
        assert not hand.offers("Use this code")
        await hand.write("Enrolment code", "!!")
        await hand.tap("Use this code")
        assert hand.reads("This is not an enrolment code.")
        await hand.write("Enrolment code", "ENROLME1")
        await hand.tap("Use this code")
        await hand.keys("111111")
        await hand.keys("222222")
        assert hand.reads("The two PINs are not the same.")
        await hand.keys("13<")
        await hand.keys("11111")
        await hand.keys("111111")
        assert hand.reads("Today")


@played
async def test_the_administrator_compares_the_figures() -> None:
    """Both screens show the key's figures; the phone goes on when it was granted, and says when it was not."""
    desk = new_desk()
    desk.world.office.grants_at_once = False
    async with in_hand(desk) as hand:
        await hand.write("Enrolment code", "ENROLME1")
        await hand.tap("Use this code")
        await hand.keys(PIN + PIN)
        assert hand.reads("Read these figures to the administrator")
        for group in desk.app.enrolment.view.fingerprint.split():
            assert hand.client.reads(group)
        await hand.tap("Another code")
        assert hand.reads("Take this phone into service"), "nobody is stuck at the comparison"
        await hand.write("Enrolment code", "ENROLME2")
        await hand.tap("Use this code", "Back", "Use this code")
        await hand.keys(PIN + PIN)
        desk.world.office.grants_at_once = True
        await hand.tap("Ask again now")
        assert hand.reads("Today")


@played
async def test_no_network_while_enrolling_loses_nothing() -> None:
    """Without a network the PIN is asked for again, not the code; the pull waits with a button to go on."""
    desk = new_desk()
    async with in_hand(desk) as hand:
        await hand.write("Enrolment code", "ENROLME1")
        await hand.tap("Use this code")
        desk.world.office.before = cut
        await hand.keys(PIN + PIN)
        assert hand.reads("The server can't be reached.")
        desk.world.office.before = lambda _method, path: cut("", "") if "pull" in path else None
        await hand.keys(PIN + PIN)
        assert hand.reads("The server can't be reached.")
        desk.world.office.before = lambda _method, _path: None
        await hand.tap("Go on fetching")
        assert hand.reads("Today")


@played
async def test_a_language_can_be_chosen_before_anything_else() -> None:
    """The first screen offers the other language by its own name."""
    async with in_hand(new_desk(CHINESE)) as hand:
        await hand.choose("English")
        assert hand.client.reads("Take this phone into service")
        await hand.choose("中文")
        assert hand.client.reads("注册这部手机")
