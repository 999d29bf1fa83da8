"""The phone as a witness: an office that signs what it likes, and what the phone keeps of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mobile.store.work import WorkStore
from shared.clock import SetClock
from sync.calls import Calls
from sync.merkle import Edge, consistency_path, inclusion_path, leaf_of, left_size, node_hash
from sync.messages import Consistency, Inclusion, Inclusions, LedgerHead, Ruling, Status
from sync.ports import Answer
from sync.witness import Evidence, Fault, Witness
from tests.contracts.fakes import SoftwareKeys, seeded
from tests.contracts.office import at, problem, said
from tests.contracts.test_outbox import opened

COUNTY = "210123"


class Ledger:
    """An office's ledger of one county, with nothing but digests on it, and the proofs over it as a :class:`sync.ports.Transport`."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        self.clock = SetClock(at("2026-11-20 01:00"))
        self.digests: list[str] = []
        self.records: dict[str, str] = {}
        """Digest by record id, of those that it admits to have."""
        self.generation = "first"
        self.refuses = False
        self.asked: list[str] = []

    def grow(self, *digests: str) -> LedgerHead:
        """Puts records on the ledger; one letter stands for a digest of that letter alone."""
        self.digests += [digest * 64 if len(digest) == 1 else digest for digest in digests]
        return self.head()

    def head(self, key: Ed25519PrivateKey | None = None) -> LedgerHead:
        """The head, signed."""
        edge = Edge()
        for seq, digest in enumerate(self.digests, 1):
            edge.append(leaf_of(COUNTY, seq, digest))
        unsigned = LedgerHead(COUNTY, edge.size, edge.root.hex(), self.generation, self.clock.now(), b"")
        return msgspec.structs.replace(unsigned, signature=(key or self.key).sign(unsigned.message))

    def range_hash(self, start: int, end: int) -> bytes:
        """The definition."""
        if end - start == 1:
            return leaf_of(COUNTY, end, self.digests[start])
        middle = start + left_size(end - start)
        return node_hash(self.range_hash(start, middle), self.range_hash(middle, end))

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        route, _, query = path.partition("?")
        self.asked.append(route.rpartition("/")[2])
        if self.refuses:
            return problem(503, "busy")
        asked = parse_qs(query)
        if route.endswith("/consistency"):
            first, second = int(asked["first"][0]), int(asked["second"][0])
            if second > len(self.digests):
                return problem(404, "ledger_sizes_wrong")
            path_ = consistency_path(first, second, self.range_hash)
            return said(Consistency(COUNTY, first, second, path_, self.generation))
        size = int(asked["size"][0])
        places = {
            digest: self.digests.index(digest) + 1
            for digest in (self.records.get(record, "") for record in asked["record"])
            if digest in self.digests[:size]
        }
        proofs = [
            Inclusion(digest, seq, inclusion_path(seq - 1, size, self.range_hash))
            for digest, seq in places.items()
        ]
        return said(Inclusions(COUNTY, size, proofs, self.generation))


