"""A key press in the search, on a phone that knows 200,000 instruments: by pack, by a pack of before there was a search, and by pulled pages;
against one plain scan of as many serial numbers in memory. Gate: 95 of 100 key presses of every kind within 100 ms, with what is then shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec

from mobile.store.work import WorkStore
from mobile.workflow.looking import Due, days_of
from mobile.workflow.ports import Wanted
from shared.clock import local_date
from shared.identity import mint
from shared.label import mint_code
from shared.premises import Premises, PremisesType
from shared.sought import words_of
from sync.messages import Change, Page
from tests.bench.office import COUNTY, TOWNSHIP, instrument
from tests.bench.row import Gate, Row, Sizes, Stopwatch, median, percentile_95
from tests.contracts.fakes import seeded
from tests.mobile.laid import laid
from tests.mobile.phone import make_world

GATE_S = 0.1
AT_ONE_SITE = 65
SHOWN = 40
"""Rows that the list makes at first."""
PAGE = 10_000
TOWNS = ("康平镇", "张强镇", "方家屯镇", "郝官屯镇", "小城子镇", "东关街道", "胜利街道", "北三家子")
SITES = (
    ("农贸市场", PremisesType.MARKET),
    ("卫生院", PremisesType.CLINIC),
    ("加油站", PremisesType.FUEL_STATION),
    ("生鲜超市", PremisesType.SHOP),
)
KINDS = {
    "one character": ("水", "康", "场", "鲜", "号", "镇"),
    "two characters": ("水产", "康平", "市场", "友声", "卫生", "果8"),
    "more characters": ("康平镇", "农贸市场", "友声衡器", "水产12号", "张强镇第3"),
    "first letters": ("k", "kp", "kps", "kpzdnmsc", "nmsc", "wsy", "syhqc", "zqz", "a"),
    "serial number": ("1", "19", "190", "1900", "1931-0", "0118", "863", "2403-01187"),
    "label": ("A", "7Q", "7Q3", "8QK2-9"),
    "several words": ("康平 水产", "nmsc 友声 19", "zqz 水产 8", "市场 1 号"),
    "nothing found": ("鑫", "zzzz", "99999999", "康平镇海鲜城"),
}


def town(count: int) -> Iterator[Change]:
    """A county's sites and instruments, as the server says them."""
    world, random_bytes = make_world(), seeded("search")
    site_id = ""
    for number in range(count):
        if number % AT_ONE_SITE == 0:
            site_id = mint(world.clock, random_bytes)
            at = number // AT_ONE_SITE
            what, kind = SITES[at // len(TOWNS) % len(SITES)]
            name = f"{TOWNS[at % len(TOWNS)]}第{at // 32 + 1}{what}"
            site = Premises(
                premises_id=site_id,
                county=COUNTY,
                township=TOWNSHIP,
                type=kind,
                name=name,
                address=f"{TOWNS[at % len(TOWNS)]}中心街{at}号",
            )
            yield Change("premises", site_id, COUNTY, number + 1, msgspec.json.encode(site))
        one = instrument(number, mint(world.clock, random_bytes), site_id, mint_code(random_bytes))
        yield Change("instrument", one.instrument_id, COUNTY, number + 1, msgspec.json.encode(one))


async def pulled(changes: list[Change], path: Path) -> WorkStore:
    """A phone that has no pack."""
    store = WorkStore(path)
    store.database.execute("PRAGMA synchronous=OFF").fetchall()
    for start in range(0, len(changes), PAGE):
        cursor = await store.mirror.cursor(COUNTY)
        page = Page(COUNTY, changes[start : start + PAGE], f"page-{start}", True)
        assert await store.mirror.apply(page, cursor)
    return store


async def pressed(store: WorkStore, wanted: Wanted) -> tuple[float, int]:
    """Seconds from a key press to the rows that it shows, and how many were found."""
    watch = Stopwatch()
    await store.finder.ready(lambda: None)
    hits = await store.finder.find(wanted, lambda: False)
    assert hits
    await hits.window(0, SHOWN)
    return watch.seconds(), hits.total


async def key_presses(store: WorkStore, turns: int) -> dict[str, list[float]]:
    """Seconds of every key press, by kind; each text is typed from its first sign on."""
    today = local_date(make_world().clock.now())
    found: dict[str, list[float]] = {}
    for kind, texts in KINDS.items():
        times = found.setdefault(kind, [])
        for _turn in range(turns):
            for text in texts:
                took, total = await pressed(store, Wanted(words_of(text)))
                assert (total == 0) or kind != "nothing found"
                times.append(took)
    found["what falls due"] = [
        (await pressed(store, Wanted(words_of(text), days_of(due, today))))[0]
        for _turn in range(turns)
        for due in Due
        for text in ("", "康平", "nmsc 19")
    ]
    return found


def floor(changes: list[Change], turns: int) -> float:
    """Seconds to look for one serial number in all of them, one string after the other, in memory."""
    serials = [msgspec.json.decode(one.state or b"{}").get("serial_number", "") for one in changes]
    times = []
    for _turn in range(turns):
        watch = Stopwatch()
        assert not [one for one in serials if "99999999" in one]
        times.append(watch.seconds())
    return median(times)


async def row(name: str, store: WorkStore, least: float, sizes: Sizes) -> Row:
    """One way of knowing them."""
    watch = Stopwatch()
    await store.finder.ready(lambda: None)
    opened = watch.seconds()
    by_kind = await key_presses(store, sizes.turns * 4)
    everything = [one for times in by_kind.values() for one in times]
    shown = {
        f"{kind}, p50/p95 ms": f"{median(times) * 1000:.1f} / {percentile_95(times) * 1000:.1f}"
        for kind, times in by_kind.items()
    }
    return Row(
        name=f"search {name}, {sizes.instruments:,}",
        seconds=median(everything),
        floor_s=least,
        gates=[
            Gate("p95 of the slowest kind, s", max(percentile_95(one) for one in by_kind.values()), GATE_S)
        ],
        notes={"getting ready, ms": round(opened * 1000, 1), "of": len(everything), **shown},
    )


async def measure(folder: Path, sizes: Sizes) -> list[Row]:
    """The three ways."""
    changes = list(town(sizes.instruments))
    # A twentieth of the pack has changed: as much as one is let to before the server builds it anew.
    some = changes[1::40]
    least, rows = floor(changes, sizes.turns), []
    for name, segment in (("on a pack", True), ("on an older pack", False)):
        store = await laid(folder / name.replace(" ", "-"), COUNTY, changes, segment)
        cursor = await store.mirror.cursor(COUNTY)
        assert await store.mirror.apply(Page(COUNTY, some, "newer", False), cursor)
        rows.append(await row(name, store, least, sizes))
        store.close()
    store = await pulled(changes, folder / "pulled.db")
    rows.append(await row("on pulled states", store, least, sizes))
    store.close()
    return rows


def rows(folder: Path, sizes: Sizes) -> list[Row]:
    """The rows of searching."""
    return asyncio.run(measure(folder, sizes))
