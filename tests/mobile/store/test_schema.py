"""The file itself: migrated forward, never damaged by an older app."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import msgspec
import pytest
from sqlite_utils import Database

from mobile.store.schema import MIGRATIONS
from mobile.store.work import WorkStore
from sync.messages import Ruling, Status
from tests.mobile.phone import COUNTY, make_world


def test_a_new_file_has_the_newest_format(tmp_path: Path) -> None:
    """user_version counts the migrations, and opening again changes nothing."""
    for _ in range(2):
        store = WorkStore(tmp_path / "work.db")
        assert store.database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        store.close()


def test_a_newer_apps_file_is_left_alone(tmp_path: Path) -> None:
    """An older app refuses a newer file with a clear sentence and does not touch it."""
    store = WorkStore(tmp_path / "work.db")
    store.database.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    store.close()
    before = (tmp_path / "work.db").read_bytes()
    with pytest.raises(RuntimeError, match="Update the app"):
        WorkStore(tmp_path / "work.db")
    assert (tmp_path / "work.db").read_bytes() == before


def test_codes_that_an_older_app_pulled_are_found_after_the_update(tmp_path: Path) -> None:
    """States were kept whole before codes of others had an index; the migration makes it from them."""
    scale = msgspec.structs.replace(make_world().scale, aliases=["unknown:a"])
    old = Database(sqlite3.connect(tmp_path / "work.db"))
    for statement in MIGRATIONS[0].split(";"):
        old.execute(statement)
    old.execute(
        "INSERT INTO state (subject, county, own, subject_type, state) VALUES (?, ?, 0, 'instrument', ?)",
        [scale.instrument_id, COUNTY, msgspec.json.encode(scale)],
    )
    old.execute("PRAGMA user_version=1")
    old.conn.commit()
    old.close()
    store = WorkStore(tmp_path / "work.db")
    assert asyncio.run(store.registry.by_alias("unknown:a")) == [scale]
    store.close()


def test_a_serial_number_with_chinese_letters_is_told_apart(tmp_path: Path) -> None:
    """沪A12 is not 京A12, as at the office; rows that an older app keyed without the Chinese letters are keyed anew."""
    scale = msgspec.structs.replace(make_world().scale, serial_number="沪A-12")
    old = Database(sqlite3.connect(tmp_path / "work.db"))
    for statement in MIGRATIONS[0].split(";"):
        old.execute(statement)
    old.execute(
        "INSERT INTO state (subject, county, own, subject_type, serial, state) VALUES (?, ?, 0, 'instrument', 'A12', ?)",
        [scale.instrument_id, COUNTY, msgspec.json.encode(scale)],
    )
    old.execute("PRAGMA user_version=1")
    old.conn.commit()
    old.close()
    store = WorkStore(tmp_path / "work.db")
    assert asyncio.run(store.registry.by_serial("沪a 12")) == [scale]
    assert asyncio.run(store.registry.by_serial("京A12")) == []
    store.close()


def test_commits_are_made_safe_for_a_power_cut(tmp_path: Path) -> None:
    """The journal is truncated, not left in a log beside the file, and every commit is synced fully."""
    store = WorkStore(tmp_path / "work.db")
    found = [
        store.database.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "locking_mode")
    ]
    assert found == ["truncate", 2, "exclusive"]
    store.close()


def test_each_write_is_flushed(tmp_path: Path) -> None:
    """Where the file system writes behind, every writing call waits for the flush."""
    flushed = 0

    async def flush() -> None:
        nonlocal flushed
        flushed += 1

    async def flow() -> None:
        store = WorkStore(tmp_path / "work.db", flush)
        await store.settings.put({"a": "1"})
        await store.drafts.drop("none")
        await store.mirror.forget("210123")
        await store.outbox.ruled([])
        store.close()

    asyncio.run(flow())
    assert flushed == 4


def test_an_older_apps_records_are_looked_for_on_the_signed_ledger(tmp_path: Path) -> None:
    """A file from before the phone was a witness opens with its records, none of them verified yet."""
    database = sqlite3.connect(tmp_path / "work.db")
    database.executescript(MIGRATIONS[0])
    database.execute(
        "INSERT INTO record (record_id, digest, chain, sequence, kind, county, author, observed_at, body, sealed, size, offered, status, ruling)"
        " VALUES ('r', 'd', 'c', 1, 'k', '210123', 'a', '', x'', x'', 0, 0, 'accepted', ?)",
        [msgspec.json.encode(Ruling("r", "d" * 64, Status.ACCEPTED, "210123", 7))],
    )
    database.execute("PRAGMA user_version=1")
    database.commit()
    database.close()
    store = WorkStore(tmp_path / "work.db")
    [own] = asyncio.run(store.witnessed.unproven("210123", 10))
    assert (own.record_id, own.ledger_seq) == ("r", 7)
    assert asyncio.run(store.witnessed.heads()) == {}
    store.close()
