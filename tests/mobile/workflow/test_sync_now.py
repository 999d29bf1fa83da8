"""Sync goes by itself: when the network returns, when a record was written, and after ever longer pauses; one at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from mobile.workflow.sync_now import PERIOD, SyncPhase
from sync.backoff import FIRST_MS, LONGEST_MS
from sync.ports import Answer
from tests.contracts.office import cut, problem
from tests.mobile.phone import Phone, World, make_phone, make_world
from tests.mobile.played import Pauses, played, settled


async def enrolled() -> tuple[World, Phone, Pauses]:
    world = make_world()
    phone = make_phone(world)
    await phone.enrol()
    return world, phone, Pauses()


async def recorded(world: World, phone: Phone) -> None:
    """One check, refused a signature."""
    check = await phone.app.spot_checks.begin(await phone.app.resolve.scanned(world.payload))
    await check.refuse("gone")


@played
async def test_a_record_is_sent_as_soon_as_it_was_written() -> None:
    """Nobody waits for the next quarter of an hour: sealing wakes the sync, and the receipt does not wait for it."""
    world, phone, pauses = await enrolled()
    running = asyncio.create_task(phone.app.sync.keep_running(pauses.sleep_ms))
    await settled()
    assert pauses.asked == [PERIOD // timedelta(milliseconds=1)]
    sent = len(world.office.records)
    await recorded(world, phone)
    assert len(world.office.records) == sent
    await settled()
    assert len(world.office.records) == sent + 1
    running.cancel()


@played
async def test_it_syncs_when_the_network_returns() -> None:
    """The line comes back: at once, whatever is left of the pause."""
    world, phone, pauses = await enrolled()
    world.office.before = cut
    phone.line.set(False)
    await recorded(world, phone)
    running = asyncio.create_task(phone.app.sync.keep_running(pauses.sleep_ms))
    await settled()
    status = phone.app.sync.status
    assert not status.online
    assert status.problem
    assert status.problem.code == "no_network"
    world.office.before = lambda _method, _path: None
    phone.line.set(True)
    await settled()
    assert phone.app.sync.status.problem is None
    assert (await phone.store.records.counts()).get("waiting", 0) == 0
    running.cancel()


@played
async def test_pauses_grow_to_five_minutes_and_begin_anew() -> None:
    """Each failure doubles the pause, with jitter, up to five minutes; one success starts again with the shortest."""
    world, phone, pauses = await enrolled()
    world.office.before = cut
    running = asyncio.create_task(phone.app.sync.keep_running(pauses.sleep_ms))
    await settled()
    for _failure in range(9):
        pauses.end()
        await settled()
    for number, pause in enumerate(pauses.asked):
        step = min(FIRST_MS << number, LONGEST_MS)
        assert step // 2 <= pause <= step
    world.office.before = lambda _method, _path: None
    pauses.end()
    await settled()
    assert pauses.asked[-1] == PERIOD // timedelta(milliseconds=1)
    world.office.before = cut
    pauses.end()
    await settled()
    assert pauses.asked[-1] <= FIRST_MS
    running.cancel()


@played
async def test_the_servers_wish_to_wait_is_respected() -> None:
    """Retry-After is the least pause."""
    world, phone, pauses = await enrolled()
    world.office.before = lambda _method, _path: problem(503, "busy", retry_after=120)
    running = asyncio.create_task(phone.app.sync.keep_running(pauses.sleep_ms))
    await settled()
    assert pauses.asked == [120_000]
    running.cancel()


class Slow:
    """:class:`sync.ports.Transport` of an office that is reached only when let through, and counts who asks at once."""

    def __init__(self, world: World) -> None:
        self.office = world.office
        self.through = asyncio.Event()
        self.asking = self.most = 0

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        self.asking += 1
        self.most = max(self.most, self.asking)
        try:
            await self.through.wait()
            return await self.office.request(method, path, body, headers)
        finally:
            self.asking -= 1


@played
async def test_one_sync_at_a_time_and_a_wake_meanwhile_is_not_lost(tmp_path: Path) -> None:
    """A second call returns at once with what is known; what was written during a sync goes with the next one."""
    world = make_world()
    phone = make_phone(world, tmp_path / "work.db")
    await phone.enrol()
    slow = phone.office = Slow(world)  # type: ignore[assignment]
    phone = await phone.reopened()
    sync, pauses = phone.app.sync, Pauses()
    running = asyncio.create_task(sync.keep_running(pauses.sleep_ms))
    await settled()
    assert sync.status.phase is SyncPhase.GREETING
    assert (await sync.run()).phase is SyncPhase.GREETING, "the call came back while the first is under way"
    await recorded(world, phone)
    slow.through.set()
    await settled()
    assert slow.most == 1
    assert sync.status.phase is SyncPhase.IDLE
    assert (await phone.store.records.counts()).get("waiting", 0) == 0
    running.cancel()


@played
async def test_a_broken_token_is_said_and_does_not_end_the_loop() -> None:
    """What rests on the phone was damaged: the status says so, the loop pauses, and it tries again."""
    _world, phone, pauses = await enrolled()
    text = await phone.store.settings.get("enrolled")
    sealed = text.partition('"token":"')[2].partition('"')[0]
    await phone.store.settings.put({"enrolled": text.replace(sealed, "A" * len(sealed))})
    running = asyncio.create_task(phone.app.sync.keep_running(pauses.sleep_ms))
    await settled()
    status = phone.app.sync.status
    assert status.problem
    assert status.problem.code == "sealed_content_damaged"
    assert not running.done()
    await phone.store.settings.put({"enrolled": text})
    pauses.end()
    await settled()
    assert phone.app.sync.status.problem is None
    running.cancel()


@played
async def test_a_phone_that_is_not_enrolled_asks_nothing() -> None:
    """Before the grant there is nobody to ask."""
    world = make_world()
    phone = make_phone(world)
    await phone.app.start()
    pauses = Pauses()
    running = asyncio.create_task(phone.app.sync.keep_running(pauses.sleep_ms))
    await settled()
    assert world.office.calls == []
    running.cancel()
