"""How a phone behaves towards a server that is slow, busy or small: the real client over a line that follows a script."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from mobile.workflow.sync_now import SyncStatus
from sync.backoff import Backoff
from sync.calls import LONGEST_WAIT_MS, refusal
from sync.client import BATCH_BYTES
from sync.codec import inflate
from sync.messages import Push
from sync.ports import Answer, TransportError
from tests.contracts.fakes import seeded
from tests.contracts.office import problem
from tests.mobile.phone import Phone, World, make_phone, make_world
from tests.mobile.played import Pauses, played, settled
from tests.sync.test_client import free, states, sync, write


class Narrow:
    """The office behind a door that lets so many records and bytes through, and counts what goes at once."""

    def __init__(self, world: World) -> None:
        self.records, self.bytes = 1 << 30, 1 << 30
        self.taken: list[list[str]] = []
        self.tried: list[int] = []
        self.sizes: list[int] = []
        self.under_way = self.most = 0
        self._request = world.office.request
        world.office.request = self.request  # type: ignore[method-assign]

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        if not path.endswith("/push"):
            return await self._request(method, path, body, headers)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        loop = asyncio.get_running_loop()
        others_turn = loop.create_future()
        loop.call_soon(others_turn.set_result, None)
        await others_turn
        try:
            message = inflate(body, (headers or {}).get("Content-Encoding", ""))
            records = msgspec.msgpack.decode(message, type=Push).records
            self.tried.append(len(records))
            if len(records) > self.records or len(message) > self.bytes:
                return problem(413, "body_too_large")
            self.sizes.append(sum(len(each.body) for each in records))
            answer = await self._request(method, path, body, headers)
            self.taken.append([each.digest for each in records])
            return answer
        finally:
            self.under_way -= 1


async def enrolled() -> tuple[World, Phone, Narrow]:
    world = make_world()
    phone = make_phone(world)
    await phone.enrol()
    assert (await sync(phone)).finished
    return world, phone, Narrow(world)


@played
async def test_batches_are_bounded_in_bytes() -> None:
    """However much waits, no push carries more than the limit of bytes, the oldest go first, and one push is under way at a time."""
    _world, phone, door = await enrolled()
    written = [await write(phone, phone.random_bytes(30_000).hex()) for _ in range(20)]
    assert (await sync(phone)).finished
    assert [digest for batch in door.taken for digest in batch] == written
    assert len(door.sizes) > 1
    assert max(door.sizes) <= BATCH_BYTES
    assert door.most == 1


@played
async def test_a_small_door_halves_the_batches_and_nothing_goes_twice() -> None:
    """413 halves the batch down to what is taken; what was taken is not sent again, and batches grow again behind the narrow place."""
    _world, phone, door = await enrolled()
    written = [await write(phone, f"市场{number}") for number in range(13)]
    door.records = 3
    assert (await sync(phone)).finished
    assert [digest for batch in door.taken for digest in batch] == written
    assert door.tried[:3] == [13, 7, 4]
    assert door.tried[3] == 2
    await write(phone, "后")
    door.records = 1 << 30
    assert (await sync(phone)).pushed == 1


@played
async def test_one_record_too_large_is_parked_and_the_queue_goes_on() -> None:
    """A single record that is not taken for its size is refused in words of its own, kept, and never sent again; all others have arrived."""
    _world, phone, door = await enrolled()
    written = [await write(phone, f"市场{number}") for number in range(3)]
    large = await write(phone, phone.random_bytes(20_000).hex())
    written.append(await write(phone, "后"))
    door.bytes = 30_000
    assert (await sync(phone)).finished
    found = await states(phone)
    assert found[large] == "refused"
    assert [found[digest] for digest in written] == ["accepted"] * 4
    kept = await phone.store.records.by_digest(large)
    assert kept
    assert kept.ruling
    assert kept.ruling.problem
    assert kept.ruling.problem.code == "record_not_taken_for_size"
    tried = len(door.tried)
    assert (await sync(phone)).finished
    assert len(door.tried) == tried


@played
async def test_what_arrived_is_not_sent_again_after_a_cut() -> None:
    """The line is cut after the second of several batches: the next sync begins with the third."""
    world, phone, door = await enrolled()
    written = [await write(phone, phone.random_bytes(60_000).hex()) for _ in range(12)]
    pushes = 0

    def cuts(_method: str, path: str) -> Answer | None:
        nonlocal pushes
        pushes += path == "/push"
        if path == "/push" and pushes == 3:
            raise TransportError
        return None

    world.office.before = cuts
    assert (await sync(phone)).problem
    world.office.before = free
    assert (await sync(phone)).finished
    assert [digest for batch in door.taken for digest in batch] == written


@played
async def test_how_far_it_is_is_seen() -> None:
    """The status that the chip shows counts the records as their batches are ruled on."""
    _world, phone, door = await enrolled()
    door.records = 2
    for number in range(6):
        await write(phone, f"市场{number}")
    seen: list[SyncStatus] = []
    phone.app.sync.subscribe(lambda: seen.append(phone.app.sync.status))
    await phone.app.sync.run()
    pushing = [one.done for one in seen if one.phase == "pushing"]
    assert pushing[-1] == 6
    assert pushing == sorted(pushing)
    assert len(set(pushing)) >= 3


@played
async def test_the_app_has_one_push_under_way() -> None:
    """Whoever asks for a sync meanwhile, from wherever in the app: one push is under way, and each record goes once."""
    world, phone, door = await enrolled()
    door.records = 2
    written = [await write(phone, f"市场{number}") for number in range(6)]
    world.office.calls.clear()
    await asyncio.gather(*[phone.app.sync.run() for _ in range(4)])
    assert door.most == 1
    assert [digest for batch in door.taken for digest in batch] == written
    assert world.office.calls.count(("POST", "/handshake")) == 1


@played
async def test_a_server_that_asked_for_time_is_not_woken_by_what_is_written() -> None:
    """Retry-After holds while records are written and the network comes and goes; a person may ask sooner; afterwards writing wakes the sync again."""
    world, phone, door = await enrolled()
    pauses = Pauses()
    world.office.before = lambda _method, _path: problem(503, "busy", retry_after=120)
    running = asyncio.create_task(phone.app.sync.keep_running(pauses.sleep_ms))
    await settled()
    asked = len(world.office.calls)
    await write(phone, "甲")
    phone.line.set(False)
    phone.line.set(True)
    await settled()
    assert (len(world.office.calls), pauses.asked) == (asked, [120_000])
    world.office.before = free
    assert (await phone.app.sync.run()).problem is None
    assert len(door.taken) == 1
    await write(phone, "乙")
    await settled()
    assert len(door.taken) == 2
    running.cancel()


def test_waits_come_from_a_seed() -> None:
    """The same seed waits the same, another differently, so that phones that failed together do not come back together."""
    first, same, other = Backoff(seeded(1)), Backoff(seeded(1)), Backoff(seeded(2))
    waits = [[each.failed() for _ in range(8)] for each in (first, same, other)]
    assert waits[0] == waits[1] != waits[2]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7_000),
        ({"retry-after": "0"}, 0),
        (
            {"Retry-After": "Wed, 25 Nov 2026 10:02:00 GMT", "Date": "Wed, 25 Nov 2026 10:00:00 GMT"},
            120_000,
        ),
        ({"Retry-After": "Wed, 25 Nov 2026 09:00:00 GMT", "Date": "Wed, 25 Nov 2026 10:00:00 GMT"}, 0),
        ({"Retry-After": "Wed, 25 Nov 2026 10:02:00 GMT"}, 0),
        ({"Retry-After": "soon", "Date": "Wed, 25 Nov 2026 10:00:00 GMT"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "9" * 5000}, LONGEST_WAIT_MS),
        ({}, 0),
    ],
)
def test_retry_after_is_read_in_both_its_forms(headers: dict[str, str], wait: int) -> None:
    """Seconds, or a date that is compared with the answer's own date and never with the phone's clock; nonsense is no wish, and no wish is endless."""
    assert refusal(Answer(503, b"", headers)).retry_after_ms == wait
    assert timedelta(milliseconds=wait) <= timedelta(hours=1)
