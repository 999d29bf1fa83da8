"""What must hold at the end of every history, looked up in the stores themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from server.services.projecting import needs
from server.services.pull import read_cursor
from shared.amending import disputed, value_of
from shared.identity import digest_of
from shared.instrument import Instrument
from shared.records import AliasBound, ConflictResolved, InstrumentAmended
from sync.envelope import read_body
from sync.intake import read_payload
from sync.merkle import Edge, leaf_of
from sync.messages import Ruling, Status
from sync.witness import Fault
from tests.simulation.handset import REUSED, Handset
from tests.simulation.office import COUNTIES, SimulatedOffice
from tests.simulation.timeline import finish

STORED = {status.value for status in Status if status.is_stored}


@dataclass
class Truth:
    """What the stores at the end can't tell."""

    promised: set[str] = field(default_factory=set)
    """Digests that a phone had a ruling on before its store was put back to an older copy."""
    written: dict[int, set[str]] = field(default_factory=dict)
    """Digests that were once in a phone's store, since it was put back last."""

    def sees(self, phone: Handset) -> None:
        """Notes what the phone has now."""
        self.written.setdefault(phone.number, set()).update(phone.digests())


@dataclass(frozen=True)
class Kept:
    """What the server has at the end."""

    ledger: dict[str, bytes]
    """Bytes by digest."""
    intake: dict[str, tuple[bytes, str]]
    """Bytes and status by digest."""

    @property
    def digests(self) -> set[str]:
        return self.ledger.keys() | self.intake.keys()


def is_quiet(office: SimulatedOffice, phones: Sequence[Handset]) -> bool:
    """Whether every queue is empty and every phone has pulled all there is."""
    tops = dict(office.sqlite().execute("SELECT county, state_seq FROM county_counter").fetchall())
    rulings = dict(
        office.sqlite().execute("SELECT device, max(number) FROM later_ruling GROUP BY device").fetchall()
    )
    for phone in phones:
        if phone.tasks or phone.rows("SELECT 1 FROM record WHERE offered LIMIT 1"):
            return False
        cursors = dict(phone.rows("SELECT county, cursor FROM cursor"))
        if set(cursors) != set(COUNTIES):
            return False
        for county, text in cursors.items():
            at = read_cursor(text)
            if at.state_seq != tops.get(county, 0) or at.ruling_seq != rulings.get(phone.device_id, 0):
                return False
        if not has_witnessed(office, phone):
            return False
    return True


def has_witnessed(office: SimulatedOffice, phone: Handset) -> bool:
    """Whether the phone has compared the newest heads, and looked for each of its records on the ledgers that they are of."""
    sizes = office.sqlite().execute("SELECT county, size FROM ledger_tree ORDER BY county").fetchall()
    kept = finish(phone.store.witnessed.heads())
    heads = {county: before.verified for county, before in kept.items() if before.verified}
    seen = [(county, heads[county].size if county in heads else 0) for county, _size in sizes]
    stored = (
        "SELECT 1 FROM record WHERE proven = 0 AND status IN ('accepted', 'duplicate', 'conflicting') LIMIT 1"
    )
    return seen == sizes and not phone.rows(stored)


def check(office: SimulatedOffice, phones: Sequence[Handset], truth: Truth, rebuilds: bool) -> None:
    """Raises AssertionError with the invariant that does not hold."""
    ledgers_are_witnessed(office, phones)
    kept = what_is_kept(office)
    nothing_is_lost(kept, phones, truth)
    the_ledger_is_whole(office, kept)
    rulings_are_kept(office, kept, phones)
    nothing_waits_for_what_is_there(office)
    mirrors_are_equal(office, phones)
    codes_are_found_everywhere(office, phones)
    no_edit_vanishes(office)
    chains_are_judged_rightly(office, phones)
    if rebuilds:
        office.check_projections()


def what_is_kept(office: SimulatedOffice) -> Kept:
    """The server's records, each once."""
    rows = office.sqlite().execute("SELECT digest, body FROM ledger").fetchall()
    assert len(dict(rows)) == len(rows), "a record stands on the ledger twice"
    intake = office.sqlite().execute("SELECT digest, body, status FROM intake").fetchall()
    return Kept(dict(rows), {digest: (body, status) for digest, body, status in intake})


def nothing_is_lost(kept: Kept, phones: Sequence[Handset], truth: Truth) -> None:
    """Every record that a phone committed is at the server, byte for byte; what was acknowledged is durable; queues are empty."""
    both = kept.ledger.keys() & kept.intake.keys()
    assert not both, "a record is on the ledger and held or refused too"
    for phone in phones:
        gone = truth.written.get(phone.number, set()) - phone.records().keys()
        assert not gone, f"phone {phone.number} has dropped a record of its own"
        for digest, body in phone.records().items():
            there = kept.ledger.get(digest) or kept.intake.get(digest, (b"",))[0]
            assert there, f"a record of phone {phone.number} is lost"
            assert there == body, f"a record of phone {phone.number} was changed"
        assert not phone.rows("SELECT 1 FROM record WHERE offered"), "a queue is not empty"
    assert truth.promised <= kept.digests, "an acknowledged record is not durable"


