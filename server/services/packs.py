"""County packs: each larger county's states as a SQLite file, built ahead and kept fresh, for phones to begin on.

Invariants:

* A file is named by the SHA-256 of its bytes and never changes; it is written aside, flushed and renamed, so nobody sees half of one.
* ``pack.json`` of a county names its newest pack, and is replaced only when that pack is on disk. The one before is kept for phones that are
  in the middle of fetching it; older ones are swept.
* A pack is offered only where its cursor holds: same generation, same meaning of the states, and no number that the store has not given.
* It holds what a pull hands out and nothing else; states carry no personal data.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Connection
from sqlite_utils import Database as Sqlite

from server.callers import DeviceAccess
from server.services.pull import meaning, must_read, write_cursor
from server.store import records as store
from server.store.database import Database
from server.store.files import settle
from shared.clock import Clock
from shared.errors import InputError
from sync.finding import AT_SITE, SEARCH, SITES, VERSION, Segment, SegmentMaker, entry_of
from sync.messages import Cursor, Pack, PackOffer
from sync.pack import ABOUT, ALIASES, FORMAT, INSERT, INSERT_ALIAS, STATES, rows_of

log = logging.getLogger(__name__)
ROWS = 10_000
BEHIND = 20
"""A pack is built anew when one in so many of its states has changed ..."""
OLDEST = timedelta(days=1)
"""... or, if anything has changed, after this time."""
LEVEL = 6
_DIGEST = re.compile(r"[0-9a-f]{64}")
_COUNTY = re.compile(r"[0-9]{6}")
_offer = msgspec.json.Decoder(PackOffer)


class Packs:
    """The packs on disk."""

    def __init__(
        self, database: Database, clock: Clock, generation: str, folder: Path, smallest: int
    ) -> None:
        self._database, self._clock, self._generation = database, clock, generation
        self._folder, self._smallest = folder, smallest

    # Handing out

    def offer(self, device: DeviceAccess, county: str) -> PackOffer:
        """The county's pack for this phone. Raises AccessError as a pull does; InputError ``pack_none`` (404)."""
        must_read(device, county)
        built = self._newest(county)
        with self._database.reading() as connection:
            if built is None or not self._holds(connection, built.pack):
                raise none_built()
            schema = meaning(connection)
        pack = built.pack
        cursor = Cursor(self._generation, device.scope_version, schema, pack.state_seq, 0, county)
        return msgspec.structs.replace(built, cursor=write_cursor(cursor))

    def file(self, device: DeviceAccess, county: str, digest: str) -> Path:
        """A pack's file. Raises AccessError as a pull does; InputError ``pack_swept`` (404) for one that is not kept."""
        must_read(device, county)
        path = self._path(county, digest) if _DIGEST.fullmatch(digest) else None
        if path is None or not path.is_file():
            raise swept()
        return path

    def _holds(self, connection: Connection, pack: Pack) -> bool:
        """Whether its cursor is one that a pull goes on from."""
        return (
            pack.format == FORMAT
            and pack.generation == self._generation
            and pack.schema == meaning(connection)
            and pack.state_seq <= store.last_state_seq(connection, pack.county)
        )

    def _home(self, county: str) -> Path:
        return self._folder / county

    def _path(self, county: str, digest: str) -> Path:
        return self._home(county) / f"{digest}.sqlite.gz"

    def _newest(self, county: str) -> PackOffer | None:
        """What ``pack.json`` names, where the file is there."""
        try:
            built = _offer.decode((self._home(county) / "pack.json").read_bytes())
        except (OSError, msgspec.DecodeError):
            return None
        return built if self._path(county, built.digest).is_file() else None

    # Building

    def refresh(self, every: bool = False) -> list[PackOffer]:
        """Builds what is missing or out of date, or with ``every`` all; what was built. One process at a time builds."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(self._folder / "lock") as ours:
            if not ours:
                return []
            with self._database.reading() as connection:
                counties = store.counties(connection)
                due = [
                    row["county"]
                    for row in counties
                    if _COUNTY.fullmatch(row["county"])
                    and row["state_seq"]
                    and (every or self._is_due(connection, row["county"], row["state_seq"]))
                ]
            for left in self._folder.glob("building-*"):
                shutil.rmtree(left)
            return [built for county in due if (built := self._try(county))]

    def _try(self, county: str) -> PackOffer | None:
        """Builds; where the disk does not let it, the pack before stays, and the next county has its turn."""
        try:
            return self.build(county)
        except OSError:
            log.exception("the pack of %s can't be built", county)
            return None

    def _is_due(self, connection: Connection, county: str, state_seq: int) -> bool:
        if state_seq < self._smallest:
            return False
        built = self._newest(county)
        if built is None or built.search != VERSION or not self._holds(connection, built.pack):
            return True
        pack = built.pack
        behind = state_seq - pack.state_seq
        is_old = pack.built_at is None or self._clock.now() - pack.built_at >= OLDEST
        return behind > 0 and (is_old or behind * BEHIND >= max(pack.states, self._smallest))

    def build(self, county: str) -> PackOffer:
        """Builds a county's pack, makes it the one that is offered, and sweeps older ones."""
        home = self._home(county)
        home.mkdir(parents=True, exist_ok=True)
        before = self._newest(county)
        # Only one builds at a time, so what else is in the middle of being written was left by a process that died.
        for half in home.glob("*.making"):
            half.unlink()
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="building-") as room:
            plain = Path(room) / "pack.db"
            pack = self._fill(plain, county)
            packed = home / "pack.making"
            digest = compress(plain, packed)
            built = PackOffer(pack, digest, packed.stat().st_size, plain.stat().st_size, search=VERSION)
        packed.replace(self._path(county, digest))
        about = home / "about.making"
        with about.open("wb") as file:
            file.write(msgspec.json.encode(built))
            file.flush()
            os.fsync(file.fileno())
        about.replace(home / "pack.json")
        settle(home)
        kept = {digest, before.digest if before else ""}
        for path in home.glob("*.sqlite.gz"):
            if path.name.partition(".")[0] not in kept:
                path.unlink()
        return built

    def _fill(self, path: Path, county: str) -> Pack:
        """Writes the states into a new SQLite file."""
        target = Sqlite(path, execute_plugins=False)
        try:
            # Until it is renamed nobody needs the file: it need not survive a power cut.
            for pragma in ("journal_mode=OFF", "synchronous=OFF"):
                target.execute(f"PRAGMA {pragma}").fetchall()
            table, *indexes = [part for part in STATES.split(";") if part.strip()]
            with target.atomic():
                target.execute(table)
                target.execute(ABOUT)
                for statement in ALIASES.split(";"):
                    target.execute(statement)
                with self._database.reading() as connection:
                    # The counter first: what commits while the rows are read is pulled later, whether it is in here or not.
                    after, state_seq = 0, store.last_state_seq(connection, county)
                    schema = meaning(connection)
                    while rows := store.changes(connection, county, after, ROWS):
                        after = rows[-1][3]
                        found = [
                            rows_of(subject, county, 0, subject_type, state)
                            for subject_type, subject, _county, _seq, state in rows
                            if state is not None
                        ]
                        target.conn.executemany(INSERT, [state for state, _aliases in found])
                        target.conn.executemany(
                            INSERT_ALIAS, [each for _state, keys in found for each in keys]
                        )
                for index in indexes:
                    target.execute(index)
                target.execute(SEARCH)
                segment = msgspec.msgpack.encode(segment_of(target))
                target.execute("INSERT INTO search VALUES (?, ?)", [VERSION, segment])
                [[states]] = target.execute("SELECT count(*) FROM state")
                pack = Pack(county, FORMAT, self._generation, schema, state_seq, states, self._clock.now())
                target.execute("INSERT INTO about VALUES (?)", [msgspec.json.encode(pack)])
        finally:
            target.close()
        return pack


