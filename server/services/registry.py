"""What is registered: instruments, sites, standards, by whatever they are looked up."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import RowMapping

from server.services.projecting import STATE_TYPES
from server.store import reading
from server.store.database import Database
from shared.errors import InputError
from shared.foreign_label import read_foreign
from shared.instrument import Instrument, serial_key
from shared.label import typed_code
from shared.premises import Premises

ROWS = 200
SITE_ROWS = 5000
"""More than stand at any site: a sheet of labels leaves none out."""
T = TypeVar("T")


def decoded(row: RowMapping) -> Any:
    """A row of the states as its struct."""
    return msgspec.json.decode(row["state"], type=STATE_TYPES[row["subject_type"]])


class Registry:
    """Reads the states for the pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, subject: str, state_type: type[T]) -> T | None:
        """A subject's state, if it is of that type."""
        with self._database.reading() as connection:
            row = reading.state_of(connection, subject)
        state = decoded(row) if row and row["state"] is not None else None
        return state if isinstance(state, state_type) else None

    def instrument(self, instrument_id: str) -> Instrument:
        """The instrument. Raises InputError ``instrument_unknown`` (404)."""
        found = self.find(instrument_id, Instrument)
        if found is None:
            error = InputError(
                "instrument_unknown", "No such instrument is registered.", "Search by label or serial number."
            )
            error.status = 404
            raise error
        return found

    def premises(self, premises_id: str) -> Premises | None:
        """The site, if it is known."""
        return self.find(premises_id, Premises)

    def by_label(self, code: str) -> Instrument | None:
        """The instrument with that label, in whatever county."""
        if not code:
            return None
        with self._database.reading() as connection:
            rows = reading.instruments_where(connection, None, code, "", "", 1)
        return self.continuing(decoded(rows[0])) if rows else None

    def continuing(self, instrument: Instrument) -> Instrument:
        """The instrument, or the one that it turned out to be."""
        while instrument.continued_by:
            instrument = self.instrument(instrument.continued_by)
        return instrument

    def bound_to(self, keys: Sequence[str]) -> dict[str, list[Instrument]]:
        """The instruments that each of these codes of others stands for, in whatever county."""
        with self._database.reading() as connection:
            rows = reading.instruments_with_aliases(connection, keys)
        found: dict[str, list[Instrument]] = {}
        for row in rows:
            found.setdefault(row["key"], []).append(decoded(row))
        return found

    def search(self, counties: Sequence[str], text: str) -> list[Instrument]:
        """By a label's code, by how a serial number begins, or by the text of a code of others; two hundred at most."""
        label = ""
        # What is no label's code may be the beginning of a serial number.
        with contextlib.suppress(InputError):
            label = typed_code(text)
        key = serial_key(text)
        if not key:
            return []
        alias = read_foreign(text).key
        with self._database.reading() as connection:
            rows = reading.instruments_where(connection, counties, label, key, "", ROWS)
        found = [each for each in self.bound_to([alias]).get(alias, []) if each.county in counties]
        seen = {each.instrument_id for each in found}
        more = [each for each in map(decoded, rows) if each.instrument_id not in seen]
        return found + [each for each in more if not each.continued_by]

    def at(self, premises_id: str) -> list[Instrument]:
        """A site's instruments."""
        with self._database.reading() as connection:
            rows = reading.instruments_where(connection, None, "", "", premises_id, SITE_ROWS)
        return [each for each in map(decoded, rows) if not each.continued_by]

    def all(self, state_type: str, counties: Sequence[str], limit: int = ROWS) -> list[Any]:
        """States of a type (``instrument``, ``premises``, ``campaign``, ``standard``) in these counties."""
        with self._database.reading() as connection:
            rows = reading.states_of(connection, state_type, counties, limit)
        return [decoded(row) for row in rows if row["state"] is not None]
