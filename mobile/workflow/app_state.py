"""All workflows of the phone in one place, and what phase the app is in."""

from __future__ import annotations

from enum import StrEnum

from mobile.workflow.enrolment import Enrolment
from mobile.workflow.outbox_view import OutboxView
from mobile.workflow.ports import Changed, Equipment, Unsubscribe
from mobile.workflow.register import Register
from mobile.workflow.resolve import Resolve
from mobile.workflow.session import Session
from mobile.workflow.spot_check import SpotChecks
from mobile.workflow.sync_now import SyncNow
from mobile.workflow.today import Today


class Phase(StrEnum):
    """Which part of the app is to be shown."""

    ENROL = "enrol"
    LOCKED = "locked"
    OPEN = "open"


class AppState:
    """What the screens work with. Made by ``mobile.app`` from the :class:`Equipment`; then ``await start()``."""

    enrolment: Enrolment
    session: Session
    today: Today
    resolve: Resolve
    spot_checks: SpotChecks
    register: Register
    outbox: OutboxView
    sync: SyncNow
    equipment: Equipment

    def __init__(self, equipment: Equipment) -> None:
        self.equipment = equipment

    @property
    def phase(self) -> Phase:
        raise NotImplementedError

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Called after any change of any workflow."""
        raise NotImplementedError

    async def start(self) -> None:
        """Restores everything from the store; no network."""
        raise NotImplementedError

    async def setting(self, name: str) -> str:
        """A preference of the screens (``theme``, ``language``), or empty."""
        raise NotImplementedError

    async def set_setting(self, name: str, value: str) -> None:
        raise NotImplementedError
