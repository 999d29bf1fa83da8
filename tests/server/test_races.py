"""Two at once, in two processes over one store: the rulings are those of one after the other, nothing is lost, nothing is a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, text

from server.services.access import WRONG_PASSWORDS
from server.store.database import TRIES, Database, OvertakenError
from shared.errors import QuanhengError
from shared.instrument import Instrument
from sync.envelope import Sealed
from sync.messages import Ruling, Status
from tests.server.conftest import Store
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone, said
from tests.server.test_concurrency import together

ROUNDS = 6
COUNTIES = (COUNTY, NEXT_COUNTY)


@pytest.fixture
def second(office: Office) -> Iterator[Office]:
    """The same office in another process."""
    opened = office.another("second process")
    yield opened
    opened.close()


def pushing(office: Office, phone: Phone, *records: Sealed) -> Callable[[], list[str]]:
    """A push of these records to one of the processes, made ready."""
    device, message = phone.access, phone.message(*records)
    return lambda: [said(ruling) for ruling in office.house.receiver.push(device, message).rulings]


def code_of(act: Callable[[], Any]) -> str:
    """What an act is refused with, or ``done``."""
    try:
        act()
    except QuanhengError as error:
        return error.problem.code
    return "done"


def test_one_record_to_two_processes_stands_once(office: Office, second: Office) -> None:
    """The same record pushed to both at once: accepted once, a duplicate once."""
    phone = office.phone()
    for _ in range(ROUNDS):
        _, site = phone.site()
        answers = together([pushing(each, phone, site) for each in (office, second)] * 2)
        assert sorted(answers) == [["accepted"]] + [["duplicate"]] * 3
    assert len(office.rows("SELECT seq FROM ledger")) == ROUNDS
    assert office.check()["state"] == ROUNDS


def test_one_number_with_other_bytes_in_two_counties(office: Office, second: Office) -> None:
    """One id, other bytes, in two counties at once: the first is accepted, the other is ``identity_reused``, and both are kept."""
    phones = [office.phone(f"li{county}", (county,)) for county in COUNTIES]
    for _ in range(ROUNDS):
        number = phones[0].mint()
        records = [
            phone.site(county, record_id=number, county=county)[1]
            for phone, county in zip(phones, COUNTIES, strict=True)
        ]
        acts = [
            pushing(process, phone, record)
            for process, phone, record in zip((office, second), phones, records, strict=True)
        ]
        assert sorted(together(acts)) == [["accepted"], ["refused identity_reused"]]
        kept = office.rows("SELECT digest FROM ledger UNION ALL SELECT digest FROM intake")
        assert {record.digest for record in records} <= {row["digest"] for row in kept}
    assert len(office.rows("SELECT record_id FROM record_identity")) == ROUNDS
    assert office.check()["state"] == ROUNDS


def test_one_label_bound_by_two_phones_at_once(office: Office, second: Office) -> None:
    """Both records stand; on one instrument each counts as a version, and the label in force is the later one's."""
    phones = [office.phone("li"), office.phone("zhao")]
    site_id, site = phones[0].site()
    phones[0].push(site)
    for number in range(ROUNDS):
        scale_id, scale = phones[0].scale(site_id, str(number))
        phones[0].push(scale)
        labels = [phone.label(scale_id, f"0000{number:03d}{n}") for n, phone in enumerate(phones)]
        acts = [
            pushing(process, phone, label)
            for process, phone, label in zip((office, second), phones, labels, strict=True)
        ]
        assert together(acts) == [["accepted"]] * 2
        found = office.house.registry.instrument(scale_id)
        assert found.version == 3
        [last] = office.rows(
            f"SELECT digest FROM ledger WHERE seq = (SELECT max(seq) FROM ledger) AND county = '{COUNTY}'"  # noqa: S608
        )
        assert found.label == f"0000{number:03d}{[label.digest for label in labels].index(last['digest'])}"
    office.check()


def test_one_label_on_two_instruments_at_once(office: Office, second: Office) -> None:
    """One code on two instruments of two counties: both stand and are found under it, and one of the phones is told."""
    phones = [office.phone(f"li{county}", (county,)) for county in COUNTIES]
    acts, scales = [], []
    for phone, county, process in zip(phones, COUNTIES, (office, second), strict=True):
        site_id, site = phone.site(county=county)
        scale_id, scale = phone.scale(site_id, county, county=county)
        phone.push(site, scale)
        scales.append(scale_id)
        acts.append(pushing(process, phone, phone.label(scale_id, county=county)))
    assert sorted(together(acts)) == [["accepted"], ["conflicting label_disputed"]]
    found = office.rows("SELECT instrument_id FROM instrument_index WHERE label = '7Q3K9M2V'")
    assert sorted(row["instrument_id"] for row in found) == sorted(scales)
    office.check()


