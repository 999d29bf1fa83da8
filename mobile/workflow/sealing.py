"""Turning what was done into a signed record at the end of the chain.

The order is: payload frozen, lock, signature, then one synchronous commit that checks the head again. Where another writer was
faster, the record is sealed once more behind the new head, with the same id and payload.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from mobile.workflow.enrolled import Enrolled, must_be_enrolled
from mobile.workflow.ports import Changed, Equipment, Observers, Unsubscribe
from shared.errors import AccessError, ConflictError
from shared.identity import digest_of, mint
from shared.instrument import Instrument
from shared.premises import Premises
from shared.records import ChainOpened
from sync.envelope import (
    Basis,
    ClockEvidence,
    Envelope,
    Sealed,
    record_message,
    write_body,
)
from sync.messages import Change
from sync.ports import Attachment

SERVER_OFFSET = "server_offset"
MOST_TRIES = 5


class Offset(msgspec.Struct, frozen=True):
    """Server's clock minus the phone's at the last contact."""

    offset_ms: int
    at_monotonic_ms: int


class Unsealed(msgspec.Struct, frozen=True, kw_only=True):
    """A record before it has its place in the chain. Kept in a finished draft, it is sealed the same after a kill."""

    record_id: str
    kind: str
    schema: int = 1
    county: str
    observed_at: datetime
    clock: ClockEvidence
    subjects: list[str] = []
    basis: list[Basis] = []
    payload: bytes
    attachments: list[Attachment] = []


class Written(msgspec.Struct, frozen=True):
    """A record that is in the outbox."""

    record_id: str
    digest: str


def locked() -> AccessError:
    """What is raised where a person must first give the PIN."""
    return AccessError(
        "session_locked",
        "The phone is locked.",
        "Give your PIN; what you answered so far is kept.",
    )


class Sealing:
    """The one writer of this phone's chain."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._lock = asyncio.Lock()
        self._observers = Observers()

    def subscribe(self, written: Changed) -> Unsubscribe:
        """Calls ``written`` after each record that came into the outbox."""
        return self._observers.subscribe(written)

    async def prepare(
        self,
        kind: str,
        payload: msgspec.Struct,
        *,
        county: str,
        subjects: Sequence[str] = (),
        basis: Sequence[Basis] = (),
        attachments: Sequence[tuple[str, int, str]] = (),
    ) -> Unsealed:
        """Freezes a payload with its id, its time and what the phone knows of its clock.

        ``attachments`` are digest, size and media type of files that are on the phone already.
        """
        record_id = mint(self._equipment.clock, self._equipment.random_bytes)
        return Unsealed(
            record_id=record_id,
            kind=kind,
            county=county,
            observed_at=self._equipment.clock.now(),
            clock=await self._evidence(),
            subjects=list(subjects),
            basis=list(basis),
            payload=msgspec.json.encode(payload),
            attachments=[Attachment(digest, size, media, record_id) for digest, size, media in attachments],
        )

    async def write(
        self, unsealed: Unsealed, *, finishes: str = "", provisional: Sequence[Change] = ()
    ) -> Written:
        """Signs and appends; the draft ``finishes`` goes in the same transaction. AccessError ``session_locked``."""
        enrolled = await self.must_be_unlocked()
        outbox = self._equipment.store.outbox
        async with self._lock:
            for attempt in range(MOST_TRIES):
                await self._ensure_chain(enrolled)
                chain, sequence, previous = await outbox.head()
                sealed = await self._seal(unsealed, enrolled, chain, sequence + 1, previous)
                try:
                    await outbox.append(
                        sealed, sequence + 1, previous, finishes, unsealed.attachments, provisional
                    )
                except ConflictError:
                    if attempt + 1 == MOST_TRIES:
                        raise
                    continue
                break
        self._observers.notify()
        return Written(unsealed.record_id, sealed.digest)

    async def must_be_unlocked(self) -> Enrolled:
        """The enrolment, if its author's key can sign now; AccessError ``session_locked`` otherwise."""
        enrolled = await must_be_enrolled(self._equipment.store.settings)
        if enrolled.key_name not in await self._equipment.keys.unlocked():
            raise locked()
        return enrolled

    async def ensure_chain(self) -> None:
        """Opens the chain if there is none yet, or if the last one is retired; needs the unlocked key."""
        enrolled = await self.must_be_unlocked()
        async with self._lock:
            await self._ensure_chain(enrolled)

    async def _ensure_chain(self, enrolled: Enrolled) -> None:
        outbox = self._equipment.store.outbox
        before, _sequence, _digest = await outbox.head()
        retired = await outbox.retired()
        if before and not retired:
            return
        opened = await self.prepare(
            "chain.opened",
            ChainOpened(retired or "enrolled", self._equipment.app_version, before or None),
            county=enrolled.scope.counties[0],
        )
        chain = mint(self._equipment.clock, self._equipment.random_bytes)
        await outbox.open_chain(await self._seal(opened, enrolled, chain, 1, None))

    async def _seal(
        self, unsealed: Unsealed, enrolled: Enrolled, chain: str, sequence: int, previous: str | None
    ) -> Sealed:
        body = write_body(
            Envelope(
                record_id=unsealed.record_id,
                kind=unsealed.kind,
                schema=unsealed.schema,
                county=unsealed.county,
                author=enrolled.person.person_id,
                author_key=enrolled.author_key,
                device=enrolled.device_id,
                chain=chain,
                sequence=sequence,
                previous=previous,
                observed_at=unsealed.observed_at,
                clock=unsealed.clock,
                subjects=unsealed.subjects,
                basis=unsealed.basis,
                payload=msgspec.Raw(unsealed.payload),
            )
        )
        signature = await self._equipment.keys.sign_as_author(
            enrolled.key_name, record_message(digest_of(body))
        )
        return Sealed(body, signature)

    async def _evidence(self) -> ClockEvidence:
        now = self._equipment.clock.monotonic_ms()
        text = await self._equipment.store.settings.get(SERVER_OFFSET)
        if not text:
            return ClockEvidence(now)
        offset = msgspec.json.decode(text, type=Offset)
        age = now - offset.at_monotonic_ms
        return ClockEvidence(now, offset.offset_ms, age if age >= 0 else None)


def shown(subject_type: str, subject: str, state: Instrument | Premises) -> Change:
    """An own state, to be laid over the mirror until the server's arrives."""
    return Change(subject_type, subject, state.county, 0, msgspec.json.encode(state))
