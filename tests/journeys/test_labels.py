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
