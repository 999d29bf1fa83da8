"""A phone begins on a county pack: real store, real files, real server. Whatever goes wrong, what it has stays, and the outbox is not touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mobile.device.native import NativePackFiles
from mobile.store.packs import MARGIN, MOST
from mobile.store.work import WorkStore
from mobile.workflow.enrolment import EnrolmentStep
from shared.instrument import Instrument
from shared.premises import PremisesType
from shared.standard import Standard
from sync.messages import Change, PackOffer, Page
from sync.pack import FORMAT
from sync.ports import Answer, TransportError
from tests.mobile.finding import found_by
from tests.mobile.phone import Phone
from tests.mobile.played import played
from tests.mobile.served import SMALLEST_PIECE, STATES, Street, cut_after
from tests.server.office import COUNTY, NEXT_COUNTY, TOWNSHIP

NINE = tuple(f"2101{number:02d}" for number in range(2, 11))


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """An office with a large county."""
    opened = Street(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def lane(tmp_path: Path) -> Iterator[Street]:
    """An office with a county of a few states."""
    opened = Street(tmp_path, states=0)
    yield opened
    opened.close()


def count(store: WorkStore, table: str) -> int:
    [[found]] = store.database.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608
    return int(found)


def written_here(phone: Phone) -> list[list[tuple[Any, ...]]]:
    """Everything that this phone wrote: records, chains, drafts, pictures."""
    tables = ("record", "record_subject", "chain", "draft", "attachment")
    database = phone.store.database
    return [database.execute(f"SELECT * FROM {table}").fetchall() for table in tables]  # noqa: S608


async def with_a_record(phone: Phone) -> None:
    """A site of the phone's own, waiting to be sent."""
    await phone.app.register.premises("自己登记的市场", TOWNSHIP, PremisesType.MARKET)


async def synced(phone: Phone) -> str:
    """The code of what went wrong, or of what the phone has to do without; empty if nothing."""
    status = await phone.app.sync.run()
    found = status.problem or status.without
    return found.code if found else ""


def changed(phone_cursor: str, *changes: Change) -> Page:
    return Page(COUNTY, list(changes), phone_cursor + "+", False)


@played
async def test_a_new_phone_begins_on_the_pack(street: Street) -> None:
    """No row is written into its own store, every look-up goes over the pack, and what is newer than the pack is pulled on top."""
    site_id, scale_id, code = street.market()
    street.colleague.push(street.colleague.weight())
    street.pack()
    phone = await street.phone()
    assert await synced(phone) == ""
    store, registry = phone.store, phone.store.registry
    assert (count(store, "main.state"), count(store, "known")) == (0, STATES + 3)
    scale = await registry.by_label(code)
    assert scale
    assert scale.instrument_id == scale_id
    assert await registry.instrument(scale_id) == scale
    assert await registry.by_serial("240301187") == [scale]
    assert await registry.at(site_id) == [scale]
    assert await found_by(store, code[:6]) == [scale]
    assert await found_by(store, "张强镇中心") == [scale]
    assert [site.premises_id for site in await registry.all_premises()] == [site_id]
    assert [type(weight) for weight in await registry.standards()] == [Standard]
    assert not await registry.is_own(scale_id)
    street.colleague.push(street.colleague.label(scale_id, "8Q3K9M2V"))
    assert await synced(phone) == ""
    assert await registry.by_label(code) is None
    assert (await found_by(store, "8Q3K9M2V"))[0].version == scale.version + 1
    assert (count(store, "main.state"), count(store, "known")) == (1, STATES + 3)
    again = await phone.reopened()
    assert await again.store.registry.by_label("8Q3K9M2V")
    assert street.packs_on() == [f"pack-{COUNTY}-a.db"]
    again.store.close()


