"""What a person sees of a phone's clock that is wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from sync.clock_error import words_for
from sync.messages import Welcome
from sync.ports import Answer
from tests.contracts.office import said
from tests.mobile.played import played
from tests.mobile.ui.fakes import enrolled_desk
from tests.mobile.ui.inspector import in_hand
from tests.sync.test_client import write


@played
async def test_a_wrong_clock_stands_under_me_and_goes_with_the_record(tmp_path: Path) -> None:
    """The greeting finds the phone three hours ahead: Me says so at once and over a restart, the next record carries it, and a clock put right says nothing."""
    desk = await enrolled_desk(path=tmp_path / "work.db")
    office, behind = desk.world.office, timedelta(hours=3)
    request = office.request

    async def earlier(
        method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        answer = await request(method, path, body, headers)
        if not path.endswith("/handshake"):
            return answer
        welcome = msgspec.msgpack.decode(answer.body, type=Welcome)
        return said(msgspec.structs.replace(welcome, server_time=welcome.server_time - behind))

    office.request = earlier  # type: ignore[method-assign]
    words = words_for(-behind // timedelta(milliseconds=1))
    assert words
    async with in_hand(desk) as hand:
        await hand.tap("Me")
        assert not hand.client.reads(desk.phone.language.say(words))
        await hand.tap("Sync now")
        assert hand.client.reads(desk.phone.language.say(words))
        await write(desk.machine, "甲")
    [kept] = await desk.machine.store.records.newest(1)
    assert kept.envelope.clock.server_offset_ms == -3 * 3_600_000
    assert kept.envelope.clock.offset_age_ms == 0
    desk = desk.restarted()
    async with in_hand(desk) as hand:
        await hand.unlock()
        await hand.tap("Me")
        assert hand.client.reads(desk.phone.language.say(words))
        behind = timedelta()
        await hand.tap("Sync now")
        assert not hand.client.reads(desk.phone.language.say(words))
