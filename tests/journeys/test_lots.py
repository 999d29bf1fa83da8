"""A lot of prepackages: half read in a shop with no network, the phone dies, the rest is read the next day, and the office judges for itself."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.journeys.office import Desk, Office
from tests.journeys.phone import Handset
from tests.journeys.steps import enrol, unlock

pytestmark = pytest.mark.journey

NETS = ["498", "501", "499", "500", "502", "497", "500", "499", "501", "484"]
"""Ten packages of 500 g; the last is short by more than T."""


def test_a_lot_goes_on_the_next_day(office: Office, handset: Callable[..., Handset]) -> None:
    """No reading is lost by a kill, nothing waits for a network, and the record's page shows what the office worked out."""
    admin, phone = office.desk("admin"), handset("li.min")
    enrol(phone, admin, "李敏")
    phone.settled()
    phone.offline(True)

    begin_the_lot(phone)
    read(phone, NETS[:5])
    phone.type_figure("49")
    phone.sees("第 6 件，共 10 件")
    phone.shoot("half-typed")
    phone.kill()

    phone.switch_on(offline=True)
    phone.later(hours=24)
    unlock(phone)
    phone.sees("第 6 件，共 10 件")
    assert "净含量 49 g" in phone.heard(), "what was typed is lost"
    phone.step("暂停，以后接着做")
    phone.sees("今天的安排")
    phone.shoot("paused")
    phone.tap("继续")
    phone.sees("第 6 件，共 10 件")
    phone.type_figure("7")
    phone.step("下一件")
    read(phone, NETS[6:])
    phone.sees("疑似净含量短缺")
    phone.shoot("outcome")
    phone.tap("请经营者签名")
    phone.sees("签名框")
    phone.sign()
    phone.tap("签好了")
    phone.sees("检查回执")
    phone.shoot("receipt")

    phone.offline(False)
    phone.tap("返回")
    phone.tap("待传")
    phone.sees_times(re.compile("^预包装商品批.*疑似净含量短缺.*已收"), 1)
    phone.shoot("outbox")
    see_at_the_office(office.desk("wang.hai"))
    assert not phone.missing, "a sign has no glyph"


def begin_the_lot(phone: Handset) -> None:
    """Goods, label, plan and what is weighed with."""
    phone.tap("预包装商品检查")
    phone.sees("商品名称")
    phone.write("商品名称", "雪花粉")
    phone.step("净含量:500g")
    phone.sees("标注未全部判定")
    phone.shoot("label")
    phone.tap("看抽样方案")
    phone.sees("两个数都填好后给出抽样方案")
    phone.type_figure("40")
    phone.sees("抽取 10 件")
    phone.sees("新规程待核")
    phone.shoot("plan")
    phone.tap("继续")
    phone.sees("所用器具")
    phone.shoot("method")
    phone.tick(re.compile(r"^1 kg M1-123"))
    phone.tap("开始读数")
    phone.sees("第 1 件，共 10 件")
    phone.shoot("first-package")


def read(phone: Handset, nets: list[str]) -> None:
    """Types one package after the other; the last one leads to the outcome."""
    for net in nets:
        phone.type_figure(net)
        phone.sees(f"净含量 {net} g")
        phone.step("看结论" if phone.button("看结论").count() else "下一件")


def see_at_the_office(reviewer: Desk) -> None:
    """The day's list has the finding; the page has the office's own working and every package."""
    day = reviewer.page("/")
    row = next(row for row in day.split("<tr ") if "雪花粉" in row)
    assert "疑似净含量短缺" in row
    found = re.search(r"/records/([0-9a-f-]{36})", row)
    assert found
    page = reviewer.page(f"/records/{found[1]}")
    assert 'data-outcome="beyond"' in page
    for words in ("摘要相符", "签名有效", "N = 40", "−16 g", "李敏", "无异议", "JJF 1070-2005"):
        assert words in page, f"the record's page does not say {words}"
    moments = re.findall(r"(\d{4}-\d\d-\d\d) \d\d:\d\d", page.partition("<h2>读数")[2] or page)
    assert len(set(moments)) >= 2, "the readings were taken on two days"
