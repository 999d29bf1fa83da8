"""Labels before the camera that are not what they seem, and numbers typed by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import qrcode
from PIL import Image

from tests.journeys import camera
from tests.journeys.office import Office
from tests.journeys.phone import Handset
from tests.journeys.steps import enrol, find_market

pytestmark = pytest.mark.journey


def printed(payload: str) -> Image.Image:
    """A label as anybody with a printer makes it."""
    code = qrcode.QRCode(border=4, box_size=8)
    code.add_data(payload)
    code.make(fit=True)
    picture: Image.Image = code.make_image().get_image()
    return picture


def other(character: str) -> str:
    """Another character of base 32 than this one."""
    return "A" if character != "A" else "B"


def test_a_forged_label_and_a_typed_number(office: Office, handset: Callable[..., Handset]) -> None:
    """With no network a forged signature is told at once; a typed number with one wrong sign is refused, the right one opens the card."""
    admin, phone = office.desk("admin"), handset("li.min")
    enrol(phone, admin, "李敏")
    payload, _picture = admin.labels(find_market(admin))[1]
    phone.settled()
    phone.offline(True)
    office.stop()

    head, _dot, signature = payload.rpartition(".")
    camera.show(printed(f"{head}.{other(signature[0])}{signature[1:]}"), phone.film)
    phone.tap("扫码检查")
    phone.sees("疑似假标签")
    phone.sees("签名不对")
    phone.shoot("forged")
    phone.tap("返回")

    camera.show(printed("https://maker.example/scale?id=12345"), phone.film)
    phone.tap("扫码检查")
    phone.sees("不是身份码")
    phone.shoot("foreign")
    phone.tap("返回")

    code = re.search(r"/L/([0-9A-Z]{8})\.", payload)
    assert code
    phone.tap("手输编号")
    phone.write("编号、出厂编号或摊位", code[1][:3] + other(code[1][3]) + code[1][4:])
    phone.tap("查找")
    phone.sees("校验")
    phone.shoot("mistyped")
    phone.write("编号、出厂编号或摊位", f"{code[1][:4]}-{code[1][4:]}")
    phone.tap("查找")
    phone.sees("这台器具")
    phone.sees("手输编号，未验签")
    phone.shoot("typed")
    assert not phone.missing, "a sign has no glyph"


LEDGER_FIELDS = "器具名称：电子计价秤；型号规格：TCS-15；出厂编号：2611-70707；生产厂家：上海大华"


def test_a_code_of_others_is_bound_and_opens_the_card_elsewhere(
    office: Office, handset: Callable[..., Handset]
) -> None:
    """With no network a maker's code is bound to a scale, another is put aside; after the sync a second phone's scan opens the card."""
    admin, phone, second = office.desk("admin"), handset("li.min"), handset("zhao.gang", size=(360, 640))
    enrol(phone, admin, "李敏")
    rows = admin.page(f"/instruments?site={find_market(admin)}")
    found = re.findall(r'href="/instruments/([0-9a-f-]{36})">([^<]+)</a>', rows)
    (instrument_id, serial), (_other_id, other) = found[:2]
    code = f"HTTP://JL.Maker.example/scan?ccbh={serial}&t=%e7%a7%a4"
    phone.settled()
    phone.offline(True)
    office.stop()

    put_aside(phone)
    camera.show(printed(code), phone.film)
    phone.tap("扫码检查")
    phone.sees("不是身份码")
    phone.sees("本机有同号的器具，是这台吗？")
    phone.shoot("candidate")
    phone.tap("绑定到这里的器具")
    phone.write("编号、出厂编号或摊位", serial)
    phone.shoot("choose")
    phone.tap(re.compile(serial))
    phone.sees("凭什么认定？")
    phone.shoot("bind")
    phone.tap("绑定")
    phone.sees("外来码，已绑定；无签名可验")
    phone.sees(serial)
    phone.shoot("bound")
    phone.tap("返回")
    phone.sees("1 条待传")
    phone.shoot("today-with-kept-code")

    office.start()
    phone.offline(False)
    phone.tap("待传")
    phone.sees_times(re.compile("^外来码绑定.*已收"), 1)
    assert "platform:jl.maker.example/scan?ccbh=" in admin.page(f"/instruments/{instrument_id}")

    enrol(second, admin, "赵刚")
    second.settled()
    second.offline(True)
    office.stop()
    camera.show(printed(f"https://jl.maker.example:443/scan?ccbh={serial}&t=%E7%A7%A4"), second.film)
    second.tap("扫码检查")
    second.sees("这台器具")
    second.sees("外来码，已绑定；无签名可验")
    second.sees(serial)
    second.shoot("card-elsewhere")
    dispute(second, serial, other)
    assert not phone.missing + second.missing, "a sign has no glyph"


def put_aside(phone: Handset) -> None:
    """A code with the fields of the ledger fills the registration in; nobody has time for that now, and it is kept."""
    camera.show(printed(LEDGER_FIELDS), phone.film)
    phone.tap("扫码检查")
    phone.sees("e-CQS 台账字段。")
    phone.shoot("ledger-fields")
    phone.tap("登记到台账")
    phone.sees("按码填写，请对照铭牌。")
    phone.shoot("register-from-code")
    phone.tap("返回")
    phone.tap("扫码检查")
    phone.tap("先留着")
    phone.sees("留待处理的码")
    phone.tap(re.compile("^留待处理的码"))
    phone.shoot("kept-codes")
    phone.tap(re.compile("^器具名称"))
    phone.sees("不留了")
    phone.shoot("kept")
    phone.tap("返回")


def dispute(phone: Handset, serial: str, other: str) -> None:
    """The code is on another scale: bound to that as well, both are offered from then on."""
    phone.tap("码贴在另一台上")
    phone.tap("选场所")
    phone.write("场所名称里的字", "中心农贸市场")
    phone.shoot("sites")
    phone.tap(re.compile("中心农贸市场"))
    phone.shoot("choose-at-the-site")
    phone.write("编号、出厂编号或摊位", other)
    phone.tap(re.compile(other))
    phone.sees(f"码上的出厂编号是 {serial}，这台是 {other}。")
    phone.tap("对照过铭牌")
    phone.shoot("contradiction")
    phone.tap("绑定")
    phone.sees(other)
    phone.tap("扫别的")
    phone.sees("绑定了好几台器具")
    phone.shoot("disputed")
    phone.tap(re.compile(f"{serial},"))
    phone.sees("这台器具")
    phone.sees(serial)
