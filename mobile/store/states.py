"""The states of the world as rows: the mirror of the server's, and on top of it what this phone's own records put on the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec
from sqlite_utils import Database

from mobile.store.rulings import keep_rulings
from mobile.store.schema import Flush
from sync.messages import Change, Page

MIRRORED, OWN = 0, 1


class _Keys(msgspec.Struct):
    """What a state is looked up by; read from the JSON of any kind of subject."""

    label: str = ""
    serial_number: str = ""
    premises_id: str = ""
    stall: str = ""
    name: str = ""
    aliases: list[str] = []


_keys = msgspec.json.Decoder(_Keys)


def serial_key(serial_number: str) -> str:
    """A serial number as it is compared: capitals and digits alone."""
    return re.sub(r"[^0-9A-Z]", "", serial_number.upper())


def _row(change: Change, keys: _Keys, own: int) -> tuple[str | int | bytes, ...]:
    return (
        change.subject,
        change.county,
        own,
        change.subject_type,
        keys.label,
        serial_key(keys.serial_number),
        keys.premises_id,
        keys.stall or keys.name,
        change.state or b"{}",
    )


def _insert(database: Database, changes: Iterable[Change], own: int) -> None:
    read = [(change, _keys.decode(change.state or b"{}")) for change in changes]
    database.conn.executemany(
        "INSERT OR REPLACE INTO state (subject, county, own, subject_type, label, serial, premises, place, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_row(change, keys, own) for change, keys in read],
    )
    database.conn.executemany(
        "DELETE FROM alias WHERE subject = ? AND county = ? AND own = ?",
        [(change.subject, change.county, own) for change, _keys_of_it in read],
    )
    database.conn.executemany(
        "INSERT OR IGNORE INTO alias (subject, county, own, key) VALUES (?, ?, ?, ?)",
        [(change.subject, change.county, own, key) for change, keys in read for key in keys.aliases],
    )


def show_own(database: Database, changes: Sequence[Change]) -> None:
    """Lays own states over the mirror, inside the caller's transaction."""
    _insert(database, changes, OWN)


class PhoneMirror:
    """:class:`sync.ports.Mirror` on SQLite."""

    def __init__(self, database: Database, flush: Flush) -> None:
        self._database = database
        self._flush = flush

    async def counties(self) -> list[str]:
        return [county for (county,) in self._database.execute("SELECT county FROM cursor ORDER BY county")]

    async def cursor(self, county: str) -> str:
        found = self._database.execute("SELECT cursor FROM cursor WHERE county = ?", [county]).fetchone()
        return str(found[0]) if found else ""

    async def apply(self, page: Page, expected: str) -> bool:
        if await self.cursor(page.county) != expected:
            return False
        latest = {change.subject: change for change in page.changes}.values()
        with self._database.atomic():
            for table in ("state", "alias"):
                self._database.conn.executemany(
                    f"DELETE FROM {table} WHERE subject = ? AND county = ?",  # noqa: S608
                    [(change.subject, page.county) for change in latest],
                )
            _insert(self._database, (change for change in latest if change.state is not None), MIRRORED)
            keep_rulings(self._database, page.rulings)
            self._database.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?)", [page.county, page.cursor])
        await self._flush()
        return True

    async def forget(self, county: str) -> None:
        with self._database.atomic():
            for table in ("state", "alias"):
                self._database.execute(f"DELETE FROM {table} WHERE county = ? AND own = 0", [county])  # noqa: S608
            self._database.execute("DELETE FROM cursor WHERE county = ?", [county])
        await self._flush()
