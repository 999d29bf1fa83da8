"""Many phones at once: each greets, pushes what it has, and pulls; against one phone that is alone."""

from __future__ import annotations

import asyncio
import gzip
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from sync.calls import API, MEDIA_TYPE
from sync.messages import Handshake, PushAnswer
from tests.bench.office import running
from tests.bench.push import cpu_seconds
from tests.bench.row import Gate, Row, Sizes, Stopwatch, median, percentile_95
from tests.server.office import COUNTY, Office

ALONE = 8
SCALES = 4
PATIENCE_S = 120


@dataclass(frozen=True)
class Prepared:
    """A phone with its messages written and signed."""

    token: str
    greeting: bytes
    push: bytes


def prepared(office: Office, number: int) -> Prepared:
    """A phone of its own person, with a site and some scales to push."""
    phone = office.phone(f"li{number}")
    site, record = phone.site(f"市场 {number}")
    records = [record, *(phone.scale(site, f"{number}-{at}")[1] for at in range(SCALES))]
    greeting = Handshake(
        chain=phone.chain,
        sequence=phone.sequence,
        digest=phone.previous,
        schema=1,
        app_version="bench",
        phone_time=office.clock.now(),
    )
    push = gzip.compress(msgspec.msgpack.encode(phone.message(*records)), 6)
    return Prepared(phone.token, msgspec.msgpack.encode(greeting), push)


@dataclass
class Crowd:
    """What the phones met."""

    client: httpx.AsyncClient
    seconds: list[float]
    statuses: Counter[int]

    async def ask(self, method: str, path: str, token: str, body: bytes = b"", encoding: str = "") -> bytes:
        """One request, its time and its status noted."""
        headers = {"Authorization": f"Bearer {token}", "Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE}
        watch = Stopwatch()
        more = {"Content-Encoding": encoding} if encoding else {}
        answer = await self.client.request(method, API + path, content=body, headers=headers | more)
        self.seconds.append(watch.seconds())
        self.statuses[answer.status_code] += 1
        return answer.content

    async def visit(self, phone: Prepared) -> None:
        """What one phone does."""
        await self.ask("POST", "/handshake", phone.token, phone.greeting)
        answer = await self.ask("POST", "/push", phone.token, phone.push, "gzip")
        rulings = msgspec.msgpack.decode(answer, type=PushAnswer).rulings
        assert [ruling.status for ruling in rulings] == ["accepted"] * (SCALES + 1)
        await self.ask("GET", f"/pull/{COUNTY}?limit=200", phone.token)


async def crowd(origin: str, phones: Sequence[Prepared], together: bool) -> Crowd:
    """All at once, or one after the other."""
    # A connection for each request, as the phones have it: one that is kept may be closed by the server just when it is used again.
    limits = httpx.Limits(max_connections=len(phones), max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=origin, limits=limits, timeout=PATIENCE_S) as client:
        met = Crowd(client, [], Counter())
        if together:
            await asyncio.gather(*(met.visit(phone) for phone in phones))
        else:
            for phone in phones:
                await met.visit(phone)
    return met


def rows(folder: Path, sizes: Sizes) -> list[Row]:
    """The row of many phones."""
    office = Office(folder / "office", demo=True)
    phones = [prepared(office, number) for number in range(sizes.clients + ALONE)]
    office.close()
    with running(folder / "office") as server:
        alone = asyncio.run(crowd(server.origin, phones[:ALONE], together=False))
        before, watch = cpu_seconds(server.pid), Stopwatch()
        many = asyncio.run(crowd(server.origin, phones[ALONE:], together=True))
        lasted, used = watch.seconds(), cpu_seconds(server.pid) - before
    faults = sum(count for status, count in many.statuses.items() if status >= 500)
    return [
        Row(
            name=f"{sizes.clients} phones at once, p95 of a request",
            seconds=percentile_95(many.seconds),
            floor_s=percentile_95(alone.seconds),
            gates=[Gate("answers of 5xx", faults, 0)],
            notes={
                "median, ms": round(median(many.seconds) * 1000, 1),
                "requests a second": round(len(many.seconds) / lasted),
                "answers by status": ", ".join(f"{status}: {n}" for status, n in many.statuses.items()),
                "processor seconds, server": round(used, 2),
                "floor": "p95 of a request of one phone alone",
                "cores": str(os.cpu_count()),
            },
        )
    ]
