"""The home screen: what was begun, what waits, where to go today."""

from __future__ import annotations

from datetime import datetime

import msgspec

from mobile.workflow.ports import Equipment
from mobile.workflow.session import Session
from shared.campaign import Campaign
from shared.premises import Premises


class DraftSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An unfinished check, for 接着做."""

    draft_id: str
    kind: str
    """The instrument's kind."""
    stall: str
    site: str
    serial_number: str
    saved_at: datetime
    step: str
    """A value of ``mobile.workflow.spot_check.Step``."""
    points_done: int
    points_total: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A site of today's arrangements."""

    premises: Premises
    total: int
    left: int


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the home screen."""

    resume: DraftSummary | None
    other_drafts: list[DraftSummary]
    waiting: int
    needs_you: int
    checked_today: int
    """Spot checks that this phone finished today."""
    places: list[Place]
    campaigns: list[Campaign]
    last_success: datetime | None


class Today:
    """Gathers the home screen."""

    def __init__(self, equipment: Equipment, session: Session) -> None:
        self._equipment = equipment
        self._session = session

    async def home(self) -> Home:
        raise NotImplementedError
