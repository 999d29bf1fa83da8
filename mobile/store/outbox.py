"""The phone's own records: the chain that is written to, the bytes as sealed, and what the server made of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from sqlite_utils import Database

from mobile.store.rulings import keep_rulings
from mobile.store.schema import Flush
from mobile.store.states import show_own
from mobile.workflow.ports import Kept
from shared.errors import ConflictError
from sync.envelope import Sealed, read_body
from sync.messages import Change, Ruling
from sync.ports import Attachment

RULING = msgspec.json.Decoder(Ruling)
SEALED = msgspec.msgpack.Decoder(Sealed)


class PhoneOutbox:
    """:class:`sync.ports.Outbox` and :class:`mobile.workflow.ports.Records` on SQLite."""

    def __init__(self, database: Database, flush: Flush) -> None:
        self._database = database
        self._flush = flush

    async def head(self) -> tuple[str, int, str | None]:
        found = self._database.execute(
            "SELECT chain, sequence, digest FROM chain ORDER BY position DESC LIMIT 1"
        ).fetchone()
        return tuple(found) if found else ("", 0, None)

    async def append(
        self,
        sealed: Sealed,
        sequence: int,
        previous: str | None,
        finishes: str = "",
        attachments: Sequence[Attachment] = (),
        provisional: Sequence[Change] = (),
    ) -> None:
        chain = read_body(sealed.body).chain
        with self._database.atomic():
            moved = self._database.execute(
                "UPDATE chain SET sequence = ?, digest = ? WHERE chain = ? AND sequence = ? AND digest = ? AND retired = ''"
                " AND position = (SELECT max(position) FROM chain)",
                [sequence, sealed.digest, chain, sequence - 1, previous],
            )
            if moved.rowcount != 1:
                raise ConflictError(
                    "chain_moved",
                    "Another record was added to the chain in the meantime.",
                    "Nothing is lost; the record is sealed once more behind it.",
                )
            self._keep(sealed)
            if finishes:
                self._database.execute("DELETE FROM draft WHERE draft_id = ?", [finishes])
            for attachment in attachments:
                self._database.execute(
                    "INSERT OR IGNORE INTO attachment (digest, size, media_type, record_id) VALUES (?, ?, ?, ?)",
                    [attachment.digest, attachment.size, attachment.media_type, attachment.record_id],
                )
            show_own(self._database, provisional)
        await self._flush()

    async def open_chain(self, sealed: Sealed) -> None:
        envelope = read_body(sealed.body)
        with self._database.atomic():
            self._database.execute(
                "INSERT INTO chain (chain, sequence, digest) VALUES (?, 1, ?)",
                [envelope.chain, sealed.digest],
            )
            self._keep(sealed)
        await self._flush()

    def _keep(self, sealed: Sealed) -> None:
        envelope = read_body(sealed.body)
        position = self._database.execute(
            "INSERT INTO record (record_id, digest, chain, sequence, kind, county, author, observed_at, body, sealed, size)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                envelope.record_id,
                sealed.digest,
                envelope.chain,
                envelope.sequence,
                envelope.kind,
                envelope.county,
                envelope.author,
                envelope.observed_at.isoformat(),
                sealed.body,
                msgspec.msgpack.encode(msgspec.structs.replace(sealed, body=b"")),
                len(sealed.body),
            ],
        ).lastrowid
        for subject in dict.fromkeys(envelope.subjects):
            self._database.execute("INSERT INTO record_subject VALUES (?, ?)", [subject, position])

    async def waiting(self, records: int, size: int, without: Collection[str] = ()) -> list[Sealed]:
        found: list[Sealed] = []
        rows = self._database.execute(
            "SELECT digest, body, sealed, size FROM record WHERE offered ORDER BY position LIMIT ?",
            [records + len(without)],
        )
        for digest, body, signatures, length in rows:
            if digest in without:
                continue
            size -= length
            if len(found) == records or (found and size < 0):
                break
            found.append(msgspec.structs.replace(SEALED.decode(signatures), body=body))
        return found

    async def offered(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM record WHERE offered").fetchone()[0])

    async def sent(self, digests: Sequence[str]) -> None:
        with self._database.atomic():
            self._database.conn.executemany(
                "UPDATE record SET sent = 1 WHERE digest = ?", [(digest,) for digest in digests]
            )
        await self._flush()

    async def handed_over(self, digests: Sequence[str]) -> None:
        with self._database.atomic():
            self._database.conn.executemany(
                "UPDATE record SET handed_over = 1 WHERE digest = ?", [(digest,) for digest in digests]
            )
        await self._flush()

    async def ruled(self, rulings: Sequence[Ruling]) -> None:
        with self._database.atomic():
            keep_rulings(self._database, rulings)
        await self._flush()

    async def digest_at(self, chain: str, sequence: int) -> str | None:
        found = self._database.execute(
            "SELECT digest FROM record WHERE chain = ? AND sequence = ?", [chain, sequence]
        ).fetchone()
        return str(found[0]) if found else None

    async def retire_chain(self, reason: str) -> None:
        self._database.execute(
            "UPDATE chain SET retired = ? WHERE retired = '' AND position = (SELECT max(position) FROM chain)",
            [reason],
        )
        await self._flush()

    async def retired(self) -> str:
        found = self._database.execute("SELECT retired FROM chain ORDER BY position DESC LIMIT 1").fetchone()
        return str(found[0]) if found else ""

    async def generation(self) -> str:
        found = self._database.execute("SELECT value FROM setting WHERE name = 'generation'").fetchone()
        return str(found[0]) if found else ""

    async def meet_generation(self, generation: str, offer_again: bool) -> None:
        with self._database.atomic():
            if offer_again:
                self._database.execute("UPDATE record SET offered = 1, proven = 0")
                self._database.execute(
                    "UPDATE attachment SET state = 'waiting', code = '' WHERE state = 'uploaded'"
                )
            self._database.execute("INSERT OR REPLACE INTO setting VALUES ('generation', ?)", [generation])
        await self._flush()

    async def newest(self, limit: int, before: int | None = None) -> list[Kept]:
        return self._read("position < ? ORDER BY position DESC LIMIT ?", [before or 1 << 62, limit])

    async def find(self, record_id: str) -> list[Kept]:
        return self._read("record_id = ? ORDER BY position", [record_id])

    async def by_digest(self, digest: str) -> Kept | None:
        return next(iter(self._read("digest = ?", [digest])), None)

    async def about(self, subject: str) -> list[Kept]:
        return self._read(
            "position IN (SELECT position FROM record_subject WHERE subject = ?) ORDER BY position DESC",
            [subject],
        )

    async def needing_a_person(self) -> list[Kept]:
        return self._read("status IN ('refused', 'conflicting') ORDER BY position DESC", [])

    async def counts(self) -> dict[str, int]:
        rows = self._database.execute("SELECT status, count(*) FROM record GROUP BY status")
        return {status or "waiting": number for status, number in rows}

    def _read(self, where: str, values: Sequence[str | int]) -> list[Kept]:
        rows = self._database.query(
            f"SELECT position, digest, body, ruling, sent, proven, handed_over FROM record WHERE {where}",  # noqa: S608
            values,
        )
        return [
            Kept(
                position=row["position"],
                digest=row["digest"],
                envelope=read_body(row["body"]),
                body=row["body"],
                ruling=RULING.decode(row["ruling"]) if row["ruling"] else None,
                sent=bool(row["sent"]),
                proven=row["proven"] > 0,
                handed_over=bool(row["handed_over"]),
            )
            for row in rows
        ]
