"""转交: what the office does not have yet, sealed for the office alone, given to somebody who will meet a network before this phone does.

Nothing is removed here: a record that was handed over still waits, and goes by itself where this phone finds a network after all.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mobile.workflow.enrolled import must_be_enrolled
from mobile.workflow.ports import Changed, Equipment, Observers, Unsubscribe
from shared.errors import InputError
from sync.envelope import Sealed, head_message
from sync.handover import (
    MAX_FRAMES,
    MAX_RECORDS,
    Content,
    HandedFile,
    Header,
    bound_to,
    frames_of,
    pack_content,
    write_bundle,
)
from sync.keys import key_id
from sync.messages import ChainHead

RECORD_BYTES = 4 * 1024 * 1024
"""Bytes of the records in one hand-over at most; many years of a phone's work are fewer."""
FILE_BYTES = 4 * 1024 * 1024
"""Bytes of a hand-over with photographs at most: a courier's phone sends it in one go."""


class Waiting(msgspec.Struct, frozen=True):
    """What there is to hand over."""

    records: int
    files: int


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle that is ready to be given away."""

    bundle: bytes
    name: str
    """Of the file."""
    digests: list[str]
    """Of the records in it."""
    files: int
    left_records: int
    """Records that did not fit."""
    left_files: int
    """Photographs and signatures that are not in it."""


class HandOver:
    """Makes hand-overs. Needs neither a network nor a PIN: the device's key alone signs."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._observers = Observers()

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Calls ``changed`` after records were noted as handed over."""
        return self._observers.subscribe(changed)

    async def waiting(self) -> Waiting:
        """How much the office does not have."""
        store = self._equipment.store
        return Waiting(await store.outbox.offered(), len(await store.attachments.unsent()))

    async def as_file(self, with_files: bool) -> Handover:
        """One file, with the oldest records where there are more than one holds. Raises InputError ``handover_nothing``, ``handover_key_missing``, ``not_enrolled``."""
        records = await self._records()
        unsent = await self._equipment.store.attachments.unsent()
        files: list[HandedFile] = []
        room = FILE_BYTES - sum(len(sealed.body) for sealed in records)
        for file in unsent if with_files else ():
            content = await self._content(file.digest) if file.size <= room else None
            if content is not None:
                files.append(HandedFile(file.digest, file.media_type, file.record_id, content))
                room -= len(content)
        if not records and not files:
            raise nothing_to_hand_over()
        return await self._make(records, files, len(unsent))

    async def as_codes(self) -> tuple[Handover, list[str]]:
        """The oldest records, as many as a series of codes carries, and the codes' texts. Raises as :meth:`as_file`."""
        waiting = await self._records()
        if not waiting:
            raise nothing_to_hand_over()
        unsent = len(await self._equipment.store.attachments.unsent())
        records = waiting
        while True:
            made = await self._make(records, [], unsent)
            frames = frames_of(made.bundle)
            if len(frames) <= MAX_FRAMES or len(records) == 1:
                return made, frames
            # What the records weigh differs; the next try is a little smaller than their mean says.
            records = records[: max(1, len(records) * MAX_FRAMES * 9 // (len(frames) * 10))]

    async def given(self, handover: Handover) -> None:
        """Notes that somebody has it; the records go on waiting for the office's ruling."""
        await self._equipment.store.outbox.handed_over(handover.digests)
        self._observers.notify()

    async def _records(self) -> list[Sealed]:
        return await self._equipment.store.outbox.waiting(MAX_RECORDS, RECORD_BYTES)

    async def _content(self, digest: str) -> bytes | None:
        try:
            return await self._equipment.blobs.get(digest)
        except InputError:
            return None

    async def _make(self, records: Sequence[Sealed], files: Sequence[HandedFile], unsent: int) -> Handover:
        equipment = self._equipment
        enrolled = await must_be_enrolled(equipment.store.settings)
        if not enrolled.handover_key:
            raise InputError(
                "handover_key_missing",
                "This phone does not have the office's key for hand-overs yet.",
                "It gets the key with its next sync. Everything is kept on the phone.",
            )
        chain, sequence, digest = await equipment.store.outbox.head()
        signature = await equipment.keys.sign_as_device(head_message(chain, sequence, digest or ""))
        head = ChainHead(chain, sequence, digest or "", signature)
        header = Header(
            key=key_id(enrolled.handover_key),
            device=enrolled.device_id,
            made_at=equipment.clock.now(),
            records=len(records),
            files=len(files),
        )
        packed = pack_content(Content(head, list(records), list(files)))
        sealed = await equipment.keys.seal_for(enrolled.handover_key, packed, bound_to(header))
        return Handover(
            bundle=write_bundle(header, sealed),
            name=f"quanheng-{enrolled.device_id[-8:]}-{header.made_at:%Y%m%d-%H%M%S}.qhh",
            digests=[each.digest for each in records],
            files=len(files),
            left_records=await equipment.store.outbox.offered() - len(records),
            left_files=unsent - len(files),
        )


def nothing_to_hand_over() -> InputError:
    """The office has everything."""
    return InputError(
        "handover_nothing",
        "There is nothing to hand over: the office has every record of this phone.",
        "Nothing to do.",
    )
