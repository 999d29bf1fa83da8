"""Scenarios 27–32: clocks, copies of a phone, and what one side does not know yet."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from mobile.store.work import WorkStore
from shared.identity import mint
from shared.records import Sighting
from sync.envelope import read_body
from sync.messages import Page
from sync.ports import Answer
from tests.mobile.phone import Phone
from tests.mobile.played import played
from tests.scenarios.town import (
    Town,
    agree,
    device_id,
    line_of,
    mirror,
    record,
    registered,
    said,
    scale,
    site,
    statuses,
    sync,
)
from tests.simulation.timeline import SkewedClock

PLATE = "https://aim.example/7Q3K9M2V"


def put_back(phone: Phone, copy: bytes) -> None:
    """An older copy of the store takes the place of the file."""
    phone.store.database.conn.close()
    Path(phone.path).write_bytes(copy)
    phone.store.database.conn = sqlite3.connect(":memory:")


@played
async def test_27_one_code_on_two_instruments_offline_keeps_both(town: Town) -> None:
    """27. Two phones without a network bind one code to two instruments: both stand, the later is flagged to its author, both phones find both."""
    one, other = await town.phone("li"), await town.phone("zhao")
    await registered(one, "甲")
    [market] = await one.store.registry.all_premises()
    scales = [await scale(one, market.premises_id, serial) for serial in ("1", "2")]
    for phone in (one, other):
        assert (await sync(phone)).finished
    for phone, instrument in zip((one, other), scales, strict=True):
        found = await phone.app.resolve.scanned(PLATE)
        await phone.app.foreign.bind(found, instrument, Sighting.NAMEPLATE)
    for phone in (one, other, one):
        assert (await sync(phone)).finished
    assert "conflicting" in (await statuses(other)).values()
    for phone in (one, other):
        found = await phone.app.resolve.scanned(PLATE)
        assert found.foreign
        assert len(await phone.store.registry.by_alias(found.foreign.key)) == 2
    await agree(town, one, other)


@pytest.mark.parametrize("years", [10, -10])
@played
async def test_29_a_clock_that_is_wrong_by_ten_years_neither_wins_nor_poisons(town: Town, years: int) -> None:
    """29. A phone's clock is ten years off: its records are taken, the error is measured and stands in them; another's later word stands over its own."""
    wrong = SkewedClock(town.office.clock, timedelta(days=3652 * (1 if years > 0 else -1)))
    odd, right = await town.phone("odd", clock=wrong), await town.phone("right")
    await registered(odd, "甲")
    [market] = await odd.store.registry.all_premises()
    for phone in (odd, right):
        assert (await sync(phone)).finished
    later = await record(
        right, "premises.registered", site(market.premises_id, "后来的名字"), [market.premises_id]
    )
    for phone in (right, odd, right):
        assert (await sync(phone)).finished
    for phone in (odd, right):
        [now] = await phone.store.registry.all_premises()
        assert now.name == "后来的名字"
    measured = [read_body(bytes(body)).clock.server_offset_ms for _c, _s, body in town.ledger().values()]
    assert -timedelta(days=3652 * (1 if years > 0 else -1)) // timedelta(milliseconds=1) in measured
    rows = town.office.rows("SELECT digest, clock_doubtful FROM ledger")
    assert any(row["clock_doubtful"] for row in rows) is (years > 0)
    assert not {row["digest"]: row["clock_doubtful"] for row in rows}[later]
    await agree(town, odd, right)


@pytest.mark.parametrize("written_before_sync", [True, False])
@played
async def test_30_a_phone_put_back_writes_on_and_all_arrives(town: Town, written_before_sync: bool) -> None:
    """30. A phone is restored from an old copy and writes on, before it greets or after: every record of both histories is on the ledger."""
    phone = await town.phone()
    first = await registered(phone, "甲")
    copy = phone.store.database.conn.serialize()
    lost = await registered(phone, "乙")
    assert (await sync(phone)).finished
    put_back(phone, copy)
    phone = await town.again(phone)
    if not written_before_sync:
        assert (await sync(phone)).finished
    anew = [await registered(phone, "丙")]
    assert (await sync(phone)).finished
    anew.append(await registered(phone, "丁"))
    assert (await sync(phone)).finished
    assert {first, lost, *anew} <= set(town.ledger())
    device = await device_id(phone)
    assert town.office.house.journal.chains()[device].count == 2
    await agree(town, phone)


@played
async def test_31_what_an_older_app_skipped_is_there_after_the_upgrade(town: Town) -> None:
    """31. A newer office's subject of an unknown type, and a state with words and fields that this app lacks, are kept byte for byte and are there for the next app."""
    phone = await town.phone()
    await registered(phone, "甲")
    assert (await sync(phone)).finished
    line = line_of(phone)
    map_id = mint(phone.clock, phone.random_bytes)
    newer = {map_id: b'{"map_id":"m","name":{"zh":"\xe5\x9b\xbe"},"tiles":[1,2]}'}

    def from_a_newer_office(route: str, answer: Answer) -> Answer:
        if not route.startswith("/pull/"):
            return answer
        page = msgspec.msgpack.decode(answer.body, type=Page)
        changes = []
        for change in page.changes:
            known = msgspec.json.decode(change.state or b"{}")
            known |= {"type": "night_market", "opened": "2026-11-01"}
            newer[change.subject] = msgspec.json.encode(known)
            changes.append(msgspec.structs.replace(change, state=newer[change.subject]))
            changes.append(
                msgspec.structs.replace(change, subject=map_id, subject_type="map", state=newer[map_id])
            )
        return said(msgspec.structs.replace(page, changes=changes), answer)

    await phone.store.mirror.forget("210123")
    line.after = from_a_newer_office
    assert (await sync(phone)).finished
    line.free()
    assert await phone.store.registry.all_premises() == []
    assert len((await phone.app.outbox.rows()).others) == 2
    phone = await town.again(phone)
    assert mirror(phone) == newer
    written = await registered(phone, "乙")
    assert (await sync(phone)).finished
    assert {subject: mirror(phone)[subject] for subject in newer} == newer
    assert (await statuses(phone))[written] == "accepted"


