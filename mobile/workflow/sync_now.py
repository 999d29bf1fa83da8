"""Syncing when there is a network: on start, on resume, when the network comes back, and when asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum

import msgspec

from mobile.workflow.ports import Changed, Equipment, Unsubscribe
from shared.errors import Problem


class SyncPhase(StrEnum):
    IDLE = "idle"
    GREETING = "greeting"
    PUSHING = "pushing"
    PULLING = "pulling"
    ATTACHING = "attaching"


class SyncStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What the sync chip shows."""

    phase: SyncPhase = SyncPhase.IDLE
    done: int = 0
    """Records pushed, states pulled or files uploaded so far in this phase."""
    total: int = 0
    """Of how many, or 0 where that is not known."""
    online: bool = False
    last_success: datetime | None = None
    problem: Problem | None = None
    """Why the last sync did not finish; everything is kept."""
    next_try: datetime | None = None
    access: str = "open"
    """``open``, ``push_only`` or ``closed``."""


class SyncNow:
    """Runs the sync engine, one sync at a time."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self.status = SyncStatus()

    def subscribe(self, changed: Changed) -> Unsubscribe:
        raise NotImplementedError

    async def restore(self) -> None:
        """Reads when the last sync was."""
        raise NotImplementedError

    async def run(self) -> SyncStatus:
        """Syncs now; returns at once when a sync is under way. Never raises for the network or the server."""
        raise NotImplementedError

    async def keep_running(self, sleep_ms: Callable[[int], Awaitable[None]]) -> None:
        """Syncs on start, when the network comes back, when a record was written, and after each back-off, until cancelled."""
        raise NotImplementedError

    def wake(self) -> None:
        """Something was written or the app came back: try soon."""
        raise NotImplementedError
