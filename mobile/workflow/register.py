"""An instrument that is not on the ledger: four fields, then it can be checked at once."""

from __future__ import annotations

import msgspec
from shared.metrology.catalogue import Kind

from mobile.workflow.ports import Equipment
from mobile.workflow.resolve import Found
from mobile.workflow.session import Session
from shared.instrument import Instrument
from shared.premises import Premises, PremisesType
from shared.quantity import Quantity
from shared.regions import Region


class CapacityChoice(msgspec.Struct, frozen=True):
    """One chip of the third field: a usual capacity, which implies the class and the scale interval."""

    capacity_max: Quantity
    capacity_min: Quantity | None
    verification_scale_interval: Quantity
    accuracy_class: str


class RegisterView(msgspec.Struct, frozen=True, kw_only=True):
    """What the form offers."""

    kinds: list[Kind]
    """Those usual at the last site first."""
    premises: list[Premises]
    """The last site first."""
    last_premises: str = ""
    last_stall: str = ""


class Register:
    """Puts instruments and sites on the ledger, from the phone."""

    def __init__(self, equipment: Equipment, session: Session) -> None:
        self._equipment = equipment
        self._session = session

    async def view(self) -> RegisterView:
        raise NotImplementedError

    def capacities(self, kind: str) -> list[CapacityChoice]:
        """The usual capacities of a kind; empty where the kind has none."""
        raise NotImplementedError

    async def same_serial(self, serial_number: str) -> list[Instrument]:
        """Instruments already known with that serial number: the screen asks 是同一台吗？"""
        raise NotImplementedError

    def townships(self) -> list[Region]:
        """The townships of the person's counties."""
        raise NotImplementedError

    async def premises(
        self, name: str, township: str, premises_type: PremisesType, address: str = ""
    ) -> Premises:
        """Registers a site that is not on the list. Raises InputError ``field_missing``."""
        raise NotImplementedError

    async def instrument(
        self,
        *,
        kind: str,
        serial_number: str,
        capacity: CapacityChoice | None,
        premises_id: str,
        stall: str = "",
        found: Found | None = None,
        nameplate: bytes | None = None,
    ) -> Found:
        """Seals ``instrument.registered`` and gives the instrument as found, ready for its card and its check.

        ``found`` is the label that led here: a genuine one is bound to the new instrument. ``nameplate`` is a JPEG. Raises
        InputError ``field_missing``.
        """
        raise NotImplementedError
