"""An instrument that is not on the ledger: four fields, then it can be checked at once."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec

from mobile.workflow.enrolled import must_be_enrolled, seal_text
from mobile.workflow.foreign import UNBOUND, ForeignLabels
from mobile.workflow.nameplate import USUAL_CAPACITIES, entered, units_of
from mobile.workflow.ports import Equipment
from mobile.workflow.resolve import Found, LabelVerdict
from mobile.workflow.sealing import Sealing, shown
from mobile.workflow.session import Session
from shared.errors import InputError
from shared.identity import mint
from shared.instrument import Instrument
from shared.message import msgid
from shared.metrology.catalogue import Kind
from shared.premises import Position, Premises, PremisesType
from shared.quantity import Quantity
from shared.records import InstrumentRegistered, LabelBound, PremisesRegistered, Sighting
from shared.regions import Region
from sync.envelope import Basis

LAST_PREMISES, LAST_STALL, UNFINISHED = "last_premises", "last_stall", "register_unfinished"


class CapacityChoice(msgspec.Struct, frozen=True):
    """One chip of the third field: a usual capacity, which implies the class and the scale interval."""

    capacity_max: Quantity
    capacity_min: Quantity | None
    verification_scale_interval: Quantity
    accuracy_class: str


class Unfinished(msgspec.Struct, kw_only=True):
    """The form's answers so far; the screen changes them and has them kept."""

    kind: str
    serial_number: str = ""
    manufacturer: str = ""
    model: str = ""
    capacity: CapacityChoice | None = None
    figures: dict[str, str] = {}
    """Figures of the nameplate as they were typed or chosen, by their ids; what is left out is asked for at the check."""
    typing: str = ""
    """The figure whose field is open."""
    typed: str = ""
    """What stands in that field."""
    premises_id: str = ""
    stall: str = ""
    payload: str = ""
    """The text of the label that led here."""


class RegisterView(msgspec.Struct, frozen=True, kw_only=True):
    """What the form offers."""

    kinds: list[Kind]
    """Those usual at the last site first, then the scales that are sold most."""
    premises: list[Premises]
    """The last site first."""
    last_premises: str = ""
    last_stall: str = ""
    unfinished: Unfinished | None = None
    """The form that a kill interrupted."""


MISSING = {
    "name": msgid("The site's name is missing."),
    "township": msgid("The township is missing."),
    "serial_number": msgid("The serial number is missing."),
    "premises": msgid("The site is missing."),
}


def field_missing(field: str) -> InputError:
    """What is raised where a field must be filled in; ``field`` is one of :data:`MISSING`."""
    return InputError("field_missing", MISSING[field], "Fill it in.")


