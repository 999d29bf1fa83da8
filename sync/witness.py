"""The phone as a witness of the office's ledger: it keeps the last head that it verified, and what speaks against a later one.

Nothing here keeps a sync from going on, and nothing is decided where the office gave no answer: the next sync asks again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlencode

import msgspec

from shared.clock import Clock
from shared.identity import Digest
from sync.calls import Calls, RefusedError
from sync.merkle import is_consistent, is_included, leaf_of
from sync.messages import MAX_PROOFS, Consistency, Inclusions, LedgerHead
from sync.ports import Signer


class Fault(StrEnum):
    """What is wrong between two heads, or with one."""

    CHANGED = "changed"
    """Both heads are signed for one generation, and the later does not continue the earlier: records were changed, dropped or moved."""
    RESTORED = "restored"
    """The office says that its store was restored from a backup, and its ledger does not continue what it had signed before. No accusation."""
    UNSIGNED = "unsigned"
    """The head is not signed by the office's key, which was pinned at enrolment."""
    WITHHELD = "withheld"
    """The office had signed a head, and shows none any more."""
    MISSING = "missing"
    """A record that the office said it had accepted is not on the ledger that it signed."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the phone holds against the office's ledger: the statements themselves, for anyone who has the office's public key to check."""

    fault: Fault
    county: str
    noticed_at: datetime
    kept: LedgerHead | None = None
    """The head that was verified before."""
    shown: LedgerHead | None = None
    """The head that the office showed now."""
    path: list[bytes] = []
    """The proof that it gave."""
    digest: str = ""
    """Of the missing record."""
    office_key: bytes = b""

    @property
    def key(self) -> str:
        """What makes it another piece of evidence than one that is kept already."""
        if self.fault is Fault.UNSIGNED:
            return f"{self.fault} {self.county}"
        heads = [said(head) for head in (self.kept, self.shown) if head and not self.digest]
        return f"{self.fault} {self.county} {self.digest} {heads}"


class Own(msgspec.Struct, frozen=True):
    """A record of this phone's that the office says is on its ledger."""

    record_id: str
    digest: Digest
    ledger_seq: int | None


class Witnessed(Protocol):
    """What the phone keeps as a witness; every call that writes is one committed transaction."""

    async def heads(self) -> dict[str, LedgerHead]:
        """The last verified head of each county."""
        ...

    async def keep(self, head: LedgerHead, evidence: Evidence | None = None) -> None:
        """This head is the one to compare with from now on; ``evidence`` of what spoke against it is kept with it, once."""
        ...

    async def note(self, evidence: Evidence) -> None:
        """Keeps evidence, once, and the last verified head as it is."""
        ...

    async def evidence(self) -> list[Evidence]:
        """All that was noted, the oldest first."""
        ...

    async def unproven(self, county: str, limit: int) -> list[Own]:
        """The oldest own records that were ruled to be on the county's ledger and whose inclusion was not looked at yet."""
        ...

    async def proven(self, included: Iterable[str], missing: Iterable[Evidence]) -> None:
        """Marks records by their digests: their inclusion was verified, or is found missing."""
        ...


@dataclass(frozen=True)
class Witness:
    """Checks what one sync heard of the office's ledgers."""

    calls: Calls
    signer: Signer
    witnessed: Witnessed
    clock: Clock
    office_key: bytes
    generation: str
    """The office's, as it greeted: what it ruled before it was restored is not looked for on the ledger of another generation."""

    async def check(self, heard: dict[str, LedgerHead], counties: Iterable[str]) -> None:
        """``heard`` is the newest head of each county that this sync was shown, ``counties`` those of which it must have been shown one."""
        kept = await self.witnessed.heads()
        for county in sorted(set(counties)):
            head, last = heard.get(county), kept.get(county)
            if head is None:
                if last is not None:
                    await self.witnessed.note(self._evidence(Fault.WITHHELD, last, None))
            elif await self._may_be_kept(last, head) and head.generation == self.generation:
                await self._look_for_own(head)

    async def _may_be_kept(self, last: LedgerHead | None, head: LedgerHead) -> bool:
        """Compares a head with the last verified one and keeps what comes of it; False where nothing can be built on the head (yet)."""
        if last is not None and said(last) == said(head):
            return True
        if not await self.signer.verify(self.office_key, head.message, head.signature):
            await self.witnessed.note(self._evidence(Fault.UNSIGNED, last, head))
            return False
        if last is None:
            await self.witnessed.keep(head)
            return True
        path: list[bytes] | None = []
        if 0 < last.size < head.size:
            path = await self._path(last, head)
        if path is None:
            return False
        roots = (bytes.fromhex(last.root), bytes.fromhex(head.root))
        if is_consistent(last.size, head.size, *roots, path):
            await self.witnessed.keep(head)
            return True
        fault = Fault.CHANGED if last.generation == head.generation else Fault.RESTORED
        await self.witnessed.keep(head, self._evidence(fault, last, head, path))
        return True

    async def _path(self, last: LedgerHead, head: LedgerHead) -> list[bytes] | None:
        """The proof that one continues the other; None where the office gave none, or was restored again meanwhile."""
        asked = urlencode({"first": last.size, "second": head.size})
        try:
            proof = await self.calls.get(f"/ledger/{head.county}/consistency?{asked}", Consistency)
        except RefusedError:
            return None
        return list(proof.path) if proof.generation == head.generation else None

    async def _look_for_own(self, head: LedgerHead) -> None:
        """Verifies that own records are on the ledger that the head is of: each once, a bounded number in a sync."""
        own = {
            one.record_id: one
            for one in await self.witnessed.unproven(head.county, MAX_PROOFS)
            if (one.ledger_seq or 0) <= head.size
        }
        if not own:
            return
        asked = urlencode({"size": head.size, "record": sorted(own)}, doseq=True)
        try:
            answer = await self.calls.get(f"/ledger/{head.county}/inclusion?{asked}", Inclusions)
        except RefusedError:
            return
        if answer.generation != head.generation:
            return
        root = bytes.fromhex(head.root)
        included = {
            proof.digest
            for proof in answer.proofs
            if is_included(
                proof.seq - 1, head.size, leaf_of(head.county, proof.seq, proof.digest), proof.path, root
            )
        }
        missing = [one.digest for one in own.values() if one.digest not in included]
        await self.witnessed.proven(
            [one.digest for one in own.values() if one.digest in included],
            [self._evidence(Fault.MISSING, None, head, digest=digest) for digest in missing],
        )

    def _evidence(
        self,
        fault: Fault,
        kept: LedgerHead | None,
        shown: LedgerHead | None,
        path: list[bytes] | None = None,
        digest: str = "",
    ) -> Evidence:
        one = kept or shown
        return Evidence(
            fault=fault,
            county=one.county if one else "",
            noticed_at=self.clock.now(),
            kept=kept,
            shown=shown,
            path=path or [],
            digest=digest,
            office_key=self.office_key,
        )


def said(head: LedgerHead) -> tuple[str, int, str, str]:
    """What a head says of the ledger; one that was signed anew says the same."""
    return (head.county, head.size, head.root, head.generation)
