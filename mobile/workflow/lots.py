"""Beginning a lot, and opening those that were begun."""

from __future__ import annotations

from mobile.workflow.enrolled import must_be_enrolled
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import LotDraft, LotStep
from mobile.workflow.ports import Equipment
from mobile.workflow.sealing import Sealing, locked
from mobile.workflow.session import Session
from mobile.workflow.today import DraftSummary
from mobile.workflow.under_way import kept_draft
from shared.identity import mint
from shared.inspection import used
from shared.metrology.prepackages.amounts import BALANCE
from shared.premises import Premises


class Lots:
    """Lots of this phone. The rules on prepackages are read when the first one is opened."""

    def __init__(self, equipment: Equipment, session: Session, sealing: Sealing) -> None:
        self._equipment = equipment
        self._session = session
        self._sealing = sealing

    async def begin(self, premises: Premises | None = None) -> LotCheck:
        """A new lot, at a site or at none; there may be any number of them. AccessError ``session_locked``."""
        person = self._session.person
        if person is None or not self._session.unlocked:
            raise locked()
        enrolled = await must_be_enrolled(self._equipment.store.settings)
        now = self._equipment.clock.now()
        draft_id = mint(self._equipment.clock, self._equipment.random_bytes)
        lot = self._lot(
            LotDraft(
                draft_id=draft_id,
                author=person.person_id,
                summary=DraftSummary(
                    draft_id=draft_id,
                    kind="",
                    goods="",
                    stall="",
                    site=premises.name if premises else "",
                    serial_number="",
                    saved_at=now,
                    step=LotStep.GOODS.value,
                    points_done=0,
                    points_total=0,
                ),
                lot_id=mint(self._equipment.clock, self._equipment.random_bytes),
                county=premises.county if premises else enrolled.scope.counties[0],
                premises=premises,
                # What is carried is not yet what was weighed with, but for the balance there is no doubt.
                standards=[used(one) for one in self._session.standards if one.sort == BALANCE],
                started_at=now,
                saved_at=now,
            )
        )
        await lot.keep()
        lot.locate()
        return lot

    async def open(self, draft_id: str) -> LotCheck:
        """The draft just as it was left. Raises InputError ``draft_unknown``; AccessError ``session_locked``.

        One that a kill stopped after its signature is sealed now; ``lot.receipt`` is there then.
        """
        lot = self._lot(await kept_draft(self._equipment, self._session, draft_id, LotDraft))
        lot.locate()
        await lot.complete()
        return lot

    def _lot(self, draft: LotDraft) -> LotCheck:
        return LotCheck(self._equipment, self._session, self._sealing, draft, self._equipment.prepackages())
