"""The phone's files: a queue apart from the records, resumed after a kill, never in anybody's way, and told to the person."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mobile.workflow.outbox_view import RecordState
from sync.attachments import FIRST_CHUNK
from sync.ports import Answer, Attachment, FilesLeft, TransportError
from tests.contracts.fakes import seeded
from tests.contracts.office import problem
from tests.mobile.phone import Phone, World, make_phone, make_world
from tests.mobile.played import Pauses, played, settled
from tests.sync.test_client import free, sync, with_file, write

CONTENT = seeded("picture")(FIRST_CHUNK * 5)


async def enrolled(path: Path | str = ":memory:") -> tuple[World, Phone]:
    world = make_world()
    phone = make_phone(world, path)
    await phone.enrol()
    return world, phone


class Trouble:
    """Answers for one file, the others go through."""

    def __init__(self, attachment: Attachment, answer: Answer) -> None:
        self.digest, self.answer = attachment.digest, answer

    def __call__(self, _method: str, path: str) -> Answer | None:
        return self.answer if path.endswith(self.digest) else None


@played
@pytest.mark.parametrize("killed_at", range(1, 6))
async def test_a_kill_in_the_middle_leaves_nothing_in_progress(tmp_path: Path, killed_at: int) -> None:
    """Killed before any request of an upload, the next run goes on by itself: nothing is marked as under way for ever."""
    world, phone = await enrolled(tmp_path / "work.db")
    attachment = await with_file(phone, CONTENT)
    requests = 0

    def dies(_method: str, path: str) -> Answer | None:
        nonlocal requests
        requests += path.startswith("/attachments")
        if requests == killed_at:
            raise KeyboardInterrupt
        return None

    world.office.before = dies
    with pytest.raises(KeyboardInterrupt):
        await sync(phone)
    world.office.before = free
    phone = await phone.reopened()
    assert (await sync(phone)).finished
    assert world.office.uploads[attachment.digest] == (len(CONTENT), CONTENT)
    assert await phone.store.attachments.counts() == {"uploaded": 1}
    sent = [method for method, _route in world.office.calls if method == "PATCH"]
    assert len(sent) <= 6, "what had arrived was sent again"


@played
@pytest.mark.parametrize("status", [403, 409, 460, 500])
async def test_one_file_that_gets_nowhere_keeps_back_nothing(status: int) -> None:
    """Refused again and again, or a server that stumbles over it: records and the other files arrive, and it is tried once a sync."""
    world, phone = await enrolled()
    first = await with_file(phone, b"one" * 100)
    good = await with_file(phone, b"two" * 100)
    world.office.before = Trouble(first, problem(status, "no"))
    for _ in range(2):
        outcome = await sync(phone)
        assert (outcome.problem is not None) is (status in (460, 500))
    assert set(world.office.uploads) == {good.digest}
    assert await phone.store.attachments.counts() == {"uploaded": 1, "waiting": 1}
    assert (await phone.store.records.counts()).get("waiting", 0) == 0
    world.office.before = free
    assert (await sync(phone)).finished
    assert await phone.store.attachments.counts() == {"uploaded": 2}


@played
@pytest.mark.parametrize(("status", "asked"), [(503, 1), (507, 1), (429, 1), (500, 3)])
async def test_a_server_that_is_busy_or_broken_is_left_alone(status: int, asked: int) -> None:
    """Too busy or without room for one file means for all: no other is tried; stumbling over three, it is believed to be broken."""
    world, phone = await enrolled()
    for number in range(5):
        await with_file(phone, f"{number}".encode() * 100)
    await sync_records_only(world, phone)
    world.office.calls.clear()
    world.office.before = lambda _method, path: (
        problem(status, "no", 7 if status == 503 else None) if path.startswith("/attachments") else None
    )
    outcome = await sync(phone)
    assert outcome.problem
    assert sum(route.startswith("/attachments") for _method, route in world.office.calls) == asked
    assert await phone.store.attachments.counts() == {"waiting": 5}


async def sync_records_only(world: World, phone: Phone) -> None:
    """The records arrive, and the line is lost before the files."""

    def lost(_method: str, path: str) -> Answer | None:
        if path.startswith("/attachments"):
            raise TransportError
        return None

    world.office.before = lost
    await sync(phone)
    world.office.before = free


@played
async def test_files_that_get_nowhere_go_last() -> None:
    """Three files over which the server always stumbles end the first sync, and the next begins with the others."""
    world, phone = await enrolled()
    bad = [await with_file(phone, f"bad {number}".encode() * 100) for number in range(3)]
    good = await with_file(phone, b"good" * 100)
    stumbles = {f"/attachments/{each.digest}" for each in bad}
    world.office.before = lambda _method, path: problem(500, "no") if path in stumbles else None
    assert (await sync(phone)).problem
    assert world.office.uploads == {}
    await sync(phone)
    assert set(world.office.uploads) == {good.digest}
    await with_file(phone, b"new" * 100)
    world.office.before = free
    assert (await sync(phone)).uploaded == 4


@played
async def test_a_garbled_chunk_is_sent_again() -> None:
    """A chunk that its checksum gives away is sent once more from where the server stands, in the same sync."""
    world, phone = await enrolled()
    attachment = await with_file(phone, CONTENT)
    garbled = 0

    def once(method: str, _path: str) -> Answer | None:
        nonlocal garbled
        garbled += method == "PATCH"
        return problem(460, "checksum_wrong") if method == "PATCH" and garbled == 2 else None

    world.office.before = once
    assert (await sync(phone)).finished
    assert world.office.uploads[attachment.digest] == (len(CONTENT), CONTENT)


@played
async def test_a_record_written_meanwhile_goes_first() -> None:
    """A long upload pauses after the chunk under way, the record is pushed, and the upload goes on where it was."""
    world, phone = await enrolled()
    await with_file(phone, CONTENT)
    await sync_records_only(world, phone)
    world.office.calls.clear()
    written: list[str] = []
    original = world.office.request

    async def request(
        method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        if method == "PATCH" and not written:
            written.append(await write(phone, "乙"))
        return await original(method, path, body, headers)

    world.office.request = request  # type: ignore[method-assign]
    await phone.app.sync.run()
    routes = [method if route.startswith("/attachments") else route for method, route in world.office.calls]
    assert routes[2:] == ["HEAD", "POST", "PATCH", "/push", "HEAD", "PATCH", "PATCH", "PATCH"]
    assert await phone.store.attachments.counts() == {"uploaded": 1}
    assert (await phone.store.records.counts()).get("waiting", 0) == 0


@played
async def test_photos_wait_for_wifi_where_that_was_chosen() -> None:
    """On a metered network records go and photos wait, are said to be awaited, and go as soon as the network is another one."""
    world, phone = await enrolled()
    await phone.app.sync.let_photos_wait(True)
    phone.line.set(True, metered=True)
    attachment = await with_file(phone, CONTENT)
    pauses = Pauses()
    running = asyncio.create_task(phone.app.sync.keep_running(pauses.sleep_ms))
    await settled()
    assert phone.app.sync.photos_held_back
    assert phone.app.sync.status.problem is None
    assert world.office.uploads == {}
    view = await phone.app.outbox.rows()
    assert view.files == FilesLeft(1, 0)
    assert (view.others[0].files, view.others[0].state) == (FilesLeft(1, 0), RecordState.ACCEPTED)
    phone.line.set(True, metered=False)
    await settled()
    assert world.office.uploads[attachment.digest][1] == CONTENT
    assert (await phone.app.outbox.rows()).others[0].files is None
    running.cancel()


@played
@pytest.mark.parametrize("metered", [None, False])
async def test_photos_go_where_the_network_is_free_or_unknown(metered: bool | None) -> None:
    """The wish holds back nothing on Wi-Fi, nor where the phone can't tell; it is off at first."""
    _world, phone = await enrolled()
    assert not phone.app.sync.status.photos_wait
    await phone.app.sync.let_photos_wait(True)
    phone.line.set(True, metered=metered)
    await with_file(phone, CONTENT)
    told: list[tuple[int, int]] = []
    phone.app.sync.subscribe(
        lambda: told.append((phone.app.sync.status.sent_bytes, phone.app.sync.status.file_bytes))
    )
    await phone.app.sync.run()
    assert await phone.store.attachments.counts() == {"uploaded": 1}
    seen = [sent for sent, size in told if size == len(CONTENT)]
    assert seen == sorted(seen)
    assert FIRST_CHUNK in seen, "how far it is was not told"
    assert told[-1] == (0, 0)
