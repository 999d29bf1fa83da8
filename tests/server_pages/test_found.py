"""What the office sees of something found on site: what it is, the evidence as it was taken, and what there is to decide."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from PIL import Image

from mobile.workflow.finding import Finding
from mobile.workflow.found import Found
from shared.inspection import Present
from shared.instrument import LabelTrouble
from shared.premises import Position
from tests.mobile.played import settled
from tests.mobile.workflow.test_finding import There
from tests.mobile.workflow.test_picture import GPS_IFD, photograph
from tests.server_pages.conftest import Desk
from tests.server_pages.street import STROKES, Street, whole_phone
from tests.server_pages.test_conflicts import forms
from tests.server_pages.test_records import text_of

Sit = Callable[[str], Desk]
MEDIA = "application/vnd.quanheng.strokes+json"


async def report(street: Street, folder: Path, what: Found, sign: bool = False) -> str:
    """A whole phone reports something of the first scale with a picture that tells too much, and sends it; the record's id."""
    now = street.office.clock.now()
    async with whole_phone(street, folder) as app:
        place = Position(
            Decimal("42.750600"), Decimal("123.352900"), Decimal(12), now - timedelta(minutes=9), mocked=True
        )
        object.__setattr__(app.equipment, "positioning", There(place))
        known = await app.resolve.scanned(street.office.house.labels.printed(street.scales[0]).payload)
        assert known.instrument
        finding = await app.findings.of_instrument(known.instrument)
        await finding.found(what)
        await finding.add_photo(photograph())
        await finding.was_present(Present.EMPLOYEE)
        await settled()
        await signed(finding, sign)
        assert finding.receipt
        await app.sync.run()
        return finding.receipt.record_id


async def signed(finding: Finding, sign: bool) -> None:
    """The other party signs, or refuses to."""
    if sign:
        await finding.sign(STROKES, MEDIA)
    else:
        await finding.refuse("unwilling")


def test_a_voided_label_is_shown_with_its_evidence(street: Street, sit: Sit, tmp_path: Path) -> None:
    """The day's list, the record's page, the instrument's and the public one say it in both languages; the picture has no place in it."""
    record_id = asyncio.run(report(street, tmp_path, Found.LABEL_MISSING))
    desk, scale = sit("wang"), street.scales[0]
    day = text_of(desk.get("/").text)
    for said in ("标签失效", "标签缺失", "拒签"):
        assert said in day
    page = desk.get(f"/records/{record_id}").text
    for said in (
        "标签缺失",
        "当事人拒签",
        "不愿签",
        "店员",
        "±12 m",
        "已过时：早了 9 分钟",
        "应用伪造的定位",
    ):
        assert said in text_of(page), said
    [address] = set(re.findall(rf"/records/{record_id}/evidence/[0-9a-f]+", page))
    picture = Image.open(io.BytesIO(desk.get(address).content))
    assert picture.size == Image.open(io.BytesIO(photograph())).size
    assert not picture.getexif()
    assert Image.open(io.BytesIO(photograph())).getexif().get_ifd(GPS_IFD)
    instrument = desk.get(f"/instruments/{scale.instrument_id}").text
    assert "标签缺失" in text_of(instrument)
    assert f'href="/records/{record_id}"' in instrument
    assert 'data-verdict="void"' in desk.get(f"/L/{street.payload(scale)}").text
    english = text_of(desk.get(f"/records/{record_id}", headers={"Accept-Language": "en"}).text)
    for said in (
        "Label missing",
        "The other party refused to sign",
        "Stale: 9 min before",
        "Mocked by an app",
    ):
        assert said in english, said


def test_a_new_label_is_issued_where_the_old_one_is_out_of_force(
    street: Street, sit: Sit, tmp_path: Path
) -> None:
    """The sheet leaves the label out; who may issue labels does so from the instrument's page, and it has one in force."""
    asyncio.run(report(street, tmp_path, Found.LABEL_UNREADABLE, sign=True))
    scale, desk = street.scales[0], sit("chen")
    page = desk.get(f"/instruments/{scale.instrument_id}").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    assert f"/labels/issue/{scale.premises_id}" in page
    desk.post(f"/labels/issue/{scale.premises_id}", data={"csrf": csrf[1]})
    after = street.office.house.registry.instrument(scale.instrument_id)
    assert after.label_in_force
    assert after.label != scale.label
    others = [street.office.house.registry.instrument(one.instrument_id) for one in street.scales[1:]]
    assert [one.label for one in others] == [one.label for one in street.scales[1:]]


def test_a_swapped_label_is_decided_on_the_page_of_conflicts(
    street: Street, sit: Sit, tmp_path: Path
) -> None:
    """It stands there with its record and two ways to decide; taken off, the instrument has no label and the trail says why."""
    record_id = asyncio.run(report(street, tmp_path, Found.LABEL_SWAPPED, sign=True))
    desk, scale = sit("wang"), street.scales[0]
    page = desk.get("/conflicts").text
    assert "标签贴在别的器具上" in text_of(page)
    assert f"/records/{record_id}" in page
    stands, off = forms(page)
    assert (stands["conflict"], stands["settles"], off["conflict"]) == (
        "label_swapped",
        record_id,
        "label_disputed",
    )
    answer = desk.post("/conflicts", data={**off, "reason": "两台都看过"})
    assert "没有冲突" in answer.text
    after = street.office.house.registry.instrument(scale.instrument_id)
    assert (after.label, after.label_trouble) == ("", LabelTrouble.NONE)
    assert street.office.check() is not None


def test_gone_moved_and_corrected_are_told_apart(street: Street, sit: Sit, tmp_path: Path) -> None:
    """A finding has its evidence on the page; a mere correction says what was put right, and nobody was asked to sign it."""
    record_id = asyncio.run(report(street, tmp_path, Found.ABSENT))
    phone = street.office.phone("zhao")
    scale = street.office.house.registry.instrument(street.scales[0].instrument_id)
    [ruling] = phone.push(phone.amend(scale, "model", "TCS"))
    desk = sit("wang")
    found, corrected = (text_of(desk.get(f"/records/{one}").text) for one in (record_id, ruling.record_id))
    assert "未见" in found
    assert "现场情况" in found
    assert "更正内容" in corrected
    assert "TCS" in corrected
    assert "证据" not in corrected
