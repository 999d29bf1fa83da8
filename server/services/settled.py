"""Telling phones that what needed a person is settled: a record in conflict is received, as any other, once nothing is at odds about what it names.

However it was settled: by a decision of the office, by a correction that had seen the other value, by the next check or a verification.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, RowMapping

from server.services.marks import marks_of
from server.services.registry import decoded
from server.services.rows import is_disputed, later_ruling_row
from server.store import records as store
from shared.instrument import Instrument
from shared.records import InstrumentsMerged
from sync.envelope import read_body
from sync.messages import Ruling, Status


def tell(connection: Connection, subjects: Collection[str]) -> None:
    """Notes for their phones the records that were in conflict and are not any more.

    ``subjects`` are those that were at odds before; they may be still. The states must be written by now.
    """
    newest: dict[str, RowMapping] = {}
    named: dict[str, set[str]] = defaultdict(set)
    for row in store.rulings_about(connection, sorted(made_one(connection, subjects))):
        newest[row["record_id"]] = row
        named[row["record_id"]].add(row["subject"])
    settled = []
    for record_id, row in newest.items():
        ruling = msgspec.msgpack.decode(row["ruling"], type=Ruling)
        if ruling.status is not Status.CONFLICTING:
            continue
        if not is_at_odds(connection, named[record_id].union(read_body(row["body"]).subjects)):
            received = msgspec.structs.replace(ruling, status=Status.ACCEPTED, problem=None)
            settled.append(later_ruling_row(row["device"], received))
    store.add_later_rulings(connection, settled)


def made_one(connection: Connection, subjects: Collection[str]) -> set[str]:
    """These subjects and the entries that were made one with them: what is settled of the one is settled of all."""
    found, new = set(subjects), set(subjects)
    while new:
        bodies = store.bodies_about(connection, "instruments.merged", sorted(new))
        decisions = [msgspec.json.decode(read_body(body).payload, type=InstrumentsMerged) for body in bodies]
        new = {entry for each in decisions for entry in (each.continues, each.merged)} - found
        found |= new
    return found


def is_at_odds(connection: Connection, subjects: set[str]) -> bool:
    """Whether a person must still decide something about any of these, or about the instruments that continue them."""
    rows = store.every_state(connection, sorted(subjects))
    states = [decoded(row) for row in rows if row["state"] is not None]
    if any(is_disputed(state) for state in states):
        return True
    instruments = [state for state in states if isinstance(state, Instrument)]
    marks = {mark for each in instruments for mark in marks_of(each)}
    if any(len(holders) > 1 for holders in store.marked(connection, marks).values()):
        return True
    continued = {each.continued_by for each in instruments if each.continued_by}
    return bool(continued) and is_at_odds(connection, continued)
