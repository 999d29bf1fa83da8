"""County packs on the phone: fetched into a file beside ``work.db``, unpacked into one of two slots, and read as they are.

Invariants:

* A row of ``pack`` in ``work.db`` says which slot a county stands on: its commit is the switch, and the view ``known`` obeys it.
* Nothing is ever written into a slot that a county stands on, and nothing here touches the outbox.
* What of a county lies in ``state`` (not own) or ``gone`` is newer than its pack and hides it.
* Mounting reads one row, however large the pack is.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec
from sqlite_utils import Database

from mobile.store.schema import Flush
from mobile.store.states import forget_county
from shared.errors import InputError
from sync.messages import Pack, PackOffer
from sync.pack import FORMAT

MOST = 8
"""Counties on packs at a time; SQLite mounts ten files, and while one is switched its old slot is still mounted."""
MARGIN = 16 * 1024 * 1024
"""Bytes that must be left over for records and pictures."""
STEP = 1024 * 1024
"""Bytes between two moments in which the screen may move."""
GZIP = 31
"""What tells zlib to expect gzip, whose checksum it then verifies."""
COLUMNS = "subject, county, own, subject_type, label, serial, premises, place, state"
ALIAS_COLUMNS = "subject, county, own, key"
ARM = """SELECT {columns} FROM {schema}.{table} AS packed
  WHERE EXISTS (SELECT 1 FROM main.pack WHERE county = '{county}' AND slot = '{slot}')
    AND NOT EXISTS (SELECT 1 FROM main.state AS newer WHERE newer.subject = packed.subject AND newer.county = packed.county AND newer.own = 0)
    AND NOT EXISTS (SELECT 1 FROM main.gone WHERE gone.subject = packed.subject AND gone.county = packed.county)"""
SHOWN_BY_PACK = """DELETE FROM main.{table} WHERE county = ? AND own = 1
  AND EXISTS (SELECT 1 FROM {schema}.state AS packed WHERE packed.subject = main.{table}.subject)"""
"""What the server shows by itself takes the place of the phone's own, as with a page: whatever came of the push, the pull that follows says more."""
_pack = msgspec.json.Decoder(Pack)


class PackFiles(Protocol):
    """Files beside ``work.db``, for plain reading and writing and for SQLite."""

    async def open(self, name: str) -> Path:
        """Makes the file ready, and makes it where there is none; only then may anybody open the path. OSError where that fails."""
        ...

    async def drop(self, name: str) -> None:
        """Removes the file and gives its room back; no error where there is none. Nobody may have it open."""
        ...

    async def names(self) -> list[str]:
        """The files that there are."""
        ...

    async def free_bytes(self) -> int | None:
        """How much room is left, or None where that can't be told."""
        ...


