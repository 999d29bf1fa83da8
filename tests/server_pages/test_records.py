"""What the office sees of a record: that it is genuine or that it is not, its evidence, and where each figure comes from."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from litestar.testing import TestClient

from server.app import office_app
from server.services.attachments import Announced
from shared.identity import digest_of
from shared.inspection import BlobRef
from shared.people import Role
from shared.records import InstrumentRegistered
from sync.envelope import ClockEvidence, read_body
from tests.server.office import COUNTY, NEXT_COUNTY, PASSWORD, TOWNSHIP, Office, Phone, damaged
from tests.server_pages.conftest import Desk
from tests.server_pages.street import SITE, Street, check_a_scale, photograph

Sit = Callable[[str], Desk]
DIGEST_HOLDS, SIGNATURE_HOLDS = 'id="digest-verified"', 'id="signature-verified"'


def phone_of(street: Street) -> Phone:
    """An enrolled phone that writes records by hand."""
    return street.office.phone("zhao")


def text_of(page: str) -> str:
    """What is read on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_real_check_is_shown_whole_and_verified(street: Street, sit: Sit, tmp_path: Path) -> None:
    """A check that a whole phone sealed and sent is shown with digest and signature checked, its readings, its words and its history."""
    receipt = asyncio.run(check_a_scale(street, tmp_path))
    page = sit("wang").get(f"/records/{receipt.record_id}").text
    assert DIGEST_HOLDS in page
    assert SIGNATURE_HOLDS in page
    assert receipt.digest in page
    text = text_of(page)
    for wanted in ("初筛符合", "李敏", SITE, "偏载 1", "±10 g", "当事人无异议", "2403-01180 的全部历史"):
        assert wanted in text, wanted
    assert "合格" not in text.replace("不合格", "")
    history = page.partition("的全部历史")[2]
    assert history.count('<tr data-href="/records/') == 4


def test_the_evidence_is_shown_and_looking_at_a_signature_is_noted(
    street: Street, sit: Sit, tmp_path: Path
) -> None:
    """The photograph is the very file that was taken; the signature is drawn from its strokes, and who looked is on the audit trail."""
    receipt = asyncio.run(check_a_scale(street, tmp_path))
    desk = sit("wang")
    page = desk.get(f"/records/{receipt.record_id}").text
    addresses = dict.fromkeys(re.findall(rf'src="(/records/{receipt.record_id}/evidence/[0-9a-f]+)"', page))
    answers = [desk.get(address) for address in addresses]
    photo = next(answer for answer in answers if answer.headers["content-type"] == "image/jpeg")
    assert photo.content == photograph()
    signature = next(answer for answer in answers if answer.headers["content-type"] == "image/svg+xml")
    assert 'points="10,20 40,60 90,15"' in signature.text
    noted = street.office.rows("SELECT person_id FROM audit WHERE action = 'personal_read'")
    assert [row["person_id"] for row in noted] == [street.people["wang"]]


@pytest.mark.parametrize(
    ("change", "digest_holds"),
    [
        ("signature = zeroblob(64)", True),
        ("body = CAST(replace(CAST(body AS TEXT), '2403', '2404') AS BLOB)", False),
    ],
)
def test_what_was_changed_in_the_store_is_said(
    street: Street, sit: Sit, tmp_path: Path, change: str, digest_holds: bool
) -> None:
    """A record whose bytes or signature somebody altered in the database is shown as not verified."""
    receipt = asyncio.run(check_a_scale(street, tmp_path))
    with street.office.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE ledger SET {change} WHERE record_id = ?", (receipt.record_id,))  # noqa: S608
    page = sit("wang").get(f"/records/{receipt.record_id}").text
    assert (DIGEST_HOLDS in page) is digest_holds
    assert SIGNATURE_HOLDS not in page
    assert 'id="signature-wrong"' in page
    assert ('id="digest-wrong"' in page) is not digest_holds