def test_one_label_taken_off_in_two_counties_at_once(office: Office, second: Office) -> None:
    """One code on three instruments; two of them get labels of their own at the same moment: the phone of the third is told that nothing is at odds."""
    counties = (COUNTY, NEXT_COUNTY, COUNTY)
    phones = [office.phone(f"li{number}", (county,)) for number, county in enumerate(counties)]
    for number in range(ROUNDS):
        scales, bound = [], []
        for each, (phone, county) in enumerate(zip(phones, counties, strict=True)):
            site_id, site = phone.site(county=county)
            scale_id, scale = phone.scale(site_id, f"{number}-{each}", county=county)
            label = phone.label(scale_id, f"0000{number:03d}0", county=county)
            assert phone.statuses(site, scale)[1] == "accepted"
            scales.append(scale_id)
            bound.append(label)
        said_first = [phone.statuses(label) for phone, label in zip(phones, bound, strict=True)]
        assert said_first == [["accepted"]] + [["conflicting label_disputed"]] * 2
        acts = [
            pushing(process, phone, phone.label(scale_id, f"0000{number:03d}{1 + each}", county=county))
            for each, (process, phone, scale_id, county) in enumerate(
                zip((office, second), phones, scales, counties, strict=False)
            )
        ]
        assert together(acts) == [["accepted"]] * 2
        told = office.rows(
            f"SELECT ruling FROM later_ruling WHERE device = '{phones[2].access.device_id}' ORDER BY number DESC"  # noqa: S608
        )
        last = msgspec.msgpack.decode(told[0]["ruling"], type=Ruling)
        assert (last.digest, last.status) == (bound[2].digest, Status.ACCEPTED)
    office.check()


def test_one_site_registered_in_two_counties_at_once(office: Office, second: Office) -> None:
    """A subject has one home: the first is accepted, the other waits for a person, as if one had come after the other."""
    phones = [office.phone(f"li{county}", (county,)) for county in COUNTIES]
    for _ in range(ROUNDS):
        site_id = phones[0].mint()
        acts = [
            pushing(process, phone, phone.site(premises_id=site_id, county=county)[1])
            for process, phone, county in zip((office, second), phones, COUNTIES, strict=True)
        ]
        assert sorted(together(acts)) == [["accepted"], ["held county_wrong"]]
    assert office.check()["state"] == ROUNDS


@pytest.mark.parametrize("counties", [(COUNTY, COUNTY), COUNTIES])
def test_what_waits_is_not_missed_by_what_it_waits_for(
    office: Office, second: Office, counties: tuple[str, str]
) -> None:
    """A scale and its site at once: the scale is applied in one county, and in two waits for a person; it never waits for what is there."""
    phones = [office.phone(f"li{number}", (county,)) for number, county in enumerate(counties)]
    for number in range(ROUNDS):
        site_id, site = phones[0].site(county=counties[0])
        _, scale = phones[1].scale(site_id, str(number), county=counties[1])
        acts = [pushing(office, phones[0], site), pushing(second, phones[1], scale)]
        first, _ = together(acts)
        assert first == ["accepted"]
    left = {row["code"] for row in office.rows("SELECT code FROM intake")}
    assert left == (set() if counties[0] == counties[1] else {"county_wrong"})
    assert office.check()["instrument_index"] == (ROUNDS if counties[0] == counties[1] else 0)


def test_one_phone_pushes_to_two_counties_at_once(office: Office, second: Office) -> None:
    """A phone's chain over two counties: each record is counted, no gap and no fork is left."""
    phone = office.phone("wide", COUNTIES)
    for _ in range(ROUNDS):
        acts = [
            pushing(process, phone, phone.site(county=county)[1])
            for process, county in zip((office, second), COUNTIES, strict=True)
        ]
        assert together(acts) == [["accepted"]] * 2
    [head] = office.rows("SELECT sequence, count, forked FROM chain_head")
    assert (head["sequence"], head["count"], head["forked"]) == (2 * ROUNDS, 2 * ROUNDS, 0)


def test_the_office_writes_one_chain_in_two_processes(office: Office, second: Office, phone: Phone) -> None:
    """Labels issued in both processes at once are one chain without a fork or a gap."""
    site_id, site = phone.site()
    made = [phone.scale(site_id, f"S{number}") for number in range(6)]
    phone.push(site, *[record for _, record in made])
    scales = [office.house.registry.instrument(one) for one, _ in made]

    def issue(number: int, scale: Instrument) -> None:
        (office, second)[number % 2].house.labels.issue(phone.person_id, [scale])

    together([partial(issue, number, scale) for number, scale in enumerate(scales)])
    rows = office.rows("SELECT chain_note, sequence FROM ledger WHERE kind = 'label.bound' ORDER BY seq")
    assert [(row["chain_note"], row["sequence"]) for row in rows] == [("", number) for number in range(1, 7)]


