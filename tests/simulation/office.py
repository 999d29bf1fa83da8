"""The server of a history: the real services over a real SQLite in memory, which can crash at a commit and be restored from a backup."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from argon2 import PasswordHasher

from server.app import open_house
from server.callers import DeviceAccess
from server.services import rebuild
from server.services.conflicts import Conflicts
from server.services.enrolment import Enrolments, Office
from server.services.ledger_log import LedgerLog
from server.services.office_records import OfficeEntry, OfficeRecords
from server.services.own_keys import own_key
from server.services.pull import Puller
from server.services.receive import Receiver
from server.settings import Settings
from server.store import access as access_store
from shared.clock import SetClock
from shared.errors import QuanhengError
from shared.people import Role
from shared.premises import PremisesType
from shared.records import InstrumentRegistered, PremisesRegistered
from sync.chain import ChainNote
from sync.codec import MEDIA_TYPE, decode, inflate
from sync.envelope import Envelope, Sealed, read_body
from sync.messages import EnrolmentRequest, Handshake, Push, Ruling
from sync.ports import Answer
from tests.contracts.fakes import seeded
from tests.simulation import photos
from tests.simulation.photos import PhotoDesk

COUNTIES = ["210123", "210124"]
PAGE = 5
"""States in a page: small, so that there are many pages."""


@dataclass
class Arrivals:
    """What came in, written down by the simulation itself: the check on what the server says of chains."""

    digests: set[str] = field(default_factory=set)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    came_at: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    """Digests by their place in a chain."""
    applied_at: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    """Those of them that were applied as soon as they came: these the server can compare with later."""
    notes: dict[str, set[ChainNote]] = field(default_factory=dict)
    """What may be said of each record that was applied as soon as it came."""

    def copy(self) -> Arrivals:
        return Arrivals(
            set(self.digests),
            dict(self.heads),
            {place: set(those) for place, those in self.came_at.items()},
            {place: set(those) for place, those in self.applied_at.items()},
            {digest: set(those) for digest, those in self.notes.items()},
        )

    def came(self, records: Sequence[Sealed], rulings: Sequence[Ruling]) -> None:
        """Notes a batch after its commit."""
        for sealed, ruling in zip(records, rulings, strict=True):
            if sealed.digest in self.digests:
                continue
            self.digests.add(sealed.digest)
            envelope = read_body(sealed.body)
            place = (envelope.chain, envelope.sequence)
            if ruling.status.is_stored:
                self.notes[sealed.digest] = self._notes_on(envelope)
                self.applied_at.setdefault(place, set()).add(sealed.digest)
            self.came_at.setdefault(place, set()).add(sealed.digest)
            if envelope.sequence > self.heads.get(envelope.chain, (0, ""))[0]:
                self.heads[envelope.chain] = (envelope.sequence, sealed.digest)

    def _notes_on(self, envelope: Envelope) -> set[ChainNote]:
        """A fork that only what is held or refused shows may be missed: its place is not on the ledger, where the server looks."""
        sequence, head = self.heads.get(envelope.chain, (0, None))
        here, before = (envelope.chain, envelope.sequence), (envelope.chain, envelope.sequence - 1)
        otherwise = ChainNote.GAP if envelope.sequence > sequence + 1 else ChainNote.NONE
        if here in self.applied_at:
            return {ChainNote.FORK}
        if envelope.sequence == sequence + 1:
            if envelope.previous != head:
                return {ChainNote.FORK}
            predecessors = {head}
        else:
            predecessors = self.came_at.get(before, set())
        if envelope.previous not in predecessors and before in self.applied_at:
            return {ChainNote.FORK}
        strange = predecessors and predecessors != {envelope.previous}
        return {ChainNote.FORK, otherwise} if strange or here in self.came_at else {otherwise}


class SimulatedOffice:
    """One database for all histories of a process; each begins with the same enrolled phones."""

    def __init__(self, clock: SetClock) -> None:
        self._folder = TemporaryDirectory(prefix="quanheng-simulation-")
        settings = Settings(data=Path(self._folder.name), database_url="sqlite://", demo=True)
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self._house, self.database = open_house(settings, clock, seeded("office"), hasher)
        self._clock = clock
        self.access, self.rules = self._house.access, self._house.rules
        self._armed = self.is_dead = False
        self.person = self.access.add_person("sim", "sim", "李慧", Role.VERIFIER, "康平县", COUNTIES)
        self.receiver_type: type[Receiver] = Receiver
        self.puller_type: type[Puller] = Puller
        self.log_type: type[LedgerLog] = LedgerLog
        self._office_key = own_key(settings.data / "keys", "office", seeded("no key is made"))
        self.arrivals = Arrivals()
        self.photos = PhotoDesk(self.database, clock)
        self._open(self._house.generation)

    def _open(self, generation: str) -> None:
        """Starts the services, as a restart does."""
        self.generation = generation
        told = Office(generation, "simulated", "https://office.example", [], confirms_by_itself=True)
        self.log = self.log_type(self.database, self._clock, self._office_key, generation)
        self.receiver = self.receiver_type(self.database, self.rules, self._clock, generation, self.log)
        signer = OfficeRecords(
            self.database, self.receiver, self._office_key, self._clock, seeded(f"office of {generation}")
        )
        self.conflicts = Conflicts(self.database, signer)
        self.puller = self.puller_type(self.database, self._clock, generation)
        self.enrolments = Enrolments(self.database, self._clock, seeded("enrolments"), told, self.log)

    def _may_act(self, action: int, name: str | None, *_rest: object) -> int:
        """SQLite asks this of all it does while a crash is due; the commit at which the process dies is refused, and all after it."""
        if action != sqlite3.SQLITE_TRANSACTION or name != "COMMIT":
            return sqlite3.SQLITE_OK
        if self.photos.commits_to_live:
            self.photos.commits_to_live -= 1
            return sqlite3.SQLITE_OK
        if not self.is_dead:
            self.is_dead = True
            self.photos.files.crash()
        return sqlite3.SQLITE_DENY

    # Disk

    def sqlite(self) -> sqlite3.Connection:
        """The driver's connection; in memory there is one alone."""
        raw = self.database.engine.raw_connection()
        try:
            assert isinstance(raw.driver_connection, sqlite3.Connection)
            return raw.driver_connection
        finally:
            raw.close()

    def backup(self) -> tuple[bytes, Arrivals]:
        """What a backup holds now."""
        return self.sqlite().serialize(), self.arrivals.copy()

    def begin(
        self,
        backup: tuple[bytes, Arrivals],
        receiver: type[Receiver],
        puller: type[Puller],
        log: type[LedgerLog],
    ) -> None:
        """The store as the backup has it, and fresh services of these types."""
        self.disarm()
        self.receiver_type, self.puller_type, self.log_type = receiver, puller, log
        self._put_back(backup)
        self._open(self._house.generation)

    def _put_back(self, backup: tuple[bytes, Arrivals]) -> None:
        content, arrivals = backup
        self.sqlite().deserialize(content)
        self.arrivals = arrivals.copy()

    def restore(self, backup: tuple[bytes, Arrivals], generation: str) -> None:
        """Puts a backup back; the administrator gives the store a new generation."""
        self._put_back(backup)
        self.photos.restored()
        with self.database.writing() as connection:
            access_store.set_fact(connection, "generation", generation)
        self._open(generation)

    # Requests

    def arm(self) -> None:
        """The next commit does not happen: the process dies just before."""
        self._armed = True
        self.sqlite().set_authorizer(self._may_act)

    def disarm(self) -> None:
        if self._armed:
            self._armed = self.is_dead = self.photos.files.tears = False
            self.photos.commits_to_live = 0
            self.sqlite().set_authorizer(None)

    def code(self) -> str:
        """An enrolment code."""
        return self.enrolments.make_code(self.person, self.person, COUNTIES)

    def request(self, method: str, address: str, body: bytes, headers: dict[str, str]) -> Answer:
        """What ``server/api/device.py`` does with a request, without HTTP around it."""
        try:
            if urlsplit(address).path.startswith(photos.ROUTE):
                return self._file(method, address, body, headers)
            message = self._act(method, urlsplit(address), body, headers)
        except QuanhengError as error:
            problem = error.problem
            document = {"code": problem.code, "what": problem.what, "remedy": problem.remedy}
            return Answer(error.status, msgspec.json.encode(document | {"details": problem.details}))
        return Answer(200, msgspec.msgpack.encode(message), {"Content-Type": MEDIA_TYPE})

    def _act(self, method: str, address: Any, body: bytes, headers: dict[str, str]) -> msgspec.Struct:
        route = address.path.removeprefix("/api/v1")
        content = inflate(body, headers.get("Content-Encoding", ""))
        if route == "/enrolments":
            return self.enrolments.request(decode(content, EnrolmentRequest))
        device = self.access.device(headers["Authorization"].removeprefix("Bearer "))
        if route == "/handshake":
            return self.enrolments.greet(device, decode(content, Handshake))
        if route == "/push":
            return self._push(device, decode(content, Push))
        asked = parse_qs(address.query)
        if route.startswith("/ledger/"):
            return self._prove(device, route, asked)
        cursor = asked.get("cursor", [""])[0]
        assert route.startswith("/pull/"), f"{method} {route}"
        return self.puller.page(device, route.removeprefix("/pull/"), cursor, PAGE)

    def _prove(self, device: DeviceAccess, route: str, asked: dict[str, list[str]]) -> msgspec.Struct:
        county, what = route.removeprefix("/ledger/").split("/")
        if what == "consistency":
            return self.log.consistency(device, county, int(asked["first"][0]), int(asked["second"][0]))
        return self.log.inclusions(device, county, int(asked["size"][0]), asked["record"])

    def _file(self, method: str, address: str, body: bytes, headers: dict[str, str]) -> Answer:
        if self._armed:
            self.photos.arm()
        device = self.access.device(headers["Authorization"].removeprefix("Bearer "))
        return self.photos.answer(device, method, address, body, headers)

    def _push(self, device: DeviceAccess, push: Push) -> msgspec.Struct:
        answer = self.receiver.push(device, push)
        self.arrivals.came(push.records, answer.rulings)
        return answer

    # The office's own doings

    def register(self, township: str) -> None:
        """A site and a scale that every phone knows from the start, so that phones come to correct the same one."""
        premises_id, instrument_id = (
            "01900000-0000-7000-8000-000000000001",
            "01900000-0000-7000-8000-000000000002",
        )
        site = PremisesRegistered(
            premises_id=premises_id, township=township, type=PremisesType.MARKET, name="市场"
        )
        scale = InstrumentRegistered(
            instrument_id=instrument_id,
            township=township,
            kind="price-computing-scale",
            serial_number="first",
            premises_id=premises_id,
        )
        entries = [
            ("premises.registered", premises_id, site),
            ("instrument.registered", instrument_id, scale),
        ]
        self._house.office.write(
            self.person,
            [
                OfficeEntry(kind=kind, county=township[:6], subjects=[subject], payload=payload)
                for kind, subject, payload in entries
            ],
        )

    def set_access(self, device: str, access: str) -> None:
        """Takes a phone's access, or gives it back."""
        self.enrolments.revoke("office", device, access)

    def scope(self, device: str) -> list[str]:
        """The counties of a phone."""
        with self.database.reading() as connection:
            row = access_store.device_by(connection, device_id=device)
        assert row
        return msgspec.json.decode(row["counties"], type=list[str])

    def set_scope(self, device: str, counties: list[str]) -> None:
        """Widens or narrows what a phone may read and write."""
        with self.database.writing() as connection:
            row = access_store.device_by(connection, device_id=device)
            assert row
            access_store.change_device(
                connection,
                device,
                counties=msgspec.json.encode(counties).decode(),
                scope_version=row["scope_version"] + 1,
            )

    def check_projections(self) -> None:
        """Raises DifferenceError where the ledger does not give the projections that stand."""
        rebuild.check(self.database, self.rules, keep=False)
