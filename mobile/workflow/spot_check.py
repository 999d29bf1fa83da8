"""A spot check, step by step: visual items → picture → readings → conclusion → signature → receipt.

Invariants:

* Every answer is on disk, as given, when the call that gave it returns; so is the place one is in, and even half-typed text.
* Nothing that was answered is ever lost: a retest keeps the earlier attempt with the recorded cause.
* A finished draft is sealed once: the draft goes in the transaction that adds the record.
"""

from __future__ import annotations

import msgspec

from mobile.workflow.draft import Cursor, Step
from mobile.workflow.readings import Readings
from shared.clock import local_date
from shared.inspection import (
    Conclusion,
    Inspection,
    LabelCheck,
    OtherParty,
    VisualAnswer,
    VisualFinding,
)
from shared.message import Message
from shared.metrology.spot_check import conclude, without_working


class VisualItem(msgspec.Struct, frozen=True):
    """One question of the visual check."""

    key: str
    words: Message
    short: Message
    answer: VisualAnswer | None
    note: str = ""


class SpotCheck(Readings):
    """One spot check under way, from the look to the receipt; what is read is in :class:`mobile.workflow.readings.Readings`."""

    async def scanned(self, label: LabelCheck, payload: str) -> None:
        """The instrument was scanned once more: a label that was read says more than a number typed; a suspicion stays."""
        unread = (LabelCheck.TYPED, LabelCheck.NONE)
        suspected = (LabelCheck.FORGED, LabelCheck.COPIED)
        if payload and not self.draft.finished and (self.draft.label in unread or label in suspected):
            async with self._lock:
                await self._save(label=label, label_payload=payload)

    # Visual check

    @property
    def visual(self) -> list[VisualItem]:
        """The questions that the catalogue asks of this instrument, with the answers so far."""
        given = {finding.question: finding for finding in self.draft.visual}
        return [
            VisualItem(
                question.id,
                Message(question.question),
                Message(question.short),
                given[question.id].answer if question.id in given else None,
                given[question.id].note if question.id in given else "",
            )
            for question in self.kind.questions(self.draft.facts.manufactured_on)
        ]

    async def answer_visual(self, key: str, answer: VisualAnswer | None, note: str = "") -> None:
        """Flags an item, says it is all right, or takes the answer back (None)."""
        async with self._lock:
            others = [finding for finding in self.draft.visual if finding.question != key]
            await self._save(visual=others + ([VisualFinding(key, answer, note)] if answer else []))

    async def rest_is_normal(self) -> None:
        """其余正常: every unanswered item is all right; on to the picture."""
        async with self._lock:
            rest = [VisualFinding(item.key, VisualAnswer.OK) for item in self.visual if item.answer is None]
            await self._save(visual=self.draft.visual + rest, cursor=Cursor(Step.PHOTO), left=self._left())

    # Pictures

    async def add_photo(self, jpeg: bytes, role: str = "nameplate_and_seal", personal: bool = False) -> None:
        """Flushes the picture, then names it in the draft; from the photo step it goes on to the readings.

        A personal picture (a face) gets a salt in front, so that its digest tells nothing once it was erased.
        """
        async with self._lock:
            photo = await self._keep_photo(jpeg, role, personal)
            cursor = self._first_point() if self.cursor.step is Step.PHOTO else self.cursor
            await self._save(photos=[*self.draft.photos, photo], cursor=cursor)

    async def without_photo(self) -> None:
        """Goes on to the readings without a picture."""
        async with self._lock:
            await self._save(cursor=self._first_point(), left=self._left())

    # Conclusion

    def conclusion(self) -> Conclusion:
        """The three findings and the headline from the answers so far."""
        return conclude(self.equipment.catalogue, self._inspection(None))

    def payload(self, party: OtherParty | None) -> Inspection:
        """The inspection with the conclusion that was drawn here; its working can be worked out again."""
        inspection = self._inspection(party)
        conclusion = without_working(conclude(self.equipment.catalogue, inspection))
        return msgspec.structs.replace(inspection, conclusion=conclusion)

    def _inspection(self, party: OtherParty | None) -> Inspection:
        """The payload as it would be sealed now."""
        draft, catalogue, now = self.draft, self.equipment.catalogue, self.equipment.clock.now()
        return Inspection(
            instrument=draft.facts,
            premises_id=draft.premises.premises_id if draft.premises else None,
            label=draft.label,
            label_payload=draft.label_payload,
            visual=draft.visual,
            readings=draft.readings,
            planned=[planned.key for planned in draft.planned],
            standards=draft.standards,
            photos=draft.photos,
            officers=self.officers,
            present=draft.present,
            other_party=party,
            position=draft.position,
            started_at=draft.started_at,
            finished_at=now,
            catalogue_version=catalogue.version,
            edition=catalogue.judging(draft.facts.kind, local_date(now)),
        )
