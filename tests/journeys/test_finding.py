"""Finding an instrument with no network: by first letters, by characters, by what falls due, and on a small glass in English."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.journeys.office import Office
from tests.journeys.phone import Handset
from tests.journeys.steps import enrol

pytestmark = pytest.mark.journey
FIELD = "单位、摊位、厂家、编号或拼音首字母"
LOOKS = 50


def count(phone: Handset) -> int:
    """How many instruments the screen says that it has found."""
    found = re.search(r"(\d+) 台", phone.read())
    assert found, phone.read()
    return int(found[1])


def typed(phone: Handset, words: str) -> int:
    """Types, and waits until something else is found than before; how many that are, which may be what an earlier sign found."""
    before = count(phone)
    phone.write(FIELD, words)
    phone.sees(re.compile(rf"(?<!\d)(?!{before} )\d+ 台"))
    return count(phone)


def at_rest(phone: Handset) -> None:
    """Waits until nothing is found anew any more: an answer of an earlier sign is replaced by the last one's, rows and all."""
    for _look in range(LOOKS):
        before = phone.read()
        for _frames in range(3):
            phone.stand_still()
        if phone.read() == before:
            return
    raise AssertionError(f"the list never comes to rest; the screen reads:\n{before}")


def test_one_finds_as_one_types(office: Office, handset: Callable[..., Handset]) -> None:
    """With the server gone, every sign narrows the list; a row leads to its card, and back to the list as it stood."""
    admin, phone = office.desk("admin"), handset("li.min")
    enrol(phone, admin, "李敏")
    phone.settled()
    phone.offline(True)
    office.stop()
    phone.tap("找器具")
    phone.sees(re.compile(r"已过期 \d+"))
    everything = count(phone)
    phone.shoot("everything")
    assert 0 < typed(phone, "nmsc") < everything
    phone.shoot("first-letters")
    assert 0 < typed(phone, "农贸 水产") < everything
    at_rest(phone)
    phone.shoot("two-words")
    phone.tap(re.compile(r"^水产.*农贸市场"))
    phone.sees("这台器具")
    phone.tap("返回")
    phone.sees("农贸 水产")
    before = phone.read()
    phone.tap(re.compile("^已过期"))
    phone.changed_from(before)
    phone.shoot("overdue")
    phone.write(FIELD, "zzzz")
    phone.sees("这里没有符合的")
    phone.shoot("nothing")
    assert not phone.missing, "a sign has no glyph"
