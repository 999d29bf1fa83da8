"""The draft of a spot check in hand: every change is on disk when the call that made it returns."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

import msgspec

from mobile.workflow.draft import Cursor, Draft, keep_draft
from mobile.workflow.ports import Changed, Equipment, Observers, Unsubscribe
from mobile.workflow.receipt import Receipt
from mobile.workflow.sealing import Sealing
from mobile.workflow.session import Session
from shared.errors import InputError
from shared.instrument import Instrument
from shared.metrology.catalogue import Kind
from shared.premises import Premises


@dataclass
class Drafting:
    """What every step of a spot check works on. Calls are taken one after the other, in the order they came."""

    equipment: Equipment
    session: Session
    sealing: Sealing
    draft: Draft
    receipt: Receipt | None = None
    """There once the record is in the outbox; then nothing more can be answered."""

    def __post_init__(self) -> None:
        self._observers = Observers()
        self._lock = asyncio.Lock()

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
    def kind(self) -> Kind:
        """What the catalogue says of the instrument's kind."""
        return self.equipment.catalogue.kind(self.instrument.kind)

    @property
    def cursor(self) -> Cursor:
        """The place one is in."""
        return self.draft.cursor

    @property
    def saved_at(self) -> datetime:
        """When the last answer was saved (the 已存 in the subtitle)."""
        return self.draft.saved_at

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
