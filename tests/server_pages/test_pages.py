"""What holds for every page: its language, its headers, nothing inline, nothing from elsewhere."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from litestar.testing import TestClient

from server.app import phone_app
from tests.mobile.phone import regions
from tests.server.office import ROOT, TOWNSHIP, Phone
from tests.server_pages.conftest import Desk
from tests.server_pages.street import PEOPLE, SITE, Street, check_a_scale
from tests.server_pages.test_public import CASES, asked_for

Sit = Callable[[str], Desk]
DATA = [
    SITE,
    regions().name(TOWNSHIP),
    *(name for name, _role in PEOPLE.values()),
    "康平县免费检定",
    "康平县市场监督管理局",
    "康平县",
    "沈阳计量测试院",
    "铅封断裂",
    "中文",
    "砝码",
    "元",
    "局",
]
"""Chinese that is data, and stays in an English page."""
REQUIRED = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "",
    "x-frame-options": "DENY",
    "cache-control": "",
}


class Reader(HTMLParser):
    """What a person reads on a page, and what a browser would run or fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.inline: list[str] = []
        self.fetched: list[str] = []
        self._within: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in {"meta", "link", "img", "input", "br"}:
            self._within.append(tag)
        if tag == "style" or (tag == "script" and "src" not in given) or "style" in given:
            self.inline.append(self.get_starttag_text() or tag)
        self.inline += [name for name in given if name.startswith("on")]
        self.fetched += [given[name] for name in ("src", "action") if name in given]
        self.fetched += [given["href"]] if tag == "link" else []
        self.texts += [given[name] for name in ("alt", "placeholder", "aria-label") if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._within:
            while self._within.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"code", "pre", "kbd", "script", "style"} & set(self._within) and data.strip():
            self.texts.append(" ".join(data.split()))


def at_odds(street: Street, phone: Phone) -> None:
    """A disputed stall, a disputed status, and a label and a serial number on two instruments."""
    first, second = street.scales[1:]
    for value in ("B7", "B8"):
        phone.push(phone.amend(first, "stall", value))
    phone.push(phone.amend(first, "use_status", "scrapped"), phone.amend(first, "use_status", "suspended"))
    phone.push(phone.label(second.instrument_id, first.label))
    phone.push(phone.scale(street.premises_id, second.serial_number)[1])


async def every_page(street: Street, tmp_path: Path) -> list[tuple[str, str]]:
    """Every page there is, with who reads it."""
    receipt = await check_a_scale(street, tmp_path, flag="铅封断裂")
    phone = street.office.phone("zhao")
    phone.push(phone.inspection(street.office.known_scale(phone.mint(), street.premises_id)))
    at_odds(street, phone)
    scale = street.scales[0].instrument_id
    office = [
        "/",
        "/?kind=inspection.recorded",
        f"/records/{receipt.record_id}",
        "/intake",
        "/conflicts",
        "/instruments",
        "/instruments?q=2403",
        f"/instruments/{scale}",
        "/campaigns",
        f"/campaigns/{street.campaign_id}?state=expected",
        "/labels",
        "/phones",
        "/records/unknown",
    ]
    public = ["/sign-in", "/L", f"/R/{receipt.record_id}", "/R/x", "/nothing/here"]
    public += [f"/L/{asked_for(street, case)}" for case in CASES]
    return [(path, "admin") for path in office] + [(path, "") for path in public] + [("/", "li")]


