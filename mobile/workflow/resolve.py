"""From a scanned or typed code to the instrument, offline, and what is to be said of the label."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from mobile.workflow.draft import KIND
from mobile.workflow.enrolled import enrolled_here
from mobile.workflow.ports import Equipment, Kept, Wanted
from mobile.workflow.session import Session
from shared.amending import InstrumentField, disputed
from shared.clock import local_date
from shared.errors import InputError
from shared.foreign_label import Confidence, ForeignLabel, read_foreign
from shared.instrument import Instrument
from shared.label import Label, read_payload, serial_tag_of, typed_code
from shared.metrology.catalogue import Kind
from shared.premises import Premises
from shared.sought import words_of

MOST = 30
"""Instruments to choose from where one is typed for."""


class LabelVerdict(StrEnum):
    """What the phone can say of a label by itself."""

    VERIFIED = "verified"
    """The issuer's signature is right, and nothing known contradicts it."""
    FORGED = "forged"
    """The signature is wrong: 疑似假标签."""
    MISMATCHED = "mismatched"
    """The signature is right, but the serial number it was made for is not this instrument's: 标签与实物不符."""
    KEY_UNKNOWN = "key_unknown"
    """Signed by a key that this phone does not hold: 无法验签, no accusation."""
    TYPED = "typed"
    """The code was typed, so there is no signature to check."""
    FOREIGN = "foreign"
    """Not one of our labels at all, and bound to no instrument."""
    FOREIGN_BOUND = "foreign_bound"
    """A code of others that somebody bound to this instrument; nothing in it can be checked."""
    FOREIGN_DISPUTED = "foreign_disputed"
    """A code of others that is bound to several instruments: a person says which it is."""
    NO_LABEL = "no_label"
    """Reached by search or from a list."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan or a typed code came to."""

    verdict: LabelVerdict
    code: str = ""
    """The label's code, eight characters."""
    payload: str = ""
    """The raw text of the code as scanned."""
    label: Label | None = None
    instrument: Instrument | None = None
    """None where the phone knows of none: a VERIFIED label then reads 真伪可验，有效期未知."""
    premises: Premises | None = None
    foreign: ForeignLabel | None = None
    """What a code of others says."""
    holders: list[Found] = []
    """The instruments that a disputed code is bound to."""


