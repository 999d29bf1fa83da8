"""Each record is ruled on by itself, whatever stands beside it; and what was answered is on the disk."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from itertools import permutations

import httpx
import msgspec
import pytest

from sync.codec import MEDIA_TYPE
from sync.envelope import MAX_BODY, Sealed
from sync.messages import PushAnswer
from tests.bench.office import running
from tests.scenarios.town import Town
from tests.server.office import Phone, damaged, said

BAD = ["oversized", "malformed", "unknown", "future", "forged"]


def bad(phone: Phone, how: str) -> tuple[Sealed, str]:
    """A record with one thing odd about it, and what is said of it."""
    if how == "oversized":
        return phone.seal(b"{" + b" " * MAX_BODY + b"}"), "refused record_too_large"
    if how == "malformed":
        return phone.seal(b'{"record_id":"\xff'), "refused record_malformed"
    if how == "unknown":
        return phone.write("scale.polished", {"anything": 1}), "held kind_unknown"
    if how == "future":
        later = phone.office.clock.now() + timedelta(days=3652)
        return phone.site("将来", observed_at=later)[1], "accepted"
    return damaged(phone.site("假")[1]), "refused signature_wrong"


@pytest.mark.parametrize("how", BAD)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_odd_record_neither_blocks_nor_undoes_another(town: Town, how: str, place: int) -> None:
    """Oversized, malformed, unknown, ten years ahead or forged, at any place of a batch: its ruling is its own, the others are taken, its bytes are kept."""
    phone = town.office.phone("hand")
    good = [phone.site(f"{number}")[1] for number in range(2)]
    odd, expected = bad(phone, how)
    batch = [*good[:place], odd, *good[place:]]
    statuses = phone.statuses(*batch)
    assert statuses.pop(place) == expected
    assert statuses == ["accepted", "accepted"]
    assert bytes((town.ledger().get(odd.digest) or town.intake()[odd.digest])[2]) == odd.body
    assert phone.statuses(*batch)[place] in (expected, "duplicate")
    town.office.check()


def test_every_order_of_odd_records_gives_the_same_rulings(town: Town) -> None:
    """Three odd records and a good one in every order: each gets the ruling that it gets alone."""
    phone = town.office.phone("hand")
    site = phone.site("好")[1]
    odd = [bad(phone, how) for how in ("oversized", "malformed", "unknown")]
    given = dict([*[(each.digest, ruling) for each, ruling in odd], (site.digest, "accepted")])
    for order in permutations([*[each for each, _ruling in odd], site]):
        rulings = phone.push(*order)
        assert [each.digest for each in rulings] == [each.digest for each in order]
        for ruling in rulings:
            assert said(ruling) in (given[ruling.digest], "duplicate")
    assert len(town.ledger()) == 1
    town.office.check()


def test_an_answer_of_success_is_on_the_disk(town: Town) -> None:
    """A server process is killed the moment its answer is there: every record that it ruled on is in the store, with its ruling."""
    phone = town.office.phone("hand")
    records = [phone.site(f"{number}")[1] for number in range(60)]
    unknown, _ = bad(phone, "unknown")
    body = msgspec.msgpack.encode(phone.message(*records, unknown))
    headers = {"Authorization": f"Bearer {phone.token}", "Content-Type": MEDIA_TYPE}
    with running(town.office.data, database_url=town.office.database_url) as server:
        answer = httpx.post(f"{server.origin}/api/v1/push", content=body, headers=headers, timeout=60)
        os.kill(server.pid, signal.SIGKILL)
    rulings = msgspec.msgpack.decode(answer.content, type=PushAnswer).rulings
    assert [said(each) for each in rulings] == ["accepted"] * 60 + ["held kind_unknown"]
    town.serve(town.office.restarted())
    ledger = town.ledger()
    assert [ledger[each.digest][1] for each in rulings[:60]] == [each.ledger_seq for each in rulings[:60]]
    assert [ledger[each.digest][2] for each in records] == [each.body for each in records]
    assert town.intake()[unknown.digest][2] == unknown.body
    town.office.check()
