"""Corrections of two phones that know nothing of each other: in whatever order they reach the ledger, the same values and disputes come out."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from server.services.projecting import Rulebooks, project
from shared.amending import FieldChange, InstrumentField, amend, value_of, what_was_seen
from shared.clock import SetClock
from shared.identity import mint
from shared.instrument import Instrument
from shared.records import Conflict, ConflictResolved, InstrumentAmended
from sync.envelope import ClockEvidence, Envelope
from tests.contracts.fakes import seeded
from tests.contracts.office import at
from tests.shared.checks import catalogue
from tests.shared.lots import rules

CLOCK, CHANCE = SetClock(at("2026-11-20 01:00")), seeded("merging")
RULES = Rulebooks(catalogue(), rules())


def new_id() -> str:
    return mint(CLOCK, CHANCE)


SCALE = Instrument(
    instrument_id=new_id(),
    version=1,
    county="210123",
    township="210123101",
    kind="price-computing-scale",
    serial_number="2403-01187",
    premises_id=new_id(),
)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just(InstrumentField.STALL), st.sampled_from(["1", "2", "3"])),
        st.tuples(st.just(InstrumentField.MODEL), st.sampled_from(["X", "Y"])),
        st.tuples(st.just(InstrumentField.USE_STATUS), st.sampled_from(["in_use", "suspended", "scrapped"])),
    ),
    max_size=4,
)
Record = tuple[str, Any]


def written(edits: list[tuple[InstrumentField, str]]) -> list[Record]:
    """What a phone writes offline, each correction over its own earlier ones."""
    seen, records = SCALE, []
    for field, value in edits:
        change = FieldChange(
            field=field,
            before=value_of(seen, field),
            after=value,
            seen=what_was_seen(seen, field, value),
        )
        record_id = new_id()
        records.append((record_id, InstrumentAmended(instrument_id=SCALE.instrument_id, changes=[change])))
        seen, _clashes = amend(seen, [change], record_id)
    return records


def projected(records: list[Record], before: Instrument = SCALE) -> tuple[Instrument, list[str]]:
    """The state after these records, by the office's own projection, and the ids of those that a person must look at."""
    state, disputed = before, []
    for record_id, payload in records:
        envelope = Envelope(
            record_id=record_id,
            kind="instrument.amended",
            schema=1,
            county="210123",
            author=SCALE.instrument_id,
            author_key="0" * 16,
            device=SCALE.instrument_id,
            chain=SCALE.instrument_id,
            sequence=1,
            observed_at=CLOCK.now(),
            clock=ClockEvidence(0),
            payload=msgspec.Raw(b"{}"),
        )
        result = project(envelope, payload, {SCALE.instrument_id: state}.get, RULES, CLOCK.now())
        disputed += [record_id] if result.conflicting else []
        after = result.states[SCALE.instrument_id]
        assert isinstance(after, Instrument)
        state = after
    return state, disputed


def values(state: Instrument) -> dict[str, set[str]]:
    """Of each field every value that somebody stands for."""
    found = {field.value: {value_of(state, field)} for field in InstrumentField}
    for each in state.disputes:
        found[each.field].add(each.value)
    return found


def interleavings(one: list[Record], other: list[Record]) -> list[list[Record]]:
    """Every order in which two phones' records can come, each phone's own in the order of its chain."""
    total = len(one) + len(other)
    orders = []
    for places in combinations(range(total), len(one)):
        ours, theirs = iter(one), iter(other)
        orders.append([next(ours) if place in places else next(theirs) for place in range(total)])
    return orders


@settings(derandomize=True)
@given(EDITS, EDITS)
def test_every_order_gives_the_same_values(
    one: list[tuple[InstrumentField, str]], other: list[tuple[InstrumentField, str]]
) -> None:
    """The values in force and in dispute, taken together, are the same; a phone alone never disagrees with itself."""
    ours, theirs = written(one), written(other)
    assert projected(ours)[1] == projected(theirs)[1] == []
    found = [values(projected(order)[0]) for order in interleavings(ours, theirs)]
    assert all(each == found[0] for each in found)


@settings(derandomize=True)
@given(EDITS, EDITS)
def test_no_value_vanishes_unseen(
    one: list[tuple[InstrumentField, str]], other: list[tuple[InstrumentField, str]]
) -> None:
    """What each phone says last of a field holds, or is disputed; and where something is disputed, somebody was told."""
    ours, theirs = written(one), written(other)
    state, disputed = projected([*ours, *theirs])
    for edits in (one, other):
        for field, value in dict(edits).items():
            assert value in values(state)[field.value]
    assert disputed or not state.disputes


@settings(derandomize=True)
@given(EDITS, EDITS)
def test_a_decision_settles_what_it_saw_and_nothing_more(
    one: list[tuple[InstrumentField, str]], other: list[tuple[InstrumentField, str]]
) -> None:
    """The office decides on one phone's values before the other's come, or after: what it had not seen is disputed still."""
    ours, theirs = written(one), written(other)
    decision = ConflictResolved(
        subject=SCALE.instrument_id,
        conflict=Conflict.FIELD,
        field="stall",
        value="9",
        settles=[record_id for record_id, _payload in ours],
        reason="seen",
    )
    decided: Record = (new_id(), decision)
    for order in ([*ours, decided, *theirs], [*ours, *theirs, decided], [*theirs, *ours, decided]):
        state, _disputed = projected(order)
        last = dict(other).get(InstrumentField.STALL)
        assert values(state)["stall"] == {"9"} | ({last} if last else set())
        assert state.stall == "9"
