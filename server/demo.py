"""The demo province: people, sites, 2,000 instruments, labels, weights and a campaign, all written as records through the real intake."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from server.services.house import House
from server.services.office_records import OfficeEntry
from shared.clock import local_date
from shared.identity import mint
from shared.people import Role
from shared.premises import PremisesType
from shared.quantity import Quantity
from shared.records import (
    CampaignPlanned,
    InstrumentRegistered,
    PremisesRegistered,
    StandardRegistered,
    VerificationImported,
    VerificationResult,
)

COUNTIES = ["210123", "210124", "210181"]
INSTRUMENTS = 2000
SEED = 20261124
BATCH = 1000
PASSWORD = "quanheng-demo"  # noqa: S105  printed at the start, for the demo alone
PEOPLE = [
    ("li.min", "李敏", Role.INSPECTOR, "JLJC-210123-0007"),
    ("zhao.gang", "赵刚", Role.INSPECTOR, "JLJC-210123-0012"),
    ("sun.li", "孙丽", Role.VERIFIER, "JDY-210123-0031"),
    ("clinic", "张强镇卫生院", Role.USER_UNIT, ""),
    ("wang.hai", "王海", Role.REVIEWER, ""),
    ("chen.jing", "陈静", Role.CAMPAIGN_MANAGER, ""),
    ("admin", "管理员", Role.ADMINISTRATOR, ""),
    ("audit", "审计员", Role.AUDITOR, ""),
]
BODY = "康平县市场监督管理局"
BODIES = {
    "sun.li": "康平县计量检定所",
    "clinic": "张强镇卫生院",
    "admin": "沈阳市市场监督管理局",
    "audit": "沈阳市市场监督管理局",
}
"""Where somebody works elsewhere than at :data:`BODY`."""
STALLS = ["水产", "蔬菜", "水果", "鲜肉", "熟食", "粮油", "干货", "禽蛋"]
MAKERS = {
    PremisesType.MARKET: ["沈阳第一衡器厂", "大连北方衡器", "营口衡器", "辽阳电子衡器"],
    PremisesType.CLINIC: ["沈阳医用仪表厂", "丹东仪表", "鞍山医疗器械"],
    PremisesType.FUEL_STATION: ["沈阳加油机厂", "抚顺石化机械"],
}
SHARES = {PremisesType.MARKET: 6, PremisesType.CLINIC: 2, PremisesType.FUEL_STATION: 1}
"""How many instruments a site has beside another of a different type."""
SCALES = [("ACS-15", "15", "100", "5"), ("ACS-30", "30", "200", "10"), ("ACS-6", "6", "40", "2")]


class Demo:
    """Writes the demo province once."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._random = random.Random(SEED)  # noqa: S311  a demo, not a secret
        self._today = local_date(house.clock.now())
        self._entries: list[OfficeEntry] = []
        self._author = ""
        self._clinic_items: list[str] = []

    def is_there(self) -> bool:
        """Whether this store has the demo's people already."""
        return any(person.login == "admin" for person in self._house.access.people())

    def write(self) -> None:
        """Everything; some seconds."""
        for login, name, role, certificate in PEOPLE:
            body = BODIES.get(login, BODY)
            person = self._house.access.add_person(login, PASSWORD, name, role, body, COUNTIES, certificate)
            if login == "admin":
                self._author = person
        self._write_standards()
        self._write_sites()
        self._flush()
        self._issue_labels()
        self._plan_campaign()
        self._flush()

    def _mint(self) -> str:
        return mint(self._house.clock, self._random.randbytes)

    def _add(self, kind: str, county: str, subject: str, payload: msgspec.Struct) -> None:
        self._entries.append(OfficeEntry(kind=kind, county=county, subjects=[subject], payload=payload))

    def _flush(self) -> None:
        for start in range(0, len(self._entries), BATCH):
            self._house.office.write(self._author, self._entries[start : start + BATCH])
        self._entries = []

    def _write_standards(self) -> None:
        weights = [
            ("5", "kg", 2),
            ("2", "kg", 2),
            ("1", "kg", 1),
            ("500", "g", 1),
            ("200", "g", 2),
            ("100", "g", 1),
            ("20", "kg", 1),
        ]
        for county in COUNTIES:
            for number, (value, unit, count) in enumerate(weights, 1):
                expired = value == "20"
                standard_id = self._mint()
                payload = StandardRegistered(
                    standard_id=standard_id,
                    name="砝码",
                    serial_number=f"M1-{county[-3:]}-{number:02d}",
                    accuracy_class="M1",
                    nominal=Quantity(Decimal(value), unit),
                    count=count,
                    certificate_no=f"辽计检字第{county[-3:]}{number:03d}号",
                    valid_until=self._today + timedelta(days=-40 if expired else 200),
                )
                self._add("standard.registered", county, standard_id, payload)

    def _write_sites(self) -> None:
        sites = [
            (county, township.code, township.name, site_type)
            for county in COUNTIES
            for township in self._house.regions.townships_of(county)
            for site_type in SHARES
        ]
        total = sum(SHARES[site[3]] for site in sites)
        before = 0
        for county, township, name, site_type in sites:
            after = before + SHARES[site_type]
            # The shares are rounded where they begin and end, so that the sizes add up to the very number.
            size = INSTRUMENTS * after // total - INSTRUMENTS * before // total
            self._write_site(county, township, name, site_type, size)
            before = after

    def _write_site(self, county: str, township: str, name: str, site_type: PremisesType, size: int) -> None:
        premises_id = self._mint()
        ending = "卫生院" if "镇" in name or "乡" in name else "社区卫生服务中心"
        called = {
            PremisesType.MARKET: f"{name}中心农贸市场",
            PremisesType.CLINIC: f"{name}{ending}",
            PremisesType.FUEL_STATION: f"{re.sub('(满族|蒙古族)*(镇|乡|街道)$', '', name)}加油站",
        }[site_type]
        site = PremisesRegistered(premises_id=premises_id, township=township, type=site_type, name=called)
        self._add("premises.registered", county, premises_id, site)
        for number in range(1, size + 1):
            self._write_instrument(county, township, premises_id, site_type, number)

    def _write_instrument(
        self, county: str, township: str, premises_id: str, site_type: PremisesType, number: int
    ) -> None:
        instrument_id = self._mint()
        made = date(
            2019 + self._random.randrange(7), 1 + self._random.randrange(12), 1 + self._random.randrange(28)
        )
        serial = f"{made:%y%m}-{self._random.randrange(100000):05d}"
        fields = self._fields_of(site_type, number)
        payload = InstrumentRegistered(
            instrument_id=instrument_id,
            township=township,
            serial_number=serial,
            premises_id=premises_id,
            manufacturer=self._random.choice(MAKERS[site_type]),
            manufactured_on=made,
            **fields,
        )
        self._add("instrument.registered", county, instrument_id, payload)
        if county == COUNTIES[0] and site_type is PremisesType.CLINIC:
            self._clinic_items.append(instrument_id)
        if self._random.random() < 0.93:
            holds = 365 * (self._house.catalogue.kind(fields["kind"]).interval_months or 12) // 12
            verified = self._today - timedelta(days=self._random.randrange(20, holds + holds // 10))
            status = VerificationImported(
                instrument_id=instrument_id,
                result=VerificationResult.PASSED,
                verified_on=verified,
                valid_until=verified + timedelta(days=holds - 1),
                body="沈阳计量测试院",
                certificate_no=f"SY{verified:%Y}{self._random.randrange(10**6):06d}",
            )
            self._add("verification.imported", county, instrument_id, status)

    def _fields_of(self, site_type: PremisesType, number: int) -> dict[str, Any]:
        """What is particular to the kind."""
        if site_type is PremisesType.MARKET:
            model, most, least, interval = SCALES[0] if number % 4 else self._random.choice(SCALES[1:])
            return {
                "kind": "price-computing-scale" if number % 15 else "electronic-bench-scale",
                "stall": f"{self._random.choice(STALLS)}{number}号摊",
                "model": model,
                "use_scene": "trade",
                "accuracy_class": "III",
                "capacity_max": Quantity(Decimal(most), "kg"),
                "capacity_min": Quantity(Decimal(least), "g"),
                "verification_scale_interval": Quantity(Decimal(interval), "g"),
                "actual_scale_interval": Quantity(Decimal(interval), "g"),
            }
        if site_type is PremisesType.CLINIC:
            kinds = [
                "blood-pressure-meter",
                "blood-pressure-monitor",
                "electronic-thermometer",
                "pressure-gauge",
            ]
            return {"kind": kinds[number % 4], "stall": f"诊室{1 + number // 4}", "use_scene": "medical"}
        return {"kind": "fuel-dispenser", "stall": f"{number}号加油机", "use_scene": "trade"}

    def _issue_labels(self) -> None:
        for county in COUNTIES:
            instruments = self._house.registry.all("instrument", [county], INSTRUMENTS)
            for start in range(0, len(instruments), BATCH):
                self._house.labels.issue(self._author, instruments[start : start + BATCH])

    def _plan_campaign(self) -> None:
        campaign_id = self._mint()
        payload = CampaignPlanned(
            campaign_id=campaign_id,
            title=f"{self._today.year}年康平县乡镇卫生院免费检定",
            starts_on=self._today - timedelta(days=20),
            ends_on=self._today + timedelta(days=60),
            roster=self._clinic_items,
        )
        self._add("campaign.planned", COUNTIES[0], campaign_id, payload)
