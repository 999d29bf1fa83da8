"""Faults that the simulation must find: each replaces one part by one with a known mistake, and says within how many histories it is caught."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, update
from sqlalchemy.exc import DatabaseError

from mobile.store.states import PhoneMirror
from mobile.workflow.sealing import Sealing, Unsealed
from server.callers import DeviceAccess
from server.services.applying import Batch
from server.services.ledger_log import LedgerLog, edge_of, grow_from_ledger
from server.services.projecting import Projected
from server.services.pull import Puller, read_cursor, write_cursor
from server.services.receive import Receiver
from server.store import records as store
from server.store.tables import county_counter, intake, ledger, ledger_subject, ledger_tree, record_identity
from shared.clock import SetClock
from shared.errors import ConflictError, InputError
from shared.identity import digest_of, mint
from shared.instrument import Instrument
from shared.records import ConflictResolved, InstrumentAmended
from sync.envelope import Envelope, Sealed, read_body
from sync.merkle import Edge, leaf_of
from sync.messages import LedgerHead, Page, Push, PushAnswer, Ruling, Status
from tests.simulation.handset import SmallBatches
from tests.simulation.history import Parts
from tests.simulation.photos import ForgetfulFiles, HashIsNotCompared


class DedupesBySequence(Receiver):
    """Takes a record for a duplicate when its chain is at the server that far already."""

    def push(self, device: DeviceAccess, push: Push) -> PushAnswer:
        with self._database.reading() as connection:
            row = store.chains(connection, [push.head.chain]).get(push.head.chain)
        reached = row["sequence"] if row else 0
        fresh, old = [], []
        for sealed in push.records:
            (fresh if sequence_of(sealed) > reached else old).append(sealed)
        answer = super().push(device, msgspec.structs.replace(push, records=fresh))
        rulings = [Ruling("", sealed.digest, Status.DUPLICATE) for sealed in old] + answer.rulings
        by_digest = {ruling.digest: ruling for ruling in rulings}
        ordered = [by_digest[sealed.digest] for sealed in push.records]
        return msgspec.structs.replace(answer, rulings=ordered)


class AnswersBeforeCommit(Receiver):
    """Answers although the commit never happened."""

    def push(self, device: DeviceAccess, push: Push) -> PushAnswer:
        try:
            return super().push(device, push)
        except DatabaseError:
            rulings = [Ruling("", sealed.digest, Status.ACCEPTED) for sealed in push.records]
            return PushAnswer(rulings, self._clock.now(), self._generation)


class OneBadBlocks(Receiver):
    """Sends the whole batch back because of one record."""

    def push(self, device: DeviceAccess, push: Push) -> PushAnswer:
        answer = super().push(device, push)
        if any(ruling.status is Status.REFUSED for ruling in answer.rulings):
            raise ConflictError("batch_refused", "A record of the batch was refused.", "Mend it.")
        return answer


class LastWriterWins(Receiver):
    """Lets a later record under the same number take the place of the earlier one."""

    def push(self, device: DeviceAccess, push: Push) -> PushAnswer:
        with self._database.writing() as connection:
            for sealed in push.records:
                record_id = record_id_of(sealed)
                found = store.identities(connection, [record_id]).get(record_id)
                if found and found["digest"] != sealed.digest:
                    connection.execute(delete(ledger).where(ledger.c.record_id == record_id))
                    connection.execute(
                        delete(record_identity).where(record_identity.c.record_id == record_id)
                    )
        return super().push(device, push)


class NeverReleases(Receiver):
    """Forgets what a held record waits for."""

    def push(self, device: DeviceAccess, push: Push) -> PushAnswer:
        answer = super().push(device, push)
        with self._database.writing() as connection:
            connection.execute(update(intake).values(waiting_for="nothing"))
        return answer


class SkipsToTheTop(Puller):
    """Says that a phone which got one page has it all."""

    def page(self, device: DeviceAccess, county: str, cursor: str, limit: int = 0) -> Page:
        page = super().page(device, county, cursor, limit)
        with self._database.reading() as connection:
            top = store.last_state_seq(connection, county)
        at = msgspec.structs.replace(read_cursor(page.cursor), state_seq=top)
        return msgspec.structs.replace(page, cursor=write_cursor(at), more=False)


class LosesLaterRulings(Puller):
    """Hands out no rulings that came after the push."""

    def page(self, device: DeviceAccess, county: str, cursor: str, limit: int = 0) -> Page:
        return msgspec.structs.replace(super().page(device, county, cursor, limit), rulings=[])


class CursorBeforeRows(PhoneMirror):
    """Saves the cursor in a transaction of its own, before the rows."""

    async def apply(self, page: Page, expected: str) -> bool:
        if await self.cursor(page.county) != expected:
            return False
        await super().apply(msgspec.structs.replace(page, changes=[]), expected)
        return await super().apply(page, page.cursor)


class ForgetsTheOutboxToo(PhoneMirror):
    """Drops a county's records with its states."""

    async def forget(self, county: str) -> None:
        await super().forget(county)
        self._database.execute("DELETE FROM record WHERE county = ? AND sequence > 1", [county])


