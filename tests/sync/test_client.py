"""The sync engine against a small office that fails on purpose: the hard scenarios, each named after its situation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import msgspec
import pytest

from mobile.workflow.enrolled import calls_of, must_be_enrolled
from shared.errors import Problem
from shared.identity import digest_of, mint
from shared.people import Scope
from shared.premises import Premises, PremisesType
from shared.records import ChainOpened
from sync.attachments import FIRST_CHUNK
from sync.backoff import FIRST_MS, LONGEST_MS, Backoff
from sync.client import Outcome, Stage, SyncClient
from sync.envelope import Sealed, read_body
from sync.messages import Ruling, Status
from sync.ports import Answer, Attachment, TransportError
from tests.contracts.fakes import seeded
from tests.contracts.office import cut, problem
from tests.mobile.phone import COUNTY, Phone, World, make_phone, make_world

Scenario = Callable[[World, Phone], Coroutine[None, None, None]]


def play(scenario: Scenario) -> None:
    """Runs a scenario with an enrolled phone."""

    async def run() -> None:
        world = make_world()
        phone = make_phone(world)
        await phone.enrol()
        await scenario(world, phone)

    asyncio.run(run())


async def client_of(phone: Phone) -> SyncClient:
    """The engine as the app makes it."""
    enrolled = await must_be_enrolled(phone.store.settings)
    return SyncClient(
        calls=await calls_of(phone.equipment, enrolled.token),
        signer=phone.keys,
        outbox=phone.store.outbox,
        mirror=phone.store.mirror,
        attachments=phone.store.attachments,
        contents=phone.blobs,
        clock=phone.clock,
        app_version="0.1.0",
        witnessed=phone.store.witnessed,
    )


async def sync(phone: Phone) -> Outcome:
    """One sync."""
    return await (await client_of(phone)).sync()


async def write(phone: Phone, name: str) -> str:
    """Writes one record; its digest."""
    await phone.app.register.premises(name, "210123101", PremisesType.MARKET)
    return (await phone.store.outbox.head())[2] or ""


def free(_method: str, _path: str) -> Answer | None:
    """No interference."""


async def states(phone: Phone) -> dict[str, str]:
    """The status of each record by digest; ``waiting`` without a ruling."""
    return {
        kept.digest: kept.ruling.status.value if kept.ruling else "waiting"
        for kept in await phone.store.records.newest(100)
    }


def test_ack_lost_then_retry_is_one_row() -> None:
    """The server stores, the answer is lost: the record still waits, and the retry is a duplicate, one row at the server."""

    async def scenario(world: World, phone: Phone) -> None:
        digest = await write(phone, "甲")
        world.office.after = lambda _method, path: cut("", "") if path == "/push" else None
        outcome = await sync(phone)
        assert outcome.problem
        assert outcome.problem.code == "no_network"
        assert (await states(phone))[digest] == "waiting"
        world.office.after = free
        assert (await sync(phone)).finished
        assert (await states(phone))[digest] == "duplicate"
        assert list(world.office.records).count(digest) == 1

    play(scenario)


def test_identity_reused_is_refused_and_both_are_kept() -> None:
    """The server's refusal reaches the record with its code; the bytes stay on the phone, the next record is taken."""

    async def scenario(world: World, phone: Phone) -> None:
        bad = await write(phone, "甲")
        good = await write(phone, "乙")
        refusal = Problem("identity_reused", "The number is taken.", "Both are kept.")
        world.office.rule = lambda sealed: (
            Ruling("", bad, Status.REFUSED, problem=refusal) if sealed.digest == bad else None
        )
        outcome = await sync(phone)
        assert outcome.finished
        found = await states(phone)
        assert (found[bad], found[good]) == ("refused", "accepted")
        [row] = (await phone.app.outbox.rows()).needs_you
        assert row.problem
        assert (row.digest, row.problem.code) == (bad, "identity_reused")
        assert (await sync(phone)).pushed == 0

    play(scenario)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_one_record_that_breaks_its_batch_does_not_keep_back_the_rest(status: int) -> None:
    """A batch that is not taken is halved until the bad record is alone; it is parked as refused, the rest is stored."""

    async def scenario(world: World, phone: Phone) -> None:
        digests = [await write(phone, f"市场{number}") for number in range(9)]
        bad = digests[4]

        def rule(sealed: Sealed) -> Ruling | None:
            if sealed.digest == bad:
                raise BrokenError
            return None

        world.office.rule = rule
        breaking(world, status)
        outcome = await sync(phone)
        assert outcome.finished
        found = await states(phone)
        assert found.pop(bad) == "refused"
        assert set(found.values()) <= {"accepted", "duplicate"}
        assert len(world.office.records) == 9

    play(scenario)


