"""The cursor skips nothing: writers at once, commits that come late, a restored store, a scope that changes.

On PostgreSQL a commit is made late by a trigger that waits, within the commit, for a lock that the test holds. A naive cursor, a ``bigserial``
written in the very same transactions, loses rows there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event

import pytest
from sqlalchemy import make_url, text

from server.services.rows import state_row
from server.store import access as access_store
from server.store import records as store
from shared.errors import QuanhengError
from tests.server.cluster import Cluster
from tests.server.conftest import Store
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone, said

NAIVE = """
CREATE TABLE naive (number bigserial PRIMARY KEY, record_id text NOT NULL);
CREATE FUNCTION number_naively() RETURNS trigger AS
    'BEGIN INSERT INTO naive (record_id) VALUES (NEW.record_id); RETURN NULL; END' LANGUAGE plpgsql;
CREATE TRIGGER naively AFTER INSERT ON record_identity FOR EACH ROW EXECUTE FUNCTION number_naively();
"""
LATE = """
CREATE FUNCTION wait() RETURNS trigger AS
    'BEGIN PERFORM pg_advisory_xact_lock_shared(99, 1); RETURN NULL; END' LANGUAGE plpgsql;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON record_identity DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.county = '210123') EXECUTE FUNCTION wait();
"""
LOOKS = 50_000
"""Looks at PostgreSQL's table of locks before a test gives up."""
WRITERS, ROUNDS, BATCHES, SIZE = 4, 6, 6, 5


@pytest.fixture
def province(cluster: Cluster, tmp_path: Path) -> Iterator[Office]:
    """An office on PostgreSQL."""
    with cluster.database() as url:
        opened = Office(tmp_path, database_url=url)
        yield opened
        opened.close()


@contextmanager
def late_commits(office: Office) -> Iterator[Event]:
    """Commits of records of the first county wait until the event is set, or the end."""
    office.change(LATE)
    go = Event()

    def hold(held: Event) -> None:
        with office.database.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(99, 1)"))
            held.set()
            go.wait(300)

    held = Event()
    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold, held)
        assert held.wait(100)
        try:
            yield go
        finally:
            go.set()
            holding.result()


def until_waiting(office: Office, count: int) -> None:
    """Returns when that many transactions wait for a lock."""
    waiting = "SELECT count(DISTINCT pid) AS waiting FROM pg_locks WHERE NOT granted"
    for _ in range(LOOKS):
        if office.rows(waiting)[0]["waiting"] >= count:
            return
    pytest.fail(f"{count} transactions never waited")


class NaivePoller:
    """Who polls by the highest number seen."""

    def __init__(self, office: Office) -> None:
        self.office, self.number = office, 0
        self.seen: list[str] = []

    def poll(self) -> None:
        rows = self.office.rows(
            f"SELECT number, record_id FROM naive WHERE number > {self.number} ORDER BY number"  # noqa: S608
        )
        self.seen += [row["record_id"] for row in rows]
        self.number = rows[-1]["number"] if rows else self.number

    def lost(self) -> set[str]:
        return {row["record_id"] for row in self.office.rows("SELECT record_id FROM naive")} - set(self.seen)


class Poller:
    """A phone that pulls counties by their cursors, in small pages."""

    def __init__(self, phone: Phone, *counties: str) -> None:
        self.phone = phone
        self.cursors = dict.fromkeys(counties, "")
        self.seen: list[tuple[str, int, str]] = []

    def poll(self) -> None:
        for county in self.cursors:
            more = True
            while more:
                page = self.phone.pull(county, self.cursors[county], limit=3)
                self.seen += [(county, change.state_seq, change.subject) for change in page.changes]
                self.cursors[county], more = page.cursor, page.more

    def subjects(self) -> list[str]:
        return [subject for _, _, subject in self.seen]


def test_a_late_commit_is_lost_by_a_naive_cursor_and_not_by_ours(province: Office) -> None:
    """A push stands still in its commit; another county's passes it, its own county's waits for it. Polled in between, the naive cursor never sees it."""
    slow, same = province.phone("slow"), province.phone("same")
    other = province.phone("other", (COUNTY, NEXT_COUNTY))
    province.change(NAIVE)
    naive, ours = NaivePoller(province), Poller(other, COUNTY, NEXT_COUNTY)
    (first, late), (second, waits) = slow.site("late"), same.site("waits")
    third, passes = other.site("passes", county=NEXT_COUNTY)
    with ThreadPoolExecutor(2) as pool:
        with late_commits(province) as go:
            pushes = [pool.submit(slow.statuses, late)]
            until_waiting(province, 1)
            pushes.append(pool.submit(same.statuses, waits))
            until_waiting(province, 2)
            assert other.statuses(passes) == ["accepted"]
            naive.poll()
            ours.poll()
            assert (len(naive.seen), ours.subjects()) == (1, [third])
            go.set()
        assert [push.result() for push in pushes] == [["accepted"]] * 2
    naive.poll()
    ours.poll()
    assert len(naive.lost()) == 1
    assert ours.subjects() == [third, first, second]


