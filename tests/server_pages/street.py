"""A small county for the pages' tests: an office with people in each role, a market, scales with labels, a campaign, and a whole phone."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from litestar.testing import TestClient
from PIL import Image

from mobile.workflow.app_state import AppState
from mobile.workflow.draft import Step
from mobile.workflow.receipt import Receipt
from server.app import office_app, phone_app
from server.services.office_records import OfficeEntry
from shared.clock import local_date
from shared.identity import mint
from shared.inspection import VisualAnswer
from shared.instrument import Instrument
from shared.people import Role
from shared.premises import PremisesType
from shared.quantity import Quantity
from shared.records import (
    CampaignPlanned,
    InstrumentRegistered,
    PremisesRegistered,
    StandardRegistered,
    VerificationImported,
)
from shared.verification import VerificationResult
from sync.ports import Answer
from tests.contracts.fakes import SoftwareKeys, seeded
from tests.mobile.phone import PIN
from tests.mobile.phone import Phone as WholePhone
from tests.server.office import COUNTY, PASSWORD, TOWNSHIP, Office

SITE = "张强镇中心农贸市场"
PEOPLE = {
    "wang": ("王海", Role.REVIEWER),
    "chen": ("陈静", Role.CAMPAIGN_MANAGER),
    "admin": ("管理员", Role.ADMINISTRATOR),
    "audit": ("审计员", Role.AUDITOR),
    "li": ("李敏", Role.INSPECTOR),
    "sun": ("孙丽", Role.VERIFIER),
    "clinic": ("张强镇卫生院", Role.USER_UNIT),
}
STROKES = b'{"width":300,"height":100,"strokes":[[[10,20],[40,60],[90,15]]]}'


class Wire:
    """:class:`sync.ports.Transport` to the real endpoints."""

    def __init__(self, client: TestClient[Any]) -> None:
        self._client = client

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        address = path if path.startswith("/api") else "/api/v1" + path
        answer = self._client.request(method, address, content=body, headers=headers or {})
        return Answer(answer.status_code, answer.content, dict(answer.headers))


@dataclass
class Street:
    """The county; ``scales`` are one that is verified, one whose verification has ended and one that never was verified."""

    office: Office
    people: dict[str, str] = field(default_factory=dict)
    scales: list[Instrument] = field(default_factory=list)
    premises_id: str = ""
    campaign_id: str = ""

    def __post_init__(self) -> None:
        add = self.office.house.access.add_person
        for login, (name, role) in PEOPLE.items():
            self.people[login] = add(login, PASSWORD, name, role, "康平县市场监督管理局", [COUNTY])
        self.premises_id = self.site(SITE)
        today = self.today
        ids = [self.scale(self.premises_id, f"2403-0118{number}") for number in range(3)]
        for instrument_id, ended in ((ids[0], 200), (ids[1], -11)):
            self.verify(instrument_id, today + timedelta(days=ended))
        self.scales = self.labelled(ids)
        self.campaign_id = self.mint()
        plan = CampaignPlanned(
            campaign_id=self.campaign_id,
            title="康平县免费检定",
            starts_on=today - timedelta(days=3),
            ends_on=today + timedelta(days=30),
            roster=ids,
        )
        self.write("campaign.planned", self.campaign_id, plan)
        for nominal, count in (("5", 2), ("2", 2), ("1", 1), ("0.5", 1), ("0.1", 1)):
            self.weight(nominal, count)

    @property
    def today(self) -> date:
        return local_date(self.office.clock.now())

    def mint(self) -> str:
        return mint(self.office.clock, self.office.random_bytes)

    def write(self, kind: str, subject: str, payload: Any) -> None:
        """A record of the office, through the real intake."""
        entry = OfficeEntry(kind=kind, county=COUNTY, subjects=[subject], payload=payload)
        self.office.house.office.write(self.people["admin"], [entry])

    def site(self, name: str) -> str:
        """Registers a market."""
        premises_id = self.mint()
        site = PremisesRegistered(
            premises_id=premises_id, township=TOWNSHIP, type=PremisesType.MARKET, name=name
        )
        self.write("premises.registered", premises_id, site)
        return premises_id

    def scale(self, premises_id: str, serial_number: str, stall: str = "A12") -> str:
        """Registers a scale."""
        instrument_id = self.mint()
        scale = InstrumentRegistered(
            instrument_id=instrument_id,
            township=TOWNSHIP,
            kind="price-computing-scale",
            serial_number=serial_number,
            premises_id=premises_id,
            stall=stall,
            accuracy_class="III",
            capacity_max=Quantity(Decimal(15), "kg"),
            capacity_min=Quantity(Decimal(100), "g"),
            verification_scale_interval=Quantity(Decimal(5), "g"),
            actual_scale_interval=Quantity(Decimal(5), "g"),
        )
        self.write("instrument.registered", instrument_id, scale)
        return instrument_id

    def weight(self, kilograms: str, count: int) -> None:
        """Registers weights that are in date."""
        standard_id = self.mint()
        weight = StandardRegistered(
            standard_id=standard_id,
            name="砝码",
            serial_number=f"F{kilograms}",
            accuracy_class="M1",
            nominal=Quantity(Decimal(kilograms), "kg"),
            count=count,
            certificate_no="J-1",
            valid_until=self.today + timedelta(days=300),
        )
        self.write("standard.registered", standard_id, weight)

    def verify(self, instrument_id: str, until: date) -> None:
        """Takes a verification over that ends on that day."""
        status = VerificationImported(
            instrument_id=instrument_id,
            result=VerificationResult.PASSED,
            verified_on=until - timedelta(days=364),
            valid_until=until,
            body="沈阳计量测试院",
        )
        self.write("verification.imported", instrument_id, status)

    def labelled(self, ids: list[str]) -> list[Instrument]:
        """The instruments, once each has a label."""
        house = self.office.house
        house.labels.issue(self.people["admin"], [house.registry.instrument(each) for each in ids])
        return [house.registry.instrument(each) for each in ids]

    def payload(self, instrument: Instrument) -> str:
        """What stands behind ``/L/`` on the instrument's label."""
        return self.office.house.labels.printed(instrument).payload.partition("/L/")[2]

    def desk(self, login: str = "") -> TestClient[Any]:
        """The office's origin, with somebody signed in; the caller opens and closes it."""
        client = TestClient(office_app(self.office.house, self.office.settings))
        client.__enter__()
        if login:
            answer = client.post("/sign-in", data={"login": login, "password": PASSWORD})
            assert answer.status_code in (200, 403), answer.text
        return client