class BrokenError(Exception):
    """The office stumbles over a record."""


def breaking(world: World, status: int) -> None:
    """Lets the office answer a batch that it stumbles over with ``status``, having stored nothing of it."""
    push = world.office._push

    def guarded(body: bytes) -> Answer:
        before = dict(world.office.records), dict(world.office.heads)
        try:
            return push(body)
        except BrokenError:
            world.office.records, world.office.heads = before
            return problem(status, "body_odd")

    world.office._push = guarded  # type: ignore[method-assign]


def test_a_server_that_stumbles_over_one_record_gets_the_others() -> None:
    """A 500 over one record leaves that one waiting for the next sync, says so, and pushes the others."""

    async def scenario(world: World, phone: Phone) -> None:
        digests = [await write(phone, f"市场{number}") for number in range(5)]

        def rule(sealed: Sealed) -> Ruling | None:
            if sealed.digest == digests[0]:
                raise BrokenError
            return None

        world.office.rule = rule
        breaking(world, 500)
        outcome = await sync(phone)
        assert outcome.problem
        assert outcome.problem.code == "body_odd"
        found = await states(phone)
        assert [found[digest] for digest in digests] == ["waiting"] + ["accepted"] * 4
        world.office.rule = lambda _sealed: None
        assert (await sync(phone)).finished
        assert (await states(phone))[digests[0]] == "accepted"

    play(scenario)


def test_a_wholly_broken_server_is_left_alone_soon() -> None:
    """When every record fails with a 500 the sync gives up after a few, and everything waits."""

    async def scenario(world: World, phone: Phone) -> None:
        for number in range(20):
            await write(phone, f"市场{number}")
        world.office.before = lambda _method, path: problem(500, "broken") if path == "/push" else None
        world.office.calls.clear()
        outcome = await sync(phone)
        assert outcome.problem
        assert list((await states(phone)).values()).count("waiting") == 20
        assert len(world.office.calls) < 20

    play(scenario)


def test_a_write_during_the_push_stays_to_be_sent() -> None:
    """A record written while a batch is under way waits for the next one; nothing of it is marked."""

    async def scenario(world: World, phone: Phone) -> None:
        first = await write(phone, "甲")
        late: list[str] = []
        request = world.office.request

        async def with_a_write(
            method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
        ) -> Answer:
            if path.endswith("/push") and not late:
                late.append(await write(phone, "乙"))
                answer = await request(method, path, body, headers)
                assert set(await states(phone)) > {first, late[0]}
                return answer
            return await request(method, path, body, headers)

        world.office.request = with_a_write  # type: ignore[method-assign]
        assert (await sync(phone)).finished
        found = await states(phone)
        assert (found[first], found[late[0]]) == ("accepted", "accepted")

    play(scenario)


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_refused_session_keeps_the_queue(status: int) -> None:
    """An expired token or a busy server leaves every record waiting; what the server asks to wait is passed on."""

    async def scenario(world: World, phone: Phone) -> None:
        digest = await write(phone, "甲")
        for path in ("/handshake", "/push"):
            world.office.before = lambda _method, route, path=path: (  # type: ignore[misc]
                problem(status, "not_now", retry_after=7) if route == path else None
            )
            outcome = await sync(phone)
            assert outcome.problem
            assert (outcome.problem.code, outcome.retry_after_ms) == ("not_now", 7000)
            assert (await states(phone))[digest] == "waiting"
        world.office.before = free
        assert (await sync(phone)).finished

    play(scenario)


