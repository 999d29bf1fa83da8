"""What the pages read: the ledger's days, one record, the intake, instruments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, case, func, or_, select

from server.store.tables import (
    alias_index,
    chain_head,
    inspection_index,
    instrument_index,
    intake,
    ledger,
    ledger_subject,
    person,
    record_identity,
    state,
)
from sync.chain import ChainNote

_SHORT = [column for column in ledger.columns if column.name not in {"body", "signature", "cosignatures"}]
_DISPUTED = (
    select(state)
    .where(state.c.disputed, state.c.county.in_(bindparam("counties", expanding=True)))
    .order_by(state.c.county, state.c.subject)
    .limit(bindparam("most"))
)


def records_between(
    connection: Connection,
    counties: Sequence[str],
    since: str,
    until: str,
    kind: str,
    headline: str,
    limit: int,
) -> list[RowMapping]:
    """Records received in a span, the newest first, with inspections' headlines and authors' names."""
    found = (
        select(
            *_SHORT,
            inspection_index.c.headline,
            inspection_index.c.stated,
            person.c.name.label("author_name"),
        )
        .outerjoin(inspection_index, inspection_index.c.record_id == ledger.c.record_id)
        .outerjoin(person, person.c.person_id == ledger.c.author)
        .where(
            ledger.c.county.in_(list(counties)), ledger.c.received_at >= since, ledger.c.received_at < until
        )
    )
    if kind:
        found = found.where(ledger.c.kind == kind)
    if headline:
        found = found.where(inspection_index.c.headline == headline)
    order = [ledger.c.received_at.desc(), ledger.c.county, ledger.c.seq.desc()]
    return list(connection.execute(found.order_by(*order).limit(limit)).mappings())


def counts_between(
    connection: Connection, counties: Sequence[str], since: str, until: str
) -> list[RowMapping]:
    """How many records of each kind and headline were received in a span."""
    found = (
        select(ledger.c.kind, inspection_index.c.headline, func.count().label("count"))
        .outerjoin(inspection_index, inspection_index.c.record_id == ledger.c.record_id)
        .where(
            ledger.c.county.in_(list(counties)), ledger.c.received_at >= since, ledger.c.received_at < until
        )
        .group_by(ledger.c.kind, inspection_index.c.headline)
        .order_by(ledger.c.kind)
    )
    return list(connection.execute(found).mappings())


def record(connection: Connection, record_id: str) -> RowMapping | None:
    """One record with its bytes."""
    place = and_(record_identity.c.county == ledger.c.county, record_identity.c.seq == ledger.c.seq)
    found = (
        select(
            ledger, inspection_index.c.headline, inspection_index.c.stated, person.c.name.label("author_name")
        )
        .join(record_identity, place)
        .outerjoin(inspection_index, inspection_index.c.record_id == ledger.c.record_id)
        .outerjoin(person, person.c.person_id == ledger.c.author)
    )
    return connection.execute(found.where(record_identity.c.record_id == record_id)).mappings().first()


def bodies_at(connection: Connection, places: Sequence[tuple[str, int]]) -> list[bytes]:
    """The bytes of the records at these places (county, number) of the ledger, in no order."""
    by_county: dict[str, list[int]] = {}
    for county, seq in places:
        by_county.setdefault(county, []).append(seq)
    found: list[bytes] = []
    for county, numbers in by_county.items():
        for start in range(0, len(numbers), 500):
            wanted = (ledger.c.county == county) & ledger.c.seq.in_(numbers[start : start + 500])
            found += connection.execute(select(ledger.c.body).where(wanted)).scalars()
    return found


def sites_with_counts(connection: Connection, counties: Sequence[str]) -> list[RowMapping]:
    """The states of every site, with how many instruments stand there and how many of them have no label."""
    at = instrument_index.c
    unlabelled = func.sum(case((at.label == "", 1), else_=0))
    counted = (
        select(at.premises_id, func.count().label("instruments"), unlabelled.label("unlabelled"))
        .where(at.county.in_(list(counties)))
        .group_by(at.premises_id)
        .subquery()
    )
    found = (
        select(state, counted.c.instruments, counted.c.unlabelled)
        .outerjoin(counted, counted.c.premises_id == state.c.subject)
        .where(
            state.c.subject_type == "premises", state.c.county.in_(list(counties)), state.c.state.is_not(None)
        )
    )
    return list(connection.execute(found).mappings())


def records_about(connection: Connection, subject: str) -> list[RowMapping]:
    """Every record that names a subject, the newest first."""
    found = (
        select(
            *_SHORT,
            inspection_index.c.headline,
            inspection_index.c.stated,
            person.c.name.label("author_name"),
        )
        .join(
            ledger_subject,
            (ledger_subject.c.county == ledger.c.county) & (ledger_subject.c.seq == ledger.c.seq),
        )
        .outerjoin(inspection_index, inspection_index.c.record_id == ledger.c.record_id)
        .outerjoin(person, person.c.person_id == ledger.c.author)
        .where(ledger_subject.c.subject == subject)
    )
    return list(
        connection.execute(found.order_by(ledger.c.received_at.desc(), ledger.c.seq.desc())).mappings()
    )


def chain(connection: Connection, name: str) -> RowMapping | None:
    """What is held of a chain."""
    return connection.execute(select(chain_head).where(chain_head.c.chain == name)).mappings().first()


def every_chain(connection: Connection) -> list[RowMapping]:
    """What is held of each chain, those of one device together."""
    return list(
        connection.execute(select(chain_head).order_by(chain_head.c.device, chain_head.c.chain)).mappings()
    )


def forks(connection: Connection, chains: Sequence[str], limit: int) -> list[RowMapping]:
    """The records on the ledger at which their own devices fork these chains, the first places first."""
    found = (
        select(ledger.c.chain, ledger.c.sequence, ledger.c.record_id)
        .join(chain_head, (chain_head.c.chain == ledger.c.chain) & (chain_head.c.device == ledger.c.device))
        .where(ledger.c.chain.in_(list(chains)), ledger.c.chain_note == ChainNote.FORK.value)
        .order_by(ledger.c.chain, ledger.c.sequence)
    )
    return list(connection.execute(found.limit(limit)).mappings())


def intake_rows(connection: Connection, counties: Sequence[str], limit: int) -> list[RowMapping]:
    """What is held or refused, the newest first, without the bytes."""
    columns = [
        column for column in intake.columns if column.name not in {"body", "signature", "cosignatures"}
    ]
    found = select(*columns).where(intake.c.county.in_(list(counties)))
    return list(connection.execute(found.order_by(intake.c.received_at.desc()).limit(limit)).mappings())


def refused_registrations(
    connection: Connection, counties: Sequence[str], limit: int
) -> list[tuple[str, bytes]]:
    """The device and the bytes of refused records that would have made a subject known, the newest first."""
    found = select(intake.c.device, intake.c.body).where(
        intake.c.county.in_(list(counties)),
        intake.c.status == "refused",
        intake.c.kind.like("%.registered"),
    )
    rows = connection.execute(found.order_by(intake.c.received_at.desc()).limit(limit))
    return [(row.device, row.body) for row in rows]


def intake_row(connection: Connection, digest: str) -> RowMapping | None:
    """One held or refused record with its bytes."""
    return connection.execute(select(intake).where(intake.c.digest == digest)).mappings().first()


def intake_count(connection: Connection, counties: Sequence[str]) -> int:
    """How many records are held or refused."""
    found = select(func.count()).select_from(intake).where(intake.c.county.in_(list(counties)))
    return connection.execute(found).scalar() or 0


def state_of(connection: Connection, subject: str) -> RowMapping | None:
    """A subject's state."""
    return connection.execute(select(state).where(state.c.subject == subject)).mappings().first()


