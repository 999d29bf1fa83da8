"""Who is working on this phone now: PIN, second officer, and the weights carried."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import msgspec

from mobile.workflow.enrolled import enrolled_here, must_be_enrolled
from mobile.workflow.ports import Changed, Equipment, Observers, Unsubscribe
from mobile.workflow.sealing import Sealing
from shared.clock import local_date
from shared.errors import InputError
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


TRIES = 5
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
IDLE_MS = 10 * 60_000
_FAILURES, _WAIT, _PARTNER, _STANDARDS = "pin_failures", "pin_wait_until", "partner", "standards"


def wait_after(failures: int) -> timedelta:
    """How long no PIN is taken after so many wrong ones."""
    return WAITS[min(max(failures // TRIES, 1), len(WAITS)) - 1]


class Session:
    """One person's time at the phone. All of it survives a killed app, except the unlocked key."""

    def __init__(self, equipment: Equipment, sealing: Sealing) -> None:
        self._equipment = equipment
        self._settings = equipment.store.settings
        self._sealing = sealing
        self._observers = Observers()
        self._touched_ms = equipment.clock.monotonic_ms()
        self.person: Person | None = None
        """Who is enrolled here; None before enrolment."""
        self.partner: Person | None = None
        """The second officer."""
        self.standards: list[Standard] = []
        """The weights carried, all of them valid today."""
        self.unlocked = False
        self._choosing = asyncio.Lock()

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Calls ``changed`` after each change."""
        return self._observers.subscribe(changed)

    async def restore(self) -> None:
        """Reads who is enrolled, the partner and the weights of last time."""
        enrolled = await enrolled_here(self._settings)
        if enrolled is None:
            return
        self.person = enrolled.person
        self.unlocked = enrolled.key_name in await self._equipment.keys.unlocked()
        partner = await self._settings.get(_PARTNER)
        self.partner = next((person for person in enrolled.colleagues if person.person_id == partner), None)
        self.standards = [offered.standard for offered in await self.offered_standards() if offered.chosen]
        self._observers.notify()

    async def people(self) -> list[Person]:
        """Who can unlock this phone."""
        return [self.person] if self.person else []

    async def unlock(self, pin: str, person_id: str = "") -> Unlock:
        """Tries a PIN. The try is counted on disk before it is made, so that a kill in between wins nothing."""
        enrolled = await must_be_enrolled(self._settings)
        if person_id not in ("", enrolled.person.person_id):
            raise InputError(
                "person_unknown", "This person is not enrolled here.", "Enrol the person on this phone."
            )
        waiting = await self.waiting_until()
        if waiting:
            return Unlock(False, 0, waiting)
        failures = int(await self._settings.get(_FAILURES) or "0") + 1
        wait_until = None
        if failures % TRIES == 0:
            wait_until = self._equipment.clock.now() + wait_after(failures)
        await self._settings.put(
            {_FAILURES: str(failures), _WAIT: wait_until.isoformat() if wait_until else ""}
        )
        if not await self._equipment.keys.unlock(enrolled.key_name, pin):
            return Unlock(False, 0 if wait_until else TRIES - failures % TRIES, wait_until)
        await self._settings.put({_FAILURES: "", _WAIT: ""})
        await self._sealing.ensure_chain()
        self.touched()
        await self.restore()
        return Unlock(True)

    async def waiting_until(self) -> datetime | None:
        """Until when no PIN is taken, or None. Where the clock was put back since, the wait begins anew and is no longer than it was."""
        text = await self._settings.get(_WAIT)
        if not text:
            return None
        now, until = self._equipment.clock.now(), datetime.fromisoformat(text)
        longest = now + wait_after(int(await self._settings.get(_FAILURES) or "0"))
        if until > longest:
            until = longest
            await self._settings.put({_WAIT: until.isoformat()})
        return until if until > now else None

    async def lock(self) -> None:
        """Forgets the key; drafts stay."""
        await self._equipment.keys.lock()
        self.unlocked = False
        self._observers.notify()

    def touched(self) -> None:
        """Notes that the person did something."""
        self._touched_ms = self._equipment.clock.monotonic_ms()

    async def lock_when_idle(self) -> bool:
        """Locks after ten minutes without a touch; whether it did. The app calls this every half minute and on resume."""
        if not self.unlocked or self._equipment.clock.monotonic_ms() - self._touched_ms < IDLE_MS:
            return False
        await self.lock()
        return True

    async def partners(self) -> list[Person]:
        """Colleagues who can be the second officer, yesterday's first."""
        enrolled = await must_be_enrolled(self._settings)
        last = await self._settings.get(_PARTNER)
        others = [person for person in enrolled.colleagues if person.person_id != enrolled.person.person_id]
        return sorted(others, key=lambda person: (person.person_id != last, person.name))

    async def choose_partner(self, person_id: str) -> None:
        """Sets the second officer; empty for none. Raises InputError ``person_unknown``."""
        if person_id and person_id not in {person.person_id for person in await self.partners()}:
            raise InputError("person_unknown", "This person is not in the list.", "Choose from the list.")
        await self._settings.put({_PARTNER: person_id})
        await self.restore()

    async def offered_standards(self) -> list[OfferedStandard]:
        """The team's reference standards, the usable ones first."""
        today = local_date(self._equipment.clock.now())
        chosen = (await self._settings.get(_STANDARDS)).split()
        offered = []
        for standard in await self._equipment.store.registry.standards():
            usable = standard.holds_on(today)
            offered.append(OfferedStandard(standard, usable, usable and standard.standard_id in chosen))
        return sorted(offered, key=lambda one: not one.usable)

    async def toggle_standard(self, standard_id: str) -> None:
        """Takes a weight along, or leaves it behind again. Raises as :meth:`choose_standards`."""
        async with self._choosing:
            chosen = [one.standard.standard_id for one in await self.offered_standards() if one.chosen]
            others = [each for each in chosen if each != standard_id]
            await self.choose_standards(others if standard_id in chosen else [*chosen, standard_id])

    async def choose_standards(self, standard_ids: list[str]) -> None:
        """Sets the weights carried. Raises InputError ``standard_expired`` and leaves the choice as it was."""
        for standard_id in standard_ids:
            await self.usable_standard(standard_id)
        await self._settings.put({_STANDARDS: " ".join(standard_ids)})
        await self.restore()

    async def usable_standard(self, standard_id: str) -> Standard:
        """One of the team's list that may be used today. Raises InputError ``standard_unknown``, ``standard_expired``."""
        offered = {one.standard.standard_id: one for one in await self.offered_standards()}
        one = offered.get(standard_id)
        if one is None:
            raise InputError(
                "standard_unknown", "This reference standard is not in the list.", "Choose from the list."
            )
        if not one.usable:
            raise InputError(
                "standard_expired",
                "The certificate of {name} {serial_number} expired on {valid_until}.",
                "Take weights with a valid certificate.",
                name=one.standard.name,
                serial_number=one.standard.serial_number,
                valid_until=one.standard.valid_until.isoformat(),
            )
        return one.standard
