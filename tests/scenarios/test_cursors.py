"""Scenarios 15–24: what a phone has of the office's states, whatever happens between two pages."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from shared.errors import InputError
from sync.ports import Answer, TransportError
from tests.mobile.phone import Phone
from tests.mobile.played import played
from tests.scenarios.town import (
    COUNTY,
    Town,
    agree,
    blade_of,
    device_id,
    line_of,
    mirror,
    registered,
    shown_by,
    statuses,
    sync,
)
from tests.server.cluster import Cluster
from tests.server.office import NEXT_COUNTY
from tests.server.test_cursor import back_up, restore
from tests.sync.test_client import client_of

COMMITS = 8
"""That a whole sync of the story makes."""


def fill(town: Town, sites: int, county: str = COUNTY) -> list[str]:
    """A colleague registers so many sites; their numbers."""
    colleague = town.office.phone(f"colleague {county} {len(town.ledger())}", (COUNTY, NEXT_COUNTY))
    made = [colleague.site(f"市场{number}", county=county) for number in range(sites)]
    colleague.push(*[record for _number, record in made])
    return [number for number, _record in made]


@pytest.mark.parametrize("commits", range(COMMITS + 1))
@played
async def test_15_a_phone_that_dies_at_any_commit_repeats_and_skips_nothing(town: Town, commits: int) -> None:
    """15. Killed at each commit of a sync in turn, between rows and cursor too: the next run has every state and every record, once."""
    phone = await town.phone()
    fill(town, 7)
    await registered(phone, "甲")
    line_of(phone).page = 3
    client = await client_of(phone)
    blade_of(phone).arm(phone, commits)
    died = False
    try:
        await client.sync()
    except sqlite3.DatabaseError:
        died = True
    blade_of(phone).sheathe()
    phone = await town.again(phone)
    assert died == (commits < COMMITS), "the story has another number of commits than the test says"
    assert (await sync(phone)).finished
    await agree(town, phone)


@played
async def test_16_a_late_page_for_an_old_cursor_is_dropped(town: Town) -> None:
    """16. While a page is on its way another run of the engine over the same store gets to the end: the late page changes nothing."""
    phone = await town.phone()
    fill(town, 5)
    line, request = line_of(phone), line_of(phone).request
    line.page = 2
    further: list[str] = []

    async def overtaken(
        method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        answer = await request(method, path, body, headers)
        if "/pull/" in path and not further:
            further.append("")
            assert (await sync(phone)).pulled == 5
            further[0] = await phone.store.mirror.cursor(COUNTY)
        return answer

    line.request = overtaken  # type: ignore[method-assign]
    outcome = await sync(phone)
    assert (outcome.finished, outcome.pulled) == (True, 0)
    assert await phone.store.mirror.cursor(COUNTY) == further[0]
    await agree(town, phone)


@played
async def test_17_a_store_emptied_during_a_pull_takes_nothing_of_it(town: Town) -> None:
    """17. The county is forgotten while its page is on the way: nothing of the page is applied, and the next sync begins at the beginning."""
    phone = await town.phone()
    fill(town, 3)
    line, request = line_of(phone), line_of(phone).request

    async def forgets(
        method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        answer = await request(method, path, body, headers)
        if "/pull/" in path:
            await phone.store.mirror.forget(COUNTY)
        return answer

    fill(town, 1)
    assert (await sync(phone)).finished
    line.request = forgets  # type: ignore[method-assign]
    fill(town, 1)
    assert (await sync(phone)).pulled == 0
    assert mirror(phone) == {}
    line.request = request  # type: ignore[method-assign]
    assert (await sync(phone)).finished
    await agree(town, phone)


@played
async def test_18_a_place_that_cant_be_kept_keeps_no_record_back(town: Town) -> None:
    """18. The phone can't save its cursor: what it wrote is pushed and ruled on, no row comes without its cursor, it is said in words, and later all is whole."""
    phone = await town.phone()
    fill(town, 3)
    digest = await registered(phone, "甲")
    before = mirror(phone)
    phone.store.database.execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON main.cursor BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )
    with pytest.raises((InputError, sqlite3.IntegrityError)):
        await sync(phone)
    assert (await statuses(phone))[digest] == "accepted"
    assert mirror(phone) == before
    phone.store.database.execute("DROP TRIGGER full")
    assert (await sync(phone)).finished
    await agree(town, phone)


