"""What must hold when all is quiet, looked up in the files alone.

1. Every record that a phone committed is on the ledger exactly once, byte for byte, and nothing is held or refused.
2. Every record that a phone said it had written, or that the server had ruled on, is still there on both sides.
3. Nothing counts twice: identities, inspections and the counters' numbers are as many as there are records.
4. Every phone's mirror is the server's states; nothing of its own lies over them.
5. Chains link up on both sides, none is retired or forked, and the server's heads are the phones'.
6. A file is whole at the server if and only if its bytes hash to its name, and every photo of a phone is there.
7. ``quanheng verify-ledger`` and ``quanheng rebuild --check`` find nothing.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from server.store.database import Database
from shared.identity import digest_of
from sync.envelope import read_body
from tests.journeys.office import ROOT
from tests.kills.storm import COUNTIES, PHONES, Storm

STORED = {"accepted", "duplicate", "conflicting"}


@dataclass
class Found:
    """What there was to check."""

    records: int = 0
    told_written: int = 0
    told_ruled: int = 0
    states: int = 0
    files: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    """What the commands said."""


class Office:
    """The server's tables, read."""

    def __init__(self, storm: Storm) -> None:
        self._database = Database(storm.database_url or f"sqlite:///{storm.data / 'quanheng.db'}")
        self.storm = storm

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self._database.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

    def close(self) -> None:
        self._database.close()


def check(storm: Storm) -> Found:
    """Raises AssertionError with what does not hold."""
    found = Found()
    with closing(Office(storm)) as office:
        ledger = nothing_counts_twice(office, found)
        own: set[str] = set()
        for number in range(PHONES):
            path = storm.phone_folder(number) / "work.db"
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as phone:
                own |= nothing_is_lost(storm, number, phone, ledger, found)
                mirror_is_equal(office, number, phone)
                chain_links_up(office, number, phone)
                files_have_arrived(office, number, phone)
        assert own == ledger.keys(), "the ledger holds a record of nobody"
        files_are_whole(office, found)
        found.states = office.rows("SELECT count(*) FROM state WHERE state IS NOT NULL")[0][0]
    found.said = [command(storm, "verify-ledger"), command(storm, "rebuild", "--check")]
    return found


def nothing_counts_twice(office: Office, found: Found) -> dict[str, bytes]:
    """The ledger's bytes by digest, after a look at its numbers."""
    rows = office.rows("SELECT county, seq, record_id, digest, body FROM ledger ORDER BY county, seq")
    ledger = {digest: bytes(body) for *_place, digest, body in rows}
    assert len(ledger) == len(rows) == len({record for _county, _seq, record, *_rest in rows}), (
        "a record stands on the ledger twice"
    )
    for digest, body in ledger.items():
        assert digest_of(body) == digest, "the ledger's bytes are not those of the digest"
    assert not office.rows("SELECT digest FROM intake"), "a record is held or refused"
    identities = office.rows("SELECT county, seq, record_id, digest FROM record_identity ORDER BY 1, 2")
    assert identities == [row[:4] for row in rows], "identities and ledger differ"
    counters = dict(office.rows("SELECT county, ledger_seq FROM county_counter"))
    assert Counter(row[0] for row in rows) == Counter(counters), "the ledger's numbers have a gap"
    inspections = [row[2] for row in rows if b'"inspection.recorded"' in bytes(row[4])]
    indexed = [record for (record,) in office.rows("SELECT record_id FROM inspection_index")]
    assert sorted(indexed) == sorted(inspections), "inspections are counted that are none, or not counted"
    found.records = len(rows)
    return ledger


