"""What every piece of work has in common from its draft to its record: answers saved one after the other, a signature, one seal.

Invariants: what was answered is on disk when the call that gave it returns; a finished draft is sealed once, and goes in the transaction
that adds its record.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import msgspec

from mobile.workflow.picture import stripped
from mobile.workflow.ports import Changed, Equipment, Observers, StoredDraft, Unsubscribe
from mobile.workflow.receipt import Receipt, receipt_of
from mobile.workflow.sealing import Sealing, Unsealed, locked
from mobile.workflow.session import Session
from mobile.workflow.today import DraftSummary
from shared.errors import InputError
from shared.identity import Identity
from shared.inspection import BlobRef, OtherParty, PartyAnswer, Present
from shared.message import Message
from shared.premises import Position, Premises
from sync.envelope import Basis
from sync.messages import Change

SALT_BYTES = 16
Choice = tuple[str, Message]
"""A reason's stable code and its words."""
REFUSAL_REASONS: list[Choice] = [
    ("disputes_result", Message("Disputes the result")),
    ("unwilling", Message("Does not want to sign")),
    ("not_authorised", Message("Says not to be authorised")),
    ("gone", Message("Has left")),
]


def check_reason(reason: str, choices: list[Choice]) -> None:
    """Raises InputError ``reason_unknown`` for a code that is not among ``choices``."""
    if reason not in {code for code, _words in choices}:
        raise InputError(
            "reason_unknown", "This reason is not in the list.", "Choose one of the reasons shown."
        )


class WorkDraft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The part of a draft that does not depend on what is inspected."""

    draft_id: str
    author: str
    summary: DraftSummary
    premises: Premises | None = None
    photos: list[BlobRef] = []
    position: Position | None = None
    started_at: datetime
    saved_at: datetime
    objects: bool = False
    """有异议 was chosen for the signature."""
    objection: str = ""
    present: list[Present] = []
    """Who of the other side is there."""
    finished: Unsealed | None = None
    """The frozen record, from the signature on the glass until it is in the outbox."""


class Answered(Protocol):
    """The other party's word so far."""

    @property
    def objects(self) -> bool: ...

    @property
    def objection(self) -> str: ...

    @property
    def present(self) -> list[Present]: ...


class Signable(Protocol):
    """What the other party signs, whatever was inspected."""

    @property
    def draft(self) -> Answered: ...

    @property
    def refusal_reasons(self) -> list[Choice]: ...

    async def was_present(self, who: Present) -> None: ...

    async def party_says(self, objects: bool, objection: str | None = None) -> None: ...

    async def sign(self, drawing: bytes, media_type: str) -> Receipt: ...

    async def refuse(self, reason: str) -> Receipt: ...

    async def discard(self) -> None: ...


DraftOf = TypeVar("DraftOf", bound=WorkDraft)


async def kept_draft(
    equipment: Equipment, session: Session, draft_id: str, draft_type: type[DraftOf]
) -> DraftOf:
    """A draft just as it was left. Raises InputError ``draft_unknown``; AccessError ``session_locked``."""
    if not session.unlocked:
        raise locked()
    stored = await equipment.store.drafts.get(draft_id)
    if stored is None:
        raise draft_unknown()
    return msgspec.json.decode(await equipment.keys.open(stored.sealed), type=draft_type)


def draft_unknown() -> InputError:
    """What is asked for was finished, discarded, or never here."""
    return InputError(
        "draft_unknown",
        "This check is not on the phone.",
        "Perhaps it was finished: look in the outbox.",
    )


