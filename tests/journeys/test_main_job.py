"""The main job, end to end, as it happens in a market: enrol, lose the network, check, be killed, go on, sync, be seen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import httpx
import msgspec
import pytest
from PIL import Image

from sync.messages import PushAnswer, Ruling, Status
from tests.journeys import camera
from tests.journeys.line import Line
from tests.journeys.office import Desk, Office
from tests.journeys.phone import Handset
from tests.journeys.steps import (
    SAME,
    begin_check,
    enrol,
    find_market,
    get_ready,
    have_it_signed,
    read_on,
    unlock,
)

pytestmark = pytest.mark.journey


def test_a_record_travels_the_whole_way(office: Office, handset: Callable[..., Handset]) -> None:
    """A scale is checked with no network and no server, the browser is killed in mid-form, and the office still gets the record."""
    admin, phone, second = office.desk("admin"), handset("li.min"), handset("zhao.gang")
    enrol(phone, admin, "李敏")
    (payload, label), (_payload, next_label), *_others = [
        each for each in admin.labels(find_market(admin)) if is_a_valid_scale(public_page(each[0]))
    ]
    phone.settled()

    check_without_anybody(office, phone, label)
    check_the_next(phone, next_label)
    altered, unaltered = sync_over_a_bad_line(office, phone)
    see_at_the_office(office.desk("wang.hai"), unaltered.record_id, altered.digest)

    # Another phone, another person: the same label shows what the first one found.
    enrol(second, admin, "赵刚")
    camera.show(label, second.film)
    second.tap("扫码检查")
    second.sees("这台器具")
    second.finds("以前的检查")
    second.finds("初筛符合")
    second.shoot("new-state")

    see_as_the_public(payload)
    assert not phone.missing + second.missing, "a sign has no glyph"


def check_without_anybody(office: Office, phone: Handset, label: Image.Image) -> None:
    """No network, and nobody at the other end: the app comes from its own cache, and a kill in mid-form loses nothing."""
    phone.offline(True)
    office.stop()
    phone.reload()
    unlock(phone)
    get_ready(phone, "赵刚")
    phone.shoot("offline-today")
    camera.show(label, phone.film)
    phone.tap("扫码检查")
    begin_check(phone)
    for _point in range(5):
        phone.step(SAME)
    found = re.search(r"同载荷 ([0-9.]+)", phone.read())
    assert found
    typed, last = found[1][:-1], found[1][-1]
    phone.type_figure(typed)
    phone.sees(typed)
    phone.shoot("half-typed")
    phone.kill()

    phone.switch_on(offline=True)
    unlock(phone)
    phone.sees(f"同载荷 {found[1]}")
    assert f"示值 {typed} kg" in phone.read(), "what was typed is lost"
    phone.shoot("same-field")
    phone.type_figure(last)
    phone.step("下一点")
    read_on(phone)
    have_it_signed(phone)


def check_the_next(phone: Handset, label: Image.Image) -> None:
    """The second scale: the camera opens by itself."""
    camera.show(label, phone.film)
    phone.tap("完成，扫下一台")
    begin_check(phone)
    read_on(phone)
    have_it_signed(phone)
    phone.tap("返回")
    phone.sees("2 条待传")
    phone.shoot("two-waiting")


def sync_over_a_bad_line(office: Office, phone: Handset) -> tuple[Ruling, Ruling]:
    """The network is back, and one byte of the first record is changed on the way: that one is refused, the next is accepted.

    Gives the ruling on the altered bytes, and that on the same record once they came as they were signed.
    """
    line = Line()
    phone.through(line.carry)
    office.start()
    phone.offline(False)
    phone.tap("待传")
    phone.sees_times(re.compile("^抽查.*已收"), 2)
    phone.shoot("outbox")
    altered, good = line.answers[0].rulings
    assert altered.problem
    assert (altered.status, altered.problem.code) == (Status.REFUSED, "signature_wrong")
    assert good.status is Status.ACCEPTED
    [unaltered] = line.answers[1].rulings
    assert (unaltered.status, unaltered.record_id) == (Status.ACCEPTED, altered.record_id)

    # The same bytes again are a duplicate, with the place that they have already.
    again = pushed_again(office, *line.passed[0])
    assert [each.status for each in again] == [Status.DUPLICATE, Status.DUPLICATE]
    assert [each.ledger_seq for each in again] == [unaltered.ledger_seq, good.ledger_seq]
    return altered, unaltered


def pushed_again(office: Office, headers: dict[str, str], push: bytes) -> list[Ruling]:
    """The same push once more, as a phone sends it that never got the answer."""
    kept = {name: headers[name] for name in ("authorization", "content-type", "accept")}
    answer = httpx.post(f"{office.phone_origin}/api/v1/push", content=push, headers=kept)
    assert answer.status_code == 200, answer.text
    return msgspec.msgpack.decode(answer.content, type=PushAnswer).rulings


def see_at_the_office(reviewer: Desk, record_id: str, altered: str) -> None:
    """The reviewer finds the record with digest and signature checked, and the altered bytes among what was refused."""
    assert f"/records/{record_id}" in reviewer.page("/")
    page = reviewer.page(f"/records/{record_id}")
    for words in ("摘要相符", "签名有效", "初筛符合", "李敏", "无异议"):
        assert words in page, f"the record's page does not say {words}"
    intake = reviewer.page("/intake")
    assert f"/intake/{altered}" in intake
    assert "签名与记录字节不符" in intake
    kept = reviewer.client.get(f"/intake/{altered}").content
    assert hashlib.sha256(kept).hexdigest() == altered


def public_page(payload: str) -> str:
    """What anybody's scanner opens."""
    return httpx.get(payload, headers={"Accept-Language": "zh-CN"}).text


def is_a_valid_scale(page: str) -> bool:
    """Whether a label's page is a price-computing scale's, whose verification holds."""
    return "检定有效" in page and "电子计价秤" in page


def see_as_the_public(payload: str) -> None:
    """The label's page after the check: validity and body, and nothing of the spot check."""
    page = public_page(payload)
    assert "检定有效" in page
    assert "沈阳计量测试院" in page
    assert not re.search("初筛|李敏|熟食16号摊主|42.75", page)
