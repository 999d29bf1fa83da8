"""Applies a batch of judged records inside one transaction: ledger, identities, chains, states and numbers, together or not at all.

Invariants:

* A record gets its numbers when it is applied, and numbers are taken last, in ascending county: a cursor can't skip a row.
* Who begins a batch has the turns of its counties and chains; what it reads of other counties is made sure of before the numbers are taken.
* Every change of a state takes one ``state_seq``, so that making the projections anew gives the same numbers whatever the batches were.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import msgspec
from sqlalchemy import Connection, RowMapping

from server.services.entries import Applied, Entry
from server.services.marks import Marks, alias_rows
from server.services.moments import read
from server.services.projecting import (
    STATE_TYPES,
    Projected,
    Rulebooks,
    State,
    needs,
    project,
)
from server.services.rows import (
    chain_state,
    cosignatures_of,
    inspection_row,
    instrument_row,
    is_disputed,
    later_ruling_row,
    ledger_row,
    state_row,
)
from server.services.settled import tell
from server.store import records as store
from shared.errors import InputError
from shared.instrument import Instrument
from shared.records import PAYLOADS
from sync.chain import ChainNote, ChainState, note_on
from sync.envelope import Cosignature, Envelope, Sealed, read_body
from sync.intake import (
    Judgement,
    Known,
    Opened,
    accepted,
    county_wrong,
    identity_reused,
    judge,
    read_payload,
    server_fault,
    subject_unknown,
    subject_wrong,
    unreadable,
    verified_ahead,
)
from sync.messages import Status

log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode


Place = tuple[str, str]
"""A subject in a county."""


@dataclass
class Batch:
    """What one transaction knows and has to write."""

    connection: Connection
    rules: Rulebooks
    received_at: str
    identities: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    """Each record's place in its county's ledger, by record id."""
    states: dict[Place, State] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    """The county of each subject that was looked up and is known."""
    looked_up: set[str] = field(default_factory=set)
    marks: Marks[Entry] = field(default_factory=Marks)
    known_before: set[str] = field(default_factory=set)
    """The subjects that had a state somewhere when they were looked up."""
    chains: dict[str, ChainState] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    """Chains that have a record more."""
    forked: set[str] = field(default_factory=set)
    places: dict[str, dict[int, str]] = field(default_factory=dict)
    earlier: dict[str, RowMapping] = field(default_factory=dict)
    """What was held or refused before this batch, by digest."""
    awaited: set[str] = field(default_factory=set)
    applied: list[Applied] = field(default_factory=list)
    kept: dict[str, Entry] = field(default_factory=dict)
    """What is held or refused now, by digest."""
    entries: list[Entry] = field(default_factory=list)
    """Everything that is ruled on in this batch."""
    disputed: set[str] = field(default_factory=set)
    """The subjects that a person had to look at before some record of this batch."""
    released: dict[str, Entry] = field(default_factory=dict)
    """What was held before this batch and waits no longer, by digest."""
    added: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Number and digest of what was put on each county's ledger."""

    def look_up(self, opened: list[Opened]) -> None:
        """Reads at once what the judgements of all these records need."""
        self.look_up_identities([record.envelope.record_id for record in opened])
        self.look_up_states({subject for record in opened for subject in record.envelope.subjects})
        sequences: dict[str, list[int]] = defaultdict(list)
        for record in opened:
            sequences[record.envelope.chain].append(record.envelope.sequence)
        self.look_up_chains(sequences)
        self.earlier = store.intake_by_digest(self.connection, [record.digest for record in opened])
        self.awaited = store.awaited(self.connection)

    def look_up_identities(self, record_ids: list[str]) -> None:
        """Reads what the ledger holds under these ids."""
        found = store.identities(self.connection, record_ids)
        self.identities |= {record_id: row["digest"] for record_id, row in found.items()}
        self.numbers |= {record_id: row["seq"] for record_id, row in found.items()}

    def look_up_chains(self, sequences: Mapping[str, list[int]]) -> None:
        """Reads what is held of these chains, and what the ledger has at these places of them."""
        for name, row in store.chains(self.connection, sorted(sequences.keys() - self.chains.keys())).items():
            self.chains[name] = chain_state(row)
            if row["forked"]:
                self.forked.add(name)
        for name, numbers in sequences.items():
            found = store.places(self.connection, name, numbers)
            self.places[name] = found | self.places.get(name, {})

    def look_up_states(self, subjects: set[str]) -> None:
        """Reads the states of these subjects, unless they are here already."""
        unknown = subjects - self.looked_up
        if not unknown:
            return
        self.looked_up |= unknown
        for row in store.every_state(self.connection, sorted(unknown)):
            if row["state"] is not None:
                self.homes[row["subject"]] = row["county"]
                self.known_before.add(row["subject"])
                self.states[row["county"], row["subject"]] = msgspec.json.decode(
                    row["state"], type=STATE_TYPES[row["subject_type"]]
                )

    def find(self, county: str, subject: str) -> State | None:
        """A subject's state in its county as it is now, within this transaction."""
        if subject not in self.looked_up:
            self.look_up_states({subject})
        return self.states.get((county, subject))

    def is_elsewhere(self, county: str, subject: str) -> bool:
        """Whether a subject's home is another county."""
        if subject not in self.looked_up:
            self.look_up_states({subject})
        return self.homes.get(subject, county) != county

    def take(self, record: Opened, known: Known, signature_holds: bool) -> Entry:
        """Judges one record and applies it if it may be."""
        envelope = record.envelope
        earlier = self.earlier.get(record.digest)
        was_held = earlier is not None and earlier["status"] == Status.HELD.value
        arrived_at = earlier["received_at"] if earlier and was_held else self.received_at
        payload: msgspec.Struct | None = None
        trouble: Judgement | None = None
        missing: tuple[str, ...] = ()
        try:
            payload = read_payload(envelope)
            missing = self.missing(payload)
            trouble = verified_ahead(payload, read(arrived_at))
        except InputError as error:
            trouble = unreadable(envelope, error)
        except KeyError:
            pass  # A kind that is not known here; the judgement says so.
        known = msgspec.structs.replace(
            known, digest_on_ledger=self.identities.get(envelope.record_id), missing_subjects=missing
        )
        judgement = judge(record, known, signature_holds)
        if judgement.status is Status.ACCEPTED and trouble is not None:
            judgement = trouble
        filed_in = envelope.county
        if filed_in not in known.device_counties:
            filed_in = min(known.device_counties, default="")
        before = earlier["status"] if earlier else ""
        entry = Entry(record, judgement, arrived_at, known.device, filed_in, before)
        self.entries.append(entry)
        is_new = record.digest not in self.earlier and record.digest not in self.kept
        is_genuine = signature_holds and envelope.device == known.device
        if is_new and is_genuine and judgement.status is not Status.DUPLICATE:
            entry.note = self.note_chain(envelope, record.digest)
        if judgement.status is Status.ACCEPTED and payload is not None:
            self.apply(entry, payload)
        self.keep(entry)
        return entry

    def missing(self, payload: msgspec.Struct) -> tuple[str, ...]:
        """The subjects that the record needs and that are known nowhere."""
        needed = needs(payload)
        self.look_up_states(set(needed))
        return tuple(subject for subject in needed if subject not in self.homes)

    def keep(self, entry: Entry) -> None:
        """Keeps a record that is held or refused; but another phone's copy of it, or one badly signed, never displaces what is held."""
        digest, status = entry.record.digest, entry.judgement.status
        if status is Status.HELD:
            self.awaited.add(entry.judgement.waiting_for)
            self.kept[digest] = entry
        elif status is Status.REFUSED and digest not in self.kept:
            earlier, problem = self.earlier.get(digest), entry.judgement.problem
            foreign = earlier is not None and earlier["device"] != entry.device
            forged = problem is not None and problem.code == "signature_wrong"
            if entry.before == Status.HELD.value and (foreign or forged):
                entry.before = ""
            else:
                self.kept[digest] = entry

    def apply(self, entry: Entry, payload: msgspec.Struct) -> None:
        """Works the states out and puts the record in line for the ledger."""
        envelope = entry.record.envelope
        county = envelope.county
        try:
            projected = self.project(envelope, payload, read(entry.arrived_at))
        except Exception:
            log.exception("record %s could not be applied", envelope.record_id)
            entry.judgement = server_fault()
            return
        touched = needs(payload) | {subject: type(state) for subject, state in projected.states.items()}
        if any(self.is_elsewhere(county, subject) for subject in touched):
            entry.judgement = county_wrong()
            return
        before = {subject: self.find(county, subject) for subject in touched}
        if any(state and not isinstance(state, touched[subject]) for subject, state in before.items()):
            entry.judgement = subject_wrong()
            return
        if projected.conflicting:
            entry.dispute(projected.problem)
        self.disputed |= {subject for subject, state in before.items() if state and is_disputed(state)}
        self.marks.note(entry, projected.states, payload, partial(self.find, county))
        doubtful = entry.judgement.clock_doubtful
        entry.applied = Applied(entry.record, projected, entry.note, doubtful, entry.arrived_at)
        self.applied.append(entry.applied)
        self.kept.pop(entry.record.digest, None)
        self.identities[envelope.record_id] = entry.record.digest
        for subject, state in projected.states.items():
            self.states[county, subject] = state
            self.homes[subject] = county
        for subject in projected.states:
            if subject in self.awaited:
                self.awaited.discard(subject)
                self.release(subject)

    def project(self, envelope: Envelope, payload: msgspec.Struct, received_at: datetime) -> Projected:
        """What a record makes of the states as they are now."""
        return project(envelope, payload, partial(self.find, envelope.county), self.rules, received_at)

    def note_chain(self, envelope: Envelope, digest: str) -> ChainNote:
        """Notes the place in its chain of a record that is here for the first time, whatever becomes of it."""
        if self.is_of_another(envelope):
            return ChainNote.FORK
        chain = self.chains.get(envelope.chain) or ChainState(envelope.chain, envelope.device)
        places = self.places.setdefault(envelope.chain, {})
        note = note_on(envelope, chain, places.get(envelope.sequence), places.get(envelope.sequence - 1))
        places[envelope.sequence] = digest
        self.chains[envelope.chain] = chain.with_record(envelope, digest)
        self.moved.add(envelope.chain)
        if note is ChainNote.FORK:
            self.forked.add(envelope.chain)
        return note

    def is_of_another(self, envelope: Envelope) -> bool:
        """Whether the record's chain is another device's."""
        chain = self.chains.get(envelope.chain)
        return chain is not None and chain.device != envelope.device

    def release_known_kinds(self) -> None:
        """Rules anew on what waited until this server knew its kind."""
        self.awaited = store.awaited(self.connection)
        for kind, schema in PAYLOADS:
            if f"{kind}/{schema}" in self.awaited:
                self.release(f"{kind}/{schema}")

    def release(self, subject: str) -> None:
        """Rules anew on the held records that waited for ``subject``; their signatures were checked when they came."""
        here = [entry for entry in self.kept.values() if entry.judgement.waiting_for == subject]
        waited = [
            self.entry_of(row)
            for row in store.waiting_for(self.connection, subject)
            if row["digest"] not in self.released and row["digest"] not in self.kept
        ]
        self.look_up_identities([entry.record.envelope.record_id for entry in waited])
        for entry in waited:
            envelope = entry.record.envelope
            self.look_up_chains({envelope.chain: [envelope.sequence]})
            at_its_place = self.places[envelope.chain].get(envelope.sequence, entry.record.digest)
            if self.is_of_another(envelope) or at_its_place != entry.record.digest:
                entry.note = ChainNote.FORK
            self.released[entry.record.digest] = entry
            self.entries.append(entry)
        # In the order they were written, so that the batches they came in make no difference.
        for entry in sorted([*waited, *here], key=lambda entry: entry.record.envelope.record_id):
            self.rule_again(entry)

    def entry_of(self, row: RowMapping) -> Entry:
        """A held record as the intake keeps it."""
        cosignatures = msgspec.msgpack.decode(row["cosignatures"], type=list[Cosignature])
        sealed = Sealed(row["body"], row["signature"], cosignatures)
        record = Opened(sealed, row["digest"], read_body(row["body"]))
        judgement = Judgement(status=Status.HELD, waiting_for=row["waiting_for"])
        return Entry(record, judgement, row["received_at"], row["device"], row["county"], row["status"])

    def rule_again(self, entry: Entry) -> None:
        """Applies a held record, unless something else is still missing or its identity was taken meanwhile."""
        record = entry.record
        on_ledger = self.identities.get(record.envelope.record_id)
        if on_ledger is not None:
            if on_ledger != record.digest:
                entry.judgement = identity_reused()
                self.kept[record.digest] = entry
            return
        try:
            payload = read_payload(record.envelope)
        except InputError as error:
            entry.judgement = unreadable(record.envelope, error)
            self.keep(entry)
            return
        missing = self.missing(payload)
        if missing:
            entry.judgement = subject_unknown(missing[0])
        else:
            arrived = read(entry.arrived_at)
            entry.judgement = verified_ahead(payload, arrived) or accepted(record.envelope, arrived)
            if entry.judgement.status is Status.ACCEPTED:
                self.apply(entry, payload)
        self.keep(entry)

    def finish(self) -> None:
        """Writes everything, what has numbers last."""
        new = {subject for each in self.applied for subject in each.projected.states} - self.known_before
        wanted = {entry.judgement.waiting_for for entry in self.kept.values()} - {""}
        seen = self.released.keys() | self.earlier.keys()
        store.make_sure(self.connection, new, wanted, seen, self.marks.names)
        for entry, problem in self.marks.disputes(self.connection):
            entry.dispute(problem)
        self.write_unnumbered()
        by_county: dict[str, list[Applied]] = defaultdict(list)
        for applied in self.applied:
            by_county[applied.record.envelope.county].append(applied)
        for county in sorted(by_county):
            self.write_county(county, by_county[county])
        for entry in self.entries:
            if entry.judgement.status.is_stored:
                entry.number = self.numbers.get(entry.record.envelope.record_id)
        store.add_later_rulings(
            self.connection,
            [
                later_ruling_row(entry.record.envelope.device, entry.ruling())
                for entry in self.entries
                if entry.is_told_later
            ],
        )
        tell(self.connection, self.disputed | self.marks.loosened(self.connection))

    def write_unnumbered(self) -> None:
        """The chains, and what is held or refused."""
        store.keep_chains(
            self.connection,
            [
                {
                    "chain": name,
                    **msgspec.structs.asdict(self.chains[name]),
                    "forked": name in self.forked,
                }
                for name in self.moved
            ],
        )
        onto_ledger = {applied.record.digest for applied in self.applied}
        before = self.earlier.keys() | self.released.keys()
        store.leave_intake(self.connection, sorted(onto_ledger & before))
        store.keep_intake(self.connection, [self.intake_row(entry) for entry in self.kept.values()])

    def write_county(self, county: str, applied: list[Applied]) -> None:
        """The rows of one county, its numbers taken just before."""
        changes = sum(len(each.projected.states) for each in applied)
        seq, state_seq = store.take_numbers(self.connection, county, len(applied), changes)
        rows, subjects, last, inspections = [], [], {}, []
        for each in applied:
            seq += 1
            self.numbers[each.record.envelope.record_id] = seq
            rows.append(ledger_row(each.record, seq, each.received_at, each.note, each.doubtful))
            named = dict.fromkeys([*each.record.envelope.subjects, *each.projected.states])
            subjects += [{"subject": subject, "county": county, "seq": seq} for subject in named]
            for subject, projected_state in each.projected.states.items():
                state_seq += 1
                last[subject] = state_row(county, subject, state_seq, projected_state)
            if each.projected.headline:
                inspections.append(inspection_row(each.record.envelope, each.projected, seq))
        self.added[county] = [(row["seq"], row["digest"]) for row in rows]
        store.add_records(self.connection, rows, subjects)
        store.keep_states(self.connection, list(last.values()))
        found = [self.states[county, subject] for subject in last]
        instruments = [each for each in found if isinstance(each, Instrument)]
        store.index_instruments(self.connection, [instrument_row(each) for each in instruments])
        store.drop_aliases(self.connection, sorted(self.marks.unbound & last.keys()))
        store.index_aliases(self.connection, alias_rows(instruments))
        store.index_inspections(self.connection, inspections)

    def intake_row(self, entry: Entry) -> store.Row:
        """A held or refused record as it is kept."""
        envelope, problem = entry.record.envelope, entry.judgement.problem
        return {
            "digest": entry.record.digest,
            "record_id": envelope.record_id,
            "county": entry.filed_in,
            "kind": envelope.kind,
            "status": entry.judgement.status.value,
            "code": problem.code if problem else "",
            "problem": _encode(problem),
            "waiting_for": entry.judgement.waiting_for,
            "device": entry.device,
            "received_at": entry.arrived_at,
            "body": entry.record.sealed.body,
            "signature": entry.record.sealed.signature,
            "cosignatures": cosignatures_of(entry.record.sealed),
        }
