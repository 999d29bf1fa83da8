"""The states of the world as rows: the mirror of the server's, and on top of it what this phone's own records put on the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlite_utils import Database

from mobile.store.rulings import keep_rulings
from mobile.store.schema import Flush
from sync.messages import Change, Page
from sync.pack import INSERT, INSERT_ALIAS, rows_of

MIRRORED, OWN = 0, 1
MANY = 2_000
"""Values in one IN list, as many as a page has rows; SQLite takes 32,766."""


def _insert(database: Database, changes: Iterable[Change], own: int) -> None:
    """Puts rows where there are none of these subjects any more."""
    states, aliases = [], []
    for change in changes:
        row, keys = rows_of(change.subject, change.county, own, change.subject_type, change.state or b"{}")
        states.append(row)
        aliases += keys
    database.conn.executemany(INSERT, states)
    database.conn.executemany(INSERT_ALIAS, aliases)


def _drop(database: Database, county: str, subjects: Sequence[str], least_own: int) -> None:
    """Takes the rows of these subjects away, own ones alone or all; one statement for many, since of a first page there are none."""
    for start in range(0, len(subjects), MANY):
        some = subjects[start : start + MANY]
        for table in ("state", "alias"):
            database.execute(
                f"DELETE FROM {table} WHERE county = ? AND own >= ? AND subject IN ({', '.join('?' * len(some))})",  # noqa: S608
                [county, least_own, *some],
            )


def show_own(database: Database, changes: Sequence[Change]) -> None:
    """Lays own states over the mirror, inside the caller's transaction."""
    for change in changes:
        _drop(database, change.county, [change.subject], OWN)
    _insert(database, changes, OWN)


def forget_county(database: Database, county: str) -> None:
    """Drops what the server said of a county, inside the caller's transaction."""
    for table in ("state", "alias"):
        database.execute(f"DELETE FROM {table} WHERE county = ? AND own = 0", [county])  # noqa: S608
    for table in ("cursor", "pack", "gone"):
        database.execute(f"DELETE FROM {table} WHERE county = ?", [county])  # noqa: S608


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
            _drop(self._database, page.county, [change.subject for change in latest], MIRRORED)
            _insert(self._database, (change for change in latest if change.state is not None), MIRRORED)
            self._note_gone(page.county, latest)
            keep_rulings(self._database, page.rulings)
            self._database.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?)", [page.county, page.cursor])
        await self._flush()
        return True

    async def forget(self, county: str) -> None:
        with self._database.atomic():
            forget_county(self._database, county)
        await self._flush()

    def _note_gone(self, county: str, latest: Iterable[Change]) -> None:
        """A tombstone must hide the county's pack too, where it stands on one; a state hides it by itself."""
        [[has_pack]] = self._database.execute("SELECT count(*) FROM pack WHERE county = ?", [county])
        if has_pack:
            for change in latest:
                hides = "INSERT OR IGNORE INTO gone VALUES (?, ?)"
                shows = "DELETE FROM gone WHERE subject = ? AND county = ?"
                self._database.execute(hides if change.state is None else shows, [change.subject, county])
