"""A lot of prepackages on the glass: the plan first, then package by package, stopped and gone on with on another day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from mobile.ui.language import CHINESE, ENGLISH
from shared.lot import LotInspection
from shared.metrology.judging import Outcome
from tests.mobile.played import played
from tests.mobile.ui.fakes import Desk, enrolled_desk
from tests.mobile.ui.inspector import JPEG, Inspector, in_hand

Step = tuple[str, Callable[[Inspector], Awaitable[object]]]
A = ["498", "501", "499", "500", "502", "497", "500", "499", "501", "498"]


async def to_the_readings(hand: Inspector, size: str = "40") -> None:
    """From the home screen to the first package: net weighing of packages of 500 g."""
    await hand.tap("Check prepackages")
    await hand.write("What is in the packages", "雪花粉")
    await hand.choose("净含量:500g")
    await hand.tap("To the sampling plan")
    await hand.keys(size)
    await hand.tap("Go on")
    await hand.choose("1 kg F1")
    await hand.tap("To the readings")


async def read(hand: Inspector, nets: list[str]) -> None:
    for net in nets:
        await hand.keys(net)
        last = hand.offers("See the outcome")
        await hand.client.press(hand.word("See the outcome" if last else "Next one"))


async def sign(hand: Inspector) -> None:
    await hand.tap("Trader signs")
    await hand.sign()
    await hand.tap("Signed")


async def recorded(desk: Desk) -> LotInspection:
    [kept] = await desk.machine.store.records.newest(1)
    return msgspec.json.decode(kept.envelope.payload, type=LotInspection)


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
@played
async def test_a_passing_lot_in_few_taps(language: str, width: int) -> None:
    """UX.md 3e: beside what is written and read, six taps to the first package and two to the receipt."""
    desk = await enrolled_desk(language)
    async with in_hand(desk, width, 640 if width == 320 else 844) as hand:
        await to_the_readings(hand)
        assert hand.taps == 6
        assert hand.reads("Package {number} of {sample}", number=1, sample=10)
        await read(hand, A)
        assert hand.reads("Net content within limits")
        assert hand.reads("{done} of {total} packages read", done=10, total=10)
        assert hand.reads("Label not wholly judged"), "the characters were not measured"
        await sign(hand)
        assert hand.taps == 8
        assert hand.reads("Goods")
        assert hand.client.reads("雪花粉 500 g")
    assert [one.outcome for one in [(await recorded(desk)).verdict] if one] == [Outcome.WITHIN]


@played
async def test_the_plan_stands_there_before_the_first_reading() -> None:
    """n, what is allowed, whose edition, and that a newer one is still to be checked; another N is another plan at once."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.tap("Check prepackages", "To the sampling plan")
        assert hand.reads("The goods have no name yet.")
        await hand.write("What is in the packages", "豆油")
        await hand.choose("净含量:500mL")
        await hand.tap("To the sampling plan")
        assert hand.reads("The plan follows from both figures.")
        await hand.keys("9")
        assert hand.reads("Read {sample} packages", sample=9)
        assert hand.client.reads(hand.word("no test of the mean"))
        await hand.keys("9")
        assert hand.reads("Read {sample} packages", sample=13)
        assert hand.client.reads("JJF 1070-2023")
        await hand.tap("Next field")
        await hand.keys("250")
        assert hand.client.reads("9 mL"), "T follows the figure that was typed over the label's"


@played
async def test_a_faulty_label_says_so_while_it_is_written() -> None:
    """The form, the unit and the height of the characters are judged offline; the picture is kept."""
    desk = await enrolled_desk()
    desk.camera.pictures.append(JPEG)
    async with in_hand(desk) as hand:
        await hand.tap("Check prepackages")
        await hand.write("Net content as printed", "净含量:1000g")
        assert hand.reads("Label faulty")
        await hand.write("Net content as printed", "净含量:1kg")
        assert hand.reads("Label not wholly judged")
        await hand.tap("Measure the characters")
        await hand.keys("3.5")
        await hand.tap("Take it")
        assert hand.reads("Label faulty")
        await hand.choose(hand.word("Character height: {height} mm", height="3.5"))
        await hand.keys("<<<6")
        await hand.tap("Take it")
        assert hand.reads("Label in order")
        await hand.tap("Picture of the label")
        assert hand.reads("{count} pictures kept", count=1)


