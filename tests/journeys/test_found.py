"""What is found on site, from the glass with no network to the office's pages and the page behind the label."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.journeys import camera
from tests.journeys.office import Office
from tests.journeys.phone import Handset
from tests.journeys.steps import enrol, find_market

pytestmark = pytest.mark.journey
REPORT = "现场情况与台账不符"


def test_a_missing_label_goes_out_of_force(office: Office, handset: Callable[..., Handset]) -> None:
    """Offline: scanned, reported with a picture, the signature refused; the card says so at once, and after the sync so do the office and the public page."""
    admin, phone = office.desk("admin"), handset("li.min", size=(360, 740))
    enrol(phone, admin, "李敏")
    market = find_market(admin)
    payload, picture = admin.labels(market)[1]
    camera.show(picture, phone.film)
    phone.settled()
    phone.offline(True)
    office.stop()

    phone.tap("扫码检查")
    phone.sees("这台器具")
    phone.tap(REPORT)
    phone.sees("现场情况")
    phone.shoot("form")
    phone.tick(re.compile("^标签缺失$"))
    phone.tap("拍照")
    phone.shutter()
    phone.sees("已存照片 1 张")
    phone.shoot("told")
    phone.tap("请对方签名")
    phone.sees("签名框")
    phone.tick(re.compile("^店员$"))
    phone.shoot("sign")
    phone.tap("拒签", "不愿签")
    phone.sees("检查回执")
    phone.sees("标签缺失")
    phone.shoot("receipt")
    phone.tap("返回", "扫码检查")
    phone.sees("标签已失效：缺失")
    phone.shoot("card")
    phone.tap("返回")

    office.start()
    phone.offline(False)
    phone.tap("待传")
    phone.sees_times(re.compile("^标签缺失.*已收"), 1)
    desk = office.desk("admin")
    day = desk.page("/?kind=label.voided")
    assert "标签缺失" in day
    assert "拒签" in day
    found = re.search(r"/records/([0-9a-f-]{36})", day)
    assert found
    record = desk.page(f"/records/{found[1]}")
    assert 'data-answer="refused"' in record
    assert "不愿签" in record
    assert "店员" in record
    assert "42.750600, 123.352900 (±12 m)" in record
    assert f"/records/{found[1]}/evidence/" in record, "the picture has arrived"
    code = re.search(r"/L/([0-9A-Z]{8})\.", payload)
    assert code
    assert "这枚标签已失效" in desk.page(f"/L/{code[1]}")
    assert not phone.missing, "a sign has no glyph"


@pytest.mark.long
def test_a_site_closes_and_an_instrument_moves_in_english(
    office: Office, handset: Callable[..., Handset]
) -> None:
    """From today's list to a closed site; a scale moved to another stall and said so with a signature; the office has both."""
    admin, phone = office.desk("admin"), handset("li.min")
    enrol(phone, admin, "李敏")
    market = find_market(admin)
    _payload, picture = admin.labels(market)[1]
    camera.show(picture, phone.film)
    phone.settled()
    phone.tap("我的", "English")
    phone.sees("Language")
    phone.offline(True)
    phone.tap("Today")
    phone.tap("Scan to check")
    phone.sees("This instrument")
    phone.tap("Label, place or instrument not as recorded")
    phone.tick(re.compile("^Label on another instrument$"))
    phone.shoot("swapped")
    phone.tick(re.compile("^Instrument moved$"))
    phone.write("Stall or user", "Stall B7")
    phone.shoot("moved")
    phone.tap("Take the picture")
    phone.shutter()
    phone.sees("1 pictures kept")
    phone.tap("Have it signed")
    phone.sees("Signature box")
    phone.sign("Signature box")
    phone.shoot("signed")
    phone.tap("Signed")
    phone.sees("Instrument moved")
    phone.tap("Back")
    phone.tap(re.compile("left$"))
    phone.tap("Site is closed")
    phone.write("A word on it", "Gate locked, stalls empty")
    phone.tick(re.compile("^Nobody$"))
    phone.shoot("closing")
    phone.tap("Sign and keep")
    phone.sees("This site was found closed. Nothing is due here.")
    phone.shoot("closed")

    phone.tap("Back")
    phone.offline(False)
    phone.tap("Outbox")
    phone.sees_times(re.compile("^Site closed.*Received"), 1)
    phone.sees_times(re.compile("^Instrument moved.*Received"), 1)
    assert "场所已关闭" in admin.page("/?kind=premises.amended")
    assert "Stall B7" in admin.page(f"/instruments?site={market}")
    assert not phone.missing, "a sign has no glyph"