def test_each_figure_of_the_day_opens_its_records(street: Street, sit: Sit, tmp_path: Path) -> None:
    """Following the link of any figure leads to a list of exactly so many records, and they add up to the day's total."""
    asyncio.run(check_a_scale(street, tmp_path, flag="铅封断裂"))
    desk = sit("wang")
    page = desk.get("/").text
    figures = re.findall(r'<a href="(/\?day=[^"]*kind=[^"]*headline=[^"]*)">(\d+)</a>', page)
    assert len(figures) > 5
    total = 0
    for address, figure in figures:
        listed = desk.get(address.replace("&amp;", "&")).text
        assert listed.count('<tr data-href="/records/') == int(figure), address
        total += int(figure)
    assert page.count('<tr data-href="/records/') == total
    assert any("headline=suspected_cheating" in address for address, _figure in figures)


def test_the_day_before_is_empty_and_nonsense_is_no_day(sit: Sit) -> None:
    """A day without records says so, and what is no date is answered with a way out."""
    desk = sit("wang")
    assert "没有内容" in desk.get("/?day=2020-01-01").text
    answer = desk.get("/?day=tomorrow")
    assert answer.status_code == 400
    assert "2026-11-24" in answer.text


def test_markup_in_a_name_is_only_text(street: Street, sit: Sit, tmp_path: Path) -> None:
    """A site, a stall, a serial number and a note with markup in them never become markup, on the console nor on the public page."""
    evil = '"><script>alert(1)</script>'
    bad = street.site(f"市场{evil}")
    [scale] = street.labelled([street.scale(bad, f"1{evil}", stall=f"摊{evil}")])
    receipt = asyncio.run(check_a_scale(street, tmp_path, flag=evil))
    desk = sit("admin")
    paths = [
        "/",
        "/labels",
        "/instruments",
        f"/instruments?site={bad}",
        f"/instruments?q={evil}",
        f"/instruments/{scale.instrument_id}",
        f"/records/{receipt.record_id}",
        f"/L/{street.payload(scale)}",
        f"/L/{evil}",
        f"/R/{evil}",
        f"/?day={evil}",
        f"/sign-in?to=/{evil}",
    ]
    for path in paths:
        assert "<script>" not in desk.get(path).text, path
    assert "&lt;script&gt;" in desk.get(f"/instruments/{scale.instrument_id}").text
    assert "&lt;script&gt;" in desk.get(f"/records/{receipt.record_id}").text