def test_a_counter_taken_last_is_never_overtaken(province: Office) -> None:
    """Four writers in one county, none with a turn: one has its naive number first and commits last, each round. The naive cursor loses it, ours nothing."""
    phone = province.phone()
    province.change("CREATE TABLE naive (number bigserial PRIMARY KEY, record_id text NOT NULL)")
    naive, ours = NaivePoller(province), Poller(phone, COUNTY)
    subjects = [[phone.mint() for _ in range(ROUNDS)] for _ in range(WRITERS)]
    step = Barrier(WRITERS + 1, timeout=300)

    def write(writer: int) -> None:
        for subject in subjects[writer]:
            if writer:
                step.wait()
            with province.database.writing() as connection:
                connection.execute(text("INSERT INTO naive (record_id) VALUES (:s)"), {"s": subject})
                if not writer:
                    step.wait()  # The others begin,
                    step.wait()  # are committed,
                    step.wait()  # and are polled, while this transaction is open.
                _, last = store.take_numbers(connection, COUNTY, 0, 1)
                known = province.known_scale(subject, subject)
                store.keep_states(connection, [state_row(COUNTY, subject, last + 1, known)])
            if writer:
                step.wait()
                step.wait()
            step.wait()

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, writer) for writer in range(WRITERS)]
        for _ in range(ROUNDS):
            step.wait()
            step.wait()
            naive.poll()
            ours.poll()
            step.wait()
            step.wait()
            naive.poll()
            ours.poll()
        for each in writing:
            each.result()
    assert naive.lost() == set(subjects[0])
    assert sorted(ours.subjects()) == sorted(subject for each in subjects for subject in each)
    assert [seq for _, seq, _ in ours.seen] == list(range(1, WRITERS * ROUNDS + 1))


