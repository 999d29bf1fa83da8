"""A free-verification campaign (免费检定): who is on its roster, how far each has come, and what the site said to it.

Pure: a record and an entry go in, the entry after it comes out; phone and server call the same functions, and taking a record in twice changes
nothing. Of two days the later speaks. Of a pass and a failure of one day the failure stands, unless the pass says that it came after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec

from shared.identity import County, Identity


class RosterState(StrEnum):
    """How far the team has come with one instrument."""

    EXPECTED = "expected"
    VERIFIED = "verified"
    FAILED = "failed"
    ABSENT = "absent"
    SCRAPPED = "scrapped"


class SiteAnswer(StrEnum):
    """What the site said to what was done: 确认, 有异议 or 拒签."""

    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    REFUSED = "refused"


class Standing(StrEnum):
    """State and answer in one word, so that every instrument is counted once."""

    EXPECTED = "expected"
    VERIFIED = "verified"
    RETESTED = "retested"
    FAILED = "failed"
    ABSENT = "absent"
    SCRAPPED = "scrapped"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    REFUSED = "refused"


class RosterEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    instrument_id: Identity
    premises_id: Identity
    state: RosterState = RosterState.EXPECTED
    on: date | None = None
    """The day of the verification, or of the visit that found it absent or scrapped."""
    retested: bool = False
    """It passed after it had failed in this campaign."""
    answer: SiteAnswer | None = None
    """What the site said to the state as it is; a later verification asks anew."""
    replaced_by: Identity | None = None
    """The instrument that stands in its place, which is on the roster, too."""
    by: Identity | None = None
    """The record that gave the state: what the site answers to."""
    records: list[Identity] = []
    """Every record that named it in this campaign, in the order of the ledger."""
    retests: list[Identity] = []
    """Failures that a later verification says it came after; one of them that comes in late changes nothing."""

    @property
    def standing(self) -> Standing:
        """A failure is never hidden behind a signature; an objection hides nothing, it asks for a person."""
        if self.answer is SiteAnswer.OBJECTED:
            return Standing.OBJECTED
        if self.state is not RosterState.VERIFIED:
            return Standing(self.state.value)
        if self.answer:
            return Standing(self.answer.value)
        return Standing.RETESTED if self.retested else Standing.VERIFIED

    @property
    def is_verified(self) -> bool:
        """Whether its newest verification of this campaign stands."""
        return self.state in (RosterState.VERIFIED, RosterState.FAILED)


class Campaign(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of one campaign in one county."""

    campaign_id: Identity
    county: County
    title: str
    starts_on: date
    ends_on: date
    roster: list[RosterEntry] = []

    def entry(self, instrument_id: str) -> RosterEntry | None:
        """The instrument's line of the roster."""
        return next((each for each in self.roster if each.instrument_id == instrument_id), None)

    def at(self, premises_id: str) -> list[RosterEntry]:
        """The lines of one site."""
        return [each for each in self.roster if each.premises_id == premises_id]

    def with_entry(self, entry: RosterEntry) -> Campaign:
        """The campaign with this line in place of the instrument's own, or added where it has none: found on site."""
        if self.entry(entry.instrument_id) is None:
            return msgspec.structs.replace(self, roster=[*self.roster, entry])
        roster = [entry if each.instrument_id == entry.instrument_id else each for each in self.roster]
        return msgspec.structs.replace(self, roster=roster)


def begun(entries: Iterable[RosterEntry]) -> bool:
    """Whether anything was done yet."""
    return any(entry.state is not RosterState.EXPECTED for entry in entries)


def entry_verified(
    entry: RosterEntry, record_id: str, passed: bool, on: date, retest_of: str | None
) -> RosterEntry:
    """The entry after a verification."""
    if record_id in entry.records:
        return entry
    retests = [*entry.retests, *([retest_of] if retest_of else [])]
    kept = msgspec.structs.replace(entry, records=[*entry.records, record_id], retests=retests)
    older = entry.is_verified and entry.on is not None and on < entry.on
    comes_after = retest_of is not None and retest_of == entry.by
    failed_that_day = entry.state is RosterState.FAILED and on == entry.on
    # What failed stays failed on that day where nobody says what was put right.
    if record_id in entry.retests or older or (passed and failed_that_day and not comes_after):
        return kept
    had_failed = entry.state is RosterState.FAILED or retest_of is not None or entry.retested
    return msgspec.structs.replace(
        kept,
        state=RosterState.VERIFIED if passed else RosterState.FAILED,
        on=on,
        retested=passed and had_failed,
        answer=None,
        by=record_id,
    )


def entry_noted(
    entry: RosterEntry, record_id: str, state: RosterState, on: date, replaced_by: str | None = None
) -> RosterEntry:
    """The entry after a visit that found it absent or scrapped. What was verified that day was there."""
    if record_id in entry.records:
        return entry
    kept = msgspec.structs.replace(entry, records=[*entry.records, record_id])
    late = entry.on is not None and on < entry.on
    if late or (state is RosterState.ABSENT and entry.is_verified and on == entry.on):
        return kept
    return msgspec.structs.replace(
        kept, state=state, on=on, replaced_by=replaced_by, answer=None, by=record_id
    )


def entry_answered(entry: RosterEntry, record_id: str, seen: str, answer: SiteAnswer) -> RosterEntry:
    """The entry after the site's word, which is on the record that the site was shown, and on no later one."""
    if record_id in entry.records:
        return entry
    kept = msgspec.structs.replace(entry, records=[*entry.records, record_id])
    return msgspec.structs.replace(kept, answer=answer) if entry.by == seen else kept


def standings(entries: Iterable[RosterEntry]) -> dict[Standing, int]:
    """How many stand where; every word is there."""
    found = dict.fromkeys(Standing, 0)
    for entry in entries:
        found[entry.standing] += 1
    return found