@played
async def test_19_the_offices_clock_goes_back_and_nothing_is_lost(town: Town) -> None:
    """19. The server's clock is set back a year between two pushes: numbers still rise, the phone's cursor skips nothing."""
    phone, other = await town.phone("li"), await town.phone("zhao")
    await registered(phone, "甲")
    assert (await sync(phone)).finished
    town.office.clock.advance(timedelta(days=-365))
    await registered(phone, "乙")
    for each in (phone, other, phone):
        assert (await sync(each)).finished
    rows = town.office.rows("SELECT seq, received_at FROM ledger ORDER BY seq")
    assert rows[-1]["received_at"] < rows[0]["received_at"]
    await agree(town, phone, other)


@played
@pytest.mark.parametrize("seen", range(6))
async def test_20_pulled_from_any_place_the_end_is_the_same(town: Town, seen: int) -> None:
    """20. A phone that stood anywhere when states were changed anew ends with what a phone has that pulled once at the end."""
    phone = await town.phone()
    subjects = fill(town, 5)
    line, pages = line_of(phone), []

    def cut(_method: str, route: str, _body: bytes) -> None:
        if route.startswith("/pull/"):
            pages.append(route)
            if len(pages) > seen:
                raise TransportError("cut")

    line.page, line.before = 1, cut
    await sync(phone)
    line.free()
    colleague = town.office.phone("later")
    colleague.push(*[colleague.site("改名", premises_id=number)[1] for number in subjects[::2]])
    assert (await sync(phone)).finished
    fresh = await town.phone("fresh")
    assert (await sync(phone)).finished
    assert mirror(phone) == mirror(fresh)
    await agree(town, phone, fresh)


@played
async def test_21_an_interrupted_pull_goes_on_where_it_was(town: Town) -> None:
    """21. Cut and killed after every page, a long pull ends complete, and no page that was kept is asked for again."""
    phone = await town.phone()
    fill(town, 20)
    pages = 0
    while True:
        line = line_of(phone)
        line.page, allowed = 3, [1]

        def one_page(
            _method: str, route: str, _body: bytes, line: object = line, allowed: list[int] = allowed
        ) -> None:
            if route.startswith("/pull/"):
                if not allowed[0]:
                    raise TransportError("cut")
                allowed[0] -= 1

        line.before = one_page
        outcome = await sync(phone)
        pages += 1
        phone = await town.again(phone)
        if outcome.finished:
            break
    line_of(phone).free()
    assert pages == 7
    await agree(town, phone)


@played
async def test_22_a_county_that_leaves_the_scope_goes_and_what_was_written_stays(town: Town) -> None:
    """22. Narrowed with unsent records for that county: its states go, the records are handed over, refused, and kept byte for byte on both sides."""
    phone = await town.phone(counties=(COUNTY, NEXT_COUNTY))
    fill(town, 3, NEXT_COUNTY)
    assert (await sync(phone)).finished
    assert len(mirror(phone, NEXT_COUNTY)) == 3
    unsent = await registered(phone, "外", "210124100")
    here = await registered(phone, "内")
    town.grant(await device_id(phone), [COUNTY], 2)
    assert (await sync(phone)).finished
    assert mirror(phone, NEXT_COUNTY) == {}
    found = await statuses(phone)
    assert (found[unsent], found[here]) == ("refused", "accepted")
    assert town.intake()[unsent][1] == "out_of_scope"
    await agree(town, phone)


