"""How far the free-verification campaigns have come."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from server.services.registry import Registry
from shared.campaign import Campaign, RosterEntry, Standing, standings
from shared.errors import InputError
from shared.instrument import Instrument
from shared.premises import Premises
from shared.regions import Regions


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, or one township of it, counted: instruments, never records."""

    name: str
    code: str
    total: int
    counts: dict[str, int]
    """By :class:`~shared.campaign.Standing`; every word is there, and together they are the total."""


class RosterLine(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument on the roster."""

    instrument: Instrument
    premises: Premises | None
    state: Standing
    entry: RosterEntry


class Campaigns:
    """Reads campaigns for the pages."""

    def __init__(self, registry: Registry, regions: Regions) -> None:
        self._registry, self._regions = registry, regions

    def running(self, counties: Sequence[str]) -> list[tuple[Campaign, Progress]]:
        """Every campaign of these counties with its count."""
        found = self._registry.all("campaign", counties)
        return [(each, counted(each.title, "", each.roster)) for each in found]

    def find(self, campaign_id: str) -> Campaign:
        """The campaign. Raises InputError ``campaign_unknown`` (404)."""
        found = self._registry.find(campaign_id, Campaign)
        if found is None:
            error = InputError(
                "campaign_unknown", "No such campaign is known.", "Look at the list of campaigns."
            )
            error.status = 404
            raise error
        return found

    def roster(self, campaign: Campaign, township: str = "", state: str = "") -> list[RosterLine]:
        """The roster in its order, narrowed to a township or to where they stand."""
        lines = []
        sites: dict[str, Premises | None] = {}
        for entry in campaign.roster:
            if state and entry.standing.value != state:
                continue
            if entry.premises_id not in sites:
                sites[entry.premises_id] = self._registry.premises(entry.premises_id)
            site = sites[entry.premises_id]
            if township and (site is None or site.township != township):
                continue
            instrument = self._registry.instrument(entry.instrument_id)
            lines.append(RosterLine(instrument=instrument, premises=site, state=entry.standing, entry=entry))
        return lines

    def by_township(self, campaign: Campaign) -> list[Progress]:
        """The campaign's count in each township."""
        entries: dict[str, list[RosterEntry]] = {}
        sites: dict[str, Premises | None] = {}
        for entry in campaign.roster:
            if entry.premises_id not in sites:
                sites[entry.premises_id] = self._registry.premises(entry.premises_id)
            site = sites[entry.premises_id]
            entries.setdefault(site.township if site else "", []).append(entry)
        return [counted(self._regions.name(code), code, entries[code]) for code in sorted(entries)]


def counted(name: str, code: str, entries: Sequence[RosterEntry]) -> Progress:
    """How many stand where."""
    counts = {standing.value: count for standing, count in standings(entries).items()}
    return Progress(name=name, code=code, total=len(entries), counts=counts)
