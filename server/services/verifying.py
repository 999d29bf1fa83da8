"""Verifications, and the campaigns and stickers that they move: what such records make of states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from server.services.settling import Find, following, newer
from shared.campaign import Campaign, RosterEntry
from shared.errors import Problem
from shared.instrument import Instrument
from shared.metrology.catalogue import Catalogue
from shared.premises import Premises
from shared.records import CampaignPlanned
from shared.roster import moved
from shared.verification import (
    CampaignConfirmed,
    NumbersReserved,
    RosterNoted,
    Sticker,
    StickerAffixed,
    StickerBlock,
    VerificationRecorded,
    VerificationResult,
    last_valid_day,
    verified_now,
)
from sync.envelope import Envelope
from sync.intake import sticker_twice, verifications_differ

if TYPE_CHECKING:
    from server.services.projecting import Rulebooks, State

Changed = tuple[dict[str, "State"], Problem | None]
"""The states after a record, and why a person must look if one must."""


def needs_to_verify(payload: msgspec.Struct) -> dict[str, type[State]]:
    """The subjects that must be known before such a record can be applied.

    A block of sticker numbers is none of them: where the office lost it with a backup, the verification counts all the same.
    """
    match payload:
        case VerificationRecorded() | RosterNoted():
            campaign = {payload.campaign_id: Campaign} if payload.campaign_id else {}
            replaced = getattr(payload, "replaced_by", None)
            return {
                **campaign,
                **({replaced: Instrument} if replaced else {}),
                payload.instrument_id: Instrument,
            }
        case StickerAffixed():
            return {payload.instrument_id: Instrument}
        case CampaignConfirmed():
            return {payload.campaign_id: Campaign, payload.premises_id: Premises}
        case CampaignPlanned():
            return dict.fromkeys(payload.roster, Instrument)
    return {}


def verifying(
    envelope: Envelope, payload: msgspec.Struct, find: Find, rules: Rulebooks, seen: bool
) -> Changed | None:
    """The states after a record of these kinds, None where it is of another; ``seen`` where its author knew of what stood before."""
    match payload:
        case CampaignPlanned():
            return {payload.campaign_id: campaign_of(envelope, payload, find)}, None
        case VerificationRecorded():
            return recorded(envelope, payload, find, rules.catalogue, seen)
        case RosterNoted() | CampaignConfirmed():
            campaign = find(payload.campaign_id)
            if not isinstance(campaign, Campaign):
                return {}, None
            return {campaign.campaign_id: on_roster(campaign, envelope, payload, find)}, None
        case NumbersReserved():
            fields = msgspec.structs.asdict(payload)
            # Reserved once more, as after a backup of the office was put back, a block keeps what is known of its numbers.
            known = find(payload.block_id)
            block = (
                known if isinstance(known, StickerBlock) else StickerBlock(county=envelope.county, **fields)
            )
            return {payload.block_id: block}, None
        case StickerAffixed():
            return affixed(payload, find)
    return None


def campaign_of(envelope: Envelope, payload: CampaignPlanned, find: Find) -> Campaign:
    """The campaign with its roster; an instrument's site is looked up once, when the campaign is planned. What was done already stays."""
    before = find(payload.campaign_id)
    done = {each.instrument_id: each for each in before.roster} if isinstance(before, Campaign) else {}
    roster = []
    for instrument_id in payload.roster:
        instrument = find(instrument_id)
        if instrument_id in done:
            roster.append(done.pop(instrument_id))
        elif isinstance(instrument, Instrument):
            roster.append(RosterEntry(instrument_id, instrument.premises_id))
    return Campaign(
        campaign_id=payload.campaign_id,
        county=envelope.county,
        title=payload.title,
        starts_on=payload.starts_on,
        ends_on=payload.ends_on,
        roster=[*roster, *(each for each in done.values() if each.records)],
    )


def recorded(
    envelope: Envelope, payload: VerificationRecorded, find: Find, catalogue: Catalogue, seen: bool
) -> Changed:
    """The instrument, its campaign and its sticker's block after a verification."""
    before = following(find, payload.instrument_id)
    if not isinstance(before, Instrument):
        return {}, None
    concluded = within_its_interval(payload, before, catalogue)
    after, contradicts = verified_now(before, concluded, envelope.record_id, seen)
    states: dict[str, State] = {before.instrument_id: after if after is before else newer(before, after)}
    campaign = find(payload.campaign_id) if payload.campaign_id else None
    if isinstance(campaign, Campaign):
        states[campaign.campaign_id] = on_roster(campaign, envelope, payload, find)
    problem = verifications_differ() if contradicts else None
    if payload.sticker:
        block = find(payload.sticker.block_id)
        if isinstance(block, StickerBlock) and block.holds(payload.sticker):
            given = block.given_to(payload.sticker.number, before.instrument_id)
            states[block.block_id] = given
            problem = problem or twice(given, payload.sticker)
    return states, problem


def within_its_interval(
    payload: VerificationRecorded, instrument: Instrument, catalogue: Catalogue
) -> VerificationRecorded:
    """Never longer than the interval that the catalogue has for the kind, whatever an older app worked out; the record keeps its own word."""
    kind = catalogue.kinds.get(instrument.kind)
    longest = last_valid_day(payload.verified_on, kind.interval_months) if kind else None
    if payload.result is not VerificationResult.PASSED or longest is None:
        return payload
    return msgspec.structs.replace(payload, valid_until=min(payload.valid_until or longest, longest))


def twice(block: StickerBlock, sticker: Sticker) -> Problem | None:
    """Why a person must look at a number that stands on two instruments."""
    return sticker_twice(sticker.text) if sticker.number in block.twice else None


def on_roster(campaign: Campaign, envelope: Envelope, payload: msgspec.Struct, find: Find) -> Campaign:
    """The campaign after a record; an instrument's line is its own, or that of the entry which continues it."""

    def line(instrument_id: str) -> RosterEntry | None:
        instrument = following(find, instrument_id)
        if not isinstance(instrument, Instrument):
            return None
        known = campaign.entry(instrument_id) or campaign.entry(instrument.instrument_id)
        return known or RosterEntry(instrument.instrument_id, instrument.premises_id)

    return moved(campaign, envelope.record_id, payload, line)


def affixed(payload: StickerAffixed, find: Find) -> Changed:
    """The instrument with its sticker, the block that it came from, and the one whose number it had before."""
    before = following(find, payload.instrument_id)
    if not isinstance(before, Instrument):
        return {}, None
    status = before.verification
    states: dict[str, State] = {before.instrument_id: before}
    if status is None or status.record_id != payload.verification:
        # A later verification has a sticker of its own.
        return states, None
    sticker = payload.sticker
    states[before.instrument_id] = newer(
        before,
        msgspec.structs.replace(
            before,
            verification=msgspec.structs.replace(
                status, sticker=sticker.text, sticker_block=sticker.block_id
            ),
        ),
    )
    replaced = find(status.sticker_block) if status.sticker_block else None
    if isinstance(replaced, StickerBlock):
        number = replaced.number_of(status.sticker)
        states[replaced.block_id] = replaced.taken_from(number, before.instrument_id)
    known = states.get(sticker.block_id) or find(sticker.block_id)
    if not isinstance(known, StickerBlock) or not known.holds(sticker):
        return states, None
    given = known.given_to(sticker.number, before.instrument_id)
    states[sticker.block_id] = given
    return states, twice(given, sticker)
