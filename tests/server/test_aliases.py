"""Codes of others as records: bound offline, applied, pulled by other phones; one code on two instruments is a conflict, and both stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from server.app import phone_app
from shared.foreign_label import read_foreign
from shared.instrument import Instrument
from sync.envelope import Sealed
from sync.messages import Page, PushAnswer, Ruling, Status
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone

CODE = "https://jl.example.gov.cn/q?id=210123000471"
OTHER_WRITING = "HTTP://JL.example.gov.cn:80/q?id=%32%310123000471"
KEY = read_foreign(CODE).key


@pytest.fixture
def client(office: Office) -> Iterator[TestClient[Any]]:
    """The phone's origin."""
    with TestClient(phone_app(office.house, office.settings)) as opened:
        yield opened


def over_http(client: TestClient[Any], phone: Phone, *records: Sealed) -> list[Ruling]:
    """The rulings on these records, pushed as a phone pushes them."""
    body = msgspec.msgpack.encode(phone.message(*records))
    answer = client.post("/api/v1/push", content=body, headers={"Authorization": f"Bearer {phone.token}"})
    return msgspec.msgpack.decode(answer.content, type=PushAnswer).rulings


def scales(phone: Phone, count: int = 2, county: str = COUNTY) -> list[str]:
    """Scales at one market, on the ledger."""
    site_id, site = phone.site(county=county)
    made = [phone.scale(site_id, f"{county[-1]}-{number}", county=county) for number in range(count)]
    assert set(phone.statuses(site, *[record for _, record in made])) == {"accepted"}
    return [instrument_id for instrument_id, _ in made]


def pulled(phone: Phone, county: str = COUNTY) -> dict[str, Instrument]:
    """The instruments as a phone that fetches everything gets them."""
    return instruments_of(phone.pull(county))


def instruments_of(page: Page) -> dict[str, Instrument]:
    """The instruments in a page of changes."""
    return {
        change.subject: msgspec.json.decode(change.state or b"", type=Instrument)
        for change in page.changes
        if change.subject_type == "instrument"
    }


def test_a_bound_code_travels_to_every_phone(office: Office, phone: Phone, client: TestClient[Any]) -> None:
    """Accepted, in the instrument's state with a new version, and on its page and in the search at the office."""
    [first, second] = scales(phone)
    assert [one.status for one in over_http(client, phone, phone.alias(first, CODE))] == ["accepted"]
    other = office.phone("zhao")
    answer = client.get(f"/api/v1/pull/{COUNTY}", headers={"Authorization": f"Bearer {other.token}"})
    states = instruments_of(msgspec.msgpack.decode(answer.content, type=Page))
    assert (states[first].aliases, states[first].version) == ([KEY], 2)
    assert states[second].aliases == []
    assert office.house.registry.search([COUNTY], OTHER_WRITING) == [states[first]]
    assert office.house.registry.search([NEXT_COUNTY], OTHER_WRITING) == []
    assert office.check()["alias_index"] == 1


def test_binding_twice_changes_nothing(office: Office, phone: Phone) -> None:
    """The same code in another writing on the same instrument: on the ledger, and the state stays as it is."""
    [first, _] = scales(phone)
    assert phone.statuses(phone.alias(first, CODE), phone.alias(first, OTHER_WRITING)) == [
        "accepted",
        "accepted",
    ]
    assert (pulled(phone)[first].aliases, pulled(phone)[first].version) == ([KEY], 2)
    office.check()


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
def test_one_code_on_two_instruments_is_a_conflict_and_both_stay(
    office: Office, phone: Phone, at_once: bool
) -> None:
    """The later record is on the ledger and conflicting, with the reason; neither binding displaces the other; the author hears of it by pull, too."""
    [first, second] = scales(phone)
    records = [phone.alias(first, CODE), phone.alias(second, OTHER_WRITING)]
    rulings = phone.push(*records) if at_once else [ruling for one in records for ruling in phone.push(one)]
    assert [ruling.status for ruling in rulings] == [Status.ACCEPTED, Status.CONFLICTING]
    assert rulings[1].problem
    assert rulings[1].problem.code == "alias_disputed"
    assert [one.status for one in phone.pull().rulings] == [Status.CONFLICTING]
    assert {one.instrument_id for one in office.house.registry.bound_to([KEY])[KEY]} == {first, second}
    assert [pulled(phone)[one].aliases for one in (first, second)] == [[KEY], [KEY]]
    assert office.check()["alias_index"] == 2


def test_a_conflict_is_seen_over_counties(office: Office) -> None:
    """The same code on an instrument of the next county is a conflict all the same."""
    phone = office.phone("wide", (COUNTY, NEXT_COUNTY))
    [here] = scales(phone, 1)
    [there] = scales(phone, 1, NEXT_COUNTY)
    records = [phone.alias(here, CODE), phone.alias(there, CODE, county=NEXT_COUNTY)]
    assert phone.statuses(*records) == ["accepted", "conflicting alias_disputed"]
    office.check()


def test_a_code_waits_for_its_instrument(office: Office, phone: Phone) -> None:
    """Bound to what has not arrived: held, and applied as soon as that is there."""
    site_id, site = phone.site()
    scale_id, scale = phone.scale(site_id)
    alias = phone.alias(scale_id, CODE)
    assert phone.statuses(alias) == ["held subject_unknown"]
    phone.push(site, scale)
    assert pulled(phone)[scale_id].aliases == [KEY]
    office.check()


@pytest.mark.parametrize(
    "fields", [{"raw": ""}, {"raw": "7" * 7090}, {"key": ""}, {"key": "k" * 129}, {"seen": 1}]
)
def test_a_binding_that_can_be_none_is_refused(phone: Phone, fields: dict[str, object]) -> None:
    """An empty or overlong text or key, or a sighting that is no word: refused with a reason, the bytes kept."""
    [first, _] = scales(phone)
    payload = {"instrument_id": first, "raw": CODE, "format": "platform", "key": KEY, "seen": "told"} | fields
    record = phone.write("alias.bound", payload, subjects=[first])
    assert phone.statuses(record) == ["refused payload_malformed"]
    assert pulled(phone)[first].aliases == []


def test_hostile_text_is_a_key_like_any_other(office: Office, phone: Phone, client: TestClient[Any]) -> None:
    """A script and signs that turn writing round are bound, disputed and rebuilt as any text is."""
    [first, second] = scales(phone)
    script = "javascript:alert('</code><script>alert(1)</script>')"
    records = [phone.alias(first, script), phone.alias(second, script), phone.alias(second, "\u202e\x00 1")]
    assert [one.status for one in over_http(client, phone, *records)] == [
        "accepted",
        "conflicting",
        "accepted",
    ]
    assert all(key.isprintable() for key in pulled(phone)[second].aliases)
    office.check()
