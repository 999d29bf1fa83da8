"""Two phones and a real office: what one has no network for, the other carries; nothing is removed, nothing counts twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from mobile.workflow.courier import MOST_CARRIED
from mobile.workflow.outbox_view import RecordState
from shared.errors import InputError
from shared.identity import digest_of
from shared.premises import PremisesType
from sync.handover import FRAME_TEXT, MAX_FRAMES, MAX_RECORDS, frames_of, read_bundle
from sync.keys import key_id
from sync.ports import Answer, TransportError
from tests.contracts.fakes import SoftwareKeys, seeded
from tests.contracts.office import problem
from tests.mobile.phone import PIN, Phone
from tests.mobile.played import played
from tests.mobile.served import Served
from tests.server.office import COUNTY, TOWNSHIP, Office


class Pair:
    """An office, a phone whose line is cut at will, and another."""

    def __init__(self, folder: Path) -> None:
        self.office = Office(folder / "office", demo=True)
        self.lines = [Served(self.office), Served(self.office)]

    async def phone(self, number: int, path: Path | str = ":memory:") -> Phone:
        """One of the two, enrolled and in step."""
        keys = SoftwareKeys(seeded(f"keys {number}"))
        phone = Phone(path, self.office.clock, self.lines[number], keys, seed=number)  # type: ignore[arg-type]
        person = self.office.person(f"person {number}")
        await phone.app.start()
        code = self.office.house.enrolments.make_code("admin", person, [COUNTY])
        await phone.app.enrolment.give_code(code)
        await phone.app.enrolment.set_pin(PIN, PIN)
        view = await phone.app.enrolment.first_pull()
        assert view.problem is None, view.problem
        return phone

    def on_ledger(self) -> set[str]:
        return {row["digest"] for row in self.office.rows("SELECT digest FROM ledger")}


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.office.close()


def refusing(path: str, answer: Answer | None) -> Callable[[str, Answer], Answer]:
    """Answers one path otherwise, or cuts the line there."""

    def through(asked: str, honest: Answer) -> Answer:
        if path not in asked:
            return honest
        if answer is None:
            raise TransportError
        return answer

    return through


async def write(phone: Phone, *names: str) -> list[str]:
    """Registers sites; their digests."""
    for name in names:
        await phone.app.register.premises(name, TOWNSHIP, PremisesType.MARKET)
    return [sealed.digest for sealed in await phone.store.outbox.waiting(200, 1 << 20)]


async def states(phone: Phone) -> list[RecordState]:
    """What the outbox says of the records, the newest first."""
    view = await phone.app.outbox.rows()
    return [row.state for row in view.needs_you + view.others]


async def code_of(phone: Phone, content: bytes) -> str:
    with pytest.raises(InputError) as declined:
        await phone.app.courier.take(content)
    return declined.value.problem.code


@played
async def test_codes_carry_an_outbox_to_the_office(pair: Pair, tmp_path: Path) -> None:
    """Two records go as codes to another phone and with its sync to the office; the author's own push later is a duplicate."""
    giver, courier = await pair.phone(0), await pair.phone(1, tmp_path / "work.db")
    digests = await write(giver, "东市场", "西市场")
    await giver.app.session.lock()
    made, frames = await giver.app.hand_over.as_codes()
    assert made.digests == digests
    assert (made.left_records, made.left_files) == (0, 0)
    assert all(len(frame) <= FRAME_TEXT for frame in frames)
    assert await states(giver) == [RecordState.WAITING] * 2 + [RecordState.ACCEPTED]
    await giver.app.hand_over.given(made)
    assert await states(giver) == [RecordState.HANDED_OVER] * 2 + [RecordState.ACCEPTED]
    for frame in reversed(frames):
        courier.app.courier.hear(frame)
    taken = await courier.app.courier.take_series()
    assert (taken.header.records, taken.header.files) == (2, 0)
    again = await courier.reopened()
    assert [one.digest for one in await again.app.courier.carried()] == [taken.digest]
    status = await again.app.sync.run()
    assert status.problem is None
    assert await again.app.courier.carried() == []
    assert set(digests) <= pair.on_ledger()
    assert len(await giver.store.outbox.waiting(9, 1 << 20)) == 2
    before = pair.office.rows("SELECT * FROM ledger ORDER BY county, seq")
    await giver.app.session.unlock(PIN)
    await giver.app.sync.run()
    assert pair.office.rows("SELECT * FROM ledger ORDER BY county, seq") == before
    assert await states(giver) == [RecordState.ACCEPTED] * 3