def test_concurrent_syncs_do_not_send_twice() -> None:
    """A second sync that starts during the first returns at once and does nothing."""

    async def scenario(world: World, phone: Phone) -> None:
        await write(phone, "甲")
        client = await client_of(phone)
        world.office.calls.clear()
        request = world.office.request

        async def slow(
            method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
        ) -> Answer:
            second = await client.sync()
            assert second.busy
            return await request(method, path, body, headers)

        world.office.request = slow  # type: ignore[method-assign]
        assert (await client.sync()).finished
        assert [route for _method, route in world.office.calls].count("/push") == 1

    play(scenario)


def test_a_page_is_applied_whole_or_not_at_all() -> None:
    """A crash between rows and cursor leaves neither; the page is asked for again and nothing is skipped."""

    async def scenario(world: World, phone: Phone) -> None:
        world.office.show(COUNTY, "premises", mint(world.clock, seeded("site")), site_named(world, "丙"))
        database = phone.store.database
        cursor = await phone.store.mirror.cursor(COUNTY)
        kept = len(await phone.store.registry.all_premises())

        def dies(statement: str, _values: object) -> None:
            if "INTO cursor" in statement:
                raise KeyboardInterrupt

        database._tracer = dies
        with pytest.raises(KeyboardInterrupt):
            await sync(phone)
        database._tracer = None
        assert await phone.store.mirror.cursor(COUNTY) == cursor
        assert len(await phone.store.registry.all_premises()) == kept
        assert (await sync(phone)).finished
        assert len(await phone.store.registry.all_premises()) == kept + 1

    play(scenario)


def site_named(world: World, name: str) -> Premises:
    """A site with a name of its own."""
    return msgspec.structs.replace(world.premises, premises_id=mint(world.clock, seeded(name)), name=name)


def test_a_late_page_for_an_old_cursor_is_dropped() -> None:
    """A page that was asked for with another cursor than the one saved changes nothing."""

    async def scenario(world: World, phone: Phone) -> None:
        request = world.office.request

        async def reset_meanwhile(
            method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
        ) -> Answer:
            answer = await request(method, path, body, headers)
            if "/pull/" in path:
                await phone.store.mirror.forget(COUNTY)
            return answer

        world.office.request = reset_meanwhile  # type: ignore[method-assign]
        outcome = await sync(phone)
        assert (outcome.finished, outcome.pulled) == (True, 0)
        assert await phone.store.registry.all_premises() == []
        world.office.request = request  # type: ignore[method-assign]
        await sync(phone)
        assert await phone.store.registry.all_premises() == [world.premises]

    play(scenario)


def test_an_interrupted_pull_resumes_where_it_was() -> None:
    """Cut after each page, a long pull needs no page twice and ends complete."""

    async def scenario(world: World, phone: Phone) -> None:
        world.office.page_size = 5
        for number in range(23):
            site = site_named(world, f"市场{number}")
            world.office.show(COUNTY, "premises", site.premises_id, site)
        pages = 0

        def one_page(_method: str, path: str) -> Answer | None:
            nonlocal pages
            if path.startswith("/pull/"):
                pages += 1
                if pages % 2 == 0:
                    raise TransportError
            return None

        world.office.before = one_page
        for _ in range(10):
            if (await sync(phone)).finished:
                break
        assert len(await phone.store.registry.all_premises()) == 24
        assert pages - pages // 2 <= 6

    play(scenario)


def test_a_stale_cursor_forgets_and_pulls_anew() -> None:
    """After 410 the county is fetched from the beginning; own records are not touched."""

    async def scenario(world: World, phone: Phone) -> None:
        digest = await write(phone, "甲")
        gone = site_named(world, "旧市场")
        world.office.show(COUNTY, "premises", gone.premises_id, gone)
        await sync(phone)
        world.office.changes[COUNTY] = world.office.changes[COUNTY][:-1]
        world.office.generation = "second"
        assert (await sync(phone)).finished
        names = {site.name for site in await phone.store.registry.all_premises()}
        assert names == {world.premises.name, "甲"}
        assert digest in await states(phone)

    play(scenario)


