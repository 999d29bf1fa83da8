"""Instruments of other kinds than scales, and what they are checked with, in the world of the phone's tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from shared.identity import mint
from shared.instrument import Instrument, VerificationStatus
from shared.quantity import Quantity
from shared.standard import Standard
from tests.mobile.phone import COUNTY, World, seeded

DISPENSER, GAUGE, MONITOR = "fuel-dispenser", "pressure-gauge", "blood-pressure-monitor"


def quantity(text: str) -> Quantity:
    """``20 L``."""
    value, _, unit = text.partition(" ")
    return Quantity(Decimal(value), unit)


def instrument(world: World, kind: str, serial_number: str = "N-1", **fields: Any) -> Instrument:
    """An instrument of that kind at the world's site, which the office shows."""
    made = Instrument(
        instrument_id=mint(world.clock, seeded(f"{kind} {serial_number}")),
        version=1,
        county=COUNTY,
        township=world.premises.township,
        kind=kind,
        serial_number=serial_number,
        premises_id=world.premises.premises_id,
        verification=VerificationStatus(
            verified_on=date(2026, 6, 1), valid_until=date(2027, 5, 31), body="康平县计量所"
        ),
        **fields,
    )
    world.office.show(COUNTY, "instrument", made.instrument_id, made)
    return made


def standard(world: World, sort: str, nominal: str, largest_error: str, **fields: Any) -> Standard:
    """A reference standard of that sort, which the office shows."""
    made = Standard(
        standard_id=mint(world.clock, seeded(f"{sort} {nominal}")),
        county=COUNTY,
        name=f"{sort} {nominal}",
        serial_number=f"S-{nominal}",
        accuracy_class="",
        nominal=quantity(nominal),
        certificate_no="J-9",
        valid_until=date(2027, 12, 31),
        sort=sort,
        largest_error=quantity(largest_error),
        **fields,
    )
    world.office.show(COUNTY, "standard", made.standard_id, made)
    return made
