"""Real phones at a real office, with a hand on the line between them: what is asked, what is answered, and where either side dies."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from mobile.workflow.sealing import Sealing
from server.store import access as access_store
from shared.clock import Clock
from shared.instrument import Instrument
from shared.premises import PremisesType
from shared.records import PremisesRegistered
from sync.client import Outcome
from sync.envelope import Basis
from sync.messages import Page
from sync.ports import Answer, TransportError
from tests.contracts.fakes import SoftwareKeys, seeded
from tests.mobile.phone import Phone
from tests.mobile.served import Served
from tests.server.office import COUNTY, TOWNSHIP, Office
from tests.simulation.handset import no_commit
from tests.sync.test_client import client_of

Asked = Callable[[str, str, bytes], Answer | None]
"""Method, route and body before the office has them; an answer goes instead of the office's, and an exception cuts the line."""
Answered = Callable[[str, Answer], Answer]
"""Route and answer on their way back."""


def passes(_method: str, _route: str, _body: bytes) -> None:
    """Nothing happens on the way there."""


def returns(_route: str, answer: Answer) -> Answer:
    """Nothing happens on the way back."""
    return answer


class Line(Served):
    """:class:`sync.ports.Transport` into the real application."""

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.page = 0
        """States in a page, where the phone is to get fewer than it asks for."""
        self.calls: list[tuple[str, str]] = []
        self.before: Asked = passes
        self.after: Answered = returns

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        route = path.partition("?")[0].removeprefix("/api/v1")
        self.calls.append((method, route))
        replaced = self.before(method, route, body)
        if replaced:
            return replaced
        if self.page:
            path = path.replace("limit=2000", f"limit={self.page}")
        return self.after(route, await super().request(method, path, body, headers))

    def free(self) -> None:
        """The line is as it should be."""
        self.before, self.after = passes, returns

    def routes(self, route: str) -> int:
        """How often a route was asked for."""
        return sum(1 for _method, asked in self.calls if asked.startswith(route))


def cut_after(route: str, times: int = 1) -> Answered:
    """Loses answers: the office has done what was asked."""
    left = [times]

    def after(asked: str, answer: Answer) -> Answer:
        if asked.startswith(route) and left[0]:
            left[0] -= 1
            raise TransportError("lost")
        return answer

    return after


@dataclass
class Town:
    """An office, its phones, and a folder with their files."""

    office: Office
    folder: Path
    lines: list[Line] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)

    async def phone(
        self, login: str = "li", counties: tuple[str, ...] = (COUNTY,), clock: Clock | None = None
    ) -> Phone:
        """An enrolled phone of a new person, with nothing waiting."""
        line = Line(self.office)
        self.lines.append(line)
        phone = Phone(
            self.folder / f"{login}.db",
            clock or self.office.clock,  # type: ignore[arg-type]
            line,  # type: ignore[arg-type]
            SoftwareKeys(seeded(f"keys {login}")),
            seed=len(self.lines),
            flush=Blade(),
        )
        person = self.office.person(login, counties=counties)
        await phone.enrol(self.office.house.enrolments.make_code("admin", person, list(counties)))
        await writer(phone).ensure_chain()
        assert (await sync(phone)).finished
        self.phones.append(phone)
        return phone

    async def again(self, phone: Phone) -> Phone:
        """The phone was killed and started again."""
        reopened = await phone.reopened()
        self.phones[self.phones.index(phone)] = reopened
        return reopened

    def serve(self, office: Office) -> None:
        """Another run of the office takes over."""
        self.office = office
        for line in self.lines:
            line.connect(office)

    def restart(self) -> None:
        """The office is stopped and started again."""
        self.serve(self.office.restarted())

    def change_generation(self) -> None:
        """The office says of itself that its store was restored from a backup."""
        with self.office.database.writing() as connection:
            access_store.set_fact(connection, "generation", "restored")
        self.restart()

    def ledger(self) -> dict[str, tuple[str, int, bytes]]:
        """Each record on the ledger by its digest: county, number, bytes."""
        rows = self.office.rows("SELECT digest, county, seq, body FROM ledger")
        assert len({row["digest"] for row in rows}) == len({row["record_id"] for row in self.identities()})
        return {row["digest"]: (row["county"], row["seq"], bytes(row["body"])) for row in rows}

    def identities(self) -> list[Any]:
        """One row a record."""
        return self.office.rows("SELECT record_id FROM record_identity")

    def intake(self) -> dict[str, tuple[str, str, bytes]]:
        """What is held or refused by its digest: status, code, bytes."""
        rows = self.office.rows("SELECT digest, status, code, body FROM intake")
        return {row["digest"]: (row["status"], row["code"], bytes(row["body"])) for row in rows}

    def grant(self, phone_id: str, counties: Sequence[str], version: int) -> None:
        """Gives a phone another scope."""
        self.office.change(
            "UPDATE device SET counties = :c, scope_version = :v WHERE device_id = :d",
            c=msgspec.json.encode(list(counties)).decode(),
            v=version,
            d=phone_id,
        )

    def close(self) -> None:
        for phone in self.phones:
            phone.store.database.conn.close()
        self.office.close()