def test_a_restored_server_is_offered_everything_again() -> None:
    """A new generation that lost records gets all that the phone keeps; nothing is deleted, nothing is double."""

    async def scenario(world: World, phone: Phone) -> None:
        digests = [await write(phone, f"市场{number}") for number in range(4)]
        await sync(phone)
        kept = list(world.office.records)[:3]
        world.office.records = {digest: world.office.records[digest] for digest in kept}
        world.office.heads = dict.fromkeys(world.office.heads, (2, kept[1]))
        world.office.generation = "restored"
        assert (await sync(phone)).finished
        assert set(world.office.records) >= set(digests)
        assert await phone.store.outbox.retired() == ""
        assert (await sync(phone)).pushed == 0

    play(scenario)


def test_a_rolled_back_phone_begins_a_new_chain() -> None:
    """A phone restored from an old copy sees that the server knows more of its chain: the next record opens a new chain."""

    async def scenario(world: World, phone: Phone) -> None:
        await write(phone, "甲")
        copy = phone.store.database.conn.serialize()
        lost = await write(phone, "乙")
        await sync(phone)
        old_chain = (await phone.store.outbox.head())[0]
        phone.store.database.conn.deserialize(copy)
        before_sync = await write(phone, "丙")
        assert (await sync(phone)).finished
        after = await write(phone, "丁")
        assert (await sync(phone)).finished
        chain, sequence, _digest = await phone.store.outbox.head()
        assert (chain != old_chain, sequence) == (True, 2)
        opened = read_body((await opened_record(phone, chain)).body)
        assert msgspec.json.decode(opened.payload) == {
            "reason": "fork",
            "app_version": "0.1.0",
            "chain_before": old_chain,
        }
        assert {lost, before_sync, after} <= set(world.office.records)

    play(scenario)


def test_a_phone_that_lost_its_tail_begins_a_new_chain() -> None:
    """Rolled back and nothing written since: the server's head is ahead, and the reason says restored."""

    async def scenario(world: World, phone: Phone) -> None:
        copy = phone.store.database.conn.serialize()
        await write(phone, "乙")
        await sync(phone)
        phone.store.database.conn.deserialize(copy)
        assert (await sync(phone)).finished
        assert await phone.store.outbox.retired() == "restored"
        await write(phone, "丙")
        chain, _sequence, _digest = await phone.store.outbox.head()
        opened = read_body((await opened_record(phone, chain)).body)
        assert msgspec.json.decode(opened.payload)["reason"] == "restored"

    play(scenario)


async def opened_record(phone: Phone, chain: str) -> Sealed:
    """The first record of a chain."""
    digest = await phone.store.outbox.digest_at(chain, 1)
    kept = await phone.store.records.by_digest(digest or "")
    assert kept
    return Sealed(kept.body, bytes(64))


def test_a_county_that_left_the_scope_is_removed() -> None:
    """Its states go, records stay; a county that is added arrives whole."""

    async def scenario(world: World, phone: Phone) -> None:
        digest = await write(phone, "甲")
        other = "210181"
        world.office.changes[other] = []
        site = msgspec.structs.replace(site_named(world, "新民市场"), county=other, township="210181100")
        world.office.show(other, "premises", site.premises_id, site)
        world.office.scope = Scope([other], 2)
        assert (await sync(phone)).finished
        assert {one.name for one in await phone.store.registry.all_premises()} >= {"新民市场"}
        assert world.premises not in await phone.store.registry.all_premises()
        assert digest in await states(phone)
        world.office.scope = Scope([COUNTY, other], 3)
        assert (await sync(phone)).finished
        assert world.premises in await phone.store.registry.all_premises()

    play(scenario)


