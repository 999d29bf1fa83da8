"""A phone comes into service by two people's comparing, and goes out of it by one person's decision."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys import camera
from tests.journeys.office import Office
from tests.journeys.phone import Handset
from tests.journeys.steps import PIN

pytestmark = pytest.mark.journey


def test_a_phone_is_compared_granted_and_closed(office: Office, handset: Callable[..., Handset]) -> None:
    """Both screens show one fingerprint, the grant brings the counties, and a closed phone is told so and keeps what it has."""
    office.stop()
    office.start(demo=False)
    admin, phone = office.desk("admin"), handset("li.min")
    _text, picture = admin.enrolment_code("李敏")
    camera.show(picture, phone.film, height=500)
    phone.switch_on()
    phone.tap("扫注册码")
    phone.sees("请设六位数字的 PIN")
    phone.type_figure(PIN)
    phone.sees("再输一次")
    phone.type_figure(PIN)
    phone.sees("请把这些数字念给管理员")
    phone.shoot("compare")
    [(device, row)] = admin.phones()
    shown = [group for group in row.split() if group in phone.heard()]
    assert len(shown) >= 4, "the two screens do not show the same fingerprint"
    admin.decide(device, "grant")
    phone.sees("今天的安排")

    admin.decide(device, "closed")
    phone.tap("待传", "现在同步")
    phone.sees("办公室已停用这部手机")
    phone.shoot("closed")
    phone.sees("记录都在本机，一条不少")
    assert not phone.missing, "a sign has no glyph"
