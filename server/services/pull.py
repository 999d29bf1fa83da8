"""Handing out states: a county's changes in the order of their numbers, with a cursor that can't skip one."""

from __future__ import annotations

import base64
import binascii

import msgspec
from sqlalchemy import Connection

from server.callers import DeviceAccess
from server.store import access as access_store
from server.store import records as store
from server.store.database import Database
from shared.clock import Clock
from shared.errors import AccessError, InputError
from sync.messages import Change, Cursor, Page, Ruling

SCHEMA = 2
"""Grows when states, or what a pack is looked up by, come to mean another thing: packs are built anew then, and phones begin anew.

2: Chinese letters count in a serial number; the newest verification speaks, a failed one too."""
REPAIRS = "repairs"
"""The fact that counts how often the projections were repaired: what phones had pulled before is out of date."""
PAGE = 2000


def write_cursor(cursor: Cursor) -> str:
    """A cursor as opaque text."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(msgspec.structs.astuple(cursor))).decode()


def read_cursor(text: str) -> Cursor:
    """The cursor in ``text``. Raises ``cursor_stale`` for a text that is none."""
    try:
        fields = msgspec.msgpack.decode(base64.urlsafe_b64decode(text))
        return msgspec.convert(dict(zip(Cursor.__struct_fields__, fields, strict=True)), Cursor)
    except (msgspec.DecodeError, binascii.Error, ValueError, TypeError) as error:
        raise stale() from error


def stale() -> InputError:
    """The cursor belongs to another generation, scope, schema or county: the phone fetches the county anew."""
    error = InputError(
        "cursor_stale",
        "The phone's place in the county's changes is out of date.",
        "It fetches them anew by itself.",
    )
    error.status = 410
    return error


def must_read(device: DeviceAccess, county: str) -> None:
    """Raises AccessError ``access_ended`` or ``out_of_scope`` where the phone may not read the county's states."""
    if device.access != "open":
        raise AccessError(
            "access_ended", "This phone may not read any more.", "What is on it can still be sent."
        )
    if county not in device.counties:
        raise AccessError(
            "out_of_scope", "This county is outside the phone's scope.", "Ask the administrator."
        )


def meaning(connection: Connection) -> int:
    """The schema of a cursor: the meaning of the states, and how often they were repaired."""
    return SCHEMA + int(access_store.fact(connection, REPAIRS) or 0)


class Puller:
    """Pages of changes."""

    def __init__(self, database: Database, clock: Clock, generation: str) -> None:
        self._database, self._clock, self._generation = database, clock, generation

    def page(self, device: DeviceAccess, county: str, cursor: str, limit: int = PAGE) -> Page:
        """The next page of a county. Raises AccessError ``out_of_scope``, ``access_ended``; InputError ``cursor_stale``."""
        must_read(device, county)
        limit = max(1, min(limit, PAGE))
        with self._database.reading() as connection:
            start = Cursor(self._generation, device.scope_version, meaning(connection), 0, 0, county)
            at = read_cursor(cursor) if cursor else start
            is_ours = msgspec.structs.replace(at, state_seq=0, ruling_seq=0) == start
            if not is_ours or at.state_seq > store.last_state_seq(connection, county):
                raise stale()
            rows = store.changes(connection, county, at.state_seq, limit + 1)
            later = store.later_rulings(connection, device.device_id, at.ruling_seq, limit)
        more, rows = len(rows) > limit, rows[:limit]
        changes = [Change(*row) for row in rows]
        after = msgspec.structs.replace(
            at,
            state_seq=changes[-1].state_seq if changes else at.state_seq,
            ruling_seq=later[-1]["number"] if later else at.ruling_seq,
        )
        rulings = [msgspec.msgpack.decode(row["ruling"], type=Ruling) for row in later]
        return Page(county, changes, write_cursor(after), more, rulings, self._clock.now())
