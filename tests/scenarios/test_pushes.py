"""Scenarios 1–12: what becomes of records between a phone and the office."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from shared.identity import mint
from shared.records import RecordWithdrawn, Sighting
from sync.codec import inflate
from sync.envelope import Sealed, read_body
from sync.messages import Push
from sync.ports import Answer
from tests.contracts.office import problem
from tests.mobile.played import played
from tests.scenarios.town import (
    Town,
    agree,
    cut_after,
    device_id,
    ledger_number,
    line_of,
    mirror,
    record,
    registered,
    scale,
    site,
    statuses,
    sync,
)

AIM_CODE = "https://aim.example/7Q3K9M2V"


def pushed_in(body: bytes) -> list[Sealed]:
    """The records of a push on its way."""
    packed = body[:2] == b"\x1f\x8b"
    return msgspec.msgpack.decode(inflate(body, "gzip" if packed else ""), type=Push).records


@played
async def test_01_a_lost_answer_is_one_row_and_the_same_answer(town: Town) -> None:
    """1. The answer to a push is lost: the record still waits; the retry finds one row and is told the same place."""
    phone = await town.phone()
    digest = await registered(phone, "甲")
    line_of(phone).after = cut_after("/push")
    first = await sync(phone)
    assert first.problem
    assert first.problem.code == "no_network"
    assert (await statuses(phone))[digest] == "waiting"
    place = town.ledger()[digest][1]
    assert (await sync(phone)).finished
    assert (await statuses(phone))[digest] == "duplicate"
    assert await ledger_number(phone, digest) == place
    await agree(town, phone)


@played
async def test_02_one_number_with_other_bytes_is_refused_and_both_are_kept(town: Town) -> None:
    """2. The same record id with other bytes: ``identity_reused``, the first untouched, the second's bytes on both sides, the next is taken."""
    phone = await town.phone()
    first = await registered(phone, "甲")
    [kept] = await phone.store.records.newest(1)
    taken = kept.envelope.record_id
    assert (await sync(phone)).finished
    other = await record(phone, "premises.registered", site(taken, "乙"), [taken], record_id=taken)
    third = await registered(phone, "丙")
    assert (await sync(phone)).finished
    found = await statuses(phone)
    assert (found[first], found[other], found[third]) == ("accepted", "refused", "accepted")
    assert town.intake()[other][:2] == ("refused", "identity_reused")
    await agree(town, phone)


@played
async def test_03_the_same_site_from_two_phones_is_no_conflict(town: Town) -> None:
    """3. Two phones register one site with equal values: both stand, neither needs a person, both show the same."""
    one, other = await town.phone("li"), await town.phone("zhao")
    number = mint(one.clock, one.random_bytes)
    digests = [await record(phone, "premises.registered", site(number), [number]) for phone in (one, other)]
    for phone in (one, other, one):
        assert (await sync(phone)).finished
    assert [(await statuses(phone))[d] for phone, d in zip((one, other), digests, strict=True)] == [
        "accepted",
        "accepted",
    ]
    assert mirror(one)[number] == mirror(other)[number]
    await agree(town, one, other)


@played
async def test_04_taking_back_what_was_taken_back_is_success(town: Town) -> None:
    """4. A record is withdrawn twice, from one phone and again after a lost answer: every time a success, all on the ledger."""
    phone = await town.phone()
    await registered(phone, "甲")
    [kept] = await phone.store.records.newest(1)
    taken_back = RecordWithdrawn(withdraws=kept.envelope.record_id, digest=kept.digest, reason="twice")
    twice = [await record(phone, "record.withdrawn", taken_back) for _ in range(2)]
    line_of(phone).after = cut_after("/push")
    await sync(phone)
    assert (await sync(phone)).finished
    assert {(await statuses(phone))[digest] for digest in twice} == {"duplicate"}
    await agree(town, phone)


@played
async def test_06_one_bad_record_leaves_the_rest_of_its_batch(town: Town) -> None:
    """6. Malformed, out of scope and unknown in one batch with good ones: each is ruled on by itself, the good ones stand."""
    phone = await town.phone()
    good = [await registered(phone, "甲")]
    bad = await record(phone, "premises.registered", RecordWithdrawn(withdraws="x", digest="y", reason="z"))
    unknown = await record(phone, "scale.polished", site("x"))
    elsewhere = await registered(phone, "外", "210124100")
    good.append(await registered(phone, "乙"))
    assert (await sync(phone)).finished
    found = await statuses(phone)
    assert [found[digest] for digest in good] == ["accepted", "accepted"]
    assert (found[bad], found[unknown], found[elsewhere]) == ("refused", "held", "refused")
    codes = {digest: code for digest, (_status, code, _body) in town.intake().items()}
    assert (codes[bad], codes[unknown], codes[elsewhere]) == (
        "payload_malformed",
        "kind_unknown",
        "out_of_scope",
    )
    assert (await sync(phone)).pushed == 0
    await agree(town, phone)