class Mounts:
    """The slots that are mounted, and the views ``known`` and ``known_alias`` over ``state`` and ``alias`` and all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.mounted: set[tuple[str, str]] = set()
        self._show()

    def mount(self, county: str, slot: str, path: Path) -> Pack | None:
        """Mounts a file read-only; what it says of itself, or None where it is no pack, and then it is not mounted."""
        schema = schema_name(county, slot)
        try:
            self._database.conn.execute(
                f"ATTACH ? AS {schema}", [f"{path.absolute().as_uri()}?mode=ro&immutable=1"]
            )
        except sqlite3.DatabaseError:
            return None
        try:
            [[about]] = self._database.conn.execute(f"SELECT pack FROM {schema}.about").fetchall()  # noqa: S608
            pack = _pack.decode(about)
        except (sqlite3.DatabaseError, ValueError, msgspec.DecodeError):
            self._database.execute(f"DETACH {schema}")
            return None
        self.mounted.add((county, slot))
        self._show()
        return pack

    def unmount(self, county: str, slot: str) -> None:
        """Lets go of a file; no error where it is not mounted."""
        if (county, slot) in self.mounted:
            self.mounted.remove((county, slot))
            self._show()
            self._database.execute(f"DETACH {schema_name(county, slot)}")

    def _show(self) -> None:
        for view, table, columns in (("known", "state", COLUMNS), ("known_alias", "alias", ALIAS_COLUMNS)):
            arms = [f"SELECT {columns} FROM main.{table}"]  # noqa: S608
            arms += [
                ARM.format(
                    columns=columns, table=table, schema=schema_name(county, slot), county=county, slot=slot
                )
                for county, slot in sorted(self.mounted)
            ]
            self._database.execute(f"DROP VIEW IF EXISTS temp.{view}")
            self._database.execute(f"CREATE TEMP VIEW {view} AS " + " UNION ALL ".join(arms))


class PhonePacks:
    """:class:`sync.ports.Packs` on SQLite and files."""

    def __init__(self, database: Database, mounts: Mounts, files: PackFiles, flush: Flush) -> None:
        self._database, self._mounts, self._files, self._flush = database, mounts, files, flush

    async def mount(self) -> None:
        """At the app's start: mounts what the counties stand on. Where a file is not what its row says (the store came from a backup, the
        browser cleared a file), the county is forgotten, to be fetched anew; the rest is as it was.
        """
        for county, slot, about in self._database.execute("SELECT county, slot, pack FROM pack").fetchall():
            try:
                path = await self._files.open(slot_name(county, slot))
            except OSError:
                found = None
            else:
                found = self._mounts.mount(county, slot, path)
            if found is None or found != _pack.decode(about):
                self._mounts.unmount(county, slot)
                with self._database.atomic():
                    forget_county(self._database, county)
                await self._flush()
        await self.sweep()

    def unmount(self) -> None:
        """Lets go of every file; :meth:`mount` takes them up again."""
        for county, slot in sorted(self._mounts.mounted):
            self._mounts.unmount(county, slot)

    async def begin(self, offer: PackOffer) -> int:
        county = offer.pack.county
        if offer.pack.format > FORMAT:
            raise InputError(
                "pack_newer",
                "The county's pack is made for a newer version of this app.",
                "Update the app. Until then the states come page by page; nothing on the phone was changed.",
            )
        if self._standing(county) == offer.pack:
            return offer.size
        [[others]] = self._database.execute("SELECT count(*) FROM pack WHERE county <> ?", [county])
        if others >= MOST:
            raise InputError(
                "pack_too_many",
                "The phone holds the packs of {most} counties already.",
                "The states of the others come page by page.",
                most=MOST,
            )
        have = await self._fetched(offer)
        free = await self._files.free_bytes()
        needed = offer.size - have + offer.unpacked_size + MARGIN
        if free is not None and free < needed:
            await self._drop_fetched(county)
            raise no_room(needed, free)
        return have

    async def add(self, offer: PackOffer, at: int, piece: bytes) -> None:
        path = await self._files.open(part_name(offer.pack.county))
        try:
            with no_room_is_said(len(piece)):
                write_at(path, at, piece)
        except InputError:
            await self._drop_fetched(offer.pack.county)
            raise

    async def install(self, offer: PackOffer) -> None:
        county, slot = offer.pack.county, "a"
        row = self._database.execute("SELECT slot FROM pack WHERE county = ?", [county]).fetchone()
        if row:
            slot = row[0] if self._standing(county) == offer.pack else other(row[0])
        if not row or slot != row[0]:
            try:
                await self._unpack(offer, slot)
            except InputError:
                self._mounts.unmount(county, slot)
                await self._drop_fetched(county)
                await self._files.drop(slot_name(county, slot))
                raise
        with self._database.atomic():
            for table in ("state", "alias"):
                self._database.execute(f"DELETE FROM {table} WHERE county = ? AND own = 0", [county])  # noqa: S608
                shown = SHOWN_BY_PACK.format(table=table, schema=schema_name(county, slot))
                self._database.execute(shown, [county])
            for table in ("gone", "fetching"):
                self._database.execute(f"DELETE FROM {table} WHERE county = ?", [county])  # noqa: S608
            about = msgspec.json.encode(offer.pack)
            self._database.execute("INSERT OR REPLACE INTO pack VALUES (?, ?, ?)", [county, slot, about])
            self._database.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?)", [county, offer.cursor])
        await self._flush()
        await self.sweep()

    async def sweep(self) -> None:
        rows = self._database.execute("SELECT county, slot FROM pack").fetchall()
        kept = {slot_name(county, slot) for county, slot in rows}
        kept |= {part_name(county) for (county,) in self._database.execute("SELECT county FROM fetching")}
        for county, slot in self._mounts.mounted - {(county, slot) for county, slot in rows}:
            self._mounts.unmount(county, slot)
        for name in await self._files.names():
            if name not in kept:
                await self._files.drop(name)

    def _standing(self, county: str) -> Pack | None:
        """The pack that the county stands on."""
        row = self._database.execute("SELECT slot, pack FROM pack WHERE county = ?", [county]).fetchone()
        return _pack.decode(row[1]) if row and (county, row[0]) in self._mounts.mounted else None

    async def _fetched(self, offer: PackOffer) -> int:
        """How many bytes of this pack are here."""
        county = offer.pack.county
        name = part_name(county)
        row = self._database.execute("SELECT digest FROM fetching WHERE county = ?", [county]).fetchone()
        if not row or row[0] != offer.digest:
            await self._files.drop(name)
            with self._database.atomic():
                self._database.execute(
                    "INSERT OR REPLACE INTO fetching VALUES (?, ?)", [county, offer.digest]
                )
            await self._flush()
        size = (await self._files.open(name)).stat().st_size
        if size > offer.size:
            await self._files.drop(name)
            return 0
        return size

    async def _drop_fetched(self, county: str) -> None:
        await self._files.drop(part_name(county))
        with self._database.atomic():
            self._database.execute("DELETE FROM fetching WHERE county = ?", [county])
        await self._flush()

    async def _unpack(self, offer: PackOffer, slot: str) -> None:
        """Checks the digest, writes the file into the slot, flushes it and mounts it."""
        county = offer.pack.county
        part = await self._files.open(part_name(county))
        if await digest_of_file(part) != offer.digest:
            raise damaged()
        self._mounts.unmount(county, slot)
        await self._files.drop(slot_name(county, slot))
        path = await self._files.open(slot_name(county, slot))
        with no_room_is_said(offer.unpacked_size):
            await inflate_file(part, path, offer.unpacked_size)
        if self._mounts.mount(county, slot, path) != offer.pack:
            raise damaged()


def schema_name(county: str, slot: str) -> str:
    return f"pack_{county}_{slot}"


def slot_name(county: str, slot: str) -> str:
    return f"pack-{county}-{slot}.db"


def part_name(county: str) -> str:
    return f"pack-{county}.gz"


def other(slot: str) -> str:
    return "b" if slot == "a" else "a"


def write_at(path: Path, at: int, content: bytes) -> None:
    """Writes and flushes."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