class UnderWay(ABC, Generic[DraftOf]):
    """One piece of work under way. Calls are taken one after the other, in the order they came."""

    draft_kind: str
    """What its drafts are told by."""

    def __init__(self, equipment: Equipment, session: Session, sealing: Sealing, draft: DraftOf) -> None:
        self.equipment, self.session, self.sealing = equipment, session, sealing
        self.draft = draft
        self.receipt: Receipt | None = None
        """There once the record is in the outbox; then nothing more can be answered."""
        self._observers = Observers()
        self._lock = asyncio.Lock()
        self._positioning: asyncio.Task[None] | None = None
        self._discarded = False

    @property
    def record_kind(self) -> str:
        """Of the record that it becomes."""
        return self.draft_kind

    @property
    @abstractmethod
    def subject(self) -> str:
        """Id of what is inspected."""

    @property
    def subjects(self) -> list[str]:
        """Everything that the record is about, the subject first."""
        return [self.subject]

    @property
    @abstractmethod
    def county(self) -> str:
        """The record's home."""

    @property
    def basis(self) -> list[Basis]:
        """The versions of what was known when the work began."""
        return []

    @abstractmethod
    def summarised(self, draft: DraftOf) -> DraftSummary:
        """The draft in short, for the home screen."""

    @abstractmethod
    def payload(self, party: OtherParty | None) -> msgspec.Struct:
        """What is sealed, with the other party's word; None where nobody was asked."""

    async def provisional(self, finished: Unsealed) -> list[Change]:
        """Own states to be shown until the server's arrive."""
        return []

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Calls ``changed`` after each saved answer."""
        return self._observers.subscribe(changed)

    @property
    def draft_id(self) -> str:
        return self.draft.draft_id

    @property
    def premises(self) -> Premises | None:
        return self.draft.premises

    @property
    def photos(self) -> list[BlobRef]:
        return self.draft.photos

    @property
    def saved_at(self) -> datetime:
        """When the last answer was saved (the 已存 in the subtitle)."""
        return self.draft.saved_at

    @property
    def officers(self) -> list[Identity]:
        """Who does the work: the author, and the second officer where one is along."""
        return [each.person_id for each in (self.session.person, self.session.partner) if each]

    # Signature and seal

    async def was_present(self, who: Present) -> None:
        """Somebody of the other side was there, or was not after all; where nobody was, nobody else was."""
        async with self._lock:
            others = [each for each in self.draft.present if each is not who]
            if who in self.draft.present:
                await self._save(present=others)
            elif who is Present.NOBODY:
                await self._save(present=[who])
            else:
                await self._save(present=[*[each for each in others if each is not Present.NOBODY], who])

    async def party_says(self, objects: bool, objection: str | None = None) -> None:
        """无异议 or 有异议, and its words where they are given, before the signature."""
        async with self._lock:
            await self._save(
                objects=objects, objection=self.draft.objection if objection is None else objection
            )

    async def sign(self, drawing: bytes, media_type: str) -> Receipt:
        """The other party's signature, with what it said before it; seals the record. AccessError ``session_locked``."""
        async with self._lock:
            await self.sealing.must_be_unlocked()
            signature = await self._keep_blob(drawing, media_type, "signature", personal=True)
            if self.draft.objects:
                party = OtherParty(PartyAnswer.DISAGREES, self.draft.objection.strip(), signature)
            else:
                party = OtherParty(PartyAnswer.AGREES, "", signature)
            return await self._finish(party)

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
            self._discarded = True
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

    async def keep(self) -> None:
        """Saves the draft as it is."""
        async with self._lock:
            await self._save()

    async def _locate(self) -> None:
        position = await self.equipment.positioning.position()
        async with self._lock:
            if position and not self.draft.finished and not self._discarded:
                await self._save(position=position)

    async def _finish(self, party: OtherParty | None) -> Receipt:
        if self.draft.finished is None:
            blobs = [*self.draft.photos, *([party.signature] if party and party.signature else [])]
            finished = await self.sealing.prepare(
                self.record_kind,
                self.payload(party),
                county=self.county,
                subjects=self.subjects,
                basis=self.basis,
                attachments=[(blob.digest, blob.size, blob.media_type) for blob in blobs],
            )
            await self._save(finished=finished)
        return await self._seal()

    async def _seal(self) -> Receipt:
        finished = self.draft.finished
        assert finished is not None  # noqa: S101
        written = await self.sealing.write(
            finished, finishes=self.draft_id, provisional=await self.provisional(finished)
        )
        self.receipt = await receipt_of(self.equipment, written.digest)
        self._observers.notify()
        return self.receipt

    async def _keep_photo(self, jpeg: bytes, role: str, personal: bool = False) -> BlobRef:
        """A picture without its metadata, written and named by its hash. Raises InputError ``picture_unreadable``."""
        return await self._keep_blob(stripped(jpeg), "image/jpeg", role, personal)

    async def _keep_blob(self, content: bytes, media_type: str, role: str, personal: bool) -> BlobRef:
        content = (self.equipment.random_bytes(SALT_BYTES) if personal else b"") + content
        digest = await self.equipment.blobs.put(content)
        return BlobRef(digest=digest, media_type=media_type, size=len(content), role=role, personal=personal)

    def _must_not_be_sealed(self) -> None:
        if self.receipt or self.draft.finished:
            raise InputError(
                "already_sealed",
                "This check is finished and signed.",
                "What is signed is not changed any more. Begin a new check.",
            )

    async def _save(self, **changes: object) -> None:
        """Writes the draft with ``changes``; only then does it count."""
        if self._discarded:
            raise draft_unknown()
        if "finished" not in changes:
            self._must_not_be_sealed()
        draft = msgspec.structs.replace(self.draft, **changes, saved_at=self.equipment.clock.now())
        draft = msgspec.structs.replace(draft, summary=self.summarised(draft))
        stored = StoredDraft(
            draft_id=draft.draft_id,
            author=draft.author,
            kind=self.draft_kind,
            subject=self.subject,
            saved_at=draft.saved_at,
            sealed=await self.equipment.keys.seal(msgspec.json.encode(draft)),
        )
        await self.equipment.store.drafts.save(stored)
        self.draft = draft
        self._observers.notify()
