"""Applies a batch of judged records inside one transaction: ledger, identities, chains, states and numbers, together or not at all.

Invariants:

* A record gets its numbers when it is applied, and numbers are taken last, in ascending county: a cursor can't skip a row.
* Every change of a state takes one ``state_seq``, so that making the projections anew gives the same numbers whatever the batches were.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection

from server.services.moments import written
from server.services.projecting import STATE_TYPES, SUBJECT_TYPES, Projected, State, needs, project
from server.store import records as store
from shared.errors import InputError
from shared.instrument import Instrument
from shared.metrology.catalogue import Catalogue
from sync.chain import ChainNote, ChainState, note_on
from sync.envelope import Cosignature, Envelope, Sealed, read_body
from sync.intake import Judgement, Known, Opened, held, judge, read_payload
from sync.messages import Ruling, Status

log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode
_cosignatures = msgspec.msgpack.Encoder().encode


@dataclass
class Applied:
    """A record that goes onto the ledger with this batch."""

    record: Opened
    projected: Projected
    note: ChainNote
    doubtful: bool
    received_at: str
    number: int = 0


@dataclass
class Entry:
    """One record of the batch and what became of it."""

    record: Opened
    judgement: Judgement
    applied: Applied | None = None

    def ruling(self) -> Ruling:
        """The ruling, once the numbers are taken."""
        envelope = self.record.envelope
        status = self.judgement.status
        if self.applied and self.applied.projected.conflicting:
            status = Status.CONFLICTING
        return Ruling(
            envelope.record_id,
            self.record.digest,
            status,
            envelope.county,
            self.applied.number if self.applied else None,
            self.judgement.problem,
        )


@dataclass
class Batch:
    """What one transaction knows and has to write."""

    connection: Connection
    catalogue: Catalogue
    received_at: str
    identities: dict[str, str] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    chains: dict[str, ChainState] = field(default_factory=dict)
    chain_devices: dict[str, str] = field(default_factory=dict)
    forked: set[str] = field(default_factory=set)
    places: dict[str, dict[int, str]] = field(default_factory=dict)
    awaited: set[str] = field(default_factory=set)
    applied: list[Applied] = field(default_factory=list)
    kept: list[Entry] = field(default_factory=list)
    released: list[Entry] = field(default_factory=list)

    def look_up(self, opened: list[Opened]) -> None:
        """Reads at once what the judgements of all these records need."""
        ids = [record.envelope.record_id for record in opened]
        found = store.identities(self.connection, ids)
        self.identities |= {record_id: row["digest"] for record_id, row in found.items()}
        self.look_up_states({subject for record in opened for subject in record.envelope.subjects})
        names = sorted({record.envelope.chain for record in opened})
        for name, row in store.chains(self.connection, names).items():
            self.chains[name] = ChainState(name, row["sequence"], row["digest"], row["count"])
            if row["forked"]:
                self.forked.add(name)
        for name in names:
            sequences = [record.envelope.sequence for record in opened if record.envelope.chain == name]
            self.places[name] = store.places(self.connection, name, sequences)
        self.awaited = store.awaited(self.connection)

    def look_up_states(self, subjects: set[str]) -> None:
        """Reads the states of these subjects, unless they are here already."""
        unknown = sorted(subjects - self.states.keys() - self.absent)
        found = store.states(self.connection, unknown)
        for subject, row in found.items():
            if row["state"] is not None:
                self.states[subject] = msgspec.json.decode(
                    row["state"], type=STATE_TYPES[row["subject_type"]]
                )
        self.absent |= set(unknown) - self.states.keys()

    def find(self, subject: str) -> State | None:
        """A subject's state as it is now, within this transaction."""
        if subject not in self.states and subject not in self.absent:
            self.look_up_states({subject})
        return self.states.get(subject)

    def take(self, record: Opened, known: Known, signature_holds: bool) -> Entry:
        """Judges one record and applies it if it may be."""
        envelope = record.envelope
        payload: msgspec.Struct | None = None
        trouble: Judgement | None = None
        missing: tuple[str, ...] = ()
        try:
            payload = read_payload(envelope)
            missing = tuple(subject for subject in needs(envelope, payload) if self.find(subject) is None)
        except InputError as error:
            trouble = Judgement(status=Status.REFUSED, problem=error.problem)
        except KeyError:
            pass  # A kind that is not known here; the judgement says so.
        known = msgspec.structs.replace(
            known, digest_on_ledger=self.identities.get(envelope.record_id), missing_subjects=missing
        )
        judgement = judge(record, known, signature_holds)
        if judgement.status is Status.ACCEPTED and trouble is not None:
            judgement = trouble
        entry = Entry(record, judgement)
        if judgement.status is Status.ACCEPTED and payload is not None:
            self.apply(entry, payload)
        if entry.judgement.status in (Status.HELD, Status.REFUSED):
            self.kept.append(entry)
        return entry

    def apply(self, entry: Entry, payload: msgspec.Struct) -> None:
        """Works the states out and puts the record in line for the ledger."""
        envelope = entry.record.envelope
        try:
            projected = project(envelope, payload, self.find, self.catalogue)
        except Exception:
            # A fault of ours must neither lose the record nor stop the others: it waits for a person, and the log says why.
            log.exception("record %s could not be applied", envelope.record_id)
            entry.judgement = held(
                "office",
                "server_fault",
                "The server could not work this record in.",
                "Nothing to do: it is kept, and the office has been told.",
            )
            return
        note = self.note_chain(envelope, entry.record.digest)
        doubtful = entry.judgement.clock_doubtful
        entry.applied = Applied(entry.record, projected, note, doubtful, self.received_at)
        self.applied.append(entry.applied)
        self.identities[envelope.record_id] = entry.record.digest
        self.states |= projected.states
        self.absent -= projected.states.keys()
        for subject in projected.states:
            if subject in self.awaited:
                self.awaited.discard(subject)
                self.release(subject)

    def note_chain(self, envelope: Envelope, digest: str) -> ChainNote:
        """Notes the record's place in its chain."""
        chain = self.chains.get(envelope.chain) or ChainState(envelope.chain)
        places = self.places.setdefault(envelope.chain, {})
        note = note_on(envelope, chain, places.get(envelope.sequence))
        places[envelope.sequence] = digest
        self.chains[envelope.chain] = chain.with_record(envelope, digest)
        self.chain_devices[envelope.chain] = envelope.device
        if note is ChainNote.FORK:
            self.forked.add(envelope.chain)
        return note

    def release(self, subject: str) -> None:
        """Applies the held records that waited for ``subject``; their signatures were checked when they came."""
        for row in store.waiting_for(self.connection, subject):
            envelope = read_body(row["body"])
            cosignatures = msgspec.msgpack.decode(row["cosignatures"], type=list[Cosignature])
            record = Opened(Sealed(row["body"], row["signature"], cosignatures), row["digest"], envelope)
            payload = read_payload(envelope)
            missing = [each for each in needs(envelope, payload) if self.find(each) is None]
            if missing:
                self.kept.append(
                    Entry(
                        record,
                        held(
                            missing[0],
                            "subject_unknown",
                            "What the record is about has not arrived yet.",
                            "Nothing to do: it is applied as soon as that arrives.",
                        ),
                    )
                )
                continue
            entry = Entry(record, Judgement(status=Status.ACCEPTED))
            self.apply(entry, payload)
            if entry.applied:
                self.released.append(entry)

    def finish(self) -> None:
        """Takes the numbers and writes everything."""
        by_county: dict[str, list[Applied]] = defaultdict(list)
        for applied in self.applied:
            by_county[applied.record.envelope.county].append(applied)
        for county in sorted(by_county):
            self.write_county(county, by_county[county])
        store.keep_chains(
            self.connection,
            [
                {
                    "chain": name,
                    "device": self.chain_devices[name],
                    "sequence": self.chains[name].sequence,
                    "digest": self.chains[name].digest,
                    "count": self.chains[name].count,
                    "forked": name in self.forked,
                }
                for name in self.chain_devices
            ],
        )
        store.leave_intake(self.connection, [entry.record.digest for entry in self.released])
        store.keep_intake(self.connection, [self.intake_row(entry) for entry in self.kept])
        store.add_later_rulings(
            self.connection,
            [
                {"device": entry.record.envelope.device, "ruling": msgspec.msgpack.encode(entry.ruling())}
                for entry in self.released
            ],
        )

    def write_county(self, county: str, applied: list[Applied]) -> None:
        """The rows of one county, its numbers taken just before."""
        changes = sum(len(each.projected.states) for each in applied)
        seq, state_seq = store.take_numbers(self.connection, county, len(applied), changes)
        rows, subjects, last, inspections = [], [], {}, []
        for each in applied:
            seq += 1
            each.number = seq
            rows.append(ledger_row(each, seq))
            named = dict.fromkeys([*each.record.envelope.subjects, *each.projected.states])
            subjects += [{"subject": subject, "county": county, "seq": seq} for subject in named]
            for subject, projected_state in each.projected.states.items():
                state_seq += 1
                last[subject] = state_row(county, subject, state_seq, projected_state)
            if each.projected.headline:
                inspections.append(inspection_row(each, seq))
        store.add_records(self.connection, rows, subjects)
        store.keep_states(self.connection, list(last.values()))
        found = [self.states[subject] for subject in last]
        instruments = [instrument_row(each) for each in found if isinstance(each, Instrument)]
        store.index_instruments(self.connection, instruments)
        store.index_inspections(self.connection, inspections)

    def intake_row(self, entry: Entry) -> store.Row:
        """A held or refused record as it is kept."""
        envelope, problem = entry.record.envelope, entry.judgement.problem
        return {
            "digest": entry.record.digest,
            "record_id": envelope.record_id,
            "county": envelope.county,
            "kind": envelope.kind,
            "status": entry.judgement.status.value,
            "code": problem.code if problem else "",
            "problem": _encode(problem),
            "waiting_for": entry.judgement.waiting_for,
            "device": envelope.device,
            "received_at": self.received_at,
            "body": entry.record.sealed.body,
            "signature": entry.record.sealed.signature,
            "cosignatures": _cosignatures(entry.record.sealed.cosignatures),
        }


