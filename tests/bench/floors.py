"""The floors with the same duties: what plain sqlite3, msgspec, gzip and Ed25519 need to leave the same rows behind, in the same tables with the same
indexes, as durable, with every signature checked. No HTTP, no rulings, no conclusions.
"""

from __future__ import annotations

import gzip
import os
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from mobile.store.schema import prepare
from mobile.store.work import WorkStore
from server.services.receive import TOGETHER, signature_holds
from sync.client import PAGE
from sync.envelope import Envelope, Sealed, record_message
from sync.messages import Change
from sync.pack import INSERT, rows_of
from tests.bench.office import COUNTY
from tests.bench.row import Stopwatch

BY_NUMBER = ("ledger", "record_identity", "ledger_subject", "inspection_index")
STATES = (
    "SELECT * FROM (SELECT * FROM state WHERE county = ? ORDER BY state_seq DESC LIMIT ?) ORDER BY state_seq"
)
CHANGES = "SELECT subject_type, subject, state_seq, state FROM state WHERE county = ? AND state_seq > ? ORDER BY state_seq LIMIT ?"
Rows = list[tuple[object, ...]]


@contextmanager
def commit(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("COMMIT")


class Server:
    """The server's tables, empty, and the rows that a push left in the real ones, by batch."""

    def __init__(self, path: Path, real: Path, batches: Sequence[int]) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        with closing(sqlite3.connect(f"file:{real}?mode=ro", uri=True)) as source:
            made = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
            for (sql,) in source.execute(made).fetchall():
                self.connection.execute(sql)
            self.batches = list(self._rows(source, batches))

    def _rows(self, source: sqlite3.Connection, batches: Sequence[int]) -> Iterator[dict[str, Rows]]:
        [[last]] = source.execute("SELECT max(seq) FROM ledger WHERE county = ?", [COUNTY])
        states = source.execute(STATES, [COUNTY, sum(batches)]).fetchall()
        first = last - sum(batches)
        for size in batches:
            found: dict[str, Rows] = {}
            for table in BY_NUMBER:
                query = f"SELECT * FROM {table} WHERE county = ? AND seq > ? AND seq <= ?"  # noqa: S608
                found[table] = source.execute(query, [COUNTY, first, first + size]).fetchall()
            found["state"], states = states[:size], states[size:]
            index = "SELECT * FROM instrument_index WHERE instrument_id = ?"
            found["instrument_index"] = [
                row for state in found["state"] for row in source.execute(index, [state[1]])
            ]
            first += size
            yield found

    def write(self, number: int) -> None:
        """One batch, one commit."""
        with commit(self.connection):
            for table, rows in self.batches[number].items():
                if rows:
                    places = ", ".join("?" * len(rows[0]))
                    self.connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({places})", rows)  # noqa: S608


def push(folder: Path, real: Path, outbox: Path, batches: Sequence[Sequence[Sealed]], key: bytes) -> float:
    """Seconds to pack, unpack, read, check and keep the records on both sides; ``outbox`` is a copy of the phone's store before the push."""
    records, envelopes = msgspec.msgpack.Decoder(list[Sealed]), msgspec.json.Decoder(Envelope)
    server = Server(folder, real, [len(batch) for batch in batches])
    phone = sqlite3.connect(outbox, isolation_level=None)
    phone.execute("PRAGMA synchronous=FULL")
    phone.execute("PRAGMA locking_mode=EXCLUSIVE")
    phone.execute("PRAGMA journal_mode=TRUNCATE")

    def check(some: Sequence[Sealed]) -> bool:
        return all(signature_holds(key, record_message(each.digest), each.signature) for each in some)

    with ThreadPoolExecutor(os.cpu_count()) as threads, closing(server.connection), closing(phone):
        watch = Stopwatch()
        for number, batch in enumerate(batches):
            message = gzip.compress(msgspec.msgpack.encode(batch), 6)
            digests = [(sealed.digest,) for sealed in batch]
            with commit(phone):
                phone.executemany("UPDATE record SET sent = 1 WHERE digest = ?", digests)
            arrived = records.decode(gzip.decompress(message))
            for sealed in arrived:
                envelopes.decode(sealed.body)
            parts = [arrived[start : start + TOGETHER] for start in range(0, len(arrived), TOGETHER)]
            assert all(threads.map(check, parts))
            server.write(number)
            with commit(phone):
                phone.executemany(
                    "UPDATE record SET offered = 0, status = 'accepted', ruling = digest WHERE digest = ?",
                    digests,
                )
        return watch.seconds()


def pull(folder: Path, real: Path, after: int = 0) -> float:
    """Seconds to read, pack, unpack and keep the states behind a number, in the phone's own tables, one commit a page."""
    changes = msgspec.msgpack.Decoder(list[Change])
    store = WorkStore(folder)
    prepare(store.database)
    target: sqlite3.Connection = store.database.conn
    with closing(sqlite3.connect(f"file:{real}?mode=ro", uri=True)) as source:
        watch = Stopwatch()
        while page := source.execute(CHANGES, (COUNTY, after, PAGE)).fetchall():
            after = page[-1][2]
            found = [Change(kind, subject, COUNTY, number, state) for kind, subject, number, state in page]
            arrived = changes.decode(gzip.decompress(gzip.compress(msgspec.msgpack.encode(found), 1)))
            rows = [
                rows_of(one.subject, COUNTY, 0, one.subject_type, one.state or b"{}")[0] for one in arrived
            ]
            with store.database.atomic():
                target.executemany(INSERT, rows)
        seconds = watch.seconds()
    store.close()
    return seconds