EPOCH = datetime(2026, 11, 20, tzinfo=UTC)
FAR = 1_000_000
"""Numbers that no history reaches: a row moves past its neighbours by way of them."""


SOME = 8
"""Records of a county from which on a phone is likely to have seen a head."""


class TouchesOnce(LedgerLog):
    """Says which counties are to be touched: each once, when it has some records."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._touched: set[str] = set()

    def due(self, connection: Connection, counties: Iterable[str]) -> list[str]:
        found = [
            one for one in counties if one not in self._touched and edge_of(connection, one).size >= SOME
        ]
        self._touched.update(found)
        return found


class DropsALedgerRow(TouchesOnce):
    """Takes the second record of a county off the ledger, moves the others up, and makes everything else fit."""

    def append(
        self, connection: Connection, added: Mapping[str, Iterable[tuple[int, str]]]
    ) -> list[LedgerHead]:
        for county in self.due(connection, added):
            for table in (ledger, record_identity, ledger_subject):
                here = table.c.county == county
                connection.execute(delete(table).where(here, table.c.seq == 2))
                moved = update(table).where(here, table.c.seq > 2)
                connection.execute(moved.values(seq=table.c.seq - 1 + FAR))
                connection.execute(moved.where(table.c.seq > FAR).values(seq=table.c.seq - FAR))
            counter = update(county_counter).where(county_counter.c.county == county)
            connection.execute(counter.values(ledger_seq=county_counter.c.ledger_seq - 1))
            connection.execute(delete(ledger_tree).where(ledger_tree.c.county == county))
        edges = {county: grow_from_ledger(connection, county) for county in added}
        return self._sign(connection, edges)


class RewritesBehindAHead(TouchesOnce):
    """Makes the tree anew as if the first record were another."""

    def append(
        self, connection: Connection, added: Mapping[str, Iterable[tuple[int, str]]]
    ) -> list[LedgerHead]:
        for county in self.due(connection, added):
            first = (ledger.c.county == county, ledger.c.seq == 1)
            connection.execute(update(ledger).where(*first).values(digest=digest_of(b"another")))
            connection.execute(delete(ledger_tree).where(ledger_tree.c.county == county))
        edges = {county: grow_from_ledger(connection, county) for county in added}
        return self._sign(connection, edges)


class SignsBeforeTheCommit(LedgerLog):
    """Grows its trees in memory as records come and signs those, whether the records were committed or not."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._edges: dict[str, Edge] = {}

    def append(
        self, connection: Connection, added: Mapping[str, Iterable[tuple[int, str]]]
    ) -> list[LedgerHead]:
        for county, entries in added.items():
            edge = self._edges.setdefault(county, edge_of(connection, county))
            for seq, digest in entries:
                edge.append(leaf_of(county, seq, digest))
        super().append(connection, added)
        return self._sign(connection, {county: self._edges[county] for county in added})


class SentIsDone(SmallBatches):
    """Takes a record that left the phone for one that arrived."""

    async def sent(self, digests: Sequence[str]) -> None:
        await super().sent(digests)
        for digest in digests:
            self._database.execute("UPDATE record SET offered = 0 WHERE digest = ?", [digest])


class TrustsTheRestoredOffice(SmallBatches):
    """Does not offer again what an office had before it was restored from a backup."""

    async def meet_generation(self, generation: str, offer_again: bool) -> None:
        await super().meet_generation(generation, False)


class WritesOnInAForkedChain(SmallBatches):
    """Goes on in a chain of which the office has another history."""

    async def retire_chain(self, reason: str) -> None:
        pass


class ForgetsRulings(SmallBatches):
    """Notes the first ruling of an answer alone."""

    async def ruled(self, rulings: Sequence[Ruling]) -> None:
        await super().ruled(rulings[:1])
        for ruling in rulings[1:]:
            self._database.execute("UPDATE record SET offered = 0 WHERE digest = ?", [ruling.digest])


