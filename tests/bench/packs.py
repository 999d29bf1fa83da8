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
from tests.bench.pull import STATES
from tests.bench.push import StageTimes, client_of
from tests.bench.row import Row, Stopwatch, median, percentile_95

GATE_S = 1.5
FLOOR_TIMES = 3
LOOK_UPS = 200
LOOK_UP_GATE_S = 0.001


def packed_file(office: Path) -> Path:
    """The county's pack, when the server has built it."""
    while not (office / "packs" / COUNTY / "pack.json").exists():
        os.sched_yield()
    [found] = (office / "packs" / COUNTY).glob("*.sqlite.gz")
    return found


def floor(folder: Path, packed: Path) -> float:
    """Seconds to copy the file, hash it, unpack it and flush both."""
    times = []
    for turn in range(FLOOR_TIMES):
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


async def measure(folder: Path) -> list[Row]:
    """One first contact by pack, one opening of the store on it, and look-ups."""
    with running(folder / "office", states=STATES) as office:
        packed = packed_file(folder / "office")
        phone = await enrolled(office, folder / "phone.db", NativePackFiles(folder))
        await phone.app.register._sealing.ensure_chain()
        client, counting = await client_of(phone)
        times = StageTimes()
        outcome = await client.sync(times)
        assert outcome.finished, outcome.problem
        assert not outcome.without
        assert phone.store.database.execute("SELECT count(*) FROM known").fetchone() == (STATES,)
        phone.store.close()
        least = floor(folder, packed)
    watch = Stopwatch()
    store = WorkStore(folder / "phone.db", pack_files=NativePackFiles(folder))
    await store.mount()
    opened = watch.seconds()
    looked_up, plain = await look_ups(store)
    store.close()
    return [
        Row(
            name="pull of 100,000 states by pack",
            seconds=times.lasted(Stage.PULLING, Stage.ATTACHING),
            floor_s=least,
            gate_s=GATE_S,
            notes={
                "bytes a state": round(counting.received / STATES),
                "opening the store on it, ms": round(opened * 1000, 1),
            },
        ),
        Row(
            name="instrument on a pack of 100,000",
            seconds=median(looked_up),
            floor_s=median(plain),
            gate_s=LOOK_UP_GATE_S,
            notes={"p95, ms": round(percentile_95(looked_up) * 1000, 3), "of": LOOK_UPS},
        ),
    ]


def rows(folder: Path) -> list[Row]:
    """The rows of packs."""
    return asyncio.run(measure(folder))
