"""The payload of ``inspection.recorded``: everything that was answered on a spot check, as given, and the conclusion drawn on the phone.

Nothing here repairs or completes evidence: readings keep the decimals of the display, every attempt stays, and what was not done says why.
:mod:`shared.metrology.spot_check` draws the conclusion from it, on the phone and again on the server.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from shared.clock import Moment
from shared.identity import Digest, Identity
from shared.instrument import Instrument, PartialRange
from shared.message import Message
from shared.metrology.judging import Outcome, limits_shown
from shared.metrology.procedure import InputField
from shared.premises import Position
from shared.quantity import Quantity
from shared.standard import WEIGHT, Standard


class Headline(StrEnum):
    """The worst of the findings; a spot check never says 合格."""

    SUSPECTED_CHEATING = "suspected_cheating"
    SUSPECTED_OVER_LIMIT = "suspected_over_limit"
    UNDECIDED = "undecided"
    WITHIN_BUT_EXPIRED = "within_but_expired"
    WITHIN_UNVERIFIED = "within_unverified"
    WITHIN = "within"


class BlobRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that travels apart from the record, named by the SHA-256 of its content.

    A personal one begins with 16 random bytes, so that its digest says nothing once it has been erased.
    """

    digest: Digest
    media_type: str
    size: int
    role: str
    personal: bool = False


class InstrumentFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the inspector relied on, copied from the register or read off the nameplate."""

    instrument_id: Identity
    kind: str
    serial_number: str
    accuracy_class: str = ""
    capacity_max: Quantity | None = None
    capacity_min: Quantity | None = None
    verification_scale_interval: Quantity | None = None
    actual_scale_interval: Quantity | None = None
    partial_ranges: list[PartialRange] = []
    nameplate: dict[str, Quantity] = {}
    manufactured_on: date | None = None
    valid_until: date | None = None
    """Last day of the verification that the phone knew of."""
    verification_known: bool = False

    @classmethod
    def of(cls, instrument: Instrument) -> InstrumentFacts:
        """The facts as the register has them."""
        return cls(
            instrument_id=instrument.instrument_id,
            kind=instrument.kind,
            serial_number=instrument.serial_number,
            accuracy_class=instrument.accuracy_class,
            capacity_max=instrument.capacity_max,
            capacity_min=instrument.capacity_min,
            verification_scale_interval=instrument.verification_scale_interval,
            actual_scale_interval=instrument.actual_scale_interval,
            partial_ranges=instrument.partial_ranges,
            nameplate=instrument.nameplate,
            manufactured_on=instrument.manufactured_on,
            valid_until=instrument.verification.valid_until if instrument.verification else None,
            verification_known=instrument.verification is not None,
        )


class LabelCheck(StrEnum):
    """What the scan said of the label."""

    GENUINE = "genuine"
    FORGED = "forged"
    COPIED = "copied"
    KEY_UNKNOWN = "key_unknown"
    TYPED = "typed"
    NONE = "none"


class VisualAnswer(StrEnum):
    OK = "ok"
    FLAG = "flag"
    NOT_APPLICABLE = "not_applicable"


class VisualFinding(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to one question of the visual check; ``question`` is its id in the catalogue."""

    question: str
    answer: VisualAnswer
    note: str = ""


class PointRole(StrEnum):
    """What a point of the measurement is for."""

    ZERO = "zero"
    REPEATABILITY = "repeatability"
    LOAD = "load"
    ECCENTRICITY = "eccentricity"
    TARE = "tare"
    PRICE = "price"
    INDICATION = "indication"
    """An indication against a reference standard, the quantity rising or at rest."""
    FALLING = "falling"
    """The same while the quantity falls."""


class Entry(StrEnum):
    """Whether the reading was typed or taken over as equal to the load (同载荷)."""

    SAME = "same"
    TYPED = "typed"


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt at one point."""

    point: str
    """Key of the planned point, for example ``load:10kg`` or ``repeatability:2``."""
    role: PointRole
    reference: Quantity = msgspec.field(name="test_load")
    """The reference quantity value (VIM 5.18): of a scale the test load, else what the standard realises or shows."""
    indication: Quantity | None = None
    """As displayed; None where the point could not be done."""
    entry: Entry = Entry.TYPED
    added_weights: Quantity | None = None
    """ΔL: the small weights on the pan when the display jumped."""
    jumped: bool | None = None
    """Where ``added_weights`` were put on all at once: whether the display jumped. None where they were added until it did."""
    unit_price: Decimal | None = None
    inputs: dict[str, Quantity] = {}
    """What else was read at this point, by the id of its input field."""
    attempt: int = 1
    superseded_because: str = ""
    """Why this attempt was done again; an attempt without a cause stands."""
    not_done_because: str = ""
    read_at: Moment | None = None


class StandardUsed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reference standard as it was when used."""

    standard_id: Identity
    nominal: Quantity
    accuracy_class: str
    valid_until: date
    count: int = 1
    sort: str = WEIGHT
    """What sort of standard it is; a procedure says which it needs."""
    largest_error: Quantity | None = None
    """Its own largest permissible error, or the expanded uncertainty (k = 2) of its certificate; of weights that of their class."""