def in_language(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def test_every_page_in_both_languages(street: Street, sit: Sit, tmp_path: Path) -> None:
    """A Chinese page holds no English message and an English one no Chinese, but for names; a state's word is the phone's word."""
    with (ROOT / "assets/locales/zh_CN/LC_MESSAGES/server.po").open("rb") as file:
        english = {str(entry.id) for entry in read_po(file) if entry.id and entry.id != entry.string}
    desks = {login: sit(login) for login in ("admin", "li", "")}
    for path, login in asyncio.run(every_page(street, tmp_path)):
        chinese = Reader(desks[login].get(in_language(path, "zh")).text)
        for text in chinese.texts:
            assert text not in english, (path, text)
            assert not re.search(r"[a-z]{2,} [a-z]{2,}", text), (path, text)
        for text in Reader(desks[login].get(in_language(path, "en")).text).texts:
            left = text
            for name in DATA:
                left = left.replace(name, "")
            assert not re.search(r"[一-鿿]", left), (path, text)
            assert "{" not in left, (path, text)


def test_nothing_inline_and_nothing_from_elsewhere(street: Street, sit: Sit, tmp_path: Path) -> None:
    """No page holds what its own content policy would block, and every file it names is there, at our own origin."""
    desks = {login: sit(login) for login in ("admin", "li", "")}
    for path, login in [*asyncio.run(every_page(street, tmp_path)), ("/docs", "")]:
        read = Reader(desks[login].get(path).text)
        assert not read.inline, (path, read.inline)
        for address in read.fetched:
            if address.startswith("data:"):
                continue
            assert address.startswith("/"), (path, address)
            if not address.startswith(("/sign-", "/phones", "/labels", "/L")):
                assert desks[login].get(address).status_code == 200, (path, address)


def test_every_answer_has_its_security_headers(street: Street, sit: Sit, tmp_path: Path) -> None:
    """Pages, redirects, errors, files, the API's problems and the documentation: all of them carry the headers, on both origins."""
    desk = sit("admin")
    paths = [path for path, login in asyncio.run(every_page(street, tmp_path)) if login == "admin"]
    paths += ["/sign-in", "/style/console.css", "/style/fonts/NotoSansSC-Bold.woff2", "/style/none"]
    paths += [f"/labels/{street.premises_id}.pdf", "/docs", "/docs/openapi.json", "/docs/nothing"]
    paths += ["/docs/files/swagger-ui.css", "/api/v1/health", "/api/v1/pull/210123", "/L/x", "/.git/config"]
    answers = [desk.get(path, follow_redirects=False) for path in paths]
    answers += [sit("").get("/", follow_redirects=False), desk.put("/"), desk.post("/sign-out", data={})]
    with TestClient(phone_app(street.office.house, street.office.settings)) as phone:
        answers += [phone.get(path) for path in ("/", "/nothing", "/api/v1/health", "/api/v1/pull/210123")]
    for answer in answers:
        for name, begins in REQUIRED.items():
            assert answer.headers.get(name, "none").startswith(begins), (answer.url, name)
            assert name in answer.headers, (answer.url, name)
    assert {answer.status_code for answer in answers} >= {200, 303, 401, 403, 404, 405}


def test_pages_are_kept_by_nobody_and_style_is(sit: Sit) -> None:
    """A page with records is stored in no cache; the style is, for its address changes with its content."""
    desk = sit("wang")
    page = desk.get("/")
    assert page.headers["cache-control"] == "no-store"
    address = re.search(r'href="(/style/console.css\?v=[0-9a-f]{12})"', page.text)
    assert address
    assert "immutable" in desk.get(address[1]).headers["cache-control"]


def test_the_language_is_kept_and_the_page_stays(sit: Sit) -> None:
    """Changing the language keeps what the page was asked for, and is remembered on the next page."""
    desk = sit("wang")
    page = desk.get("/?day=2026-11-19&kind=label.bound").text
    assert 'href="?day=2026-11-19&amp;kind=label.bound&amp;lang=en"' in page
    assert "Received on 2026-11-19" in desk.get("/?day=2026-11-19&lang=en").text
    assert "Held and refused" in desk.get("/intake").text


def test_the_documentation_names_every_message(sit: Sit) -> None:
    """The API's documentation is read from our own files and describes each body by the struct that the code really takes."""
    desk = sit("")
    description = desk.get("/docs/openapi.json").json()
    push = description["paths"]["/api/v1/push"]["post"]
    reference = push["requestBody"]["content"]["application/msgpack"]["schema"]["$ref"]
    assert reference == "#/components/schemas/Push"
    sealed = description["components"]["schemas"]["Sealed"]["properties"]
    assert {"body", "signature"} <= set(sealed)
    named = set(re.findall(r'"#/components/schemas/(\w+)"', desk.get("/docs/openapi.json").text))
    assert named <= set(description["components"]["schemas"])
    assert "SwaggerUIBundle" in desk.get("/docs/files/swagger-ui-bundle.js").text


@pytest.mark.parametrize("path", ["/style/../pages.py", "/docs/files/..%2f__init__.py", "/style/fonts/x"])
def test_only_the_named_files_are_handed_out(sit: Sit, path: str) -> None:
    """No address leads out of the folders of files that are meant to be read."""
    assert sit("").get(path).status_code == 404
