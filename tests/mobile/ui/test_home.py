"""The four rooms: what is arranged, what waits, what needs a person, and who has the phone."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from mobile.ui.language import CHINESE, ENGLISH
from mobile.ui.theme import DARK, LIGHT
from mobile.workflow.app_state import Phase
from mobile.workflow.session import IDLE_MS
from shared.campaign import Campaign, RosterEntry, RosterState
from shared.errors import Problem
from shared.identity import mint
from shared.instrument import Attention
from shared.premises import PremisesType
from sync.envelope import Sealed, read_body
from sync.messages import Ruling, Status
from sync.ports import Answer, TransportError
from tests.contracts.office import cut
from tests.mobile.phone import COUNTY, World
from tests.mobile.played import played
from tests.mobile.ui.fakes import PIN, enrolled_desk
from tests.mobile.ui.inspector import JPEG, Inspector, in_hand


def arrange(world: World) -> None:
    """A campaign with the market's scale still to come and a clinic all done."""
    clinic = msgspec.structs.replace(
        world.premises,
        premises_id=mint(world.clock, world.office.random_bytes),
        type=PremisesType.CLINIC,
        name="张强镇卫生院",
    )
    world.office.show(COUNTY, "premises", clinic.premises_id, clinic)
    campaign = Campaign(
        campaign_id=mint(world.clock, world.office.random_bytes),
        county=COUNTY,
        title="2026 年集贸市场免费检定",
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 12, 15),
        roster=[
            RosterEntry(world.scale.instrument_id, world.premises.premises_id),
            RosterEntry(
                mint(world.clock, world.office.random_bytes), clinic.premises_id, RosterState.VERIFIED
            ),
        ],
    )
    world.office.show(COUNTY, "campaign", campaign.campaign_id, campaign)


async def finished(hand: Inspector) -> None:
    """One whole check, as far as the receipt."""
    await hand.begin()
    await hand.read_all()
    await hand.tap("Trader signs")
    await hand.sign()
    await hand.tap("Signed")


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
@played
async def test_an_empty_day_says_what_can_be_done(language: str) -> None:
    """Nothing arranged, nothing recorded, no campaign: a sentence each, and scanning is always there."""
    async with in_hand(await enrolled_desk(language)) as hand:
        assert hand.reads("Nothing is arranged for today")
        assert hand.reads("You can scan right away.")
        await hand.tap("Campaigns")
        assert hand.reads("No campaign runs now.")
        await hand.tap("Outbox")
        assert hand.reads("Phone taken into service")
        await hand.tap("Me", "Today")
        assert hand.offers("Scan to check")


@played
async def test_todays_sites_with_what_is_left_at_each() -> None:
    """The market counts one instrument left, the clinic is all done; the list leads to a card and to registering."""
    desk = await enrolled_desk()
    arrange(desk.world)
    worried = msgspec.structs.replace(desk.world.scale, version=4, attention=Attention.RECHECK)
    desk.world.office.show(COUNTY, "instrument", worried.instrument_id, worried)
    await desk.app.sync.run()
    async with in_hand(desk) as hand:
        assert hand.reads("Arranged today")
        assert hand.offers("张强镇中心农贸市场, 1 left")
        assert hand.offers("张强镇卫生院, All done")
        await hand.choose("张强镇中心农贸市场")
        assert hand.reads("To be checked again")
        await hand.choose("A12 Price-computing scale 2403-01187")
        assert hand.offers("Start check")
        await hand.tap("Back", "Back", "Campaigns")
        assert hand.client.reads("2026 年集贸市场免费检定")
        assert hand.client.reads("1/2")
        await hand.tap("Today")
        await hand.choose("张强镇卫生院")
        assert hand.reads("No instrument of this site is on this phone yet.")


