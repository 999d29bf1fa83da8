"""Unfinished work, small settings, and the files that wait to be uploaded."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlite_utils import Database

from mobile.store.schema import Flush
from mobile.workflow.ports import KeptCode, StoredDraft
from sync.ports import Attachment, FilesLeft


class PhoneDrafts:
    """:class:`mobile.workflow.ports.Drafts` on SQLite."""

    def __init__(self, database: Database, flush: Flush) -> None:
        self._database = database
        self._flush = flush

    async def save(self, draft: StoredDraft) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO draft (draft_id, author, kind, subject, saved_at, sealed) VALUES (?, ?, ?, ?, ?, ?)",
            [
                draft.draft_id,
                draft.author,
                draft.kind,
                draft.subject,
                draft.saved_at.isoformat(),
                draft.sealed,
            ],
        )
        await self._flush()

    async def get(self, draft_id: str) -> StoredDraft | None:
        return next(iter(self._read("draft_id = ?", draft_id)), None)

    async def of(self, author: str) -> list[StoredDraft]:
        return self._read("author = ?", author)

    async def drop(self, draft_id: str) -> None:
        self._database.execute("DELETE FROM draft WHERE draft_id = ?", [draft_id])
        await self._flush()

    def _read(self, where: str, value: str) -> list[StoredDraft]:
        rows = self._database.execute(
            f"SELECT draft_id, author, kind, subject, saved_at, sealed FROM draft WHERE {where} ORDER BY rowid DESC",  # noqa: S608
            [value],
        )
        return [
            StoredDraft(
                draft_id=draft_id,
                author=author,
                kind=kind,
                subject=subject,
                saved_at=datetime.fromisoformat(saved_at),
                sealed=sealed,
            )
            for draft_id, author, kind, subject, saved_at, sealed in rows
        ]


class PhoneKeptCodes:
    """:class:`mobile.workflow.ports.KeptCodes` on SQLite."""

    def __init__(self, database: Database, flush: Flush) -> None:
        self._database = database
        self._flush = flush

    async def keep(self, code: KeptCode) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO kept_code (digest, kept_at, sealed) VALUES (?, ?, ?)",
            [code.digest, code.kept_at.isoformat(), code.sealed],
        )
        await self._flush()

    async def all(self) -> list[KeptCode]:
        rows = self._database.execute("SELECT digest, kept_at, sealed FROM kept_code ORDER BY position DESC")
        return [
            KeptCode(digest=digest, kept_at=datetime.fromisoformat(kept_at), sealed=sealed)
            for digest, kept_at, sealed in rows
        ]

    async def drop(self, digest: str) -> None:
        self._database.execute("DELETE FROM kept_code WHERE digest = ?", [digest])
        await self._flush()


class PhoneSettings:
    """:class:`mobile.workflow.ports.Settings` on SQLite."""

    def __init__(self, database: Database, flush: Flush) -> None:
        self._database = database
        self._flush = flush

    async def get(self, name: str) -> str:
        found = self._database.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        return str(found[0]) if found else ""

    async def put(self, values: dict[str, str]) -> None:
        with self._database.atomic():
            for name, value in values.items():
                if value:
                    self._database.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, value])
                else:
                    self._database.execute("DELETE FROM setting WHERE name = ?", [name])
        await self._flush()


class PhoneAttachments:
    """:class:`sync.ports.Attachments` on SQLite."""

    def __init__(self, database: Database, flush: Flush) -> None:
        self._database = database
        self._flush = flush

    async def waiting(self, limit: int, without: Collection[str] = ()) -> list[Attachment]:
        rows = self._database.execute(
            "SELECT digest, size, media_type, record_id FROM attachment AS file WHERE state = 'waiting' AND EXISTS"
            " (SELECT 1 FROM record WHERE record.record_id = file.record_id AND record.status <> '')"
            " ORDER BY position LIMIT ?",
            [limit + len(without)],
        )
        return [Attachment(*row) for row in rows if row[0] not in without][:limit]

    async def unsent(self) -> list[Attachment]:
        rows = self._database.execute(
            "SELECT digest, size, media_type, record_id FROM attachment WHERE state = 'waiting' ORDER BY position"
        )
        return [Attachment(*row) for row in rows]

    async def uploaded(self, digest: str) -> None:
        await self._note(digest, "uploaded", "")

    async def failed(self, digest: str, code: str) -> None:
        await self._note(digest, "failed", code)

    async def later(self, digest: str) -> None:
        self._database.execute(
            "UPDATE attachment SET position = (SELECT max(position) + 1 FROM attachment) WHERE digest = ?",
            [digest],
        )
        await self._flush()

    async def left(self) -> dict[str, FilesLeft]:
        rows = self._database.execute(
            "SELECT record_id, sum(state = 'waiting'), sum(state = 'failed') FROM attachment"
            " WHERE state <> 'uploaded' GROUP BY record_id"
        )
        return {record_id: FilesLeft(waiting, failed) for record_id, waiting, failed in rows}

    async def counts(self) -> dict[str, int]:
        """How many files there are by state: ``waiting``, ``uploaded``, ``failed``."""
        return dict(
            self._database.execute("SELECT state, count(*) FROM attachment GROUP BY state").fetchall()
        )

    async def _note(self, digest: str, state: str, code: str) -> None:
        self._database.execute(
            "UPDATE attachment SET state = ?, code = ? WHERE digest = ?", [state, code, digest]
        )
        await self._flush()
