"""Which instruments the codes of others stand for. One code on two instruments is a conflict: both stay bound, and a person must look."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from server.store import records as store
from shared.instrument import Instrument
from shared.records import AliasBound


class AliasHolders:
    """The instruments of each code, over all counties, as they are within one transaction."""

    def __init__(self) -> None:
        self._holders: dict[str, set[str]] = {}

    def bind(self, connection: Connection, bound: AliasBound) -> bool:
        """Binds one more code; whether it stood for another instrument already."""
        if bound.key not in self._holders:
            rows = store.instruments_with_aliases(connection, [bound.key])
            self._holders[bound.key] = {row["instrument_id"] for row in rows}
        holders = self._holders[bound.key]
        holders.add(bound.instrument_id)
        return len(holders) > 1


def alias_rows(instruments: Iterable[Instrument]) -> list[store.Row]:
    """What instruments are looked up by, where codes of others stand for them."""
    return [
        {"key": key, "instrument_id": each.instrument_id, "county": each.county}
        for each in instruments
        for key in each.aliases
    ]
