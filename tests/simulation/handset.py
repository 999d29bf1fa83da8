"""A phone of a history: the real store, workflows and engine. It can crash at any commit, and be put back to an older copy of its store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec

from mobile.store.outbox import PhoneOutbox
from mobile.store.packs import PackFiles
from mobile.store.states import PhoneMirror
from mobile.store.work import WorkStore
from mobile.workflow.app_state import AppState
from mobile.workflow.corrections import Corrections
from mobile.workflow.ports import Equipment
from mobile.workflow.sealing import Sealing
from shared.amending import InstrumentField
from shared.clock import SetClock
from shared.identity import mint
from shared.inspection import BlobRef, Inspection
from shared.instrument import Instrument
from shared.premises import PremisesType
from shared.records import PremisesRegistered, Sighting, VerificationImported
from shared.verification import VerificationItem, VerificationRecorded, VerificationResult
from sync.envelope import Basis
from sync.ports import Answer
from tests.contracts.fakes import Line, MemoryBlobs, Nowhere, SoftwareKeys, seeded
from tests.mobile.phone import PIN, catalogue, regions
from tests.shared.lots import rules as prepackage_rules
from tests.simulation.timeline import Crash, SkewedClock, Waiting, finish

BATCH = 4
"""Records in a push: small, so that there are many pushes."""

REUSED = "reused"
"""The name of a site that is registered under the number of an earlier record."""
Send = Callable[[str, str, bytes, dict[str, str], Waiting], None]


@cache
def migrated() -> tuple[str, sqlite3.Connection]:
    """The address of an empty store in memory, migrated once for all phones, and what keeps it there."""
    address = "file:/an-empty-phone?vfs=memdb"
    kept = sqlite3.connect(address, uri=True, check_same_thread=False)
    store = WorkStore(":memory:")
    store.database.conn.backup(kept)
    store.close()
    return address, kept


class SmallBatches(PhoneOutbox):
    """The real outbox, asked for a few records at a time."""

    async def waiting(self, records: int, size: int, without: Any = ()) -> list[Any]:
        return await super().waiting(min(records, BATCH), size, without)


class Wire:
    """:class:`sync.ports.Transport` over the timeline."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Coroutine[Any, Any, Answer]:
        waiting = Waiting()
        self._send(method, path, body, headers or {}, waiting)

        async def answer() -> Answer:
            found: Answer = await waiting
            return found

        return answer()


@dataclass(frozen=True)
class Enrolled:
    """What an enrolled phone begins a history with."""

    store: bytes
    keys: SoftwareKeys
    device_id: str
    key_name: str


