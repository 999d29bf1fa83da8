"""What the phone keeps as a witness of the office's ledger."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlite_utils import Database

from mobile.store.schema import Flush
from sync.messages import LedgerHead, Ruling
from sync.witness import Before, Evidence, Own

_head = msgspec.msgpack.Decoder(LedgerHead)
_evidence = msgspec.msgpack.Decoder(Evidence)
_ruling = msgspec.json.Decoder(Ruling)


class PhoneWitnessed:
    """:class:`sync.witness.Witnessed` on SQLite."""

    def __init__(self, database: Database, flush: Flush) -> None:
        self._database = database
        self._flush = flush

    async def heads(self) -> dict[str, Before]:
        found: dict[str, Before] = {}
        for county, verified, head in self._database.execute(
            "SELECT county, verified, head FROM ledger_head"
        ):
            name = "verified" if verified else "doubted"
            found[county] = msgspec.structs.replace(found.get(county, Before()), **{name: _head.decode(head)})
        return found

    async def keep(self, head: LedgerHead, evidence: Iterable[Evidence] = ()) -> None:
        with self._database.atomic():
            for one in evidence:
                self._add(one)
            self._database.execute("DELETE FROM ledger_head WHERE county = ?", [head.county])
            self._database.execute(
                "INSERT INTO ledger_head VALUES (?, 1, ?)", [head.county, msgspec.msgpack.encode(head)]
            )
        await self._flush()

    async def doubt(self, head: LedgerHead) -> None:
        self._database.execute(
            "INSERT OR IGNORE INTO ledger_head VALUES (?, 0, ?)", [head.county, msgspec.msgpack.encode(head)]
        )
        await self._flush()

    async def note(self, evidence: Evidence) -> None:
        self._add(evidence)
        await self._flush()

    async def evidence(self) -> list[Evidence]:
        rows = self._database.execute("SELECT evidence FROM ledger_evidence ORDER BY position")
        return [_evidence.decode(evidence) for (evidence,) in rows]

    async def unproven(self, county: str, limit: int) -> list[Own]:
        rows = self._database.execute(
            "SELECT record_id, digest, ruling FROM record WHERE proven = 0 AND county = ? AND NOT offered"
            " AND status IN ('accepted', 'duplicate', 'conflicting') ORDER BY position LIMIT ?",
            [county, limit],
        )
        return [
            Own(record_id, digest, _ruling.decode(ruling).ledger_seq) for record_id, digest, ruling in rows
        ]

    async def proven(self, included: Iterable[str], missing: Iterable[Evidence]) -> None:
        with self._database.atomic():
            self._database.conn.executemany(
                "UPDATE record SET proven = 1 WHERE digest = ?", [(digest,) for digest in included]
            )
            for evidence in missing:
                self._database.execute("UPDATE record SET proven = -1 WHERE digest = ?", [evidence.digest])
                self._add(evidence)
        await self._flush()

    def _add(self, evidence: Evidence) -> None:
        self._database.execute(
            "INSERT OR IGNORE INTO ledger_evidence (key, evidence) VALUES (?, ?)",
            [evidence.key, msgspec.msgpack.encode(evidence)],
        )