def used(standard: Standard) -> StandardUsed:
    """A standard as it is now, as a record names it."""
    return msgspec.convert(standard, StandardUsed, from_attributes=True)


class PartyAnswer(StrEnum):
    AGREES = "agrees"
    DISAGREES = "disagrees"
    REFUSED = "refused"


class OtherParty(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the trader or user said: 无异议, 有异议 or 拒签, with the reason; the signature is a personal blob."""

    answer: PartyAnswer
    reason: str = ""
    signature: BlobRef | None = None


class Present(StrEnum):
    """Who of the other side was there, by what they are there; a name is personal, and stands in no record."""

    OPERATOR = "operator"
    EMPLOYEE = "employee"
    ORGANISER = "organiser"
    """Of the market, not of the stall."""
    WITNESS = "witness"
    NOBODY = "nobody"


class FindingSubject(StrEnum):
    MEASUREMENT = "measurement"
    MARKS_AND_SEALS = "marks_and_seals"
    VERIFICATION_STATUS = "verification_status"


class FindingOutcome(StrEnum):
    """How one finding came out; which of these can occur depends on its subject."""

    WITHIN = "within"
    OVER_LIMIT = "over_limit"
    SUSPECTED_CHEATING = "suspected_cheating"
    UNDECIDED = "undecided"
    NOT_JUDGED = "not_judged"
    VALID = "valid"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    subject: FindingSubject
    outcome: FindingOutcome
    reasons: list[Message] = []


class PlannedPoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A point that the procedure asks for, with all that the form shows."""

    key: str
    role: PointRole
    reference: Quantity = msgspec.field(name="load")
    """The nominal reference value, of a scale the test load; zero for the zero."""
    same: str
    """What the display shows when it shows exactly the reference value, with the display's decimals."""
    unit: str
    """Unit of the display: ``kg``, ``g``, ``元`` for the price, ``mmHg`` …"""
    decimals: int
    title: Message
    """Short name, for example "10 kg" or "Corner 2"."""
    instruction: Message
    """What to do, for example "Put on 10 kg and read the display"."""
    basis: Message | None = None
    """Where the limit comes from, for example "Class III, in service, 2000e"."""
    limit: Quantity | None = None
    """The upper limit; None where it depends on what is read."""
    limit_below: Quantity | None = None
    """The lower limit, where it is not the upper one with the other sign."""
    unit_price: Decimal | None = None
    inputs: list[InputField] = []
    """What is read here beside the indication."""
    reference_read: bool = False
    """Whether the reference value is read too: it then comes first among ``inputs``, under the id ``reference``."""
    zone: str = ""
    """The zone of the limits' table that the point lies in."""
    finer_possible: bool = True
    """Whether small added weights make sense here."""

    def limits_shown(self) -> str:
        """``±5 g``; empty where the limit depends on what is read."""
        if self.limit is None:
            return ""
        return limits_shown(-self.limit if self.limit_below is None else self.limit_below, self.limit)


class PointVerdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The judgement of one point: of a scale in grams, the price in yuan, of others in the unit of the limits (per cent of relative ones)."""

    point: str
    outcome: Outcome
    error_of_indication: Quantity
    limit: Quantity
    """The upper limit."""
    limit_below: Quantity | None = None
    """The lower limit, where it is not the upper one with the other sign."""
    half_width: Quantity
    """How far the error may be off the shown value."""
    working: list[Message] = []
    finer: Message | None = None

    @property
    def lower(self) -> Quantity:
        """The lower limit."""
        return -self.limit if self.limit_below is None else self.limit_below

    def limits_shown(self) -> str:
        """``±5 g``, or ``−4 %…+1 %``."""
        return limits_shown(self.lower, self.limit)


class Conclusion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Three findings and the headline, with the reasons."""

    headline: Headline
    words: Message
    findings: list[Finding]
    points: list[PointVerdict] = []
    together: list[PointVerdict] = []
    """What several readings say together: the spread of repeats, falling against rising."""
    edition: str = ""
    catalogue_version: str = ""
    covered_to: Quantity | None = None
    """Set where only part of the range was checked."""
    notes: list[Message] = []

    def finding(self, subject: FindingSubject) -> Finding:
        """The finding on ``subject``."""
        return next(finding for finding in self.findings if finding.subject is subject)


class Inspection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A spot check, schema 1."""

    instrument: InstrumentFacts
    premises_id: Identity | None = None
    label: LabelCheck = LabelCheck.NONE
    label_payload: str = ""
    visual: list[VisualFinding] = []
    readings: list[Reading] = []
    planned: list[str] = []
    """Keys of the points that the plan asked for with the weights carried."""
    standards: list[StandardUsed] = []
    photos: list[BlobRef] = []
    officers: list[Identity] = []
    present: list[Present] = []
    other_party: OtherParty | None = None
    position: Position | None = None
    started_at: Moment
    finished_at: Moment
    catalogue_version: str
    edition: str
    conclusion: Conclusion | None = None
    """As worked out on the phone; the server works it out again and compares."""