def states_of(
    connection: Connection, subject_type: str, counties: Sequence[str], limit: int
) -> list[RowMapping]:
    """States of a type in these counties, in the order of their keys."""
    found = select(state).where(state.c.subject_type == subject_type, state.c.county.in_(list(counties)))
    return list(connection.execute(found.order_by(state.c.county, state.c.subject).limit(limit)).mappings())


def disputed_states(connection: Connection, counties: Sequence[str], limit: int) -> list[RowMapping]:
    """States about which a person must decide something, in the order of their keys."""
    where = {"counties": list(counties), "most": limit}
    return list(connection.execute(_DISPUTED, where).mappings())


@cache
def _shared_marks(what: str) -> Select[Any]:
    """As :func:`shared_marks`, with bound ``counties`` and ``most``."""
    table = alias_index if what == "alias" else instrument_index
    mark = {"alias": alias_index.c.key, "label": table.c.get("label"), "twin": table.c.get("twin_key")}[what]
    assert mark is not None  # noqa: S101  the table has the column
    here = func.sum(case((table.c.county.in_(bindparam("counties", expanding=True)), 1), else_=0))
    shared = select(mark.label("mark")).where(mark != "").group_by(mark).having(func.count() > 1, here > 0)
    marks = shared.order_by(mark).limit(bindparam("most")).subquery()
    found = (
        select(state, marks.c.mark)
        .join(table, table.c.instrument_id == state.c.subject)
        .join(marks, marks.c.mark == mark)
        .where(state.c.state.is_not(None))
    )
    return found.order_by(marks.c.mark, state.c.subject)


def shared_marks(connection: Connection, what: str, counties: Sequence[str], limit: int) -> list[RowMapping]:
    """The states of the instruments that have a ``mark`` (``label``, ``alias`` or ``twin``) together, where one of them is in these counties."""
    where = {"counties": list(counties), "most": limit}
    return list(connection.execute(_shared_marks(what), where).mappings())


def instruments_with_aliases(connection: Connection, keys: Sequence[str]) -> list[RowMapping]:
    """The states of the instruments that these codes of others stand for, in whatever counties, each with its code's ``key``."""
    found = select(state, alias_index.c.key).join(
        alias_index,
        (alias_index.c.county == state.c.county) & (alias_index.c.instrument_id == state.c.subject),
    )
    wanted = found.where(alias_index.c.key.in_(list(keys)))
    return list(connection.execute(wanted.order_by(alias_index.c.key, state.c.subject)).mappings())


def instruments_where(
    connection: Connection,
    counties: Sequence[str] | None,
    label: str,
    serial_key: str,
    premises_id: str,
    limit: int,
) -> list[RowMapping]:
    """Instruments by label, serial number or site; ``None`` counties look everywhere (the public page)."""
    found = select(state).join(instrument_index, instrument_index.c.instrument_id == state.c.subject)
    if counties is not None:
        found = found.where(instrument_index.c.county.in_(list(counties)))
    wanted = []
    if label:
        wanted.append(instrument_index.c.label == label)
    if serial_key:
        wanted.append(instrument_index.c.serial_key.startswith(serial_key, autoescape=True))
    if wanted:
        found = found.where(or_(*wanted))
    if premises_id:
        found = found.where(instrument_index.c.premises_id == premises_id)
    return list(connection.execute(found.order_by(instrument_index.c.serial_key).limit(limit)).mappings())
