"""Scenarios 33–39: photographs, kills and tokens in the middle of things."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta

import pytest

from mobile.store.work import WorkStore
from shared.errors import InputError, QuanhengError
from shared.identity import digest_of
from shared.inspection import BlobRef, Inspection, InstrumentFacts
from shared.instrument import Instrument
from sync.attachments import FIRST_CHUNK
from sync.envelope import Basis
from sync.ports import Answer, TransportError
from tests.contracts.fakes import seeded
from tests.mobile.phone import Phone
from tests.mobile.played import played
from tests.scenarios.town import (
    COUNTY,
    Town,
    agree,
    blade_of,
    cut_after,
    device_id,
    line_of,
    registered,
    scale,
    statuses,
    sync,
    writer,
)
from tests.server.office import NEXT_COUNTY

PICTURE = seeded("picture")(FIRST_CHUNK * 3 + 100)
REQUESTS = 5
"""Of an upload of the picture: HEAD, POST and three PATCHes."""
COMMITS = 8


async def known_scale(phone: Phone) -> Instrument:
    """A scale that the office knows, too."""
    await registered(phone, "甲")
    [market] = await phone.store.registry.all_premises()
    instrument = await scale(phone, market.premises_id)
    assert (await sync(phone)).finished
    return instrument


async def check_with(phone: Phone, instrument: Instrument, *pictures: bytes) -> str:
    """A spot check with photographs; its record's digest."""
    now = phone.clock.now()
    refs = [
        BlobRef(digest=await phone.blobs.put(one), media_type="image/jpeg", size=len(one), role="plate")
        for one in pictures
    ]
    check = Inspection(
        instrument=InstrumentFacts.of(instrument),
        started_at=now - timedelta(minutes=5),
        finished_at=now,
        catalogue_version="1",
        edition="",
        photos=refs,
    )
    unsealed = await writer(phone).prepare(
        "inspection.recorded",
        check,
        county=instrument.county,
        subjects=[instrument.instrument_id],
        basis=[Basis(instrument.instrument_id, instrument.version)],
        attachments=[(each.digest, each.size, each.media_type) for each in refs],
    )
    return (await writer(phone).write(unsealed)).digest


async def arrived(town: Town, phone: Phone, digest: str) -> list[bool]:
    """Which of a record's files the office says have come."""
    kept = await phone.store.records.by_digest(digest)
    assert kept
    return [each.arrived for each in town.office.house.journal.find(kept.envelope.record_id).evidence]


def is_whole(town: Town, content: bytes) -> bool:
    """Whether the office's file of that name has these bytes."""
    found = list(town.office.data.rglob(digest_of(content)))
    return [path.read_bytes() for path in found] == [content]


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("cut_at", range(REQUESTS))
@played
async def test_33_an_upload_cut_anywhere_goes_on(town: Town, cut_at: int, answered: bool) -> None:
    """33. Cut before or after each request of an upload: the next sync goes on, no chunk that arrived is sent again, the file is whole."""
    phone = await town.phone()
    instrument = await known_scale(phone)
    digest = await check_with(phone, instrument, PICTURE)
    line, seen, sent = line_of(phone), [0], []

    def before(method: str, route: str, body: bytes) -> None:
        if route.startswith("/attachments"):
            if seen[0] == cut_at and not answered:
                seen[0] += 1
                raise TransportError("cut")
            if method == "PATCH":
                sent.append(len(body))

    def after(route: str, answer: Answer) -> Answer:
        if route.startswith("/attachments"):
            seen[0] += 1
            if answered and seen[0] == cut_at + 1:
                raise TransportError("lost")
        return answer

    line.before, line.after = before, after
    assert (await sync(phone)).problem
    assert await arrived(town, phone, digest) == [answered and cut_at == REQUESTS - 1]
    assert (await sync(phone)).finished
    assert sum(sent) == len(PICTURE)
    assert await arrived(town, phone, digest) == [True]
    assert is_whole(town, PICTURE)
    await agree(town, phone)


