"""Finding instruments as one types, over packs and what was pulled since, without reading their states.

Each file has a search segment (:mod:`sync.finding`): a pack brings its own, else one is made here in memory, a little at a time. What changed since
then is noted by triggers of this connection and stands in a small segment, made anew when it must be; rows of before are left out.
"""

from __future__ import annotations

import asyncio
import sqlite3
from array import array
from collections.abc import Callable

import msgspec
from sqlite_utils import Database

from mobile.store.packs import Mounts, schema_name
from mobile.store.registry import PhoneRegistry
from mobile.workflow.ports import Wanted
from shared.instrument import Instrument
from shared.premises import Premises
from shared.sought import as_lines, folded
from sync.finding import AT_SITE, SITES, VERSION, Opened, Segment, SegmentMaker, entry_of
from sync.messages import Pack

MAIN = "main"
ROWS = 1_000
"""Read between two moments in which the screen may move."""
MOST_TOUCHED = 4_000
"""Subjects that may have changed before the segment of all that was pulled is made anew."""
WATCH = (
    "CREATE TEMP TABLE touched (subject TEXT NOT NULL, row INTEGER NOT NULL, UNIQUE (subject, row))",
    """CREATE TEMP TRIGGER touched_before BEFORE INSERT ON main.state BEGIN
        INSERT OR IGNORE INTO touched SELECT new.subject, rowid FROM state WHERE subject = new.subject; END""",
    """CREATE TEMP TRIGGER touched_after AFTER INSERT ON main.state BEGIN
        INSERT OR IGNORE INTO touched VALUES (new.subject, new.rowid); END""",
    """CREATE TEMP TRIGGER touched_gone AFTER DELETE ON main.state BEGIN
        INSERT OR IGNORE INTO touched VALUES (old.subject, old.rowid); END""",
)
"""The row that a state had, has, or had before it was replaced: no segment that was made earlier may show it any more."""
RECENT = """SELECT rowid, premises, state FROM main.state AS standing
    WHERE subject IN (SELECT subject FROM temp.touched) AND subject_type = 'instrument'
    AND NOT EXISTS (SELECT 1 FROM main.state AS other WHERE other.subject = standing.subject
        AND (other.own > standing.own OR (other.own = standing.own AND other.county < standing.county)))"""
TOUCHED = "SELECT row FROM temp.touched UNION SELECT rowid FROM main.state WHERE subject IN (SELECT subject FROM temp.touched)"
"""Also the row of a subject that stands as it did where another one of it has gone: what is recent shows it, and nothing else may."""
HIDDEN = """SELECT packed.rowid FROM main.state AS newer CROSS JOIN {schema}.state AS packed ON packed.subject = newer.subject
    WHERE newer.county = :county OR newer.own = 1
    UNION ALL SELECT packed.rowid FROM main.gone CROSS JOIN {schema}.state AS packed ON packed.subject = gone.subject
    WHERE gone.county = :county"""
Rows = tuple[str, "array[int]"]
"""A file by its name in SQLite, and rows of it."""
_segment = msgspec.msgpack.Decoder(Segment)


class PhoneHits:
    """:class:`mobile.workflow.ports.Hits` on SQLite."""

    def __init__(self, database: Database, registry: PhoneRegistry, parts: list[Rows]) -> None:
        self._database, self._registry, self.parts = database, registry, parts
        self.total = sum(len(rows) for _schema, rows in parts)

    def is_same(self, other: object) -> bool:
        """Whether the same rows were found in the same order: a state that changed since stands in another row."""
        return isinstance(other, PhoneHits) and self.parts == other.parts

    async def window(self, first: int, count: int) -> list[Instrument | None]:
        """What is shown is read by the view ``known``, as everywhere: None where the instrument has gone since."""
        found = []
        for schema, rows in self.parts:
            for row in rows[first : first + count] if first < len(rows) else ():
                found.append(await self._shown(schema, row))
                count -= 1
            first = max(0, first - len(rows))
        return found

    async def _shown(self, schema: str, row: int) -> Instrument | None:
        try:
            at = f"SELECT subject FROM {schema}.state WHERE rowid = ?"  # noqa: S608
            found = self._database.conn.execute(at, [row]).fetchone()
        except sqlite3.OperationalError:
            # The county stands on another pack by now.
            return None
        return await self._registry.instrument(found[0]) if found else None