class Register:
    """Puts instruments and sites on the ledger, from the phone."""

    def __init__(
        self, equipment: Equipment, session: Session, sealing: Sealing, foreign: ForeignLabels
    ) -> None:
        self._equipment = equipment
        self._session = session
        self._sealing = sealing
        self._foreign = foreign
        self._registry = equipment.store.registry
        self._position: asyncio.Task[Position | None] | None = None

    async def keep(self, unfinished: Unfinished) -> None:
        """Keeps the form as it is now."""
        text = msgspec.json.encode(unfinished).decode()
        await self._equipment.store.settings.put({UNFINISHED: await seal_text(self._equipment.keys, text)})

    async def unfinished(self) -> Unfinished | None:
        """The form as it was kept, or None."""
        sealed = await self._equipment.store.settings.get(UNFINISHED)
        if not sealed:
            return None
        return msgspec.json.decode(await self._equipment.keys.open(base64.b64decode(sealed)), type=Unfinished)

    def locate(self) -> None:
        """Asks where the phone is while the form is filled in; saving does not wait for the answer."""
        self._position = asyncio.ensure_future(self._equipment.positioning.position())

    async def view(self) -> RegisterView:
        """What the form offers, with the last stall filled in."""
        settings = self._equipment.store.settings
        last = await settings.get(LAST_PREMISES)
        here = Counter(instrument.kind for instrument in await self._registry.at(last)) if last else Counter()
        sites, usual = await self._registry.all_premises(), list(USUAL_CAPACITIES)
        return RegisterView(
            kinds=sorted(
                self._equipment.catalogue.kinds.values(),
                key=lambda kind: (-here[kind.id], usual.index(kind.id) if kind.id in usual else len(usual)),
            ),
            premises=sorted(sites, key=lambda site: site.premises_id != last),
            last_premises=last,
            last_stall=await settings.get(LAST_STALL),
            unfinished=await self.unfinished(),
        )

    def capacities(self, kind: str) -> list[CapacityChoice]:
        """The usual capacities of a kind; empty where the kind has none."""
        most, step = units_of(kind)
        return [
            CapacityChoice(
                Quantity(Decimal(greatest), most),
                Quantity(Decimal(interval) * 20, step),
                Quantity(Decimal(interval), step),
                self._equipment.catalogue.kind(kind).default_class,
            )
            for greatest, interval in USUAL_CAPACITIES.get(kind, ())
        ]

    async def same_serial(self, serial_number: str) -> list[Instrument]:
        """Instruments already known with that serial number: the screen asks 是同一台吗？"""
        return await self._registry.by_serial(serial_number)

    async def townships(self) -> list[Region]:
        """The townships of the person's counties."""
        enrolled = await must_be_enrolled(self._equipment.store.settings)
        regions = self._equipment.regions
        return [town for county in enrolled.scope.counties for town in regions.townships_of(county)]

    async def premises(
        self, name: str, township: str, premises_type: PremisesType, address: str = ""
    ) -> Premises:
        """Registers a site that is not on the list. Raises InputError ``field_missing``."""
        if not name.strip():
            raise field_missing("name")
        if not township:
            raise field_missing("township")
        registered = PremisesRegistered(
            premises_id=mint(self._equipment.clock, self._equipment.random_bytes),
            township=township,
            type=premises_type,
            name=name.strip(),
            address=address.strip(),
            position=self._position.result() if self._position and self._position.done() else None,
        )
        site = msgspec.convert(
            msgspec.structs.asdict(registered) | {"county": township[:6]}, Premises, from_attributes=True
        )
        unsealed = await self._sealing.prepare(
            "premises.registered", registered, county=site.county, subjects=[site.premises_id]
        )
        await self._sealing.write(unsealed, provisional=[shown("premises", site.premises_id, site)])
        return site

    async def instrument(
        self,
        *,
        kind: str,
        serial_number: str,
        capacity: CapacityChoice | None,
        figures: Mapping[str, str] = MappingProxyType({}),
        premises_id: str,
        stall: str = "",
        manufacturer: str = "",
        model: str = "",
        found: Found | None = None,
    ) -> Found:
        """Seals ``instrument.registered`` and gives the instrument as found, ready for its card and its check.

        ``figures`` are those of the nameplate as far as they were read. ``found`` is the label that led here: a genuine one is bound
        to the new instrument, in a record of its own, and so is a code of others that may stand for one instrument. Raises InputError
        ``field_missing``, ``kind_unknown``, ``figure_unreadable``, ``figure_too_fine``.
        """
        if not serial_number.strip():
            raise field_missing("serial_number")
        site = await self._registry.premises(premises_id)
        if site is None:
            raise field_missing("premises")
        known = self._equipment.catalogue.kind(kind)
        nameplate: dict[str, Any] = {"accuracy_class": known.default_class}
        if capacity:
            nameplate = msgspec.structs.asdict(capacity)
            nameplate["actual_scale_interval"] = capacity.verification_scale_interval
        registered = InstrumentRegistered(
            instrument_id=mint(self._equipment.clock, self._equipment.random_bytes),
            township=site.township,
            kind=known.id,
            serial_number=serial_number.strip(),
            premises_id=site.premises_id,
            stall=stall.strip(),
            manufacturer=manufacturer.strip(),
            model=model.strip(),
            use_scene=known.use_scenes[0] if known.use_scenes else "",
            **(nameplate | entered(known, figures)),
        )
        instrument = Instrument(version=0, county=site.county, **msgspec.structs.asdict(registered))
        unsealed = await self._sealing.prepare(
            "instrument.registered",
            registered,
            county=site.county,
            subjects=[instrument.instrument_id, site.premises_id],
        )
        await self._sealing.write(
            unsealed, provisional=[shown("instrument", instrument.instrument_id, instrument)]
        )
        await self._equipment.store.settings.put(
            {LAST_PREMISES: premises_id, LAST_STALL: stall.strip(), UNFINISHED: ""}
        )
        if found and found.label and found.instrument is None and found.verdict is LabelVerdict.VERIFIED:
            instrument = await self._bind(found, instrument)
        if found and found.foreign and found.verdict in UNBOUND and found.foreign.names_one:
            return await self._foreign.bind(found, instrument, Sighting.NAMEPLATE)
        return Found(
            verdict=found.verdict if found else LabelVerdict.NO_LABEL,
            code=found.code if found else "",
            payload=found.payload if found else "",
            label=found.label if found else None,
            instrument=instrument,
            premises=site,
        )

    async def _bind(self, found: Found, instrument: Instrument) -> Instrument:
        assert found.label  # noqa: S101  a verified label is there
        bound = LabelBound(
            label=found.label.code,
            instrument_id=instrument.instrument_id,
            key_id=found.label.key_id,
            serial_tag=found.label.serial_tag,
        )
        instrument = msgspec.structs.replace(instrument, label=found.label.code)
        unsealed = await self._sealing.prepare(
            "label.bound",
            bound,
            county=instrument.county,
            subjects=[instrument.instrument_id],
            basis=[Basis(instrument.instrument_id, instrument.version)],
        )
        await self._sealing.write(
            unsealed, provisional=[shown("instrument", instrument.instrument_id, instrument)]
        )
        return instrument
