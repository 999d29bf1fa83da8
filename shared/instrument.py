"""A measuring instrument in use, as the registry knows it."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum

import msgspec

from shared.amending import Dispute
from shared.identity import County, Identity
from shared.premises import Township
from shared.quantity import Quantity


class UseStatus(StrEnum):
    IN_USE = "in_use"
    SUSPENDED = "suspended"
    ABSENT = "absent"
    """It was not where it should be, and nobody could say where it is."""
    SCRAPPED = "scrapped"


class Attention(StrEnum):
    """Why the next inspector must look at this instrument again."""

    NONE = "none"
    SUSPECTED_OVER_LIMIT = "suspected_over_limit"
    SUSPECTED_CHEATING = "suspected_cheating"
    RECHECK = "recheck"


class LabelTrouble(StrEnum):
    """Why an instrument's label is out of force, until it gets another."""

    NONE = "none"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    SWAPPED = "swapped"
    """It was seen on another instrument; the office looks into it."""


class PartialRange(msgspec.Struct, frozen=True):
    """A partial weighing range of a multi-interval scale, for example 15 kg with e = 5 g (R 76-1:2006 T.3.2.6)."""

    up_to: Quantity
    verification_scale_interval: Quantity


class VerificationStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last verification on the ledger (VIML 2.09); none means that the registry knows of none."""

    verified_on: date
    valid_until: date | None
    """The last day on which the verification holds; ``None`` where the kind has no interval."""
    body: str
    certificate_no: str = ""
    record_id: Identity | None = None
    """The record that concluded it; none of one that was taken over from its certificate."""
    retest_of: Identity | None = None
    """The failure that it came after."""
    sticker: str = ""
    """The number of the sticker on the instrument, as printed; empty where none is, or none is known."""
    sticker_block: Identity | None = None
    """The block that the number is from."""

    def holds_on(self, day: date) -> bool:
        """Whether the verification is valid on ``day`` (the last day included)."""
        return self.valid_until is None or day <= self.valid_until


class LastInspection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One earlier spot check, short enough to show on the instrument's card."""

    record_id: Identity
    observed_at: datetime
    headline: str
    """A value of :class:`shared.inspection.Headline`."""


class Instrument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of one instrument; holds no personal data.

    ``version`` grows with every change of the instrument and is what a record's ``basis`` names.
    """

    instrument_id: Identity
    version: int
    county: County
    township: Township
    kind: str
    """Id of a kind of the catalogue, for example ``price-computing-scale``."""
    serial_number: str
    premises_id: Identity
    stall: str = ""
    label: str = ""
    """The label's code, eight characters, or empty."""
    label_trouble: LabelTrouble = LabelTrouble.NONE
    label_voided_by: Identity | None = None
    """The record that took the label out of force. Its code stays, so that whoever scans it is told."""
    manufacturer: str = ""
    model: str = ""
    use_scene: str = ""
    accuracy_class: str = ""
    capacity_max: Quantity | None = None
    capacity_min: Quantity | None = None
    verification_scale_interval: Quantity | None = None
    actual_scale_interval: Quantity | None = None
    partial_ranges: list[PartialRange] = []
    """Ascending, the last up to Max; empty for a scale with a single e."""
    nameplate: dict[str, Quantity] = {}
    """Further figures of the nameplate, by the ids that the catalogue gives the kind (measuring range, flow rates)."""
    manufactured_on: date | None = None
    use_status: UseStatus = UseStatus.IN_USE
    verification: VerificationStatus | None = None
    failed_on: date | None = None
    """Day of the last verification where it was failed: an older pass that is taken over later gives no validity."""
    failed_by: Identity | None = None
    """The record of that failure, where it was recorded here."""
    attention: Attention = Attention.NONE
    suspected_on: date | None = None
    """Day of the newest failing finding that no verification has cleared: an older pass that is taken over later does not clear it."""
    inspections: list[LastInspection] = []
    """The newest first, five at most."""
    aliases: list[str] = []
    """Keys of the codes of others that were bound to it, in the order of the ledger (:class:`shared.foreign_label.ForeignLabel`)."""
    amended: dict[str, list[Identity]] = {}
    """By field, the records that gave the value in force, where that is not the registration."""
    disputes: list[Dispute] = []
    """Other values of fields, which wait for the office."""
    shares_serial: bool = False
    """The office has found that other instruments rightly have this serial number, too."""
    continued_by: Identity | None = None
    """The instrument that this one turned out to be; what is recorded of this one is that one's."""

    @property
    def label_in_force(self) -> bool:
        """Whether it has a label that may be relied on."""
        return bool(self.label) and self.label_trouble is LabelTrouble.NONE


def in_walking_order(instrument: Instrument) -> tuple[bool, str, str]:
    """What the instruments of a site are sorted by: from stall to stall, and last those that have none."""
    return (not instrument.stall, instrument.stall, instrument.serial_number)


BETWEEN = re.compile(r"[\W_]+")
"""What is neither a letter nor a digit, of whatever script."""


def serial_key(serial_number: str) -> str:
    """A serial number as it is compared and looked up, at the office and on the phone: letters (Chinese ones too) and digits alone, in
    capitals, no more of it than any nameplate holds.
    """
    return BETWEEN.sub("", serial_number.upper())[:64]