def the_ledger_is_whole(office: SimulatedOffice, kept: Kept) -> None:
    """Digests fit the bytes, numbers run without a gap, and every record has its identity."""
    for digest, body in kept.ledger.items():
        assert digest_of(body) == digest, "the ledger's bytes are not those of the digest"
    rows = office.sqlite().execute("SELECT county, seq, record_id, digest FROM ledger").fetchall()
    identities = (
        office.sqlite().execute("SELECT county, seq, record_id, digest FROM record_identity").fetchall()
    )
    assert sorted(rows) == sorted(identities), "identities and ledger differ"
    counts = Counter(county for county, *_ in rows)
    for county, last in office.sqlite().execute("SELECT county, ledger_seq FROM county_counter"):
        assert counts[county] == last, "the ledger's numbers have a gap"


def rulings_are_kept(office: SimulatedOffice, kept: Kept, phones: Sequence[Handset]) -> None:
    """Every phone shows of each of its records what the server made of it."""
    later: dict[str, str] = {}
    for (ruling,) in office.sqlite().execute("SELECT ruling FROM later_ruling ORDER BY number"):
        found = msgspec.msgpack.decode(ruling, type=Ruling)
        later[found.digest] = found.status.value
    for phone in phones:
        for digest, status in phone.rows("SELECT digest, status FROM record"):
            if digest in kept.ledger:
                assert status in STORED, f"a stored record reads {status or 'waiting'}"
            else:
                assert status == kept.intake[digest][1], (
                    f"a record that is {kept.intake[digest][1]} reads {status}"
                )
            if later.get(digest) == Status.CONFLICTING.value:
                assert status == Status.CONFLICTING.value, "the author is not told of a conflict"


def nothing_waits_for_what_is_there(office: SimulatedOffice) -> None:
    """No record is held for subjects that are all known."""
    known = {
        subject for (subject,) in office.sqlite().execute("SELECT subject FROM state WHERE state IS NOT NULL")
    }
    held = office.sqlite().execute(
        "SELECT body FROM intake WHERE status = 'held' AND code = 'subject_unknown'"
    )
    for (body,) in held.fetchall():
        needed = set(needs(read_payload(read_body(body))))
        assert needed - known, "a record is held for a subject that is there"


def held_of(office: SimulatedOffice, phone: Handset) -> set[tuple[str, str]]:
    """What records of this phone name that wait for a person at the office: there the phone's own word still stands."""
    bodies = office.sqlite().execute(
        "SELECT body FROM intake WHERE status = 'held' AND device = ?", [phone.device_id]
    )
    envelopes = [read_body(body) for (body,) in bodies]
    return {(each.county, subject) for each in envelopes for subject in each.subjects}


def mirrors_are_equal(office: SimulatedOffice, phones: Sequence[Handset]) -> None:
    """Every phone's mirror is the server's states of its counties; what it laid over them is gone where the server's is there."""
    query = "SELECT county, subject, state FROM state WHERE state IS NOT NULL"
    server = sorted(office.sqlite().execute(query).fetchall())
    shown = {(county, subject) for county, subject, _state in server}
    for phone in phones:
        mirror = phone.rows("SELECT county, subject, state FROM known WHERE own = 0 ORDER BY county, subject")
        assert mirror == server, f"the mirror of phone {phone.number} differs"
        own = set(phone.rows("SELECT county, subject FROM state WHERE own = 1")) - held_of(office, phone)
        assert not own & shown, f"phone {phone.number} still shows its own state over the server's"


def codes_are_found_everywhere(office: SimulatedOffice, phones: Sequence[Handset]) -> None:
    """Every binding on the ledger is found at the office and on every phone; one that came second has made its author look."""
    bound: dict[str, set[str]] = {}
    for (body,) in office.sqlite().execute("SELECT body FROM ledger WHERE kind = 'alias.bound'"):
        payload = msgspec.json.decode(read_body(body).payload, type=AliasBound)
        bound.setdefault(payload.key, set()).add(payload.instrument_id)
    pairs = sorted((key, instrument) for key, those in bound.items() for instrument in those)
    at_office = office.sqlite().execute("SELECT key, instrument_id FROM alias_index ORDER BY 1, 2").fetchall()
    assert at_office == pairs, "the office's index of codes differs from the ledger"
    for phone in phones:
        mirrored = phone.rows("SELECT key, subject FROM known_alias WHERE own = 0 ORDER BY 1, 2")
        assert mirrored == pairs, f"phone {phone.number} finds other instruments by their codes"
    told = [
        msgspec.msgpack.decode(ruling, type=Ruling)
        for (ruling,) in office.sqlite().execute("SELECT ruling FROM later_ruling")
    ]
    disputes = [one for one in told if one.problem and one.problem.code == "alias_disputed"]
    assert len({one.digest for one in disputes}) >= sum(len(those) - 1 for those in bound.values())


