"""What the phone's outbox keeps to: a chain that can't be bent, records that can't be lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from mobile.store.work import WorkStore
from mobile.workflow.ports import StoredDraft
from shared.clock import SetClock
from shared.errors import ConflictError, Problem
from shared.identity import mint
from sync.envelope import ClockEvidence, Envelope, Sealed, write_body
from sync.messages import Change, Ruling, Status
from sync.ports import Attachment
from tests.contracts.fakes import seeded

CLOCK = SetClock(datetime(2026, 11, 20, tzinfo=UTC))
random_bytes = seeded("outbox")


def new_id() -> str:
    """Some identity."""
    return mint(CLOCK, random_bytes)


def sealed(chain: str, sequence: int, previous: str | None, size: int = 10, subject: str = "") -> Sealed:
    """A record with that place in that chain."""
    body = write_body(
        Envelope(
            record_id=new_id(),
            kind="premises.registered",
            schema=1,
            county="210123",
            author=new_id(),
            author_key="0" * 16,
            device=new_id(),
            chain=chain,
            sequence=sequence,
            previous=previous,
            observed_at=CLOCK.now(),
            clock=ClockEvidence(0),
            subjects=[subject] if subject else [],
            payload=msgspec.Raw(msgspec.json.encode("x" * size)),
        )
    )
    return Sealed(body, bytes(64))


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> WorkStore:
    """An empty store."""
    return WorkStore(":memory:" if request.param == "memory" else tmp_path / "work.db")


async def opened(store: WorkStore) -> Sealed:
    """The first record of a first chain."""
    first = sealed(new_id(), 1, None)
    await store.outbox.open_chain(first)
    return first


def chain_of(record: Sealed) -> str:
    """The chain that a record is in."""
    return str(msgspec.json.decode(record.body)["chain"])


def test_records_follow_each_other(store: WorkStore) -> None:
    """The head moves with each append; one that does not follow the head is ConflictError chain_moved and changes nothing."""

    async def flow() -> None:
        assert await store.outbox.head() == ("", 0, None)
        first = await opened(store)
        chain = chain_of(first)
        second = sealed(chain, 2, first.digest)
        await store.outbox.append(second, 2, first.digest)
        assert await store.outbox.head() == (chain, 2, second.digest)
        for late in (sealed(chain, 2, first.digest), sealed(chain, 4, second.digest)):
            with pytest.raises(ConflictError, match="chain_moved"):
                await store.outbox.append(late, msgspec.json.decode(late.body)["sequence"], first.digest)
        assert await store.outbox.head() == (chain, 2, second.digest)
        assert await store.outbox.waiting(10, 1 << 20) == [first, second]

    asyncio.run(flow())


def test_a_record_takes_its_draft_and_files_along_or_not_at_all(store: WorkStore) -> None:
    """Draft, queued file, own state and record change in one transaction; a conflict leaves all of them as they were."""

    async def flow() -> None:
        first = await opened(store)
        draft = StoredDraft(
            draft_id=new_id(), author="a", kind="k", subject="s", saved_at=CLOCK.now(), sealed=b"d"
        )
        await store.drafts.save(draft)
        subject = new_id()
        record = sealed(chain_of(first), 2, first.digest)
        file = Attachment("ab" * 32, 3, "image/jpeg", msgspec.json.decode(record.body)["record_id"])
        state = Change("premises", subject, "210123", 0, b'{"name": "x"}')
        with pytest.raises(ConflictError):
            await store.outbox.append(record, 2, "ff" * 32, draft.draft_id, [file], [state])
        assert await store.drafts.get(draft.draft_id) == draft
        assert await store.attachments.counts() == {}
        assert not await store.registry.is_own(subject)
        await store.outbox.append(record, 2, first.digest, draft.draft_id, [file], [state])
        assert await store.drafts.get(draft.draft_id) is None
        assert await store.attachments.counts() == {"waiting": 1}
        assert await store.registry.is_own(subject)

    asyncio.run(flow())


def test_waiting_is_bounded_and_oldest_first(store: WorkStore) -> None:
    """At most so many records and so many bytes, one at least, in the order written; those passed over come again."""

    async def flow() -> None:
        records = [await opened(store)]
        for number in range(2, 6):
            records.append(sealed(chain_of(records[0]), number, records[-1].digest, size=1000))
            await store.outbox.append(records[-1], number, records[-2].digest)
        assert await store.outbox.waiting(2, 1 << 20) == records[:2]
        assert await store.outbox.waiting(10, 1) == records[:1]
        size = sum(len(record.body) for record in records[:3])
        assert await store.outbox.waiting(10, size) == records[:3]
        assert await store.outbox.waiting(2, 1 << 20, {records[0].digest}) == records[1:3]

    asyncio.run(flow())


def test_a_ruled_record_is_kept_and_no_longer_offered(store: WorkStore) -> None:
    """Whatever the ruling, the bytes stay, the ruling is shown, and the next sync offers the others."""

    async def flow() -> None:
        first = await opened(store)
        problem = Problem("signature_wrong", "It is wrong.", "Look.")
        await store.outbox.ruled([Ruling("", first.digest, Status.REFUSED, problem=problem)])
        assert await store.outbox.waiting(10, 1 << 20) == []
        [kept] = await store.outbox.needing_a_person()
        assert kept.ruling
        assert (kept.body, kept.ruling.problem) == (first.body, problem)
        await store.outbox.ruled([Ruling("", "00" * 32, Status.ACCEPTED)])
        assert await store.outbox.counts() == {"refused": 1}

    asyncio.run(flow())


def test_a_new_generation_offers_everything_again(store: WorkStore) -> None:
    """All records and uploaded files wait once more, their rulings stay visible; the first generation offers nothing anew."""

    async def flow() -> None:
        first = await opened(store)
        await store.outbox.ruled([Ruling("", first.digest, Status.ACCEPTED)])
        await store.outbox.meet_generation("one", offer_again=False)
        assert (await store.outbox.generation(), await store.outbox.waiting(9, 999)) == ("one", [])
        await store.outbox.meet_generation("two", offer_again=True)
        assert (await store.outbox.generation(), await store.outbox.waiting(9, 999)) == ("two", [first])
        assert await store.outbox.counts() == {"accepted": 1}

    asyncio.run(flow())


def test_a_conflict_offered_again_keeps_its_reason_and_takes_its_new_place(store: WorkStore) -> None:
    """To a restored office it is a duplicate: a person must look still, and it is looked for where it stands on the ledger now."""

    async def flow() -> None:
        first = await opened(store)
        problem = Problem("field_disputed", "It is disputed.", "Look.")
        disputed = Ruling("", first.digest, Status.CONFLICTING, "210123", 17, problem)
        await store.outbox.ruled([disputed])
        await store.outbox.meet_generation("two", offer_again=True)
        await store.outbox.ruled([Ruling("", first.digest, Status.DUPLICATE, "210123", 10)])
        [kept] = await store.outbox.needing_a_person()
        assert kept.ruling == msgspec.structs.replace(disputed, ledger_seq=10)
        assert [own.ledger_seq for own in await store.witnessed.unproven("210123", 9)] == [10]

    asyncio.run(flow())


def test_a_retired_chain_takes_no_record(store: WorkStore) -> None:
    """After retiring, append is refused until a new chain is opened; the old chain's records still wait."""

    async def flow() -> None:
        first = await opened(store)
        await store.outbox.retire_chain("fork")
        await store.outbox.retire_chain("restored")
        assert await store.outbox.retired() == "fork"
        with pytest.raises(ConflictError, match="chain_moved"):
            await store.outbox.append(sealed(chain_of(first), 2, first.digest), 2, first.digest)
        second = sealed(new_id(), 1, None)
        await store.outbox.open_chain(second)
        assert (await store.outbox.retired(), (await store.outbox.head())[0]) == ("", chain_of(second))
        assert await store.outbox.waiting(9, 1 << 20) == [first, second]
        assert await store.outbox.digest_at(chain_of(first), 1) == first.digest

    asyncio.run(flow())


def test_everything_is_there_after_the_file_is_opened_again(tmp_path: Path) -> None:
    """Records, rulings, drafts, settings and cursors outlive the process that wrote them, without being closed."""

    async def flow() -> None:
        store = WorkStore(tmp_path / "work.db")
        first = await opened(store)
        await store.outbox.ruled([Ruling("", first.digest, Status.ACCEPTED)])
        await store.settings.put({"one": "1", "two": "2"})
        await store.settings.put({"two": ""})
        store.database.conn.close()
        again = WorkStore(tmp_path / "work.db")
        assert await again.outbox.counts() == {"accepted": 1}
        assert (await again.settings.get("one"), await again.settings.get("two")) == ("1", "")
        assert [kept.digest for kept in await again.outbox.newest(5)] == [first.digest]

    asyncio.run(flow())