@played
async def test_a_tombstone_hides_the_pack_until_the_subject_returns(lane: Street) -> None:
    """Gone from the county is gone from every look-up, over a restart too; back again is back; and forgetting the county leaves none of it."""
    _site_id, scale_id, code = lane.market()
    lane.pack()
    phone = await lane.phone()
    assert await synced(phone) == ""
    store = phone.store
    scale = await store.registry.by_label(code)
    cursor = await store.mirror.cursor(COUNTY)
    await store.mirror.apply(changed(cursor, Change("instrument", scale_id, COUNTY, 90)), cursor)
    phone = await phone.reopened()
    store = phone.store
    assert await store.registry.by_label(code) is None
    assert await store.registry.instrument(scale_id) is None
    assert await found_by(store, code) == []
    cursor = await store.mirror.cursor(COUNTY)
    back = Change("instrument", scale_id, COUNTY, 91, msgspec.json.encode(scale))
    await store.mirror.apply(changed(cursor, back), cursor)
    assert await store.registry.by_label(code) == scale
    cursor = await store.mirror.cursor(COUNTY)
    await store.mirror.apply(changed(cursor, Change("instrument", scale_id, COUNTY, 92)), cursor)
    await store.mirror.forget(COUNTY)
    assert await store.mirror.counties() == []
    assert [count(store, table) for table in ("known", "gone", "pack")] == [0, 0, 0]
    store.close()


@played
async def test_a_fetch_that_is_cut_and_killed_goes_on_where_it_was(street: Street) -> None:
    """The line is cut in the middle and the app killed: the next run asks for the first byte that is missing, and for none twice."""
    street.pack()
    phone = await street.phone()
    await with_a_record(phone)
    before = written_here(phone)
    street.line.through = cut_after(1)
    assert await synced(phone) == "no_network"
    assert street.packs_on() == [f"pack-{COUNTY}.gz"]
    assert (street.folder / "packs" / f"pack-{COUNTY}.gz").stat().st_size == SMALLEST_PIECE
    phone = await phone.reopened()
    assert written_here(phone)[2:] == before[2:]
    assert len(written_here(phone)[0]) == len(before[0])
    street.line.asked.clear()
    street.line.through = lambda _path, answer: answer
    assert await synced(phone) == ""
    pieces = street.line.pieces()
    assert pieces[0][0] == SMALLEST_PIECE
    assert [start for start, _end in pieces[1:]] == [end + 1 for _start, end in pieces[:-1]]
    assert count(phone.store, "known") >= STATES
    assert street.packs_on() == [f"pack-{COUNTY}-a.db"]
    phone.store.close()


@played
async def test_a_pack_built_anew_in_the_middle_is_begun_again(street: Street) -> None:
    """Where the half-fetched pack is no longer the newest its bytes are dropped: no file is made of two packs."""
    street.pack()
    phone = await street.phone()
    street.line.through = cut_after(1)
    assert await synced(phone) == "no_network"
    street.market()
    newest = street.pack()
    street.line.asked.clear()
    street.line.through = lambda _path, answer: answer
    assert await synced(phone) == ""
    assert street.line.pieces()[0][0] == 0
    assert {path for path, asked in street.line.asked if asked} == {f"{COUNTY}/{newest}"}
    assert count(phone.store, "known") == STATES + 2
    phone.store.close()


@played
async def test_a_pack_swept_in_the_middle_is_begun_again_at_once(street: Street) -> None:
    """Two newer packs are built between two pieces: the server says that this one is gone, and the same sync fetches the newest."""
    street.pack()
    phone = await street.phone()
    left = [1]

    def through(_path: str, answer: Answer) -> Answer:
        if answer.status == 206 and left[0]:
            left[0] = 0
            for _time in range(2):
                street.market()
                street.pack()
        return answer

    street.line.through = through
    assert await synced(phone) == ""
    assert count(phone.store, "known") == STATES + 4
    phone.store.close()


