"""What the office does is a record too: signed by the server's key for a named person, and taken in like any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from server.callers import DeviceAccess
from server.services.moments import written
from server.services.receive import Receiver
from server.store import access as access_store
from server.store import records as store
from server.store.database import Database
from shared.clock import Clock
from shared.errors import ConflictError
from shared.identity import RandomBytes, mint
from sync.envelope import Basis, ClockEvidence, Envelope, Sealed, record_message, write_body
from sync.intake import KnownAuthor, Opened, open_record
from sync.keys import key_id
from sync.messages import PushAnswer, Ruling


class OfficeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the office writes."""

    kind: str
    county: str
    subjects: list[str]
    payload: msgspec.Struct
    basis: list[Basis] = []


class OfficeRecords:
    """Writes records on the office's own chain."""

    def __init__(
        self,
        database: Database,
        receiver: Receiver,
        key: Ed25519PrivateKey,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._database, self._receiver, self._key = database, receiver, key
        self._clock, self._random = clock, random_bytes
        self.public_key = key.public_key().public_bytes_raw()
        self._device, self._chain = self._own_identities()

    def _own_identities(self) -> tuple[str, str]:
        def make() -> str:
            return f"{mint(self._clock, self._random)} {mint(self._clock, self._random)}"

        kept = self._database.write_alone(
            lambda connection: access_store.settled_fact(connection, "office", make)
        )
        device, chain = kept.split()
        return device, chain

    def write(
        self,
        author: str,
        entries: Sequence[OfficeEntry],
        then: Callable[[Connection, str], None] | None = None,
    ) -> list[Ruling]:
        """Seals and takes in records for the person ``author``, and does ``then`` with the moment of it, all or nothing.

        Raises ConflictError ``office_record_refused`` where one of them does not get onto the ledger.
        """

        def act(connection: Connection) -> list[Ruling]:
            rulings = self._write(connection, author, entries).rulings
            for ruling in rulings:
                if not ruling.status.is_stored:
                    raise office_record_refused(ruling)
            if then:
                then(connection, written(self._clock.now()))
            return rulings

        # Whoever writes on the office's chain has its turn: two at the same head would fork it.
        turns = {self._chain, *(entry.county for entry in entries)}
        return self._database.write(act, turns)

    def _write(self, connection: Connection, author: str, entries: Sequence[OfficeEntry]) -> PushAnswer:
        head = store.chains(connection, [self._chain]).get(self._chain)
        sequence, previous = (head["sequence"], head["digest"]) if head else (0, None)
        records = []
        for entry in entries:
            sequence += 1
            sealed = self._seal(author, entry, sequence, previous)
            previous = sealed.digest
            records.append(sealed)
        counties = {entry.county for entry in entries}
        known = KnownAuthor(author, self._device, frozenset(counties), self.public_key, is_office=True)
        opened = [open_record(sealed) for sealed in records]
        authors = {key_id(self.public_key): known}
        signed = self._receiver.signed([each for each in opened if isinstance(each, Opened)], authors)
        return self._receiver.rule(
            connection, self._office(sorted(counties)), records, opened, authors, signed
        )

    def _seal(self, author: str, entry: OfficeEntry, sequence: int, previous: str | None) -> Sealed:
        envelope = Envelope(
            record_id=mint(self._clock, self._random),
            kind=entry.kind,
            schema=1,
            county=entry.county,
            author=author,
            author_key=key_id(self.public_key),
            device=self._device,
            chain=self._chain,
            sequence=sequence,
            previous=previous,
            observed_at=self._clock.now(),
            clock=ClockEvidence(self._clock.monotonic_ms(), 0, 0),
            subjects=entry.subjects,
            basis=entry.basis,
            payload=msgspec.Raw(msgspec.json.encode(entry.payload)),
        )
        body = write_body(envelope)
        sealed = Sealed(body, bytes(64))
        return Sealed(body, self._key.sign(record_message(sealed.digest)))

    def _office(self, counties: list[str]) -> DeviceAccess:
        return DeviceAccess(
            device_id=self._device,
            person_id="",
            public_key=self.public_key,
            author_public_key=self.public_key,
            state="granted",
            access="open",
            counties=counties,
            scope_version=1,
            fingerprint="",
            confirmed_by_itself=False,
        )


def office_record_refused(ruling: Ruling) -> ConflictError:
    """The office's own record was ruled to be held or refused."""
    return ConflictError(
        "office_record_refused",
        "The record could not be written: {reason}",
        "Nothing was written. Look again at what it is about.",
        reason=ruling.problem.code if ruling.problem else "",
    )