def test_a_poller_misses_nothing_while_others_push(office: Office) -> None:
    """Four phones push through two processes while a fifth pulls all the time: it sees every state once, in order, on either store."""
    second = office.another("second process")
    counties = (COUNTY, NEXT_COUNTY)
    phones = [office.phone(f"li{number}", counties) for number in range(WRITERS)]
    ready = [
        [
            [phone.site(str(n), county=counties[(n + batch) % 2]) for n in range(SIZE)]
            for batch in range(BATCHES)
        ]
        for phone in phones
    ]
    messages = [
        (phone.access, [phone.message(*[record for _, record in batch]) for batch in batches])
        for phone, batches in zip(phones, ready, strict=True)
    ]
    poller = Poller(office.phone("reader", counties), *counties)

    def push(writer: int) -> list[str]:
        receiver = (office, second)[writer % 2].house.receiver
        device, batches = messages[writer]
        return [said(ruling) for batch in batches for ruling in receiver.push(device, batch).rulings]

    with ThreadPoolExecutor(WRITERS) as pool:
        pushing = [pool.submit(push, writer) for writer in range(WRITERS)]
        while not all(each.done() for each in pushing):
            poller.poll()
        assert {status for each in pushing for status in each.result()} == {"accepted"}
    poller.poll()
    second.close()
    written = [subject for batches in ready for batch in batches for subject, _ in batch]
    assert sorted(poller.subjects()) == sorted(written)
    for county in counties:
        numbers = [seq for where, seq, _ in poller.seen if where == county]
        assert numbers == list(range(1, len(written) // 2 + 1))


def test_a_ruling_that_is_committed_late_is_not_passed_by(province: Office) -> None:
    """Rulings that reach an author by pull have a cursor over all counties: one of another county waits for one that stands still in its commit."""
    counties = (COUNTY, NEXT_COUNTY)
    author = province.phone("author", counties)
    sites = [author.mint() for _ in counties]
    held = [author.scale(site, county=county)[1] for site, county in zip(sites, counties, strict=True)]
    assert author.statuses(*held) == ["held subject_unknown"] * 2
    phones = [province.phone(f"li{county}", (county,)) for county in counties]
    records = [
        phone.site(premises_id=site, county=county)[1]
        for phone, site, county in zip(phones, sites, counties, strict=True)
    ]
    with ThreadPoolExecutor(2) as pool:
        with late_commits(province) as go:
            pushes = [pool.submit(phones[0].statuses, records[0])]
            until_waiting(province, 1)
            pushes.append(pool.submit(phones[1].statuses, records[1]))
            until_waiting(province, 2)
            before = author.pull()
            go.set()
        assert [push.result() for push in pushes] == [["accepted"]] * 2
    after = author.pull(cursor=before.cursor)
    assert [ruling.digest for ruling in before.rulings + after.rulings] == [each.digest for each in held]


@pytest.fixture
def backed_up(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    """An office whose store :func:`restore` can put back to what it was at :func:`back_up`."""
    with store() as url:
        opened = Office(tmp_path / "data", database_url=url)
        yield opened
        opened.close()
        if url:
            request.getfixturevalue("cluster").sql("DROP DATABASE IF EXISTS kept")


def back_up(office: Office, cluster: Cluster, folder: Path) -> None:
    """Copies the store, while it is closed."""
    office.close()
    if office.database_url:
        cluster.sql(f"CREATE DATABASE kept TEMPLATE {make_url(office.database_url).database}")
    else:
        shutil.copytree(office.data, folder / "kept")


def restore(office: Office, cluster: Cluster, folder: Path) -> Office:
    """The office as it was backed up, with a generation of its own."""
    office.close()
    if office.database_url:
        name = make_url(office.database_url).database
        cluster.sql(f"DROP DATABASE {name}")
        cluster.sql(f"CREATE DATABASE {name} TEMPLATE kept")
    else:
        shutil.rmtree(office.data)
        shutil.copytree(folder / "kept", office.data)
    restored = office.another("restored")
    with restored.database.writing() as connection:
        access_store.set_fact(connection, "generation", "restored")
    return restored.restarted()


def test_a_restored_store_gets_everything_again(backed_up: Office, cluster: Cluster, tmp_path: Path) -> None:
    """After a restore the cursor is out of date although the numbers fit again; what is offered anew is a duplicate or accepted, and pulled whole."""
    phone = backed_up.phone()
    (first, one), (second, two), (third, three) = (phone.site(str(number)) for number in range(3))
    phone.push(one)
    back_up(backed_up, cluster, tmp_path)
    office = phone.office = backed_up.another("next run")
    phone.push(two)
    cursor = phone.pull().cursor
    office = phone.office = restore(office, cluster, tmp_path)
    try:
        assert phone.greet().generation == "restored"
        assert phone.statuses(three) == ["accepted"]
        with pytest.raises(QuanhengError) as refused:
            phone.pull(cursor=cursor)
        assert refused.value.problem.code == "cursor_stale"
        assert phone.statuses(one, two, three) == ["duplicate", "accepted", "duplicate"]
        assert [change.subject for change in phone.pull().changes] == [first, third, second]
        assert office.check()["state"] == 3
    finally:
        office.close()


def test_a_scope_that_changes_makes_the_old_cursors_stale(office: Office) -> None:
    """Widened, the old rows of the new county arrive; narrowed, it is refused; granted again, it is fetched from its beginning."""
    wide = office.phone("wide", (COUNTY, NEXT_COUNTY))
    there, site = wide.site(county=NEXT_COUNTY)
    here, mine = wide.site()
    wide.push(site, mine)
    phone = office.phone("li")
    old = phone.pull().cursor

    def grant(counties: str, version: int) -> None:
        scope = "UPDATE device SET counties = :c, scope_version = :v WHERE device_id = :d"
        office.change(scope, c=counties, v=version, d=phone.device_id)

    def code(county: str, cursor: str) -> str:
        with pytest.raises(QuanhengError) as refused:
            phone.pull(county, cursor)
        return refused.value.problem.code

    assert code(NEXT_COUNTY, "") == "out_of_scope"
    for version in (2, 4):
        grant(f'["{COUNTY}", "{NEXT_COUNTY}"]', version)
        assert code(COUNTY, old) == "cursor_stale"
        assert [change.subject for change in phone.pull(NEXT_COUNTY).changes] == [there]
        wider = phone.pull(NEXT_COUNTY).cursor
        grant(f'["{COUNTY}"]', version + 1)
        assert code(NEXT_COUNTY, wider) == "out_of_scope"
        assert [change.subject for change in phone.pull().changes] == [here]
    grant(f'["{COUNTY}", "{NEXT_COUNTY}"]', 6)
    assert code(NEXT_COUNTY, wider) == "cursor_stale"


def test_an_old_cursor_gives_what_is_new_since(office: Office, phone: Phone) -> None:
    """A page asked for again after its answer was lost, or long after, holds every state that changed since its cursor, as it is now."""
    site_id, site = phone.site()
    scale_id, scale = phone.scale(site_id)
    phone.push(site, scale)
    old = phone.pull(limit=1).cursor
    lost = phone.pull(cursor=old)
    phone.push(phone.label(scale_id))
    again = phone.pull(cursor=old)
    assert [change.subject for change in lost.changes] == [change.subject for change in again.changes]
    assert [change.state_seq for change in lost.changes + again.changes] == [2, 3]
    assert phone.pull(cursor=lost.cursor).changes == again.changes
    assert phone.pull(cursor=again.cursor).changes == []
