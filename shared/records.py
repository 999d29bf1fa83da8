"""The kinds of record there are, and what each one's payload says.

A kind's ``schema`` grows when its payload's meaning changes; readers keep what they do not know. ``inspection.recorded`` and
``lot.inspected`` are large enough to have modules of their own, :mod:`shared.inspection` and :mod:`shared.lot`; what verifiers write is in
:mod:`shared.verification`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.amending import FieldChange, InstrumentField, PremisesField, Value
from shared.evidence import SiteEvidence
from shared.foreign_label import AliasKey, ForeignText, LabelFormat
from shared.identity import Digest, Identity
from shared.inspection import Inspection
from shared.instrument import LabelTrouble, PartialRange, UseStatus
from shared.lot import LotInspection
from shared.premises import Position, PremisesType, Standing, Township
from shared.quantity import Quantity
from shared.standard import WEIGHT
from shared.verification import (
    CampaignConfirmed,
    NumbersReserved,
    RosterNoted,
    StickerAffixed,
    VerificationRecorded,
    VerificationResult,
)

LabelCode = Annotated[str, Meta(pattern=r"^[0-9A-HJKMNP-TV-Z]{8}$")]


class ChainOpened(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first record of every chain: this installation's store begins here."""

    reason: str
    """``enrolled``, ``restored``, ``fork`` or ``server`` (the office's own chain)."""
    app_version: str
    chain_before: Identity | None = None


class PremisesRegistered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A site is put on the ledger."""

    premises_id: Identity
    township: Township
    type: PremisesType
    name: str
    address: str = ""
    position: Position | None = None


class InstrumentRegistered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instrument is put on the ledger."""

    instrument_id: Identity
    township: Township
    kind: str
    serial_number: str
    premises_id: Identity
    stall: str = ""
    manufacturer: str = ""
    model: str = ""
    use_scene: str = ""
    accuracy_class: str = ""
    capacity_max: Quantity | None = None
    capacity_min: Quantity | None = None
    verification_scale_interval: Quantity | None = None
    actual_scale_interval: Quantity | None = None
    partial_ranges: list[PartialRange] = []
    nameplate: dict[str, Quantity] = {}
    manufactured_on: date | None = None
    use_status: UseStatus = UseStatus.IN_USE


