"""Where instruments are used: a market, a clinic, a fuel station."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.amending import Dispute
from shared.clock import Moment
from shared.identity import County, Identity


class PremisesType(StrEnum):
    MARKET = "market"
    CLINIC = "clinic"
    FUEL_STATION = "fuel_station"
    SHOP = "shop"


class Standing(StrEnum):
    """Whether a site is still there."""

    OPEN = "open"
    CLOSED = "closed"
    """Nothing is due there until somebody finds it open again."""


STALE = timedelta(minutes=5)
"""A position that is older than this when something is recorded tells where the phone was, not where it is."""
Township = Annotated[str, Meta(pattern=r"^[0-9]{9}$")]
"""A township's statistical code, nine digits; the first six are its county's."""


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place on the earth in WGS 84 degrees, with how sure the phone was of it."""

    latitude: Decimal
    longitude: Decimal
    accuracy_m: Decimal | None = None
    read_at: Moment | None = None
    """When the phone was there, by its own clock; None where it was not told."""
    mocked: bool | None = None
    """Whether an app put another place in this one's stead; None where the platform does not tell, as no browser does."""

    def age_at(self, moment: datetime) -> timedelta | None:
        """How old it was then; None where its time is not known."""
        return max(moment - self.read_at, timedelta()) if self.read_at else None

    def is_stale_at(self, moment: datetime) -> bool:
        """Whether it was no longer where the phone was."""
        age = self.age_at(moment)
        return age is not None and age > STALE


class Premises(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of one site; holds no personal data."""

    premises_id: Identity
    county: County
    township: Township
    type: PremisesType
    name: str
    address: str = ""
    position: Position | None = None
    standing: Standing = Standing.OPEN
    version: int = 1
    """Grows with every change, and is what a record's ``basis`` names."""
    amended: dict[str, list[Identity]] = {}
    """By field, the records that gave the value in force, where that is not the registration."""
    disputes: list[Dispute] = []
    """Other values of fields, which wait for the office."""