def test_every_wrong_password_counts(office: Office, second: Office) -> None:
    """Wrong passwords tried in two processes at once are all counted: the fifth locks."""
    office.person("li")
    acts = [
        partial(code_of, partial((office, second)[number % 2].house.access.sign_in, "li", "wrong"))
        for number in range(WRONG_PASSWORDS)
    ]
    assert together(acts) == ["sign_in_wrong"] * WRONG_PASSWORDS
    assert code_of(partial(second.house.access.sign_in, "li", "wrong")) == "sign_in_locked"


def test_one_code_enrols_one_phone(office: Office, second: Office) -> None:
    """Two phones with one code, and two administrators who decide at once: one of each is told that it is too late."""
    person = office.person("li")
    phones = [Phone(office, person, seed) for seed in ("one", "two")]
    code = office.house.enrolments.make_code("admin", person, [COUNTY])
    requests = [
        partial(code_of, partial(process.house.enrolments.request, phone.request(code)))
        for process, phone in zip((office, second), phones, strict=True)
    ]
    assert sorted(together(requests)) == ["done", "enrolment_code_wrong"]
    [device] = office.rows("SELECT device_id FROM device")
    decisions = [
        partial(code_of, partial(process.house.enrolments.decide, "admin", device["device_id"], True))
        for process in (office, second)
    ]
    assert sorted(together(decisions)) == ["done", "enrolment_decided"]
    assert len(office.rows("SELECT key_id FROM author_key")) == 1


def test_projections_are_made_anew_while_phones_push(office: Office, second: Office) -> None:
    """A rebuild waits for pushes and pushes wait for it: it finds no difference, and nothing is lost."""
    phone = office.phone()
    pushes = [pushing(second, phone, *[phone.site()[1] for _ in range(3)]) for _ in range(ROUNDS)]
    answers = together([office.check, lambda: [push() for push in pushes], office.check])
    assert answers[1] == [["accepted"] * 3] * ROUNDS
    assert office.check()["state"] == 3 * ROUNDS


def test_processes_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Where processes put one new SQLite file into WAL mode at the same moment, each waits for the others and none is told that it is locked."""

    def opening(url: str) -> str:
        database = Database(url)
        with database.writing() as connection:
            mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
        database.close()
        return mode

    for number in range(100):
        acts = [partial(opening, f"sqlite:///{tmp_path}/{number}.db")] * 3
        assert together(acts) == ["wal"] * 3


def test_two_processes_start_on_an_empty_store(store: Store, tmp_path: Path) -> None:
    """Started at the same moment they make the tables once, and agree on the generation and on the office's own chain."""
    with store() as url:
        if url:
            empty = Office(tmp_path, database_url=url)
            for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
                empty.change(statement)
            empty.close()
        opened = together([partial(Office, tmp_path, database_url=url, seed=seed) for seed in ("one", "two")])
        assert len({office.house.generation for office in opened}) == 1
        assert len({office.house.office._chain for office in opened}) == 1
        for office in opened:
            office.close()


def test_writers_that_wait_in_a_circle_both_end(office: Office) -> None:
    """Two transactions that lock two rows the other way round: the one that PostgreSQL ends is begun anew, and both are written."""
    people = [office.person("li"), office.person("zhao")]
    met = Barrier(2)

    def touch(order: list[str], connection: Connection) -> None:
        for person in order:
            connection.execute(
                text("UPDATE person SET failed_sign_ins = failed_sign_ins + 1 WHERE person_id = :p"),
                {"p": person},
            )
            if office.database.is_postgresql and not met.broken:
                try:
                    met.wait(5)
                except BrokenBarrierError:
                    continue
                met.abort()

    together([partial(office.database.write, partial(touch, order)) for order in (people, people[::-1])])
    assert [row["failed_sign_ins"] for row in office.rows("SELECT failed_sign_ins FROM person")] == [2, 2]


def test_a_transaction_that_is_always_overtaken_ends(office: Office) -> None:
    """It is begun some times and no more, and leaves nothing."""
    begun = []

    def act(connection: Connection) -> None:
        begun.append(connection.execute(text("UPDATE about SET value = 'x'")).rowcount)
        raise OvertakenError

    with pytest.raises(OvertakenError):
        office.database.write(act)
    assert len(begun) == TRIES
    assert "x" not in {row["value"] for row in office.rows("SELECT value FROM about")}
