"""The page behind a label, as a buyer reads it: the state of the verification, and nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from shared.label import mint_code, shown_code, write_payload
from tests.server_pages.conftest import Desk
from tests.server_pages.street import PEOPLE, SITE, Street, check_a_scale

Sit = Callable[[str], Desk]
FORBIDDEN = ["初筛", "超差", "作弊", "无法判定", "案", "需复查", "inspection", "suspected_", "210123"]
"""Words of findings and cases, and the places of a ledger."""


def verdict_of(page: str) -> str:
    found = re.search(r'data-verdict="(\w+)"', page)
    assert found, page
    return found[1]


def asked_for(street: Street, case: str) -> str:
    """What stands behind ``/L/`` in each case."""
    house = street.office.house
    valid, expired, unverified = street.scales
    code = mint_code(street.office.random_bytes)
    of_valid = street.payload(valid)
    other = house.labels.sign(valid.label, "9999-1")
    return {
        "valid": of_valid,
        "expired": street.payload(expired),
        "unverified": street.payload(unverified),
        "unregistered": write_payload(house.labels.sign(code, "1"), "http://h").partition("/L/")[2],
        "forged": of_valid[:-4] + ("AAAA" if of_valid[-4:] != "AAAA" else "BBBB"),
        "forged code": street.payload(expired).replace(expired.label, valid.label),
        "forged and cut short": of_valid[:-9],
        "mismatched": write_payload(other, "http://h").partition("/L/")[2],
        "typed": shown_code(valid.label).lower(),
        "typed unknown": shown_code(code),
        "mistyped": valid.label[:-1] + ("0" if valid.label[-1] != "0" else "1"),
        "too short": "7Q3K",
    }[case]


CASES = {
    "valid": ("valid", "检定有效"),
    "expired": ("expired", "检定已过期"),
    "unverified": ("unverified", "没有检定记录"),
    "unregistered": ("unregistered", "器具尚未登记"),
    "forged": ("forged", "疑似假标签"),
    "forged code": ("forged", "疑似假标签"),
    "forged and cut short": ("forged", "疑似假标签"),
    "mismatched": ("mismatched", "标签与器具不符"),
    "typed": ("valid", "标签真假未验证"),
    "typed unknown": ("unknown", "查不到这个编号"),
    "mistyped": ("mistyped", "编号不对"),
    "too short": ("mistyped", "编号不对"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_verdict_of_each_case(street: Street, sit: Sit, tmp_path: Path, case: str) -> None:
    """Each kind of label gets its verdict in words of its own, after a check found cheating too; nothing of that check, of a person or of a position is said, in either language."""
    asyncio.run(check_a_scale(street, tmp_path, flag="铅封断裂"))
    desk = sit("")
    for language in ("zh", "en"):
        answer = desk.get(f"/L/{asked_for(street, case)}?lang={language}")
        assert answer.status_code == 200
        verdict, words = CASES[case]
        assert verdict_of(answer.text) == verdict
        assert (words in answer.text) is (language == "zh")
        leaked = [word for word in FORBIDDEN if word in answer.text]
        assert not leaked
        assert not [name for name, _role in PEOPLE.values() if name in answer.text.replace(SITE, "")]
        assert street.scales[0].serial_number not in answer.text
        assert street.scales[0].instrument_id not in answer.text


def test_only_a_signed_label_is_shown_as_good(street: Street, sit: Sit) -> None:
    """The green banner is for a genuine label whose verification holds: a number alone, which a forger can print too, never gets it."""
    desk = sit("")
    good = [
        case for case in CASES if 'class="verdict good"' in desk.get(f"/L/{asked_for(street, case)}").text
    ]
    assert good == ["valid"]


def test_the_verification_ends_with_its_last_day(street: Street, sit: Sit) -> None:
    """On the last day the label is valid with no day left; on the next it has expired, one day ago."""
    desk, clock = sit(""), street.office.clock
    until = street.office.house.registry.instrument(street.scales[0].instrument_id).verification
    assert until
    assert until.valid_until
    clock.advance(until.valid_until - street.today)
    page = desk.get(f"/L/{street.payload(street.scales[0])}").text
    assert verdict_of(page) == "valid"
    assert "还有 0 天" in page
    clock.advance(timedelta(days=1))
    page = desk.get(f"/L/{street.payload(street.scales[0])}").text
    assert verdict_of(page) == "expired"
    assert "过期 1 天" in page


def test_a_buyer_sees_what_to_compare(street: Street, sit: Sit) -> None:
    """Kind, place, the beginning of the serial number, who verified and when; and whom to call."""
    page = sit("").get(f"/L/{street.payload(street.scales[0])}").text
    for wanted in ("电子计价秤", SITE, "A12", "2403-*****", "沈阳计量测试院", 'href="tel:12315"'):
        assert wanted in page, wanted


def test_a_number_can_be_typed(street: Street, sit: Sit) -> None:
    """The form takes the number with hyphen, spaces or small letters, and leads to the page of that label."""
    label = street.scales[0].label
    desk = sit("")
    assert 'name="code"' in desk.get("/L").text
    answer = desk.get("/L", params={"code": f" {shown_code(label).lower()} "})
    assert verdict_of(answer.text) == "valid"


def test_a_receipt_says_only_that_the_check_arrived(street: Street, sit: Sit, tmp_path: Path) -> None:
    """A receipt's code is answered with whether the check is on the ledger; another record's id, or nonsense, is not known."""
    receipt = asyncio.run(check_a_scale(street, tmp_path, flag="铅封断裂"))
    desk = sit("")
    page = desk.get(f"/R/{receipt.record_id}").text
    assert verdict_of(page) == "arrived"
    for word in ("初筛", "超差", "作弊", "李敏", "2403", SITE):
        assert word not in page
    other = street.office.rows("SELECT record_id FROM ledger WHERE kind = 'label.bound' LIMIT 1")[0][
        "record_id"
    ]
    for unknown in (other, "0" * 36, "x"):
        assert verdict_of(desk.get(f"/R/{unknown}").text) == "not_arrived"
