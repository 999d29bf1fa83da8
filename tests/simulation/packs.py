"""Histories with county packs: new phones begin on one, packs are built now and then, and are older than the state, or of a store that has been
restored since. The faults and the invariants are those of every history.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import msgspec

from mobile.device.native import NativePackFiles
from mobile.store.packs import PhonePacks
from server.api.packs import asked_range
from server.services.packs import Packs
from shared.clock import SetClock
from shared.errors import QuanhengError
from sync.ports import Answer
from tests.simulation.handset import Handset
from tests.simulation.history import History, Parts, Result, Stage
from tests.simulation.office import SimulatedOffice

MEMORY = Path("/dev/shm")  # noqa: S108  where there is one: flushing costs nothing there
BUILDS = 0.12
SCOPES = 0.08
RESTORES = 0.08


class PackOffice(SimulatedOffice):
    """The office with the real packs, built when the history says so."""

    packs_type: type[Packs] = Packs

    def __init__(self, clock: SetClock) -> None:
        self.room = TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None, prefix="quanheng-packs-")
        super().__init__(clock)

    def _open(self, generation: str) -> None:
        super()._open(generation)
        folder = Path(self.room.name) / "office"
        self.packs = self.packs_type(self.database, self._clock, generation, folder, 1)

    def request(self, method: str, address: str, body: bytes, headers: dict[str, str]) -> Answer:
        parts = urlsplit(address).path.removeprefix("/api/v1/").split("/")
        if parts[0] != "packs":
            return super().request(method, address, body, headers)
        try:
            device = self.access.device(headers["Authorization"].removeprefix("Bearer "))
            if len(parts) == 2:
                return Answer(200, msgspec.msgpack.encode(self.packs.offer(device, parts[1])))
            content = self.packs.file(device, parts[1], parts[2]).read_bytes()
            start, end = asked_range(headers["Range"], len(content)) or (0, len(content))
            return Answer(206, content[start:end])
        except QuanhengError as error:
            return Answer(error.status, msgspec.json.encode(error.problem))


@cache
def stage() -> Stage:
    """The office and the enrolled phones from which these histories begin."""
    return Stage(PackOffice)


@dataclass(frozen=True)
class PackParts:
    """What a planted fault may replace."""

    phone: type[PhonePacks] = PhonePacks
    office: type[Packs] = Packs


class PackHistory(History):
    """One history whose phones know nothing of the counties yet."""

    def __init__(self, seed: int, parts: PackParts) -> None:
        self.pack_parts = parts
        set_up = stage()
        assert isinstance(set_up.office, PackOffice)
        self.pack_office = set_up.office
        self.pack_office.packs_type = parts.office
        for path in sorted(Path(self.pack_office.room.name).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        super().__init__(seed, Parts(), set_up)
        for phone in self.phones:
            phone.sqlite.execute("DELETE FROM cursor")
            phone.sqlite.commit()

    def _handset(self, number: int, clock: SetClock, parts: Parts) -> Handset:
        files = NativePackFiles(Path(self.pack_office.room.name) / f"phone-{number}")
        phone = Handset(number, clock, self._sender(number), parts.outbox, parts.mirror, files)
        packs: Any = phone.store.packs
        phone.store.packs = self.pack_parts.phone(packs._database, packs._mounts, files, packs._flush)
        return phone

    def _something(self) -> None:
        random = self.line.random
        if self.line.chance(BUILDS):
            self.line.note("packs", len(self.pack_office.packs.refresh(every=True)))
        elif self.line.chance(SCOPES):
            self._change_access(random.choice(self.phones))
        elif self.line.chance(RESTORES):
            self._restore(random.choice(self.phones))
        else:
            super()._something()


def play(seed: int, parts: PackParts | None = None) -> Result:
    """One history. Raises AssertionError where an invariant does not hold."""
    return PackHistory(seed, parts or PackParts()).play(rebuilds=False)
