"""Codes of others at the office: on the instrument's page, found by their text, a dispute named, and hostile text shown as text."""

from __future__ import annotations

from collections.abc import Callable

from shared.foreign_label import read_foreign
from shared.records import AliasBound, Sighting
from tests.server_pages.conftest import Desk
from tests.server_pages.street import Street

CODE = "https://jl.example.gov.cn/q?id=210123000471"


def bind(street: Street, place: int, raw: str) -> None:
    """The office's own record, through the real intake."""
    instrument_id = street.scales[place].instrument_id
    read = read_foreign(raw)
    bound = AliasBound(
        instrument_id=instrument_id, raw=raw, format=read.format, key=read.key, seen=Sighting.NAMEPLATE
    )
    street.write("alias.bound", instrument_id, bound)


def test_a_bound_code_stands_on_the_instruments_page(street: Street, sit: Callable[[str], Desk]) -> None:
    """The page names it, its record is in the history, and its text, in whatever writing, finds the instrument."""
    bind(street, 0, CODE)
    desk = sit("wang")
    page = desk.get(f"/instruments/{street.scales[0].instrument_id}").text
    assert read_foreign(CODE).key in page
    assert "外来码绑定" in page
    assert "也绑定了另一台器具" not in page
    found = desk.get("/instruments", params={"q": "HTTP://JL.example.gov.cn/q?id=%32%310123000471"}).text
    assert street.scales[0].serial_number in found
    assert street.scales[1].serial_number not in found
    assert "外来码" not in desk.get(f"/instruments/{street.scales[1].instrument_id}").text


def test_a_dispute_is_named_on_both_pages(street: Street, sit: Callable[[str], Desk]) -> None:
    """One code on two instruments: each page leads to the other."""
    bind(street, 0, CODE)
    bind(street, 1, CODE)
    desk = sit("wang")
    for here, there in ((0, 1), (1, 0)):
        page = desk.get(f"/instruments/{street.scales[here].instrument_id}").text
        assert "也绑定了另一台器具" in page
        assert f'href="/instruments/{street.scales[there].instrument_id}"' in page


def test_hostile_text_is_shown_as_text(street: Street, sit: Callable[[str], Desk]) -> None:
    """Markup in a code is escaped on the instrument's page and on its record's."""
    script = "x'\"</code><script>alert(1)</script>"
    bind(street, 0, script)
    desk = sit("wang")
    [line, *_] = street.office.house.journal.history(street.scales[0].instrument_id)
    for path in (f"/instruments/{street.scales[0].instrument_id}", f"/records/{line.record_id}"):
        page = desk.get(path).text
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page or "\\u003cscript" in page
