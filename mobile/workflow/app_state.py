"""All workflows of the phone in one place, and what phase the app is in."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from mobile.workflow.corrections import Corrections
from mobile.workflow.courier import Courier
from mobile.workflow.enrolment import Enrolment, EnrolmentStep
from mobile.workflow.foreign import ForeignLabels
from mobile.workflow.hand_over import HandOver
from mobile.workflow.outbox_view import OutboxView
from mobile.workflow.ports import Changed, Equipment, Unsubscribe
from mobile.workflow.register import Register
from mobile.workflow.resolve import Resolve
from mobile.workflow.sealing import Sealing
from mobile.workflow.session import Session
from mobile.workflow.spot_checks import SpotChecks
from mobile.workflow.sync_now import SyncNow
from mobile.workflow.today import Today

if TYPE_CHECKING:
    from mobile.workflow.campaigns import Campaigns
    from mobile.workflow.finding import Findings
    from mobile.workflow.looking import Looking
    from mobile.workflow.lots import Lots


class Phase(StrEnum):
    """Which part of the app is to be shown."""

    ENROL = "enrol"
    LOCKED = "locked"
    OPEN = "open"


class AppState:
    """What the screens work with. Made by ``mobile.app`` from the :class:`Equipment`; then ``await start()``."""

    def __init__(self, equipment: Equipment) -> None:
        sealing = Sealing(equipment)
        self.equipment = equipment
        self._sealing = sealing
        self.session = Session(equipment, sealing)
        self.sync = SyncNow(equipment)
        sealing.subscribe(self.sync.wake)
        self.enrolment = Enrolment(equipment, sealing, self.session, self.sync)
        self.today = Today(equipment, self.session)
        self.resolve = Resolve(equipment, self.session)
        self.spot_checks = SpotChecks(equipment, self.session, sealing)
        self.foreign = ForeignLabels(equipment, self.resolve, sealing)
        self.register = Register(equipment, self.session, sealing, self.foreign)
        self.corrections = Corrections(equipment, self.resolve, sealing)
        self.outbox = OutboxView(equipment)
        self.hand_over = HandOver(equipment)
        self.courier = Courier(equipment)

    @cached_property
    def lots(self) -> Lots:
        """Lots of prepackages; a start does not pay for what only they need."""
        from mobile.workflow.lots import Lots

        return Lots(self.equipment, self.session, self._sealing)

    @cached_property
    def findings(self) -> Findings:
        """What is found on site; a start does not pay for it."""
        from mobile.workflow.finding import Findings

        return Findings(self.equipment, self.session, self._sealing)

    @cached_property
    def campaigns(self) -> Campaigns:
        """Campaigns of free verification; a start does not pay for what only verifiers need."""
        from mobile.workflow.campaigns import Campaigns

        return Campaigns(self.equipment, self.session, self._sealing)

    @cached_property
    def looking(self) -> Looking:
        """The search; what was typed and chosen stays until the app is closed."""
        from mobile.workflow.looking import Looking

        return Looking(self.equipment)

    @property
    def phase(self) -> Phase:
        """LOCKED comes before the rest of an enrolment that a kill interrupted, for the pull needs the key."""
        if self.session.person is None:
            return Phase.ENROL
        if not self.session.unlocked:
            return Phase.LOCKED
        return Phase.OPEN if self.enrolment.view.step is EnrolmentStep.READY else Phase.ENROL

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Called after a change of the session, the enrolment or the sync; the store's own changes come with these."""
        undo = [
            one.subscribe(changed)
            for one in (self.session, self.enrolment, self.sync, self.hand_over, self.courier)
        ]

        def unsubscribe() -> None:
            for each in undo:
                each()

        return unsubscribe

    async def start(self) -> None:
        """Restores everything from the store; no network."""
        await self.sync.restore()
        await self.session.restore()
        await self.enrolment.restore()

    async def setting(self, name: str) -> str:
        """A preference of the screens (``theme``, ``language``), or empty."""
        return await self.equipment.store.settings.get(f"ui.{name}")

    async def set_setting(self, name: str, value: str) -> None:
        """Keeps a preference; empty removes it."""
        await self.equipment.store.settings.put({f"ui.{name}": value})