@played
async def test_33_a_wrong_offset_is_told_apart(town: Town) -> None:
    """33. The upload stands elsewhere than the phone was told: 409, and the same sync goes on from where it stands."""
    phone = await town.phone()
    instrument = await known_scale(phone)
    digest = await check_with(phone, instrument, PICTURE)
    statuses_seen: list[int] = []
    told = [True]

    def wrong(route: str, answer: Answer) -> Answer:
        if route.startswith("/attachments"):
            statuses_seen.append(answer.status)
            if answer.status == 204 and told.pop() if told else False:
                return Answer(204, b"", {"Upload-Offset": str(FIRST_CHUNK // 2)})
        return answer

    line_of(phone).after = wrong
    assert (await sync(phone)).finished
    assert 409 in statuses_seen
    assert await arrived(town, phone, digest) == [True]
    assert is_whole(town, PICTURE)


@played
async def test_34_an_unreadable_photo_keeps_no_record_back(town: Town) -> None:
    """34. One photograph is lost on the phone, one is damaged: the records and the third arrive, and it is said which never will."""
    phone = await town.phone()
    instrument = await known_scale(phone)
    digest = await check_with(phone, instrument, b"lost", b"damaged", PICTURE)
    await phone.blobs.delete(digest_of(b"lost"))
    phone.blobs.content[digest_of(b"damaged")] = b"rot"
    after = await registered(phone, "乙")
    assert (await sync(phone)).finished
    assert await arrived(town, phone, digest) == [False, False, True]
    assert await phone.store.attachments.counts() == {"failed": 2, "uploaded": 1}
    assert (await statuses(phone))[after] == "accepted"
    await agree(town, phone)


@pytest.mark.parametrize("route", ["/handshake", "/push", "/pull", "/attachments"])
@played
async def test_35_nothing_stays_in_progress(town: Town, route: str) -> None:
    """35. The app is killed while it waits for any answer: the next run tries again by itself, and nothing is marked as under way."""
    phone = await town.phone()
    instrument = await known_scale(phone)
    digest = await check_with(phone, instrument, PICTURE)

    def killed(_method: str, asked: str, _body: bytes) -> None:
        if asked.startswith(route):
            raise KeyboardInterrupt

    line_of(phone).before = killed
    with pytest.raises(KeyboardInterrupt):
        await phone.app.sync.run()
    line_of(phone).free()
    phone = await town.again(phone)
    status = await phone.app.sync.run()
    assert status.problem is None
    assert await arrived(town, phone, digest) == [True]
    await agree(town, phone)


@played
async def test_36_and_37_a_record_without_its_photo_is_whole_and_awaited(town: Town) -> None:
    """36 and 37. Before its photograph has come a record stands at the office, says that it is awaited, and reaches the other phone; so it is where the file is lost."""
    phone, other = await town.phone("li"), await town.phone("zhao")
    instrument = await known_scale(phone)
    digest = await check_with(phone, instrument, PICTURE)
    line_of(phone).before = lambda _method, route, _body: cut(route, "/attachments")
    await sync(phone)
    assert await arrived(town, phone, digest) == [False]
    assert (await statuses(phone))[digest] == "accepted"
    assert (await sync(other)).finished
    seen = await other.store.registry.instrument(instrument.instrument_id)
    assert seen
    assert seen.version > instrument.version
    line_of(phone).free()
    assert (await sync(phone)).finished
    assert await arrived(town, phone, digest) == [True]
    for path in town.office.data.rglob(digest_of(PICTURE)):
        path.unlink()
    assert await arrived(town, phone, digest) == [False]
    assert (await sync(other)).finished
    await agree(town, phone, other)


def cut(route: str, where: str) -> None:
    """Cuts the line to one kind of address."""
    if route.startswith(where):
        raise TransportError("cut")


@played
async def test_38_killed_at_every_commit_one_after_another(town: Town) -> None:
    """38. A phone that dies at a later commit in each run, records and photographs waiting: everything written arrives, each record whole or not at all."""
    phone = await town.phone()
    instrument = await known_scale(phone)
    digests = []
    for commits in range(COMMITS):
        digests.append(await check_with(phone, instrument, seeded(commits)(FIRST_CHUNK + 10)))
        blade_of(phone).arm(phone, commits)
        with contextlib.suppress(sqlite3.DatabaseError):
            await sync(phone)
        blade_of(phone).sheathe()
        phone = await town.again(phone)
        assert all(town.ledger()[each][2] for each in digests if each in town.ledger())
    assert (await sync(phone)).finished
    assert set(digests) <= set(town.ledger())
    assert [await arrived(town, phone, digest) for digest in digests] == [[True]] * COMMITS
    await agree(town, phone)


@pytest.mark.parametrize("route", ["/push", "/pull", "/attachments"])
@played
async def test_39_a_token_that_ends_in_the_middle(town: Town, route: str) -> None:
    """39. The token is not known from one request on: what was done stays done, the rest waits in words, and goes on when the phone is known again."""
    phone = await town.phone()
    instrument = await known_scale(phone)
    digest, device = await check_with(phone, instrument, PICTURE), await device_id(phone)
    rows = town.office.rows(f"SELECT token_hash FROM device WHERE device_id = '{device}'")  # noqa: S608
    change = "UPDATE device SET token_hash = :t WHERE device_id = :d"

    def ends(_method: str, asked: str, _body: bytes) -> None:
        if asked.startswith(route):
            town.office.change(change, t="0" * 64, d=device)

    line_of(phone).before = ends
    outcome = await sync(phone)
    assert outcome.problem
    assert outcome.problem.code == "token_unknown"
    assert (await statuses(phone))[digest] == ("waiting" if route == "/push" else "accepted")
    town.office.change(change, t=rows[0]["token_hash"], d=device)
    line_of(phone).free()
    assert (await sync(phone)).finished
    assert await arrived(town, phone, digest) == [True]
    await agree(town, phone)


@played
async def test_a_scope_narrowed_while_an_upload_is_half_done(town: Town) -> None:
    """Beyond the list: the county of a record leaves the scope after the first chunk: the photograph of what was recorded arrives all the same."""
    phone = await town.phone(counties=(COUNTY, NEXT_COUNTY))
    instrument = await known_scale(phone)
    digest, device = await check_with(phone, instrument, PICTURE), await device_id(phone)
    line, patches = line_of(phone), [0]

    def narrows(method: str, route: str, _body: bytes) -> None:
        if method == "PATCH":
            patches[0] += 1
            if patches[0] == 2:
                town.grant(device, [NEXT_COUNTY], 2)
                raise TransportError("cut")

    line.before = narrows
    assert (await sync(phone)).problem
    line.free()
    assert (await sync(phone)).finished
    assert await arrived(town, phone, digest) == [True]
    assert is_whole(town, PICTURE)
    assert await phone.store.mirror.cursor(COUNTY) == ""


@played
async def test_access_taken_between_a_push_and_its_answer(town: Town) -> None:
    """Beyond the list: the office takes the record, closes the phone, and the answer is lost: the retry says ``duplicate``; a later record is held for a person."""
    phone = await town.phone()
    digest, device = await registered(phone, "甲"), await device_id(phone)

    def closes(route: str, answer: Answer) -> Answer:
        if route == "/push":
            town.office.house.enrolments.revoke("admin", device, "closed")
            raise TransportError("lost")
        return answer

    line_of(phone).after = closes
    await sync(phone)
    line_of(phone).free()
    late = await registered(phone, "乙")
    outcome = await sync(phone)
    assert outcome.problem
    assert outcome.problem.code == "device_closed"
    found = await statuses(phone)
    assert (found[digest], found[late]) == ("duplicate", "held")
    assert town.intake()[late][:2] == ("held", "device_revoked")
    assert len(town.ledger()) == len(found) - 1
    town.office.check()


@played
async def test_a_ruling_by_pull_beside_a_duplicate(town: Town) -> None:
    """Beyond the list: a check was held and the answer lost; its instrument arrives meanwhile. The retry and the pull's ruling meet in one sync: it reads as taken, once."""
    author, other = await town.phone("li"), await town.phone("zhao")
    await registered(other, "甲")
    [market] = await other.store.registry.all_premises()
    instrument = await scale(other, market.premises_id)
    digest = await check_with(author, instrument)
    line_of(author).after = cut_after("/push")
    await sync(author)
    assert town.intake()[digest][0] == "held"
    assert (await sync(other)).finished
    place = town.ledger()[digest][1]
    assert (await sync(author)).finished
    assert (await statuses(author))[digest] in ("accepted", "duplicate")
    kept = await author.store.records.by_digest(digest)
    assert kept
    assert kept.ruling
    assert kept.ruling.ledger_seq == place
    assert (await sync(author)).pushed == 0
    await agree(town, author, other)


@played
async def test_a_full_phone_keeps_what_it_has_and_goes_on_with_room(town: Town) -> None:
    """Beyond the list: the phone is full between a picture and its record: record, draft and queued file are written together or not at all, in words; with room all goes."""
    phone = await town.phone()
    instrument = await known_scale(phone)
    before = await statuses(phone)
    [[pages]] = phone.store.database.conn.execute("PRAGMA page_count").fetchall()
    phone.store.database.conn.execute(f"PRAGMA max_page_count = {pages}")
    code = ""
    while not code:
        before = await statuses(phone)
        try:
            await check_with(phone, instrument, PICTURE)
        except QuanhengError as error:
            code = error.problem.code
    assert code == "phone_storage_failed"
    assert await statuses(phone) == before
    status = await phone.app.sync.run()
    assert status.problem is None or status.problem.code == "phone_storage_failed"
    phone.store.database.conn.execute("PRAGMA max_page_count = 1000000")
    digest = await check_with(phone, instrument, PICTURE)
    assert (await sync(phone)).finished
    assert await arrived(town, phone, digest) == [True]
    await agree(town, phone)


@pytest.mark.parametrize("route", ["/handshake", "/push", "/pull"])
@played
async def test_an_answer_cut_in_the_middle_changes_nothing(town: Town, route: str) -> None:
    """Beyond the list: half of an answer's bytes arrive with status 200: nothing of it is believed, the next sync is whole."""
    phone = await town.phone()
    digest = await registered(phone, "甲")

    def halved(asked: str, answer: Answer) -> Answer:
        if not asked.startswith(route):
            return answer
        return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)

    line_of(phone).after = halved
    outcome = await sync(phone)
    assert outcome.problem
    assert outcome.problem.code == "answer_unreadable"
    assert (await statuses(phone))[digest] == ("accepted" if route == "/pull" else "waiting")
    line_of(phone).free()
    assert (await sync(phone)).finished
    await agree(town, phone)


@played
async def test_two_tabs_on_one_store(town: Town) -> None:
    """Beyond the list: the app starts again over the same store where the browser has no locks: the second can't open it, the first goes on; its place is free when that ends."""
    phone = await town.phone()
    first = await registered(phone, "甲")
    with pytest.raises(InputError, match="could not save"):
        WorkStore(phone.path)
    second = await registered(phone, "乙")
    assert (await sync(phone)).finished
    phone = await town.again(phone)
    third = await registered(phone, "丙")
    assert (await sync(phone)).finished
    assert {first, second, third} <= set(town.ledger())
    await agree(town, phone)
