"""Looking for instruments among all that the phone knows: by what one types, by what falls due, by campaign."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from mobile.workflow.ports import Changed, Equipment, Hits, Observers, Unsubscribe, Wanted
from mobile.workflow.roster import with_own
from shared.campaign import Campaign, Standing
from shared.clock import local_date
from shared.instrument import Instrument
from shared.premises import Premises
from shared.sought import words_of


class Due(StrEnum):
    """When the verification runs out, of an instrument in use."""

    OVERDUE = "overdue"
    WEEK = "week"
    """From today until the end of this week, which is Sunday."""
    MONTH = "month"
    """From today until the end of this month."""


def days_of(due: Due, today: date) -> tuple[date, date]:
    """The first and the last day that are meant."""
    if due is Due.OVERDUE:
        return date.min, today - timedelta(days=1)
    if due is Due.WEEK:
        return today, today + timedelta(days=7 - today.isoweekday())
    next_month = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    return today, next_month - timedelta(days=1)


class Sighted(msgspec.Struct, frozen=True, kw_only=True):
    """One row of what was found."""

    instrument: Instrument
    premises: Premises | None
    days_left: int | None
    """Until the verification runs out, negative since it did; None where none is known or it has no end."""
    standing: Standing | None
    """How far it has come in the campaign that was chosen."""


class Looking:
    """One search. The newest wish wins: what is still being found for an older one is dropped."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._observers = Observers()
        self._wish = 0
        self._roster: dict[str, Standing] = {}
        self.text = ""
        self.due: Due | None = None
        self.campaign: Campaign | None = None
        self.campaigns: list[Campaign] = []
        """Those that run today."""
        self.counts: dict[Due, int] = {}
        """How many fall due, whatever is typed."""
        self.hits: Hits | None = None
        """What was found last; None before anything was."""

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Calls ``changed`` after each change of what was found or of how far the reading is."""
        return self._observers.subscribe(changed)

    @property
    def today(self) -> date:
        return local_date(self._equipment.clock.now())

    @property
    def progress(self) -> tuple[int, int] | None:
        """How many states of how many are read, while they have to be."""
        return self._equipment.store.finder.progress()

    async def open(self) -> None:
        """Takes up what the phone knows now, and finds again; what was typed and chosen stays."""
        running = await self._equipment.store.registry.campaigns()
        store, today = self._equipment.store, self.today
        self.campaigns = [
            await with_own(store, one) for one in running if one.starts_on <= today <= one.ends_on
        ]
        self._stand_on(self.campaign.campaign_id if self.campaign else "")
        await self._find()
        for due in Due:
            hits = await self._equipment.store.finder.find(
                Wanted([], days_of(due, self.today)), lambda: False
            )
            self.counts[due] = hits.total if hits else 0
        self._observers.notify()

    async def type(self, text: str) -> None:
        """Another text."""
        self.text = text
        await self._find()

    async def choose(self, due: Due | None) -> None:
        """Those alone that fall due then; None for all."""
        self.due, self.campaign, self._roster = due, None, {}
        await self._find()

    async def choose_campaign(self, campaign_id: str) -> None:
        """Those alone on the roster of a campaign that runs; all where it runs no more."""
        self.due = None
        self._stand_on(campaign_id)
        await self._find()

    def _stand_on(self, campaign_id: str) -> None:
        self.campaign = next((one for one in self.campaigns if one.campaign_id == campaign_id), None)
        entries = self.campaign.roster if self.campaign else []
        self._roster = {entry.instrument_id: entry.standing for entry in entries}

    async def window(self, hits: Hits, first: int, count: int) -> list[Sighted | None]:
        """Rows of what was found; None in the place of one that has gone since."""
        return [await self._sighted(one) if one else None for one in await hits.window(first, count)]

    async def _sighted(self, instrument: Instrument) -> Sighted:
        until = instrument.verification.valid_until if instrument.verification else None
        return Sighted(
            instrument=instrument,
            premises=await self._equipment.store.registry.premises(instrument.premises_id),
            days_left=(until - self.today).days if until else None,
            standing=self._roster.get(instrument.instrument_id),
        )

    async def _find(self) -> None:
        self._wish += 1
        wish = self._wish
        # What was typed meanwhile has its turn first, and then this is stale.
        await asyncio.sleep(0)
        if self._is_stale(wish):
            return
        finder = self._equipment.store.finder
        if finder.progress():
            # Somebody reads already: what is read so far answers at once, and the rest when it is there.
            await self._show_found(wish)
        await finder.ready(self._observers.notify)
        await self._show_found(wish)

    async def _show_found(self, wish: int) -> None:
        wanted = Wanted(
            words_of(self.text),
            days_of(self.due, self.today) if self.due else None,
            frozenset(self._roster) if self.campaign else None,
        )
        hits = await self._equipment.store.finder.find(wanted, lambda: self._is_stale(wish))
        if hits and not self._is_stale(wish):
            if not hits.is_same(self.hits):
                # The same find again, as after news of a sync, must not put a list anew under the finger that scrolls it.
                self.hits = hits
            self._observers.notify()

    def _is_stale(self, wish: int) -> bool:
        return wish != self._wish
