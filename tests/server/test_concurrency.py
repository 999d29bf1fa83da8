"""Many at once: everything is stored once, numbers are dense, and what was committed is on disk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from server.callers import DeviceAccess
from server.services.access import Access
from server.services.attachments import Announced
from server.store.database import Database
from shared.errors import ConflictError
from sync.messages import Push
from tests.server.office import COUNTY, PASSWORD, Office, Phone

WRITERS, BATCHES, SIZE = 4, 5, 6
FULL = {
    "sqlite": [
        "CREATE TRIGGER disk BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION full_disk() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''the disk is full''; END' LANGUAGE plpgsql",
        "CREATE TRIGGER disk BEFORE INSERT ON state FOR EACH ROW EXECUTE FUNCTION full_disk()",
    ],
}
"""What makes every write of a state fail."""


def together(acts: list[Callable[[], Any]]) -> list[Any]:
    """Runs all of them at the same moment, each in a thread of its own; their answers."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def pushes(phone: Phone) -> list[tuple[DeviceAccess, Push]]:
    """What a phone pushes in some batches, made ready."""
    return [
        (phone.access, phone.message(*[phone.site(str(number))[1] for number in range(SIZE)]))
        for _ in range(BATCHES)
    ]


def test_phones_that_push_at_once_lose_nothing(office: Office) -> None:
    """Four phones push at the same time, through two openings of the same store: every record accepted, every number given once."""
    second = office.another("second process")
    phones = [office.phone(f"li{number}") for number in range(WRITERS)]
    ready = [pushes(phone) for phone in phones]

    def act(number: int) -> Callable[[], list[str]]:
        receiver = (office, second)[number % 2].house.receiver
        return lambda: [
            ruling.status.value for one in ready[number] for ruling in receiver.push(*one).rulings
        ]

    try:
        statuses = [
            status for each in together([act(number) for number in range(WRITERS)]) for status in each
        ]
    finally:
        second.close()
    total = WRITERS * BATCHES * SIZE
    assert statuses == ["accepted"] * total
    assert [row["seq"] for row in office.rows("SELECT seq FROM ledger ORDER BY seq")] == list(
        range(1, total + 1)
    )
    page = phones[0].pull()
    assert [change.state_seq for change in page.changes] == list(range(1, total + 1))
    heads = office.rows("SELECT sequence, count, forked FROM chain_head")
    assert {(row["sequence"], row["count"], row["forked"]) for row in heads} == {
        (BATCHES * SIZE, BATCHES * SIZE, 0)
    }
    assert office.check()["state"] == total


def test_one_record_pushed_many_times_at_once_stands_once(office: Office, phone: Phone) -> None:
    """The same batch in six threads: accepted once, a duplicate five times, one place in all answers."""
    _, site = phone.site()
    device, message = phone.access, phone.message(site)
    rulings = together([lambda: office.house.receiver.push(device, message).rulings[0]] * 6)
    assert sorted(ruling.status.value for ruling in rulings) == ["accepted"] + ["duplicate"] * 5
    assert {ruling.ledger_seq for ruling in rulings} == {1}


def test_the_office_does_not_fork_its_own_chain(office: Office, phone: Phone) -> None:
    """Labels issued by several people at once are one chain without a fork or a gap."""
    site_id, site = phone.site()
    made = [phone.scale(site_id, f"S{number}") for number in range(6)]
    phone.push(site, *[record for _, record in made])
    person = office.person("chen")
    scales = [office.house.registry.instrument(one) for one, _ in made]
    together([lambda each=each: office.house.labels.issue(person, [each]) for each in scales])  # type: ignore[misc]
    rows = office.rows("SELECT chain_note, sequence FROM ledger WHERE kind = 'label.bound' ORDER BY seq")
    assert [(row["chain_note"], row["sequence"]) for row in rows] == [("", number) for number in range(1, 7)]


def test_an_upload_sent_twice_at_once_is_whole(office: Office, phone: Phone) -> None:
    """The same bytes at the same offset from two requests are written once: one is told to go on from there."""
    content = bytes(100_000)
    files, device = office.house.attachments, phone.access

    def append(digest: str) -> int:
        try:
            return files.append(device, digest, 0, content).offset
        except ConflictError as error:
            return error.status

    digests = [f"{number:064x}" for number in range(20)]
    record = phone.naming(*digests)
    for digest in digests:
        files.create(device, Announced(digest, len(content) + 1, "image/jpeg", record))
        answers = together([partial(append, digest)] * 4)
        assert sorted(answers) == [409, 409, 409, len(content)]
        assert files.find(device, digest).offset == len(content)


def test_a_wrong_password_keeps_no_record_waiting(office: Office, phone: Phone) -> None:
    """Passwords are compared while others write: a sign-in under way holds no lock of the store."""
    comparing, go_on = Event(), Event()

    class Slow:
        """A hasher that stands still in the middle."""

        def hash(self, _password: str) -> str:
            return "x"

        def verify(self, _hash: str, _password: str) -> bool:
            comparing.set()
            return go_on.wait(10)

    access = Access(office.database, office.clock, office.random_bytes, Slow())  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as pool:
        signing_in = pool.submit(access.sign_in, "li", PASSWORD)
        assert comparing.wait(10)
        assert phone.statuses(phone.weight()) == ["accepted"]
        go_on.set()
        assert signing_in.result().person.login == "li"


def test_sqlite_is_opened_for_keeps(tmp_path: Path) -> None:
    """WAL, synchronous FULL, foreign keys; a writer takes the lock at once, so that a second process waits instead of failing late."""
    url = f"sqlite:///{tmp_path / 'quanheng.db'}"
    one, other = Database(url), Database(url)
    with one.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    try:
        with one.writing(), other.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            with pytest.raises(Exception, match="locked"):
                connection.execution_options(writes=True).exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        one.close()
        other.close()


def test_a_failure_in_the_middle_leaves_nothing(office: Office, phone: Phone) -> None:
    """If a push can't be written to its end nothing of it stands, and pushed again it is accepted whole."""
    records = [phone.site(str(number))[1] for number in range(3)]
    for statement in FULL[office.database.engine.dialect.name]:
        office.change(statement)
    with pytest.raises(Exception, match="disk is full"):
        phone.push(*records)
    tables = ("ledger", "record_identity", "intake", "chain_head", "county_counter", "state")
    assert [office.rows(f"SELECT * FROM {table}") for table in tables] == [[]] * 6  # noqa: S608  our own names
    office.change("DROP TRIGGER disk" + (" ON state" if office.database.is_postgresql else ""))
    assert [ruling.ledger_seq for ruling in phone.push(*records)] == [1, 2, 3]
    assert [change.county for change in phone.pull().changes] == [COUNTY] * 3
