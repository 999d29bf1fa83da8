"""One history: what people do, what breaks meanwhile, then a time without faults, at whose end everything must be right."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec
from sqlalchemy.exc import DatabaseError

from mobile.store.outbox import PhoneOutbox
from mobile.store.states import PhoneMirror
from mobile.workflow.sealing import Sealing
from server.services.attachments import AttachmentFiles
from server.services.conflicts import Decision
from server.services.ledger_log import LedgerLog
from server.services.pull import Puller
from server.services.receive import Receiver
from shared.amending import InstrumentField
from shared.clock import SetClock
from shared.errors import InputError, QuanhengError
from shared.identity import digest_of
from shared.inspection import Inspection
from shared.instrument import Instrument, UseStatus
from shared.premises import Premises
from sync.ports import Answer, TransportError
from tests.contracts.office import at
from tests.mobile import specimen
from tests.simulation import photos
from tests.simulation.handset import Enrolled, Handset, Send, SmallBatches
from tests.simulation.invariants import Truth, check, is_quiet
from tests.simulation.office import COUNTIES, SimulatedOffice
from tests.simulation.timeline import Crash, Timeline, Waiting

START = "2026-11-20 01:00"
PHONES = 3
ACTIVE_MS = 120_000
TIMEOUT_MS = 20_000
ROUNDS = 30
"""Syncs of every phone in the time without faults, at most; more means that a queue does not drain."""
decode_instrument = msgspec.json.Decoder(Instrument).decode
decode_premises = msgspec.json.Decoder(Premises).decode
AMENDED = [
    (InstrumentField.STALL, ["A1", "B2", "C3"]),
    (InstrumentField.STALL, ["A1", "B2", "C3"]),
    (InstrumentField.MODEL, ["TCS-15", "ACS-30"]),
    (InstrumentField.USE_STATUS, [status.value for status in UseStatus]),
]
TOWNSHIPS = {"210123": "210123101", "210124": "210124101"}


@dataclass(frozen=True)
class Parts:
    """The parts that a history is played with; a planted fault replaces one."""

    outbox: type[PhoneOutbox] = SmallBatches
    mirror: type[PhoneMirror] = PhoneMirror
    sealing: type[Sealing] = Sealing
    receiver: type[Receiver] = Receiver
    puller: type[Puller] = Puller
    log: type[LedgerLog] = LedgerLog
    attachments: type[AttachmentFiles] = AttachmentFiles
    files: type[photos.MemoryFiles] = photos.MemoryFiles


HONEST = Parts()


@dataclass(frozen=True)
class Result:
    """What is left of a history."""

    seed: int
    trace: str
    happened: int
    records: int


@dataclass
class Faults:
    """How bad this history is."""

    drop: float
    twice: float
    slow_ms: int
    phone_crash: float
    office_crash: float
    put_back: float
    restore: float
    nonsense: float
    access: float
    on: bool = True


class Stage:
    """Made once: the migrations, the people and the enrolments take longer than a history."""

    def __init__(self, office: type[SimulatedOffice] = SimulatedOffice) -> None:
        self.clock = SetClock(at(START))
        self.office = office(self.clock)
        self.office.register(TOWNSHIPS[COUNTIES[0]])
        self.like: Inspection = asyncio.run(specimen.spot_check())
        self.phones = [self._enrolled(number) for number in range(PHONES)]
        self.backup = self.office.backup()

    def _enrolled(self, number: int) -> Enrolled:
        def at_once(method: str, path: str, body: bytes, headers: dict[str, str], waiting: Waiting) -> None:
            waiting.answer = self.office.request(method, path, body, headers)

        phone = Handset(number, self.clock, at_once)
        return phone.enrol(self.office.code(), f"phone {number}")


@cache
def stage() -> Stage:
    """The office and the enrolled phones from which every history of this process begins."""
    return Stage()


class History:
    """One history from its seed."""

    def __init__(self, seed: int, parts: Parts, set_up: Stage | None = None) -> None:
        self.seed = seed
        set_up = set_up or stage()
        self.office, self.like = set_up.office, set_up.like
        self.line = Timeline(seed, set_up.clock, at(START))
        self.truth = Truth()
        random = self.line.random
        self.faults = Faults(
            drop=random.choice([0.0, 0.05, 0.3]),
            twice=random.choice([0.0, 0.1, 0.3]),
            slow_ms=random.choice([50, 1_000, 8_000]),
            phone_crash=random.choice([0.0, 0.1, 0.3]),
            office_crash=random.choice([0.0, 0.05, 0.15]),
            put_back=random.choice([0.0, 0.03, 0.06]),
            restore=random.choice([0.0, 0.0, 0.04]),
            nonsense=random.choice([0.0, 0.05, 0.15]),
            access=random.choice([0.0, 0.0, 0.05]),
        )
        self.office.begin(set_up.backup, parts.receiver, parts.puller, parts.log)
        self.office.photos.begin(parts.attachments, parts.files)
        self.phones = []
        for number, given in enumerate(set_up.phones[: random.choice([2, 2, 3])]):
            phone = self._handset(number, set_up.clock, parts)
            skew = random.choice([0, 0, -3_600, 90, 3_650 * 86_400])
            phone.begin(given, f"{seed} phone {number}", timedelta(seconds=skew))
            self.phones.append(phone)
        self.copies = {phone.number: phone.sqlite.serialize() for phone in self.phones}
        self.backup = self.office.backup()
        self.generations = 0

    def _handset(self, number: int, clock: SetClock, parts: Parts) -> Handset:
        return Handset(number, clock, self._sender(number), parts.outbox, parts.mirror, sealing=parts.sealing)

    def play(self, rebuilds: bool) -> Result:
        """Plays it to the end. Raises AssertionError where an invariant does not hold."""
        for _ in range(self.line.random.choice([16, 28, 44])):
            self.line.after(self.line.random.randrange(ACTIVE_MS), self._something)
        self.line.run(ACTIVE_MS)
        self._settle()
        check(self.office, self.phones, self.truth, rebuilds)
        photos.check(self.office.photos, self.office.database, self.phones)
        records = len(self.office.arrivals.digests)
        return Result(self.seed, self.line.trace, self.line.happened, records)

    # The network

    def _sender(self, number: int) -> Send:
        def send(method: str, path: str, body: bytes, headers: dict[str, str], waiting: Waiting) -> None:
            life = self.phones[number].life
            self.line.note("asks", number, method, path, digest_of(body))
            self._carry(lambda: self._arrive(number, life, method, path, body, headers, waiting))
            self.line.after(TIMEOUT_MS, lambda: self._hear(number, life, waiting, TransportError("silence")))

        return send

    def _carry(self, arrives: Callable[[], None]) -> None:
        """Lets a message arrive later: perhaps twice, perhaps never, perhaps after others that were sent later."""
        faults, line = self.faults, self.line
        for _ in range(1 + (faults.on and line.chance(faults.twice))):
            if faults.on and line.chance(faults.drop):
                line.note("lost")
                continue
            slow = faults.slow_ms if faults.on else 10
            line.after(1 + int(line.random.expovariate(1 / slow)), arrives)

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
        files = path.startswith(photos.ROUTE)
        rough = self.faults.on or (files and not self.office.photos.calm)
        crashes = rough and self.line.chance(self.faults.office_crash * (3 if files else 1))
        before = crashes and self.line.chance(0.5)
        if before:
            self.office.arm()
        try:
            answer = self.office.request(method, path, body, headers)
        except Crash:
            self.line.note("office crashed before a commit")
            return
        except DatabaseError:
            if not self.office.is_dead:
                raise
            self.line.note("office crashed before a commit")
            return
        finally:
            self.office.disarm()
        self.line.note("answers", number, answer.status, digest_of(answer.body))
        if crashes and not before:
            self.line.note("office crashed after")
            self.office.photos.files.crash()
            return
        self._carry(lambda: self._hear(number, life, waiting, answer))

    def _hear(self, number: int, life: int, waiting: Waiting, answer: Answer | TransportError) -> None:
        """Gives the answer to the phone, if it is still the same run of the app and still waits."""
        if self.phones[number].life == life and waiting.resume is not None:
            resume, waiting.resume = waiting.resume, None
            resume(answer)

    # The phones

    def _begin(self, phone: Handset, coroutine: Coroutine[Any, Any, Any]) -> None:
        phone.tasks.append(coroutine)
        self._step(phone, coroutine, None)

    def _step(self, phone: Handset, coroutine: Coroutine[Any, Any, Any], value: Any) -> None:
        """Lets a coroutine of a phone go on until it waits for the network, ends, or the phone dies."""
        try:
            is_error = isinstance(value, BaseException)
            waiting = coroutine.throw(value) if is_error else coroutine.send(value)
        except StopIteration:
            phone.tasks.remove(coroutine)
        except QuanhengError as error:
            phone.tasks.remove(coroutine)
            self.line.note("declined", phone.number, error.problem.code)
        except Crash:
            self._died(phone)
        except sqlite3.DatabaseError:
            if not phone.is_dying:
                raise
            self._died(phone)
        else:
            waiting.resume = lambda answer: self._step(phone, coroutine, answer)

    def _died(self, phone: Handset) -> None:
        self.line.note("died", phone.number)
        phone.crash()
        self.line.after(self.line.random.randrange(100, 10_000), lambda: self._boot(phone))

    def _boot(self, phone: Handset) -> None:
        if not phone.is_up:
            self.line.note("starts", phone.number, len(phone.digests()))
            phone.start()

    # What happens

    def _something(self) -> None:
        """One thing that a person, a phone or the office does."""
        faults, random = self.faults, self.line.random
        phone = random.choice(self.phones)
        calamities = [
            (faults.put_back, self._put_back),
            (faults.restore, self._restore),
            (faults.access, self._change_access),
        ]
        for probability, calamity in calamities:
            if self.line.chance(probability):
                calamity(phone)
                return
        if not phone.is_up:
            return
        self.truth.sees(phone)
        deeds = [
            self._sync,
            self._premises,
            self._instrument,
            self._verify,
            self._inspect,
            self._copy,
            self._alias,
            self._amend,
            self._decide,
        ]
        [deed] = random.choices(deeds, [34, 12, 14, 10, 12, 8, 8, 24, 10])
        if self.line.chance(faults.nonsense):
            deed = self._nonsense
        self.line.note(deed.__name__, phone.number)
        if self.line.chance(faults.phone_crash):
            commits = random.randrange(9 if deed == self._sync else 2)
            phone.arm(commits, before=self.line.chance(0.5))
        deed(phone)

    def _sync(self, phone: Handset) -> None:
        self._begin(phone, phone.app.sync.run())

    def _premises(self, phone: Handset) -> None:
        township = self.line.random.choice(list(TOWNSHIPS.values()))
        self._begin(phone, phone.register_premises(township, f"市场{self.line.random.randrange(1000)}"))

    def _known(self, phone: Handset, subject_type: str) -> list[bytes]:
        found = phone.rows(
            "SELECT state FROM known WHERE subject_type = ? ORDER BY subject, own", subject_type
        )
        return [state for (state,) in found]

    def _instrument(self, phone: Handset) -> None:
        sites = self._known(phone, "premises")
        if sites:
            site = decode_premises(self.line.random.choice(sites))
            number = f"{self.line.random.randrange(10**6):06d}"
            self._begin(phone, phone.register_instrument(site.premises_id, number))

    def _verify(self, phone: Handset) -> None:
        """Of an instrument that another phone knows, and perhaps that one alone."""
        seen = self._known(self.line.random.choice(self.phones), "instrument")
        if seen:
            instrument = decode_instrument(self.line.random.choice(seen))
            wrong = self.line.chance(self.faults.nonsense)
            county = self.line.random.choice(COUNTIES) if wrong else instrument.county
            self._begin(phone, phone.verify(instrument.instrument_id, county))

    def _inspect(self, phone: Handset) -> None:
        seen = self._known(phone, "instrument")
        if seen:
            instrument = decode_instrument(self.line.random.choice(seen))
            check = specimen.of(self.like, instrument)
            if self.line.chance(0.5):
                check = specimen.failing(check)
            self._begin(phone, photos.inspect(phone, instrument, check, self.line.random))

    def _alias(self, phone: Handset) -> None:
        """A code of others, of which there are so few that one comes to be bound to several instruments."""
        seen = self._known(phone, "instrument")
        if seen:
            instrument = decode_instrument(self.line.random.choice(seen))
            code = f"https://jl.example/q?id=100{self.line.random.randrange(2)}"
            self._begin(phone, phone.bind_code(code, instrument))

    def _amend(self, phone: Handset) -> None:
        """A correction to one of a few values, so that phones come to disagree."""
        seen = self._known(phone, "instrument")
        if seen:
            random = self.line.random
            instrument = decode_instrument(seen[0])
            field, values = random.choice(AMENDED)
            self._begin(phone, phone.amend(instrument, field, random.choice(values)))

    def _decide(self, _phone: Handset) -> None:
        """Somebody in the office looks at a conflict now, and decides it a while later on what was there."""
        disputed = [one for one in self.office.conflicts.open(COUNTIES) if one.field]
        if not disputed:
            return
        shown = self.line.random.choice(disputed)
        side = self.line.random.choice(shown.sides)
        assert isinstance(side.subject, Instrument)
        decision = Decision(
            conflict=shown.conflict,
            subject=side.subject.instrument_id,
            version=side.subject.version,
            field=shown.field,
            value=side.value,
            settles=[record for each in shown.sides for record in each.records],
            reason="seen",
        )
        self.line.after(self.line.random.randrange(60_000), lambda: self._decided(decision))

    def _decided(self, decision: Decision) -> None:
        try:
            self.office.conflicts.decide(self.office.person, COUNTIES, decision)
        except InputError:
            self.line.note("nothing to decide: the office was restored")

    def _copy(self, phone: Handset) -> None:
        self.copies[phone.number] = phone.sqlite.serialize()
        if self.line.chance(0.5):
            self.backup = self.office.backup()

    def _nonsense(self, phone: Handset) -> None:
        random = self.line.random
        numbers = phone.rows("SELECT record_id FROM record WHERE sequence > 1 ORDER BY position")
        if numbers and self.line.chance(0.5):
            [record_id] = random.choice(numbers)
            self._begin(phone, phone.reuse_number(record_id, random.choice(list(TOWNSHIPS.values()))))
            return
        kind = random.choice(["verification.imported", "riddle.posed"])
        self._begin(phone, phone.write_nonsense(kind, random.choice([*COUNTIES, "210181"])))

    def _put_back(self, phone: Handset) -> None:
        """The phone's store is replaced by an older copy of it."""
        self.line.note("put back", phone.number)
        self.truth.promised |= phone.acknowledged(self.office.generation)
        self.truth.written[phone.number] = set()
        phone.put_back(self.copies[phone.number])
        phone.start()
        self.truth.sees(phone)

    def _restore(self, _phone: Handset) -> None:
        """The office's store is restored from its backup."""
        self.line.note("restored")
        self.generations += 1
        self.office.restore(self.backup, f"restored-{self.generations}")
        self.truth.promised.clear()

    def _change_access(self, phone: Handset) -> None:
        self.line.note("access", phone.number)
        if self.line.chance(0.5):
            self.office.set_access(phone.device_id, self.line.random.choice(["open", "push_only", "closed"]))
        else:
            self.office.set_scope(
                phone.device_id, self.line.random.choice([COUNTIES[:1], COUNTIES[1:], COUNTIES])
            )

    # The time without faults

    def _settle(self) -> None:
        """Everything old arrives, everybody is up and may do everything; then syncs until nothing is left to do."""
        self.faults.on = False
        self.line.run(self.line.now_ms + 20 * TIMEOUT_MS)
        for phone in self.phones:
            phone.disarm()
            self._boot(phone)
            self.office.set_access(phone.device_id, "open")
            if self.office.scope(phone.device_id) != COUNTIES:
                self.office.set_scope(phone.device_id, COUNTIES)
        for number in range(ROUNDS):
            # Most files go now: the office goes on dying over them for a while.
            self.office.photos.calm = number >= photos.ROUGH_ROUNDS
            for phone in self.phones:
                self.line.after(0, lambda phone=phone: self._sync(phone))  # type: ignore[misc]
            self.line.run(self.line.now_ms + 2 * TIMEOUT_MS)
            if is_quiet(self.office, self.phones) and photos.is_quiet(self.phones):
                return
        raise AssertionError("a queue does not drain")


def play(seed: int, parts: Parts = HONEST, rebuilds: bool = False) -> Result:
    """One history; ``rebuilds`` also makes the projections anew from the ledger. Raises AssertionError where an invariant does not hold."""
    return History(seed, parts).play(rebuilds)