@played
async def test_no_network_is_an_ordinary_state() -> None:
    """A grey chip, and what waits counted; when the office was reached, the chip says so by itself."""
    desk = await enrolled_desk()
    desk.world.office.before = cut
    desk.machine.line.set(False)
    async with in_hand(desk) as hand:
        assert hand.reads("No network")
        await finished(hand)
        await hand.client.back()
        assert hand.reads("{count} to send", count=1)
        assert not hand.client.reads("need you"), "what sends itself needs nobody"
        desk.world.office.before = lambda _method, _path: None
        desk.machine.line.set(True)
        await desk.app.sync.run()
        await hand.client.rest()
        assert hand.reads("In step")
        assert not hand.reads("{count} to send", count=1)


@played
async def test_a_draft_is_offered_first_and_shows_where_it_stopped() -> None:
    """接着做: instrument, stall, how many points are read; one touch goes to the very point."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.same(2)
        await hand.keys("7.5")
        for _step in range(3):
            await hand.client.back()
        assert hand.reads("Carry on")
        assert hand.client.reads("A12 张强镇中心农贸市场")
        await hand.tap("Resume")
        desk.camera.pictures.append(None)
        await hand.tap("All normal", "Go on to the readings")
        assert "7.5" in hand.client.texts()


class Silent:
    """:class:`sync.ports.Transport` that takes every question and answers none."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def request(self, *_call: object, **_more: object) -> Answer:
        self.asked.set()
        await asyncio.Event().wait()
        raise TransportError


RULINGS = {
    Status.ACCEPTED: "Received",
    Status.DUPLICATE: "Received",
    Status.HELD: "On hold",
    Status.CONFLICTING: "In conflict",
    Status.REFUSED: "Sent back",
}
WHY = Problem("standard_expired", "The record can't be read: {reason}", "Wait.", {"reason": "x"})


@pytest.mark.parametrize(("status", "words"), RULINGS.items())
@played
async def test_every_ruling_has_its_state_and_what_to_do(status: Status, words: str) -> None:
    """Only what needs a person is on top, with why and what to do; the rest is in the list with its word."""
    desk = await enrolled_desk()

    def rule(sealed: Sealed) -> Ruling:
        why = WHY if status in (Status.REFUSED, Status.CONFLICTING, Status.HELD) else None
        return Ruling(read_body(sealed.body).record_id, sealed.digest, status, COUNTY, 1, why)

    async with in_hand(desk) as hand:
        await finished(hand)
        desk.world.office.rule = rule
        await desk.app.sync.run()
        await hand.client.back()
        needs_you = status in (Status.REFUSED, Status.CONFLICTING)
        await hand.choose("Outbox, 1 need you" if needs_you else "Outbox")
        assert hand.reads(words)
        assert hand.reads("Needs you") is needs_you
        if needs_you:
            assert hand.client.reads("The record can't be read: x")
            await hand.tap("See the record")
        else:
            await hand.choose("Spot check, 张强镇中心农贸市场")
        assert hand.reads(words)
        [kept] = await desk.machine.store.records.newest(1)
        assert hand.client.reads(kept.digest)
        assert kept.body.decode() in hand.client.texts()
        await hand.tap("Show the receipt")
        assert hand.reads("Receipt")
        if needs_you:
            await hand.client.back()
            await hand.choose("Outbox")
            await hand.tap("Check it again")
            assert hand.offers("Start check")


@played
async def test_a_refused_check_that_was_done_again_needs_nobody_more() -> None:
    """重新检查, to its receipt: the badge is gone, and the refused record stays in the list with its word."""
    desk = await enrolled_desk()
    refused = iter([Status.REFUSED])

    def rule(sealed: Sealed) -> Ruling | None:
        status = next(refused, None)
        return (
            Ruling(read_body(sealed.body).record_id, sealed.digest, status, problem=WHY) if status else None
        )

    async with in_hand(desk) as hand:
        await finished(hand)
        desk.world.office.rule = rule
        await desk.app.sync.run()
        await hand.client.back()
        await hand.choose("Outbox, 1 need you")
        await hand.tap("Check it again")
        desk.camera.pictures.append(JPEG)
        await hand.tap("Start check", "All normal")
        await hand.read_all()
        await hand.tap("Trader signs", "Refuses to sign", "Has left", "Back")
        assert not hand.client.reads("need you")
        await hand.tap("Outbox")
        assert not hand.reads("Needs you")
        assert hand.reads("Sent back")