class PhoneFinder:
    """:class:`mobile.workflow.ports.Finder` on SQLite."""

    def __init__(self, database: Database, mounts: Mounts, registry: PhoneRegistry) -> None:
        self._database, self._mounts, self._registry = database, mounts, registry
        self._opened: dict[str, tuple[Pack | None, Opened]] = {}
        self._showing: dict[str, bytes] = {}
        """By file, a mask of what no newer state stands in the place of; none where everything shows."""
        self._recent: Opened | None = None
        self._sites: list[str] = []
        self._site_lines = ""
        self._seen = -1
        self._turn = asyncio.Lock()
        self._read, self._to_read = 0, 0

    def progress(self) -> tuple[int, int] | None:
        return (self._read, self._to_read) if self._to_read else None

    async def ready(self, told: Callable[[], None]) -> None:
        async with self._turn:
            try:
                await self._bring_up_to_date(told)
            finally:
                self._read = self._to_read = 0
            told()

    async def _bring_up_to_date(self, told: Callable[[], None]) -> None:
        self._watch()
        standing = self._standing()
        for schema, (pack, _opened) in list(self._opened.items()):
            if schema != MAIN and standing.get(schema) != pack:
                del self._opened[schema]
        if self._touched() > MOST_TOUCHED:
            self._opened.pop(MAIN, None)
        missing = [schema for schema in [*standing, MAIN] if schema not in self._opened]
        if not missing and self._seen == self._changes():
            return
        self._seen = -1
        order = await self._read_sites()
        for schema in missing:
            if schema == MAIN:
                self._database.execute("DELETE FROM temp.touched")
                self._recent = None
            opened = self._brought(schema) if schema != MAIN else None
            try:
                opened = opened or await self._made(schema, order, told)
            except sqlite3.OperationalError:
                # The pack was switched while it was read: the next one is there when somebody asks again.
                if schema == MAIN:
                    raise
                continue
            self._opened[schema] = standing.get(schema), opened
            self._leave_out(schema, standing)
        for schema in standing:
            self._leave_out(schema, standing)
        self._see_recent(order)
        self._seen = self._changes() if len(self._opened) == len(standing) + 1 else -1

    def _leave_out(self, schema: str, standing: dict[str, Pack]) -> None:
        """Notes which rows of a pack must not be shown, those of :data:`MAIN` come with what changed."""
        if schema in self._opened and schema != MAIN:
            rows = self._database.execute(
                HIDDEN.format(schema=schema), {"county": standing[schema].county}
            ).fetchall()
            self._show_without(schema, {row for (row,) in rows})

    async def find(self, wanted: Wanted, is_stale: Callable[[], bool]) -> PhoneHits | None:
        """None as soon as nobody waits for it any more."""
        parts: list[Rows] = []
        sites = [{self._sites[at // 2] for at in word.lines(self._site_lines)} for word in wanted.words]
        for schema, opened, showing in self._searched():
            await asyncio.sleep(0)
            if is_stale():
                return None
            masks: list[bytes | bytearray] = [
                opened.mask(word, at) for word, at in zip(wanted.words, sites, strict=True)
            ]
            if showing:
                masks.append(showing)
            if wanted.due:
                masks.append(opened.due_between(*wanted.due))
            rows = opened.rows_with(masks)
            if wanted.among is not None:
                among = self._rows_of(schema, wanted.among)
                rows = array("I", [row for row in rows if row in among])
            parts.append((schema, rows))
        return PhoneHits(self._database, self._registry, parts)

    def _searched(self) -> list[tuple[str, Opened, bytes]]:
        """Every segment with what of it shows, what changed last first."""
        found = [(MAIN, self._recent, b"")] if self._recent else []
        found += [
            (schema, opened, self._showing.get(schema, b""))
            for schema, (_pack, opened) in self._opened.items()
        ]
        return found

    def _watch(self) -> None:
        """From now on every change is noted."""
        known = "SELECT 1 FROM temp.sqlite_master WHERE name = 'touched'"
        if not self._database.execute(known).fetchone():
            for statement in WATCH:
                self._database.execute(statement)

    def _touched(self) -> int:
        [[found]] = self._database.execute("SELECT count(DISTINCT subject) FROM temp.touched").fetchall()
        return int(found)

    def _changes(self) -> int:
        return int(self._database.conn.total_changes)

    def _standing(self) -> dict[str, Pack]:
        """The packs that counties stand on, by their names in SQLite."""
        rows = self._database.execute("SELECT county, slot, pack FROM pack ORDER BY county").fetchall()
        return {
            schema_name(county, slot): msgspec.json.decode(about, type=Pack)
            for county, slot, about in rows
            if (county, slot) in self._mounts.mounted
        }

    async def _read_sites(self) -> list[str]:
        """Reads the sites' names and addresses; their ids in walking order."""
        sites: list[Premises] = await self._registry.all_premises()
        self._sites = [site.premises_id for site in sites]
        texts = [text for site in sites for text in (folded(site.name), folded(site.address))]
        self._site_lines = as_lines(texts)
        return self._sites

    def _brought(self, schema: str) -> Opened | None:
        """The segment that a pack brings, where it is one of a shape known here."""
        try:
            row = self._database.conn.execute(f"SELECT version, segment FROM {schema}.search").fetchone()  # noqa: S608
            return Opened(_segment.decode(row[1])) if row and row[0] == VERSION else None
        except (sqlite3.DatabaseError, msgspec.DecodeError):
            return None

    async def _made(self, schema: str, order: list[str], told: Callable[[], None]) -> Opened:
        """A segment of a file's rows, read a little at a time."""
        maker = SegmentMaker()
        place = {site: at for at, site in enumerate(order)}
        sites = [site for (site,) in self._database.conn.execute(SITES.format(schema=schema)).fetchall()]
        query = AT_SITE.format(schema=schema)
        [[count]] = self._database.conn.execute(f"SELECT count(*) FROM {schema}.state").fetchall()  # noqa: S608
        self._to_read += count
        unrested = 0
        for site in sorted(sites, key=lambda each: (place.get(each, len(place)), each)):
            entries, after = [], 0
            while rows := self._database.conn.execute(query, [site, after, ROWS]).fetchall():
                entries += [entry for row, state in rows if (entry := entry_of(row, state))]
                after = rows[-1][0]
                self._read += len(rows)
                unrested += len(rows)
                if unrested >= ROWS:
                    unrested = 0
                    told()
                    await asyncio.sleep(0)
                if len(rows) < ROWS:
                    break
            maker.add(site, entries)
        return Opened(maker.made())

    def _show_without(self, schema: str, rows: set[int]) -> None:
        _pack, opened = self._opened[schema]
        self._showing[schema] = opened.without(rows) if rows else b""

    def _see_recent(self, order: list[str]) -> None:
        """The segment of what changed since that of all that was pulled was made."""
        touched = self._database.execute(TOUCHED).fetchall()
        self._show_without(MAIN, {row for (row,) in touched})
        self._recent = None
        if not touched:
            return
        place = {site: at for at, site in enumerate(order)}
        at_sites: dict[str, list[tuple[int, bytes]]] = {}
        for row, site, state in self._database.execute(RECENT).fetchall():
            at_sites.setdefault(site, []).append((row, state))
        maker = SegmentMaker()
        for site in sorted(at_sites, key=lambda each: (place.get(each, len(place)), each)):
            maker.add(site, [entry for row, state in at_sites[site] if (entry := entry_of(row, state))])
        self._recent = Opened(maker.made())

    def _rows_of(self, schema: str, subjects: frozenset[str]) -> set[int]:
        query = f"SELECT rowid FROM {schema}.state WHERE subject IN (SELECT value FROM json_each(?))"  # noqa: S608
        chosen = msgspec.json.encode(sorted(subjects)).decode()
        return {row for (row,) in self._database.execute(query, [chosen]).fetchall()}
