"""Pushing 10,000 records: the real engine, gzip, HTTP, signatures, rulings, both stores on disk; against the floor with the same duties."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile.workflow.enrolled import calls_of, must_be_enrolled
from server.services.receive import signature_holds
from shared.instrument import Instrument
from sync.client import BATCH_BYTES, Outcome, Stage, SyncClient
from sync.envelope import Sealed, record_message
from sync.messages import MAX_BATCH
from sync.ports import Answer, Transport
from tests.bench import floors
from tests.bench.field import enrolled, hurried, write_inspections, write_registrations
from tests.bench.office import Running, running
from tests.bench.row import Gate, Row, Sizes, Stopwatch, median
from tests.mobile.phone import Phone

GATE_S = 2.5
RATIO = 2
ALL = 1 << 40
Write = Callable[[Phone, int], Awaitable[None]]


class CountingTransport:
    """Passes everything on and counts the bodies' bytes as they travelled."""

    def __init__(self, behind: Transport) -> None:
        self._behind = behind
        self.sent = self.received = 0

    def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Coroutine[Any, Any, Answer]:
        self.sent += len(body)
        return self._counted(self._behind.request(method, path, body, headers))

    async def _counted(self, coming: Coroutine[Any, Any, Answer]) -> Answer:
        answer = await coming
        self.received += next(
            (int(value) for name, value in answer.headers.items() if name.lower() == "content-length"), 0
        )
        return answer


class StageTimes:
    """When each stage of a sync began."""

    def __init__(self) -> None:
        self._watch = Stopwatch()
        self.began: dict[Stage, float] = {}

    def __call__(self, stage: Stage, _done: int) -> None:
        self.began.setdefault(stage, self._watch.seconds())

    def lasted(self, stage: Stage, until: Stage) -> float:
        """Seconds between the beginnings of two stages."""
        return self.began[until] - self.began[stage]


async def client_of(phone: Phone) -> tuple[SyncClient, CountingTransport]:
    """The engine as the app makes it, its bytes counted."""
    found = await must_be_enrolled(phone.store.settings)
    calls = await calls_of(phone.equipment, found.token)
    calls.transport = counting = CountingTransport(calls.transport)
    store = phone.store
    client = SyncClient(
        calls,
        phone.keys,
        store.outbox,
        store.mirror,
        store.attachments,
        phone.blobs,
        phone.clock,
        "bench",
        store.witnessed,
        found.office_key,
        packs=store.packs,
    )
    return client, counting


async def waiting(phone: Phone) -> list[Sealed]:
    """Everything in the outbox that is still to be pushed."""
    return await phone.store.outbox.waiting(1 << 20, ALL)


async def timed_push(phone: Phone) -> tuple[float, CountingTransport, Outcome]:
    """One sync: the seconds of its push."""
    client, counting = await client_of(phone)
    times = StageTimes()
    outcome = await client.sync(times)
    assert outcome.finished, outcome.problem
    return times.lasted(Stage.PUSHING, Stage.PULLING), counting, outcome


def batches_of(records: Sequence[Sealed]) -> list[list[Sealed]]:
    """The records in batches of the size that the engine sends."""
    batches: list[list[Sealed]] = [[]]
    size = 0
    for sealed in records:
        size += len(sealed.body)
        if batches[-1] and (size > BATCH_BYTES or len(batches[-1]) == MAX_BATCH):
            batches.append([])
            size = len(sealed.body)
        batches[-1].append(sealed)
    return batches


def signatures_alone(records: Sequence[Sealed], public_key: bytes) -> float:
    """Seconds for checking every record's signature once, in one thread."""
    watch = Stopwatch()
    assert all(
        signature_holds(public_key, record_message(sealed.digest), sealed.signature) for sealed in records
    )
    return watch.seconds()


def cpu_seconds(pid: int) -> float:
    """Processor seconds that a process has used, as Linux counts them; nought elsewhere."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Bench:
    """The phone and the server between which records go."""

    phone: Phone
    office: Running
    folder: Path
    sizes: Sizes


async def one(bench: Bench, name: str, write: Write, turns: int, gate_s: float | None) -> Row:
    """Writes records and pushes them, ``turns`` times; the medians."""
    phone, server, count = bench.phone, bench.office.pid, bench.sizes.records
    public_key = phone.app.enrolment._progress.author_public_key
    seconds, least, checks, used, floor_used, sent, plain = [], [], [], [], [], 0, 0
    for turn in range(turns):
        hurried(phone, True)
        await write(phone, count)
        hurried(phone, False)
        records = await waiting(phone)
        assert len(records) == count
        plain = sum(len(sealed.body) for sealed in records)
        checks.append(signatures_alone(records, public_key))
        outbox = bench.folder / f"{name}-{turn}-outbox.db"
        phone.store.database.execute("VACUUM INTO ?", [str(outbox)])
        before = cpu_seconds(os.getpid()), cpu_seconds(server)
        lasted, counted, outcome = await timed_push(phone)
        used.append((cpu_seconds(os.getpid()) - before[0], cpu_seconds(server) - before[1]))
        assert outcome.pushed == count
        seconds.append(lasted)
        sent = counted.sent
        path = bench.folder / f"{name}-{turn}.db"
        began = cpu_seconds(os.getpid())
        least.append(floors.push(path, bench.office.database, outbox, batches_of(records), public_key))
        floor_used.append(cpu_seconds(os.getpid()) - began)
    counts = await phone.store.outbox.counts()
    assert counts.keys() == {"accepted"}, counts
    ratio = Gate("times the floor", median(seconds) / median(least), RATIO)
    return Row(
        name=f"push of {count:,} {name}",
        seconds=median(seconds),
        floor_s=median(least),
        gates=[Gate("seconds", median(seconds), gate_s), ratio] if gate_s else [],
        notes={
            "bytes a record, up": round(sent / count),
            "bytes a record, down": round(counted.received / count),
            "bytes a record, plain": round(plain / count),
            "signature checks alone in one thread, s": round(median(checks), 2),
            "processor seconds, phone": round(median([phone for phone, _server in used]), 2),
            "processor seconds, server": round(median([server for _phone, server in used]), 2),
            "processor seconds, floor": round(median(floor_used), 2),
            "turns": turns,
        },
    )


async def measure(folder: Path, sizes: Sizes) -> list[Row]:
    """Registrations (the peers' kind of record; the gate is set for these), then spot checks: eight times as large, each judged anew."""
    registered: list[Instrument] = []

    async def registrations(phone: Phone, count: int) -> None:
        registered.extend(await write_registrations(phone, count, len(registered)))

    async def inspections(phone: Phone, count: int) -> None:
        await write_inspections(phone, registered, count)

    with running(folder / "office") as office:
        phone = await enrolled(office, folder / "phone.db")
        await phone.app.enrolment.first_pull()
        bench = Bench(phone, office, folder, sizes)
        rows = [
            await one(bench, "registrations", registrations, sizes.turns, GATE_S),
            await one(bench, "spot checks", inspections, 1, None),
        ]
        phone.store.close()
    return rows


def rows(folder: Path, sizes: Sizes) -> list[Row]:
    """The rows of pushing."""
    return asyncio.run(measure(folder, sizes))
