"""The finder finds what a plain look at every instrument finds: on packs, on what was pulled, on the phone's own, and after every change."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile.store.finder import MOST_TOUCHED
from mobile.store.states import show_own
from mobile.store.work import WorkStore
from mobile.workflow.ports import Wanted
from shared.instrument import Instrument, UseStatus, VerificationStatus
from shared.premises import Premises, PremisesType
from shared.sought import words_of
from sync.messages import Change, Page
from tests.mobile.finding import changed, found_by, scanned
from tests.mobile.laid import laid
from tests.mobile.played import played
from tests.server.office import COUNTY, TOWNSHIP

DAY = date(2026, 12, 1)
SIGNS = "康平重长市场A1号k2- Ａ"
TEXTS = st.text(SIGNS, max_size=6)
QUERIES = st.text("康平重长市场AKPCZSC12号k-  ", max_size=5)


def identity(number: int) -> str:
    return f"01890000-0000-7000-8000-{number:012d}"


def site(number: int, name: str = "", address: str = "") -> Premises:
    return Premises(
        premises_id=identity(90_000 + number),
        county=COUNTY,
        township=TOWNSHIP,
        type=PremisesType.MARKET,
        name=name or f"站{number}",
        address=address,
    )


def scale(number: int, at: int = 0, **fields: object) -> Instrument:
    plain = Instrument(
        instrument_id=identity(number),
        version=1,
        county=COUNTY,
        township=TOWNSHIP,
        kind="price-computing-scale",
        serial_number="",
        premises_id=identity(90_000 + at),
    )
    return msgspec.structs.replace(plain, **fields)


def told(subject: Instrument | Premises, gone: bool = False) -> Change:
    """The server's word on a subject."""
    state = None if gone else msgspec.json.encode(subject)
    if isinstance(subject, Premises):
        return Change("premises", subject.premises_id, COUNTY, 1, state)
    return Change("instrument", subject.instrument_id, COUNTY, 1, state)


async def pulled(store: WorkStore, *changes: Change) -> None:
    """One more page."""
    cursor = await store.mirror.cursor(COUNTY)
    assert await store.mirror.apply(Page(COUNTY, list(changes), cursor + "+", False), cursor)


def written(store: WorkStore, instrument: Instrument) -> None:
    """A state of the phone's own, over what the server says."""
    with store.database.atomic():
        show_own(store.database, [told(instrument)])


@st.composite
def instruments(draw: st.DrawFn, number: int) -> Instrument:
    until = draw(st.none() | st.integers(-40, 40))
    status = None
    if until is not None:
        last = DAY + timedelta(days=until)
        status = VerificationStatus(verified_on=DAY - timedelta(days=300), valid_until=last, body="所")
    return scale(
        number,
        draw(st.integers(0, 3)),
        serial_number=draw(TEXTS),
        stall=draw(TEXTS),
        manufacturer=draw(TEXTS),
        label=draw(st.sampled_from(["", "7Q3K9M2V", "A1B2C3D4"])),
        use_status=draw(st.sampled_from([UseStatus.IN_USE, UseStatus.SCRAPPED])),
        verification=status,
        continued_by=draw(st.sampled_from([None, None, None, identity(5)])),
    )


@st.composite
def towns(draw: st.DrawFn) -> list[Change]:
    """Three sites, of four that instruments name, and some instruments."""
    sites = [site(at, draw(TEXTS), draw(TEXTS)) for at in range(3)]
    return [told(one) for one in sites] + [told(draw(instruments(number))) for number in range(6)]


async def play(data: st.DataObject, store: WorkStore) -> None:
    """Changes of every kind, and after each a search that must find what a plain scan does."""
    for _turn in range(data.draw(st.integers(1, 5))):
        number = data.draw(st.integers(0, 8))
        what = data.draw(st.sampled_from(["nothing", "pulled", "gone", "own", "site", "forgotten"]))
        if what == "pulled":
            await pulled(store, told(data.draw(instruments(number))))
        elif what == "gone":
            await pulled(store, told(scale(number), gone=True))
        elif what == "own":
            written(store, data.draw(instruments(number)))
        elif what == "site":
            await pulled(store, told(site(number % 4, data.draw(TEXTS), data.draw(TEXTS))))
        elif what == "forgotten":
            await store.mirror.forget(COUNTY)
        text = data.draw(QUERIES)
        due = data.draw(st.sampled_from([None, (date.min, DAY), (DAY, DAY + timedelta(days=9))]))
        among = data.draw(st.sampled_from([None, frozenset({identity(1), identity(4), identity(77)})]))
        found = [one.instrument_id for one in await found_by(store, text, due, among)]
        assert len(found) == len(set(found))
        assert set(found) == await scanned(store, text, due, among)


