"""Beginning on a pack of 100,000 states: offered, fetched over HTTP, verified, unpacked and mounted; against a plain copy of the same file with
the same durability. Then looking up by serial number on it.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
from pathlib import Path

import msgspec

from mobile.device.native import NativePackFiles
from mobile.store.work import WorkStore
from shared.instrument import Instrument
from sync.client import Stage
from tests.bench.field import enrolled
from tests.bench.office import COUNTY, running
from tests.bench.push import StageTimes, client_of, cpu_seconds
from tests.bench.row import Gate, Row, Sizes, Stopwatch, median, percentile_95

GATE_S = 1.5
RATIO = 2
LOOK_UPS = 200
LOOK_UP_GATE_S = 0.001


def packed_file(office: Path) -> Path:
    """The county's pack, when the server has built it."""
    while not (office / "packs" / COUNTY / "pack.json").exists():
        os.sched_yield()
    [found] = (office / "packs" / COUNTY).glob("*.sqlite.gz")
    return found


def floor(folder: Path, packed: Path, turns: int) -> float:
    """Seconds to copy the file, hash it, unpack it and flush both."""
    times = []
    for turn in range(turns):
        watch = Stopwatch()
        content = packed.read_bytes()
        hashlib.sha256(content).hexdigest()
        for name, each in ((f"{turn}.gz", content), (f"{turn}.db", gzip.decompress(content))):
            with (folder / name).open("wb") as file:
                file.write(each)
                file.flush()
                os.fsync(file.fileno())
        times.append(watch.seconds())
    return median(times)


async def look_ups(store: WorkStore) -> tuple[list[float], list[float]]:
    """Seconds of each look-up of an instrument in the pack, and of one plain select and decode of the same."""
    query = "SELECT subject FROM known WHERE subject_type = 'instrument' ORDER BY subject LIMIT ?"
    plain = f"SELECT state FROM pack_{COUNTY}_a.state WHERE subject = ?"  # noqa: S608
    decoder, looked_up, least = msgspec.json.Decoder(Instrument), [], []
    for (subject,) in store.database.execute(query, [LOOK_UPS]).fetchall():
        watch = Stopwatch()
        assert await store.registry.instrument(subject)
        looked_up.append(watch.seconds())
        watch = Stopwatch()
        decoder.decode(store.database.execute(plain, [subject]).fetchone()[0])
        least.append(watch.seconds())
    return looked_up, least


async def measure(folder: Path, sizes: Sizes) -> list[Row]:
    """One first contact by pack, one opening of the store on it, and look-ups."""
    with running(folder / "office", states=sizes.states, packs_from=1) as office:
        packed = packed_file(folder / "office")
        phone = await enrolled(office, folder / "phone.db", NativePackFiles(folder))
        await phone.app.register._sealing.ensure_chain()
        client, counting = await client_of(phone)
        times = StageTimes()
        before = cpu_seconds(os.getpid()), cpu_seconds(office.pid)
        outcome = await client.sync(times)
        used = cpu_seconds(os.getpid()) - before[0], cpu_seconds(office.pid) - before[1]
        assert outcome.finished, outcome.problem
        assert not outcome.without
        assert phone.store.database.execute("SELECT count(*) FROM known").fetchone() == (sizes.states,)
        phone.store.close()
        least = floor(folder, packed, sizes.turns)
    watch = Stopwatch()
    store = WorkStore(folder / "phone.db", pack_files=NativePackFiles(folder))
    await store.mount()
    opened = watch.seconds()
    looked_up, plain = await look_ups(store)
    store.close()
    seconds = times.lasted(Stage.PULLING, Stage.ATTACHING)
    return [
        Row(
            name=f"pull of {sizes.states:,} states by pack",
            seconds=seconds,
            floor_s=least,
            gates=[Gate("seconds", seconds, GATE_S), Gate("times the floor", seconds / least, RATIO)],
            notes={
                "bytes a state": round(counting.received / sizes.states),
                "processor seconds, phone": round(used[0], 2),
                "processor seconds, server": round(used[1], 2),
                "opening the store on it, ms": round(opened * 1000, 1),
            },
        ),
        Row(
            name=f"instrument on a pack of {sizes.states:,}",
            seconds=median(looked_up),
            floor_s=median(plain),
            gates=[Gate("seconds", median(looked_up), LOOK_UP_GATE_S)],
            notes={"p95, ms": round(percentile_95(looked_up) * 1000, 3), "of": len(looked_up)},
        ),
    ]


def rows(folder: Path, sizes: Sizes) -> list[Row]:
    """The rows of packs."""
    return asyncio.run(measure(folder, sizes))
