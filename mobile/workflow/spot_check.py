"""A spot check, step by step: visual items → picture → readings → conclusion → signature → receipt.

Invariants:

* Every answer is on disk, as given, when the call that gave it returns; so is the place one is in, and even half-typed text.
* Nothing that was answered is ever lost: a retest keeps the earlier attempt with the recorded cause.
* A finished draft is sealed once: the draft goes in the transaction that adds the record.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec

from mobile.workflow.draft import KIND, REFUSAL_REASONS, Choice, Cursor, Step, check_reason
from mobile.workflow.readings import Readings
from mobile.workflow.receipt import Receipt, receipt_of
from shared.clock import local_date
from shared.inspection import (
    BlobRef,
    Conclusion,
    Inspection,
    LabelCheck,
    OtherParty,
    PartyAnswer,
    VisualAnswer,
    VisualFinding,
)
from shared.message import Message
from shared.metrology.spot_check import conclude, without_working
from sync.envelope import Basis

SALT_BYTES = 16


class VisualItem(msgspec.Struct, frozen=True):
    """One question of the visual check."""

    key: str
    words: Message
    short: Message
    answer: VisualAnswer | None
    note: str = ""


@dataclass
class SpotCheck(Readings):
    """One spot check under way, from the look to the receipt; what is read is in :class:`mobile.workflow.readings.Readings`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._positioning: asyncio.Task[None] | None = None

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

    @property
    def photos(self) -> list[BlobRef]:
        return self.draft.photos

    async def add_photo(self, jpeg: bytes, role: str = "nameplate_and_seal", personal: bool = False) -> None:
        """Flushes the picture, then names it in the draft; from the photo step it goes on to the readings.

        A personal picture (a face) gets a salt in front, so that its digest tells nothing once it was erased.
        """
        async with self._lock:
            photo = await self._keep_blob(jpeg, "image/jpeg", role, personal)
            cursor = self._first_point() if self.cursor.step is Step.PHOTO else self.cursor
            await self._save(photos=[*self.draft.photos, photo], cursor=cursor)

    async def remove_photo(self, digest: str) -> None:
        """Takes a picture out of the draft again."""
        async with self._lock:
            await self._save(photos=[photo for photo in self.draft.photos if photo.digest != digest])
            await self.equipment.blobs.delete(digest)

    async def without_photo(self) -> None:
        """Goes on to the readings without a picture."""
        async with self._lock:
            await self._save(cursor=self._first_point(), left=self._left())

    # Conclusion, signature, receipt

    async def party_says(self, objects: bool, objection: str) -> None:
        """无异议 or 有异议 with its words, before the signature."""
        async with self._lock:
            await self._save(objects=objects, objection=objection)

    def conclusion(self) -> Conclusion:
        """The three findings and the headline from the answers so far."""
        return conclude(self.equipment.catalogue, self._inspection(None))

    async def sign(
        self, drawing: bytes, media_type: str, agrees: bool = True, objection: str = ""
    ) -> Receipt:
        """请经营者签名: the other party's signature, with 无异议 or 有异议; seals the record. AccessError ``session_locked``."""
        async with self._lock:
            await self.sealing.must_be_unlocked()
            signature = await self._keep_blob(drawing, media_type, "signature", personal=True)
            answer = PartyAnswer.AGREES if agrees else PartyAnswer.DISAGREES
            return await self._finish(OtherParty(answer, objection, signature))

    async def refuse(self, reason: str) -> Receipt:
        """拒签 with its reason (one of :attr:`refusal_reasons`); seals the record. AccessError ``session_locked``."""
        check_reason(reason, REFUSAL_REASONS)
        async with self._lock:
            await self.sealing.must_be_unlocked()
            return await self._finish(OtherParty(PartyAnswer.REFUSED, reason))

    @property
    def refusal_reasons(self) -> list[Choice]:
        return REFUSAL_REASONS

    async def discard(self) -> None:
        """Drops the draft for good; InputError ``already_sealed`` once the record is in the outbox."""
        async with self._lock:
            self._must_not_be_sealed()
            await self.equipment.store.drafts.drop(self.draft_id)
            for photo in self.draft.photos:
                await self.equipment.blobs.delete(photo.digest)

    async def complete(self) -> None:
        """Seals a draft that a kill stopped between its signature on the glass and the outbox."""
        async with self._lock:
            if self.draft.finished and self.receipt is None:
                await self._seal()

    def locate(self) -> None:
        """Asks where the phone is, in the background; an answer that comes is saved, none is no hindrance."""
        if self.draft.position is None and self._positioning is None:
            self._positioning = asyncio.ensure_future(self._locate())

    async def _locate(self) -> None:
        position = await self.equipment.positioning.position()
        async with self._lock:
            if position and not self.draft.finished:
                await self._save(position=position)

    async def _finish(self, party: OtherParty) -> Receipt:
        if self.draft.finished is None:
            inspection = self._inspection(party)
            conclusion = without_working(conclude(self.equipment.catalogue, inspection))
            inspection = msgspec.structs.replace(inspection, conclusion=conclusion)
            blobs = [*self.draft.photos, *([party.signature] if party.signature else [])]
            finished = await self.sealing.prepare(
                KIND,
                inspection,
                county=self.instrument.county,
                subjects=[self.instrument.instrument_id],
                basis=[Basis(self.instrument.instrument_id, self.instrument.version)],
                attachments=[(blob.digest, blob.size, blob.media_type) for blob in blobs],
            )
            await self._save(finished=finished)
        return await self._seal()

    async def _seal(self) -> Receipt:
        finished = self.draft.finished
        assert finished is not None  # noqa: S101
        written = await self.sealing.write(finished, finishes=self.draft_id)
        self.draft = msgspec.structs.replace(self.draft, cursor=Cursor(Step.RECEIPT))
        self.receipt = await receipt_of(self.equipment, written.digest)
        self._observers.notify()
        return self.receipt

    def _inspection(self, party: OtherParty | None) -> Inspection:
        """The payload as it would be sealed now."""
        draft, catalogue, now = self.draft, self.equipment.catalogue, self.equipment.clock.now()
        officers = [person.person_id for person in (self.session.person, self.session.partner) if person]
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
            officers=officers,
            other_party=party,
            position=draft.position,
            started_at=draft.started_at,
            finished_at=now,
            catalogue_version=catalogue.version,
            edition=catalogue.judging(draft.facts.kind, local_date(now)),
        )

    async def _keep_blob(self, content: bytes, media_type: str, role: str, personal: bool) -> BlobRef:
        content = (self.equipment.random_bytes(SALT_BYTES) if personal else b"") + content
        digest = await self.equipment.blobs.put(content)
        return BlobRef(digest=digest, media_type=media_type, size=len(content), role=role, personal=personal)