@asynccontextmanager
async def whole_phone(street: Street, folder: Path, login: str = "li") -> AsyncIterator[AppState]:
    """A whole phone, enrolled over the real endpoints, with every standard that is in date."""
    office = street.office
    code = office.house.enrolments.make_code(street.people["admin"], street.people[login], [COUNTY])
    with TestClient(phone_app(office.house, office.settings)) as client:
        phone = WholePhone(
            folder / "work.db",
            office.clock,
            Wire(client),  # type: ignore[arg-type]
            SoftwareKeys(seeded("keys")),
        )
        app = phone.app
        await app.start()
        await app.enrolment.give_code(code)
        await app.enrolment.set_pin(PIN, PIN)
        view = await app.enrolment.first_pull()
        assert view.problem is None, view.problem
        offered = await app.session.offered_standards()
        await app.session.choose_standards([each.standard.standard_id for each in offered])
        yield app
        phone.store.database.conn.close()


async def check_a_scale(street: Street, folder: Path, flag: str = "") -> Receipt:
    """A whole phone checks the first scale, has it signed, and sends everything."""
    async with whole_phone(street, folder) as app:
        payload = street.office.house.labels.printed(street.scales[0]).payload
        check = await app.spot_checks.begin(await app.resolve.scanned(payload))
        if flag:
            await check.answer_visual("seal", VisualAnswer.FLAG, flag)
        await check.rest_is_normal()
        await check.add_photo(photograph())
        while check.cursor.step is Step.READINGS:
            await check.same()
        receipt = await check.sign(STROKES, "application/vnd.quanheng.strokes+json")
        await app.sync.run()
    return receipt


def photograph() -> bytes:
    """A picture as a phone takes it."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (120, 130, 120)).save(out, "JPEG")
    return out.getvalue()
