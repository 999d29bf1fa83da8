"""A free-verification campaign (免费检定): who is on its roster and how far it has come."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from shared.identity import County, Identity


class RosterState(StrEnum):
    """How far one instrument has come in a campaign."""

    EXPECTED = "expected"
    VERIFIED = "verified"
    FAILED = "failed"
    ABSENT = "absent"
    SCRAPPED = "scrapped"
    CONFIRMED = "confirmed"


class RosterEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    instrument_id: Identity
    premises_id: Identity
    state: RosterState = RosterState.EXPECTED


class Campaign(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of one campaign in one county."""

    campaign_id: Identity
    county: County
    title: str
    starts_on: date
    ends_on: date
    roster: list[RosterEntry] = []
