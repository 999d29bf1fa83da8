"""Taking in what a phone pushes: each record ruled on by itself, one transaction a batch, answered after the commit."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from sqlalchemy import Connection

from server.callers import DeviceAccess
from server.services.applying import Batch
from server.services.entries import Entry
from server.services.ledger_log import LedgerLog
from server.services.moments import written
from server.services.projecting import Rulebooks
from server.store import access as access_store
from server.store import records as store
from server.store.database import Database
from shared.clock import Clock
from shared.errors import AccessError, Problem
from shared.identity import digest_of
from sync.envelope import Sealed, head_message, record_message
from sync.intake import Known, KnownAuthor, Opened, open_record
from sync.messages import ChainHead, Push, PushAnswer, Ruling, Status

TOGETHER = 64
"""Signatures that one thread checks before it takes more; libsodium lets go of the interpreter, so threads share the cores."""


def signature_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the Ed25519 signature is that key's over the message."""
    try:
        VerifyKey(public_key).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def check_head(device: DeviceAccess, head: ChainHead) -> None:
    """Raises AccessError ``head_signature_wrong`` where the device's key did not sign this head of its chain."""
    message = head_message(head.chain, head.sequence, head.digest)
    if not signature_holds(device.public_key, message, head.signature):
        raise AccessError(
            "head_signature_wrong",
            "The phone's signature over its chain is wrong.",
            "Everything is kept on the phone. Have it enrolled again.",
        )


class Receiver:
    """Rules on pushed records."""

    batch_type: type[Batch] = Batch

    def __init__(
        self, database: Database, rules: Rulebooks, clock: Clock, generation: str, log: LedgerLog
    ) -> None:
        self._database, self._rules, self._clock = database, rules, clock
        self._generation, self._log = generation, log
        self._checkers = ThreadPoolExecutor(os.cpu_count(), "signatures")

    def push(self, device: DeviceAccess, push: Push) -> PushAnswer:
        """Rules on every record of a push.

        Raises AccessError ``head_signature_wrong`` where the device's key did not sign the chain's head.
        """
        check_head(device, push.head)
        opened = [open_record(sealed) for sealed in push.records]
        return self.receive(device, push.records, opened, self.authors_of(opened))

    def authors_of(self, opened: Sequence[Opened | Problem]) -> dict[str, KnownAuthor]:
        """What is known of those who say that they wrote these records, by key id."""
        keys = sorted({record.envelope.author_key for record in opened if isinstance(record, Opened)})
        with self._database.reading() as connection:
            return access_store.known_authors(connection, keys)

    def receive(
        self,
        device: DeviceAccess,
        records: Sequence[Sealed],
        opened: Sequence[Opened | Problem],
        authors: Mapping[str, KnownAuthor],
    ) -> PushAnswer:
        """The rulings on records that came from ``device``, in their order; ``authors`` by key id."""
        readable = [record for record in opened if isinstance(record, Opened)]
        signed = self.signed(readable, authors)
        turns = {name for record in readable for name in (record.envelope.county, record.envelope.chain)}
        return self._database.write(
            lambda connection: self.rule(connection, device, records, opened, authors, signed), turns
        )

    def rule(
        self,
        connection: Connection,
        device: DeviceAccess,
        records: Sequence[Sealed],
        opened: Sequence[Opened | Problem],
        authors: Mapping[str, KnownAuthor],
        signed: Sequence[bool],
    ) -> PushAnswer:
        """As :meth:`receive`, within a transaction that has the turns of the records' counties and chains."""
        readable = [record for record in opened if isinstance(record, Opened)]
        holds = iter(signed)
        now = self._clock.now()
        batch = self.batch_type(connection, self._rules, written(now))
        batch.look_up(readable)
        results: list[Entry | Ruling] = []
        for sealed, record in zip(records, opened, strict=True):
            if isinstance(record, Problem):
                results.append(self._unreadable(batch, device, sealed, record))
                continue
            known = Known(
                device=device.device_id,
                device_counties=frozenset(device.counties),
                access=device.access,
                author=authors.get(record.envelope.author_key),
                now=now,
            )
            results.append(batch.take(record, known, next(holds)))
        batch.finish()
        heads = self._log.append(connection, batch.added)
        rulings = [result.ruling() if isinstance(result, Entry) else result for result in results]
        return PushAnswer(rulings, self._clock.now(), self._generation, heads=heads)

    def release_known_kinds(self) -> None:
        """Rules anew on records that wait for a server that knows their kind, in case this is one: once, at the start."""

        def release(connection: Connection) -> None:
            batch = self.batch_type(connection, self._rules, written(self._clock.now()))
            batch.release_known_kinds()
            batch.finish()
            self._log.append(connection, batch.added)

        self._database.write_alone(release)

    def signed(self, records: Sequence[Opened], authors: Mapping[str, KnownAuthor]) -> list[bool]:
        """Whether each record's signature is its author's."""

        def check(some: Sequence[Opened]) -> list[bool]:
            return [self._is_signed(record, authors) for record in some]

        if len(records) <= TOGETHER:
            return check(records)
        parts = [records[start : start + TOGETHER] for start in range(0, len(records), TOGETHER)]
        return [holds for part in self._checkers.map(check, parts) for holds in part]

    def _is_signed(self, record: Opened, authors: Mapping[str, KnownAuthor]) -> bool:
        author = authors.get(record.envelope.author_key)
        if author is None:
            return False
        return signature_holds(author.public_key, record_message(record.digest), record.sealed.signature)

    def _unreadable(self, batch: Batch, device: DeviceAccess, sealed: Sealed, problem: Problem) -> Ruling:
        """Keeps bytes that can't be read, under their digest."""
        digest = digest_of(sealed.body)
        row = {
            "digest": digest,
            "record_id": "",
            "county": device.counties[0] if device.counties else "",
            "kind": "",
            "status": Status.REFUSED.value,
            "code": problem.code,
            "problem": msgspec.json.encode(problem),
            "waiting_for": "",
            "device": device.device_id,
            "received_at": batch.received_at,
            "body": sealed.body,
            "signature": sealed.signature,
            "cosignatures": msgspec.msgpack.encode(sealed.cosignatures),
        }
        store.keep_intake(batch.connection, [row])
        return Ruling("", digest, Status.REFUSED, problem=problem)
