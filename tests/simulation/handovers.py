"""Histories with hand-overs: phones give their outboxes to each other as codes and as files, frames are lost, couriers crash and are put back, and
any bundle that was ever made may be brought again, by another phone or by the console. The faults and the invariants are those of every history;
what a courier dropped because the office said that it has it is a promise like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from mobile.store.carried import PhoneCarried
from server.callers import DeviceAccess
from server.services.enrolment import Enrolments, Office
from server.services.handovers import RULINGS, Handovers
from server.services.own_keys import own_opening_key
from shared.clock import SetClock
from sync.envelope import read_body
from sync.handover import read_bundle
from tests.contracts.fakes import seeded
from tests.simulation.handset import Handset
from tests.simulation.history import TIMEOUT_MS, History, Parts, Result, Stage
from tests.simulation.invariants import what_is_kept
from tests.simulation.office import SimulatedOffice
from tests.simulation.timeline import Waiting, finish

GIVES, IMPORTS = 0.25, 0.08
LOST_FRAMES = 0.15
CRASHES = 0.3
MOSTLY = 0.7


class HandoverOffice(SimulatedOffice):
    """The office with the real service of hand-overs."""

    handovers_type: type[Handovers] = Handovers

    def __init__(self, clock: SetClock) -> None:
        self.ever_answered: set[str] = set()
        """Bundles that any generation said it has."""
        super().__init__(clock)

    def _open(self, generation: str) -> None:
        super()._open(generation)
        self._key = own_opening_key(Path(self._folder.name) / "keys", "handover", seeded("no key is made"))
        told = Office(generation, "simulated", "", [], True, self.handovers.public_key)
        self.enrolments = Enrolments(self.database, self._clock, seeded("enrolments"), told, self.log)
        self.answered: set[str] = set()
        """Bundles that this generation said it has."""
        self._brought = 0

    @property
    def handovers(self) -> Handovers:
        """The service over the disk of this history."""
        return self.handovers_type(
            self.database, self.receiver, self.photos.service, self._key, self._clock, self.generation
        )

    def _act(self, method: str, address: Any, body: bytes, headers: dict[str, str]) -> msgspec.Struct:
        if address.path.removeprefix("/api/v1") != "/handovers":
            return super()._act(method, address, body, headers)
        return self.bring(self.access.device(headers["Authorization"].removeprefix("Bearer ")), body)

    def bring(self, courier: DeviceAccess, bundle: bytes) -> msgspec.Struct:
        """Takes a bundle from a courier; every second crash falls between its records and its files."""
        self._brought += 1
        if self._armed:
            self.photos.commits_to_live = self._brought % 2
        digest = read_bundle(bundle).digest
        try:
            answer = self.handovers.carried(courier, bundle)
            self.answered.add(digest)
            self.ever_answered.add(digest)
            return answer
        finally:
            self._arrived(digest, bundle)

    def import_again(self, bundle: bytes) -> None:
        """Somebody at the office imports a file of it."""
        self.handovers.take(bundle, self.person, self.person)
        self._arrived(read_bundle(bundle).digest, bundle)

    def _arrived(self, digest: str, bundle: bytes) -> None:
        """Writes down what was committed."""
        row = self.sqlite().execute("SELECT rulings FROM handover WHERE digest = ?", [digest]).fetchone()
        if row:
            self.arrivals.came(self.records_in(bundle), RULINGS.decode(row[0]))

    def records_in(self, bundle: bytes) -> list[Any]:
        """What only the office can read."""
        return Handovers._open(self.handovers, read_bundle(bundle)).records


@cache
def stage() -> Stage:
    """The office and the enrolled phones from which these histories begin."""
    return Stage(HandoverOffice)


@dataclass(frozen=True)
class HandoverParts:
    """What a planted fault may replace."""

    office: type[Handovers] = Handovers
    phone: type[PhoneCarried] = PhoneCarried


class HandoverHistory(History):
    """One history in which couriers walk."""

    def __init__(self, seed: int, parts: HandoverParts) -> None:
        self.handover_parts = parts
        set_up = stage()
        assert isinstance(set_up.office, HandoverOffice)
        self.desk = set_up.office
        self.desk.handovers_type = parts.office
        self.bundles: list[bytes] = []
        super().__init__(seed, Parts(), set_up)

    def _handset(self, number: int, clock: SetClock, parts: Parts) -> Handset:
        phone = super()._handset(number, clock, parts)
        phone.store.carried = watched(self.handover_parts.phone, self._dropped)(
            phone.store.database, phone._flushed
        )
        return phone

    def _dropped(self, digest: str, bundle: bytes) -> None:
        """A courier lets go of a bundle; from now on nobody but the office may be asked for it."""
        assert digest in self.desk.ever_answered, "a courier dropped what the office never had"
        if bundle and digest in self.desk.answered:
            promised = {sealed.digest for sealed in self.desk.records_in(bundle)}
            assert promised <= what_is_kept(self.desk).digests, "a bundle was acknowledged and is not there"
            self.truth.promised |= promised

    def _something(self) -> None:
        phone = self.line.random.choice(self.phones)
        if self.line.chance(GIVES) and phone.is_up:
            self._give(phone)
        elif self.line.chance(IMPORTS) and self.bundles:
            self.line.note("imports")
            self.desk.import_again(self.line.random.choice(self.bundles))
        else:
            super()._something()

    def _give(self, phone: Handset) -> None:
        """A phone gives its outbox to one or two others."""
        others = [other for other in self.phones if other is not phone and other.is_up]
        others = others[: self.line.random.choice([1, 2])]
        self.line.note("gives", phone.number, [other.number for other in others])
        self.truth.sees(phone)
        if self.line.chance(self.faults.phone_crash):
            phone.arm(0, before=self.line.chance(0.5))
        as_file = self.line.chance(0.4)
        gives = self._as_file(phone, others) if as_file else self._as_codes(phone, others)
        self._begin(phone, gives)

    async def _as_file(self, phone: Handset, others: list[Handset]) -> None:
        made = await phone.app.hand_over.as_file(with_files=self.line.chance(0.5))
        self.bundles.append(made.bundle)
        for other in others:
            self._takes(other, lambda other=other: other.app.courier.take(made.bundle))  # type: ignore[misc]
        if self.line.chance(MOSTLY):
            await phone.app.hand_over.given(made)

    async def _as_codes(self, phone: Handset, others: list[Handset]) -> None:
        made, frames = await phone.app.hand_over.as_codes()
        self.bundles.append(made.bundle)
        random = self.line.random
        for other in others:
            shown = random.choices(frames, k=2) + frames
            random.shuffle(shown)
            other.app.courier.begin_anew()
            for frame in shown:
                if not self.line.chance(LOST_FRAMES):
                    other.app.courier.hear(frame)
            if other.app.courier.frames.is_whole:
                self._takes(other, other.app.courier.take_series)
        if self.line.chance(MOSTLY):
            await phone.app.hand_over.given(made)

    def _takes(self, other: Handset, take: Callable[[], Any]) -> None:
        if self.line.chance(self.faults.phone_crash):
            other.arm(0, before=self.line.chance(0.5))
        self.line.after(1, lambda: self._begin(other, take()) if other.is_up else None)
        self.line.after(
            self.line.random.randrange(20_000), lambda: self._sync(other) if other.is_up else None
        )

    def _arrive(
        self,
        number: int,
        life: int,
        method: str,
        path: str,
        body: bytes,
        headers: dict[str, str],
        waiting: Waiting,
    ) -> None:
        """Bundles are few: the office dies over them more often than over pushes."""
        mild = self.faults.office_crash
        if path.endswith("/handovers") and mild:
            self.faults.office_crash = CRASHES
        try:
            super()._arrive(number, life, method, path, body, headers, waiting)
        finally:
            self.faults.office_crash = mild

    def _settle(self) -> None:
        """As in every history; then once more everybody syncs, for what was brought last may have changed nothing but a chain."""
        super()._settle()
        for phone in self.phones:
            self.line.after(0, lambda phone=phone: self._sync(phone))  # type: ignore[misc]
        self.line.run(self.line.now_ms + 2 * TIMEOUT_MS)
        for phone in self.phones:
            assert finish(phone.store.carried.all()) == [], "a courier is left with a bundle"
        chains_are_counted_once(self.desk)


def watched(kind: type[PhoneCarried], dropped: Callable[[str, bytes], None]) -> type[PhoneCarried]:
    """The store of a courier, with somebody who looks on when it lets go of a bundle."""

    class Watching(kind):  # type: ignore[valid-type,misc]
        async def drop(self, digest: str) -> None:
            content = await self.content(digest)
            await super().drop(digest)
            dropped(digest, content)

    return Watching


def chains_are_counted_once(office: SimulatedOffice) -> None:
    """However a record came, and however often, it counts once in its chain."""
    bodies = office.sqlite().execute("SELECT body FROM ledger UNION SELECT body FROM intake").fetchall()
    held = Counter(read_body(body).chain for (body,) in bodies)
    for chain, count in office.sqlite().execute("SELECT chain, count FROM chain_head").fetchall():
        assert count == held[chain], f"{count} records of a chain are counted, and {held[chain]} are there"


def play(seed: int, parts: HandoverParts | None = None, rebuilds: bool = False) -> Result:
    """One history. Raises AssertionError where an invariant does not hold."""
    return HandoverHistory(seed, parts or HandoverParts()).play(rebuilds)