@pytest.mark.parametrize("segment", [True, False], ids=["segment", "without"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_on_a_pack_it_finds_what_a_plain_scan_finds(segment: bool, data: st.DataObject) -> None:
    """A pack with a search segment and an older one without; states changed, gone, moved, merged and written here since."""

    async def flow() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = await laid(Path(folder), COUNTY, data.draw(towns()), segment)
            await play(data, store)
            store.close()

    asyncio.run(flow())


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_on_pulled_states_it_finds_what_a_plain_scan_finds(data: st.DataObject) -> None:
    """A phone without packs."""

    async def flow() -> None:
        store = WorkStore(":memory:")
        await pulled(store, *data.draw(towns()))
        await play(data, store)
        store.close()

    asyncio.run(flow())


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("康", True),
        ("农贸", True),
        ("kpsc", False),
        ("kpnmsc", True),
        ("kp农贸", True),
        ("zx", True),
        ("cx", True),
        ("康平 b12", True),
        ("b12 上海", True),
        ("b13 康平", False),
        ("240", True),
        ("187", True),
        ("87", False),
        ("7q3k", True),
        ("9m2v", False),
        ("ＫＰ", True),
    ],
)
@played
async def test_what_a_person_types_finds_it(typed: str, finds: bool) -> None:
    """One character and more, letters of readings (either reading of 重), both mixed, words in any order, code, serial number, wide letters."""
    store = WorkStore(":memory:")
    here = site(0, "康平农贸市场", "重新路3号")
    one = scale(1, stall="B12", serial_number="2403-01187", label="7Q3K9M2V", manufacturer="上海友声衡器")
    await pulled(store, told(here), told(one), told(site(1, "别处")), told(scale(2, 1)))
    assert await found_by(store, typed) == ([one] if finds else [])


@played
async def test_it_lists_in_walking_order(tmp_path: Path) -> None:
    """By site as townships and names order them, there by stall, and last what has no stall; on a pack and on pulled states alike."""
    town = [
        told(site(0, "乙市场")),
        told(site(1, "丙市场")),
        told(scale(1, 0, stall="2")),
        told(scale(2, 0)),
        told(scale(3, 1, stall="1")),
        told(scale(4, 0, stall="1")),
    ]
    for at, store in enumerate([await laid(tmp_path / "on", COUNTY, town, True), WorkStore(":memory:")]):
        if at:
            await pulled(store, *town)
        names = [one.instrument_id for one in await found_by(store, "")]
        assert names == [identity(number) for number in (3, 4, 1, 2)]
        store.close()


@played
async def test_many_changes_are_read_anew_and_a_stale_wish_is_dropped() -> None:
    """After thousands of changes everything is read again, a little at a time with its progress told; a wish that is stale finds nothing."""
    store = WorkStore(":memory:")
    await pulled(store, told(site(0, "康平农贸市场")))
    assert await found_by(store, "") == []
    for start in range(0, MOST_TOUCHED + 1_000, 1_000):
        await pulled(
            store, *(told(scale(number, stall=str(number))) for number in range(start, start + 1_000))
        )
    heard = []
    await store.finder.ready(lambda: heard.append(store.finder.progress()))
    assert [one[0] for one in heard if one][:2] == [1_000, 2_000]
    assert heard[-1] is None
    everything = Wanted(words_of("kp"))
    hits = await store.finder.find(everything, lambda: False)
    assert hits
    assert hits.total == MOST_TOUCHED + 1_000
    assert await hits.window(hits.total - 1, 9) == [scale(999, stall="999")]
    assert await store.finder.find(everything, lambda: True) is None
    await pulled(store, told(changed(scale(7), stall="新摊位")))
    assert [one.instrument_id for one in await found_by(store, "xtw")] == [identity(7)]


@played
async def test_an_own_state_is_found_once_when_its_county_is_forgotten() -> None:
    """What the phone registered over the office's word stays, and stands in the list once."""
    store = WorkStore(":memory:")
    await pulled(store, told(site(0)), told(scale(0)))
    written(store, scale(0))
    assert [one.instrument_id for one in await found_by(store, "")] == [identity(0)]
    await store.mirror.forget(COUNTY)
    assert [one.instrument_id for one in await found_by(store, "")] == [identity(0)]
