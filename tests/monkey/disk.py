"""The phone's own file, found in the browser's profile and read without the app: what truly lies on the phone."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from mobile.workflow.outbox_view import number_of
from sync.envelope import read_body

SQLITE = b"SQLite format 3\x00"
TRIES = 4
JOURNAL = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"


@dataclass(frozen=True)
class Kept:
    """A record as it lies on the phone."""

    record_id: str
    digest: str
    chain: str
    sequence: int
    previous: str
    kind: str
    body: bytes
    status: str
    offered: bool

    @property
    def number(self) -> str:
        return number_of(self.record_id)


@dataclass(frozen=True)
class Draft:
    """Unfinished work as it lies on the phone; what it says is sealed."""

    draft_id: str
    kind: str


def work_file(profile: Path) -> tuple[Path, Path | None]:
    """The phone's ``work.db`` among the browser's nameless files, and the journal of a transaction that was cut off, if there is one."""
    files = sorted((profile / "Default" / "File System").glob("*/t/*/*"))
    heads = {path: path.open("rb").read(16) for path in files if path.is_file()}
    works = [path for path, head in heads.items() if head == SQLITE and _has_drafts(path)]
    assert len(works) == 1, f"the profile holds {len(works)} stores"
    journals = [path for path, head in heads.items() if head[:8] == JOURNAL]
    return works[0], journals[0] if journals else None


def _has_drafts(path: Path) -> bool:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as looked:
        return bool(looked.execute("SELECT 1 FROM sqlite_master WHERE name = 'draft'").fetchone())


def look(profile: Path) -> tuple[list[Kept], list[Draft]]:
    """Every record and draft. A living app may write while its file is copied: what does not fit together is copied again."""
    for _try in range(TRIES - 1):
        with suppress(sqlite3.DatabaseError, AssertionError):
            return copied(profile)
    return copied(profile)


def copied(profile: Path) -> tuple[list[Kept], list[Draft]]:
    """What a copy holds; an unfinished transaction is rolled back there, as the app would do it."""
    work, journal = work_file(profile)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "work.db"
        shutil.copyfile(work, copy)
        if journal:
            shutil.copyfile(journal, copy.with_name("work.db-journal"))
        with closing(sqlite3.connect(copy)) as phone:
            assert phone.execute("PRAGMA integrity_check").fetchone() == ("ok",), (
                "the phone's store is damaged"
            )
            records = phone.execute(
                "SELECT digest, body, status, offered FROM record ORDER BY position"
            ).fetchall()
            drafts = phone.execute("SELECT draft_id, kind FROM draft ORDER BY draft_id").fetchall()
    return [kept_of(*row) for row in records], [Draft(*row) for row in drafts]


def kept_of(digest: str, body: bytes, status: str, offered: int) -> Kept:
    envelope = read_body(body)
    return Kept(
        envelope.record_id,
        digest,
        envelope.chain,
        envelope.sequence,
        envelope.previous or "",
        envelope.kind,
        bytes(body),
        status,
        bool(offered),
    )
