"""A device's hash chain: what a record says of its place in it, and what is odd about that.

A gap or a fork is noted and shown, and never a reason to hold or refuse a record: losing evidence would be worse.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from sync.envelope import Envelope


class ChainNote(StrEnum):
    """What is odd about a record's place in its chain."""

    NONE = ""
    GAP = "gap"
    """Records before it have not arrived (yet)."""
    FORK = "fork"
    """Another record has the same place, or it follows another predecessor than the one we hold, or the chain is another device's."""


class ChainState(msgspec.Struct, frozen=True):
    """What is held of one chain: whose it is, its highest sequence, that record's digest, and how many records there are."""

    chain: str
    device: str
    """That wrote its first record; what another device writes into the chain moves nothing of it."""
    sequence: int = 0
    digest: str | None = None
    count: int = 0

    def with_record(self, envelope: Envelope, digest: str) -> ChainState:
        """The state once the record is held too."""
        if envelope.sequence > self.sequence:
            return ChainState(self.chain, self.device, envelope.sequence, digest, self.count + 1)
        return msgspec.structs.replace(self, count=self.count + 1)

    @property
    def missing(self) -> int:
        """How many records below the highest sequence are not held."""
        return max(0, self.sequence - self.count)


def note_on(
    envelope: Envelope, state: ChainState, same_place: str | None, place_before: str | None
) -> ChainNote:
    """What is odd about a record, given what is held of its chain, and the digests held at its place and at the one before, if any."""
    if same_place is not None:
        return ChainNote.FORK
    follows = envelope.sequence == state.sequence + 1
    before = state.digest if follows else place_before
    if envelope.previous != before and (follows or before is not None):
        return ChainNote.FORK
    return ChainNote.GAP if envelope.sequence > state.sequence + 1 else ChainNote.NONE