def segment_of(target: Sqlite) -> Segment:
    """What the instruments of a pack are found by; site by site, as the townships and names order them."""
    order = """SELECT subject FROM state WHERE subject_type = 'premises' AND subject_type <> 'instrument'
        ORDER BY json_extract(CAST(state AS TEXT), '$.township'), place"""
    known = {site: at for at, (site,) in enumerate(target.execute(order))}
    sites = [site for (site,) in target.execute(SITES.format(schema="main"))]
    maker, query = SegmentMaker(), AT_SITE.format(schema="main")
    for site in sorted(sites, key=lambda each: (known.get(each, len(known)), each)):
        rows = target.execute(query, [site, 0, -1])
        maker.add(site, [entry for row, state in rows if (entry := entry_of(row, state))])
    return maker.made()


def none_built() -> InputError:
    """The county has no pack: the phone pulls page by page."""
    error = InputError("pack_none", "This county has no pack.", "The phone pulls page by page.")
    error.status = 404
    return error


def swept() -> InputError:
    """That pack is not kept: the phone asks anew what there is, and begins again."""
    error = InputError(
        "pack_swept", "This pack is no longer kept.", "The phone begins again with the newest."
    )
    error.status = 404
    return error


def compress(plain: Path, packed: Path) -> str:
    """Writes ``plain`` as gzip, flushed to the disk; the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with plain.open("rb") as source, packed.open("wb") as target:

        class Hashing:
            """Lets the digest see what goes to the file."""

            def write(self, content: bytes) -> int:
                digest.update(content)
                return target.write(content)

            def flush(self) -> None:
                target.flush()

        with gzip.GzipFile("", "wb", LEVEL, Hashing(), mtime=0) as writer:
            shutil.copyfileobj(source, writer, 1 << 20)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Iterator[bool]:
    """True for one process alone, on this machine, until the block ends."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