def all_records(state: object) -> list[str]:
    """Every record that speaks for a value of an instrument."""
    if not isinstance(state, Instrument):
        return []
    told = [*state.amended.values(), *(each.records for each in state.disputes)]
    return [each for records in told for each in records]


class LastValueBatch(Batch):
    def project(self, envelope: Envelope, payload: msgspec.Struct, received_at: datetime) -> Projected:
        if isinstance(payload, InstrumentAmended):
            known = all_records(self.find(envelope.county, payload.instrument_id))
            changes = [msgspec.structs.replace(each, seen=known) for each in payload.changes]
            payload = msgspec.structs.replace(payload, changes=changes)
        return super().project(envelope, payload, received_at)


class LastValueWins(Receiver):
    """Lets a correction replace whatever is there, seen or not."""

    batch_type = LastValueBatch


class WholeDisputeBatch(Batch):
    def project(self, envelope: Envelope, payload: msgspec.Struct, received_at: datetime) -> Projected:
        if isinstance(payload, ConflictResolved):
            known = all_records(self.find(envelope.county, payload.subject))
            payload = msgspec.structs.replace(payload, settles=known)
        return super().project(envelope, payload, received_at)


class DecisionIgnoresItsBasis(Receiver):
    """Lets a decision settle what came after the page was opened, too."""

    batch_type = WholeDisputeBatch


class NumbersFromTheSequence(Sealing):
    """Makes a record's number out of its place in the chain: a phone that was put back gives the same number again."""

    async def prepare(self, kind: str, payload: msgspec.Struct, **more: Any) -> Unsealed:
        unsealed = await super().prepare(kind, payload, **more)
        chain, sequence, _digest = await self._equipment.store.outbox.head()
        bits = bytes.fromhex(digest_of(f"{chain} {sequence}".encode()))
        return msgspec.structs.replace(unsealed, record_id=mint(SetClock(EPOCH), lambda size: bits[:size]))


def sequence_of(sealed: Sealed) -> int:
    try:
        return read_body(sealed.body).sequence
    except InputError:
        return 1 << 60


def record_id_of(sealed: Sealed) -> str:
    return read_body(sealed.body).record_id


@dataclass(frozen=True)
class Planted:
    """A mistake, and the number of histories within which it is caught: about eight times the mean of 500, so that chance does not miss it."""

    parts: Parts
    within: int


PLANTED = {
    "dedupes by sequence": Planted(Parts(receiver=DedupesBySequence), 60),
    "answers before the commit": Planted(Parts(receiver=AnswersBeforeCommit), 300),
    "one bad record blocks the rest": Planted(Parts(receiver=OneBadBlocks), 30),
    "last writer wins": Planted(Parts(receiver=LastWriterWins), 80),
    "never releases what is held": Planted(Parts(receiver=NeverReleases), 120),
    "cursor skips to the top": Planted(Parts(puller=SkipsToTheTop), 60),
    "loses later rulings": Planted(Parts(puller=LosesLaterRulings), 100),
    "cursor saved before the rows": Planted(Parts(mirror=CursorBeforeRows), 350),
    "forgetting a county drops its records": Planted(Parts(mirror=ForgetsTheOutboxToo), 40),
    "sent is taken for arrived": Planted(Parts(outbox=SentIsDone), 40),
    "trusts a restored office": Planted(Parts(outbox=TrustsTheRestoredOffice), 120),
    "writes on in a forked chain": Planted(Parts(outbox=WritesOnInAForkedChain), 150),
    "drops a ledger row behind a head": Planted(Parts(log=DropsALedgerRow), 25),
    "rewrites behind a head": Planted(Parts(log=RewritesBehindAHead), 25),
    "signs a head before the commit": Planted(Parts(log=SignsBeforeTheCommit), 400),
    "says an offset before it is on the disk": Planted(Parts(files=ForgetfulFiles), 80),
    "the hash is not compared": Planted(Parts(attachments=HashIsNotCompared), 400),
    "the last value wins": Planted(Parts(receiver=LastValueWins), 40),
    "a decision ignores its basis": Planted(Parts(receiver=DecisionIgnoresItsBasis), 400),
    "numbers from the sequence": Planted(Parts(sealing=NumbersFromTheSequence), 200),
    "forgets rulings": Planted(Parts(outbox=ForgetsRulings), 20),
}
