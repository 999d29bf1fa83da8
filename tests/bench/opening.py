"""From a decoded code to the open form, on a phone that knows 200,000 instruments; against one indexed select and one decode (and one durable insert)."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import msgspec

from shared.identity import mint
from shared.instrument import Instrument
from shared.label import Label, label_key_id, label_message, mint_code, serial_tag_of, write_payload
from sync.messages import Change, Page
from tests.bench.field import hurried
from tests.bench.office import COUNTY, instrument
from tests.bench.row import Row, Sizes, Stopwatch, median, percentile_95
from tests.contracts.fakes import seeded
from tests.mobile.phone import Phone, World, make_phone, make_world

PAGE = 10_000
DRAFT_BYTES = 6_000


async def stocked(path: Path, sizes: Sizes) -> tuple[Phone, list[str]]:
    """An enrolled phone with a county's instruments in its mirror, and the payloads of some of their labels."""
    world = make_world()
    phone = make_phone(world, path)
    await phone.enrol()
    await phone.app.session.choose_standards([one.standard_id for one in world.weights[:5]])
    random_bytes = seeded("instruments")
    hurried(phone, True)
    payloads = []
    for start in range(0, sizes.instruments, PAGE):
        states = [
            instrument(
                number, mint(world.clock, random_bytes), world.premises.premises_id, mint_code(random_bytes)
            )
            for number in range(start, min(start + PAGE, sizes.instruments))
        ]
        changes = [
            Change("instrument", one.instrument_id, COUNTY, start + at, msgspec.json.encode(one))
            for at, one in enumerate(states, 10)
        ]
        cursor = await phone.store.mirror.cursor(COUNTY)
        assert await phone.store.mirror.apply(Page(COUNTY, changes, f"page-{start}", True), cursor)
        payloads += [payload_of(world, one) for one in states[:: sizes.instruments // sizes.scans]]
    hurried(phone, False)
    return phone, payloads[: sizes.scans]


def payload_of(world: World, state: Instrument) -> str:
    """The QR code of an instrument's label."""
    key_id = label_key_id(world.issuer.public_key().public_bytes_raw())
    tag = serial_tag_of(state.label, state.serial_number)
    label = Label(state.label, key_id, tag, world.issuer.sign(label_message(state.label, key_id, tag)))
    return write_payload(label, "https://office.example")


async def open_forms(phone: Phone, payloads: list[str]) -> tuple[list[float], list[float]]:
    """Seconds of each look-up, and of each way from the code to the planned, saved form."""
    looked_up, opened = [], []
    for payload in payloads:
        watch = Stopwatch()
        found = await phone.app.resolve.scanned(payload)
        looked_up.append(watch.seconds())
        check = await phone.app.spot_checks.begin(found)
        points = check.points
        opened.append(watch.seconds())
        assert points
        await phone.store.drafts.drop(check.draft_id)
    return looked_up, opened


def floors(path: Path, payloads: list[str]) -> tuple[float, float]:
    """Seconds of one indexed select and one decode, and of these with one durable insert of a draft's bytes; medians on the same file."""
    decoder, found_after, kept_after = msgspec.json.Decoder(Instrument), [], []
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=TRUNCATE")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE plain (draft_id TEXT PRIMARY KEY, draft BLOB)")
    for payload in payloads:
        code = payload.rpartition("/")[2][:8]
        watch = Stopwatch()
        found = connection.execute(
            "SELECT state FROM state WHERE label = ? AND label <> ''", (code,)
        ).fetchone()
        decoder.decode(found[0])
        found_after.append(watch.seconds())
        connection.execute("INSERT INTO plain VALUES (?, ?)", (code, bytes(DRAFT_BYTES)))
        kept_after.append(watch.seconds())
    connection.close()
    return median(found_after), median(kept_after)


async def measure(folder: Path, sizes: Sizes) -> list[Row]:
    """The look-up alone, and the whole way to the form."""
    path = folder / "phone.db"
    phone, payloads = await stocked(path, sizes)
    assert len(payloads) == sizes.scans
    looked_up, opened = await open_forms(phone, payloads)
    phone.store.close()
    select, select_and_insert = floors(path, payloads)
    return [
        Row(
            name=f"{name}, {sizes.instruments:,} instruments",
            seconds=median(times),
            floor_s=least,
            notes={"p95, ms": round(percentile_95(times) * 1000, 2), "of": sizes.scans},
        )
        for name, times, least in (
            ("code to instrument", looked_up, select),
            ("code to open, saved form", opened, select_and_insert),
        )
    ]


def rows(folder: Path, sizes: Sizes) -> list[Row]:
    """The rows of opening."""
    return asyncio.run(measure(folder, sizes))