@played
async def test_32_a_newer_apps_store_is_left_alone_and_the_queue_kept(town: Town) -> None:
    """32. An older app opens a store that a newer one has changed: a clear error, not one byte touched, and the newer app sends the queue."""
    phone = await town.phone()
    digest = await registered(phone, "甲")
    [[version]] = phone.store.database.conn.execute("PRAGMA user_version").fetchall()
    phone.store.database.conn.execute(f"PRAGMA user_version = {version + 1}")
    phone.store.database.conn.close()
    before = Path(phone.path).read_bytes()
    with pytest.raises(RuntimeError, match="Update the app; nothing was changed"):
        WorkStore(phone.path)
    assert Path(phone.path).read_bytes() == before
    newest = sqlite3.connect(phone.path)
    newest.execute(f"PRAGMA user_version = {version}")
    newest.close()
    phone = await town.again(phone)
    assert (await sync(phone)).finished
    assert (await statuses(phone))[digest] == "accepted"
    await agree(town, phone)


@played
async def test_a_clone_of_a_phone_keeps_both_histories(town: Town) -> None:
    """Beyond the list: a phone's files are copied to a second one, and both write and sync in turns: a fork is noted, every record stands once."""
    phone = await town.phone()
    await registered(phone, "甲")
    clone = Phone(
        town.folder / "clone.db",
        phone.clock,
        phone.office,
        phone.keys.restarted(),
        phone.blobs,
        phone.line,
        77,
        flush=phone.flush,
    )
    clone.store.database.conn.close()
    (town.folder / "clone.db").write_bytes(phone.store.database.conn.serialize())
    town.phones.append(clone)
    clone = await town.again(clone)
    digests = set()
    for turn in range(3):
        for each in (phone, clone):
            digests.add(await registered(each, f"{turn} {each.seed}"))
            assert (await sync(each)).finished
    assert digests <= set(town.ledger())
    device = await device_id(phone)
    assert town.office.house.journal.chains()[device].forked >= 1
    for each in (phone, clone):
        assert (await sync(each)).finished
    await agree(town, phone, clone)


@played
async def test_a_clock_set_back_between_greeting_and_push(town: Town) -> None:
    """Beyond the list: the wall clock is set back by three hours after the greeting: records before and after stand, in the order they were written."""
    skewed = SkewedClock(town.office.clock, timedelta())
    phone = await town.phone(clock=skewed)
    first = await registered(phone, "甲")

    def sets_back(_method: str, route: str, _body: bytes) -> None:
        if route == "/push":
            skewed._ahead = timedelta(hours=-3)

    line_of(phone).before = sets_back
    assert (await sync(phone)).finished
    line_of(phone).free()
    second = await registered(phone, "乙")
    await phone.app.sync.run()
    third = await registered(phone, "丙")
    assert (await sync(phone)).finished
    ledger = town.ledger()
    assert ledger[first][1] < ledger[second][1] < ledger[third][1]
    before, after = (read_body(ledger[digest][2]) for digest in (second, third))
    assert before.observed_at < read_body(ledger[first][2]).observed_at
    assert (before.clock.server_offset_ms, after.clock.server_offset_ms) == (0, 3 * 3_600_000)
    assert town.office.house.journal.chains()[await device_id(phone)].forked == 0
    await agree(town, phone)
