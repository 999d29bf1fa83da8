"""Narrow glass and large type: every screen of the main job still shows all of its words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys import camera
from tests.journeys.office import Office
from tests.journeys.phone import Handset
from tests.journeys.steps import begin_check, enrol, find_market, get_ready, have_it_signed, read_on

pytestmark = [pytest.mark.journey, pytest.mark.long]


@pytest.mark.parametrize(
    ("size", "type_size"), [((320, 640), 16), ((390, 844), 32)], ids=["320-wide", "type-at-200-percent"]
)
def test_nothing_is_cut(
    office: Office, handset: Callable[..., Handset], size: tuple[int, int], type_size: int
) -> None:
    """The main job can be done on narrow glass and with type at 200 %: every word is there, none runs past the glass."""
    admin = office.desk("admin")
    phone = handset("li.min", size=size, type_size=type_size)
    enrol(phone, admin, "李敏")
    phone.tap("李敏")
    phone.sees("换同行人或砝码")
    phone.shoot("me")
    phone.tap("换同行人或砝码")
    get_ready(phone, "赵刚")
    camera.show(admin.labels(find_market(admin))[1][1], phone.film)
    phone.tap("扫码检查")
    begin_check(phone)
    phone.type_figure("0.01")
    phone.shoot("typed")
    phone.tap("删除", "删除", "删除", "删除")
    read_on(phone)
    have_it_signed(phone)
    phone.tap("返回")
    phone.tap("待传")
    phone.sees("已收")
    phone.shoot("outbox")
    assert not phone.missing, "a sign has no glyph"
