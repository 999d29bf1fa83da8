"""The process dies without a word; in the next run, after the PIN, the glass is as it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mobile.workflow.ports import Scan, ScanEnd
from tests.contracts.office import cut
from tests.mobile.played import played
from tests.mobile.ui.fakes import PIN, Desk, enrolled_desk, new_desk
from tests.mobile.ui.inspector import JPEG, Inspector, in_hand
from tests.mobile.ui.test_labels import of_no_instrument

Step = tuple[str, Callable[[Inspector], Awaitable[object]]]


async def without_a_picture(hand: Inspector) -> None:
    hand.desk.camera.pictures.append(None)
    await hand.tap("The rest is normal")


async def with_a_picture(hand: Inspector) -> None:
    hand.desk.camera.pictures.append(JPEG)
    await hand.tap("Take the picture")


FORM: list[Step] = [
    ("begun", lambda hand: hand.tap("Start check")),
    ("a flag", lambda hand: hand.tap("Seal is there and whole")),
    ("its words", lambda hand: hand.write("What is wrong (may stay empty)", "铅封断")),
    ("does not apply", lambda hand: hand.choose("Does not apply: Buyer can read it")),
    ("the rest normal, shutter closed", without_a_picture),
    ("a picture", with_a_picture),
    ("zero", lambda hand: hand.same()),
    ("a digit", lambda hand: hand.keys("7")),
    ("half a figure", lambda hand: hand.keys(".5")),
    ("nonsense", lambda hand: hand.keys("0000")),
    ("another tab", lambda hand: hand.choose("Repeat 3")),
    ("back at the half figure", lambda hand: hand.choose("Repeat 1")),
    ("taken", lambda hand: hand.client.press("Delete", "Delete", "Next point")),
    ("the next two", lambda hand: hand.same(2)),
    ("cannot be done", lambda hand: hand.tap("Can't be done", "The display does not settle")),
    ("a doubtful figure", lambda hand: hand.keys("2.505")),
    ("small weights", lambda hand: hand.tap("Measure finer")),
    ("half of their mass", lambda hand: hand.keys("3.")),
    ("not finer after all", lambda hand: hand.tap("Back")),
    ("finer", lambda hand: hand.tap("Measure finer")),
    ("taken finely", lambda hand: hand.keys("3")),
    ("next", lambda hand: hand.tap("Take it")),
    ("back to the first", lambda hand: hand.choose("Repeat 3")),
    ("retest", lambda hand: hand.tap("Read again", "Wind, shaking or a touch")),
    ("read anew", lambda hand: hand.same()),
    ("all the rest", lambda hand: hand.read_all()),
    ("to the signature", lambda hand: hand.tap("Trader signs")),
    ("an objection", lambda hand: hand.tap("Objects")),
    ("its words", lambda hand: hand.write("What is objected to", "秤没放平")),
]


def glass(hand: Inspector) -> tuple[list[str], list[str], dict[str, str]]:
    """All that can be read, touched and typed into."""
    return hand.client.texts(), hand.client.buttons(), hand.fields()


async def killed_at(desk: Desk, last: int) -> None:
    """Goes through the form as far as ``last``, dies, and looks at the next run."""
    async with in_hand(desk) as hand:
        await hand.scan()
        for _name, act in FORM[: last + 1]:
            await act(hand)
        before, check = glass(hand), desk.phone.check
        assert check
        draft = check.draft
    desk = desk.restarted()
    async with in_hand(desk) as hand:
        assert hand.reads("Locked; drafts are kept")
        await hand.unlock()
        assert glass(hand) == before
        assert desk.phone.check
        assert desk.phone.check.draft == draft
        for photo in draft.photos:
            assert await desk.machine.blobs.get(photo.digest)


@pytest.mark.parametrize("last", range(len(FORM)), ids=[name for name, _act in FORM])
@played
async def test_a_killed_form_reopens_on_its_very_field(tmp_path: Path, last: int) -> None:
    """After every single touch of the form: same words, same keys, same half-typed figure, same draft, same pictures."""
    await killed_at(await enrolled_desk(path=tmp_path / "work.db"), last)


REGISTER: list[Step] = [
    ("a kind", lambda hand: hand.tap("Electronic bench scale")),
    ("half a serial number", lambda hand: hand.write("Serial number", "2611")),
    ("a capacity", lambda hand: hand.choose("150 kg")),
    ("a stall", lambda hand: hand.write("Stall or user", "王芳")),
]


@pytest.mark.parametrize("labelled", [True, False], ids=["with a label", "without"])
@pytest.mark.parametrize("last", range(len(REGISTER)), ids=[name for name, _act in REGISTER])
@played
async def test_a_killed_registration_reopens_as_it_was(tmp_path: Path, last: int, labelled: bool) -> None:
    """The fields given so far, and the label that led here: it is bound all the same."""
    desk = await enrolled_desk(path=tmp_path / "work.db")
    async with in_hand(desk) as hand:
        if labelled:
            await hand.scan(of_no_instrument(desk.world))
            await hand.tap("Put it on the ledger")
        else:
            desk.camera.scans.append(Scan(ScanEnd.NO_LABEL))
            await hand.tap("Scan to check")
        for _name, act in REGISTER[: last + 1]:
            await act(hand)
        before = glass(hand)
    desk = desk.restarted()
    async with in_hand(desk) as hand:
        await hand.unlock()
        assert glass(hand) == before
        await hand.write("Serial number", "2611-00007")
        await hand.tap("Choose the site")
        await hand.choose("张强镇中心农贸市场")
        await hand.tap("Only register")
        assert hand.reads("Label's signature valid" if labelled else "Label not scanned")


@played
async def test_another_label_does_not_find_the_last_form(tmp_path: Path) -> None:
    """A form that was left belongs to its label; another instrument's form begins empty."""
    desk = await enrolled_desk(path=tmp_path / "work.db")
    async with in_hand(desk) as hand:
        await hand.scan("a maker's code")
        await hand.tap("Put it on the ledger")
        await hand.write("Serial number", "2611")
        await hand.client.back()
        await hand.scan("another maker's code")
        await hand.tap("Put it on the ledger")
        assert hand.fields()["Serial number"] == ""


@played
async def test_a_killed_enrolment_goes_on_where_it_was(tmp_path: Path) -> None:
    """Dead between the grant and the counties: the PIN, then the pull goes on by itself."""
    desk = new_desk(path=tmp_path / "work.db")
    desk.world.office.before = lambda _method, path: cut("", "") if "pull" in path else None
    async with in_hand(desk) as hand:
        await hand.write("Enrolment code", "ENROLME1")
        await hand.tap("Use this code")
        await hand.keys(PIN + PIN)
        assert hand.offers("Go on fetching")
    desk.world.office.before = lambda _method, _path: None
    desk = desk.restarted()
    async with in_hand(desk) as hand:
        await hand.unlock()
        assert desk.app.enrolment.view.step == "ready"
        assert hand.reads("Before you begin")
