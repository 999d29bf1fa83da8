"""Telling phones that what needed a person is decided: a record in conflict is received, as any other, once nothing is at odds about its subjects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Connection

from server.services.marks import marks_of
from server.services.registry import decoded
from server.store import reading
from server.store import records as store
from shared.instrument import Attention, Instrument
from shared.premises import Premises
from sync.messages import Ruling, Status

ALL = 1_000_000
"""Rulings of one phone that came after its pushes; there are a few at most."""


def concerned(connection: Connection, subjects: Iterable[str]) -> set[str]:
    """These subjects, the entries that were made one with them, and the instruments that share a mark with one of them."""
    found = set(subjects)
    for record in [each for subject in sorted(found) for each in reading.records_about(connection, subject)]:
        if record["kind"] == "instruments.merged":
            found |= reading.subjects_of(connection, record["county"], record["seq"])
    for row in store.every_state(connection, sorted(found)):
        state = decoded(row)
        if isinstance(state, Instrument):
            found |= set().union(*store.marked(connection, marks_of(state)).values())
    return found


def tell(connection: Connection, subjects: Iterable[str]) -> None:
    """Notes for their phones the records about these subjects that were in conflict and are not any more."""
    told: dict[str, Mapping[str, Ruling]] = {}
    settled: dict[str, tuple[str, Ruling]] = {}
    for row in store.every_state(connection, sorted(subjects)):
        if is_at_odds(connection, decoded(row)):
            continue
        for record in reading.records_about(connection, row["subject"]):
            device = record["device"]
            if device not in told:
                told[device] = newest_rulings(connection, device)
            last = told[device].get(record["record_id"])
            if last and last.status is Status.CONFLICTING:
                ruling = msgspec.structs.replace(last, status=Status.ACCEPTED, problem=None)
                settled[last.record_id] = (device, ruling)
    store.add_later_rulings(
        connection,
        [{"device": device, "ruling": msgspec.msgpack.encode(ruling)} for device, ruling in settled.values()],
    )


def newest_rulings(connection: Connection, device: str) -> dict[str, Ruling]:
    """What a phone was told last of each of its records, of those that it was told of by pull."""
    rows = store.later_rulings(connection, device, 0, ALL)
    rulings = [msgspec.msgpack.decode(row["ruling"], type=Ruling) for row in rows]
    return {ruling.record_id: ruling for ruling in rulings}


def is_at_odds(connection: Connection, state: object) -> bool:
    """Whether a person must still decide something about it."""
    if isinstance(state, Premises):
        return bool(state.disputes)
    if not isinstance(state, Instrument):
        return True
    if state.continued_by:
        return any(
            is_at_odds(connection, decoded(row))
            for row in store.every_state(connection, [state.continued_by])
        )
    if state.disputes or state.attention is Attention.RECHECK:
        return True
    return any(len(holders) > 1 for holders in store.marked(connection, marks_of(state)).values())
