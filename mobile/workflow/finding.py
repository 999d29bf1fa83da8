"""Something found on site, step by step: what it is → pictures, who was there → a signature where somebody gives one → sealed.

What was found becomes a record of the kind that says it: a label out of force, or a correction with its evidence. The phone shows it
at once as its own state.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mobile.workflow.enrolled import must_be_enrolled
from mobile.workflow.finding_draft import KIND, FindingDraft
from mobile.workflow.found import RECORD_KINDS, STANDINGS, STATUSES, TROUBLES, Found, Says
from mobile.workflow.ports import Equipment
from mobile.workflow.sealing import Sealing, Unsealed, locked, shown
from mobile.workflow.session import Session
from mobile.workflow.today import DraftSummary
from mobile.workflow.under_way import UnderWay, kept_draft
from shared.amending import FieldChange, InstrumentField, PremisesField, amend, value_of, what_was_seen
from shared.errors import InputError
from shared.evidence import SiteEvidence
from shared.identity import mint
from shared.inspection import OtherParty
from shared.instrument import Instrument, UseStatus
from shared.premises import Premises, Standing
from shared.records import InstrumentAmended, LabelVoided, PremisesAmended
from sync.envelope import Basis
from sync.messages import Change


def offered(instrument: Instrument | None, site: Premises | None) -> list[Found]:
    """What can be found otherwise than the ledger has it."""
    if instrument is None:
        closed = site is not None and site.standing is Standing.CLOSED
        return [Found.OPEN if closed else Found.CLOSED]
    labels = list(TROUBLES) if instrument.label_in_force else []
    gone = instrument.use_status in (UseStatus.ABSENT, UseStatus.SCRAPPED)
    return [
        *([Found.HERE] if gone else []),
        *labels,
        *([Found.ABSENT] if not gone else []),
        Found.MOVED,
        *([Found.SCRAPPED] if instrument.use_status is not UseStatus.SCRAPPED else []),
    ]


class Finding(UnderWay[FindingDraft]):
    """One finding under way."""

    draft_kind = KIND

    @property
    def record_kind(self) -> str:
        what = self.draft.what
        if what in TROUBLES:
            return RECORD_KINDS[LabelVoided]
        return RECORD_KINDS[PremisesAmended if what in STANDINGS else InstrumentAmended]

    @property
    def instrument(self) -> Instrument | None:
        """The instrument as it was known when the finding was begun."""
        return self.draft.instrument

    @property
    def _site(self) -> Premises:
        site = self.draft.premises
        assert site is not None  # noqa: S101  a finding is of an instrument or of a site
        return site

    @property
    def subject(self) -> str:
        return self.instrument.instrument_id if self.instrument else self._site.premises_id

    @property
    def subjects(self) -> list[str]:
        other = self.draft.seen_on if self.draft.what is Found.LABEL_SWAPPED else None
        return [self.subject, *([other.instrument_id] if other else [])]

    @property
    def county(self) -> str:
        return self.instrument.county if self.instrument else self._site.county

    @property
    def basis(self) -> list[Basis]:
        known = self.instrument or self._site
        return [Basis(self.subject, known.version)]

    @property
    def choices(self) -> list[Found]:
        """What is offered."""
        return offered(self.instrument, self.draft.premises)

    def summarised(self, draft: FindingDraft) -> DraftSummary:
        step = "sign" if draft.signing else "found"
        return msgspec.structs.replace(draft.summary, saved_at=draft.saved_at, step=step)

    # Answers

    async def found(self, what: Found) -> None:
        """What it is."""
        async with self._lock:
            await self._save(what=what)

    async def seen_on(self, other: Instrument | None) -> None:
        """Of a swapped label: what it was seen on. Raises InputError ``own_instrument``, ``county_differs``."""
        if other and other.instrument_id == self.subject:
            raise InputError(
                "own_instrument",
                "That is the label's own instrument.",
                "Choose the instrument that the label was seen on, or none.",
            )
        if other and other.county != self.county:
            raise InputError(
                "county_differs",
                "That instrument is in another county.",
                "Write its serial number into the note; the office looks into it.",
            )
        async with self._lock:
            await self._save(seen_on=other)

    async def moved_to(self, site: Premises) -> None:
        """Another site."""
        async with self._lock:
            await self._save(moved_to=site)

    async def stands_at(self, stall: str) -> None:
        """Another stall."""
        async with self._lock:
            await self._save(stall=stall)

    async def say(self, note: str) -> None:
        """A word on it."""
        async with self._lock:
            await self._save(note=note)

    async def add_photo(self, jpeg: bytes) -> None:
        """Flushes the picture, then names it in the draft; there may be several."""
        async with self._lock:
            photo = await self._keep_photo(jpeg, "found_on_site")
            await self._save(photos=[*self.draft.photos, photo])

    async def ask_to_sign(self) -> None:
        """On to the signature, once all else is there. Raises as :meth:`seal`."""
        self.check()
        async with self._lock:
            await self._save(signing=True)

    async def not_signing(self) -> None:
        """Back from the signature."""
        async with self._lock:
            await self._save(signing=False)

    # Sealing

    def check(self) -> None:
        """Raises InputError ``finding_missing``, ``evidence_missing``, ``place_missing`` where something is not there yet."""
        draft = self.draft
        if draft.what is None:
            raise InputError("finding_missing", "What was found is missing.", "Choose one of the answers.")
        if draft.what is Found.MOVED and not self._changes():
            raise InputError(
                "place_missing", "Where it stands now is missing.", "Choose another site or write the stall."
            )
        if not draft.photos and not draft.note.strip():
            raise InputError(
                "evidence_missing",
                "There is neither a picture of it nor a word.",
                "Take a picture, or write why there is none.",
            )

    async def seal(self) -> None:
        """Seals it without anybody's signature. Raises as :meth:`check`; AccessError ``session_locked``."""
        self.check()
        async with self._lock:
            await self.sealing.must_be_unlocked()
            await self._finish(None)

    def payload(self, party: OtherParty | None) -> Says:
        draft, evidence = self.draft, self._evidence(party)
        if draft.what in TROUBLES and self.instrument:
            other = draft.seen_on if draft.what is Found.LABEL_SWAPPED else None
            return LabelVoided(
                label=self.instrument.label,
                instrument_id=self.subject,
                because=TROUBLES[draft.what],
                seen_on=other.instrument_id if other else None,
                evidence=evidence,
            )
        if self.instrument:
            return InstrumentAmended(instrument_id=self.subject, changes=self._changes(), evidence=evidence)
        field, site = PremisesField.STANDING, self._site
        value = STANDINGS[draft.what or Found.CLOSED]
        change = FieldChange(
            field=field,
            before=value_of(site, field),
            after=value.value,
            seen=what_was_seen(site, field, value.value),
        )
        return PremisesAmended(premises_id=self.subject, changes=[change], evidence=evidence)

    def _evidence(self, party: OtherParty | None) -> SiteEvidence:
        draft = self.draft
        return SiteEvidence(
            photos=draft.photos,
            position=draft.position,
            officers=self.officers,
            present=draft.present,
            other_party=party,
            note=draft.note.strip(),
        )

    def _changes(self) -> list[FieldChange[InstrumentField]]:
        """What the finding says of the instrument's fields."""
        instrument, draft = self.instrument, self.draft
        if instrument is None or draft.what is None:
            return []
        if draft.what in STATUSES:
            return differing(instrument, {InstrumentField.USE_STATUS: STATUSES[draft.what].value})
        moved: dict[InstrumentField, str] = {}
        if draft.moved_to:
            moved[InstrumentField.PREMISES_ID] = draft.moved_to.premises_id
        if draft.stall is not None:
            moved[InstrumentField.STALL] = draft.stall.strip()
        changes = differing(instrument, moved)
        if changes and instrument.use_status is UseStatus.ABSENT:
            changes += differing(instrument, {InstrumentField.USE_STATUS: UseStatus.IN_USE.value})
        return changes

    async def provisional(self, finished: Unsealed) -> list[Change]:
        """The state as this phone shows it until the server's arrives."""
        registry = self.equipment.store.registry
        payload_type = next(each for each, kind in RECORD_KINDS.items() if kind == finished.kind)
        payload = msgspec.json.decode(finished.payload, type=payload_type)
        # What this phone wrote meanwhile, on another screen, must not vanish from its own state.
        if isinstance(payload, PremisesAmended):
            site, _clashes = amend(
                await registry.premises(payload.premises_id) or self._site,
                payload.changes,
                finished.record_id,
            )
            return [shown("premises", site.premises_id, site)]
        instrument = await registry.instrument(payload.instrument_id) or self.instrument
        if instrument is None:
            return []
        if isinstance(payload, LabelVoided):
            after = msgspec.structs.replace(
                instrument, label_trouble=payload.because, label_voided_by=finished.record_id
            )
            return (
                [shown("instrument", after.instrument_id, after)] if instrument.label == payload.label else []
            )
        after, _clashes = amend(instrument, payload.changes, finished.record_id)
        where = await registry.premises(after.premises_id)
        after = msgspec.structs.replace(after, township=where.township if where else after.township)
        return [shown("instrument", after.instrument_id, after)]


