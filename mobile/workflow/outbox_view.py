"""The phone's own records as a person sees them: what waits, what was taken, what needs doing."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from mobile.workflow.ports import Equipment
from shared.errors import Problem
from shared.message import Message


class RecordState(StrEnum):
    """待传, 已传, 已收, 暂存, 冲突, 被退."""

    WAITING = "waiting"
    SENT = "sent"
    """Left the phone, no ruling yet."""
    ACCEPTED = "accepted"
    """Accepted or duplicate."""
    HELD = "held"
    CONFLICTING = "conflicting"
    REFUSED = "refused"

    @property
    def needs_a_person(self) -> bool:
        """Whether the row belongs under 要你处理."""
        return self in (RecordState.REFUSED, RecordState.CONFLICTING)


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """One record in the list."""

    record_id: str
    digest: str
    number: str
    """The short number that stands on the receipt."""
    kind: str
    title: Message
    """For example ``Spot check``."""
    subtitle: str
    """Stall and site, or the serial number."""
    headline: str
    """A value of ``shared.inspection.Headline``, or empty for records that have none."""
    observed_at: datetime
    state: RecordState
    state_words: Message
    problem: Problem | None
    """Why it was refused or held: ``what`` and ``remedy``."""
    instrument_id: str = ""


class OutboxList(msgspec.Struct, frozen=True):
    """The outbox screen."""

    needs_you: list[OutboxRow]
    others: list[OutboxRow]
    counts: dict[RecordState, int]


class RecordPage(msgspec.Struct, frozen=True, kw_only=True):
    """One record opened: the row, its bytes as text, and where it stands in the chain."""

    row: OutboxRow
    body: str
    """The record's JSON exactly as it was signed."""
    chain: str
    sequence: int
    previous: str
    size: int


class OutboxView:
    """Reads the outbox; writes nothing."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment

    async def rows(self, limit: int = 100) -> OutboxList:
        raise NotImplementedError

    async def record(self, digest: str) -> RecordPage:
        """Raises InputError ``record_unknown``."""
        raise NotImplementedError
