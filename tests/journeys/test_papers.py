"""The papers of a check, given out where there is no network: real files of a real browser, read by another program."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from tests.journeys import camera
from tests.journeys.office import Office
from tests.journeys.phone import Handset
from tests.journeys.steps import begin_check, enrol, find_market, get_ready, have_it_signed, read_on

pytestmark = pytest.mark.journey
SCALE = 4


def given_out(phone: Handset, button: str) -> pypdfium2.PdfDocument:
    """The file that a button gives out of the app."""
    with phone.page.expect_download() as coming:
        phone.tap(button)
    assert coming.value.suggested_filename.endswith(".pdf")
    return pypdfium2.PdfDocument(Path(coming.value.path()))


def words_in(document: pypdfium2.PdfDocument) -> str:
    """Its text, without breaks."""
    return re.sub(r"\s", "", "".join(page.get_textpage().get_text_bounded() for page in document))


def test_papers_are_given_out_without_a_network(office: Office, handset: Callable[..., Handset]) -> None:
    """Offline a scale reads 30 g too much: the record and the notice to correct are seen and given out; the code leads to the record at the office."""
    admin, phone = office.desk("admin"), handset("li.min")
    enrol(phone, admin, "李敏")
    phone.tap("李敏", "换同行人或砝码")
    get_ready(phone, "赵刚")
    camera.show(admin.labels(find_market(admin))[1][1], phone.film)
    phone.settled()
    phone.offline(True)
    phone.tap("扫码检查")
    begin_check(phone)
    phone.type_figure("0.030")
    phone.step("下一点")
    read_on(phone)
    have_it_signed(phone)
    phone.tap("文书（笔录、通知书、回执）")
    phone.sees("现场检查笔录")
    phone.shoot("record")
    record = given_out(phone, "A4")
    for words in ("现场检查笔录", "李敏", "赵刚", "疑似超差", "+30g"):
        assert words in words_in(record)
    phone.tap("责令改正通知书")
    phone.sees("改正期限")
    phone.shoot("notice")
    notice = given_out(phone, "A4")
    assert "违反的规定（由检查人员填写）" in words_in(notice)
    roll = given_out(phone, "58 mm")
    assert len(roll) == 1
    [code] = [
        code.text
        for page in notice
        for code in zxingcpp.read_barcodes(page.render(scale=SCALE).to_pil().convert("L"))
    ]
    phone.tap("返回", "返回")
    phone.offline(False)
    phone.tap("待传")
    phone.sees_times(re.compile("^抽查.*已收"), 1)
    address = re.search(r"/R/[0-9a-f-]{36}$", code)
    assert address
    assert 'data-verdict="arrived"' in admin.page(address[0])
    assert not phone.missing, "a sign has no glyph"
