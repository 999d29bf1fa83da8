"""Handing out states: every state of the county once, in the order of its last change, from a cursor that nobody can bend."""

from __future__ import annotations

import base64
from datetime import timedelta

import msgspec
import pytest

from server.services import rebuild
from server.services.pull import SCHEMA, read_cursor, write_cursor
from server.store import access as access_store
from shared.errors import QuanhengError
from shared.instrument import Instrument
from shared.premises import Premises
from sync.messages import Change, Page
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone, said


def pages(phone: Phone, limit: int, cursor: str = "") -> list[Page]:
    """Every page until there is no more."""
    found = [phone.pull(cursor=cursor, limit=limit)]
    while found[-1].more:
        found.append(phone.pull(cursor=found[-1].cursor, limit=limit))
    return found


def changes(found: list[Page]) -> list[Change]:
    return [change for page in found for change in page.changes]


def test_pages_hand_out_every_state_once_in_order(office: Office, phone: Phone) -> None:
    """Pages of any size together hold each subject once, by rising ``state_seq``, each with its newest state."""
    site_id, site = phone.site()
    made = [phone.scale(site_id, f"S{number}") for number in range(5)]
    phone.push(site, *[record for _, record in made], phone.label(made[0][0]))
    for limit in (1, 2, 4, 100):
        found = changes(pages(phone, limit))
        assert [change.subject for change in found] == [site_id, *[one for one, _ in made[1:]], made[0][0]]
        assert [change.state_seq for change in found] == [1, 3, 4, 5, 6, 7]
    assert found[-1].state
    assert msgspec.json.decode(found[-1].state, type=Instrument).label == "7Q3K9M2V"
    assert found[0].state
    assert msgspec.json.decode(found[0].state, type=Premises).name == "张强镇中心农贸市场"
    assert (found[0].subject_type, found[1].subject_type) == ("premises", "instrument")


def test_a_state_that_changes_between_pages_is_not_missed(office: Office, phone: Phone) -> None:
    """What changes while a phone pages moves behind its cursor, and is handed out with its new number."""
    site_id, site = phone.site()
    (first, one), (_, two) = phone.scale(site_id, "1"), phone.scale(site_id, "2")
    phone.push(site, one, two)
    page = phone.pull(limit=2)
    assert [change.subject for change in page.changes] == [site_id, first]
    phone.push(phone.label(first))
    rest = changes(pages(phone, 2, page.cursor))
    assert [change.state_seq for change in rest] == [3, 4]
    assert rest[1].subject == first
    quiet = phone.pull(cursor=pages(phone, 2, page.cursor)[-1].cursor)
    assert (quiet.changes, quiet.more) == ([], False)


def test_a_ruling_that_changed_reaches_the_author_by_pull(office: Office, phone: Phone) -> None:
    """A record held for its site is applied when another phone registers it; its author's pull says so once, and nobody else's."""
    site_id, site = Phone(office, "", "nobody").mint(), None
    scale_id, scale = phone.scale(site_id)
    assert phone.statuses(scale, phone.label(scale_id)) == ["held subject_unknown"] * 2
    before = phone.pull()
    assert (before.changes, before.rulings) == ([], [])
    other = office.phone("zhao")
    _, site = other.site(premises_id=site_id)
    office.clock.advance(timedelta(hours=1))
    assert other.statuses(site) == ["accepted"]
    after = phone.pull(cursor=before.cursor)
    assert [(ruling.status, ruling.ledger_seq) for ruling in after.rulings] == [
        ("accepted", 2),
        ("accepted", 3),
    ]
    assert after.rulings[0].digest == scale.digest
    assert [change.subject for change in after.changes] == [site_id, scale_id]
    assert phone.pull(cursor=after.cursor).rulings == []
    assert other.pull().rulings == []
    assert office.house.journal.intake([COUNTY]) == []
    heads = office.rows("SELECT device, sequence, count, forked FROM chain_head ORDER BY count")
    assert [(row["device"], row["sequence"], row["count"], row["forked"]) for row in heads] == [
        (other.device_id, 1, 1, 0),
        (phone.device_id, 2, 2, 0),
    ]


def test_records_of_one_batch_in_any_order_are_applied_at_once(office: Office, phone: Phone) -> None:
    """A label before its scale before its site, all in one push: each is accepted in the same answer."""
    site_id, site = phone.site()
    scale_id, scale = phone.scale(site_id)
    label = phone.label(scale_id)
    assert phone.statuses(label, scale, site) == ["accepted"] * 3
    assert office.house.journal.intake([COUNTY]) == []
    assert office.house.registry.instrument(scale_id).label == "7Q3K9M2V"
    assert phone.pull().rulings == []