def line_of(phone: Phone) -> Line:
    """The phone's line."""
    line = phone.equipment.transport
    assert isinstance(line, Line)
    return line


def blade_of(phone: Phone) -> Blade:
    """What the phone may die by."""
    assert isinstance(phone.flush, Blade)
    return phone.flush


def writer(phone: Phone) -> Sealing:
    """Who seals on this phone."""
    return Sealing(phone.equipment)


async def sync(phone: Phone) -> Outcome:
    """One sync by the real engine."""
    return await (await client_of(phone)).sync()


async def device_id(phone: Phone) -> str:
    """The phone's number at the office."""
    [kept] = await phone.store.records.newest(1)
    return kept.envelope.device


async def record(
    phone: Phone,
    kind: str,
    payload: msgspec.Struct,
    subjects: Sequence[str] = (),
    county: str = COUNTY,
    basis: Sequence[Basis] = (),
    **changes: Any,
) -> str:
    """Writes a record of any kind; its digest. ``changes`` are fields of it before it is sealed."""
    unsealed = await writer(phone).prepare(kind, payload, county=county, subjects=subjects, basis=basis)
    return (await writer(phone).write(msgspec.structs.replace(unsealed, **changes))).digest


def site(premises_id: str, name: str = "张强镇中心农贸市场", township: str = TOWNSHIP) -> PremisesRegistered:
    """The payload of a site."""
    return PremisesRegistered(premises_id=premises_id, township=township, type=PremisesType.MARKET, name=name)


async def registered(phone: Phone, name: str, township: str = TOWNSHIP) -> str:
    """Registers a market as a person does; the record's digest."""
    await phone.app.register.premises(name, township, PremisesType.MARKET)
    return (await phone.store.outbox.head())[2] or ""


async def scale(phone: Phone, premises_id: str, serial_number: str = "2403-01187") -> Instrument:
    """Registers a scale at a site that the phone knows."""
    found = await phone.app.register.instrument(
        kind="price-computing-scale",
        serial_number=serial_number,
        capacity=phone.app.register.capacities("price-computing-scale")[0],
        premises_id=premises_id,
    )
    assert found.instrument
    return found.instrument


async def statuses(phone: Phone) -> dict[str, str]:
    """What the phone shows of each of its records."""
    return {
        kept.digest: kept.ruling.status.value if kept.ruling else "waiting"
        for kept in await phone.store.records.newest(1_000)
    }


async def ledger_number(phone: Phone, digest: str) -> int | None:
    """The place on the ledger that the phone was told."""
    kept = await phone.store.records.by_digest(digest)
    assert kept
    assert kept.ruling
    return kept.ruling.ledger_seq


def mirror(phone: Phone, county: str = COUNTY) -> dict[str, bytes]:
    """The states that the phone has from the office, byte for byte."""
    rows = phone.store.database.execute(
        "SELECT subject, state FROM state WHERE own = 0 AND county = ?", [county]
    )
    return dict(rows.fetchall())


def shown_by(town: Town, county: str = COUNTY) -> dict[str, bytes]:
    """The states that the office has, byte for byte."""
    rows = town.office.rows(f"SELECT subject, state FROM state WHERE county = '{county}'")  # noqa: S608
    return {row["subject"]: bytes(row["state"]) for row in rows if row["state"] is not None}


async def agree(town: Town, *phones: Phone) -> None:
    """Every record of the phones is at the office byte for byte, once, and each phone has what the office has. The office's books are in order."""
    ledger, intake = town.ledger(), town.intake()
    for phone in phones:
        for kept in await phone.store.records.newest(1_000):
            assert kept.ruling is not None
            place = ledger.get(kept.digest) or intake[kept.digest]
            assert place[2] == kept.body
        for county in await phone.store.mirror.counties():
            assert mirror(phone, county) == shown_by(town, county)
    town.office.check()


class Blade:
    """Lets a phone die at one of its commits: that commit is not made, and the process is gone. The phone's store tells it of each commit."""

    def __init__(self) -> None:
        self._left: int | None = None
        self.connection: sqlite3.Connection | None = None

    async def __call__(self) -> None:
        if self._left is not None:
            self._left -= 1
            self._fall()

    def arm(self, phone: Phone, commits: int) -> None:
        """After so many commits the next one is not made."""
        self.connection, self._left = phone.store.database.conn, commits
        self._fall()

    def _fall(self) -> None:
        if self._left == 0 and self.connection:
            self.connection.set_authorizer(no_commit)

    def sheathe(self) -> bool:
        """It does not fall any more; whether it would have fallen at the next commit, or did."""
        fell, self._left = self._left == 0, None
        if self.connection:
            self.connection.set_authorizer(None)
        return fell


def said(message: Page, answer: Answer) -> Answer:
    """An answer with another message, as the office would have sent it."""
    return Answer(answer.status, msgspec.msgpack.encode(message), {})
