"""Verification (检定, VIML 2.09) within the law: what a verifier concludes of one instrument, the sticker that says so, and what the site says to it.

A verification is not a spot check. Its result is drawn from the items of the procedure, never tapped: with one that failed it is a failure. Its day
and its interval give the last day on which it holds.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.campaign import RosterState
from shared.clock import local_date
from shared.identity import County, Identity
from shared.inspection import Headline, OtherParty, PartyAnswer, StandardUsed
from shared.instrument import Attention, Instrument, VerificationStatus
from shared.metrology.judging import Stage

FAILS = {Headline.SUSPECTED_CHEATING, Headline.SUSPECTED_OVER_LIMIT}
BLOCK_SIZE = 100
"""Sticker numbers that a phone is given at once."""


class VerificationResult(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


class VerificationItem(StrEnum):
    """What a verification looks at, whatever the kind; the regulation of the kind says how."""

    APPEARANCE = "appearance"
    """Appearance, marks and nameplate."""
    SEAL = "seal"
    """Seals, and what they protect."""
    FUNCTION = "function"
    """Zero, tightness, alarm: whatever must work before anything is measured."""
    INDICATION = "indication"
    """Error of indication."""
    REPEATABILITY = "repeatability"
    OTHER = "other"
    """What the note says."""


class PutRight(StrEnum):
    """What was done to an instrument that had failed, before it was verified again."""

    REPAIRED = "repaired"
    ADJUSTED = "adjusted"
    OTHER = "other"


class Sticker(msgspec.Struct, frozen=True):
    """A sticker's number, out of a block that one phone was given."""

    block_id: Identity
    number: Annotated[int, Meta(ge=1)]
    text: str
    """As it is printed: the block's series and the number."""


class VerificationRecorded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A verifier's conclusion on one instrument."""

    instrument_id: Identity
    kind: str
    result: VerificationResult
    failed: list[VerificationItem] = []
    """The items that failed; with none of them it is a pass."""
    note: str = ""
    verified_on: date
    valid_until: date | None = None
    """Of a pass: the last day on which it holds; none where the kind is verified once."""
    stage: Stage = Stage.SUBSEQUENT
    edition: str = ""
    """The regulation that was followed, as the catalogue names it; empty of a kind that it does not know."""
    body: str
    """The technical body whose verifier concludes."""
    certificate_no: str = ""
    sticker: Sticker | None = None
    """Of a pass; none where the phone had none left: it follows (``sticker.affixed``)."""
    campaign_id: Identity | None = None
    second: Identity | None = None
    """The second verifier, who was there."""
    standards: list[StandardUsed] = []
    retest_of: Identity | None = None
    """The record of the failure that this comes after."""
    put_right: PutRight | None = None
    """Of a retest: what was done in between."""

    def __post_init__(self) -> None:
        passed = self.result is VerificationResult.PASSED
        if passed is bool(self.failed):
            raise ValueError("the result is not what the items give")
        if not passed and (self.sticker or self.valid_until):
            raise ValueError("a failure has no sticker and no validity")
        if self.valid_until is not None and self.valid_until < self.verified_on:
            raise ValueError("it ends before it begins")
        if (self.retest_of is None) is not (self.put_right is None):
            raise ValueError("a retest says what was put right")


class StickerAffixed(msgspec.Struct, frozen=True, kw_only=True):
    """A sticker that followed its verification, or that takes the place of one that is at odds."""

    instrument_id: Identity
    verification: Identity
    """The record that it says so of."""
    sticker: Sticker


class RosterNoted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A visit did not find an instrument of the roster to verify: absent, or scrapped, perhaps with another in its place."""

    campaign_id: Identity
    instrument_id: Identity
    state: RosterState
    on: date
    reason: str = ""
    replaced_by: Identity | None = None

    def __post_init__(self) -> None:
        if self.state not in (RosterState.ABSENT, RosterState.SCRAPPED):
            raise ValueError("a verification is a record of its own")
        if self.replaced_by is not None and self.state is not RosterState.SCRAPPED:
            raise ValueError("what is only absent is not replaced")


class ConfirmedItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One instrument as the site was shown it."""

    instrument_id: Identity
    record_id: Identity
    """The record that gave its state."""
    state: RosterState
    disputed: bool = False
    """有出入: the site says that it was otherwise."""


class CampaignConfirmed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The site's word on what was done there, item by item, given on the team's own phone: weaker evidence than the site's own key."""

    campaign_id: Identity
    premises_id: Identity
    items: Annotated[list[ConfirmedItem], Meta(min_length=1)]
    count: int
    """The number of items, as it stood on the glass."""
    on: date
    party: OtherParty

    def __post_init__(self) -> None:
        if self.count != len(self.items) or len({each.instrument_id for each in self.items}) < self.count:
            raise ValueError("the count is not that of the items")
        if (self.party.answer is PartyAnswer.DISAGREES) is not any(each.disputed for each in self.items):
            raise ValueError("who objects says to which item")


