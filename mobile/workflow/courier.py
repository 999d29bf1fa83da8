"""代传: carrying other phones' records to the office, sealed, from wherever there is no network."""

from __future__ import annotations

from mobile.workflow.enrolled import enrolled_here
from mobile.workflow.ports import Changed, Equipment, Observers, Unsubscribe
from shared.errors import InputError
from sync.handover import Frames, Heard, read_bundle
from sync.ports import Carrying

MOST_CARRIED = 20
"""Bundles that one phone carries at a time."""
TOO_MANY = "handover_too_many"


class Courier:
    """Takes bundles and keeps them until the office has them; the sync hands them in."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._observers = Observers()
        self.frames = Frames()
        """The series of codes in hand; it goes on where it was left, until another is begun."""

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Calls ``changed`` when something came or went."""
        return self._observers.subscribe(changed)

    async def carried(self) -> list[Carrying]:
        """What this phone carries for others, the oldest first."""
        return await self._equipment.store.carried.all()

    def hear(self, text: str) -> Heard:
        """Takes one code of a series."""
        return self.frames.add(text)

    def begin_anew(self) -> None:
        """Forgets the series in hand."""
        self.frames = Frames()

    async def take_series(self) -> Carrying:
        """Keeps the bundle whose frames are all here. Raises as :meth:`take`.

        The series is then begun anew, except where there is no room for it yet: it is all here and waits until there is.
        """
        content = self.frames.bundle()
        try:
            taken = await self.take(content)
        except InputError as error:
            if error.problem.code != TOO_MANY:
                self.begin_anew()
            raise
        self.begin_anew()
        return taken

    async def take(self, content: bytes) -> Carrying:
        """Keeps a bundle; one that is here already is no error.

        Raises what :func:`sync.handover.read_bundle` raises, ``handover_own`` and ``handover_too_many``.
        """
        store = self._equipment.store
        enrolled = await enrolled_here(store.settings)
        bundle = read_bundle(content, enrolled.handover_key if enrolled else b"")
        if enrolled and bundle.header.device == enrolled.device_id:
            raise InputError(
                "handover_own",
                "This hand-over is of this very phone.",
                "Give it to another phone, or to the office.",
            )
        taken = Carrying(digest=bundle.digest, header=bundle.header, size=len(content))
        here = await self.carried()
        if len(here) >= MOST_CARRIED and all(one.digest != taken.digest for one in here):
            raise InputError(
                TOO_MANY,
                "This phone carries {count} hand-overs already.",
                "Let it sync first, or give it to another phone.",
                count=len(here),
            )
        await store.carried.keep(taken, content)
        self._observers.notify()
        return taken

    async def throw_away(self, digest: str) -> None:
        """A person decides that it is carried no further; its records are still on the phone that they come from."""
        await self._equipment.store.carried.drop(digest)
        self._observers.notify()