def ledger_row(applied: Applied, seq: int) -> store.Row:
    """A record as the ledger keeps it."""
    envelope, sealed = applied.record.envelope, applied.record.sealed
    return {
        "county": envelope.county,
        "seq": seq,
        "record_id": envelope.record_id,
        "digest": applied.record.digest,
        "kind": envelope.kind,
        "schema": envelope.schema,
        "author": envelope.author,
        "author_key": envelope.author_key,
        "device": envelope.device,
        "chain": envelope.chain,
        "sequence": envelope.sequence,
        "chain_note": applied.note.value,
        "clock_doubtful": applied.doubtful,
        "observed_at": written(envelope.observed_at),
        "received_at": applied.received_at,
        "body": sealed.body,
        "signature": sealed.signature,
        "cosignatures": _cosignatures(sealed.cosignatures),
    }


def state_row(county: str, subject: str, state_seq: int, state: State) -> store.Row:
    """A state as it is kept and pulled."""
    return {
        "county": county,
        "subject": subject,
        "subject_type": SUBJECT_TYPES[type(state)],
        "state_seq": state_seq,
        "state": _encode(state),
    }


def instrument_row(instrument: Instrument) -> store.Row:
    """What an instrument is looked up by."""
    return {
        "instrument_id": instrument.instrument_id,
        "county": instrument.county,
        "kind": instrument.kind,
        "serial_key": serial_key(instrument.serial_number),
        "label": instrument.label,
        "premises_id": instrument.premises_id,
    }


def inspection_row(applied: Applied, seq: int) -> store.Row:
    """The headline of an inspection, as worked out here and as stated."""
    envelope = applied.record.envelope
    return {
        "record_id": envelope.record_id,
        "county": envelope.county,
        "seq": seq,
        "instrument_id": envelope.subjects[0] if envelope.subjects else "",
        "observed_at": written(envelope.observed_at),
        "headline": applied.projected.headline,
        "stated": applied.projected.stated,
    }


def serial_key(serial_number: str) -> str:
    """A serial number for comparing: letters' case, spaces and hyphens don't count."""
    return "".join(character for character in serial_number.upper() if character.isalnum())