def test_what_waited_is_applied_in_the_order_it_was_written(office: Office, phone: Phone) -> None:
    """Two labels that came the wrong way round, for a scale that came last: the one put on later stands."""
    site_id, site = phone.site()
    scale_id, scale = phone.scale(site_id)
    first = phone.label(scale_id, "7Q3K9M2V")
    office.clock.advance(timedelta(minutes=1))
    second = phone.label(scale_id, "0000000N")
    for record in (second, first, scale):
        assert phone.statuses(record) == ["held subject_unknown"]
    assert phone.statuses(site) == ["accepted"]
    ledger = [row["digest"] for row in office.rows("SELECT digest FROM ledger ORDER BY seq")]
    assert ledger == [each.digest for each in (site, scale, first, second)]
    assert office.house.registry.instrument(scale_id).label == "0000000N"


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "AAAA",
        base64.urlsafe_b64encode(msgspec.msgpack.encode(5)).decode(),
        base64.urlsafe_b64encode(msgspec.msgpack.encode(["a", 1, 1, 2**64 - 1, 0, COUNTY])).decode(),
        base64.urlsafe_b64encode(msgspec.msgpack.encode(["a", 1, 1, -1, 0, COUNTY])).decode(),
    ],
)
def test_a_text_that_is_no_cursor_is_out_of_date(phone: Phone, cursor: str) -> None:
    """Whatever stands in place of a cursor, the answer is 410 ``cursor_stale``: the phone fetches the county anew."""
    with pytest.raises(QuanhengError) as refused:
        phone.pull(cursor=cursor)
    assert (refused.value.problem.code, refused.value.status) == ("cursor_stale", 410)


@pytest.mark.parametrize(
    "change",
    [
        {"generation": "another"},
        {"scope": 2},
        {"schema": SCHEMA + 1},
        {"county": NEXT_COUNTY},
        {"state_seq": 2},
        {"state_seq": 2**62},
    ],
)
def test_a_cursor_of_something_else_is_out_of_date(phone: Phone, change: dict[str, object]) -> None:
    """A cursor of another generation, scope, schema or county, or one ahead of the county, would skip states: it is refused."""
    phone.push(phone.site()[1])
    cursor = read_cursor(phone.pull().cursor)
    assert cursor.state_seq == 1
    phone.pull(cursor=write_cursor(cursor))
    with pytest.raises(QuanhengError) as refused:
        phone.pull(cursor=write_cursor(msgspec.structs.replace(cursor, **change)))
    assert refused.value.problem.code == "cursor_stale"


def test_a_store_with_a_new_generation_takes_no_old_cursor(office: Office, phone: Phone) -> None:
    """After a restore gave the store another generation every phone fetches its counties anew, and hears of it when it greets."""
    phone.push(phone.site()[1])
    cursor, before = phone.pull().cursor, phone.greet().generation
    with office.database.writing() as connection:
        access_store.set_fact(connection, "generation", "restored")
    again = phone.office = office.restarted()
    try:
        with pytest.raises(QuanhengError) as refused:
            phone.pull(cursor=cursor)
        assert refused.value.problem.code == "cursor_stale"
        assert len(phone.pull().changes) == 1
        assert phone.greet().generation == "restored" != before
    finally:
        again.close()


def test_a_county_outside_the_scope_is_not_handed_out(phone: Phone) -> None:
    """Another county's states are refused with a reason."""
    with pytest.raises(QuanhengError) as refused:
        phone.pull(NEXT_COUNTY)
    assert (refused.value.problem.code, refused.value.status) == ("out_of_scope", 403)


def test_counties_count_by_themselves(office: Office) -> None:
    """One push into two counties numbers each county's states and records on their own."""
    phone = office.phone("wide", (COUNTY, NEXT_COUNTY))
    records = [phone.site(str(n), county=(COUNTY, NEXT_COUNTY)[n % 2])[1] for n in range(4)]
    assert [ruling.ledger_seq for ruling in phone.push(*records)] == [1, 1, 2, 2]
    for county in (COUNTY, NEXT_COUNTY):
        assert [change.state_seq for change in phone.pull(county).changes] == [1, 2]


def test_after_a_repair_of_the_states_every_phone_fetches_them_anew(office: Office, phone: Phone) -> None:
    """When a rebuild had to repair something, old cursors are out of date, and new numbers lie above every repaired one."""
    site_id, site = phone.site()
    phone.push(site, phone.weight())
    cursor = phone.pull().cursor
    rebuild.check(office.database, office.house.rules, keep=True)
    assert phone.pull(cursor=cursor).changes == []
    office.change("DELETE FROM state WHERE subject = :site", site=site_id)
    office.change("UPDATE county_counter SET state_seq = 1")
    with pytest.raises(rebuild.DifferenceError, match="state"):
        office.check()
    rebuild.check(office.database, office.house.rules, keep=True)
    with pytest.raises(QuanhengError) as refused:
        phone.pull(cursor=cursor)
    assert refused.value.problem.code == "cursor_stale"
    phone.push(phone.weight())
    assert [change.state_seq for change in phone.pull().changes] == [1, 2, 3]
    assert [said(ruling) for ruling in phone.push(site)] == ["duplicate"]
