"""Who is working on this phone now: PIN, second officer, and the weights carried."""

from __future__ import annotations

from datetime import datetime

import msgspec

from mobile.workflow.ports import Changed, Equipment, Unsubscribe
from shared.people import Person
from shared.standard import Standard


class Unlock(msgspec.Struct, frozen=True):
    """How a PIN was taken."""

    opened: bool
    tries_left: int = 0
    """Wrong tries before the next wait."""
    wait_until: datetime | None = None
    """No try is taken before this moment (1, 5, then 15 minutes); nothing is ever wiped."""


class OfferedStandard(msgspec.Struct, frozen=True):
    """A reference standard of the team's list."""

    standard: Standard
    usable: bool
    """False where its certificate has expired: shown struck out with the date, and refused."""
    chosen: bool


class Session:
    """One person's time at the phone. All of it survives a killed app, except the unlocked key."""

    person: Person | None
    """Who is enrolled here; None before enrolment."""
    partner: Person | None
    """The second officer."""
    standards: list[Standard]
    """The weights carried, all of them valid when they were chosen."""
    unlocked: bool

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment

    def subscribe(self, changed: Changed) -> Unsubscribe:
        raise NotImplementedError

    async def restore(self) -> None:
        """Reads who is enrolled, the partner and the weights of last time."""
        raise NotImplementedError

    async def people(self) -> list[Person]:
        """Who can unlock this phone."""
        raise NotImplementedError

    async def unlock(self, pin: str, person_id: str = "") -> Unlock:
        """Tries a PIN."""
        raise NotImplementedError

    async def waiting_until(self) -> datetime | None:
        """Until when no PIN is taken, or None."""
        raise NotImplementedError

    async def lock(self) -> None:
        """Forgets the key; drafts stay."""
        raise NotImplementedError

    def touched(self) -> None:
        """Notes that the person did something."""
        raise NotImplementedError

    async def lock_when_idle(self) -> bool:
        """Locks after ten minutes without a touch; whether it did. The app calls this every half minute and on resume."""
        raise NotImplementedError

    async def partners(self) -> list[Person]:
        """Colleagues who can be the second officer, yesterday's first."""
        raise NotImplementedError

    async def choose_partner(self, person_id: str) -> None:
        """Sets the second officer; empty for none."""
        raise NotImplementedError

    async def offered_standards(self) -> list[OfferedStandard]:
        """The team's reference standards, the usable ones first."""
        raise NotImplementedError

    async def choose_standards(self, standard_ids: list[str]) -> None:
        """Sets the weights carried. Raises InputError ``standard_expired`` and leaves the choice as it was."""
        raise NotImplementedError
