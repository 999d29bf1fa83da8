"""Beginning a spot check, and finding those that were begun."""

from __future__ import annotations

from mobile.workflow.draft import KIND, Cursor, Draft, Step
from mobile.workflow.ports import Equipment
from mobile.workflow.readings import fitting
from mobile.workflow.receipt import Receipt, receipt_of
from mobile.workflow.resolve import Found, LabelVerdict, unknown
from mobile.workflow.sealing import Sealing, locked
from mobile.workflow.session import Session
from mobile.workflow.spot_check import SpotCheck
from mobile.workflow.today import DraftSummary, Today
from mobile.workflow.under_way import kept_draft
from shared.clock import local_date
from shared.identity import mint
from shared.inspection import InstrumentFacts, LabelCheck
from shared.metrology.judges import plan

_LABELS = {
    LabelVerdict.VERIFIED: LabelCheck.GENUINE,
    LabelVerdict.FORGED: LabelCheck.FORGED,
    LabelVerdict.MISMATCHED: LabelCheck.COPIED,
    LabelVerdict.KEY_UNKNOWN: LabelCheck.KEY_UNKNOWN,
    LabelVerdict.TYPED: LabelCheck.TYPED,
    LabelVerdict.FOREIGN: LabelCheck.NONE,
    LabelVerdict.FOREIGN_BOUND: LabelCheck.NONE,
    LabelVerdict.FOREIGN_DISPUTED: LabelCheck.NONE,
    LabelVerdict.NO_LABEL: LabelCheck.NONE,
}


class SpotChecks:
    """Spot checks of this phone."""

    def __init__(self, equipment: Equipment, session: Session, sealing: Sealing) -> None:
        self._equipment = equipment
        self._session = session
        self._sealing = sealing

    async def begin(self, found: Found) -> SpotCheck:
        """A new draft, planned for the weights carried; or the unfinished one of the same instrument and person.

        Raises InputError ``kind_unknown``, ``instrument_unknown``, ``scale_incomplete``, ``standard_expired``; AccessError
        ``session_locked``.
        """
        if found.instrument is None:
            raise unknown()
        person = self._session.person
        if person is None or not self._session.unlocked:
            raise locked()
        instrument = found.instrument
        for stored in await self._equipment.store.drafts.of(person.person_id):
            if stored.subject == instrument.instrument_id and stored.kind == KIND:
                check = await self.open(stored.draft_id)
                await check.scanned(_LABELS[found.verdict], found.payload)
                await check.equip()
                return check
        now = self._equipment.clock.now()
        facts = InstrumentFacts.of(instrument)
        standards = fitting(self._session.standards, self._equipment.catalogue.kind(facts.kind))
        draft_id = mint(self._equipment.clock, self._equipment.random_bytes)
        draft = Draft(
            draft_id=draft_id,
            author=person.person_id,
            summary=DraftSummary(
                draft_id=draft_id,
                kind=instrument.kind,
                stall=instrument.stall,
                site=found.premises.name if found.premises else "",
                serial_number=instrument.serial_number,
                saved_at=now,
                step=Step.VISUAL.value,
                points_done=0,
                points_total=0,
            ),
            instrument=instrument,
            premises=found.premises,
            facts=facts,
            label=_LABELS[found.verdict],
            label_payload=found.payload,
            planned=plan(self._equipment.catalogue, facts, standards, local_date(now)),
            standards=standards,
            started_at=now,
            saved_at=now,
            cursor=Cursor(Step.VISUAL),
        )
        check = self._check(draft)
        await check.keep()
        check.locate()
        return check

    def _check(self, draft: Draft) -> SpotCheck:
        return SpotCheck(self._equipment, self._session, self._sealing, draft)

    async def open(self, draft_id: str) -> SpotCheck:
        """The draft just as it was left. Raises InputError ``draft_unknown``; AccessError ``session_locked``.

        One that a kill stopped after its signature is sealed now; ``check.receipt`` is there then.
        """
        check = self._check(await kept_draft(self._equipment, self._session, draft_id, Draft))
        check.locate()
        await check.complete()
        return check

    async def drafts(self) -> list[DraftSummary]:
        """The person's unfinished checks, the last saved first."""
        return await Today(self._equipment, self._session).drafts()

    async def receipt(self, digest: str) -> Receipt:
        """The receipt of a finished check once more, by its record's digest. Raises InputError ``record_unknown``."""
        return await receipt_of(self._equipment, digest)
