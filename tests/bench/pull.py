"""Pulling over HTTP into the phone's real store: all states page by page, then what changed; against the floor with the same duties."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec
from sqlalchemy import select

from mobile.device.native import UrlTransport
from server.services.rows import state_row
from server.store import records as store
from server.store.database import Database
from server.store.tables import state as states
from shared.instrument import Instrument
from sync.client import Stage, SyncClient
from tests.bench import floors
from tests.bench.field import enrolled
from tests.bench.office import COUNTY, Running, running
from tests.bench.push import StageTimes, client_of, cpu_seconds
from tests.bench.row import Gate, Row, Sizes, Stopwatch, median
from tests.bench.wire import CountingLine
from tests.mobile.phone import Phone

GATE_S, CHANGED_GATE_S = 4.0, 0.05
CHANGED_BYTES, ONE_BYTES, ROW_BYTES = 35_000, 1_000, 300
RATIO = 2
TURNS = 9
"""Of the small pulls, which a busy machine disturbs most."""


def change_some(office: Running, count: int, turn: int) -> int:
    """Gives some instruments other words, as a record would; the county's last number before."""
    with closing(Database(f"sqlite:///{office.database}")) as database, database.writing() as connection:
        found = connection.execute(
            select(states)
            .where(states.c.county == COUNTY)
            .order_by(states.c.subject)
            .offset(turn * 7)
            .limit(count)
        ).mappings()
        instruments = [msgspec.json.decode(row["state"], type=Instrument) for row in found]
        _record, before = store.take_numbers(connection, COUNTY, 0, len(instruments))
        changed = [
            msgspec.structs.replace(one, version=one.version + 1, stall=f"{turn}号") for one in instruments
        ]
        rows = [state_row(COUNTY, one.instrument_id, before + at, one) for at, one in enumerate(changed, 1)]
        store.keep_states(connection, rows)
    return before


async def page_alone(client: SyncClient, line: CountingLine) -> tuple[int, int]:
    """Bytes up and down of one question for what changed, nothing of it kept."""
    up, down = line.up, line.down
    cursor = await client.mirror.cursor(COUNTY)
    await client.calls.raw("GET", f"/pull/{COUNTY}?cursor={cursor}&limit=2000")
    return line.up - up, line.down - down


async def round_trip(client: SyncClient) -> float:
    """Seconds of a question with no answer to speak of, over the same transport to the same process."""
    watch = Stopwatch()
    await client.calls.raw("GET", "/health")
    return watch.seconds()


async def small_pull(phone: Phone, office: Running, folder: Path, count: int) -> Row:
    """A whole sync of a phone for which so many states have changed: greeting, nothing to push, the page, kept."""
    pulled, whole, least, used = [], [], [], []
    for turn in range(TURNS):
        before = change_some(office, count, turn)
        client, _counting = await client_of(phone)
        times, watch = StageTimes(), Stopwatch()
        began = cpu_seconds(os.getpid()) + cpu_seconds(office.pid)
        outcome = await client.sync(times)
        used.append(cpu_seconds(os.getpid()) + cpu_seconds(office.pid) - began)
        whole.append(watch.seconds())
        assert outcome.finished, outcome.problem
        assert outcome.pulled == count
        pulled.append(times.lasted(Stage.PULLING, Stage.ATTACHING))
        kept = floors.pull(folder / f"floor-{count}-{turn}.db", office.database, before)
        least.append(kept + await round_trip(client))
    with CountingLine(int(office.origin.rpartition(":")[2])) as line:
        change_some(office, count, TURNS)
        client, _counting = await client_of(phone)
        client.calls.transport = UrlTransport(f"http://127.0.0.1:{line.port}")
        up, down = await page_alone(client, line)
        before_sync = line.up, line.down
        assert (await client.sync()).pulled == count
        sync_bytes = line.up - before_sync[0], line.down - before_sync[1]
    gates = [Gate("bytes of the answer with headers", down, ONE_BYTES)]
    if count > 1:
        gates = [
            Gate("seconds", median(pulled), CHANGED_GATE_S),
            Gate("times the floor", median(pulled) / median(least), RATIO),
            Gate("bytes of the answer with headers", down, CHANGED_BYTES),
            Gate("bytes a row", down / count, ROW_BYTES),
        ]
    return Row(
        name=f"pull of {count} changed",
        seconds=median(pulled),
        floor_s=median(least),
        gates=gates,
        notes={
            "floor": "with one empty round trip to the server",
            "whole sync with the greeting, ms": round(median(whole) * 1000, 1),
            "bytes of the question": up,
            "bytes of the whole sync, up and down": "{} and {}".format(*sync_bytes),
            "processor seconds, both": round(median(used), 3),
        },
    )


async def first_pull(phone: Phone, office: Running, folder: Path, sizes: Sizes) -> Row:
    """Everything, page by page."""
    client, counting = await client_of(phone)
    times = StageTimes()
    before = cpu_seconds(os.getpid()), cpu_seconds(office.pid)
    outcome = await client.sync(times)
    used = cpu_seconds(os.getpid()) - before[0], cpu_seconds(office.pid) - before[1]
    assert outcome.finished, outcome.problem
    assert outcome.pulled == sizes.states
    seconds = times.lasted(Stage.PULLING, Stage.ATTACHING)
    began = cpu_seconds(os.getpid())
    least = median([floors.pull(folder / f"floor-{turn}.db", office.database) for turn in range(sizes.turns)])
    floor_used = (cpu_seconds(os.getpid()) - began) / sizes.turns
    size = counting.received / sizes.states
    return Row(
        name=f"pull of {sizes.states:,} states",
        seconds=seconds,
        floor_s=least,
        gates=[
            Gate("seconds", seconds, GATE_S),
            Gate("times the floor", seconds / least, RATIO),
            Gate("bytes a row", size, ROW_BYTES),
        ],
        notes={
            "processor seconds, phone": round(used[0], 2),
            "processor seconds, server": round(used[1], 2),
            "processor seconds, floor": round(floor_used, 2),
            "states in": "straight SQL into the real tables",
        },
    )


async def measure(folder: Path, sizes: Sizes) -> Sequence[Row]:
    """A first pull of a county, then small ones on the same phone."""
    with running(folder / "office", states=sizes.states) as office:
        phone = await enrolled(office, folder / "phone.db")
        await phone.app.register._sealing.ensure_chain()
        found = [
            await first_pull(phone, office, folder, sizes),
            await small_pull(phone, office, folder, sizes.changed),
            await small_pull(phone, office, folder, 1),
        ]
        phone.store.close()
    return found


def rows(folder: Path, sizes: Sizes) -> list[Row]:
    """The rows of pulling."""
    return list(asyncio.run(measure(folder, sizes)))
