"""A phone that can't write: it says so in words on the screen where it happened, nothing kept is lost, and with room all goes on."""

from __future__ import annotations

from mobile.ui.theme import ThemeChoice
from mobile.workflow.draft import Step
from tests.mobile.played import played
from tests.mobile.ui.fakes import Desk, enrolled_desk
from tests.mobile.ui.inspector import JPEG, Inspector, in_hand


def refuse(desk: Desk, refuses: bool) -> None:
    """SQLite itself refuses every write from now on, or takes them again."""
    desk.machine.store.database.conn.execute(f"PRAGMA query_only = {'ON' if refuses else 'OFF'}")


def says_so(hand: Inspector) -> bool:
    """Whether the glass says what is wrong, and what to do."""
    return hand.client.reads("readonly") and hand.reads(
        "What was kept before is there. Make room on the phone, then try again."
    )


def typed(desk: Desk) -> str:
    """The figure that stands in the field."""
    assert desk.phone.check
    live = desk.phone.check.live()
    assert live
    return live.text


@played
async def test_a_key_that_can_not_be_saved_is_refused_in_words() -> None:
    """The figure stays as it was kept; the next key that is saved takes the words away again."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.keys("4")
        refuse(desk, True)
        await hand.keys("5")
        assert says_so(hand)
        assert typed(desk) == "4"
        refuse(desk, False)
        await hand.keys("2")
        assert not says_so(hand)
        assert typed(desk) == "42"


@played
async def test_every_screen_says_that_it_could_not_save() -> None:
    """Beginning a check, a choice of how things look, another officer, the way home: each is refused in words, and each goes on with room."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan()
        refuse(desk, True)
        await hand.tap("Start check")
        assert says_so(hand)
        refuse(desk, False)
        await hand.tap("Start check")
        assert not says_so(hand)
        assert hand.reads("Look it over")
        await hand.tap("Back")
        refuse(desk, True)
        await hand.tap("Me")
        await hand.tap("Dark")
        assert says_so(hand)
        await hand.tap("Today")
        assert says_so(hand)
        refuse(desk, False)
        await hand.tap("Me", "Dark")
        assert not says_so(hand)
    assert await desk.app.setting("theme") == ThemeChoice.DARK


@played
async def test_a_picture_that_can_not_be_kept_is_not_passed_over() -> None:
    """The phone runs full while the camera is open: the screen below it says that the picture was not kept."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan()
        await hand.tap("Start check")
        check = desk.phone.check
        assert check
        undo = check.subscribe(lambda: refuse(desk, check.cursor.step is Step.PHOTO))
        desk.camera.pictures.append(JPEG)
        await hand.tap("All normal")
        assert says_so(hand)
        assert hand.reads("Picture")
        undo()
        refuse(desk, False)
        desk.camera.pictures.append(JPEG)
        await hand.tap("Take the picture")
        assert not says_so(hand)
        assert len(check.photos) == 1


@played
async def test_a_sync_on_a_phone_that_can_not_write_ends_and_is_tried_again() -> None:
    """The sync says why it did not finish, and the next one with room does."""
    desk = await enrolled_desk()
    refuse(desk, True)
    status = await desk.app.sync.run()
    assert status.problem
    assert status.problem.code == "phone_storage_failed"
    refuse(desk, False)
    assert (await desk.app.sync.run()).problem is None


@played
async def test_a_signed_check_that_could_not_be_sealed_waits_at_home() -> None:
    """The phone is full between the signature and the outbox: one can leave the screen, and with room the check is sealed, once."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.read_all()
        await hand.tap("Trader signs")
        await hand.sign()
        check = desk.phone.check
        assert check
        undo = check.subscribe(lambda: refuse(desk, check.draft.finished is not None))
        await hand.tap("Signed")
        assert says_so(hand)
        await hand.tap("Back")
        assert hand.reads("Today")
        undo()
        refuse(desk, False)
        await hand.tap("Resume")
        assert hand.reads("Receipt")
    kept = await desk.machine.store.records.newest(5)
    assert [each.envelope.kind for each in kept].count("inspection.recorded") == 1
    assert not await desk.app.today.drafts()
