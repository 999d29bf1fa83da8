"""A campaign in a township with no network: one item passes, one fails and is tested again, the clinic signs; then the office has the figures."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.journeys.office import Desk, Office
from tests.journeys.phone import Handset
from tests.journeys.steps import enrol

pytestmark = pytest.mark.journey

STICKER = re.compile(r"[0-9A-Z]{4}-\d{6}")


def test_a_township_is_verified(office: Office, handset: Callable[..., Handset]) -> None:
    """The team waits for nothing, each pass has a number of its own, and the console counts what the clinic signed."""
    admin, phone = office.desk("admin"), handset("sun.li")
    enrol(phone, admin, "孙丽")
    phone.settled()
    phone.offline(True)

    phone.tap("免费检定")
    phone.shoot("campaigns")
    phone.tap(re.compile("乡镇卫生院免费检定"))
    phone.sees("选择乡镇")
    phone.shoot("townships")
    phone.tap(re.compile("^张强镇"))
    phone.sees("未办")
    phone.shoot("roster")
    phone.tap("下一件")
    phone.sees("哪项不合格？全部合格就不用点。")
    phone.shoot("item")
    phone.tap("合格")
    phone.sees("请贴这个编号的合格证")
    [first] = STICKER.findall(phone.heard())
    phone.shoot("passed")
    phone.tap("回名册", "下一件")
    phone.tap("示值误差")
    phone.shoot("failing")
    phone.tap("不合格")
    phone.sees("停止使用")
    phone.shoot("failed")
    phone.tap("复检")
    phone.sees("这次是复检。")
    phone.tap("已修理")
    phone.shoot("retest")
    phone.tap("合格")
    phone.sees("请贴这个编号的合格证")
    [second] = STICKER.findall(phone.heard())
    assert first != second
    phone.tap("回名册")
    phone.sees("复检合格")
    phone.tap("请单位确认（2 件）")
    phone.sees("有出入的请点一下")
    phone.shoot("items")
    phone.tap("去签字")
    phone.sees("签名框")
    phone.sign()
    phone.shoot("signature")
    phone.tap("签好了")
    phone.sees("合格，单位已确认")
    phone.shoot("confirmed")

    phone.offline(False)
    phone.tap("返回")
    phone.sees("选择乡镇")
    phone.tap("返回", "待传")
    phone.sees_times(re.compile("^使用单位确认.*已收"), 1)
    phone.shoot("outbox")
    see_at_the_office(office.desk("wang.hai"), first)
    assert not phone.missing, "a sign has no glyph"


def see_at_the_office(reviewer: Desk, sticker: str) -> None:
    """The campaign's page counts two confirmed ones, and lists them with their stickers."""
    found = re.search(r"/campaigns/([0-9a-f-]{36})", reviewer.page("/campaigns"))
    assert found
    page = reviewer.page(f"/campaigns/{found[1]}?state=confirmed")
    foot = re.findall(r">(\d+)</a>", page.partition("<tfoot>")[2].partition("</tfoot>")[0])
    total, expected, verified, retested, confirmed = map(int, foot[:5])
    assert (total - expected, verified, retested, confirmed) == (2, 0, 0, 2)
    assert sticker in page