@played
async def test_sent_without_an_answer_says_so() -> None:
    """The answer was lost on the way: the record reads 已传, not 已收, and nothing asks for a person."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await finished(hand)
        desk.world.office.after = lambda _method, path: cut("", "") if path == "/push" else None
        await desk.app.sync.run()
        await hand.client.back()
        await hand.tap("Outbox")
        assert hand.reads("Sent")
        assert not hand.reads("Needs you")
        assert hand.reads("The server can't be reached.")
        desk.world.office.after = lambda _method, _path: None
        await hand.tap("Sync now")
        assert hand.reads("Received")


@played
async def test_a_closed_phone_still_records() -> None:
    """Access taken away: the chip says so, and a check can be finished and kept all the same."""
    desk = await enrolled_desk()
    desk.world.office.access = "closed"
    await desk.app.sync.run()
    async with in_hand(desk) as hand:
        assert hand.reads("Access closed")
        await finished(hand)
        assert hand.reads("Receipt")


# Who has the phone


@played
async def test_the_first_unlock_of_the_day_offers_officer_and_weights(tmp_path: Path) -> None:
    """UX.md 3a: PIN, the second officer and the weights of last time; expired ones are struck out with their date and refused."""
    desk = (await enrolled_desk(weights=False, path=tmp_path / "work.db")).restarted()
    async with in_hand(desk) as hand:
        assert desk.app.phase is Phase.LOCKED
        await hand.unlock()
        assert hand.reads("Before you begin")
        await hand.choose("赵刚")
        await hand.choose("5 kg × 2")
        await hand.choose("20 kg F20")
        assert hand.client.reads("expired on 2025-12-31")
        assert hand.client.reads("Take weights with a valid certificate.")
        await hand.tap("Ready")
        assert hand.reads("Today")
        assert [one.name for one in desk.app.session.standards] == ["5 kg"]
        await hand.tap("Me")
        assert hand.client.reads("赵刚")
        await hand.tap("Lock")
        await hand.unlock()
        assert hand.reads("Me"), "with both chosen nothing is asked again"


@played
async def test_wrong_pins_wait_and_wipe_nothing(tmp_path: Path) -> None:
    """Five wrong tries: one minute, even over a kill; then the right PIN opens, and the draft is there."""
    desk = await enrolled_desk(path=tmp_path / "work.db")
    async with in_hand(desk) as hand:
        await hand.begin()
        await desk.app.session.lock()
        await hand.client.rest()
        for left in range(4, 0, -1):
            await hand.keys("000000")
            assert hand.reads("Wrong PIN. {count} tries left before a pause.", count=left)
        await hand.keys("000000")
        assert hand.client.reads("Too many wrong tries. The next one in 1:00.")
        await hand.unlock()
        assert desk.app.phase is Phase.LOCKED, "not even the right one while it waits"
    desk = desk.restarted()
    async with in_hand(desk) as hand:
        assert hand.client.reads("Too many wrong tries.")
        desk.world.clock.advance(timedelta(seconds=61))
        await hand.unlock(PIN)
        assert hand.offers_figure("Same as load")


@played
async def test_an_idle_phone_locks_and_comes_back_to_its_place() -> None:
    """Ten minutes without a touch; after the PIN the half-typed figure and the objection stand as they were."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.keys("0.0")
        desk.world.clock.advance(timedelta(milliseconds=IDLE_MS))
        await desk.app.session.lock_when_idle()
        await hand.client.rest()
        assert hand.reads("Locked; drafts are kept")
        await hand.unlock()
        assert "0.0" in hand.client.texts()
        await hand.keys("00")
        await hand.read_all()
        await hand.tap("Trader signs", "Objects")
        await hand.write("What is objected to", "秤没放平")
        desk.world.clock.advance(timedelta(milliseconds=IDLE_MS))
        await desk.app.session.lock_when_idle()
        await hand.client.rest()
        await hand.unlock()
        assert hand.fields() == {"What is objected to": "秤没放平"}


