"""What may be found on site beside a check's findings, its words, and what a record says was found."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from shared.amending import InstrumentField
from shared.instrument import LabelTrouble, UseStatus
from shared.message import Message
from shared.premises import Standing
from shared.records import InstrumentAmended, LabelVoided, PremisesAmended
from sync.envelope import Envelope

Says = LabelVoided | InstrumentAmended | PremisesAmended
RECORD_KINDS: dict[type[Says], str] = {
    LabelVoided: "label.voided",
    InstrumentAmended: "instrument.amended",
    PremisesAmended: "premises.amended",
}
"""What says that something was found."""


class Found(StrEnum):
    """What may be found. The first are of an instrument, the last two of a site."""

    LABEL_MISSING = "label_missing"
    LABEL_UNREADABLE = "label_unreadable"
    LABEL_SWAPPED = "label_swapped"
    ABSENT = "absent"
    MOVED = "moved"
    SCRAPPED = "scrapped"
    HERE = "here"
    """It is there again."""
    CLOSED = "closed"
    OPEN = "open"
    """The site is open again."""


TROUBLES = {
    Found.LABEL_MISSING: LabelTrouble.MISSING,
    Found.LABEL_UNREADABLE: LabelTrouble.UNREADABLE,
    Found.LABEL_SWAPPED: LabelTrouble.SWAPPED,
}
STATUSES = {
    Found.ABSENT: UseStatus.ABSENT,
    Found.SCRAPPED: UseStatus.SCRAPPED,
    Found.HERE: UseStatus.IN_USE,
}
STANDINGS = {Found.CLOSED: Standing.CLOSED, Found.OPEN: Standing.OPEN}
WORDS = {
    Found.LABEL_MISSING: Message("Label missing"),
    Found.LABEL_UNREADABLE: Message("Label unreadable"),
    Found.LABEL_SWAPPED: Message("Label on another instrument"),
    Found.ABSENT: Message("Instrument not found"),
    Found.MOVED: Message("Instrument moved"),
    Found.SCRAPPED: Message("Instrument scrapped"),
    Found.HERE: Message("It is here again"),
    Found.CLOSED: Message("Site closed"),
    Found.OPEN: Message("Site open again"),
}


def finding_of(envelope: Envelope) -> Says | None:
    """The payload of a record that says what was found on site; None of any other record, a mere correction too."""
    for payload_type, kind in RECORD_KINDS.items():
        if kind == envelope.kind:
            payload = msgspec.json.decode(envelope.payload, type=payload_type)
            return payload if payload.evidence else None
    return None


def found_in(payload: Says) -> Found:
    """What was found, as the record says it."""
    if isinstance(payload, LabelVoided):
        return next(found for found, trouble in TROUBLES.items() if trouble is payload.because)
    if isinstance(payload, PremisesAmended):
        closed = any(change.after == Standing.CLOSED for change in payload.changes)
        return Found.CLOSED if closed else Found.OPEN
    said = {change.field: change.after for change in payload.changes}
    if said.keys() != {InstrumentField.USE_STATUS}:
        return Found.MOVED
    status = said[InstrumentField.USE_STATUS]
    return next((found for found, one in STATUSES.items() if one == status), Found.HERE)
