"""Reading and writing which hand-overs were taken in, within one transaction."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, insert, select

from server.store.records import Row
from server.store.tables import handover


def taken(connection: Connection, digest: str) -> RowMapping | None:
    """The hand-over of that digest, if it came before."""
    return connection.execute(select(handover).where(handover.c.digest == digest)).mappings().first()


def keep(connection: Connection, row: Row) -> None:
    """Notes a hand-over."""
    connection.execute(insert(handover).values(row))
