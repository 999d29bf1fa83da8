"""找器具: what one types, what falls due and who is on a roster, in a list that is as quick with thousands."""

from __future__ import annotations

from datetime import date

import flet as ft
import msgspec
import pytest

from mobile.ui.language import CHINESE, ENGLISH
from mobile.workflow.looking import Due, days_of
from shared.identity import mint
from shared.instrument import UseStatus, VerificationStatus
from tests.mobile.phone import COUNTY
from tests.mobile.played import played
from tests.mobile.ui.fakes import Desk, enrolled_desk
from tests.mobile.ui.inspector import Inspector, in_hand
from tests.mobile.ui.test_home import arrange

FIELD = "Site, stall, maker, number, or first letters"
MANY = 3_000


async def stocked(language: str = ENGLISH, scales: int = 5) -> Desk:
    """A phone that knows the market's scale and others beside it; of these the first five are due on days of their own."""
    desk = await enrolled_desk(language)
    today = desk.phone.app.looking.today
    assert today == date(2026, 11, 20), "a Friday: what the days below count on"
    ends = [date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 30), date(2026, 12, 1)]
    world = desk.world
    for number in range(scales):
        until = ends[number] if number < len(ends) else None
        one = msgspec.structs.replace(
            world.scale,
            instrument_id=mint(world.clock, world.office.random_bytes),
            serial_number=f"S-{number:05d}",
            stall=f"Z{number:05d}",
            label="",
            verification=VerificationStatus(verified_on=date(2025, 12, 1), valid_until=until, body="所"),
        )
        world.office.show(COUNTY, "instrument", one.instrument_id, one)
    scrapped = msgspec.structs.replace(
        world.scale,
        instrument_id=mint(world.clock, world.office.random_bytes),
        serial_number="S-SCRAPPED",
        stall="旧",
        use_status=UseStatus.SCRAPPED,
        verification=VerificationStatus(
            verified_on=date(2024, 1, 1), valid_until=date(2025, 1, 1), body="所"
        ),
    )
    world.office.show(COUNTY, "instrument", scrapped.instrument_id, scrapped)
    await desk.app.sync.run()
    return desk


def serials(hand: Inspector) -> list[str]:
    """Serial numbers of the rows that are made, top to bottom."""
    return [name.split(", ")[1].split()[-1] for name in hand.client.buttons() if name.count(", ") >= 2]


async def type_in(hand: Inspector, words: str) -> None:
    await hand.client.enter(hand.word(FIELD), words)
    await hand.client.rest()


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
@played
async def test_it_finds_as_one_types_and_leads_to_the_card_and_back(language: str) -> None:
    """Each sign narrows the list; a row opens its card, and back from there what was typed still stands."""
    async with in_hand(await stocked(language)) as hand:
        await hand.tap("Find an instrument")
        assert hand.reads("{count} instruments", count=7)
        await type_in(hand, "a")
        assert "2403-01187" in serials(hand)
        await type_in(hand, "a12 zqz")
        assert serials(hand) == ["2403-01187"]
        await type_in(hand, "没有这样的")
        assert hand.reads("Nothing here fits. Check what is typed and chosen, or scan the label.")
        await type_in(hand, "2403")
        await hand.choose("A12 · 张强镇中心农贸市场")
        assert hand.offers("Start check")
        await hand.tap("Back")
        assert hand.reads("{count} instruments", count=1)
        assert serials(hand) == ["2403-01187"]


@played
async def test_what_falls_due_is_counted_and_listed() -> None:
    """Yesterday is overdue; Friday to Sunday is this week, and to the thirtieth this month; what is scrapped is nobody's work."""
    async with in_hand(await stocked()) as hand:
        await hand.tap("Find an instrument", "Overdue 1")
        assert serials(hand) == ["S-00000"]
        assert hand.reads("ended on {until}, {days} days ago", until="2026-11-19", days=1)
        await hand.tap("Due this week 2")
        assert serials(hand) == ["S-00001", "S-00002"]
        await hand.tap("Due this month 3")
        assert serials(hand) == ["S-00001", "S-00002", "S-00003"]
        await type_in(hand, "Z00003")
        assert serials(hand) == ["S-00003"]
        await hand.tap("All")
        await type_in(hand, "")
        assert hand.reads("{count} instruments", count=7)


@played
async def test_a_campaigns_roster_says_how_far_each_has_come() -> None:
    """The market's scale is still to come; the clinic's instrument is not on this phone and is not counted."""
    desk = await stocked()
    arrange(desk.world)
    await desk.app.sync.run()
    async with in_hand(desk) as hand:
        await hand.tap("Find an instrument")
        await hand.choose("2026 年集贸市场免费检定")
        assert serials(hand) == ["2403-01187"]
        assert hand.reads("Not done yet")
        await hand.tap("Type the number", "Back", "Find an instrument")
        assert serials(hand) == ["2403-01187"], "what was chosen stays"


@played
async def test_a_long_list_makes_only_what_can_be_seen() -> None:
    """Of thousands a few dozen rows are made, at the top and wherever one scrolls to; the room of all is kept."""
    async with in_hand(await stocked(scales=MANY)) as hand:
        await hand.tap("Find an instrument")
        await type_in(hand, "S")
        for at in (0, 1_500, MANY - 10):
            rows = next(c for c in hand.client.controls() if isinstance(c, ft.ListView) and c.on_scroll)
            room = next(c for c in hand.client.controls() if isinstance(c, ft.Stack) and c.height)
            height = float(room.height or 0) / (MANY + 1)
            await hand.client.session.dispatch_event(rows._i, "scroll", scroll(at * height))
            await hand.client.rest()
            assert f"S-{at:05d}" in serials(hand)
            assert len(serials(hand)) < 60


def scroll(pixels: float) -> dict[str, object]:
    """What Flutter says of a list that was moved."""
    return {
        "event_type": "update",
        "pixels": pixels,
        "min_scroll_extent": 0,
        "max_scroll_extent": 1e9,
        "viewport_dimension": 700,
    }


@pytest.mark.parametrize(
    ("today", "week", "month"),
    [
        (
            date(2026, 11, 29),
            (date(2026, 11, 29), date(2026, 11, 29)),
            (date(2026, 11, 29), date(2026, 11, 30)),
        ),
        (
            date(2026, 12, 28),
            (date(2026, 12, 28), date(2027, 1, 3)),
            (date(2026, 12, 28), date(2026, 12, 31)),
        ),
        (date(2028, 2, 1), (date(2028, 2, 1), date(2028, 2, 6)), (date(2028, 2, 1), date(2028, 2, 29))),
    ],
)
def test_weeks_end_on_sunday_and_months_on_their_last_day(
    today: date, week: tuple[date, date], month: tuple[date, date]
) -> None:
    """On a Sunday the week is one day; a week may reach into the next year; February of a leap year has 29 days."""
    assert days_of(Due.WEEK, today) == week
    assert days_of(Due.MONTH, today) == month
    assert days_of(Due.OVERDUE, today)[1] < today
