"""Two phones in a valley without a network: one shows its records as codes, the other films them and brings them to the office."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable

import msgspec
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Route

from sync.messages import PushAnswer, Status
from tests.journeys import camera
from tests.journeys.office import Office
from tests.journeys.phone import HEARD, PATIENCE, Handset
from tests.journeys.steps import enrol, find_market
from tests.journeys.test_labels import printed

pytestmark = pytest.mark.journey

CODES = ("https://jl.maker.example/scan?id=210100", "https://jl.maker.example/scan?id=210101")
ROUNDS_SECONDS = 120


def test_codes_travel_from_phone_to_phone_to_the_office(
    office: Office, handset: Callable[..., Handset]
) -> None:
    """With no network anywhere two records go as codes to another phone; its sync brings them; the first phone's own push finds them there already."""
    admin, giver, courier = office.desk("admin"), handset("li.min"), handset("zhao.gang")
    enrol(giver, admin, "李敏")
    enrol(courier, admin, "赵刚")
    rows = admin.page(f"/instruments?site={find_market(admin)}")
    found = re.search(r'href="/instruments/([0-9a-f-]{36})">([^<]+)</a>', rows)
    assert found
    instrument_id, serial = found.groups()
    for phone in (giver, courier):
        phone.settled()
        phone.offline(True)

    for code in CODES:
        bind(giver, code, serial)
    giver.tap("待传", "转交")
    giver.sees("只有办公室能打开")
    giver.shoot("hand-over")
    giver.tap("显示成码")
    pictures = codes_on(giver)
    giver.tap("对方已收齐")
    giver.sees_times(re.compile("^外来码绑定.*已转交"), 2)
    giver.shoot("handed-over")

    camera.play(pictures, courier.film)
    courier.tap("待传", "替别的手机代传", "扫转交码")
    courier.page.locator(".camera .hint", has_text=re.compile(r"已扫 \d+ 码")).wait_for()
    courier.shoot("scanning")
    courier.sees("已收下，存到办公室收到为止", patience=ROUNDS_SECONDS * 1000)
    courier.shoot("taken")
    courier.tap("返回")
    courier.sees("代别人传：1 份")
    courier.shoot("carried")
    assert CODES[0] not in admin.page(f"/instruments/{instrument_id}")

    courier.offline(False)
    gone(courier, "代别人传")
    shown = admin.page(f"/instruments/{instrument_id}")
    assert all(code.partition("//")[2] in shown for code in CODES)

    answers: list[PushAnswer] = []

    def carry(route: Route) -> None:
        answer = route.fetch()
        answers.append(msgspec.msgpack.decode(answer.body(), type=PushAnswer))
        route.fulfill(response=answer)

    giver.through(carry)
    giver.offline(False)
    giver.sees_times(re.compile("^外来码绑定.*已收"), 2)
    giver.shoot("received")
    ruled = [ruling.status for answer in answers for ruling in answer.rulings]
    assert ruled == [Status.DUPLICATE] * 2
    assert admin.page(f"/instruments/{instrument_id}") == shown
    assert not giver.missing + courier.missing, "a sign has no glyph"


def bind(phone: Handset, code: str, serial: str) -> None:
    """A record: a code of others on a scale."""
    camera.show(printed(code), phone.film)
    phone.tap("扫码检查")
    phone.sees("不是身份码")
    phone.tap("绑定到这里的器具")
    phone.write("编号、出厂编号或摊位", serial)
    phone.tap(re.compile(serial))
    phone.sees("凭什么认定？")
    phone.tap("对照过铭牌", "绑定")
    phone.sees("外来码，已绑定；无签名可验")
    phone.tap("返回")
    phone.sees("今天的安排")


def codes_on(phone: Handset) -> list[Image.Image]:
    """Films the glass until every code of the series was on it: they move by themselves."""
    seen: dict[str, Image.Image] = {}
    ends = time.monotonic() + ROUNDS_SECONDS
    phone.sees(re.compile("第 \\d+ 码，共 \\d+ 码"))
    while time.monotonic() < ends:
        glass = Image.open(io.BytesIO(phone.page.screenshot()))
        found = re.search(r"共 (\d+) 码", phone.heard())
        for code in zxingcpp.read_barcodes(glass):
            if code.text not in seen:
                place = code.position
                corners = [place.top_left, place.top_right, place.bottom_left, place.bottom_right]
                across, down = [each.x for each in corners], [each.y for each in corners]
                box = (min(across) - 40, min(down) - 40, max(across) + 40, max(down) + 40)
                seen[code.text] = glass.crop(box)
                phone.shoot("code")
        if found and len(seen) == int(found[1]):
            return list(seen.values())
    raise AssertionError("not every code came")


def gone(phone: Handset, words: str) -> None:
    """Waits until the words stand nowhere any more."""
    phone.page.wait_for_function(f"sought => !({HEARD})().includes(sought)", arg=words, timeout=PATIENCE)
