"""The tables of ``work.db`` and how an older file is brought up to date.

``PRAGMA user_version`` counts the migrations that a file has had. A migration that has shipped is never edited; the next one is added.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlite_utils import Database

from shared.instrument import serial_key
from sync.pack import ALIASES, STATES

Flush = Callable[[], Awaitable[None]]
"""Awaited after each commit: where the file system writes behind (IDBFS), it writes now."""

MIGRATIONS = [
    """
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE chain (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        chain TEXT NOT NULL UNIQUE,
        sequence INTEGER NOT NULL,
        digest TEXT NOT NULL,
        retired TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE record (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        record_id TEXT NOT NULL,
        digest TEXT NOT NULL UNIQUE,
        chain TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        kind TEXT NOT NULL,
        county TEXT NOT NULL,
        author TEXT NOT NULL,
        observed_at TEXT NOT NULL,
        body BLOB NOT NULL,
        sealed BLOB NOT NULL,
        size INTEGER NOT NULL,
        sent INTEGER NOT NULL DEFAULT 0,
        offered INTEGER NOT NULL DEFAULT 1,
        status TEXT NOT NULL DEFAULT '',
        ruling BLOB,
        UNIQUE (chain, sequence)
    );
    CREATE INDEX record_id ON record (record_id);
    CREATE INDEX record_offered ON record (position) WHERE offered;
    CREATE TABLE record_subject (subject TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (subject, position));
    CREATE TABLE draft (
        draft_id TEXT PRIMARY KEY,
        author TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        saved_at TEXT NOT NULL,
        sealed BLOB NOT NULL
    );
    CREATE TABLE attachment (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        digest TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        media_type TEXT NOT NULL,
        record_id TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        code TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE cursor (county TEXT PRIMARY KEY, cursor TEXT NOT NULL);
    """
    + STATES,
    """
    CREATE TABLE pack (county TEXT PRIMARY KEY, slot TEXT NOT NULL, pack BLOB NOT NULL);
    CREATE TABLE gone (subject TEXT NOT NULL, county TEXT NOT NULL, PRIMARY KEY (subject, county)) WITHOUT ROWID;
    CREATE TABLE fetching (county TEXT PRIMARY KEY, digest TEXT NOT NULL);
    """,
    """
    CREATE TABLE ledger_head (county TEXT NOT NULL, verified INTEGER NOT NULL, head BLOB NOT NULL, PRIMARY KEY (county, verified));
    CREATE TABLE ledger_evidence (position INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, evidence BLOB NOT NULL);
    ALTER TABLE record ADD COLUMN proven INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX record_unproven ON record (county, position) WHERE proven = 0;
    """,
    ALIASES  # noqa: S608  texts of ours
    + """;
    INSERT OR IGNORE INTO alias SELECT subject, county, own, value
        FROM state, json_each(CAST(state.state AS TEXT), '$.aliases') WHERE subject_type = 'instrument';
    CREATE TABLE kept_code (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        digest TEXT NOT NULL UNIQUE,
        kept_at TEXT NOT NULL,
        sealed BLOB NOT NULL
    );
    """,
    """
    ALTER TABLE record ADD COLUMN handed_over INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE carried (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        digest TEXT NOT NULL UNIQUE,
        header BLOB NOT NULL,
        size INTEGER NOT NULL,
        problem BLOB,
        bundle BLOB NOT NULL
    );
    """,
    """
    UPDATE state SET serial = serial_key(coalesce(json_extract(CAST(state AS TEXT), '$.serial_number'), ''))
        WHERE subject_type IN ('instrument', 'standard');
    """,
]
"""``alias``: by which codes of others a row of ``state`` is found; ``record.offered``: waits to be pushed; ``record.proven``: 1 when its place on the signed
ledger was verified, -1 when it was found missing there; ``pack``: the slot that a county stands on; ``gone``: subjects of its pack that have left the county
since; ``fetching``: the digest of the pack that is half here; ``record.handed_over``: somebody else carries it to the office; ``carried``: what this phone carries
for others."""


def prepare(database: Database) -> None:
    """Sets what every connection needs and migrates; a file of a newer app fails clearly and stays as it is."""
    for pragma in (
        "locking_mode=EXCLUSIVE",
        "journal_mode=TRUNCATE",
        "synchronous=FULL",
        "temp_store=MEMORY",
    ):
        database.execute(f"PRAGMA {pragma}").fetchall()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise RuntimeError(
            f"The phone's store has format {version}, and this app knows {len(MIGRATIONS)}. Update the app; nothing was changed."
        )
    database.conn.create_function("serial_key", 1, serial_key, deterministic=True)
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        with database.atomic():
            for statement in script.split(";"):
                if statement.strip():
                    database.execute(statement)
            database.execute(f"PRAGMA user_version={number}")