@played
async def test_a_file_carries_photos_as_far_as_they_fit(pair: Pair) -> None:
    """With photos or without, as was chosen; the bundle says how many, and a finder reads none of it."""
    giver = await pair.phone(0)
    picture = b"\xff\xd8 a picture of somebody" * 50
    await giver.blobs.put(picture)
    [digest] = await write(giver, "东市场")
    record = (await giver.store.records.by_digest(digest)).envelope  # type: ignore[union-attr]
    for file in (picture, b"gone"):
        row = [digest_of(file), len(file), "image/jpeg", record.record_id]
        giver.store.database.execute(
            "INSERT INTO attachment (digest, size, media_type, record_id) VALUES (?, ?, ?, ?)", row
        )
    assert [file.digest for file in await giver.store.attachments.unsent()] == [
        digest_of(picture),
        digest_of(b"gone"),
    ]
    alone = await giver.app.hand_over.as_file(with_files=False)
    whole = await giver.app.hand_over.as_file(with_files=True)
    assert (alone.files, alone.left_files) == (0, 2)
    assert (whole.files, whole.left_files) == (1, 1)
    header = read_bundle(whole.bundle).header
    assert (header.records, header.files) == (1, 1)
    for secret in ("东市场".encode(), b"somebody", record.author.encode(), record.record_id.encode()):
        assert secret not in whole.bundle


@played
async def test_codes_hold_as_many_records_as_a_series_carries(pair: Pair) -> None:
    """More than a series carries: the oldest are in it, and how many are not is said; a file holds all."""
    giver = await pair.phone(0)
    names = [seeded(number)(60).hex() for number in range(120)]
    digests = await write(giver, *names)
    made, frames = await giver.app.hand_over.as_codes()
    assert MAX_FRAMES * 2 // 3 < len(frames) <= MAX_FRAMES
    assert made.digests == digests[: len(made.digests)]
    assert made.left_records == len(digests) - len(made.digests) > 0
    assert len((await giver.app.hand_over.as_file(with_files=False)).digests) == len(digests)


@played
async def test_a_file_says_how_many_records_it_does_not_hold(pair: Pair) -> None:
    """An outbox of many years is more than one file holds: the oldest are in it, and how many are not is said, not nought."""
    giver = await pair.phone(0)
    await write(giver, *[str(number) for number in range(MAX_RECORDS + 2)])
    assert (await giver.app.hand_over.waiting()).records == MAX_RECORDS + 2
    made = await giver.app.hand_over.as_file(with_files=False)
    assert len(made.digests) + made.left_records == MAX_RECORDS + 2
    assert made.left_records >= 2


@played
async def test_there_may_be_nothing_to_hand_over_or_no_key(pair: Pair) -> None:
    """A phone in step has nothing; one that was enrolled by an older office says that its next sync brings the key, and so it does."""
    giver = await pair.phone(0)
    for act in (giver.app.hand_over.as_codes, lambda: giver.app.hand_over.as_file(with_files=True)):
        with pytest.raises(InputError, match="handover_nothing"):
            await act()
    await write(giver, "东市场")
    text = await giver.store.settings.get("enrolled")
    kept = msgspec.json.decode(text)
    key = kept.pop("handover_key")
    await giver.store.settings.put({"enrolled": msgspec.json.encode(kept).decode()})
    with pytest.raises(InputError, match="handover_key_missing"):
        await giver.app.hand_over.as_codes()
    await giver.app.sync.run()
    assert msgspec.json.decode(await giver.store.settings.get("enrolled"))["handover_key"] == key


@played
async def test_push_only_hands_over_too(pair: Pair) -> None:
    """A phone that is handed nothing any more still gives what it recorded, and it counts as in a push."""
    giver, courier = await pair.phone(0), await pair.phone(1)
    pair.office.house.enrolments.revoke(
        "admin", pair.office.rows("SELECT device_id FROM device")[0]["device_id"], "push_only"
    )
    await giver.app.sync.run()
    digests = await write(giver, "东市场")
    await courier.app.courier.take((await giver.app.hand_over.as_file(with_files=True)).bundle)
    await courier.app.sync.run()
    assert set(digests) <= pair.on_ledger()


