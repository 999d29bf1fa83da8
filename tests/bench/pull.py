"""Pulling 100,000 states page by page over HTTP into the phone's real store; against reading, encoding, decoding and inserting the same rows."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import msgspec

from sync.client import PAGE, Stage
from sync.messages import Change
from tests.bench.field import enrolled
from tests.bench.office import COUNTY, running
from tests.bench.push import StageTimes, client_of
from tests.bench.row import Row, Stopwatch, median

STATES = 100_000
GATE_S = 4.0
FLOOR_TIMES = 3


def floor(folder: Path, database: Path) -> float:
    """Seconds for plain sqlite3 and msgspec: read a page, encode, decode, insert, one commit a page, the same durability and one index."""
    changes = msgspec.msgpack.Decoder(list[Change])
    times = []
    for turn in range(FLOOR_TIMES):
        source = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        target = sqlite3.connect(folder / f"floor-{turn}.db", isolation_level=None)
        target.execute("PRAGMA journal_mode=TRUNCATE")
        target.execute("PRAGMA synchronous=FULL")
        target.execute("CREATE TABLE state (subject TEXT PRIMARY KEY, subject_type TEXT, state BLOB)")
        watch, after = Stopwatch(), 0
        while page := source.execute(
            "SELECT subject_type, subject, state_seq, state FROM state WHERE county = ? AND state_seq > ? ORDER BY state_seq LIMIT ?",
            (COUNTY, after, PAGE),
        ).fetchall():
            after = page[-1][2]
            message = msgspec.msgpack.encode(
                [Change(kind, subject, COUNTY, number, state) for kind, subject, number, state in page]
            )
            rows = [(one.subject, one.subject_type, one.state) for one in changes.decode(message)]
            target.execute("BEGIN")
            target.executemany("INSERT INTO state VALUES (?, ?, ?)", rows)
            target.execute("COMMIT")
        times.append(watch.seconds())
        [[count]] = target.execute("SELECT count(*) FROM state")
        assert count == STATES
        source.close()
        target.close()
    return median(times)


async def measure(folder: Path) -> Row:
    """One first pull of a county."""
    with running(folder / "office", states=STATES) as office:
        phone = await enrolled(office, folder / "phone.db")
        await phone.app.register._sealing.ensure_chain()
        client, counting = await client_of(phone)
        times = StageTimes()
        outcome = await client.sync(times)
        assert outcome.finished, outcome.problem
        assert outcome.pulled == STATES
        seconds = times.lasted(Stage.PULLING, Stage.ATTACHING)
        phone.store.close()
        least = floor(folder, office.database)
    return Row(
        name="pull of 100,000 states",
        seconds=seconds,
        floor_s=least,
        gate_s=GATE_S,
        notes={
            "bytes a state": round(counting.received / STATES),
            "states in": "straight SQL into the real tables",
        },
    )


def rows(folder: Path) -> list[Row]:
    """The row of pulling."""
    return [asyncio.run(measure(folder))]
