"""What the phone has to do without is said where a person looks for it."""

from __future__ import annotations

import msgspec

from mobile.store.packs import no_room
from mobile.workflow.sync_now import SyncPhase
from shared.errors import Problem
from tests.mobile.played import played
from tests.mobile.ui.fakes import enrolled_desk
from tests.mobile.ui.inspector import in_hand


@played
async def test_a_pack_that_does_not_fit_is_said_in_words() -> None:
    """The room of the phone's own state says how much is needed and what to do; what is on the phone can be used."""
    desk = await enrolled_desk()
    problem: Problem = no_room(40_000_000, 3_000_000).problem
    desk.app.sync.status = msgspec.structs.replace(desk.app.sync.status, without=problem)
    async with in_hand(desk) as hand:
        await hand.tap("Me")
        assert hand.reads(problem.what, needed=40, free=3)
        assert hand.reads(problem.remedy)


@played
async def test_a_pack_that_comes_is_counted() -> None:
    """While a pack is fetched the chip counts its kilobytes."""
    desk = await enrolled_desk()
    fetching = {"phase": SyncPhase.FETCHING, "done": 12_345}
    desk.app.sync.status = msgspec.structs.replace(desk.app.sync.status, **fetching)
    async with in_hand(desk) as hand:
        assert hand.reads("Fetching the county, {kilobytes} kB", kilobytes=12_345)
