"""What a person sees of the files that go apart from the records, and the wish that they wait for Wi-Fi."""

from __future__ import annotations

from pathlib import Path

import pytest

from mobile.ui.language import CHINESE, ENGLISH
from tests.contracts.office import cut
from tests.mobile.played import played
from tests.mobile.ui.fakes import enrolled_desk
from tests.mobile.ui.inspector import in_hand
from tests.sync.test_client import free, with_file

CONTENT = bytes(50_000)


@played
@pytest.mark.parametrize("code", [ENGLISH, CHINESE])
async def test_the_outbox_says_what_files_are_still_to_come(code: str) -> None:
    """How many wait and that their records are whole; the record's own row says it too; what can't be read is said; sent, nothing is."""
    desk = await enrolled_desk(code)
    await with_file(desk.machine, CONTENT)
    lost = await with_file(desk.machine, b"gone")
    await desk.machine.blobs.delete(lost.digest)
    world, whole = desk.world, "{count} still to send; their records are whole without them."
    async with in_hand(desk) as hand:
        world.office.before = lambda method, path: cut(method, path) if path.startswith("/attach") else None
        await hand.tap("Outbox")
        assert hand.reads("Photos and signatures")
        assert hand.reads(whole, count=2)
        assert hand.reads("{count} photos still to send", count=1)
        await hand.tap("Sync now")
        assert hand.reads(whole, count=2)
        world.office.before = free
        await hand.tap("Sync now")
        assert not hand.reads(whole, count=1)
        assert hand.reads("{count} photos can't be sent", count=1)


@played
async def test_how_far_a_file_is_stands_on_the_outbox() -> None:
    """While a photograph goes, the kilobytes that have arrived and all of them are said."""
    desk = await enrolled_desk()
    await with_file(desk.machine, CONTENT)
    async with in_hand(desk) as hand:
        await hand.tap("Outbox")
        desk.app.sync._set(sent_bytes=16_384, file_bytes=len(CONTENT))
        await hand.client.rest()
        assert hand.reads("{sent} of {size} kB of this one have arrived", sent=16, size=50)


@played
async def test_photos_may_wait_for_wifi(tmp_path: Path) -> None:
    """Chosen under Me: on a metered network the outbox says what they wait for; a phone that can't tell says so; kept over a restart."""
    desk = await enrolled_desk(path=tmp_path / "work.db")
    unknown = "This phone does not say what network it is on, so photos go at once all the same."
    await with_file(desk.machine, CONTENT)
    async with in_hand(desk) as hand:
        await hand.tap("Me")
        assert not hand.reads(unknown)
        await hand.tap("Photos wait for Wi-Fi")
        assert hand.reads(unknown)
        desk.machine.line.set(True, metered=True)
        await hand.client.rest()
        assert not hand.reads(unknown)
        await hand.tap("Outbox", "Sync now")
        assert hand.reads("They wait for Wi-Fi, as you chose under Me.")
        assert desk.world.office.uploads == {}
    desk = desk.restarted()
    async with in_hand(desk) as hand:
        await hand.unlock()
        assert desk.app.sync.photos_held_back
        await hand.tap("Me", "Photos go at once", "Outbox", "Sync now")
        assert len(desk.world.office.uploads) == 1
