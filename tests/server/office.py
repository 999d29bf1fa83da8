"""A real office for the tests: the whole house over a store, a clock that is set, chance from a seed, and phones that sign."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from server.app import open_house
from server.callers import DeviceAccess
from server.services import rebuild
from server.services.attachments import Announced
from server.services.house import House
from server.settings import Settings
from server.store.database import Database
from shared.amending import FieldChange, InstrumentField, value_of, what_was_seen
from shared.clock import SetClock
from shared.foreign_label import read_foreign
from shared.identity import digest_of, mint
from shared.inspection import BlobRef, Conclusion, Headline, Inspection, InstrumentFacts
from shared.instrument import Instrument
from shared.message import Message
from shared.people import Role
from shared.premises import PremisesType
from shared.quantity import Quantity
from shared.records import (
    AliasBound,
    InstrumentAmended,
    InstrumentRegistered,
    LabelBound,
    PremisesRegistered,
    Sighting,
    StandardRegistered,
)
from sync.envelope import Basis, ClockEvidence, Envelope, Sealed, head_message, record_message, write_body
from sync.keys import key_id
from sync.messages import (
    ChainHead,
    Enrolment,
    EnrolmentRequest,
    Handshake,
    Page,
    Push,
    Ruling,
    Welcome,
    enrolment_message,
)
from tests.contracts.fakes import seeded
from tests.contracts.office import at

ROOT = Path(__file__).parents[2]
COUNTY, NEXT_COUNTY = "210123", "210124"
TOWNSHIP = "210123101"
PASSWORD = "correct horse"
START = "2026-11-20 01:00"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Office:
    """The house with its people; everything it does goes to files under ``data``, and to PostgreSQL where an address is given."""

    data: Path
    demo: bool = False
    clock: SetClock = field(default_factory=lambda: SetClock(at(START)))
    seed: str = "office"
    database_url: str = ""

    def __post_init__(self) -> None:
        self.random_bytes = seeded(f"{self.seed} {self.clock.now()}")
        self.settings = Settings(
            data=self.data,
            assets=ROOT / "assets",
            web=self.data / "web",
            demo=self.demo,
            name="康平县",
            database_url=self.database_url,
        )
        self.house, self.database = self._open()

    def _open(self) -> tuple[House, Database]:
        return open_house(self.settings, self.clock, self.random_bytes, CHEAP)

    def another(self, seed: str, demo: bool = False) -> Office:
        """The same office in one more process, over the same store."""
        return Office(self.data, demo, self.clock, seed, self.database_url)

    def restarted(self) -> Office:
        """The same office in its next run, from what is on disk."""
        self.close()
        return self.another(self.seed + " again", self.demo)

    def close(self) -> None:
        self.database.close()

    def person(self, login: str, role: Role = Role.INSPECTOR, counties: tuple[str, ...] = (COUNTY,)) -> str:
        """Puts somebody on the books."""
        return self.house.access.add_person(login, PASSWORD, login, role, "局", list(counties))

    def phone(self, login: str = "li", counties: tuple[str, ...] = (COUNTY,)) -> Phone:
        """A new person's phone, enrolled and granted."""
        phone = Phone(self, self.person(login, counties=counties), login)
        phone.enrol(list(counties))
        if not self.demo:
            self.house.enrolments.decide("admin", phone.device_id, grant=True)
        return phone

    def check(self) -> dict[str, int]:
        """Rebuilds the projections from the ledger and compares them byte for byte."""
        return rebuild.check(self.database, self.house.rules, keep=False)

    def projections(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of the projections."""
        with self.database.reading() as connection:
            return rebuild.snapshot(connection)

    def known_scale(
        self, scale_id: str, site_id: str, county: str = COUNTY, serial_number: str = "1"
    ) -> Instrument:
        """A scale as a phone may have known it when it was checked."""
        return Instrument(
            instrument_id=scale_id,
            version=1,
            county=county,
            township=TOWNSHIP,
            kind="price-computing-scale",
            serial_number=serial_number,
            premises_id=site_id,
        )

    def change(self, statement: str, **values: object) -> None:
        """Alters the store behind the services' back, by SQL that both dialects take."""
        with self.database.writing() as connection:
            connection.execute(text(statement), values)

    def rows(self, statement: str) -> list[Any]:
        """What the store holds, read by SQL."""
        with self.database.reading() as connection:
            return list(connection.exec_driver_sql(statement).mappings())


class Phone:
    """A phone as far as the server sees one: keys, a token, a chain of records."""

    def __init__(self, office: Office, person_id: str, seed: str) -> None:
        self.office, self.person_id = office, person_id
        self.random_bytes = seeded(f"phone {seed}")
        self.device_key = Ed25519PrivateKey.from_private_bytes(self.random_bytes(32))
        self.author_key = Ed25519PrivateKey.from_private_bytes(self.random_bytes(32))
        self.author_public = self.author_key.public_key().public_bytes_raw()
        self.device_public = self.device_key.public_key().public_bytes_raw()
        self.device_id = self.token = ""
        self.chain = self.mint()
        self.sequence, self.previous = 0, None

    sequence: int
    previous: str | None

    def mint(self) -> str:
        return mint(self.office.clock, self.random_bytes)

    def request(self, code: str) -> EnrolmentRequest:
        """The request that this phone makes with a code."""
        signature = self.device_key.sign(enrolment_message(code, self.author_public))
        return EnrolmentRequest(code, self.device_public, self.author_public, signature, "phone")

    def enrol(self, counties: list[str]) -> Enrolment:
        """Asks with a fresh code."""
        code = self.office.house.enrolments.make_code("admin", self.person_id, counties)
        enrolment = self.office.house.enrolments.request(self.request(code))
        self.device_id, self.token = enrolment.device_id, enrolment.token
        return enrolment

    @property
    def access(self) -> DeviceAccess:
        """What its token opens."""
        return self.office.house.access.device(self.token)

    def write(self, kind: str, payload: Any, **changes: Any) -> Sealed:
        """The next record of its chain, signed; ``changes`` are fields of the envelope."""
        self.sequence += 1
        fields: dict[str, Any] = {
            "record_id": self.mint(),
            "kind": kind,
            "schema": 1,
            "county": COUNTY,
            "author": self.person_id,
            "author_key": key_id(self.author_public),
            "device": self.device_id,
            "chain": self.chain,
            "sequence": self.sequence,
            "previous": self.previous,
            "observed_at": self.office.clock.now(),
            "clock": ClockEvidence(self.office.clock.monotonic_ms()),
            "payload": payload
            if isinstance(payload, msgspec.Raw)
            else msgspec.Raw(msgspec.json.encode(payload)),
        }
        sealed = self.seal(write_body(Envelope(**fields | changes)))
        self.previous = sealed.digest
        return sealed

    def seal(self, body: bytes) -> Sealed:
        """Any bytes, signed as a record."""
        digest = Sealed(body, b"").digest
        return Sealed(body, self.author_key.sign(record_message(digest)))

    def message(self, *records: Sealed, head_signature: bytes = b"") -> Push:
        """A push of these records."""
        digest = self.previous or "0" * 64
        signature = self.device_key.sign(head_message(self.chain, self.sequence, digest))
        return Push(ChainHead(self.chain, self.sequence, digest, head_signature or signature), list(records))

    def push(self, *records: Sealed) -> list[Ruling]:
        """The rulings on these records."""
        answer = self.office.house.receiver.push(self.access, self.message(*records))
        assert len(answer.rulings) == len(records)
        return answer.rulings

    def statuses(self, *records: Sealed) -> list[str]:
        """The rulings' statuses, a refused or held one with its code."""
        return [said(ruling) for ruling in self.push(*records)]

    def pull(self, county: str = COUNTY, cursor: str = "", limit: int = 2000) -> Page:
        return self.office.house.puller.page(self.access, county, cursor, limit)

    def greet(self) -> Welcome:
        handshake = Handshake(
            chain=self.chain,
            sequence=self.sequence,
            digest=self.previous,
            schema=1,
            app_version="0.1.0",
            phone_time=self.office.clock.now(),
        )
        return self.office.house.enrolments.greet(self.access, handshake)

    # What this phone may write.

    def site(self, name: str = "张强镇中心农贸市场", **changes: Any) -> tuple[str, Sealed]:
        """Registers a market; its id and the record."""
        premises_id = changes.pop("premises_id", "") or self.mint()
        site = PremisesRegistered(
            premises_id=premises_id, township=TOWNSHIP, type=PremisesType.MARKET, name=name
        )
        return premises_id, self.write("premises.registered", site, **{"subjects": [premises_id], **changes})

    def scale(
        self, premises_id: str, serial_number: str = "2403-01187", **changes: Any
    ) -> tuple[str, Sealed]:
        """Registers a price-computing scale; its id and the record."""
        instrument_id = changes.pop("instrument_id", "") or self.mint()
        scale = InstrumentRegistered(
            instrument_id=instrument_id,
            township=TOWNSHIP,
            kind="price-computing-scale",
            serial_number=serial_number,
            premises_id=premises_id,
            accuracy_class="III",
            capacity_max=Quantity(Decimal(15), "kg"),
            capacity_min=Quantity(Decimal(100), "g"),
            verification_scale_interval=Quantity(Decimal(5), "g"),
            actual_scale_interval=Quantity(Decimal(5), "g"),
        )
        return instrument_id, self.write(
            "instrument.registered", scale, **{"subjects": [instrument_id, premises_id], **changes}
        )

    def label(self, instrument_id: str, code: str = "7Q3K9M2V", **changes: Any) -> Sealed:
        """Binds a label."""
        bound = LabelBound(label=code, instrument_id=instrument_id, key_id="AAAA", serial_tag="BBBBB")
        return self.write("label.bound", bound, **{"subjects": [instrument_id], **changes})

    def alias(self, instrument_id: str, raw: str, **changes: Any) -> Sealed:
        """Binds a code of others."""
        read = read_foreign(raw)
        bound = AliasBound(
            instrument_id=instrument_id, raw=raw, format=read.format, key=read.key, seen=Sighting.NAMEPLATE
        )
        return self.write("alias.bound", bound, **{"subjects": [instrument_id], **changes})

    def amend(self, instrument: Instrument, field: str, value: str, **changes: Any) -> Sealed:
        """Corrects a field of an instrument as this phone sees it."""
        change = FieldChange(
            field=InstrumentField(field),
            before=value_of(instrument, field),
            after=value,
            seen=what_was_seen(instrument, field, value),
        )
        payload = InstrumentAmended(instrument_id=instrument.instrument_id, changes=[change])
        fields = {
            "county": instrument.county,
            "subjects": [instrument.instrument_id],
            "basis": [Basis(instrument.instrument_id, instrument.version)],
        }
        return self.write("instrument.amended", payload, **fields | changes)

    def weight(self) -> Sealed:
        """Registers a reference weight."""
        standard_id = self.mint()
        weight = StandardRegistered(
            standard_id=standard_id,
            name="砝码",
            serial_number="F1",
            accuracy_class="M1",
            nominal=Quantity(Decimal(1), "kg"),
            certificate_no="J-1",
            valid_until=date(2027, 12, 31),
        )
        return self.write("standard.registered", weight, subjects=[standard_id])

    def inspection(
        self,
        instrument: Instrument,
        stated: Headline | None = None,
        version: int | None = None,
        **changes: Any,
    ) -> Sealed:
        """A spot check in which nothing was read, with the headline that the phone states."""
        now = self.office.clock.now()
        conclusion = stated and Conclusion(headline=stated, words=Message("Within limits"), findings=[])
        inspection = Inspection(
            instrument=InstrumentFacts.of(instrument),
            started_at=now - timedelta(minutes=5),
            finished_at=now,
            catalogue_version="1",
            edition="",
            conclusion=conclusion,
            **changes,
        )
        basis = [Basis(instrument.instrument_id, instrument.version if version is None else version)]
        return self.write(
            "inspection.recorded",
            inspection,
            county=instrument.county,
            subjects=[instrument.instrument_id],
            basis=basis,
        )

    def naming(self, *digests: str) -> str:
        """Pushes a check that names these files; its record's id. It is held, for nobody knows the instrument."""
        photos = [BlobRef(digest=each, media_type="image/jpeg", size=1, role="plate") for each in digests]
        unknown = self.office.known_scale(self.mint(), self.mint())
        [ruling] = self.push(self.inspection(unknown, photos=photos))
        return ruling.record_id

    def send_file(self, content: bytes, record_id: str = "") -> str:
        """Uploads a file for a record that names it; its digest."""
        digest, files = digest_of(content), self.office.house.attachments
        record_id = record_id or self.naming(digest)
        files.create(self.access, Announced(digest, len(content), "image/jpeg", record_id))
        files.append(self.access, digest, 0, content)
        return digest


def said(ruling: Ruling) -> str:
    """``accepted``, or ``refused signature_wrong``."""
    status = ruling.status.value
    return f"{status} {ruling.problem.code}" if ruling.problem else status


def damaged(sealed: Sealed) -> Sealed:
    """The record with one digit of its observed time altered after signing."""
    place = sealed.body.index(b'"observed_at":"') + len(b'"observed_at":"') + 3
    other = b"7" if sealed.body[place : place + 1] != b"7" else b"6"
    return Sealed(sealed.body[:place] + other + sealed.body[place + 1 :], sealed.signature)
