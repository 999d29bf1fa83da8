"""What a campaign's screens show: townships, sites on their route, items, and the form of each."""

from __future__ import annotations

import msgspec

from mobile.workflow.ports import Store
from mobile.workflow.route import Stop
from shared.campaign import Campaign, RosterEntry, RosterState, Standing, standings
from shared.instrument import Instrument
from shared.premises import Premises
from shared.records import PAYLOADS
from shared.roster import moved
from shared.verification import PutRight, VerificationItem, VerificationRecorded


class TownshipLine(msgspec.Struct, frozen=True, kw_only=True):
    """A township of a campaign, counted."""

    code: str
    name: str
    total: int
    left: int


class ItemLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the roster, with what the phone knows of the instrument."""

    entry: RosterEntry
    instrument: Instrument


class SiteLine(msgspec.Struct, frozen=True, kw_only=True):
    """One site on the route, with its items by stall."""

    stop: Stop
    items: list[ItemLine]

    @property
    def left(self) -> int:
        """Items that nothing was done with."""
        return sum(each.entry.state is RosterState.EXPECTED for each in self.items)

    @property
    def unanswered(self) -> list[ItemLine]:
        """Items that the site has not answered to as they are now."""
        return [each for each in self.items if each.entry.by and each.entry.answer is None]


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """A township's roster on its route."""

    campaign: Campaign
    sites: list[SiteLine]
    from_here: bool
    """Whether the route begins where the phone is."""

    @property
    def counts(self) -> dict[Standing, int]:
        return standings(item.entry for site in self.sites for item in site.items)


class Unfinished(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The form of an item, or of a site's word, as it is filled in so far."""

    key: str
    failed: list[VerificationItem] = []
    note: str = ""
    certificate_no: str = ""
    put_right: PutRight | None = None
    disputed: list[str] = []
    words: str = ""


class ItemView(msgspec.Struct, frozen=True, kw_only=True):
    """What the form of one item shows."""

    campaign: Campaign
    line: ItemLine
    premises: Premises | None
    edition: str
    """The regulation to follow; empty where the catalogue knows none."""
    valid_until: str
    """To which day a pass of today would hold; empty where the kind is verified once."""
    standards: int
    """How many of the standards carried fit the kind."""
    stickers_left: int
    form: Unfinished
    is_verifier: bool
    sticker_follows: bool
    """Whether its pass was written while no number was left, and one is there now or may come."""

    @property
    def is_retest(self) -> bool:
        return self.line.entry.state is RosterState.FAILED


class Concluded(msgspec.Struct, frozen=True, kw_only=True):
    """A verification that was signed."""

    digest: str
    recorded: VerificationRecorded


def answer_key(campaign: Campaign, site: SiteLine) -> str:
    """What the form of a site's word is kept under."""
    return f"{campaign.campaign_id}/{site.stop.premises.premises_id}"


async def with_own(store: Store, campaign: Campaign) -> Campaign:
    """The campaign after this phone's own records that the office has not refused; those that its state names already change nothing."""
    for kept in reversed(await store.records.about(campaign.campaign_id)):
        if kept.ruling and not kept.ruling.status.is_stored:
            continue
        envelope = kept.envelope
        payload = msgspec.json.decode(envelope.payload, type=PAYLOADS[envelope.kind, envelope.schema])
        about = [getattr(payload, name, None) for name in ("instrument_id", "replaced_by")]
        known = {each: await store.registry.instrument(each) for each in about if each}
        lines = {
            each: campaign.entry(each) or RosterEntry(each, instrument.premises_id)
            for each, instrument in known.items()
            if instrument
        }
        campaign = moved(campaign, envelope.record_id, payload, lines.get)
    return campaign
