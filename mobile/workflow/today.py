"""The home screen: what was begun, what waits, where to go today."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec

from mobile.workflow.outbox_view import needing_a_person
from mobile.workflow.ports import Equipment, StoredDraft
from mobile.workflow.roster import with_own
from mobile.workflow.session import Session
from mobile.workflow.sync_now import LAST_SUCCESS
from shared.campaign import Campaign, RosterState
from shared.clock import local_date
from shared.premises import Premises, Standing


class DraftSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An unfinished check, for 接着做."""

    draft_id: str
    kind: str
    """The instrument's kind; of a lot empty."""
    goods: str | None = None
    """What the packages of a lot hold; None for a check of an instrument."""
    finding: bool = False
    """Something found on site, and no check."""
    stall: str
    site: str
    serial_number: str
    saved_at: datetime
    step: str
    """A value of ``mobile.workflow.draft.Step``."""
    points_done: int
    points_total: int


class _Summarised(msgspec.Struct):
    """The part of any draft's content that the home screen reads."""

    summary: DraftSummary


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
    kept_codes: int
    """Codes of others that were put aside."""
    last_success: datetime | None


class Today:
    """Gathers the home screen."""

    def __init__(self, equipment: Equipment, session: Session) -> None:
        self._equipment = equipment
        self._session = session

    async def home(self) -> Home:
        """The home screen as the phone's own store has it now."""
        store = self._equipment.store
        clock = self._equipment.clock
        today = local_date(clock.now())
        drafts = await self.drafts()
        counts = await store.records.counts()
        running = [c for c in await store.registry.campaigns() if c.starts_on <= today <= c.ends_on]
        campaigns = [await with_own(store, each) for each in running]
        last = await store.settings.get(LAST_SUCCESS)
        checked = [
            kept
            for kept in await store.records.newest(200)
            if kept.envelope.kind == "inspection.recorded" and local_date(kept.envelope.observed_at) == today
        ]
        return Home(
            resume=drafts[0] if drafts else None,
            other_drafts=drafts[1:],
            waiting=counts.get("waiting", 0),
            needs_you=len(await needing_a_person(store)),
            checked_today=len(checked),
            places=await self._places(campaigns),
            campaigns=campaigns,
            kept_codes=len(await store.kept_codes.all()),
            last_success=datetime.fromisoformat(last) if last else None,
        )

    async def drafts(self) -> list[DraftSummary]:
        """The person's unfinished checks, the last saved first."""
        person = self._session.person
        stored = await self._equipment.store.drafts.of(person.person_id) if person else []
        return [await self._summary(one) for one in stored]

    async def _summary(self, stored: StoredDraft) -> DraftSummary:
        return msgspec.json.decode(await self._equipment.keys.open(stored.sealed), type=_Summarised).summary

    async def _places(self, campaigns: list[Campaign]) -> list[Place]:
        total: Counter[str] = Counter()
        left: Counter[str] = Counter()
        for campaign in campaigns:
            for entry in campaign.roster:
                total[entry.premises_id] += 1
                left[entry.premises_id] += entry.state is RosterState.EXPECTED
        places = []
        for premises_id, number in total.items():
            site = await self._equipment.store.registry.premises(premises_id)
            if site:
                # Nothing is due at a site that is closed.
                due = 0 if site.standing is Standing.CLOSED else left[premises_id]
                places.append(Place(premises=site, total=number, left=due))
        return sorted(
            places, key=lambda place: (not place.left, place.premises.township, place.premises.name)
        )
