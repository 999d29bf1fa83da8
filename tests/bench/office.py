"""A real server process of the bench: the phone's origin on loopback, a real SQLite file, and one enrolment code.

``python -m tests.bench.office STATES`` prints one line of JSON as soon as the store is ready, then serves until it is stopped.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from server.adapters import SystemClock
from server.app import open_house
from server.cli import run
from server.services.rows import instrument_row, state_row
from server.settings import Settings, from_environment
from server.store import records as store
from server.store.database import Database
from shared.identity import mint
from shared.instrument import Instrument, VerificationStatus
from shared.people import Role
from shared.quantity import Quantity
from tests.contracts.fakes import seeded

ROOT = Path(__file__).parents[2]
COUNTY = "210123"
TOWNSHIP = "210123101"
READY_SECONDS = 60
NEVER = 1 << 40
STALLS = ("水产", "蔬菜", "水果", "鲜肉", "熟食", "粮油", "干货", "禽蛋")
MAKERS = ("沈阳衡器厂", "大连计量仪器", "上海友声衡器", "厦门顶尖电子", "凯士电子")


def instrument(number: int, instrument_id: str, premises_id: str, label: str = "") -> Instrument:
    """The state of a market scale, as large and as varied as those of the demo province."""
    verified = date(2025, 11, 1) + timedelta(days=number * 6151 % 380)
    return Instrument(
        instrument_id=instrument_id,
        version=2,
        county=COUNTY,
        township=TOWNSHIP,
        kind="price-computing-scale",
        serial_number=f"{1900 + number * 31 % 700}-{number * 15485863 % 10**6:06d}",
        premises_id=premises_id,
        stall=f"{STALLS[number % len(STALLS)]}{number % 90}号摊",
        label=label,
        manufacturer=MAKERS[number % len(MAKERS)],
        model="ACS-15",
        use_scene="trade",
        accuracy_class="III",
        capacity_max=Quantity(Decimal(15), "kg"),
        capacity_min=Quantity(Decimal(100), "g"),
        verification_scale_interval=Quantity(Decimal(5), "g"),
        actual_scale_interval=Quantity(Decimal(5), "g"),
        manufactured_on=date(2019, 1, 1) + timedelta(days=number * 7919 % 2500),
        verification=VerificationStatus(
            verified_on=verified,
            valid_until=verified + timedelta(days=364),
            body="沈阳计量测试院",
            certificate_no=f"SY{verified:%Y}{number * 104729 % 10**6:06d}",
        ),
    )


def seed_states(database: Database, count: int) -> None:
    """Puts states straight into the tables of the projections: what is measured is how they are handed out, not how they came."""
    clock, random_bytes = SystemClock(), seeded("states")
    premises_id = mint(clock, random_bytes)
    with database.writing() as connection:
        _record, before = store.take_numbers(connection, COUNTY, 0, count)
        for start in range(0, count, 10_000):
            found = [
                instrument(number, mint(clock, random_bytes), premises_id)
                for number in range(start, min(start + 10_000, count))
            ]
            rows = [
                state_row(COUNTY, one.instrument_id, before + start + at, one)
                for at, one in enumerate(found, 1)
            ]
            store.keep_states(connection, rows)
            store.index_instruments(connection, [instrument_row(one) for one in found])


def serve(settings: Settings, states: int) -> None:
    """Opens the store, seeds it, tells the code, serves as the command ``quanheng serve`` does."""
    house, database = open_house(settings)
    person = house.access.add_person("bench", "bench", "李慧", Role.INSPECTOR, "康平县", [COUNTY])
    if states:
        seed_states(database, states)
    code = house.enrolments.make_code(person, person, [COUNTY])
    sys.stdout.write(json.dumps({"code": code}) + "\n")
    sys.stdout.flush()
    asyncio.run(run(settings, house))


@dataclass(frozen=True)
class Running:
    """A server process that answers."""

    origin: str
    code: str
    database: Path
    pid: int


def free_ports() -> tuple[int, int]:
    """Two ports of loopback that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@contextmanager
def running(
    data: Path, web: Path | None = None, states: int = 0, packs_from: int = NEVER, database_url: str = ""
) -> Iterator[Running]:
    """Runs a server process until the block ends, or until somebody kills it; it builds packs of counties with so many states, which takes
    its time meanwhile.
    """
    port, office_port = free_ports()
    given = {
        "data": data,
        "phone_port": port,
        "office_port": office_port,
        "web": web or data / "no-web",
        "demo": 1,
        "pack_from": packs_from,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.office", str(states)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env=os.environ
        | {f"QUANHENG_{name.upper()}": str(value) for name, value in given.items()}
        | {"DATABASE_URL": database_url},
    )
    assert process.stdout
    try:
        line = process.stdout.readline()
        if not line:
            raise SystemExit("The bench's server did not start.")
        origin = f"http://127.0.0.1:{port}"
        wait_for(origin)
        yield Running(origin, json.loads(line)["code"], data / "quanheng.db", process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


def wait_for(origin: str) -> None:
    """Returns when the server answers."""
    clock = SystemClock()
    until = clock.monotonic_ms() + READY_SECONDS * 1000
    while clock.monotonic_ms() < until:
        try:
            with urllib.request.urlopen(f"{origin}/api/v1/health", timeout=2):  # noqa: S310  our own server
                return
        except OSError:
            continue
    raise SystemExit(f"The bench's server did not answer at {origin}.")


if __name__ == "__main__":
    serve(from_environment(dict(os.environ)), int(sys.argv[1]))