@played
async def test_what_a_courier_carries_never_blocks_its_own_sync(pair: Pair) -> None:
    """A line that dies over the bundle, a busy office, an older one without hand-overs, a sign-in page: the sync finishes and the bundle stays."""
    giver, courier = await pair.phone(0), await pair.phone(1)
    await write(giver, "东市场")
    taken = await courier.app.courier.take((await giver.app.hand_over.as_file(with_files=True)).bundle)
    for answer in (
        None,
        problem(503, "busy", 5),
        problem(404, "not_found"),
        problem(500, "x"),
        Answer(200, b"<html>"),
    ):
        pair.lines[1].through = refusing("/handovers", answer)
        await write(courier, "西市场")
        status = await courier.app.sync.run()
        assert status.problem is None
        assert await courier.store.outbox.waiting(9, 1 << 20) == []
        assert [one.problem for one in await courier.app.courier.carried()] == [None]
    pair.lines[1].through = refusing("/handovers", problem(400, "handover_device_unknown"))
    await courier.app.sync.run()
    [kept] = await courier.app.courier.carried()
    assert kept.problem
    assert kept.problem.code == "handover_device_unknown"
    pair.lines[1].through = refusing("/handovers", None)
    await courier.app.sync.run()
    await courier.app.courier.throw_away(taken.digest)
    assert await courier.app.courier.carried() == []


@played
async def test_a_lost_answer_brings_the_bundle_again(pair: Pair) -> None:
    """The office took it and the answer was lost: it is offered once more, dropped then, and nothing is there twice."""
    giver, courier = await pair.phone(0), await pair.phone(1)
    await write(giver, "东市场")
    await courier.app.courier.take((await giver.app.hand_over.as_file(with_files=True)).bundle)
    pair.lines[1].through = refusing("/handovers", None)
    await courier.app.sync.run()
    before = pair.office.rows("SELECT * FROM ledger ORDER BY county, seq")
    pair.lines[1].through = lambda _path, answer: answer
    await courier.app.sync.run()
    assert await courier.app.courier.carried() == []
    assert pair.office.rows("SELECT * FROM ledger ORDER BY county, seq") == before


@played
async def test_what_can_not_be_carried_says_so_at_once(pair: Pair) -> None:
    """One's own, another office's, a damaged one, a stray file and one too many are declined with their codes; the same one twice is no error."""
    giver, courier = await pair.phone(0), await pair.phone(1)
    await write(giver, "东市场")
    bundle = (await giver.app.hand_over.as_file(with_files=True)).bundle
    assert await code_of(giver, bundle) == "handover_own"
    assert await code_of(courier, bundle[:-1]) == "handover_damaged"
    assert await code_of(courier, b"a photo") == "handover_none"
    enrolled = msgspec.json.decode(await courier.store.settings.get("enrolled"))
    assert read_bundle(bundle).header.key == key_id(pair.office.house.handovers.public_key)
    for _time in range(2):
        await courier.app.courier.take(bundle)
    assert len(await courier.app.courier.carried()) == 1
    for _time in range(MOST_CARRIED - 1):
        await courier.app.courier.take((await giver.app.hand_over.as_file(with_files=True)).bundle)
    more = (await giver.app.hand_over.as_file(with_files=True)).bundle
    assert await code_of(courier, more) == "handover_too_many"
    for frame in frames_of(more):
        courier.app.courier.hear(frame)
    with pytest.raises(InputError, match="handover_too_many"):
        await courier.app.courier.take_series()
    await courier.app.courier.throw_away((await courier.app.courier.carried())[0].digest)
    assert (await courier.app.courier.take_series()).header == read_bundle(more).header, "the series waited"
    more = (await giver.app.hand_over.as_file(with_files=True)).bundle
    enrolled["handover_key"] = enrolled["office_key"]
    await courier.store.settings.put({"enrolled": msgspec.json.encode(enrolled).decode()})
    assert await code_of(courier, more) == "handover_other_office"
