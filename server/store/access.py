"""People, phones, keys, sessions: reading and writing what says who may do what.

The statements of every request are built once, here and in the modules beside: building one takes longer than running it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Select, bindparam, delete, insert, select, update

from server.callers import DeviceAccess, PersonAccess
from server.store.tables import about, audit, author_key, device, enrolment_code, person, session
from sync.intake import KnownAuthor

_FACT = select(about.c.value).where(about.c.name == bindparam("name"))
_AUTHORS = (
    select(author_key, person.c.counties, person.c.active, person.c.role)
    .join(person)
    .where(author_key.c.key_id.in_(bindparam("keys", expanding=True)))
)
_PEOPLE = select(person).order_by(person.c.name)
_CHANGE_DEVICE = update(device).where(device.c.device_id == bindparam("of_device"))
_NOTE = insert(audit)


@cache
def _by(column: Column[Any]) -> Select[Any]:
    """Finds the rows of the column's table that have ``value`` there."""
    return select(column.table).where(column == bindparam("value"))


def device_of(row: RowMapping) -> DeviceAccess:
    """A device's row as its struct."""
    fields: dict[str, Any] = {name: row[name] for name in DeviceAccess.__struct_fields__}
    return DeviceAccess(**{**fields, "counties": json.loads(fields["counties"])})


def person_of(row: RowMapping) -> PersonAccess:
    """A person's row as its struct."""
    fields: dict[str, Any] = {name: row[name] for name in PersonAccess.__struct_fields__}
    return PersonAccess(**{**fields, "counties": json.loads(fields["counties"])})


def fact(connection: Connection, name: str) -> str:
    """A fact on this store, or empty."""
    return connection.execute(_FACT, {"name": name}).scalar() or ""


def set_fact(connection: Connection, name: str, value: str) -> None:
    """Writes a fact on this store."""
    connection.execute(delete(about).where(about.c.name == name))
    connection.execute(insert(about).values(name=name, value=value))


def settled_fact(connection: Connection, name: str, make: Callable[[], str]) -> str:
    """The fact as it stands, made where there is none yet."""
    if not fact(connection, name):
        set_fact(connection, name, make())
    return fact(connection, name)


def known_authors(connection: Connection, keys: Sequence[str]) -> dict[str, KnownAuthor]:
    """The authors of these keys, with what they may write."""
    rows = connection.execute(_AUTHORS, {"keys": list(keys)}).mappings()
    return {
        row["key_id"]: KnownAuthor(
            row["person_id"],
            row["device_id"],
            frozenset(json.loads(row["counties"])),
            row["public_key"],
            row["revoked"] or not row["active"],
            role=row["role"],
        )
        for row in rows
    }


def author_keys(connection: Connection, key_id: str) -> RowMapping | None:
    """One author's key."""
    return connection.execute(select(author_key).where(author_key.c.key_id == key_id)).mappings().first()


def public_keys(connection: Connection) -> dict[str, bytes]:
    """Every author's public key by its id, revoked ones too."""
    rows = connection.execute(select(author_key.c.key_id, author_key.c.public_key))
    return {row.key_id: row.public_key for row in rows}


def add_author_key(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(insert(author_key).values(**row))


def person_by(connection: Connection, **where: str) -> RowMapping | None:
    """The person whose column has this value."""
    ((column, value),) = where.items()
    return connection.execute(_by(person.c[column]), {"value": value}).mappings().first()


def people(connection: Connection) -> list[PersonAccess]:
    """Everybody on the books, by name."""
    return [person_of(row) for row in connection.execute(_PEOPLE).mappings()]


def add_person(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(insert(person).values(**row))


def change_person(connection: Connection, person_id: str, **values: Any) -> None:
    connection.execute(update(person).where(person.c.person_id == person_id).values(**values))


def device_by(connection: Connection, **where: str) -> RowMapping | None:
    """The device whose column has this value."""
    ((column, value),) = where.items()
    return connection.execute(_by(device.c[column]), {"value": value}).mappings().first()


def devices(connection: Connection) -> list[RowMapping]:
    """Every phone with its person, the last enrolled first."""
    found = select(device, person.c.name.label("person_name"), person.c.login).join(person)
    return list(connection.execute(found.order_by(device.c.enrolled_at.desc())).mappings())


def add_device(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(insert(device).values(**row))


def change_device(connection: Connection, device_id: str, **values: Any) -> None:
    connection.execute(_CHANGE_DEVICE, {"of_device": device_id, **values})


def code_by_hash(connection: Connection, code_hash: str) -> RowMapping | None:
    """An enrolment code."""
    return (
        connection.execute(select(enrolment_code).where(enrolment_code.c.code_hash == code_hash))
        .mappings()
        .first()
    )


def add_code(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(insert(enrolment_code).values(**row))


def use_code(connection: Connection, code_hash: str, device_id: str) -> bool:
    """Marks a code as used; False if it was used meanwhile."""
    done = connection.execute(
        update(enrolment_code)
        .where(enrolment_code.c.code_hash == code_hash, enrolment_code.c.device_id == "")
        .values(device_id=device_id)
    )
    return done.rowcount == 1


def session_by_hash(connection: Connection, token_hash: str) -> RowMapping | None:
    """A session with its person."""
    found = select(session.c.csrf, session.c.expires_at, person).join(person)
    return connection.execute(found.where(session.c.token_hash == token_hash)).mappings().first()


def add_session(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(insert(session).values(**row))


def drop_session(connection: Connection, token_hash: str) -> None:
    connection.execute(delete(session).where(session.c.token_hash == token_hash))


def note(connection: Connection, at: str, person_id: str, action: str, subject: str, details: str) -> None:
    """One line of the audit trail."""
    row = {"at": at, "person_id": person_id, "action": action, "subject": subject, "details": details}
    connection.execute(_NOTE, row)


def notes(connection: Connection, limit: int) -> list[RowMapping]:
    """The audit trail, the newest first."""
    return list(connection.execute(select(audit).order_by(audit.c.number.desc()).limit(limit)).mappings())
