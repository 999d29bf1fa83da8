"""The console's import of a hand-over: whose form it is, what it shows, and that importing twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from sync.handover import MAX_BUNDLE
from tests.server.office import NEXT_COUNTY, Phone
from tests.server.test_handovers import bundle_of
from tests.server_pages.conftest import Desk
from tests.server_pages.street import Street
from tests.server_pages.test_signing_in import csrf_of

Sit = Callable[[str], Desk]


def give(desk: Desk, content: bytes, **fields: str) -> httpx.Response:
    """Sends the form with a file."""
    form = {"csrf": csrf_of(desk.get("/phones").text), **fields}
    return desk.post("/phones/handovers", data=form, files={"bundle": ("a.qhh", content)})


@pytest.fixture
def phone(street: Street) -> Phone:
    """An inspector's phone with no network."""
    return street.office.phone("zhao")


def test_a_file_is_imported_with_its_rulings(street: Street, sit: Sit, phone: Phone) -> None:
    """Each record's ruling stands on the page with a way to it; the second time the page says that it had come; the audit names who did it, once."""
    site_id, site = phone.site("东市场")
    outside = phone.site(county=NEXT_COUNTY)[1]
    bundle, desk = bundle_of(phone, site, outside), sit("admin")
    first = give(desk, bundle)
    assert first.status_code == 200
    assert 'href="/records/' in first.text
    assert f'href="/intake/{outside.digest}"' in first.text
    assert "out_of_scope" in first.text
    assert "以前来过" not in first.text
    assert street.office.house.registry.premises(site_id)
    again = give(desk, bundle)
    assert "以前来过" in again.text
    notes = street.office.rows(
        "SELECT person_id, subject, details FROM audit WHERE action = 'handover_taken'"
    )
    assert [(note["person_id"], note["subject"]) for note in notes] == [
        (street.people["admin"], phone.device_id)
    ]
    assert json.loads(notes[0]["details"])["brought_by"] == street.people["admin"]


@pytest.mark.parametrize("login", ["wang", "chen", "audit", "li"])
def test_only_the_administrator_imports(street: Street, sit: Sit, phone: Phone, login: str) -> None:
    """Another role is refused, and so is a form without its token; nothing is taken in."""
    bundle = bundle_of(phone, phone.site()[1])
    desk = sit(login)
    answer = desk.post("/phones/handovers", data={"csrf": "x"}, files={"bundle": ("a.qhh", bundle)})
    assert answer.status_code == 403
    admin = sit("admin")
    forged = admin.post("/phones/handovers", data={"csrf": "x"}, files={"bundle": ("a.qhh", bundle)})
    assert forged.status_code == 403
    assert street.office.rows("SELECT * FROM handover") == []


def test_what_is_no_hand_over_says_so(sit: Sit, phone: Phone) -> None:
    """No file, a stray file, a damaged one and one that is too large: a page with what is wrong, never a fault."""
    desk = sit("admin")
    csrf = csrf_of(desk.get("/phones").text)
    assert desk.post("/phones/handovers", data={"csrf": csrf}).status_code == 400
    for content, status in (
        (b"a letter", 400),
        (bundle_of(phone, phone.site()[1])[:-1], 400),
        (bytes(MAX_BUNDLE + (1 << 20)), 413),
    ):
        assert give(desk, content).status_code == status
