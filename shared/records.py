"""The kinds of record there are, and what each one's payload says.

A kind's ``schema`` grows when its payload's meaning changes; readers keep what they do not know. ``inspection.recorded`` and
``lot.inspected`` are large enough to have modules of their own, :mod:`shared.inspection` and :mod:`shared.lot`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.identity import Digest, Identity
from shared.inspection import Inspection
from shared.instrument import PartialRange, UseStatus
from shared.lot import LotInspection
from shared.premises import Position, PremisesType, Township
from shared.quantity import Quantity
from shared.standard import WEIGHT

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


class VerificationResult(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


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


PAYLOADS: dict[tuple[str, int], type[msgspec.Struct]] = {
    ("chain.opened", 1): ChainOpened,
    ("premises.registered", 1): PremisesRegistered,
    ("instrument.registered", 1): InstrumentRegistered,
    ("label.bound", 1): LabelBound,
    ("standard.registered", 1): StandardRegistered,
    ("verification.imported", 1): VerificationImported,
    ("campaign.planned", 1): CampaignPlanned,
    ("inspection.recorded", 1): Inspection,
    ("lot.inspected", 1): LotInspection,
    ("record.withdrawn", 1): RecordWithdrawn,
}
"""Payload struct by kind and schema."""