@played
async def test_07_a_conflict_undoes_none_of_its_batch(town: Town) -> None:
    """7. One record of a batch is conflicting: it and its siblings are on the ledger, and every place that was told is there."""
    phone = await town.phone()
    await registered(phone, "甲")
    [market] = await phone.store.registry.all_premises()
    one = await scale(phone, market.premises_id, "1")
    other = await scale(phone, market.premises_id, "2")
    for instrument in (one, other):
        found = await phone.app.resolve.scanned(AIM_CODE)
        await phone.app.foreign.bind(found, instrument, Sighting.NAMEPLATE)
    await registered(phone, "乙")
    assert (await sync(phone)).finished
    found_now = await statuses(phone)
    assert sorted(found_now.values()).count("conflicting") == 1
    assert set(found_now.values()) == {"accepted", "conflicting"}
    for digest in found_now:
        assert town.ledger()[digest][1] == await ledger_number(phone, digest)
    await agree(town, phone)


@played
async def test_08_only_the_refused_and_the_new_are_left(town: Town) -> None:
    """8. A batch is partly refused, and a record is written while it is under way: that one alone goes with the next push."""
    phone = await town.phone()
    await registered(phone, "外", "210124100")
    await registered(phone, "甲")
    written: list[str] = []
    line, request = line_of(phone), line_of(phone).request

    async def writes_meanwhile(
        method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        answer = await request(method, path, body, headers)
        if path.endswith("/push") and not written:
            written.append(await registered(phone, "乙"))
        return answer

    batches: list[int] = []
    line.before = lambda _method, route, body: (
        batches.append(len(pushed_in(body))) if route == "/push" else None
    )
    line.request = writes_meanwhile  # type: ignore[method-assign]
    assert (await sync(phone)).finished
    assert batches == [2, 1]
    assert sorted((await statuses(phone)).values()) == ["accepted", "accepted", "accepted", "refused"]
    await agree(town, phone)


@played
async def test_09_an_ended_session_keeps_the_queue(town: Town) -> None:
    """9. The token is not known any more: everything waits, in words that say what to do; known again, everything arrives."""
    phone = await town.phone()
    digest, device = await registered(phone, "甲"), await device_id(phone)
    token = town.office.rows(f"SELECT token_hash FROM device WHERE device_id = '{device}'")[0]["token_hash"]  # noqa: S608
    change = "UPDATE device SET token_hash = :t WHERE device_id = :d"
    town.office.change(change, t="0" * 64, d=device)
    outcome = await sync(phone)
    assert outcome.problem
    assert outcome.problem.code == "token_unknown"
    assert "kept on the phone" in outcome.problem.remedy
    assert (await statuses(phone))[digest] == "waiting"
    town.office.change(change, t=token, d=device)
    assert (await sync(phone)).finished
    await agree(town, phone)


@played
@pytest.mark.parametrize("position", [0, 3, 6])
async def test_10_a_record_that_is_too_large_for_the_way_is_parked(town: Town, position: int) -> None:
    """10. Something on the way takes no more than so many bytes: batches are halved down to the one record, which is parked in words; the queue goes on."""
    phone = await town.phone()
    noise = phone.random_bytes
    digests = []
    for number in range(7):
        name = noise(6_000).hex() if number == position else f"市场{number}"
        digests.append(await registered(phone, name))

    def narrow(_method: str, route: str, body: bytes) -> Answer | None:
        return problem(413, "too_large_for_this_proxy") if route == "/push" and len(body) > 5_000 else None

    line_of(phone).before = narrow
    assert (await sync(phone)).finished
    found = await statuses(phone)
    assert found.pop(digests[position]) == "refused"
    assert set(found.values()) == {"accepted"}
    [row] = (await phone.app.outbox.rows()).needs_you
    assert row.problem
    assert row.problem.code == "record_not_taken_for_size"
    kept = await phone.store.records.by_digest(digests[position])
    assert kept
    assert read_body(kept.body).sequence == position + 2
    assert len(town.ledger()) == 1 + 6
    assert (await sync(phone)).pushed == 0


@played
async def test_11_two_syncs_at_once_send_once(town: Town) -> None:
    """11. A sync that starts while another runs returns at once; each record leaves the phone once."""
    phone = await town.phone()
    for number in range(3):
        await registered(phone, f"市场{number}")
    sent: list[str] = []
    line = line_of(phone)
    line.before = lambda _method, route, body: (
        sent.extend(each.digest for each in pushed_in(body)) if route == "/push" else None
    )
    await asyncio.gather(*[phone.app.sync.run() for _ in range(3)])
    await phone.app.sync.until_idle()
    assert (len(sent), len(set(sent)), line.routes("/handshake")) == (3, 3, 3)
    await agree(town, phone)


@played
async def test_12_a_later_record_first_is_stored_and_the_gap_said(town: Town) -> None:
    """12. A server that stumbles over one record gets the next ones: they are stored, the gap is noted, and gone when it comes."""
    phone = await town.phone()
    stuck = await registered(phone, "甲")
    after = await registered(phone, "乙")

    def stumbles(_method: str, route: str, body: bytes) -> Answer | None:
        if route == "/push" and any(each.digest == stuck for each in pushed_in(body)):
            return problem(500, "server_error")
        return None

    line_of(phone).before = stumbles
    outcome = await sync(phone)
    assert outcome.problem
    found = await statuses(phone)
    assert (found[stuck], found[after]) == ("waiting", "accepted")
    device = await device_id(phone)
    assert town.office.house.journal.chains()[device].missing == 1
    line_of(phone).free()
    assert (await sync(phone)).finished
    assert town.office.house.journal.chains()[device].missing == 0
    await agree(town, phone)
