"""The bundles of other phones that this one carries to the office."""

from __future__ import annotations

import msgspec
from sqlite_utils import Database

from mobile.store.schema import Flush
from shared.errors import Problem
from sync.handover import Header
from sync.ports import Carrying

HEADER = msgspec.msgpack.Decoder(Header)
PROBLEM = msgspec.msgpack.Decoder(Problem)


class PhoneCarried:
    """:class:`sync.ports.Carried` on SQLite."""

    def __init__(self, database: Database, flush: Flush) -> None:
        self._database = database
        self._flush = flush

    async def keep(self, bundle: Carrying, content: bytes) -> None:
        self._database.execute(
            "INSERT OR IGNORE INTO carried (digest, header, size, bundle) VALUES (?, ?, ?, ?)",
            [bundle.digest, msgspec.msgpack.encode(bundle.header), bundle.size, content],
        )
        await self._flush()

    async def all(self) -> list[Carrying]:
        rows = self._database.execute("SELECT digest, header, size, problem FROM carried ORDER BY position")
        return [
            Carrying(
                digest=digest,
                header=HEADER.decode(header),
                size=size,
                problem=PROBLEM.decode(problem) if problem else None,
            )
            for digest, header, size, problem in rows
        ]

    async def content(self, digest: str) -> bytes:
        found = self._database.execute("SELECT bundle FROM carried WHERE digest = ?", [digest]).fetchone()
        return bytes(found[0]) if found else b""

    async def declined(self, digest: str, problem: Problem) -> None:
        self._database.execute(
            "UPDATE carried SET problem = ? WHERE digest = ?", [msgspec.msgpack.encode(problem), digest]
        )
        await self._flush()

    async def drop(self, digest: str) -> None:
        self._database.execute("DELETE FROM carried WHERE digest = ?", [digest])
        await self._flush()
