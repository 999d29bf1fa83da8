"""A free-verification campaign on the phone: township, roster on its route, one item after the other, and the site's word; all without a network.

Invariants:

* The roster shown is the office's with this phone's own records on top, whatever came in between.
* What is signed is one record; a sticker's number is chosen and written in one turn, so that no two records bear the same.
* A half-filled form is on disk when the call that filled it returns.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from datetime import date

import msgspec

from mobile.workflow.enrolled import seal_text
from mobile.workflow.ports import Equipment
from mobile.workflow.readings import fitting
from mobile.workflow.roster import (
    Concluded,
    ItemLine,
    ItemView,
    Roster,
    SiteLine,
    TownshipLine,
    Unfinished,
    answer_key,
    with_own,
)
from mobile.workflow.route import Stop, route
from mobile.workflow.sealing import Sealing, Unsealed, Written, shown
from mobile.workflow.session import Session
from mobile.workflow.sticker_stock import StickerStock
from mobile.workflow.under_way import REFUSAL_REASONS, SALT_BYTES, Choice, check_reason
from shared.campaign import Campaign, RosterEntry, RosterState
from shared.clock import local_date
from shared.errors import AccessError, InputError
from shared.inspection import BlobRef, OtherParty, PartyAnswer, StandardUsed
from shared.instrument import Instrument
from shared.message import Message
from shared.people import Person, Role
from shared.premises import Position
from shared.verification import (
    CampaignConfirmed,
    ConfirmedItem,
    RosterNoted,
    Sticker,
    StickerAffixed,
    VerificationRecorded,
    VerificationResult,
    last_valid_day,
    verified_now,
)
from sync.envelope import Basis

UNFINISHED = "campaign_unfinished"
ABSENT_REASONS: list[Choice] = [
    ("not_found", Message("Not found on site")),
    ("lent", Message("Lent out or away for repair")),
    ("closed", Message("The place is closed")),
]
SCRAPPED_REASONS: list[Choice] = [
    ("worn_out", Message("Worn out, taken out of use")),
    ("not_repairable", Message("Failed and can't be repaired")),
]
REPLACED: Choice = ("replaced", Message("Replaced by another"))


class Campaigns:
    """Campaigns of this phone."""

    def __init__(self, equipment: Equipment, session: Session, sealing: Sealing) -> None:
        self._equipment, self._session, self._sealing = equipment, session, sealing
        self._registry = equipment.store.registry
        self.stock = StickerStock(equipment)
        self._turn = asyncio.Lock()
        self._locating: asyncio.Task[Position | None] | None = None

    # What is shown

    async def campaign(self, campaign_id: str) -> Campaign:
        """A campaign as this phone sees it now. Raises InputError ``campaign_unknown``."""
        for campaign in await self._registry.campaigns():
            if campaign.campaign_id == campaign_id:
                return await with_own(self._equipment.store, campaign)
        raise InputError(
            "campaign_unknown", "No such campaign is known.", "Sync once, then look at the list of campaigns."
        )

    async def running(self) -> list[Campaign]:
        """The campaigns of today."""
        today = local_date(self._equipment.clock.now())
        found = await self._registry.campaigns()
        return [
            await with_own(self._equipment.store, each)
            for each in found
            if each.starts_on <= today <= each.ends_on
        ]

    async def townships(self, campaign: Campaign) -> list[TownshipLine]:
        """Its townships, those with something left first."""
        entries: dict[str, list[RosterEntry]] = {}
        sites = {
            each: await self._registry.premises(each) for each in {e.premises_id for e in campaign.roster}
        }
        for entry in campaign.roster:
            site = sites[entry.premises_id]
            if site:
                entries.setdefault(site.township, []).append(entry)
        lines = [
            TownshipLine(
                code=code,
                name=self._equipment.regions.name(code),
                total=len(found),
                left=sum(each.state is RosterState.EXPECTED for each in found),
            )
            for code, found in sorted(entries.items())
        ]
        return sorted(lines, key=lambda line: not line.left)

    def locate(self) -> None:
        """Asks where the phone is; a roster that is shown before the answer begins at its first site."""
        self._locating = asyncio.ensure_future(self._equipment.positioning.position())

    @property
    def here(self) -> Position | None:
        """Where the phone was when it was last asked, as far as it could tell."""
        done = self._locating is not None and self._locating.done() and not self._locating.cancelled()
        return self._locating.result() if done and self._locating else None

    async def roster(self, campaign_id: str, township: str) -> Roster:
        """A township's items, site by site on the route. Raises InputError ``campaign_unknown``."""
        campaign, here = await self.campaign(campaign_id), self.here
        found = [await self._registry.premises(each) for each in {e.premises_id for e in campaign.roster}]
        stops = route([site for site in found if site and site.township == township], here)
        sites = [
            SiteLine(stop=stop, items=await self._lines(campaign.at(stop.premises.premises_id)))
            for stop in stops
        ]
        return Roster(campaign=campaign, sites=sites, from_here=here is not None)

    async def site(self, campaign_id: str, premises_id: str) -> tuple[Campaign, SiteLine]:
        """One site of a campaign. Raises InputError ``campaign_unknown``, ``site_unknown``."""
        campaign, site = await self.campaign(campaign_id), await self._registry.premises(premises_id)
        if site is None:
            raise InputError("site_unknown", "No such site is on this phone.", "Sync once, then try again.")
        return campaign, SiteLine(stop=Stop(site, None), items=await self._lines(campaign.at(premises_id)))

    async def item(self, campaign_id: str, instrument_id: str) -> ItemView:
        """The form of one item, as it was left. Raises InputError ``campaign_unknown``, ``instrument_unknown``."""
        campaign, instrument = await self.campaign(campaign_id), await self._instrument(instrument_id)
        entry = campaign.entry(instrument_id) or RosterEntry(instrument_id, instrument.premises_id)
        status = instrument.verification
        until = self._valid_until(instrument)
        person = self._session.person
        return ItemView(
            campaign=campaign,
            line=ItemLine(entry=entry, instrument=instrument),
            premises=await self._registry.premises(instrument.premises_id),
            edition=self._edition(instrument),
            valid_until=until.isoformat() if until else "",
            standards=len(self._standards(instrument)),
            stickers_left=len(await self.stock.free(campaign.county)),
            form=await self.unfinished(f"{campaign_id}/{instrument_id}"),
            is_verifier=person is not None and person.role is Role.VERIFIER,
            sticker_follows=bool(status and status.record_id == entry.by and not status.sticker),
        )

    async def replacements(self, campaign: Campaign, item: ItemLine) -> list[Instrument]:
        """What may stand in an item's place: instruments of its site and kind that are not on the roster."""
        at = await self._registry.at(item.instrument.premises_id)
        return [
            each
            for each in at
            if each.kind == item.instrument.kind and campaign.entry(each.instrument_id) is None
        ]

    # The form

    async def unfinished(self, key: str) -> Unfinished:
        """The form as it was left, an empty one where another was filled in last."""
        sealed = await self._equipment.store.settings.get(UNFINISHED)
        if sealed:
            opened = await self._equipment.keys.open(base64.b64decode(sealed))
            form = msgspec.json.decode(opened, type=Unfinished)
            if form.key == key:
                return form
        return Unfinished(key=key)

    async def keep(self, form: Unfinished) -> None:
        """Keeps the form as it is now."""
        text = msgspec.json.encode(form).decode()
        await self._equipment.store.settings.put({UNFINISHED: await seal_text(self._equipment.keys, text)})

    # What is signed

    async def verify(self, view: ItemView) -> Concluded:
        """Signs the conclusion that the form gives: a pass where no item failed.

        Raises InputError ``put_right_missing`` where a failed one passes without a word on what was done; AccessError ``verifier_only``,
        ``session_locked``.
        """
        person = self._must_be_verifier()
        instrument, entry, form = view.line.instrument, view.line.entry, view.form
        if view.is_retest and form.put_right is None:
            raise InputError(
                "put_right_missing",
                "This instrument failed before.",
                "Say what was done to it since: repaired, adjusted, or something else.",
            )
        passed, county = not form.failed, view.campaign.county
        async with self._turn:
            await self._sealing.ensure_chain()
            free = await self.stock.free(county) if passed else []
            recorded = VerificationRecorded(
                instrument_id=instrument.instrument_id,
                kind=instrument.kind,
                result=VerificationResult.PASSED if passed else VerificationResult.FAILED,
                failed=form.failed,
                note=form.note.strip(),
                verified_on=local_date(self._equipment.clock.now()),
                valid_until=self._valid_until(instrument) if passed else None,
                edition=self._edition(instrument),
                body=person.body,
                certificate_no=form.certificate_no.strip(),
                sticker=free[0] if free else None,
                campaign_id=view.campaign.campaign_id,
                second=self._session.partner.person_id if self._session.partner else None,
                standards=self._standards(instrument),
                retest_of=entry.by if view.is_retest else None,
                put_right=form.put_right if view.is_retest else None,
            )
            written = await self._write(
                "verification.recorded",
                recorded,
                county,
                [instrument.instrument_id, view.campaign.campaign_id, *named(recorded.sticker)],
                instrument,
            )
        return Concluded(digest=written.digest, recorded=recorded)

    async def affix(self, view: ItemView) -> Sticker:
        """A number for a pass that had none. Raises InputError ``no_sticker_left``; AccessError ``verifier_only``, ``session_locked``."""
        self._must_be_verifier()
        instrument, by = view.line.instrument, view.line.entry.by
        async with self._turn:
            await self._sealing.ensure_chain()
            free = await self.stock.free(view.campaign.county)
            if not free or by is None:
                raise InputError(
                    "no_sticker_left",
                    "No sticker number is left on this phone.",
                    "The next sync brings new ones; the verification counts all the same.",
                )
            affixed = StickerAffixed(instrument_id=instrument.instrument_id, verification=by, sticker=free[0])
            subjects = [instrument.instrument_id, *named(free[0])]
            await self._write("sticker.affixed", affixed, view.campaign.county, subjects, instrument)
        return free[0]

    async def note(
        self, view: ItemView, state: RosterState, reason: str, replaced_by: str | None = None
    ) -> None:
        """Absent, or scrapped, with its reason. Raises InputError ``reason_unknown``; AccessError ``verifier_only``, ``session_locked``."""
        self._must_be_verifier()
        reasons = ABSENT_REASONS if state is RosterState.ABSENT else [*SCRAPPED_REASONS, REPLACED]
        check_reason(reason, reasons)
        noted = RosterNoted(
            campaign_id=view.campaign.campaign_id,
            instrument_id=view.line.instrument.instrument_id,
            state=state,
            on=local_date(self._equipment.clock.now()),
            reason=reason,
            replaced_by=replaced_by,
        )
        subjects = [noted.instrument_id, noted.campaign_id, *([replaced_by] if replaced_by else [])]
        await self._write("roster.noted", noted, view.campaign.county, subjects)

    async def sign(self, campaign: Campaign, site: SiteLine, drawing: bytes, media_type: str) -> Written:
        """The site's signature on this phone's glass, under what the form says. Raises as :meth:`_answer`."""
        self._must_be_verifier()
        form = await self.unfinished(answer_key(campaign, site))
        await self._sealing.must_be_unlocked()
        content = self._equipment.random_bytes(SALT_BYTES) + drawing
        digest = await self._equipment.blobs.put(content)
        signature = BlobRef(
            digest=digest, media_type=media_type, size=len(content), role="signature", personal=True
        )
        answer = PartyAnswer.DISAGREES if form.disputed else PartyAnswer.AGREES
        party = OtherParty(answer, form.words.strip() if form.disputed else "", signature)
        return await self._answer(campaign, site, party, form.disputed)

    async def refuse(self, campaign: Campaign, site: SiteLine, reason: str) -> Written:
        """拒签 with its reason. Raises InputError ``reason_unknown``, and as :meth:`_answer`."""
        self._must_be_verifier()
        check_reason(reason, REFUSAL_REASONS)
        return await self._answer(campaign, site, OtherParty(PartyAnswer.REFUSED, reason), [])

    async def _answer(
        self, campaign: Campaign, site: SiteLine, party: OtherParty, disputed: Sequence[str]
    ) -> Written:
        """Raises InputError ``nothing_to_confirm``; AccessError ``session_locked``."""
        items = [
            ConfirmedItem(
                instrument_id=each.entry.instrument_id,
                record_id=each.entry.by,
                state=each.entry.state,
                disputed=each.entry.instrument_id in disputed,
            )
            for each in site.unanswered
            if each.entry.by
        ]
        if not items:
            raise InputError(
                "nothing_to_confirm", "Nothing was done here that waits for an answer.", "Verify first."
            )
        confirmed = CampaignConfirmed(
            campaign_id=campaign.campaign_id,
            premises_id=site.stop.premises.premises_id,
            items=items,
            count=len(items),
            on=local_date(self._equipment.clock.now()),
            party=party,
        )
        subjects = [confirmed.premises_id, confirmed.campaign_id, *(each.instrument_id for each in items)]
        return await self._write("campaign.confirmed", confirmed, campaign.county, subjects)

    async def _write(
        self,
        kind: str,
        payload: msgspec.Struct,
        county: str,
        subjects: list[str],
        instrument: Instrument | None = None,
    ) -> Written:
        """Signs a record and shows what it makes of the instrument until the office's state comes; the form is empty again."""
        party = payload.party if isinstance(payload, CampaignConfirmed) else None
        blobs = [party.signature] if party and party.signature else []
        unsealed = await self._sealing.prepare(
            kind,
            payload,
            county=county,
            subjects=subjects,
            basis=[Basis(instrument.instrument_id, instrument.version)] if instrument else [],
            attachments=[(blob.digest, blob.size, blob.media_type) for blob in blobs],
        )
        after = changed(instrument, payload, unsealed) if instrument else None
        written = await self._sealing.write(
            unsealed, provisional=[shown("instrument", after.instrument_id, after)] if after else []
        )
        await self._equipment.store.settings.put({UNFINISHED: ""})
        return written

    # What is known

    async def _lines(self, entries: Sequence[RosterEntry]) -> list[ItemLine]:
        found = [(entry, await self._registry.instrument(entry.instrument_id)) for entry in entries]
        lines = [ItemLine(entry=entry, instrument=each) for entry, each in found if each]
        return sorted(lines, key=lambda one: (one.instrument.stall, one.instrument.serial_number))

    async def _instrument(self, instrument_id: str) -> Instrument:
        found = await self._registry.instrument(instrument_id)
        if found is None:
            raise InputError(
                "instrument_unknown", "This instrument is not on this phone.", "Sync once, then try again."
            )
        return found

    def _edition(self, instrument: Instrument) -> str:
        try:
            found = self._equipment.catalogue.edition(
                instrument.kind, local_date(self._equipment.clock.now())
            )
        except InputError:
            return ""
        return (found.pending or found.judging).document

    def _valid_until(self, instrument: Instrument) -> date | None:
        kind = self._equipment.catalogue.kinds.get(instrument.kind)
        today = local_date(self._equipment.clock.now())
        return last_valid_day(today, kind.interval_months) if kind else None

    def _standards(self, instrument: Instrument) -> list[StandardUsed]:
        kind = self._equipment.catalogue.kinds.get(instrument.kind)
        return fitting(self._session.standards, kind) if kind else []

    def _must_be_verifier(self) -> Person:
        person = self._session.person
        if person is None or person.role is not Role.VERIFIER:
            raise AccessError(
                "verifier_only",
                "Only a verifier can write a record of this kind.",
                "Have a verifier do it on a phone of the verification team.",
            )
        return person


def named(sticker: Sticker | None) -> list[str]:
    """The block of a record's sticker, which is among its subjects."""
    return [sticker.block_id] if sticker else []


def changed(instrument: Instrument, payload: msgspec.Struct, unsealed: Unsealed) -> Instrument:
    """The instrument as this phone shows it after a record of its own."""
    status = instrument.verification
    if isinstance(payload, VerificationRecorded):
        return verified_now(instrument, payload, unsealed.record_id, seen=True)[0]
    if isinstance(payload, StickerAffixed) and status:
        borne = msgspec.structs.replace(
            status, sticker=payload.sticker.text, sticker_block=payload.sticker.block_id
        )
        return msgspec.structs.replace(instrument, verification=borne)
    return instrument
