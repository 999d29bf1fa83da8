"""Where instruments are used: a market, a clinic, a fuel station."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.amending import Dispute
from shared.identity import County, Identity


class PremisesType(StrEnum):
    MARKET = "market"
    CLINIC = "clinic"
    FUEL_STATION = "fuel_station"
    SHOP = "shop"


Township = Annotated[str, Meta(pattern=r"^[0-9]{9}$")]
"""A township's statistical code, nine digits; the first six are its county's."""


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place on the earth in WGS 84 degrees, with how sure the phone was of it."""

    latitude: Decimal
    longitude: Decimal
    accuracy_m: Decimal | None = None


class Premises(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of one site; holds no personal data."""

    premises_id: Identity
    county: County
    township: Township
    type: PremisesType
    name: str
    address: str = ""
    position: Position | None = None
    version: int = 1
    """Grows with every change, and is what a record's ``basis`` names."""
    amended: dict[str, list[Identity]] = {}
    """By field, the records that gave the value in force, where that is not the registration."""
    disputes: list[Dispute] = []
    """Other values of fields, which wait for the office."""
