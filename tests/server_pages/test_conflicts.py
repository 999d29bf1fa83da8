"""The page of conflicts: both sides with who and when, decided with a reason by who may, on the audit trail."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from shared.instrument import Instrument
from tests.server.office import Phone
from tests.server_pages.conftest import Desk
from tests.server_pages.street import Street

Sit = Callable[[str], Desk]


def two_stalls(street: Street) -> tuple[Instrument, Phone]:
    """Two phones give one scale two stalls; the second is the one returned."""
    scale = street.scales[0]
    for login, stall in (("zhao", "B7"), ("qian", "C9")):
        phone = street.office.phone(login)
        phone.push(phone.amend(scale, "stall", stall))
    return scale, phone


def forms(page: str) -> list[dict[str, str]]:
    """The hidden fields of each form that decides, in their order on the page."""
    found = re.findall(r'<form method="post" action="/conflicts">(.*?)</form>', page, re.DOTALL)
    return [dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', each)) for each in found]


def state(street: Street, scale: Instrument) -> Instrument:
    return street.office.house.registry.instrument(scale.instrument_id)


def test_both_sides_are_shown(street: Street, sit: Sit) -> None:
    """Each value with its author and its record; the field and the instrument are named; the instrument's page says it too."""
    scale, _phone = two_stalls(street)
    page = sit("wang").get("/conflicts").text
    for said in ("同一栏目有两个值", "摊位", "B7", "C9", "zhao", "qian", scale.serial_number, "现行"):
        assert said in page, said
    assert page.count('href="/records/') == 2
    assert "有争议" in sit("wang").get(f"/instruments/{scale.instrument_id}").text


def test_a_reviewer_decides_with_a_reason(street: Street, sit: Sit) -> None:
    """The other value holds from now on; the trail says who decided what and why; nothing is left on the page."""
    scale, _phone = two_stalls(street)
    desk = sit("wang")
    form = forms(desk.get("/conflicts").text)[1]
    assert form["value"] == "C9"
    answer = desk.post("/conflicts", data={**form, "reason": "现场看过"})
    assert "没有冲突" in answer.text
    found = state(street, scale)
    assert (found.stall, found.disputes) == ("C9", [])
    [line] = street.office.rows(
        "SELECT person_id, subject, details FROM audit WHERE action = 'conflict_resolved'"
    )
    assert (line["person_id"], line["subject"]) == (street.people["wang"], scale.instrument_id)
    assert json.loads(line["details"])["reason"] == "现场看过"


@pytest.mark.parametrize(
    ("login", "changes", "status"),
    [
        ("chen", {}, 403),
        ("audit", {}, 403),
        ("li", {}, 403),
        ("wang", {"csrf": "x"}, 403),
        ("wang", {"reason": ""}, 400),
        ("wang", {"subject": "x"}, 400),
        ("wang", {"version": "x"}, 400),
        ("wang", {"version": "²"}, 400),
        ("wang", {"version": "٣"}, 400),
        ("wang", {"version": "1" * 30}, 400),
    ],
)
def test_who_may_not_decide(
    street: Street, sit: Sit, login: str, changes: dict[str, str], status: int
) -> None:
    """Another role, a form of another page, no reason, a subject that is none: nothing changes, and nothing is on the trail."""
    scale, _phone = two_stalls(street)
    before = state(street, scale)
    form = forms(sit("wang").get("/conflicts").text)[1]
    desk = sit(login)
    page = desk.get("/campaigns").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    fields = form | {"csrf": token[1] if token else "", "reason": "r"} | changes
    assert desk.post("/conflicts", data=fields).status_code == status
    assert state(street, scale) == before
    assert not street.office.rows("SELECT 1 FROM audit WHERE action = 'conflict_resolved'")


def test_who_may_only_read_gets_no_form(street: Street, sit: Sit) -> None:
    """An auditor sees both sides and nothing to press."""
    two_stalls(street)
    page = sit("audit").get("/conflicts").text
    assert "C9" in page
    assert forms(page) == []


def test_two_entries_are_made_one(street: Street, sit: Sit) -> None:
    """The same scale registered twice: one entry goes on, and the other's page leads to it."""
    scale, phone = street.scales[0], street.office.phone("zhao")
    twin_id, made = phone.scale(street.premises_id, scale.serial_number)
    maker = phone.amend(scale, "manufacturer", "")
    phone.push(made, *([maker] if scale.manufacturer else []))
    desk = sit("wang")
    offered = [form for form in forms(desk.get("/conflicts").text) if form["conflict"] == "merge"]
    form = next(form for form in offered if form["subject"] == scale.instrument_id)
    assert "没有冲突" in desk.post("/conflicts", data={**form, "reason": "同一台"}).text
    page = desk.get(f"/instruments/{twin_id}").text
    assert f'href="/instruments/{scale.instrument_id}"' in page
    assert "重复登记" in page


def test_hostile_values_are_shown_as_text(street: Street, sit: Sit) -> None:
    """Markup in a value is escaped in the table and in the form."""
    scale = street.scales[0]
    for login, stall in (("zhao", "B7"), ("qian", '"><script>alert(1)</script>')):
        phone = street.office.phone(login)
        phone.push(phone.amend(scale, "stall", stall))
    page = sit("wang").get("/conflicts").text
    assert "<script>alert(1)" not in page
    assert "alert(1)" in page