def differing(
    instrument: Instrument, values: Mapping[InstrumentField, str]
) -> list[FieldChange[InstrumentField]]:
    """The corrections that these values are of the instrument as it was seen."""
    return [
        FieldChange(
            field=field,
            before=value_of(instrument, field),
            after=value,
            seen=what_was_seen(instrument, field, value),
        )
        for field, value in values.items()
        if value != value_of(instrument, field)
    ]


class Findings:
    """Findings of this phone."""

    def __init__(self, equipment: Equipment, session: Session, sealing: Sealing) -> None:
        self._equipment, self._session, self._sealing = equipment, session, sealing

    async def of_instrument(self, instrument: Instrument) -> Finding:
        """A new finding on an instrument, or the unfinished one of it. AccessError ``session_locked``."""
        site = await self._equipment.store.registry.premises(instrument.premises_id)
        return await self._begin(instrument.instrument_id, instrument, site)

    async def of_site(self, site: Premises) -> Finding:
        """A new finding on a site, or the unfinished one of it. AccessError ``session_locked``."""
        return await self._begin(site.premises_id, None, site)

    async def _begin(self, subject: str, instrument: Instrument | None, site: Premises | None) -> Finding:
        person = self._session.person
        if person is None or not self._session.unlocked:
            raise locked()
        await must_be_enrolled(self._equipment.store.settings)
        for stored in await self._equipment.store.drafts.of(person.person_id):
            if stored.subject == subject and stored.kind == KIND:
                return await self.open(stored.draft_id)
        now = self._equipment.clock.now()
        draft_id = mint(self._equipment.clock, self._equipment.random_bytes)
        choices = offered(instrument, site)
        draft = FindingDraft(
            draft_id=draft_id,
            author=person.person_id,
            summary=DraftSummary(
                draft_id=draft_id,
                kind=instrument.kind if instrument else "",
                finding=True,
                stall=instrument.stall if instrument else "",
                site=site.name if site else "",
                serial_number=instrument.serial_number if instrument else "",
                saved_at=now,
                step="found",
                points_done=0,
                points_total=0,
            ),
            premises=site,
            instrument=instrument,
            # Of a site there is one thing to find.
            what=choices[0] if len(choices) == 1 else None,
            started_at=now,
            saved_at=now,
        )
        finding = Finding(self._equipment, self._session, self._sealing, draft)
        await finding.keep()
        finding.locate()
        return finding

    async def open(self, draft_id: str) -> Finding:
        """The draft just as it was left. Raises InputError ``draft_unknown``; AccessError ``session_locked``.

        One that a kill stopped after its signature is sealed now; ``finding.receipt`` is there then.
        """
        draft = await kept_draft(self._equipment, self._session, draft_id, FindingDraft)
        finding = Finding(self._equipment, self._session, self._sealing, draft)
        finding.locate()
        await finding.complete()
        return finding
