"""One record of a batch and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from server.services.projecting import Projected
from shared.errors import Problem
from sync.chain import ChainNote
from sync.intake import Judgement, Opened
from sync.messages import Ruling, Status


@dataclass
class Applied:
    """A record that goes onto the ledger with this batch."""

    record: Opened
    projected: Projected
    note: ChainNote
    doubtful: bool
    received_at: str


@dataclass
class Entry:
    """One record of the batch and what became of it."""

    record: Opened
    judgement: Judgement
    arrived_at: str
    """When its bytes came, which for a record that was held is before this batch."""
    device: str
    """That handed it in."""
    filed_in: str
    """The county whose office sees it while it is held or refused; a refused record may claim any."""
    before: str = ""
    """The status that it had before this batch, if it was held or refused."""
    note: ChainNote = ChainNote.NONE
    applied: Applied | None = None
    conflicts: bool = False
    """It is on the ledger, and a person must look."""
    number: int | None = None

    def dispute(self, problem: Problem | None) -> None:
        """It is on the ledger, and a person must look, for this reason; the first one that is found is told."""
        if not self.conflicts:
            self.conflicts = True
            self.judgement = msgspec.structs.replace(self.judgement, problem=problem)

    @property
    def is_told_later(self) -> bool:
        """Whether the phone must hear of it by pull too: the ruling changed, or a person must look, and the answer may be lost."""
        status = self.ruling().status
        if status is Status.CONFLICTING:
            return True
        return bool(self.before) and status is not Status.DUPLICATE and status.value != self.before

    def ruling(self) -> Ruling:
        """The ruling, once the numbers are taken."""
        envelope = self.record.envelope
        status = self.judgement.status
        if self.applied and self.conflicts:
            status = Status.CONFLICTING
        return Ruling(
            envelope.record_id,
            self.record.digest,
            status,
            envelope.county,
            self.number,
            self.judgement.problem,
        )
