"""Who gets in, how far, and by whose forms."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest
from litestar.testing import TestClient

from server.app import office_app
from tests.server.office import PASSWORD
from tests.server_pages.conftest import Desk
from tests.server_pages.street import Street

READ = ["/", "/intake", "/instruments", "/campaigns", "/labels"]
Sit = Callable[[str], Desk]


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page
    return found[1]


@pytest.mark.parametrize("login", ["wang", "chen", "audit", "admin"])
def test_office_roles_read_every_page(sit: Sit, login: str) -> None:
    """Reviewer, campaign manager, auditor and administrator read the office's pages; only the administrator opens the phones."""
    desk = sit(login)
    for path in READ:
        assert desk.get(path).status_code == 200, path
    answer = desk.get("/phones")
    assert answer.status_code == (200 if login == "admin" else 403)
    assert ('href="/phones"' in desk.get("/").text) == (login == "admin")


@pytest.mark.parametrize("login", ["li", "clinic"])
def test_field_roles_are_told_where_their_work_is(sit: Sit, street: Street, login: str) -> None:
    """An inspector or a user unit who signs in reads nothing, gets a clear page with the way to the app, and can sign out."""
    desk = sit(login)
    for path in [*READ, "/phones", f"/instruments/{street.scales[0].instrument_id}", "/labels/x.pdf"]:
        answer = desk.get(path)
        assert answer.status_code == 403, path
        assert street.scales[0].serial_number not in answer.text
    page = desk.get("/").text
    assert street.office.house.phone_origin in page
    assert desk.post("/sign-out", data={"csrf": csrf_of(page)}).url.path == "/sign-in"


def test_who_is_not_signed_in_comes_back_to_the_page_asked_for(sit: Sit, street: Street) -> None:
    """Any page leads to the sign-in, and the sign-in leads on to that page, but never to another site."""
    desk = sit("")
    path = f"/instruments/{street.scales[0].instrument_id}?lang=zh"
    answer = desk.get(path)
    assert (answer.url.path, answer.status_code) == ("/sign-in", 200)
    to = re.search(r'name="to" value="([^"]+)"', answer.text)
    assert to
    entered = desk.post("/sign-in", data={"login": "wang", "password": PASSWORD, "to": to[1]})
    assert entered.url.path == path.partition("?")[0]
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "/sign-in?to=/"):
        answer = sit("").post(
            "/sign-in",
            data={"login": "wang", "password": PASSWORD, "to": elsewhere},
            follow_redirects=False,
        )
        assert answer.headers["location"] == "/"


def test_the_cookie_can_be_read_by_nobody_else(street: Street) -> None:
    """The session's cookie is out of scripts' reach, not sent along with another site's forms, and by https only where there is https."""
    for address, flag in (("", False), ("https://office.example", True)):
        settings = msgspec.structs.replace(street.office.settings, office_url=address)
        with TestClient(office_app(street.office.house, settings)) as desk:
            answer = desk.post(
                "/sign-in", data={"login": "wang", "password": PASSWORD}, follow_redirects=False
            )
            cookie = answer.headers["set-cookie"].lower()
            assert "httponly" in cookie
            assert "samesite=lax" in cookie
            assert ("secure" in cookie) is flag
            assert ("strict-transport-security" in answer.headers) is flag


def test_wrong_passwords_tell_nothing_and_lock(sit: Sit) -> None:
    """A wrong password and an unknown login are answered alike; the sixth try is locked even with the right one."""
    desk = sit("")
    unknown = desk.post("/sign-in", data={"login": "nobody", "password": "x"})
    wrong = [desk.post("/sign-in", data={"login": "wang", "password": "x"}) for _ in range(5)]
    assert {answer.status_code for answer in [unknown, *wrong]} == {401}
    assert unknown.text == wrong[0].text
    locked = desk.post("/sign-in", data={"login": "wang", "password": PASSWORD})
    assert locked.status_code == 403
    assert "quanheng" not in desk.cookies


def test_many_tries_are_stopped(sit: Sit) -> None:
    """From one place there are thirty tries a minute, whatever the login."""
    desk = sit("")
    answers = [
        desk.post("/sign-in", data={"login": f"login{number}", "password": "x"}) for number in range(31)
    ]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    assert answers[-1].headers["retry-after"]
    assert "请等一分钟" in answers[-1].text


@pytest.mark.parametrize("token", ["", "wrong", "错"])
def test_no_form_is_taken_without_its_token(sit: Sit, street: Street, token: str) -> None:
    """Every form that changes something needs the token that only our own page knows."""
    desk = sit("admin")
    person = street.people["li"]
    forms = [
        ("/phones", {"person": person}),
        (f"/phones/{person}", {"wanted": "closed"}),
        (f"/labels/issue/{street.premises_id}", {}),
        ("/sign-out", {}),
    ]
    for path, fields in forms:
        answer = desk.post(path, data={**fields, "csrf": token})
        assert answer.status_code == 403, path
        assert "form_stale" in answer.text
    assert desk.get("/").status_code == 200


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_no_form_is_taken_from_another_site(sit: Sit, street: Street, headers: dict[str, str]) -> None:
    """A browser that says that another site sent the form is believed: neither a sign-in nor a right token helps."""
    answer = sit("").post("/sign-in", data={"login": "wang", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    desk = sit("admin")
    token = csrf_of(desk.get("/phones").text)
    answer = desk.post("/phones", data={"csrf": token, "person": street.people["li"]}, headers=headers)
    assert answer.status_code == 403


def test_an_auditor_changes_nothing(sit: Sit, street: Street) -> None:
    """An auditor reads, but no form that changes something is taken, nor is one offered."""
    desk = sit("audit")
    bare = street.scale(street.premises_id, "2403-09999")
    page = desk.get("/labels").text
    assert "<form" not in page.partition("<main")[2]
    answer = desk.post(f"/labels/issue/{street.premises_id}", data={"csrf": csrf_of(page)})
    assert answer.status_code == 403
    assert street.office.house.registry.instrument(bare).label == ""


def test_a_session_ends(sit: Sit) -> None:
    """After signing out the old cookie opens nothing."""
    desk = sit("wang")
    cookie = desk.cookies["quanheng"]
    desk.post("/sign-out", data={"csrf": csrf_of(desk.get("/").text)})
    answer = sit("").get("/intake", headers={"Cookie": f"quanheng={cookie}"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=/intake")