@played
async def test_23_a_widened_scope_brings_the_old_rows(town: Town) -> None:
    """23. A county is added, taken and given again: its old states come whole each time, the other county's are not lost."""
    phone = await town.phone()
    fill(town, 3, NEXT_COUNTY)
    fill(town, 2)
    device = await device_id(phone)
    for version in (2, 4):
        town.grant(device, [COUNTY, NEXT_COUNTY], version)
        assert (await sync(phone)).finished
        assert len(mirror(phone, NEXT_COUNTY)) == 3
        await agree(town, phone)
        town.grant(device, [COUNTY], version + 1)
        assert (await sync(phone)).finished
        assert (mirror(phone, NEXT_COUNTY), len(mirror(phone))) == ({}, 2)


@played
async def test_24_a_phone_from_a_backup_is_not_wiped(town: Town, tmp_path: Path) -> None:
    """24. A phone put back to before its first pull, with records that it had not sent, meets an office that moved on: all it wrote arrives, nothing is dropped."""
    phone = await town.phone()
    await phone.store.mirror.forget(COUNTY)
    unsent = await registered(phone, "甲")
    copy = phone.store.database.conn.serialize()
    fill(town, 4)
    assert (await sync(phone)).finished
    lost = await registered(phone, "乙")
    assert (await sync(phone)).finished
    put_back(phone, copy)
    phone = await town.again(phone)
    assert await phone.store.mirror.cursor(COUNTY) == ""
    assert (await sync(phone)).finished
    assert (await statuses(phone))[unsent] == "duplicate"
    assert set(town.ledger()) >= {unsent, lost}
    await agree(town, phone)


def put_back(phone: Phone, copy: bytes) -> None:
    """An older copy of the store takes the place of the file."""
    phone.store.database.conn.close()
    Path(phone.path).write_bytes(copy)
    phone.store.database.conn = sqlite3.connect(":memory:")


@played
async def test_a_server_restored_between_two_pages(town: Town, cluster: Cluster, tmp_path: Path) -> None:
    """Beyond the list: the office is put back to a backup after a pull's first page: the rest is not mixed in, and what the backup lacked comes back from the phone."""
    phone = await town.phone()
    fill(town, 4)
    kept = await registered(phone, "甲")
    assert (await sync(phone)).finished
    back_up(town.office, cluster, tmp_path)
    town.serve(town.office.another("next run", demo=True))
    after = await registered(phone, "乙")
    fill(town, 4)
    line, once = line_of(phone), [True]

    def restores(route: str, answer: Answer) -> Answer:
        if route.startswith("/pull/") and once[0]:
            once[0] = False
            raise TransportError("the office went while it answered")
        return answer

    line.page, line.after = 2, restores
    await sync(phone)
    assert (await statuses(phone))[after] == "accepted"
    town.serve(restore(town.office, cluster, tmp_path))
    line.free()
    try:
        assert after not in town.ledger()
        assert (await sync(phone)).finished
        assert {kept, after} <= set(town.ledger())
        assert mirror(phone) == shown_by(town)
        await agree(town, phone)
    finally:
        if town.office.database_url:
            cluster.sql("DROP DATABASE IF EXISTS kept")


@played
async def test_a_generation_that_changes_between_two_pages(town: Town) -> None:
    """Beyond the list: the office restarts under another generation after the first page of a pull: the phone fetches the county anew in the same sync."""
    phone = await town.phone()
    fill(town, 5)
    line, once = line_of(phone), [True]

    def changes(route: str, answer: Answer) -> Answer:
        if route.startswith("/pull/") and once[0]:
            once[0] = False
            town.change_generation()
        return answer

    line.page, line.after = 2, changes
    assert (await sync(phone)).finished
    assert mirror(phone) == shown_by(town)
    assert (await sync(phone)).finished
    assert await phone.store.outbox.generation() == "restored"
    await agree(town, phone)
