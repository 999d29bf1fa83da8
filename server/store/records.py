"""Reading and writing records, identities, chains and states within one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    Dialect,
    RowMapping,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from server.store.database import OvertakenError, insert_into, may_have_changed, queue
from server.store.tables import (
    alias_index,
    chain_head,
    county_counter,
    inspection_index,
    instrument_index,
    intake,
    later_ruling,
    ledger,
    ledger_subject,
    record_identity,
    state,
)

Row = Mapping[str, Any]
MANY = 500
"""Values in one IN list; SQLite takes 32,766."""

_HELD = intake.c.status == "held"
_WAITING_FOR = select(intake).where(intake.c.waiting_for == bindparam("subject"), _HELD)
_AWAITED = select(intake.c.waiting_for).where(_HELD).distinct()
_OWNER = select(chain_head.c.device).where(chain_head.c.chain == bindparam("chain")).scalar_subquery()
_PLACES = select(ledger.c.sequence, ledger.c.digest).where(
    ledger.c.chain == bindparam("chain"),
    ledger.c.device == _OWNER,
    ledger.c.sequence.between(bindparam("first"), bindparam("last")),
)
_LAST_STATE_SEQ = select(county_counter.c.state_seq).where(county_counter.c.county == bindparam("county"))
_CHANGES = (
    select(state.c.subject_type, state.c.subject, state.c.county, state.c.state_seq, state.c.state)
    .where(state.c.county == bindparam("county"), state.c.state_seq > bindparam("after"))
    .order_by(state.c.state_seq)
    .limit(bindparam("limit"))
)
_LATER_RULINGS = (
    select(later_ruling)
    .where(later_ruling.c.device == bindparam("device"), later_ruling.c.number > bindparam("after"))
    .order_by(later_ruling.c.number)
    .limit(bindparam("limit"))
)
_ABOUT = (ledger_subject.c.county == ledger.c.county) & (ledger_subject.c.seq == ledger.c.seq)
_RULINGS_ABOUT = (
    select(later_ruling, ledger.c.body, ledger_subject.c.subject)
    .join(
        ledger, (ledger.c.record_id == later_ruling.c.record_id) & (ledger.c.device == later_ruling.c.device)
    )
    .join(ledger_subject, _ABOUT)
    .where(ledger_subject.c.subject.in_(bindparam("subjects", expanding=True)))
    .order_by(later_ruling.c.number)
)
_BODIES_ABOUT = (
    select(ledger.c.body)
    .join(ledger_subject, _ABOUT)
    .where(
        ledger_subject.c.subject.in_(bindparam("subjects", expanding=True)),
        ledger.c.kind == bindparam("kind"),
    )
)
_MARKED = {
    what: select(key, key.table.c.instrument_id).where(key.in_(bindparam("texts", expanding=True)))
    for what, key in {
        "alias": alias_index.c.key,
        "label": instrument_index.c.label,
        "twin": instrument_index.c.twin_key,
    }.items()
}


@cache
def _among(column: Column[Any]) -> Select[Any]:
    """Finds the rows of the column's table that have one of ``values`` there."""
    return select(column.table).where(column.in_(bindparam("values", expanding=True)))


def chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + MANY] for start in range(0, len(values), MANY))


@cache
def _statement(table: Table, dialect: Dialect, replaces: bool) -> tuple[str, Callable[[Row], Any]]:
    """The SQL that inserts whole rows of a table, and what makes a row the driver's values."""
    statement = insert_into(dialect, table)
    if replaces:
        keys = [column.name for column in table.primary_key]
        others = {
            column.name: statement.excluded[column.name]
            for column in table.columns
            if column.name not in keys
        }
        statement = statement.on_conflict_do_update(index_elements=keys, set_=others)
    compiled = statement.compile(dialect=dialect, column_keys=[column.name for column in table.columns])
    names = getattr(compiled, "positiontup", None)
    return compiled.string, itemgetter(*names) if names else dict


