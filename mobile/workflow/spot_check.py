"""A spot check, step by step: visual items → picture → readings → conclusion → signature → receipt.

Invariants:

* Every answer is on disk, as given, when the call that gave it returns; so is the place one is in, and even half-typed text.
* Nothing that was answered is ever lost: a retest keeps the earlier attempt with the recorded cause.
* A finished draft is sealed once: the draft goes in the transaction that adds the record.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from mobile.workflow.draft import (
    CANNOT_REASONS,
    FINER_METHOD,
    KIND,
    REFUSAL_REASONS,
    RETEST_CAUSES,
    Choice,
    Cursor,
    Draft,
    Field,
    Step,
    check_reason,
    keep_draft,
)
from mobile.workflow.points import (
    Live,
    PointState,
    PointView,
    check_text,
    half_step_of,
    judge,
    reading_of,
    view_of,
)
from mobile.workflow.ports import Changed, Equipment, Observers, Unsubscribe
from mobile.workflow.receipt import Receipt, receipt_of
from mobile.workflow.sealing import Sealing
from mobile.workflow.session import Session
from shared.clock import local_date
from shared.errors import InputError
from shared.inspection import (
    BlobRef,
    Conclusion,
    Entry,
    Inspection,
    LabelCheck,
    OtherParty,
    PartyAnswer,
    Reading,
    VisualAnswer,
    VisualFinding,
)
from shared.instrument import Instrument
from shared.message import Message
from shared.metrology.spot_check import conclude, without_working
from shared.premises import Premises
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
class SpotCheck:
    """One spot check under way. Calls are taken one after the other, in the order they came."""

    equipment: Equipment
    session: Session
    sealing: Sealing
    draft: Draft
    receipt: Receipt | None = None
    """There once the record is in the outbox; then nothing more can be answered."""

    def __post_init__(self) -> None:
        self._observers = Observers()
        self._lock = asyncio.Lock()
        self._positioning: asyncio.Task[None] | None = None

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Calls ``changed`` after each saved answer."""
        return self._observers.subscribe(changed)

    @property
    def draft_id(self) -> str:
        return self.draft.draft_id

    @property
    def instrument(self) -> Instrument:
        """The instrument as it was known when the check began."""
        return self.draft.instrument

    @property
    def premises(self) -> Premises | None:
        return self.draft.premises

    @property
    def cursor(self) -> Cursor:
        """The place one is in."""
        return self.draft.cursor

    @property
    def saved_at(self) -> datetime:
        """When the last answer was saved (the 已存 in the subtitle)."""
        return self.draft.saved_at

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
        kind = self.equipment.catalogue.kind(self.instrument.kind)
        given = {finding.question: finding for finding in self.draft.visual}
        return [
            VisualItem(
                question.id,
                Message(question.question),
                Message(question.short),
                given[question.id].answer if question.id in given else None,
                given[question.id].note if question.id in given else "",
            )
            for question in kind.questions(self.draft.facts.manufactured_on)
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

    # Readings

    @property
    def points(self) -> list[PointView]:
        """The plan in its order, with the answers."""
        return [view_of(self.equipment.catalogue, self.draft, planned) for planned in self.draft.planned]

    @property
    def current(self) -> PointView | None:
        """The point being read."""
        planned = next((one for one in self.draft.planned if one.key == self.cursor.point), None)
        return view_of(self.equipment.catalogue, self.draft, planned) if planned else None

    @property
    def is_last_point(self) -> bool:
        """Whether nothing but the current point is still to be read: 下一点 then reads 看结论."""
        return not [one for one in self._open_points() if one != self.cursor.point]

    def live(self) -> Live | None:
        """The judgement of what stands in the field now; None outside the readings."""
        current = self.current
        return judge(self.equipment.catalogue, self.draft, current) if current else None

    async def type(self, text: str) -> Live:
        """The field's text after a key; saved even when it can't be judged yet."""
        async with self._lock:
            self._must_be_open()
            await self._save(cursor=msgspec.structs.replace(self.cursor, text=text))
        live = self.live()
        assert live is not None  # noqa: S101  an open point has a judgement
        return live

    async def same(self) -> None:
        """同载荷: the display shows exactly the load; goes on to the next point."""
        async with self._lock:
            point = self._must_be_open()
            await self._take(point, Entry.SAME, indication=point.planned.same)

    async def next_point(self) -> None:
        """Takes the field's text as the answer and goes on; after the last point to the verdict.

        On a point that is answered already it only goes on. Raises InputError ``reading_missing`` or ``reading_unreadable``; nothing
        is lost.
        """
        async with self._lock:
            current = self.current
            if current and current.state is not PointState.TO_DO and not self.cursor.text:
                await self._save(cursor=self._after(self.cursor.point))
                return
            point = self._must_be_open()
            cursor = self.cursor
            check_text(point.planned, cursor.field, cursor.text)
            if cursor.field is Field.ADDED_WEIGHTS:
                await self._take(point, Entry.TYPED, indication=cursor.indication, added=cursor.text)
            else:
                await self._take(point, Entry.TYPED, indication=cursor.text)

    async def finer(self) -> None:
        """加小砝码细测: takes the indication and moves to the field of the added weights (in grams).

        On a point that was read already, that reading is superseded with the cause ``finer_method``.
        """
        async with self._lock:
            current = self.current
            if current and current.state is PointState.DONE:
                await self._save(
                    readings=self._superseded(current.key, FINER_METHOD),
                    cursor=Cursor(Step.READINGS, current.key, Field.ADDED_WEIGHTS, "", current.indication),
                )
                return
            point = self._must_be_open()
            check_text(point.planned, Field.INDICATION, self.cursor.text)
            await self._save(
                cursor=Cursor(Step.READINGS, point.key, Field.ADDED_WEIGHTS, "", self.cursor.text)
            )

    async def half_step(self, jumped: bool) -> None:
        """½e added at once to a reading just at the limit, and whether the display jumped; goes on. InputError ``no_half_step``."""
        async with self._lock:
            point, added = self._must_be_open(), half_step_of(self.live())
            await self._take(
                point, Entry.TYPED, indication=self.cursor.indication, added=added, jumped=jumped
            )

    async def not_finer(self) -> None:
        """Back from the added weights to the indication, as it was typed."""
        async with self._lock:
            if self.cursor.field is Field.ADDED_WEIGHTS:
                cursor = Cursor(Step.READINGS, self.cursor.point, text=self.cursor.indication)
                await self._save(cursor=cursor)

    async def cannot(self, reason: str) -> None:
        """这点做不了, with its reason (one of :attr:`cannot_reasons`); goes on."""
        check_reason(reason, CANNOT_REASONS)
        async with self._lock:
            await self._take(self._must_be_open(), Entry.TYPED, reason=reason)

    @property
    def cannot_reasons(self) -> list[Choice]:
        return CANNOT_REASONS

    async def retest(self, point: str, cause: str) -> None:
        """Reads a point again; the earlier attempt stays with ``cause`` (one of :attr:`retest_causes`)."""
        check_reason(cause, RETEST_CAUSES)
        async with self._lock:
            self._point(point)
            await self._save(
                readings=self._superseded(point, cause),
                cursor=Cursor(Step.READINGS, point),
                left=self._left(without=point),
            )

    @property
    def retest_causes(self) -> list[Choice]:
        return RETEST_CAUSES

    async def go_to(self, step: Step, point: str = "") -> None:
        """Moves about without answering: a tab of the points, or another step. What stood in the field stays with its point."""
        async with self._lock:
            if step is Step.READINGS:
                cursor = self._field_of(self._point(point).key) if point else self._first_point()
            else:
                cursor = msgspec.structs.replace(self.cursor, step=step)
            await self._save(cursor=cursor, left=self._left())

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

    async def _take(self, point: PointView, entry: Entry, **answer: Any) -> None:
        planned = point.planned
        reading = reading_of(self.draft, planned, entry, self.equipment.clock.now(), **answer)
        await self._save(readings=[*self.draft.readings, reading], cursor=self._after(planned.key))

    def _superseded(self, point: str, cause: str) -> list[Reading]:
        return [
            msgspec.structs.replace(one, superseded_because=cause)
            if one.point == point and not one.superseded_because
            else one
            for one in self.draft.readings
        ]

    def _open_points(self) -> list[str]:
        return [one.key for one in self.draft.planned if self.draft.standing(one.key) is None]

    def _first_point(self) -> Cursor:
        waiting = self._open_points()
        return self._field_of(waiting[0]) if waiting else Cursor(Step.VERDICT)

    def _field_of(self, point: str) -> Cursor:
        """The point's field as it was left."""
        return self._left().get(point, Cursor(Step.READINGS, point))

    def _left(self, without: str = "") -> dict[str, Cursor]:
        """What stands in open fields, this one included; not that of ``without``, which was taken."""
        left, cursor = dict(self.draft.left), self.cursor
        left.pop(cursor.point, None)
        if cursor.text or cursor.field is Field.ADDED_WEIGHTS:
            left[cursor.point] = msgspec.structs.replace(cursor, step=Step.READINGS)
        left.pop(without, None)
        return left

    def _after(self, point: str) -> Cursor:
        keys = [planned.key for planned in self.draft.planned]
        later = keys[keys.index(point) + 1 :]
        waiting = [key for key in self._open_points() if key != point]
        following = [key for key in waiting if key in later] or waiting
        return self._field_of(following[0]) if following else Cursor(Step.VERDICT)

    def _point(self, key: str) -> PointView:
        planned = next((one for one in self.draft.planned if one.key == key), None)
        if planned is None:
            raise InputError(
                "point_unknown", "This point is not in the plan.", "Choose one of the points shown."
            )
        return view_of(self.equipment.catalogue, self.draft, planned)

    def _must_be_open(self) -> PointView:
        point = self._point(self.cursor.point)
        if point.state is not PointState.TO_DO:
            raise InputError(
                "point_answered",
                "This point is answered already.",
                "To read it again, say why: both readings are kept.",
            )
        return point

    def _must_not_be_sealed(self) -> None:
        if self.receipt or self.draft.finished:
            raise InputError(
                "already_sealed",
                "This check is finished and signed.",
                "What is signed is not changed any more. Begin a new check.",
            )

    async def _save(self, **changes: object) -> None:
        """Writes the draft with ``changes``; only then does it count."""
        if "finished" not in changes:
            self._must_not_be_sealed()
        draft = msgspec.structs.replace(self.draft, **changes, saved_at=self.equipment.clock.now())
        self.draft = await keep_draft(self.equipment, draft)
        self._observers.notify()