def test_a_phone_does_not_choose_what_a_browser_runs(street: Street, sit: Sit) -> None:
    """Evidence that a record calls HTML is handed out as a download of unknown type, never as a page."""
    phone = phone_of(street)
    content = b"<script>alert(1)</script>"
    digest = phone.send_file(content)
    photo = BlobRef(digest=digest, media_type="text/html", size=len(content), role="nameplate")
    record = phone.inspection(street.scales[0], photos=[photo])
    [ruling] = phone.push(record)
    answer = sit("wang").get(f"/records/{ruling.record_id}/evidence/{digest}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_record_without_its_photo_is_shown_as_awaiting_it(street: Street, sit: Sit) -> None:
    """The page is whole, and says of each file that is not here yet that it has not arrived; half a file is none; whole, it is shown."""
    phone, content = phone_of(street), b"picture" * 100
    digest = digest_of(content)
    photo = BlobRef(digest=digest, media_type="image/jpeg", size=len(content), role="nameplate")
    [ruling] = phone.push(phone.inspection(street.scales[0], photos=[photo]))
    desk, files = sit("wang"), street.office.house.attachments
    page, evidence = f"/records/{ruling.record_id}", f"/records/{ruling.record_id}/evidence/{digest}"
    files.create(phone.access, Announced(digest, len(content), "image/jpeg", ruling.record_id))
    for chunk in (b"", content[:300]):
        files.append(phone.access, digest, 0, chunk)
        assert "尚未到达" in desk.get(page).text
        assert evidence not in desk.get(page).text
        assert desk.get(evidence).status_code == 404
    files.append(phone.access, digest, 300, content[300:])
    assert "尚未到达" not in desk.get(page).text
    assert evidence in desk.get(page).text
    assert desk.get(evidence).content == content


def test_a_file_of_another_county_is_not_shown_with_a_record_that_names_it(street: Street, sit: Sit) -> None:
    """Who knows the digest of another county's file and names it reads nothing; a phone's own file goes with its records in both its counties."""
    content, office = b"picture" * 100, street.office
    wide, nosy = office.phone("wide", (COUNTY, NEXT_COUNTY)), office.phone("nosy", (NEXT_COUNTY,))
    digest = wide.send_file(content)
    photo = BlobRef(digest=digest, media_type="image/jpeg", size=len(content), role="nameplate")
    office.house.access.add_person("far", PASSWORD, "远方", Role.REVIEWER, "法库县局", [NEXT_COUNTY])
    desk, shown = sit("far"), []
    for phone in (nosy, wide):
        site_id, site = phone.site(county=NEXT_COUNTY)
        scale_id, scale = phone.scale(site_id, county=NEXT_COUNTY)
        phone.push(site, scale)
        [ruling] = phone.push(phone.inspection(office.house.registry.instrument(scale_id), photos=[photo]))
        announced = Announced(digest, len(content), "image/jpeg", ruling.record_id)
        assert office.house.attachments.create(phone.access, announced).complete
        evidence = f"/records/{ruling.record_id}/evidence/{digest}"
        shown.append(
            (evidence in desk.get(f"/records/{ruling.record_id}").text, desk.get(evidence).status_code)
        )
    assert shown == [(False, 404), (True, 200)]


def test_held_and_refused_records_are_seen_with_their_reason(street: Street, sit: Sit) -> None:
    """The intake lists what waits and what was refused, says why and what to do, counts it, and hands out the bytes as they came."""
    phone = phone_of(street)
    unknown = street.office.known_scale(phone.mint(), street.premises_id)
    held, refused = phone.inspection(unknown), damaged(phone.inspection(street.scales[0]))
    phone.push(held, refused)
    desk = sit("wang")
    page = desk.get("/intake").text
    assert "<b>2</b>" in page
    assert "暂存" in page
    assert "signature_wrong" in page
    for record in (held, refused):
        answer = desk.get(f"/intake/{record.digest}")
        assert answer.content == record.body
        assert answer.headers["content-disposition"].startswith("attachment")


def test_another_countys_office_sees_nothing_of_it(street: Street, sit: Sit, tmp_path: Path) -> None:
    """Somebody whose region is another county gets neither lists nor single pages, files or labels."""
    receipt = asyncio.run(check_a_scale(street, tmp_path))
    street.office.house.access.add_person("far", PASSWORD, "远方", Role.REVIEWER, "法库县局", ["210124"])
    desk = sit("far")
    for path in ("/", "/instruments", "/instruments?q=2403", "/campaigns", "/labels", "/intake"):
        page = desk.get(path).text
        assert SITE not in page, path
        assert "2403-0118" not in page, path
    singles = [
        f"/records/{receipt.record_id}",
        f"/instruments/{street.scales[0].instrument_id}",
        f"/campaigns/{street.campaign_id}",
        f"/labels/{street.premises_id}.pdf",
    ]
    assert [desk.get(path).status_code for path in singles] == [403] * 4
    assert desk.get(f"/instruments?site={street.premises_id}").status_code == 404


def test_a_campaign_in_which_nothing_is_done_yet(street: Street, sit: Sit) -> None:
    """The campaign's figures open their roster: all is expected, and nothing verified."""
    page = sit("wang").get(f"/campaigns/{street.campaign_id}").text
    narrowed = sit("wang").get(f"/campaigns/{street.campaign_id}?state=verified").text
    assert "· 0/3" in text_of(narrowed)
    assert "· 3/3" in text_of(page)


def test_phones_are_offered_granted_and_closed(street: Street, sit: Sit) -> None:
    """The administrator shows a code, a phone asks with it and waits, both compare the fingerprint, the grant opens it and a click closes it."""
    office = Office(street.office.data / "field", demo=False)
    office.house.access.add_person("boss", PASSWORD, "管理员", Role.ADMINISTRATOR, "局", ["210123"])
    phone = Phone(office, office.person("qian"), "qian")
    with TestClient(office_app(office.house, office.settings)) as desk:
        desk.post("/sign-in", data={"login": "boss", "password": PASSWORD})
        page = desk.get("/phones").text
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        assert token
        shown = desk.post("/phones", data={"csrf": token[1], "person": phone.person_id}).text
        code = re.search(r'id="enrolment-code">([^<]+)<', shown)
        assert code
        assert "data:image/png;base64," in shown
        enrolled = office.house.enrolments.request(phone.request(code[1]))
        phone.token = enrolled.token
        waiting = desk.get("/phones").text
        assert "请核对指纹" in waiting
        assert phone.access.fingerprint in waiting
        for wanted, words in (("grant", "正常"), ("push_only", "只许上传"), ("closed", "已停用")):
            page = desk.post(f"/phones/{enrolled.device_id}", data={"csrf": token[1], "wanted": wanted}).text
            assert words in page.partition("<tbody>")[2]
        assert phone.access.access == "closed"
    office.close()


def test_forks_gaps_and_restored_phones_are_shown(street: Street, sit: Sit) -> None:
    """The list of phones says of each whether its chain is whole: a fork with its records, a gap, a second chain; the other phones stand as they are."""
    office = street.office
    whole, forked, restored = (office.phone(login) for login in ("whole", "forked", "restored"))
    whole.push(whole.weight())
    first = forked.weight()
    branch = (forked.sequence, forked.previous)
    second = forked.weight()
    forked.sequence, forked.previous = branch
    twin = forked.weight()
    forked.push(first, second, twin)
    restored.push(restored.weight())
    restored.chain, restored.sequence, restored.previous = restored.mint(), 0, None
    restored.weight()
    restored.push(restored.weight())
    rows = {
        row.partition("</td>")[0].rpartition(">")[2]: row
        for row in sit("admin").get("/phones").text.partition("<tbody>")[2].split("<tr>")[1:]
    }
    assert "一条链，完整" in rows["whole"]
    assert "分叉：1 条链" in rows["forked"]
    record_id = read_body(twin.body).record_id
    assert f'href="/records/{record_id}"' in rows["forked"]
    assert "其链中有 1 条记录未到" in rows["restored"]
    assert "共 2 条链：曾从备份恢复或分叉" in rows["restored"]
    english = sit("admin").get("/phones?lang=en").text
    assert "One chain, whole" in english


@pytest.mark.parametrize(
    ("offset_ms", "words"),
    [
        (-3 * 3_600_000 - 120_000, "手机时钟快 3 小时 2 分"),
        (90_000, "手机时钟慢 1 分钟"),
        (-(26 * 3_600_000), "手机时钟快 1 天 2 小时"),
        (59_999, ""),
        (None, ""),
    ],
)
def test_a_phones_clock_that_was_wrong_is_said_with_its_record(
    street: Street, sit: Sit, offset_ms: int | None, words: str
) -> None:
    """The page says by how much the phone's clock was ahead or behind as measured before the record was written; under a minute, or never measured, nothing."""
    phone = phone_of(street)
    _, record = phone.site(clock=ClockEvidence(5, offset_ms, None if offset_ms is None else 3))
    [ruling] = phone.push(record)
    page = text_of(sit("wang").get(f"/records/{ruling.record_id}").text)
    assert words in page
    assert words or "手机时钟" not in page


def test_a_kind_that_is_not_in_the_catalogue_spoils_no_page(street: Street, sit: Sit) -> None:
    """What a phone with a newer catalogue registered and checked is shown by its kind's id, and the other instruments of the site are shown as ever."""
    phone = phone_of(street)
    instrument_id, _scale = phone.scale(street.premises_id, "N-1")
    newer = InstrumentRegistered(
        instrument_id=instrument_id,
        township=TOWNSHIP,
        kind="<b>hydrogen</b>",
        serial_number="N-1",
        premises_id=street.premises_id,
    )
    assert phone.statuses(phone.write("instrument.registered", newer, subjects=[instrument_id])) == [
        "accepted"
    ]
    [instrument] = street.labelled([instrument_id])
    check = phone.inspection(instrument)
    assert phone.statuses(check) == ["accepted"]
    desk = sit("wang")
    record = f"/records/{read_body(check.body).record_id}"
    for address in (record, f"/instruments/{instrument_id}", "/L/" + street.payload(instrument)):
        answer = desk.get(address)
        assert answer.status_code == 200
        assert "&lt;b&gt;hydrogen&lt;/b&gt;（本目录未收录）" in answer.text, address
    sheet = desk.get(f"/labels/{street.premises_id}.pdf")
    assert (sheet.status_code, sheet.headers["content-type"]) == (200, "application/pdf")
