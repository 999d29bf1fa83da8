"""A whole phone without screens: the real store, workflows and engine, enrolled at a small office."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mobile.store.packs import PackFiles
from mobile.store.schema import Flush
from mobile.store.work import WorkStore, written_through
from mobile.workflow.app_state import AppState
from mobile.workflow.ports import Equipment
from shared.clock import SetClock
from shared.identity import mint
from shared.instrument import Instrument, VerificationStatus
from shared.label import Label, label_key_id, label_message, mint_code, serial_tag_of, write_payload
from shared.metrology.catalogue import Catalogue
from shared.people import Person, Role
from shared.premises import Premises, PremisesType
from shared.quantity import Quantity
from shared.regions import Regions, read_regions
from shared.standard import Standard
from sync.messages import LabelKey
from tests.contracts.fakes import Line, MemoryBlobs, Nowhere, SoftwareKeys, seeded
from tests.contracts.office import Office, at
from tests.shared.lots import rules

ROOT = Path(__file__).parents[2]
COUNTY = "210123"
PIN = "246810"


@cache
def catalogue() -> Catalogue:
    """The catalogue in assets."""
    return Catalogue.parse({p.name: p.read_bytes() for p in (ROOT / "assets/catalogue").glob("*.toml")})


@cache
def regions() -> Regions:
    """The regions in assets."""
    folder = ROOT / "assets/regions"
    return read_regions((folder / "regions.csv").read_bytes(), (folder / "townships.csv").read_bytes())


@dataclass
class Phone:
    """One phone; :meth:`killed` gives the same phone in its next run, from what is on disk."""

    path: Path | str
    clock: SetClock
    office: Office
    keys: SoftwareKeys
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    line: Line = field(default_factory=Line)
    seed: int = 1
    pack_files: PackFiles | None = None
    flush: Flush = written_through

    def __post_init__(self) -> None:
        self.random_bytes = seeded(f"phone {self.seed} {self.clock.now()}")
        self.store = WorkStore(self.path, self.flush, self.pack_files)
        self.equipment = Equipment(
            clock=self.clock,
            random_bytes=self.random_bytes,
            store=self.store,
            keys=self.keys,
            blobs=self.blobs,
            transport=self.office,
            connectivity=self.line,
            positioning=Nowhere(),
            catalogue=catalogue(),
            regions=regions(),
            app_version="0.1.0",
            prepackages=rules,
        )
        self.app = AppState(self.equipment)

    async def enrol(self, code: str = "ENROLME1") -> None:
        """From nothing to ready."""
        await self.app.start()
        await self.app.enrolment.give_code(code)
        await self.app.enrolment.set_pin(PIN, PIN)
        view = await self.app.enrolment.first_pull()
        assert view.problem is None, view.problem

    def killed(self) -> Phone:
        """The process dies without a word."""
        self.store.database.conn.close()
        return Phone(
            self.path,
            self.clock,
            self.office,
            self.keys.restarted(),
            self.blobs,
            self.line,
            self.seed + 1,
            self.pack_files,
            self.flush,
        )

    async def reopened(self) -> Phone:
        """Killed, started again and unlocked."""
        again = self.killed()
        await again.store.mount()
        await again.app.start()
        unlock = await again.app.session.unlock(PIN)
        assert unlock.opened
        return again


@dataclass
class World:
    """What is in the county: one market with scales, labels by the issuer's key, weights."""

    clock: SetClock
    office: Office
    issuer: Ed25519PrivateKey
    premises: Premises
    scale: Instrument
    label: Label
    weights: list[Standard]

    @property
    def payload(self) -> str:
        """The scale's QR code."""
        return write_payload(self.label, "https://office.example")


def make_world() -> World:
    """A market in Kangping with one scale, and an office that shows it."""
    clock = SetClock(at("2026-11-20 01:00"))
    random_bytes = seeded("world")
    inspector = Person(mint(clock, random_bytes), "李慧", Role.INSPECTOR, "康平县市场监督管理局", "LN-01")
    partner = Person(mint(clock, random_bytes), "赵刚", Role.INSPECTOR, "康平县市场监督管理局", "LN-02")
    office = Office(clock, random_bytes, inspector, [COUNTY])
    office.colleagues = [inspector, partner]
    issuer = Ed25519PrivateKey.from_private_bytes(random_bytes(32))
    public = issuer.public_key().public_bytes_raw()
    office.label_keys = [LabelKey(label_key_id(public), public, "沈阳")]
    site = Premises(
        premises_id=mint(clock, random_bytes),
        county=COUNTY,
        township="210123101",
        type=PremisesType.MARKET,
        name="张强镇中心农贸市场",
    )
    code = mint_code(random_bytes)
    scale = Instrument(
        instrument_id=mint(clock, random_bytes),
        version=3,
        county=COUNTY,
        township=site.township,
        kind="price-computing-scale",
        serial_number="2403-01187",
        premises_id=site.premises_id,
        stall="A12",
        label=code,
        accuracy_class="III",
        capacity_max=Quantity(Decimal(15), "kg"),
        capacity_min=Quantity(Decimal(100), "g"),
        verification_scale_interval=Quantity(Decimal(5), "g"),
        actual_scale_interval=Quantity(Decimal(5), "g"),
        verification=VerificationStatus(
            verified_on=date(2026, 3, 15), valid_until=date(2027, 3, 14), body="康平县计量所"
        ),
    )
    tag = serial_tag_of(code, scale.serial_number)
    key_id = label_key_id(public)
    label = Label(code, key_id, tag, issuer.sign(label_message(code, key_id, tag)))
    weights = [weight(clock, random_bytes, *one) for one in (("5", 2, 2027), ("2", 2, 2027), ("1", 1, 2027))]
    weights += [weight(clock, random_bytes, "0.5", 1, 2027), weight(clock, random_bytes, "0.1", 1, 2027)]
    weights.append(weight(clock, random_bytes, "20", 1, 2025))
    office.show(COUNTY, "premises", site.premises_id, site)
    office.show(COUNTY, "instrument", scale.instrument_id, scale)
    for one in weights:
        office.show(COUNTY, "standard", one.standard_id, one)
    return World(clock, office, issuer, site, scale, label, weights)


def weight(clock: SetClock, random_bytes: object, kilograms: str, count: int, year: int) -> Standard:
    """Weights of class M1, valid until the end of ``year``."""
    return Standard(
        standard_id=mint(clock, random_bytes),  # type: ignore[arg-type]
        county=COUNTY,
        name=f"{kilograms} kg",
        serial_number=f"F{kilograms}",
        accuracy_class="M1",
        nominal=Quantity(Decimal(kilograms), "kg"),
        count=count,
        certificate_no="J-1",
        valid_until=date(year, 12, 31),
    )


def make_phone(world: World, path: Path | str = ":memory:", seed: int = 1) -> Phone:
    """A new phone."""
    return Phone(path, world.clock, world.office, SoftwareKeys(seeded(f"keys {seed}")), seed=seed)