def no_edit_vanishes(office: SimulatedOffice) -> None:
    """Every correction is in force, in a dispute, or overruled by a later record whose author had seen it; none is taken for another record."""
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    overruled: dict[tuple[str, str], set[str]] = {}
    query = "SELECT body FROM ledger WHERE kind IN ('instrument.amended', 'conflict.resolved') ORDER BY county, seq"
    for (body,) in office.sqlite().execute(query).fetchall():
        envelope = read_body(body)
        payload = read_payload(envelope)
        if isinstance(payload, ConflictResolved):
            said = [(payload.subject, payload.field, payload.value, payload.settles)]
        else:
            assert isinstance(payload, InstrumentAmended)
            changes = payload.changes
            said = [(payload.instrument_id, each.field.value, each.after, each.seen) for each in changes]
        for subject, name, value, seen in said:
            earlier = {record_id for record_id, _value in told.get((subject, name), [])}
            overruled.setdefault((subject, name), set()).update(earlier & set(seen))
            told.setdefault((subject, name), []).append((envelope.record_id, value))
    for (subject, name), edits in told.items():
        query = "SELECT state FROM state WHERE subject = ?"
        [[state]] = office.sqlite().execute(query, [subject]).fetchall()
        instrument = msgspec.json.decode(state, type=Instrument)
        shown = {value_of(instrument, name), *(each.value for each in disputed(instrument, name))}
        lost = [
            value
            for record_id, value in edits
            if record_id not in overruled[subject, name] and value not in shown
        ]
        assert not lost, f"a correction of {name} to {lost[0]} is neither in force nor in dispute"
    # A phone that gives a correction's number away once more may be heard of that first, after a restore: the correction is kept aside then.
    reused = (
        "SELECT ledger.body FROM intake JOIN ledger USING (record_id)"
        " WHERE intake.kind = 'instrument.amended' AND intake.code = 'identity_reused'"
    )
    for (body,) in office.sqlite().execute(reused):
        assert REUSED.encode() in body, "a correction has the number of another record"


def chains_are_judged_rightly(office: SimulatedOffice, phones: Sequence[Handset]) -> None:
    """A gap or a fork is noted where there was one and nowhere else, and a phone does not go on writing a chain that has two histories."""
    allowed = office.arrivals.notes
    for digest, note in office.sqlite().execute("SELECT digest, chain_note FROM ledger"):
        if digest in allowed:
            assert note in allowed[digest], (
                f"the chain note reads {note or 'nothing'}, and {allowed[digest]} is right"
            )
    heads = {
        chain: (sequence, digest)
        for chain, sequence, digest in office.sqlite().execute(
            "SELECT chain, sequence, digest FROM chain_head"
        )
    }
    for phone in phones:
        chain, sequence, _digest = finish(phone.store.outbox.head())
        held_sequence, held_digest = heads.get(chain, (0, ""))
        if finish(phone.store.outbox.retired()) or not held_sequence:
            continue
        assert held_sequence <= sequence, "a phone writes on in a chain that is longer at the server"
        ours = finish(phone.store.outbox.digest_at(chain, held_sequence))
        assert ours == held_digest, "a phone writes on in a forked chain"


def ledgers_are_witnessed(office: SimulatedOffice, phones: Sequence[Handset]) -> None:
    """Every phone's last head is the one that the ledger gives, and none holds evidence against an office that changed nothing."""
    roots: dict[str, str] = {}
    for county in COUNTIES:
        edge = Edge()
        rows = "SELECT seq, digest FROM ledger WHERE county = ? ORDER BY seq"
        for seq, digest in office.sqlite().execute(rows, [county]):
            edge.append(leaf_of(county, seq, digest))
        roots[county] = edge.root.hex()
    for phone in phones:
        for evidence in finish(phone.store.witnessed.evidence()):
            assert evidence.fault is Fault.RESTORED, (
                f"phone {phone.number} accuses the office: {evidence.fault}"
            )
        for county, before in finish(phone.store.witnessed.heads()).items():
            head = before.verified
            assert head, f"phone {phone.number} has verified no head"
            assert not before.doubted, f"phone {phone.number} is left with a head that is not proven"
            assert head.root == roots[county], f"the head of phone {phone.number} is not the ledger's"
            assert head.generation == office.generation, "the head is of a generation that has ended"