class Validity(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What the instrument's card shows."""

    found: Found
    instrument: Instrument
    premises: Premises | None
    kind: Kind | None
    """The catalogue's entry; None for a kind that this catalogue does not know."""
    township: str
    """Its name."""
    validity: Validity
    valid_until: date | None
    days_left: int | None
    """Days until the verification expires; negative since it did."""
    own_records: list[Kept]
    """This phone's own records on the instrument, the newest first."""
    provisional: bool
    """Registered here and not yet known to the server."""
    checkable: bool
    """Whether the catalogue knows the kind; without a procedure only identity, marks and seals are checked."""
    other_sites: dict[str, str] = {}
    """Names of the sites at which others say that it stands, by id."""
    draft_id: str = ""
    """An unfinished check of this instrument by this person, to go on with."""


class Resolve:
    """Looks things up on the phone alone; nothing here waits for a network."""

    def __init__(self, equipment: Equipment, session: Session) -> None:
        self._equipment = equipment
        self._session = session
        self._registry = equipment.store.registry

    async def scanned(self, payload: str) -> Found:
        """A decoded QR code. Never raises: what is not ours is FOREIGN, unless somebody bound it to an instrument."""
        label = read_payload(payload)
        if label is None:
            return await self._foreign(payload)
        instrument = await self._by_label(label.code)
        return Found(
            verdict=await self._judge(label, instrument),
            code=label.code,
            payload=payload,
            label=label,
            instrument=instrument,
            premises=await self._site_of(instrument),
        )

    async def _foreign(self, payload: str) -> Found:
        foreign = read_foreign(payload)
        enrolled = await enrolled_here(self._equipment.store.settings)
        if enrolled and foreign.host and foreign.host == urlsplit(enrolled.public_url).hostname:
            # A page of our own, or a damaged label: bound as an alias it would open a card that no signature vouches for.
            foreign = msgspec.structs.replace(foreign, confidence=Confidence.NONE)
        holders = await self._registry.by_alias(foreign.key)
        if len(holders) > 1:
            verdict = LabelVerdict.FOREIGN_DISPUTED
            each = [await self._without_label(one) for one in holders]
            return Found(verdict=verdict, payload=payload, foreign=foreign, holders=each)
        if not holders:
            return Found(verdict=LabelVerdict.FOREIGN, payload=payload, foreign=foreign)
        return await self.bound(
            Found(verdict=LabelVerdict.FOREIGN, payload=payload, foreign=foreign), *holders
        )

    async def bound(self, found: Found, instrument: Instrument) -> Found:
        """A code of others as found on this instrument, to which it is bound."""
        return msgspec.structs.replace(
            found,
            verdict=LabelVerdict.FOREIGN_BOUND,
            instrument=instrument,
            premises=await self._site_of(instrument),
            holders=[],
        )

    async def _judge(self, label: Label, instrument: Instrument | None) -> LabelVerdict:
        enrolled = await enrolled_here(self._equipment.store.settings)
        keys = [key for key in (enrolled.label_keys if enrolled else []) if key.key_id == label.key_id]
        if not keys:
            return LabelVerdict.KEY_UNKNOWN
        for key in keys:
            if await self._equipment.keys.verify(key.public_key, label.message(), label.signature):
                fits = (
                    instrument is None
                    or serial_tag_of(label.code, instrument.serial_number) == label.serial_tag
                )
                return LabelVerdict.VERIFIED if fits else LabelVerdict.MISMATCHED
        return LabelVerdict.FORGED

    async def typed(self, text: str) -> Found:
        """A code that a person typed. Raises InputError ``label_code_incomplete`` or ``label_code_mistyped``."""
        code = typed_code(text)
        instrument = await self._by_label(code)
        return Found(
            verdict=LabelVerdict.TYPED,
            code=code,
            instrument=instrument,
            premises=await self._site_of(instrument),
        )

    async def chosen(self, instrument_id: str) -> Found:
        """An instrument picked from a list. Raises InputError ``instrument_unknown``."""
        instrument = await self._continuing(await self._registry.instrument(instrument_id))
        if instrument is None:
            raise unknown()
        return await self._without_label(instrument)

    async def _by_label(self, code: str) -> Instrument | None:
        return await self._continuing(await self._registry.by_label(code))

    async def _continuing(self, instrument: Instrument | None) -> Instrument | None:
        """The instrument, or the one that it turned out to be, where this phone knows it."""
        while instrument and instrument.continued_by:
            other = await self._registry.instrument(instrument.continued_by)
            if other is None:
                return instrument
            instrument = other
        return instrument

    async def _without_label(self, instrument: Instrument) -> Found:
        return Found(
            verdict=LabelVerdict.NO_LABEL,
            code=instrument.label,
            instrument=instrument,
            premises=await self._site_of(instrument),
        )

    async def search(self, text: str) -> list[Found]:
        """As :class:`mobile.workflow.looking.Looking` finds, thirty at most."""
        words, finder = words_of(text), self._equipment.store.finder
        if not words:
            return []
        await finder.ready(lambda: None)
        hits = await finder.find(Wanted(words), lambda: False)
        found = await hits.window(0, MOST) if hits else []
        return [await self._without_label(one) for one in found if one]

    async def at(self, premises_id: str) -> list[Found]:
        """The instruments of one site, by stall."""
        return [await self._without_label(one) for one in await self._registry.at(premises_id)]

    async def card(self, found: Found) -> Card:
        """The card of a found instrument. Raises InputError ``instrument_unknown`` where there is none."""
        if found.instrument is None:
            raise unknown()
        known = await self._registry.instrument(found.instrument.instrument_id)
        instrument = await self._continuing(known) or found.instrument
        kind = self._equipment.catalogue.kinds.get(instrument.kind)
        today = local_date(self._equipment.clock.now())
        verification = instrument.verification
        until = verification.valid_until if verification else None
        return Card(
            found=found,
            instrument=instrument,
            premises=await self._site_of(instrument),
            kind=kind,
            township=self._equipment.regions.name(instrument.township),
            validity=validity_on(instrument, today),
            valid_until=until,
            days_left=(until - today).days if until else None,
            own_records=await self._equipment.store.records.about(instrument.instrument_id),
            provisional=await self._registry.is_own(instrument.instrument_id),
            checkable=kind is not None,
            other_sites=await self._other_sites(instrument),
            draft_id=await self._draft_of(instrument.instrument_id),
        )

    async def _other_sites(self, instrument: Instrument) -> dict[str, str]:
        ids = [one.value for one in disputed(instrument, InstrumentField.PREMISES_ID.value)]
        sites = [await self._registry.premises(each) for each in ids]
        return {site.premises_id: site.name for site in sites if site}

    async def _draft_of(self, instrument_id: str) -> str:
        person = self._session.person
        drafts = await self._equipment.store.drafts.of(person.person_id) if person else []
        return next(
            (draft.draft_id for draft in drafts if (draft.subject, draft.kind) == (instrument_id, KIND)), ""
        )

    async def _site_of(self, instrument: Instrument | None) -> Premises | None:
        return await self._registry.premises(instrument.premises_id) if instrument else None


def validity_on(instrument: Instrument, day: date) -> Validity:
    """Whether the last verification that the phone knows of holds on ``day``."""
    if instrument.verification is None:
        return Validity.UNKNOWN
    return Validity.VALID if instrument.verification.holds_on(day) else Validity.EXPIRED


def unknown() -> InputError:
    """What is raised where an instrument is asked for that the phone does not know."""
    return InputError(
        "instrument_unknown",
        "This phone does not know the instrument.",
        "Register it, or sync when there is a network.",
    )