@played
async def test_a_damaged_pack_is_thrown_away(street: Street) -> None:
    """One byte changed on the way: nothing is mounted, it is said in words, the states come page by page, and what was written stays."""
    street.pack()
    phone = await street.phone()
    await with_a_record(phone)
    before = written_here(phone)

    def through(_path: str, answer: Answer) -> Answer:
        if answer.status != 206:
            return answer
        body = bytearray(answer.body)
        body[len(body) // 2] ^= 1
        return Answer(206, bytes(body), answer.headers)

    street.line.through = through
    assert await synced(phone) == "pack_damaged"
    assert street.packs_on() == []
    assert [count(phone.store, table) for table in ("pack", "fetching")] == [0, 0]
    assert count(phone.store, "main.state") == STATES + 1
    assert [row[:6] for row in written_here(phone)[0]] == [row[:6] for row in before[0]]
    assert await synced(phone) == "", "the next sync has nothing left to do without"
    phone.store.close()


class Cramped(NativePackFiles):
    """A phone with little room left."""

    free = 0

    async def free_bytes(self) -> int | None:
        return self.free


class Full(NativePackFiles):
    """A phone whose disk is full when a file of this ending is written."""

    ending = ""

    async def open(self, name: str) -> Path:
        path = await super().open(name)
        return Path("/dev/full") if self.ending and name.endswith(self.ending) else path


@played
async def test_a_pack_that_does_not_fit_is_not_begun(lane: Street) -> None:
    """The room is looked at before; what is lacking is said, nothing fills up the phone, recording goes on, and with room the pack comes."""
    _site_id, _scale_id, code = lane.market()
    lane.pack()
    files = Cramped(lane.folder)
    phone = await lane.phone(files)
    await phone.app.enrolment.first_pull()
    assert phone.app.enrolment.view.step is EnrolmentStep.READY, "a phone without room can still be used"
    without = phone.app.sync.status.without
    assert without
    assert without.code == "pack_no_room"
    assert int(without.details["needed"]) > MARGIN // 1_000_000
    assert [asked for _path, asked in lane.line.asked if asked] == []
    assert lane.packs_on() == []
    await with_a_record(phone)
    assert await synced(phone) == "pack_no_room"
    assert (await phone.store.records.counts()).get("waiting", 0) == 0, "records are sent all the same"
    files.free = 1 << 30
    assert await synced(phone) == ""
    assert await phone.store.registry.by_label(code)
    phone.store.close()


@pytest.mark.parametrize("ending", [".gz", "-a.db"])
@played
async def test_a_disk_that_fills_up_meanwhile(lane: Street, ending: str) -> None:
    """Full while fetching or while unpacking: what was fetched is given back, what was there stays, and it is said in words."""
    lane.market()
    lane.pack()
    files = Full(lane.folder)
    phone = await lane.phone(files)
    await with_a_record(phone)
    files.ending = ending
    assert await synced(phone) == "pack_no_room"
    assert lane.packs_on() == []
    assert count(phone.store, "fetching") == 0
    assert (await phone.store.records.counts()).get("waiting", 0) == 0
    files.ending = ""
    assert await synced(phone) == ""
    assert lane.packs_on() == [f"pack-{COUNTY}-a.db"]
    phone.store.close()


@played
async def test_a_pack_for_a_newer_app_is_left_alone(lane: Street) -> None:
    """It is not fetched; the phone says that the app should be updated, and gets the states page by page."""
    _site_id, _scale_id, code = lane.market()
    lane.pack()
    phone = await lane.phone()

    def through(path: str, answer: Answer) -> Answer:
        if not path.endswith(f"/packs/{COUNTY}") or answer.status != 200:
            return answer
        offer = msgspec.msgpack.decode(answer.body, type=PackOffer)
        newer = msgspec.structs.replace(offer.pack, format=FORMAT + 1)
        return Answer(200, msgspec.msgpack.encode(msgspec.structs.replace(offer, pack=newer)))

    lane.line.through = through
    assert await synced(phone) == "pack_newer"
    assert await phone.store.registry.by_label(code)
    assert lane.packs_on() == []
    phone.store.close()


@played
async def test_a_server_without_packs_is_pulled_from_page_by_page(lane: Street) -> None:
    """No pack of the county, as an older server says too, is nothing to complain of."""
    _site_id, _scale_id, code = lane.market()
    phone = await lane.phone()
    assert await synced(phone) == ""
    assert await phone.store.registry.by_label(code)
    phone.store.close()


def widened(lane: Street) -> None:
    """The scope of every phone changes: all cursors are out of date."""
    with lane.office.database.writing() as connection:
        connection.exec_driver_sql("UPDATE device SET scope_version = scope_version + 1")


@played
async def test_a_newer_pack_takes_the_place_of_an_older_one(lane: Street) -> None:
    """When the cursor is out of date the newest pack goes into the other slot, all that was pulled over the old one goes with it, and the old
    slot's room is given back.
    """
    _site_id, scale_id, _code = lane.market()
    lane.pack()
    phone = await lane.phone()
    assert await synced(phone) == ""
    lane.colleague.push(lane.colleague.label(scale_id, "8Q3K9M2V"))
    await with_a_record(phone)
    assert await synced(phone) == ""
    assert count(phone.store, "main.state") == 2
    lane.pack()
    widened(lane)
    before = written_here(phone)
    assert await synced(phone) == ""
    assert written_here(phone) == before
    assert lane.packs_on() == [f"pack-{COUNTY}-b.db"]
    assert count(phone.store, "main.state") == 0
    assert await phone.store.registry.by_label("8Q3K9M2V")
    phone = await phone.reopened()
    assert await phone.store.registry.by_label("8Q3K9M2V")
    phone.store.close()


@played
async def test_the_same_pack_is_not_fetched_twice(lane: Street) -> None:
    """A cursor out of date, and the pack that the county stands on is still the newest: the phone takes the new cursor and fetches nothing."""
    _site_id, scale_id, _code = lane.market()
    lane.pack()
    phone = await lane.phone()
    assert await synced(phone) == ""
    lane.colleague.push(lane.colleague.label(scale_id, "8Q3K9M2V"))
    widened(lane)
    lane.line.asked.clear()
    assert await synced(phone) == ""
    assert [asked for _path, asked in lane.line.asked if asked] == []
    assert await phone.store.registry.by_label("8Q3K9M2V")
    assert lane.packs_on() == [f"pack-{COUNTY}-a.db"]
    phone.store.close()


@played
async def test_until_the_newer_pack_is_whole_the_old_one_serves(lane: Street) -> None:
    """The fetch of the newer pack is cut or finds no room: every look-up answers from the old one as before."""
    _site_id, _scale_id, code = lane.market()
    lane.pack()
    files = Cramped(lane.folder)
    files.free = 1 << 30
    phone = await lane.phone(files)
    assert await synced(phone) == ""
    lane.market()
    lane.pack()
    widened(lane)
    lane.line.through = cut_after(0)
    assert await synced(phone) == "no_network"
    assert await phone.store.registry.by_label(code)
    files.free = 0
    lane.line.through = lambda _path, answer: answer
    assert await synced(phone) == "pack_no_room"
    phone = await phone.reopened()
    assert await phone.store.registry.by_label(code)
    phone.store.close()


@played
async def test_a_pack_takes_over_what_it_shows_and_leaves_the_rest(lane: Street) -> None:
    """A record's answer is lost on the way: what the pack has of it is the server's from then on, and what the pack lacks stays the phone's own."""
    lane.market()
    lane.pack()
    phone = await lane.phone()
    assert await synced(phone) == ""
    await with_a_record(phone)

    def through(path: str, answer: Answer) -> Answer:
        if path.endswith("/push"):
            raise TransportError("the answer is lost")
        return answer

    lane.line.through = through
    assert await synced(phone) == "no_network"
    lane.pack()
    await phone.app.register.premises("还没有传的市场", TOWNSHIP, PremisesType.MARKET)
    sites = {site.name: site.premises_id for site in await phone.store.registry.all_premises()}
    offer = lane.office.house.packs.offer(lane.colleague.access, COUNTY)
    content = lane.office.house.packs.file(lane.colleague.access, COUNTY, offer.digest).read_bytes()
    packs = phone.store.packs
    assert packs
    assert await packs.begin(offer) == 0
    await packs.add(offer, 0, content)
    await packs.install(offer)
    assert not await phone.store.registry.is_own(sites["自己登记的市场"])
    assert await phone.store.registry.is_own(sites["还没有传的市场"])
    assert (await phone.store.records.counts())["waiting"] == 2, "both are still to be sent"
    phone.store.close()


@played
async def test_a_store_from_a_backup_forgets_a_pack_that_is_not_its_own(lane: Street) -> None:
    """An older ``work.db`` beside newer files: the county is fetched anew, nothing wrong is shown, and the phone's records are there."""
    _site_id, _scale_id, code = lane.market()
    lane.pack()
    phone = await lane.phone()
    await with_a_record(phone)
    assert await synced(phone) == ""
    before = written_here(phone)
    phone.store.close()
    slot = lane.folder / "packs" / f"pack-{COUNTY}-a.db"
    for damage in (b"", b"no database at all" * 1000):
        slot.write_bytes(damage)
        again = Phone(
            phone.path, phone.clock, phone.office, phone.keys.restarted(), pack_files=phone.pack_files
        )
        await again.store.mount()
        assert await again.store.registry.by_label(code) is None
        assert written_here(again) == before
        await again.app.start()
        assert await synced(again) == ""
        assert await again.store.registry.by_label(code)
        again.store.close()


@played
async def test_opening_reads_no_rows(tmp_path: Path) -> None:
    """SQLite takes as many steps to open a store on a pack of 6,000 states as on one of a few."""
    steps = []
    for states in (0, STATES):
        street = Street(tmp_path / str(states), states=states)
        street.market()
        street.pack()
        phone = await street.phone()
        assert await synced(phone) == ""
        phone = phone.killed()
        taken = [0]

        def step(taken: list[int] = taken) -> int:
            taken[0] += 1
            return 0

        phone.store.database.conn.set_progress_handler(step, 1)
        await phone.store.mount()
        phone.store.database.conn.set_progress_handler(None, 1)
        assert count(phone.store, "known") == states + 2
        steps.append(taken[0])
        phone.store.close()
        street.close()
    assert steps[0] == steps[1]


@played
async def test_nine_counties_are_eight_packs_and_one_by_pages(tmp_path: Path) -> None:
    """SQLite mounts no more: the ninth county comes page by page, look-ups go over all, and a county that leaves the scope frees its place."""
    street = Street(tmp_path, NINE, states=0)
    for county in NINE:
        street.colleague.push(street.colleague.site(f"市场 {county}", county=county)[1])
    street.office.house.packs.refresh(every=True)
    phone = await street.phone()
    assert await synced(phone) == "pack_too_many"
    assert count(phone.store, "pack") == MOST
    assert {site.county for site in await phone.store.registry.all_premises()} == set(NINE)
    scope = msgspec.json.encode(list(NINE[1:])).decode()
    with street.office.database.writing() as connection:
        connection.exec_driver_sql("UPDATE device SET counties = ?, scope_version = 2", (scope,))
    assert await synced(phone) == ""
    assert {site.county for site in await phone.store.registry.all_premises()} == set(NINE[1:])
    assert street.packs_on() == [f"pack-{county}-a.db" for county in NINE[1:]]
    phone.store.close()
    street.close()


@played
async def test_an_instrument_that_moves_out_of_a_pack_is_in_one_place(tmp_path: Path) -> None:
    """A tombstone in the pack's county and a state in another: one instrument, where it is now."""
    street = Street(tmp_path, (COUNTY, NEXT_COUNTY), states=0)
    _site_id, scale_id, code = street.market()
    street.pack()
    phone = await street.phone()
    assert await synced(phone) == ""
    store = phone.store
    scale = await store.registry.instrument(scale_id)
    assert isinstance(scale, Instrument)
    moved = msgspec.structs.replace(scale, county=NEXT_COUNTY, stall="Z9")
    there = await store.mirror.cursor(NEXT_COUNTY)
    state = Change("instrument", scale_id, NEXT_COUNTY, 90, msgspec.json.encode(moved))
    assert await store.mirror.apply(Page(NEXT_COUNTY, [state], "there", False), there)
    here = await store.mirror.cursor(COUNTY)
    assert await store.mirror.apply(changed(here, Change("instrument", scale_id, COUNTY, 91)), here)
    assert await store.registry.by_label(code) == moved
    assert await store.registry.by_serial("2403-01187") == [moved]
    store.close()
    street.close()


@played
async def test_a_copy_of_the_files_opens_anywhere(lane: Street, tmp_path: Path) -> None:
    """Nothing in the store names the folder that it lies in."""
    _site_id, _scale_id, code = lane.market()
    lane.pack()
    phone = await lane.phone()
    assert await synced(phone) == ""
    phone.store.close()
    elsewhere = tmp_path / "else where?"
    elsewhere.mkdir()
    shutil.copy(lane.folder / "work.db", elsewhere / "work.db")
    shutil.copytree(lane.folder / "packs", elsewhere / "packs")
    store = WorkStore(elsewhere / "work.db", pack_files=NativePackFiles(elsewhere))
    await store.mount()
    assert await store.registry.by_label(code)
    store.close()
