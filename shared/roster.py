"""What a record makes of a campaign's roster; the office and the phone call the same function."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from shared.campaign import (
    Campaign,
    RosterEntry,
    SiteAnswer,
    entry_answered,
    entry_noted,
    entry_verified,
)
from shared.inspection import PartyAnswer
from shared.verification import CampaignConfirmed, RosterNoted, VerificationRecorded, VerificationResult

Line = Callable[[str], RosterEntry | None]
"""An instrument's line of the roster, a new one where it was found on site; None for what is not known."""
ANSWERS = {
    PartyAnswer.AGREES: SiteAnswer.CONFIRMED,
    PartyAnswer.DISAGREES: SiteAnswer.CONFIRMED,
    PartyAnswer.REFUSED: SiteAnswer.REFUSED,
}
"""What an answer says to an item that is not disputed."""


def moved(campaign: Campaign, record_id: str, payload: msgspec.Struct, line: Line) -> Campaign:
    """The campaign after a record, which is taken in once."""
    match payload:
        case VerificationRecorded():
            return verified(campaign, record_id, payload, line)
        case RosterNoted():
            return noted(campaign, record_id, payload, line)
        case CampaignConfirmed():
            return answered(campaign, record_id, payload)
    return campaign


def verified(campaign: Campaign, record_id: str, payload: VerificationRecorded, line: Line) -> Campaign:
    """After a verification."""
    entry = line(payload.instrument_id)
    if entry is None:
        return campaign
    passed = payload.result is VerificationResult.PASSED
    return campaign.with_entry(
        entry_verified(entry, record_id, passed, payload.verified_on, payload.retest_of)
    )


def noted(campaign: Campaign, record_id: str, payload: RosterNoted, line: Line) -> Campaign:
    """After a visit that found nothing to verify; what stands in a scrapped one's place is expected from now on."""
    entry = line(payload.instrument_id)
    if entry is None:
        return campaign
    after = campaign.with_entry(entry_noted(entry, record_id, payload.state, payload.on, payload.replaced_by))
    place = line(payload.replaced_by) if payload.replaced_by else None
    return after.with_entry(place) if place else after


def answered(campaign: Campaign, record_id: str, payload: CampaignConfirmed) -> Campaign:
    """After a site's word."""
    for item in payload.items:
        entry = campaign.entry(item.instrument_id)
        if entry:
            answer = SiteAnswer.OBJECTED if item.disputed else ANSWERS[payload.party.answer]
            campaign = campaign.with_entry(entry_answered(entry, record_id, item.record_id, answer))
    return campaign
