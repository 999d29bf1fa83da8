"""Printed labels: what is scanned off the paper is what the office accepts, and nothing is cut."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from server.printing.labels import DPI, LabelPrinter, code_picture
from shared.label import shown_code
from tests.server.office import ROOT
from tests.server_pages.conftest import Desk
from tests.server_pages.street import Street

Sit = Callable[[str], Desk]
JPEG = re.compile(rb"\xff\xd8\xff.*?\xff\xd9", re.DOTALL)
MILLIMETRES = 25.4


def pages_of(pdf: bytes) -> list[Image.Image]:
    """The pages of a sheet as pictures: each page is one."""
    return [Image.open(io.BytesIO(page)) for page in JPEG.findall(pdf)]


def printer(street: Street, tmp_path: Path, issuer: str) -> LabelPrinter:
    return LabelPrinter(ROOT / "assets/fonts", tmp_path / "fonts", issuer)


def test_a_printed_sheet_scans_to_what_the_office_accepts(street: Street, sit: Sit) -> None:
    """Every label of a site is on its A4 sheets once; each code is read off the page, is 25 mm wide and leads to its own instrument."""
    ids = [street.scale(street.premises_id, f"2501-{number:05d}") for number in range(17)]
    street.labelled(ids)
    desk = sit("wang")
    pages = pages_of(desk.get(f"/labels/{street.premises_id}.pdf").content)
    assert [page.size for page in pages] == [(2480, 3508)] * 2
    codes = [code for page in pages for code in zxingcpp.read_barcodes(page)]
    labels = {each.label: each.serial_number for each in street.office.house.registry.at(street.premises_id)}
    assert len(codes) == len(labels) == 20
    read = set()
    for code in codes:
        corners = code.position
        assert (corners.top_right.x - corners.top_left.x) / DPI * MILLIMETRES >= 25
        path = "/L/" + code.text.partition("/L/")[2]
        page = desk.get(path).text
        label = path[3:11]
        read.add(label)
        assert shown_code(label) in page
        assert labels[label][:5] in page
        assert "forged" not in page
    assert read == set(labels)


@pytest.mark.parametrize(
    ("issuer", "kind"),
    [
        ("康平县", "电子秤"),
        (
            "辽宁省沈阳市康平县市场监督管理局计量与标准化监督管理科（演示用，不作凭证，仅供培训）",
            "多参数监护仪（有创与无创血压、血氧、体温、呼吸、心电）" * 2,
        ),
    ],
)
def test_long_names_are_set_smaller_and_never_cut(
    street: Street, tmp_path: Path, issuer: str, kind: str
) -> None:
    """Short or very long, the words stay inside the label, clear of the code, and the code still reads."""
    printed = street.office.house.labels.printed(street.scales[0])
    picture = printer(street, tmp_path, issuer).draw(printed, kind)
    [code] = zxingcpp.read_barcodes(picture)
    assert code.text == printed.payload
    width, height = picture.size
    dark = picture.point(lambda grey: 255 if grey < 128 else 0)
    left, top, right, bottom = dark.getbbox() or (0, 0, 0, 0)
    assert left >= 20
    assert right <= width - 20
    assert top >= 8
    assert bottom <= height - 8
    quiet = 4 * (code.position.top_right.x - code.position.top_left.x) // 45
    corner, end = code.position.top_left, code.position.bottom_right
    for band in (
        (corner.x, corner.y - quiet + 4, end.x, corner.y - 4),
        (corner.x, end.y + 6, end.x, end.y + quiet - 4),
    ):
        assert dark.crop(band).getbbox() is None


@pytest.mark.parametrize("host", ["http://h", "https://jiliang.scjg.shenyang.liaoning.example.cn"])
def test_the_code_is_wide_enough_whatever_the_host(street: Street, host: str) -> None:
    """A short host makes a coarser code and a long one a finer: both are 25 mm wide at 300 dpi without their quiet zone."""
    payload = street.office.house.labels.printed(street.scales[0]).payload
    picture = code_picture(f"{host}/L/".upper() + payload.partition("/L/")[2])
    [code] = zxingcpp.read_barcodes(picture)
    assert (code.position.top_right.x - code.position.top_left.x) / DPI * MILLIMETRES >= 25


def test_labels_are_issued_where_they_are_missing(street: Street, sit: Sit) -> None:
    """A new instrument stands in the column without label; the campaign manager issues it, and the sheet has one more."""
    site = street.site("新市场")
    instrument_id = street.scale(site, "2601-00001")
    desk = sit("chen")
    assert desk.get(f"/labels/{site}.pdf").status_code == 400
    page = desk.get("/labels").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token
    assert f"/labels/issue/{site}" in page
    page = desk.post(f"/labels/issue/{site}", data={"csrf": token[1]}).text
    assert f"/labels/issue/{site}" not in page
    label = street.office.house.registry.instrument(instrument_id).label
    [sheet] = pages_of(desk.get(f"/labels/{site}.pdf").content)
    [code] = zxingcpp.read_barcodes(sheet)
    assert label in code.text