class LabelBound(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A label with this code was put on this instrument."""

    label: LabelCode
    instrument_id: Identity
    key_id: str
    serial_tag: str


class LabelVoided(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The label with this code was not found on this instrument as it should be, and is out of force."""

    label: LabelCode
    instrument_id: Identity
    because: LabelTrouble
    seen_on: Identity | None = None
    """The instrument that a swapped label was seen on, where that is on the ledger."""
    evidence: SiteEvidence

    def __post_init__(self) -> None:
        if self.because is LabelTrouble.NONE:
            raise ValueError("nothing is the matter with the label")
        if self.seen_on == self.instrument_id:
            raise ValueError("the label was seen on its own instrument")


class Sighting(StrEnum):
    """By sight of what somebody knew on which instrument a code of others was."""

    NAMEPLATE = "nameplate"
    """The serial number on the nameplate was compared."""
    LABEL = "label"
    """Our own label is on the instrument, too."""
    TOLD = "told"
    """Whoever uses the instrument said so."""


class AliasBound(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code of others (a maker's, a platform's) was seen on this instrument, and stands for it from now on."""

    instrument_id: Identity
    raw: ForeignText
    """The code's text as it was scanned, every character."""
    format: LabelFormat
    key: AliasKey
    """What it is looked up by, as the author's phone read it (:func:`shared.foreign_label.read_foreign`)."""
    seen: Sighting


class StandardRegistered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reference standard is put on the ledger."""

    standard_id: Identity
    name: str
    serial_number: str
    accuracy_class: str
    nominal: Quantity
    count: int = 1
    certificate_no: str
    valid_until: date
    sort: str = WEIGHT
    largest_error: Quantity | None = None


class VerificationImported(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A verification done before this system knew the instrument, taken over from its certificate."""

    instrument_id: Identity
    result: VerificationResult
    verified_on: date
    valid_until: date | None = None
    body: str
    certificate_no: str = ""
    source: str = ""


class CampaignPlanned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A free-verification campaign with its roster in one county."""

    campaign_id: Identity
    title: str
    starts_on: date
    ends_on: date
    roster: list[Identity]
    """Instruments, in the order of the route."""


class RecordWithdrawn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The author takes back a record; both stay on the ledger."""

    withdraws: Identity
    digest: Digest
    reason: str


class InstrumentAmended(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fields of an instrument are corrected; one that moved has another site or stall, one that is gone is scrapped."""

    instrument_id: Identity
    changes: Annotated[list[FieldChange[InstrumentField]], Meta(min_length=1)]
    evidence: SiteEvidence | None = None
    """Where it was found so on site, and not merely put right."""

    def __post_init__(self) -> None:
        must_fit_all(self.changes)


class PremisesAmended(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fields of a site are corrected; one that closed is found closed."""

    premises_id: Identity
    changes: Annotated[list[FieldChange[PremisesField]], Meta(min_length=1)]
    evidence: SiteEvidence | None = None
    """Where it was found so on site, and not merely put right."""

    def __post_init__(self) -> None:
        must_fit_all(self.changes)


class Conflict(StrEnum):
    """What can be at odds, each with its own way to settle it."""

    FIELD = "field_disputed"
    """Two values of one field: one of them, or a third, is put in force."""
    LABEL = "label_disputed"
    """One label's code on two instruments: it is taken off one of them."""
    SWAPPED = "label_swapped"
    """A label was seen on another instrument than its own: it is taken off, or it stands."""
    ALIAS = "alias_disputed"
    """One code of others on two instruments: it stands for one of them no longer."""
    SERIAL = "serial_twice"
    """One serial number of one kind and maker on two instruments: they are one (``instruments.merged``), or one of them rightly shares it."""


class ConflictResolved(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The office decides a conflict, for one subject."""

    subject: Identity
    conflict: Conflict
    field: str = ""
    """Of a disputed field: its name."""
    value: Value
    """The value in force from now on; the code that does not stand for the subject any more; the serial number that it rightly shares."""
    settles: list[Identity] = []
    """Of a disputed field: the records whose values the office had seen. What others say stays in dispute."""
    reason: Annotated[str, Meta(min_length=1, max_length=1000)]

    def __post_init__(self) -> None:
        if self.conflict is Conflict.FIELD:
            must_fit(self.field, self.value)


class InstrumentsMerged(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument was registered twice: one entry goes on, and the other points to it."""

    continues: Identity
    merged: Identity
    reason: Annotated[str, Meta(min_length=1, max_length=1000)]


OFFICE_ONLY = frozenset({"conflict.resolved", "instruments.merged", "numbers.reserved"})
"""Kinds that the office alone may write."""
VERIFIER_ONLY = frozenset({"verification.recorded", "sticker.affixed", "roster.noted", "campaign.confirmed"})
"""Kinds that a verifier (检定员) alone may write: what gives validity, and what a campaign's figures are counted from."""


def must_fit_all(
    changes: Sequence[FieldChange[InstrumentField]] | Sequence[FieldChange[PremisesField]],
) -> None:
    """As :func:`must_fit`, and no field twice."""
    if len({change.field for change in changes}) < len(changes):
        raise ValueError("a field is corrected twice")
    for change in changes:
        must_fit(change.field, change.after)


def must_fit(field: str, value: str) -> None:
    """Raises ValueError where a field can't be corrected, or can't have this value."""
    if field == InstrumentField.USE_STATUS:
        UseStatus(value)
    elif field == PremisesField.TYPE:
        PremisesType(value)
    elif field == PremisesField.STANDING:
        Standing(value)
    elif field == InstrumentField.PREMISES_ID:
        msgspec.convert(value, Identity)
    elif field in (InstrumentField.SERIAL_NUMBER, PremisesField.NAME):
        if not value.strip():
            raise ValueError(f"{field} is empty")
    elif field not in {*InstrumentField, *PremisesField}:
        raise ValueError(f"{field} can't be corrected")


PAYLOADS: dict[tuple[str, int], type[msgspec.Struct]] = {
    ("chain.opened", 1): ChainOpened,
    ("premises.registered", 1): PremisesRegistered,
    ("instrument.registered", 1): InstrumentRegistered,
    ("premises.amended", 1): PremisesAmended,
    ("instrument.amended", 1): InstrumentAmended,
    ("instruments.merged", 1): InstrumentsMerged,
    ("conflict.resolved", 1): ConflictResolved,
    ("label.bound", 1): LabelBound,
    ("label.voided", 1): LabelVoided,
    ("alias.bound", 1): AliasBound,
    ("standard.registered", 1): StandardRegistered,
    ("verification.imported", 1): VerificationImported,
    ("verification.recorded", 1): VerificationRecorded,
    ("sticker.affixed", 1): StickerAffixed,
    ("numbers.reserved", 1): NumbersReserved,
    ("campaign.planned", 1): CampaignPlanned,
    ("roster.noted", 1): RosterNoted,
    ("campaign.confirmed", 1): CampaignConfirmed,
    ("inspection.recorded", 1): Inspection,
    ("lot.inspected", 1): LotInspection,
    ("record.withdrawn", 1): RecordWithdrawn,
}
"""Payload struct by kind and schema."""