class NumbersReserved(msgspec.Struct, frozen=True, kw_only=True):
    """The office gives one phone's chain a block of sticker numbers; no other phone, and no later chain of this one, may use them."""

    block_id: Identity
    series: Annotated[str, Meta(pattern=r"^[0-9A-HJKMNP-TV-Z]{4}$")]
    first: Annotated[int, Meta(ge=1)]
    count: Annotated[int, Meta(ge=1, le=1000)]
    device: Identity
    chain: Identity


class StickerBlock(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of a block of sticker numbers."""

    block_id: Identity
    county: County
    series: str
    first: int
    count: int
    device: Identity
    chain: Identity
    used: dict[int, list[Identity]] = {}
    """By number the instruments that bear it. Two mean that a copy of the phone gave it away once more, and a person must look."""

    def sticker(self, number: int) -> Sticker:
        """One of its numbers."""
        return Sticker(self.block_id, number, sticker_text(self.series, number))

    def holds(self, sticker: Sticker) -> bool:
        """Whether it is one of these, and written so."""
        inside = self.first <= sticker.number < self.first + self.count
        return inside and sticker == self.sticker(sticker.number)

    def number_of(self, text: str) -> int:
        """Undoes :func:`sticker_text`."""
        return int(text.rpartition("-")[2])

    @property
    def twice(self) -> list[int]:
        """The numbers that stand on more than one instrument."""
        return sorted(number for number, bearers in self.used.items() if len(bearers) > 1)

    def given_to(self, number: int, instrument_id: str) -> StickerBlock:
        """The block after a number was used."""
        bearers = self.used.get(number, [])
        if instrument_id in bearers:
            return self
        return msgspec.structs.replace(self, used=self.used | {number: [*bearers, instrument_id]})

    def taken_from(self, number: int, instrument_id: str) -> StickerBlock:
        """The block after a sticker came off an instrument; the number is not free again."""
        bearers = [each for each in self.used.get(number, []) if each != instrument_id]
        return msgspec.structs.replace(self, used=self.used | {number: bearers})


def sticker_text(series: str, number: int) -> str:
    """``K7Q2-000123``."""
    return f"{series}-{number:06d}"


def last_valid_day(verified_on: date, interval_months: int | None) -> date | None:
    """The day before the one that bears the same number ``interval_months`` later, or that month's last where it has no such day."""
    if interval_months is None:
        return None
    months = verified_on.year * 12 + verified_on.month - 1 + interval_months
    year, month = divmod(months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    if verified_on.day > length:
        return date(year, month + 1, length)
    return date(year, month + 1, verified_on.day) - timedelta(days=1)


def last_verified(instrument: Instrument) -> date | None:
    """The day of its newest verification that is known, passed or failed."""
    return instrument.verification.verified_on if instrument.verification else instrument.failed_on


def last_suspected(instrument: Instrument) -> date | None:
    """The day of its newest failing finding that no verification has cleared."""
    if instrument.suspected_on or instrument.attention is Attention.NONE:
        return instrument.suspected_on
    # A state from before the day was kept: what it still lists is what is known.
    failures = [local_date(each.observed_at) for each in instrument.inspections if each.headline in FAILS]
    return max(failures, default=None)


def passed_on(before: Instrument, status: VerificationStatus) -> Instrument:
    """The instrument with a passed verification: it gives validity, and clears what was suspected up to that day."""
    after = msgspec.structs.replace(before, verification=status, failed_on=None, failed_by=None)
    suspected = last_suspected(before)
    if suspected and suspected > status.verified_on:
        return after
    return msgspec.structs.replace(after, attention=Attention.NONE, suspected_on=None)


def failed_on(before: Instrument, day: date, record_id: str | None = None) -> Instrument:
    """The instrument with a failed verification, which ends the validity of the one before."""
    return msgspec.structs.replace(before, verification=None, failed_on=day, failed_by=record_id)


def verified_now(
    before: Instrument, recorded: VerificationRecorded, record_id: str, seen: bool
) -> tuple[Instrument, bool]:
    """The instrument after a verification, and whether another of that day contradicts it; ``seen`` where its author knew of what stood before.

    Of a pass and a failure of one day the failure stands, unless the pass is its retest.
    """
    standing = before.verification
    day, passed = recorded.verified_on, recorded.result is VerificationResult.PASSED
    last = last_verified(before)
    if (last and day < last) or (standing and record_id in (standing.record_id, standing.retest_of)):
        return before, False
    if not passed:
        contradicts = standing is not None and standing.verified_on == day and not seen
        after = failed_on(before, day, record_id)
        return (
            (msgspec.structs.replace(after, attention=Attention.RECHECK), True)
            if contradicts
            else (after, False)
        )
    comes_after = recorded.retest_of is not None and recorded.retest_of == before.failed_by
    if before.failed_on == day and not comes_after and not seen:
        return msgspec.structs.replace(before, attention=Attention.RECHECK), True
    status = VerificationStatus(
        verified_on=day,
        valid_until=recorded.valid_until,
        body=recorded.body,
        certificate_no=recorded.certificate_no,
        record_id=record_id,
        retest_of=recorded.retest_of,
        sticker=recorded.sticker.text if recorded.sticker else "",
        sticker_block=recorded.sticker.block_id if recorded.sticker else None,
    )
    return passed_on(before, status), False
