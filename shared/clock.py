"""Time, as a thing handed in: nothing else in the house may ask the system what time it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Protocol

from msgspec import Meta

CHINA_STANDARD_TIME = timezone(timedelta(hours=8), "CST")
"""The zone of every date that the law counts; a fixed offset, so that no zone database is needed."""


Moment = Annotated[datetime, Meta(tz=True)]
"""A point in time that says its zone; without one it would mean another moment to every reader."""


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The time by this clock, zone-aware, in UTC."""
        ...

    def monotonic_ms(self) -> int:
        """Milliseconds since an arbitrary moment, never going back: the witness when someone sets the clock."""
        ...


def local_date(moment: datetime) -> date:
    """The calendar day of ``moment`` in China, on which editions and validity are judged."""
    return moment.astimezone(CHINA_STANDARD_TIME).date()


@dataclass
class SetClock:
    """A clock that stands where it was set and moves only when told; for tests, demos and simulations."""

    at: datetime

    def now(self) -> datetime:
        return self.at.astimezone(UTC)

    def monotonic_ms(self) -> int:
        return int(self.at.timestamp() * 1000)

    def advance(self, by: timedelta) -> None:
        self.at += by