def add(connection: Connection, table: Table, rows: Sequence[Row], replaces: bool = False) -> None:
    """Inserts whole rows through the driver itself: SQLAlchemy would handle each value of each row, a third of a push's time."""
    if rows:
        statement, values_of = _statement(table, connection.dialect, replaces)
        connection.exec_driver_sql(statement, [values_of(row) for row in rows])


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Inserts whole rows, or replaces those with the same key."""
    add(connection, table, rows, replaces=True)


def identities(connection: Connection, record_ids: Sequence[str]) -> dict[str, RowMapping]:
    """What the ledger holds under these record ids."""
    found: dict[str, RowMapping] = {}
    for part in chunks(record_ids):
        rows = connection.execute(_among(record_identity.c.record_id), {"values": part})
        found |= {row["record_id"]: row for row in rows.mappings()}
    return found


def intake_by_digest(connection: Connection, digests: Sequence[str]) -> dict[str, RowMapping]:
    """What is held or refused already, by digest."""
    found: dict[str, RowMapping] = {}
    for part in chunks(digests):
        rows = connection.execute(_among(intake.c.digest), {"values": part})
        found |= {row["digest"]: row for row in rows.mappings()}
    return found


def waiting_for(connection: Connection, subject: str) -> list[RowMapping]:
    """Held records that wait for ``subject``."""
    return list(connection.execute(_WAITING_FOR, {"subject": subject}).mappings())


def waiting_digests(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """The digests of the held records that wait for any of ``subjects``."""
    found: set[str] = set()
    for part in chunks(subjects):
        held = select(intake.c.digest).where(intake.c.waiting_for.in_(part), _HELD)
        found |= set(connection.execute(held).scalars())
    return found


def make_sure(
    connection: Connection,
    new: AbstractSet[str],
    wanted: AbstractSet[str],
    seen: AbstractSet[str],
    marks: AbstractSet[str] = frozenset(),
) -> None:
    """Raises OvertakenError where another county, since this transaction looked, made known what is new here or wanted here.

    Also where it holds a record that waits for what is new here, other than those of these digests, ``seen``. What is looked up
    afterwards of ``marks`` stays as it is until the commit.
    """
    if not may_have_changed(connection, new | wanted | marks) or not (new or wanted):
        return
    is_known = any(row["state"] is not None for row in every_state(connection, sorted(new | wanted)))
    if is_known or waiting_digests(connection, sorted(new)) - seen:
        raise OvertakenError


def every_state(connection: Connection, subjects: Sequence[str]) -> list[RowMapping]:
    """The states of these subjects, in whatever counties they are."""
    found: list[RowMapping] = []
    for part in chunks(subjects):
        found += connection.execute(_among(state.c.subject), {"values": part}).mappings()
    return found


def states(connection: Connection, subjects: Sequence[str]) -> dict[str, RowMapping]:
    """The states by subject; a subject has one home."""
    return {row["subject"]: row for row in every_state(connection, subjects)}


def chains(connection: Connection, names: Sequence[str]) -> dict[str, RowMapping]:
    """What is held of these chains."""
    rows = connection.execute(_among(chain_head.c.chain), {"values": list(names)})
    return {row["chain"]: row for row in rows.mappings()}


def places(connection: Connection, chain: str, sequences: Sequence[int]) -> dict[int, str]:
    """The digests on the ledger at these places of a chain and at the one before each, as its own device wrote them."""
    where = {"chain": chain, "first": min(sequences) - 1, "last": max(sequences)}
    return {row.sequence: row.digest for row in connection.execute(_PLACES, where)}


@cache
def _taken(dialect: Dialect) -> ReturningInsert[Any]:
    """Takes so many ``records`` and ``changes`` from the counter ``of_county``."""
    counter = county_counter.c
    records: BindParameter[int] = bindparam("records")
    changes: BindParameter[int] = bindparam("changes")
    statement = insert_into(dialect, county_counter).values(
        county=bindparam("of_county"), ledger_seq=records, state_seq=changes
    )
    return statement.on_conflict_do_update(
        index_elements=["county"],
        set_={"ledger_seq": counter.ledger_seq + records, "state_seq": counter.state_seq + changes},
    ).returning(counter.ledger_seq, counter.state_seq)


def take_numbers(connection: Connection, county: str, records: int, changes: int) -> tuple[int, int]:
    """Takes numbers of a county, the last thing before the commit; returns the last ones given before.

    The counter's row stays locked until then, so that whoever takes the next numbers commits after this transaction.
    """
    wanted = {"of_county": county, "records": records, "changes": changes}
    ledger_seq, state_seq = connection.execute(_taken(connection.dialect), wanted).one()
    return ledger_seq - records, state_seq - changes


def add_records(connection: Connection, rows: Sequence[Row], subjects: Sequence[Row]) -> None:
    """Puts records on the ledger, with their identities and subjects."""
    add(connection, ledger, rows)
    add(connection, record_identity, rows)
    add(connection, ledger_subject, subjects)


def keep_states(connection: Connection, rows: Sequence[Row]) -> None:
    """Writes states, and the index of those that are instruments."""
    upsert(connection, state, rows)


def index_instruments(connection: Connection, rows: Sequence[Row]) -> None:
    """Writes what instruments are looked up by."""
    upsert(connection, instrument_index, rows)


def index_aliases(connection: Connection, rows: Sequence[Row]) -> None:
    """Writes which instruments the codes of others stand for."""
    upsert(connection, alias_index, rows)


def drop_aliases(connection: Connection, instruments: Sequence[str]) -> None:
    """Forgets which codes of others stand for these instruments."""
    for part in chunks(instruments):
        connection.execute(delete(alias_index).where(alias_index.c.instrument_id.in_(part)))


def marked(connection: Connection, marks: Iterable[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """Which instruments have these marks (``label``, ``alias`` or ``twin``, and what it says), in whatever counties they are."""
    said: dict[str, list[str]] = defaultdict(list)
    for what, text in marks:
        said[what].append(text)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for what, texts in said.items():
        for part in chunks(texts):
            for text, instrument_id in connection.execute(_MARKED[what], {"texts": part}):
                found[what, text].add(instrument_id)
    return found


def index_inspections(connection: Connection, rows: Sequence[Row]) -> None:
    """Writes the headlines of inspections."""
    upsert(connection, inspection_index, rows)


def keep_intake(connection: Connection, rows: Sequence[Row]) -> None:
    """Keeps what is held or refused."""
    upsert(connection, intake, rows)


def leave_intake(connection: Connection, digests: Sequence[str]) -> None:
    """Drops from the intake what was applied after all; its bytes are on the ledger now."""
    for part in chunks(digests):
        connection.execute(delete(intake).where(intake.c.digest.in_(part)))


def keep_chains(connection: Connection, rows: Sequence[Row]) -> None:
    """Writes what is held of chains."""
    upsert(connection, chain_head, rows)


def add_later_rulings(connection: Connection, rows: Sequence[Row]) -> None:
    """Queues rulings for the phones that wrote the records; their numbers are a cursor too, and may not be overtaken."""
    if rows:
        queue(connection, "later rulings")
        connection.execute(insert(later_ruling), rows)


def read_ledger(connection: Connection, county: str, after: int, limit: int) -> list[RowMapping]:
    """Records of a county in their order."""
    found = (
        select(ledger)
        .where(ledger.c.county == county, ledger.c.seq > after)
        .order_by(ledger.c.seq)
        .limit(limit)
    )
    return list(connection.execute(found).mappings())


def counties(connection: Connection) -> list[RowMapping]:
    """Every county that has a counter."""
    return list(connection.execute(select(county_counter).order_by(county_counter.c.county)).mappings())


def last_state_seq(connection: Connection, county: str) -> int:
    """The last number that a state of the county was given."""
    return connection.execute(_LAST_STATE_SEQ, {"county": county}).scalar() or 0


def raise_state_numbers(connection: Connection) -> None:
    """Lets each county's next number be above every number that a state of it has."""
    highest = (
        select(func.max(state.c.state_seq)).where(state.c.county == county_counter.c.county).scalar_subquery()
    )
    connection.execute(
        update(county_counter).where(county_counter.c.state_seq < highest).values(state_seq=highest)
    )