@played
async def test_touches_keep_the_phone_open() -> None:
    """Whoever works is not locked out."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        for _minute in range(3):
            desk.world.clock.advance(timedelta(minutes=9))
            await hand.keys("1<")
            assert not await desk.app.session.lock_when_idle()


@played
async def test_a_locked_phone_shows_public_facts_only() -> None:
    """A label can be looked up without a PIN; no history, no search of the ledger; unlocking comes back to the same card."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await finished(hand)
        await hand.tap("Back", "Me", "Lock")
        desk.show_label()
        await hand.tap("Look up a label without a PIN")
        assert hand.reads("Verification valid")
        assert not hand.reads("Earlier checks")
        assert not hand.offers("Start check")
        await hand.tap("Unlock to check")
        assert hand.reads("PIN")
        await hand.unlock()
        assert hand.reads("Earlier checks")
        assert hand.offers("Start check")
        await desk.app.session.lock()
        await hand.client.rest()
        await hand.tap("Look up a label without a PIN")
        assert hand.reads("PIN"), "the camera was closed"
        desk.phone.looking_up = True
        desk.phone.go("/type")
        await hand.client.rest()
        await hand.write("Number, serial number or stall", "A12")
        assert not hand.reads("Known on this phone")


@played
async def test_theme_and_language_change_at_once_and_stay(tmp_path: Path) -> None:
    """Chosen under 我的, drawn at once, and there again in the next run; a long press on the head turns 强光 on and off."""
    desk = await enrolled_desk(path=tmp_path / "work.db")
    async with in_hand(desk) as hand:
        await hand.tap("Me", "Dark")
        assert hand.client.ground() == desk.phone.theme.ground == "#0D131A"
        await hand.choose("中文")
        assert hand.client.reads("我的")
        await hand.client.hold_head()
        assert desk.phone.theme.name == "sun"
        await hand.client.hold_head()
        assert desk.phone.theme.name == "dark"
        await hand.tap("Today")
        assert hand.client.reads("今天没有安排")
    desk = desk.restarted()
    async with in_hand(desk) as hand:
        assert desk.phone.theme.name == "dark"
        assert hand.client.reads("已锁定，草稿都在")


@played
async def test_the_system_turns_dark_and_the_glass_turns() -> None:
    """What the system tells is followed at once, in the form in which Flet's client really tells it."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.client.told("platform_brightness_change", "dark")
        assert hand.client.ground() == DARK.ground
        await hand.client.told("platform_brightness_change", "light")
        assert hand.client.ground() == LIGHT.ground
        await hand.client.told("resize", {"width": 640.0, "height": 360.0})
        assert (desk.phone.width, desk.phone.height) == (640, 360)
        desk.world.clock.advance(timedelta(milliseconds=IDLE_MS))
        await hand.client.told("app_lifecycle_state_change", {"state": "resume"})
        assert hand.reads("Locked; drafts are kept")


@played
async def test_nothing_on_the_screens_waits_for_the_network(tmp_path: Path) -> None:
    """With an office that never answers, a whole check goes from the scan to the receipt."""
    desk = await enrolled_desk(path=tmp_path / "work.db")
    silent = Silent()
    desk.machine.office = silent  # type: ignore[assignment]
    desk = desk.restarted()
    async with in_hand(desk) as hand:
        syncing = asyncio.create_task(desk.app.sync.run())
        await silent.asked.wait()
        await hand.unlock()
        assert hand.reads("Today")
        await finished(hand)
        assert hand.reads("Receipt")
        await hand.client.back()
        await hand.tap("Outbox")
        assert hand.reads("To send")
        syncing.cancel()