class Handset:
    """One phone."""

    def __init__(
        self,
        number: int,
        clock: SetClock,
        send: Send,
        outbox: type[PhoneOutbox] = SmallBatches,
        mirror: type[PhoneMirror] = PhoneMirror,
        pack_files: PackFiles | None = None,
        sealing: type[Sealing] = Sealing,
    ) -> None:
        self.number, self._sealing_type = number, sealing
        self._clock, self._wire = clock, Wire(send)
        # What is mounted on a store is looked for where the store itself lies: a store of memdb would find every pack empty.
        self.store = WorkStore(":memory:" if pack_files else migrated()[0], self._flushed, pack_files)
        self.store.outbox = self.store.records = outbox(self.store.database, self._flushed)
        self.store.mirror = mirror(self.store.database, self._flushed)
        self._commits_left: int | None = None
        self._dies_before = False
        self.device_id = self._key_name = ""
        self.blobs = MemoryBlobs()
        self.life = 0
        """Grows with each start of the app: answers to an earlier life are not heard."""
        self.is_up = False
        self.tasks: list[Coroutine[Any, Any, Any]] = []

    # The store and its crashes

    @property
    def sqlite(self) -> sqlite3.Connection:
        return self.store.database.conn

    async def _flushed(self) -> None:
        """Called by the store after each commit."""
        if self._commits_left is None:
            return
        self._commits_left -= 1
        if self._commits_left == 0:
            if not self._dies_before:
                self.disarm()
                raise Crash
            self.sqlite.set_authorizer(no_commit)

    def arm(self, commits: int, before: bool) -> None:
        """Dies just before or just after the commit that follows so many others."""
        self.disarm()
        self._dies_before = before
        self._commits_left = commits if before else commits + 1
        if before and commits == 0:
            self.sqlite.set_authorizer(no_commit)

    def disarm(self) -> None:
        self._commits_left = None
        self.sqlite.set_authorizer(None)

    @property
    def is_dying(self) -> bool:
        """Whether the commit that SQLite refused was refused because the phone is to die."""
        return self._commits_left == 0 and self._dies_before

    def crash(self) -> None:
        """The process is gone; what was committed stays."""
        for task in self.tasks:
            task.close()
        self.tasks = []
        self.life += 1
        self.is_up = False
        self.disarm()
        self.sqlite.rollback()
        if self.store.packs:
            self.store.packs.unmount()

    def put_back(self, content: bytes) -> None:
        """An older copy of the store takes the place of this one."""
        self.crash()
        self.sqlite.deserialize(content)

    def begin(self, given: Enrolled, seed: str, ahead: timedelta) -> None:
        """A fresh phone of a new history."""
        self.put_back(given.store)
        self.device_id, self._key_name = given.device_id, given.key_name
        self._given_keys, self._random = given.keys.restarted(seeded(f"{seed} keys")), seeded(seed)
        self.blobs = MemoryBlobs()
        self._skewed = SkewedClock(self._clock, ahead)
        self.start()

    def enrol(self, code: str, seed: str) -> Enrolled:
        """From nothing to an enrolled phone, by the real workflow; ``send`` must answer at once."""
        self.put_back(self.sqlite.serialize())  # Before this its store is the empty one that all begin with.
        self._given_keys, self._random = SoftwareKeys(seeded(seed)), seeded(seed + " phone")
        self._skewed = SkewedClock(self._clock, timedelta())
        self._make()
        finish(self.app.start())
        finish(self.app.enrolment.give_code(code))
        finish(self.app.enrolment.set_pin(PIN, PIN))
        view = finish(self.app.enrolment.first_pull())
        assert view.problem is None, view.problem
        text = finish(self.store.settings.get("enrolled"))
        enrolled = msgspec.json.decode(text)
        return Enrolled(self.sqlite.serialize(), self._keys, enrolled["device_id"], enrolled["key_name"])

    def _make(self) -> None:
        self._keys = self._given_keys.restarted()
        self.app = AppState(
            Equipment(
                clock=self._skewed,
                random_bytes=self._random,
                store=self.store,
                keys=self._keys,
                blobs=self.blobs,
                transport=self._wire,
                connectivity=Line(),
                prepackages=prepackage_rules,
                positioning=Nowhere(),
                catalogue=catalogue(),
                regions=regions(),
                app_version="0.1.0",
            )
        )
        self.sealing = self._sealing_type(self.app.equipment)
        self.corrections = Corrections(self.app.equipment, self.app.resolve, self.sealing)

    def start(self) -> None:
        """The app starts, and the person gives the PIN."""
        self._make()
        self.is_up = True
        finish(self.store.mount())
        finish(self.app.start())
        unlock = finish(self.app.session.unlock(PIN))
        assert unlock.opened

    # What a person does

    async def register_premises(self, township: str, name: str) -> None:
        await self.app.register.premises(name, township, PremisesType.MARKET)

    async def register_instrument(self, premises_id: str, serial_number: str) -> None:
        """At a site that this phone knows."""
        await self.app.register.instrument(
            kind="price-computing-scale",
            serial_number=serial_number,
            capacity=self.app.register.capacities("price-computing-scale")[0],
            premises_id=premises_id,
        )

    async def verify(self, instrument_id: str, county: str) -> None:
        """A verification of any instrument, whether this phone or the server knows it or not: taken over, or, of every other one, concluded here."""
        today = self._skewed.now().date()
        if int(instrument_id[-1], 16) % 2:
            failed = [VerificationItem.INDICATION] if int(instrument_id[-2], 16) % 2 else []
            concluded = VerificationRecorded(
                instrument_id=instrument_id,
                kind="price-computing-scale",
                result=VerificationResult.FAILED if failed else VerificationResult.PASSED,
                failed=failed,
                verified_on=today,
                body="康平县计量所",
            )
            await self._write("verification.recorded", concluded, county, [instrument_id])
            return
        payload = VerificationImported(
            instrument_id=instrument_id,
            result=VerificationResult.PASSED,
            verified_on=today,
            body="康平县计量所",
        )
        await self._write("verification.imported", payload, county, [instrument_id])

    async def inspect(self, instrument: Instrument, check: Inspection, photos: list[BlobRef]) -> None:
        """A spot check of an instrument as this phone knows it."""
        check = msgspec.structs.replace(check, photos=photos)
        basis = [Basis(instrument.instrument_id, instrument.version)]
        await self._write(
            "inspection.recorded", check, instrument.county, [instrument.instrument_id], basis, photos=photos
        )

    async def bind_code(self, code: str, instrument: Instrument) -> None:
        """A code of others on an instrument as this phone knows it."""
        found = await self.app.resolve.scanned(code)
        await self.app.foreign.bind(found, instrument, Sighting.NAMEPLATE)

    async def amend(self, instrument: Instrument, field: InstrumentField, value: str) -> None:
        """A correction of an instrument as this phone knows it."""
        await self.corrections.correct(instrument, {field: value})

    async def write_nonsense(self, kind: str, county: str) -> None:
        """A record that the server can't take: its payload is none, and perhaps its kind or its county is not known."""
        payload = VerificationImported(
            instrument_id="nothing",
            result=VerificationResult.PASSED,
            verified_on=self._skewed.now().date(),
            body="",
        )
        await self._write(kind, payload, county, [])

    async def reuse_number(self, record_id: str, township: str) -> None:
        """Another site under the number of an earlier record."""
        payload = PremisesRegistered(
            premises_id=self.new_id(), township=township, type=PremisesType.CLINIC, name=REUSED
        )
        await self._write("premises.registered", payload, township[:6], [payload.premises_id], [], record_id)

    async def _write(
        self,
        kind: str,
        payload: msgspec.Struct,
        county: str,
        subjects: list[str],
        basis: list[Basis] | None = None,
        record_id: str = "",
        photos: Sequence[BlobRef] = (),
    ) -> None:
        files = [(each.digest, each.size, each.media_type) for each in photos]
        unsealed = await self.sealing.prepare(
            kind, payload, county=county, subjects=subjects, basis=basis or [], attachments=files
        )
        if record_id:
            unsealed = msgspec.structs.replace(unsealed, record_id=record_id)
        await self.sealing.write(unsealed)

    def new_id(self) -> str:
        return mint(self._skewed, self._random)

    # Looking

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the store, for the invariants."""
        return self.sqlite.execute(query, values).fetchall()

    def records(self) -> dict[str, bytes]:
        """Every record by its digest."""
        return dict(self.rows("SELECT digest, body FROM record ORDER BY position"))

    def digests(self) -> list[str]:
        """The digest of every record."""
        return [digest for (digest,) in self.rows("SELECT digest FROM record")]

    def acknowledged(self, generation: str) -> set[str]:
        """Digests that the office of this generation has ruled on."""
        if finish(self.store.outbox.generation()) != generation:
            return set()
        return {
            digest for (digest,) in self.rows("SELECT digest FROM record WHERE status <> '' AND NOT offered")
        }


def no_commit(action: int, name: str | None, *_rest: object) -> int:
    """Lets SQLite refuse a commit."""
    return (
        sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_TRANSACTION and name == "COMMIT"
        else sqlite3.SQLITE_OK
    )