def test_a_tombstone_removes_and_a_second_one_is_no_error() -> None:
    """A subject that is gone from the county goes from the phone, however often it is said."""

    async def scenario(world: World, phone: Phone) -> None:
        for _ in range(2):
            world.office.show(COUNTY, "instrument", world.scale.instrument_id, None)
            assert (await sync(phone)).finished
            assert await phone.store.registry.instrument(world.scale.instrument_id) is None

    play(scenario)


def test_a_later_ruling_arrives_by_pull() -> None:
    """A held record that the office applied reads so after the next pull; a conflict is never hidden by a duplicate, and is over once it is decided."""

    async def scenario(world: World, phone: Phone) -> None:
        digest = await write(phone, "甲")
        world.office.rule = lambda sealed: Ruling("", sealed.digest, Status.HELD)
        await sync(phone)
        assert (await states(phone))[digest] == "held"
        for status in (Status.CONFLICTING, Status.DUPLICATE):
            world.office.later_rulings = [Ruling("", digest, status)]
            await sync(phone)
            assert (await states(phone))[digest] == "conflicting"
        world.office.later_rulings = [Ruling("", digest, Status.ACCEPTED)]
        await sync(phone)
        assert (await states(phone))[digest] == "accepted"

    play(scenario)


def test_rulings_that_are_missing_leave_the_records_waiting() -> None:
    """An answer that does not rule on every record pushed is not believed."""

    async def scenario(world: World, phone: Phone) -> None:
        digest = await write(phone, "甲")
        world.office.rule = lambda sealed: Ruling("", digest_of(sealed.body[:-1]), Status.ACCEPTED)
        outcome = await sync(phone)
        assert outcome.problem
        assert outcome.problem.code == "rulings_missing"
        assert (await states(phone))[digest] == "waiting"

    play(scenario)


def test_a_ruling_on_other_bytes_leaves_that_record_waiting_and_keeps_the_rest() -> None:
    """A record's bytes were changed on the way: the ruling on them is nobody's, the other record's is kept, the next sync mends it."""

    async def scenario(world: World, phone: Phone) -> None:
        changed = await write(phone, "甲")
        good = await write(phone, "乙")
        world.office.rule = lambda sealed: (
            Ruling("", "f" * 64, Status.REFUSED) if sealed.digest == changed else None
        )
        outcome = await sync(phone)
        assert outcome.problem
        assert outcome.problem.code == "rulings_missing"
        found = await states(phone)
        assert (found[changed], found[good]) == ("waiting", "accepted")
        world.office.rule = lambda _sealed: None
        assert (await sync(phone)).finished
        assert (await states(phone))[changed] == "accepted"

    play(scenario)


@pytest.mark.parametrize("body", [b"", b"<html>Sign in to this hotel's network</html>", b"\x81"])
def test_a_portals_page_changes_nothing(body: bytes) -> None:
    """An answer that is no message of ours, with status 200, leaves everything as it was."""

    async def scenario(world: World, phone: Phone) -> None:
        digest = await write(phone, "甲")
        world.office.before = lambda _method, _path: Answer(200, body)
        outcome = await sync(phone)
        assert outcome.problem
        assert outcome.problem.code == "answer_unreadable"
        assert (await states(phone))[digest] == "waiting"

    play(scenario)


@pytest.mark.parametrize(("access", "pulled"), [("push_only", 0), ("closed", 0), ("open", 1)])
def test_a_revoked_phone_hands_over_and_gets_nothing(access: str, pulled: int) -> None:
    """Push-only and closed phones still hand over what they recorded, and pull nothing."""

    async def scenario(world: World, phone: Phone) -> None:
        digest = await write(phone, "甲")
        site = site_named(world, "丙")
        world.office.show(COUNTY, "premises", site.premises_id, site)
        world.office.access = access
        outcome = await sync(phone)
        assert (outcome.pulled, (await states(phone))[digest]) == (pulled, "accepted")
        assert (outcome.problem.code if outcome.problem else "") == (
            "device_closed" if access == "closed" else ""
        )

    play(scenario)