async def digest_of_file(path: Path) -> str:
    """SHA-256, a little at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while content := file.read(STEP):
            digest.update(content)
            if len(content) == STEP:
                await asyncio.sleep(0)
    return digest.hexdigest()


async def inflate_file(packed: Path, plain: Path, size: int) -> None:
    """Unpacks gzip, flushed. Raises InputError ``pack_damaged`` where it is none or not of that size."""
    inflating = zlib.decompressobj(GZIP)
    with packed.open("rb") as source, plain.open("r+b") as target:
        while content := source.read(STEP):
            try:
                while content:
                    target.write(inflating.decompress(content, STEP))
                    content = inflating.unconsumed_tail
                    if content:
                        await asyncio.sleep(0)
            except zlib.error as error:
                raise damaged() from error
            if target.tell() > size:
                raise damaged()
        if not inflating.eof or target.tell() != size:
            raise damaged()
        target.flush()
        os.fsync(target.fileno())


@contextmanager
def no_room_is_said(needed: int) -> Iterator[None]:
    """A full disk as a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise no_room(needed, 0) from error


def megabytes(size: int) -> int:
    return -(-size // 1_000_000)


def no_room(needed: int, free: int) -> InputError:
    """The pack does not fit."""
    return InputError(
        "pack_no_room",
        "The phone has no room for the county's pack: it needs {needed} MB, and {free} MB are free.",
        "Make room on the phone, then sync again. What is on the phone is kept, and recording goes on.",
        needed=megabytes(needed),
        free=megabytes(free),
    )


def damaged() -> InputError:
    """What arrived is not what the server built."""
    return InputError(
        "pack_damaged",
        "The county's pack arrived damaged and was thrown away.",
        "What is on the phone is kept. It fetches the states in another way by itself.",
    )
