"""What a person does on a phone, in steps that every journey is made of."""

from __future__ import annotations

import re

from tests.journeys import camera
from tests.journeys.office import Desk
from tests.journeys.phone import Handset

PIN = "314159"
WEIGHTS = ("5 kg × 2", "2 kg × 2", "1 kg", "500 g", "200 g × 2", "100 g")
SAME = re.compile("^同载荷")


def enrol(phone: Handset, admin: Desk, name: str) -> None:
    """From the box to the home screen, by the code on the console's screen."""
    _text, picture = admin.enrolment_code(name)
    camera.show(picture, phone.film, height=500)
    phone.switch_on()
    phone.shoot("enrol")
    phone.tap("扫注册码")
    phone.sees("请设六位数字的 PIN")
    phone.shoot("pin")
    phone.type_figure(PIN)
    phone.sees("再输一次")
    phone.type_figure(PIN)
    phone.sees("今天的安排")
    phone.shoot("today")


def unlock(phone: Handset) -> None:
    phone.sees("已锁定")
    phone.shoot("locked")
    phone.type_figure(PIN)


def get_ready(phone: Handset, partner: str) -> None:
    """出发之前: the second officer and the weights in the bag."""
    phone.sees("出发之前")
    phone.tap(partner)
    for weight in WEIGHTS:
        phone.tick(re.compile(rf"^{re.escape(weight)} M1-123"))
    phone.shoot("prepared")
    phone.tap("好了，出发")
    phone.sees("今天的安排")


def begin_check(phone: Handset) -> None:
    """From a label before the camera to the first reading: card, look, picture."""
    phone.sees("这台器具")
    phone.sees("标签签名有效")
    phone.shoot("card")
    phone.tap("开始检查")
    phone.sees("外观检查")
    phone.shoot("visual")
    phone.tap("都正常")
    phone.shutter()
    phone.sees("零点")
    phone.shoot("reading")


def read_on(phone: Handset) -> None:
    """Takes 同载荷 at one point after the other; the last one leads to the outcome."""
    while True:
        last = phone.button("看结论").count() > 0
        before = phone.read()
        phone.tap(SAME)
        phone.changed_from(before)
        if last:
            return


def have_it_signed(phone: Handset) -> None:
    """From the outcome to the receipt."""
    phone.sees("这是抽查初筛，不是检定结论")
    phone.shoot("verdict")
    phone.tap("请经营者签名")
    phone.sees("签名框")
    phone.sign()
    phone.shoot("signed")
    phone.tap("签好了")
    phone.sees("检查回执")
    phone.shoot("receipt")


def find_market(desk: Desk) -> str:
    """The first market on the list of sites that have labels."""
    rows = re.findall(r"<tr.*?</tr>", desk.page("/labels"), re.DOTALL)
    row = next(row for row in rows if "市场" in row)
    found = re.search(r"/labels/([0-9a-f-]{36})\.pdf", row)
    assert found
    return found[1]