def nothing_is_lost(
    storm: Storm, number: int, phone: sqlite3.Connection, ledger: dict[str, bytes], found: Found
) -> set[str]:
    """The digests of the phone's records, each of which is on the ledger as it is on the phone."""
    rows = phone.execute("SELECT digest, body, status, offered FROM record").fetchall()
    for digest, body, status, offered in rows:
        assert ledger.get(digest) == body, (
            f"a record of phone {number} is not on the ledger as it was written"
        )
        assert status in STORED, f"a record of phone {number} reads {status}"
        assert not offered, f"phone {number} still offers a record"
        found.statuses[status] += 1
    own = {row[0] for row in rows}
    assert storm.wrote[number] <= own, f"phone {number} has lost a record that it had committed"
    assert storm.ruled[number] <= ledger.keys(), f"a record of phone {number} was acknowledged and is gone"
    found.told_written += len(storm.wrote[number])
    found.told_ruled += len(storm.ruled[number])
    return own


def mirror_is_equal(office: Office, number: int, phone: sqlite3.Connection) -> None:
    """The phone shows what the server has."""
    query = "SELECT county, subject, state FROM {} ORDER BY county, subject"
    server = [
        (county, subject, bytes(state))
        for county, subject, state in office.rows(query.format("state WHERE state IS NOT NULL"))
    ]
    mirror = phone.execute(query.format("state WHERE own = 0")).fetchall()
    assert mirror == server, f"the mirror of phone {number} differs"
    shown = {row[:2] for row in server}
    over = set(phone.execute("SELECT county, subject FROM state WHERE own = 1").fetchall())
    assert not over & shown, f"phone {number} still shows its own state over the server's"
    cursors = [county for (county,) in phone.execute("SELECT county FROM cursor ORDER BY county")]
    assert cursors == COUNTIES


def chain_links_up(office: Office, number: int, phone: sqlite3.Connection) -> None:
    """One chain a phone, each record behind the one before, and the server's head is its last."""
    [(chain, sequence, digest, retired)] = phone.execute("SELECT chain, sequence, digest, retired FROM chain")
    assert not retired, f"the chain of phone {number} was retired: {retired}"
    bodies = phone.execute("SELECT digest, body FROM record ORDER BY sequence").fetchall()
    envelopes = [read_body(body) for _digest, body in bodies]
    assert [each.sequence for each in envelopes] == list(range(1, sequence + 1))
    for (before, _body), after in pairwise(zip([row[0] for row in bodies], envelopes, strict=True)):
        assert after[1].previous == before
    assert bodies[-1][0] == digest
    columns = "sequence, digest, count, forked"
    [head] = office.rows(f"SELECT {columns} FROM chain_head WHERE chain = '{chain}'")  # noqa: S608  an id of ours
    assert (*head[:3], bool(head[3])) == (sequence, digest, sequence, False), (
        f"the server holds another chain of phone {number}"
    )


def files_have_arrived(office: Office, number: int, phone: sqlite3.Connection) -> None:
    """Every photo of a phone has gone and is at the server under its name."""
    whole = {digest for (digest,) in office.rows("SELECT digest FROM attachment")}
    for digest, state in phone.execute("SELECT digest, state FROM attachment"):
        assert state == "uploaded", f"a photo of phone {number} is {state}"
        assert digest in whole, f"a photo of phone {number} is not at the server"


def files_are_whole(office: Office, found: Found) -> None:
    """What is said to be whole has the bytes that its name says, and there are no other files."""
    folder = office.storm.data / "attachments"
    sizes = dict(office.rows("SELECT digest, size FROM attachment"))
    for digest, size in sizes.items():
        content = (folder / digest[:2] / digest).read_bytes()
        assert (len(content), digest_of(content)) == (size, digest), "a file is not what its name says"
    there = {path.name for path in folder.glob("??/*")}
    assert there == sizes.keys(), "a file lies there that nobody knows to be whole"
    assert not office.rows("SELECT digest FROM upload"), "an upload is still under way"
    found.files = len(sizes)


def command(storm: Storm, *words: str) -> str:
    """What a command of the server says; it must end with 0."""
    ended = subprocess.run(
        [sys.executable, "-m", "server.cli", *words],
        cwd=ROOT,
        env=os.environ | storm.environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, f"{' '.join(words)}: {ended.stdout[-1000:]}{ended.stderr[-1000:]}"
    return " · ".join(ended.stdout.strip().splitlines())
