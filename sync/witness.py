"""The phone as a witness of the office's ledger: it keeps the last head that it verified, and what speaks against a later one.

Nothing here keeps a sync from going on, and nothing is decided where the office gave no answer: the next sync asks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


class Before(msgspec.Struct, frozen=True):
    """What the office had signed of one county as far as this phone heard."""

    verified: LedgerHead | None = None
    """The last head that was compared with the one before."""
    doubted: LedgerHead | None = None
    """A signed head for which the office gave no proof when it showed it: what it shows later must continue this one too."""


class Witnessed(Protocol):
    """What the phone keeps as a witness; every call that writes is one committed transaction."""

    async def heads(self) -> dict[str, Before]:
        """The heads to compare with, by county."""
        ...

    async def keep(self, head: LedgerHead, evidence: Iterable[Evidence] = ()) -> None:
        """This head is the one to compare with from now on; ``evidence`` of what spoke against it is kept with it, once."""
        ...

    async def doubt(self, head: LedgerHead) -> None:
        """Keeps a head that could not be compared, beside the last verified one; the first such stays."""
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

    async def check(self, heard: Mapping[str, Sequence[LedgerHead]], counties: Iterable[str]) -> None:
        """``heard`` are the heads of each county that this sync was shown, in that order; of each of ``counties`` it must have been shown one."""
        for county in sorted(set(counties)):
            heads = heard.get(county, ())
            if not heads:
                await self._miss(county)
                continue
            builds = [await self._may_be_kept(head) for head in heads]
            if builds[-1] and heads[-1].generation == self.generation:
                await self._look_for_own(heads[-1])

    async def _miss(self, county: str) -> None:
        """No head was shown: that is noted where there was one before."""
        before = (await self.witnessed.heads()).get(county, Before())
        if before.verified:
            await self.witnessed.note(self._evidence(Fault.WITHHELD, before.verified, None))

    async def _may_be_kept(self, head: LedgerHead) -> bool:
        """Compares a head with those before and keeps what comes of it; False where nothing can be built on the head (yet)."""
        before = (await self.witnessed.heads()).get(head.county, Before())
        if before.verified and not before.doubted and said(before.verified) == said(head):
            return True
        if not await self.signer.verify(self.office_key, head.message, head.signature):
            await self.witnessed.note(self._evidence(Fault.UNSIGNED, before.verified, head))
            return False
        against = []
        for earlier in (before.verified, before.doubted):
            if earlier is None:
                continue
            path = await self._path(earlier, head)
            if path is None:
                await self.witnessed.doubt(head)
                return False
            roots = (bytes.fromhex(earlier.root), bytes.fromhex(head.root))
            if not is_consistent(earlier.size, head.size, *roots, path):
                fault = Fault.CHANGED if earlier.generation == head.generation else Fault.RESTORED
                against.append(self._evidence(fault, earlier, head, path))
        await self.witnessed.keep(head, against)
        return True

    async def _path(self, earlier: LedgerHead, head: LedgerHead) -> list[bytes] | None:
        """The proof that one continues the other; None where the office gave none, or was restored meanwhile."""
        if not 0 < earlier.size < head.size:
            return []
        asked = urlencode({"first": earlier.size, "second": head.size})
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