def changes(
    connection: Connection, county: str, after: int, limit: int
) -> Sequence[tuple[str, str, str, int, bytes | None]]:
    """States of a county in the order of their last change: type, subject, county, number, and the state or None."""
    return connection.execute(_CHANGES, {"county": county, "after": after, "limit": limit}).all()


def later_rulings(connection: Connection, device: str, after: int, limit: int) -> list[RowMapping]:
    """Rulings for a device that came after its push."""
    where = {"device": device, "after": after, "limit": limit}
    return list(connection.execute(_LATER_RULINGS, where).mappings())


def rulings_about(connection: Connection, subjects: Sequence[str]) -> list[RowMapping]:
    """What was told by pull of the records about these subjects to the phones that wrote them, the newest last.

    Each with the record's ``body``, and once for each ``subject`` of them that the record names or changed.
    """
    found: list[RowMapping] = []
    for part in chunks(subjects):
        found += connection.execute(_RULINGS_ABOUT, {"subjects": part}).mappings()
    return sorted(found, key=itemgetter("number"))


def bodies_about(connection: Connection, kind: str, subjects: Sequence[str]) -> list[bytes]:
    """The bytes of the records of a kind about any of these subjects."""
    found: list[bytes] = []
    for part in chunks(subjects):
        found += connection.execute(_BODIES_ABOUT, {"subjects": part, "kind": kind}).scalars()
    return found


def awaited(connection: Connection) -> set[str]:
    """Everything that some held record waits for."""
    return set(connection.execute(_AWAITED).scalars())