@played
async def test_marks_are_words_and_shapes_and_what_is_still_possible_is_said() -> None:
    """T1 and T2 stand beside the figure while it is typed, in the list, and in the tally with what is allowed."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await to_the_readings(hand, "60")
        await hand.keys("484")
        assert hand.reads("T1: short by more than T")
        assert hand.client.reads("−16 g")
        await hand.tap("Next one")
        assert hand.client.reads("12 still to read; 0 more T1")
        await hand.keys("469")
        assert hand.reads("T2: short by more than 2T")
        await hand.tap("Next one")
        assert hand.client.reads("they can't mend it")
        assert desk.platform.buzzes[-2:] == [[20, 40, 20], [60, 60, 60]]
        await hand.tap("All readings")
        assert hand.offers_figure("Package {number}".format(number="2") + ", 469 g, −31 g, T2")
        await hand.choose("Package 2")
        await hand.tap("Read again", "Another package was on the pan")
        await hand.keys("503")
        await hand.tap("Next one")
        assert hand.client.reads("11 still to read; 0 more T1")
        await hand.tap("Can't be done", "The package is damaged")
        await hand.tap("All readings")
        assert hand.reads("{count} earlier readings kept", count=1)
        assert hand.client.reads("The package is damaged")


@played
async def test_paused_killed_and_gone_on_with_days_later(tmp_path: Path) -> None:
    """It waits on Today with how far it came, beside other work; two days later it opens at the same package."""
    desk = await enrolled_desk(path=tmp_path / "work.db")
    async with in_hand(desk) as hand:
        await to_the_readings(hand)
        await read(hand, A[:4])
        await hand.keys("50")
        await hand.tap("Pause, go on later")
        assert hand.client.reads(hand.word("{done} of {total} packages read", done=4, total=10))
        await hand.begin()
        await hand.client.back()
        await hand.client.back()
        await hand.client.back()
        await hand.tap("Check prepackages")
        await hand.client.back()
    desk.world.clock.advance(timedelta(days=2))
    desk = desk.restarted()
    async with in_hand(desk) as hand:
        await hand.unlock()
        if not hand.reads("Today"):
            await hand.client.back()
        await hand.choose(hand.word("Resume {serial}", serial="雪花粉"))
        assert hand.reads("Package {number} of {sample}", number=5, sample=10)
        assert hand.client.reads("50")
        await hand.keys("2")
        await hand.tap("Next one")
        await read(hand, A[5:])
        assert hand.reads("Net content within limits")
        await sign(hand)
    lot = await recorded(desk)
    days = [(one.read_at - lot.started_at).days for one in lot.readings if one.read_at]
    assert days == [0] * 4 + [2] * 6


FORM: list[Step] = [
    ("begun", lambda hand: hand.tap("Check prepackages")),
    ("goods", lambda hand: hand.write("What is in the packages", "大米")),
    ("label", lambda hand: hand.choose("净含量:5kg")),
    ("height", lambda hand: hand.tap("Measure the characters")),
    ("half a height", lambda hand: hand.keys("6.")),
    ("back at the goods", lambda hand: hand.tap("Take it")),
    ("the plan", lambda hand: hand.tap("To the sampling plan")),
    ("a digit", lambda hand: hand.keys("1")),
    ("two", lambda hand: hand.keys("2")),
    ("the method", lambda hand: hand.tap("Go on")),
    ("gross", lambda hand: hand.tap("Gross, less the mean of empty packings")),
    ("a standard", lambda hand: hand.choose("5 kg × 2")),
    ("packings", lambda hand: hand.tap("To the readings")),
    ("half a packing", lambda hand: hand.keys("2")),
    ("taken", lambda hand: hand.tap("One more")),
    ("packages", lambda hand: hand.tap("To the packages")),
    ("a digit of a package", lambda hand: hand.keys("5")),
    ("nearly", lambda hand: hand.keys("00")),
    ("all of it", lambda hand: hand.keys("2")),
    ("next", lambda hand: hand.tap("Next one")),
    ("cannot", lambda hand: hand.tap("Can't be done", "The display does not settle")),
    ("the outcome", lambda hand: hand.tap("Outcome")),
    ("to sign", lambda hand: hand.tap("Trader signs")),
    ("objects", lambda hand: hand.tap("Objects")),
]


@pytest.mark.parametrize("last", range(len(FORM)), ids=[name for name, _act in FORM])
@played
async def test_after_a_kill_the_glass_is_as_it_was(tmp_path: Path, last: int) -> None:
    """Killed after any step of the form, after the PIN all that is read, touched and typed into is there again."""
    desk = await enrolled_desk(path=tmp_path / "work.db")

    def glass(hand: Inspector) -> tuple[list[str], list[str], dict[str, str]]:
        return hand.client.texts(), hand.client.buttons(), hand.fields()

    async with in_hand(desk) as hand:
        for _name, act in FORM[: last + 1]:
            await act(hand)
        before = glass(hand)
    desk = desk.restarted()
    async with in_hand(desk) as hand:
        await hand.unlock()
        assert glass(hand) == before
