"""Makes the projections anew from the ledger, and compares them with those that stand."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from server.services import ledger_log
from server.services.marks import alias_rows
from server.services.moments import read
from server.services.projecting import Rulebooks, State, project
from server.services.pull import REPAIRS
from server.services.rows import inspection_row, instrument_row, state_row
from server.store import access as access_store
from server.store import records as store
from server.store.database import Database
from server.store.tables import PROJECTIONS
from shared.instrument import Instrument
from sync.envelope import read_body
from sync.intake import read_payload

PAGE = 2000


def snapshot(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """The projections row by row, in the order of their keys."""
    return {
        table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
        for table in PROJECTIONS
    }


def rebuild(connection: Connection, rules: Rulebooks) -> None:
    """Empties the projections and works them out again, in the order of each county's ledger."""
    for table in PROJECTIONS:
        connection.execute(delete(table))
    for row in store.counties(connection):
        rebuild_county(connection, rules, row["county"])
        ledger_log.grow_from_ledger(connection, row["county"])


def rebuild_county(connection: Connection, rules: Rulebooks, county: str) -> None:
    """One county's projections."""
    states: dict[str, State] = {}
    kept: dict[str, store.Row] = {}
    inspections: list[store.Row] = []
    state_seq = after = 0
    while page := store.read_ledger(connection, county, after, PAGE):
        for row in page:
            envelope = read_body(row["body"])
            projected = project(envelope, read_payload(envelope), states.get, rules, read(row["received_at"]))
            for subject, changed in projected.states.items():
                state_seq += 1
                states[subject] = changed
                kept[subject] = state_row(county, subject, state_seq, changed)
            if projected.headline:
                inspections.append(inspection_row(envelope, projected, row["seq"]))
        after = page[-1]["seq"]
    store.keep_states(connection, list(kept.values()))
    instruments = [each for each in states.values() if isinstance(each, Instrument)]
    store.index_instruments(connection, [instrument_row(each) for each in instruments])
    store.index_aliases(connection, alias_rows(instruments))
    store.index_inspections(connection, inspections)


class DifferenceError(Exception):
    """The projections that stand are not those that the ledger gives; nothing was changed."""


def check(database: Database, rules: Rulebooks, keep: bool) -> dict[str, int]:
    """Rebuilds in one transaction and compares; rows by table. With ``keep`` a difference is repaired, else it raises."""

    def compare(connection: Connection) -> dict[str, int]:
        before = snapshot(connection)
        rebuild(connection, rules)
        after = snapshot(connection)
        different = [name for name in before if before[name] != after[name]]
        if different and not keep:
            raise DifferenceError(", ".join(different))
        if different:
            store.raise_state_numbers(connection)
            repairs = int(access_store.fact(connection, REPAIRS) or 0) + 1
            access_store.set_fact(connection, REPAIRS, str(repairs))
        return {name: len(rows) for name, rows in after.items()}

    return database.write_alone(compare)