async def with_file(phone: Phone, content: bytes) -> Attachment:
    """A record that names a file; the file is on the phone."""
    digest = await phone.blobs.put(content)
    unsealed = await phone.app.spot_checks._sealing.prepare(
        "record.withdrawn",
        site_named_payload(),
        county=COUNTY,
        attachments=[(digest, len(content), "image/jpeg")],
    )
    await phone.app.spot_checks._sealing.write(unsealed)
    return unsealed.attachments[0]


def site_named_payload() -> msgspec.Struct:
    """Some payload."""
    return ChainOpened("enrolled", "0.1.0")


@pytest.mark.parametrize("cut_at", range(1, 9))
def test_an_upload_cut_anywhere_resumes(cut_at: int) -> None:
    """Cut before or after any request, a file of several chunks arrives whole, and no finished chunk is sent again."""

    async def scenario(world: World, phone: Phone) -> None:
        content = seeded("picture")(FIRST_CHUNK * 3 + 100)
        attachment = await with_file(phone, content)
        requests = 0

        def once(_method: str, path: str) -> Answer | None:
            nonlocal requests
            if path.startswith("/attachments"):
                requests += 1
                if requests == cut_at:
                    raise TransportError
            return None

        world.office.before = once
        world.office.after = once
        first = await sync(phone)
        assert first.problem or cut_at > 10
        world.office.before = world.office.after = free
        assert (await sync(phone)).finished
        assert world.office.uploads[attachment.digest] == (len(content), content)
        assert await phone.store.attachments.counts() == {"uploaded": 1}
        patches = [1 for method, _route in world.office.calls if method == "PATCH"]
        assert len(patches) <= 4

    play(scenario)


def test_a_picture_that_cant_be_read_keeps_back_nothing() -> None:
    """A missing or a changed file is given up; its record and the other files arrive."""

    async def scenario(world: World, phone: Phone) -> None:
        missing = await with_file(phone, b"one")
        changed = await with_file(phone, b"two")
        good = await with_file(phone, b"three")
        await phone.blobs.delete(missing.digest)
        phone.blobs.content[changed.digest] = b"rot"
        assert (await sync(phone)).finished
        assert set(world.office.uploads) == {good.digest}
        assert await phone.store.attachments.counts() == {"failed": 2, "uploaded": 1}
        assert len(world.office.records) == 4

    play(scenario)


def test_a_file_waits_for_its_record() -> None:
    """Nothing is uploaded before the server has ruled on the record that names it."""

    async def scenario(world: World, phone: Phone) -> None:
        await with_file(phone, b"one")
        world.office.before = lambda _method, path: problem(503, "busy") if path == "/push" else None
        await sync(phone)
        assert world.office.uploads == {}

    play(scenario)


def test_progress_and_offset_are_told() -> None:
    """Each stage is announced in its order, and the server's clock is compared with the phone's."""

    async def scenario(world: World, phone: Phone) -> None:
        await write(phone, "甲")
        told: list[tuple[Stage, int]] = []
        client = await client_of(phone)
        outcome = await client.sync(lambda stage, done: told.append((stage, done)))
        assert outcome.server_offset_ms == 0
        assert list(dict.fromkeys(stage for stage, _done in told)) == [
            stage for stage in Stage if stage is not Stage.FETCHING
        ]
        assert (Stage.PUSHING, 1) in told

    play(scenario)


def test_backoff_doubles_with_jitter_and_begins_anew() -> None:
    """Waits grow from seconds to minutes, never beyond the longest, never less than asked for; success resets them."""
    backoff = Backoff(seeded(3))
    waits = [backoff.failed() for _ in range(20)]
    assert FIRST_MS // 2 <= waits[0] <= FIRST_MS
    assert all(LONGEST_MS // 2 <= wait <= LONGEST_MS for wait in waits[10:])
    assert len(set(waits)) > 15
    assert backoff.failed(at_least_ms=10**7) == 10**7
    backoff.succeeded()
    assert backoff.failed() <= FIRST_MS