class Phone:
    """The real store and the real witness before that ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.store = ledger, WorkStore(":memory:")

    def hear(self, *heads: LedgerHead) -> list[Fault]:
        """One sync in which these heads were shown; all that is held against the office after it."""
        public_key = self.ledger.key.public_key().public_bytes_raw()
        witness = Witness(
            Calls(self.ledger),
            SoftwareKeys(seeded("keys")),
            self.store.witnessed,
            self.ledger.clock,
            public_key,
            self.ledger.generation,
        )
        asyncio.run(witness.check({COUNTY: list(heads)} if heads else {}, [COUNTY]))
        return [each.fault for each in self.evidence()]

    def evidence(self) -> list[Evidence]:
        return asyncio.run(self.store.witnessed.evidence())

    def size(self) -> int:
        """Of the last verified head."""
        before = asyncio.run(self.store.witnessed.heads())[COUNTY]
        return before.verified.size if before.verified else 0

    def own(self, status: Status = Status.ACCEPTED) -> tuple[str, str]:
        """A record of its own that the office ruled to be on its ledger: id and digest."""
        sealed = asyncio.run(opened(self.store))
        record_id = str(msgspec.json.decode(sealed.body)["record_id"])
        ruling = Ruling(record_id, sealed.digest, status, COUNTY, len(self.ledger.digests) + 1)
        asyncio.run(self.store.outbox.ruled([ruling]))
        return record_id, sealed.digest


@pytest.fixture
def ledger() -> Ledger:
    """An office that has signed three records."""
    made = Ledger()
    made.grow("a", "b", "c")
    return made


@pytest.fixture
def phone(ledger: Ledger) -> Iterator[Phone]:
    """A phone that has verified that head."""
    made = Phone(ledger)
    assert made.hear(ledger.head()) == []
    yield made
    made.store.close()


def test_a_ledger_that_grows_is_verified_with_one_question(ledger: Ledger, phone: Phone) -> None:
    """A larger head is asked about once and kept; the same head again costs no question, signed anew or not."""
    assert phone.hear(ledger.grow("d", "e")) == []
    assert phone.size() == 5
    assert ledger.asked == ["consistency"]
    ledger.clock.advance(timedelta(hours=1))
    assert phone.hear(ledger.head()) == []
    assert ledger.asked == ["consistency"]


@pytest.mark.parametrize(
    "digests", ["fbcd", "abfd", "bcde", "acbd", "ab", "abf"], ids=lambda text: f"abc-to-{text}"
)
def test_a_changed_ledger_is_evidence_once(ledger: Ledger, phone: Phone, digests: str) -> None:
    """Changed, dropped, exchanged or cut records: both signed heads are kept, once, and the phone goes on from the new one."""
    kept = ledger.head()
    ledger.digests.clear()
    shown = ledger.grow(*digests)
    assert phone.hear(shown) == [Fault.CHANGED]
    [evidence] = phone.evidence()
    assert (evidence.kept, evidence.shown) == (kept, shown)
    assert phone.hear(shown) == [Fault.CHANGED]
    assert phone.hear(ledger.grow("f")) == [Fault.CHANGED]
    assert phone.size() == len(digests) + 1


def test_a_restored_ledger_is_told_apart(ledger: Ledger, phone: Phone) -> None:
    """Under another generation a ledger that goes another way is ``restored``; one that goes on as it was is nothing."""
    ledger.generation = "second"
    assert phone.hear(ledger.grow("d")) == []
    ledger.generation = "third"
    ledger.digests[2:] = []
    assert phone.hear(ledger.head()) == [Fault.RESTORED]
    assert phone.hear(ledger.grow("e", "f", "g")) == [Fault.RESTORED]
    assert phone.size() == 5


def test_a_head_without_a_proof_is_held_against_later_ones(ledger: Ledger, phone: Phone) -> None:
    """Where the office gives no proof nothing is decided; but a head that it showed then must be continued too, not the verified one alone."""
    honest = list(ledger.digests)
    ledger.refuses = True
    doubted = ledger.grow("8")
    assert phone.hear(doubted) == []
    assert phone.size() == 3
    ledger.refuses = False
    ledger.digests = honest
    shown = ledger.grow("d", "e")
    assert phone.hear(shown) == [Fault.CHANGED]
    [evidence] = phone.evidence()
    assert (evidence.kept, evidence.shown) == (doubted, shown)
    assert phone.size() == 5


def test_a_proof_that_comes_late_settles_it(ledger: Ledger, phone: Phone) -> None:
    """A head for which there was no proof at first is verified at the next sync."""
    ledger.refuses = True
    assert phone.hear(ledger.grow("d")) == []
    ledger.refuses = False
    assert phone.hear(ledger.head()) == []
    assert phone.size() == 4


def test_a_restore_in_the_middle_of_a_sync_accuses_nobody(ledger: Ledger, phone: Phone) -> None:
    """The head is of the generation that ended while the proof was asked for: nothing is decided then, and ``restored`` is said at the next sync."""
    head = ledger.grow("d", "e")
    ledger.digests[2:] = ["f" * 64, "0" * 64, "1" * 64, "2" * 64]
    ledger.generation = "second"
    assert phone.hear(head) == []
    assert set(phone.hear(ledger.head())) == {Fault.RESTORED}
    assert phone.size() == 6


def test_a_head_by_another_key_is_not_built_on(ledger: Ledger, phone: Phone) -> None:
    """It is noted once; the last verified head stays, and the next right one is compared with it."""
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    ledger.grow("8")
    assert phone.hear(ledger.head(other)) == [Fault.UNSIGNED]
    ledger.grow("9")
    assert phone.hear(ledger.head(other)) == [Fault.UNSIGNED]
    assert phone.size() == 3
    altered = msgspec.structs.replace(ledger.head(), size=9)
    assert phone.hear(altered) == [Fault.UNSIGNED]
    assert phone.hear(ledger.head()) == [Fault.UNSIGNED]
    assert phone.size() == 5


def test_an_office_that_falls_silent_is_noted(ledger: Ledger, phone: Phone) -> None:
    """No head of a county that had one is ``withheld``; an office that never signed one is left alone."""
    assert phone.hear() == [Fault.WITHHELD]
    assert phone.hear() == [Fault.WITHHELD]
    assert Phone(ledger).hear() == []


def test_own_records_are_looked_for_once(ledger: Ledger, phone: Phone) -> None:
    """A record that is there is marked and not asked for again; one that the office can't show is evidence, and not asked for again either."""
    record_id, digest = phone.own()
    ledger.records[record_id] = digest
    assert phone.hear(ledger.grow(digest)) == []
    kept = asyncio.run(phone.store.records.find(record_id))
    assert [each.proven for each in kept] == [True]
    gone, _digest = phone.own()
    assert phone.hear(ledger.grow("d")) == [Fault.MISSING]
    assert [each.proven for each in asyncio.run(phone.store.records.find(gone))] == [False]
    ledger.asked.clear()
    assert phone.hear(ledger.grow("e")) == [Fault.MISSING]
    assert ledger.asked == ["consistency"]
    asyncio.run(phone.store.outbox.meet_generation("second", offer_again=True))
    assert not any(each.proven for each in asyncio.run(phone.store.records.newest(10)))


def test_a_proof_for_another_record_proves_nothing(ledger: Ledger, phone: Phone) -> None:
    """The office answers for the record's id with another record, whose place is real: the phone's own is missing."""
    record_id, _digest = phone.own()
    ledger.records[record_id] = "a" * 64
    assert phone.hear(ledger.grow("d")) == [Fault.MISSING]


def test_a_place_beyond_the_head_is_not_looked_for_yet(ledger: Ledger, phone: Phone) -> None:
    """A ruling that came after the head was signed waits for a later head."""
    record_id, digest = phone.own()
    ledger.records[record_id] = digest
    assert phone.hear(ledger.head()) == []
    assert ledger.asked == []
    assert phone.hear(ledger.grow(digest)) == []
    assert [each.proven for each in asyncio.run(phone.store.records.find(record_id))] == [True]
