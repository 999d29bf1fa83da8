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
from shared.metrology.catalogue import Kind
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
WEIGHTS = [
    ("10 kg", "M1", 2),
    ("5 kg", "M1", 2),
    ("2 kg", "M1", 2),
    ("1 kg", "M1", 1),
    ("500 g", "M1", 1),
    ("200 g", "M1", 2),
    ("100 g", "M1", 1),
    ("20 kg", "M1", 1),
    ("1 t", "M1", 40),
    ("100 g", "F1", 2),
    ("20 g", "F1", 1),
]
STANDARDS = [
    ("pressure", "数字压力计", "300 mmHg", "0.5 mmHg"),
    ("pressure", "数字压力计", "2.5 MPa", "0.00125 MPa"),
    ("volume", "标准金属量器", "20 L", "0.025 %"),
    ("temperature", "标准恒温槽与温度计", "40 ℃", "0.02 ℃"),
    ("distance", "标准里程路段", "4 km", "0.1 %"),
    ("gas-carbon-monoxide", "一氧化碳标准气体", "50 µmol/mol", "1 %"),
    ("gas-carbon-monoxide", "一氧化碳标准气体", "200 µmol/mol", "1 %"),
    ("gas-combustible", "甲烷标准气体", "20 %LEL", "1 %"),
    ("gas-combustible", "甲烷标准气体", "50 %LEL", "1 %"),
    ("balance", "电子天平", "30 kg", "0.5 g"),
]
"""Reference standards that are no weights: sort, name, nominal value, largest error."""
SCENES = {
    PremisesType.MARKET: ("trade", "safety"),
    PremisesType.CLINIC: ("medical",),
    PremisesType.FUEL_STATION: ("trade",),
}
"""Which kinds may stand at a site, by their use scenes."""
TYPICAL = {"minimum_flow": ["0.0156"], "transitional_flow": ["0.025"]}
"""Figures of a nameplate of which none is usual."""
AT_FUEL_STATIONS = ("dispensing", "distance")
"""Families that stand there and nowhere else."""
CAPACITIES = {
    "price-computing-scale": ("15 kg", "5 g"),
    "electronic-bench-scale": ("60 kg", "20 g"),
    "mechanical-scale": ("100 kg", "50 g"),
    "truck-scale": ("60 t", "20 kg"),
    "electronic-balance": ("220 g", "10 mg"),
}
"""Max and e of the scales that stand for their kind."""
SCALES = [("ACS-15", "15", "100", "5"), ("ACS-30", "30", "200", "10"), ("ACS-6", "6", "40", "2")]


def quantity(text: str) -> Quantity:
    """``20 kg``."""
    value, _, unit = text.partition(" ")
    return Quantity(Decimal(value), unit)


def usual_nameplate(kind: Kind) -> dict[str, Any]:
    """The figures of a kind's nameplate as they usually read."""
    fields: dict[str, Any] = {"accuracy_class": kind.default_class or next(iter(kind.accuracy_classes), "")}
    if kind.id in CAPACITIES:
        most, interval = map(quantity, CAPACITIES[kind.id])
        fields |= {
            "capacity_max": most,
            "verification_scale_interval": interval,
            "actual_scale_interval": interval,
        }
    figures = {each.id: each.usual or TYPICAL.get(each.id, []) for each in kind.nameplate}
    fields["nameplate"] = {
        each.id: Quantity(Decimal(figures[each.id][-1]), each.unit)
        for each in kind.nameplate
        if figures[each.id]
    }
    return fields


class Demo:
    """Writes the demo province once."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._random = random.Random(SEED)  # noqa: S311  a demo, not a secret
        self._today = local_date(house.clock.now())
        self._entries: list[OfficeEntry] = []
        self._author = ""
        self._clinic_items: list[str] = []
        self._others: dict[PremisesType, list[dict[str, Any]]] = {}
        """By sort of site the kinds of which one has still to be put somewhere."""

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
        for county in COUNTIES:
            for number, (mass, accuracy_class, count) in enumerate(WEIGHTS, 1):
                expired = mass == "20 kg"
                self._write_standard(
                    county,
                    f"{accuracy_class}-{county[-3:]}-{number:02d}",
                    name="砝码",
                    accuracy_class=accuracy_class,
                    nominal=quantity(mass),
                    count=count,
                    valid_until=self._today + timedelta(days=-40 if expired else 200),
                )
            for number, (sort, name, nominal, largest_error) in enumerate(STANDARDS, 1):
                self._write_standard(
                    county,
                    f"S-{county[-3:]}-{number:02d}",
                    name=name,
                    accuracy_class="",
                    nominal=quantity(nominal),
                    valid_until=self._today + timedelta(days=300),
                    sort=sort,
                    largest_error=quantity(largest_error),
                )

    def _write_standard(self, county: str, serial_number: str, **fields: Any) -> None:
        standard_id = self._mint()
        payload = StandardRegistered(
            standard_id=standard_id,
            serial_number=serial_number,
            certificate_no=f"辽计检字第{serial_number}号",
            **fields,
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
        if site_type not in self._others:
            self._others[site_type] = self._one_of_each(site_type)
        # The last ones of the first sites of each sort stand for all other kinds.
        others = self._others[site_type][: size // 2]
        del self._others[site_type][: size // 2]
        for number in range(1, size + 1):
            place = number - 1 - size + len(others)
            fields = others[place] if place >= 0 else self._fields_of(site_type, number)
            self._write_instrument(county, township, premises_id, site_type, fields)

    def _write_instrument(
        self,
        county: str,
        township: str,
        premises_id: str,
        site_type: PremisesType,
        fields: dict[str, Any],
    ) -> None:
        instrument_id = self._mint()
        made = date(
            2019 + self._random.randrange(7), 1 + self._random.randrange(12), 1 + self._random.randrange(28)
        )
        serial = f"{made:%y%m}-{self._random.randrange(100000):05d}"
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

    def _one_of_each(self, site_type: PremisesType) -> list[dict[str, Any]]:
        """One instrument of every other kind that stands at such a site, its nameplate as it usually reads."""
        found = []
        for kind in self._house.catalogue.kinds.values():
            scenes = set(kind.use_scenes) & set(SCENES[site_type])
            here = (kind.family in AT_FUEL_STATIONS) == (site_type is PremisesType.FUEL_STATION)
            if "medical" in kind.use_scenes and site_type is not PremisesType.CLINIC:
                here = kind.id in CAPACITIES and kind.id != "electronic-balance"
            if kind.id in CAPACITIES and site_type is PremisesType.CLINIC:
                here = kind.id == "electronic-balance"
            if scenes and here:
                found.append(
                    {
                        "kind": kind.id,
                        "stall": f"管理处 {kind.chinese}",
                        "use_scene": kind.use_scenes[0],
                        **usual_nameplate(kind),
                    }
                )
        return found

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
