"""What may stand on one instrument alone: a label's code, a code of others, a serial number of one kind and maker.

One mark on two instruments is a conflict, over all counties: both keep it, the record that came second is told, and the office decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection

from server.services.projecting import State
from server.services.rows import twin_key
from server.services.settling import Find, following
from server.store import records as store
from shared.errors import Problem
from shared.instrument import Instrument
from shared.records import AliasBound
from sync.intake import alias_disputed, label_disputed, serial_twice

E = TypeVar("E")
Mark = tuple[str, str]
"""What it is (``label``, ``alias``, ``twin``) and what it says."""
PROBLEMS = {"label": label_disputed, "alias": alias_disputed, "twin": serial_twice}


def marks_of(instrument: Instrument) -> set[Mark]:
    """The marks on an instrument."""
    marks = {("label", instrument.label), ("twin", twin_key(instrument))}
    return {mark for mark in marks if mark[1]} | {("alias", key) for key in instrument.aliases}


def has_marks_of(one: Instrument, other: Instrument) -> bool:
    """Whether nothing differs that marks are worked out of; a check, which is what most records are, changes none."""
    return (
        one.label == other.label
        and one.serial_number == other.serial_number
        and one.manufacturer == other.manufacturer
        and one.aliases == other.aliases
        and one.shares_serial == other.shares_serial
        and one.continued_by == other.continued_by
    )


class Change(NamedTuple, Generic[E]):
    """What one record did to an instrument's marks."""

    entry: E
    instrument: str
    lost: set[Mark]
    new: set[Mark]


class Marks(Generic[E]):
    """What the records of one transaction, each an ``E``, change of the marks on instruments."""

    def __init__(self) -> None:
        self._changes: list[Change[E]] = []

    def note(self, entry: E, states: Mapping[str, State], payload: msgspec.Struct, find: Find) -> None:
        """Notes what a record changes; ``find`` gives the states before it. Whether that is a conflict is looked up in the end."""
        for after in states.values():
            before = find(after.instrument_id) if isinstance(after, Instrument) else None
            if not isinstance(after, Instrument):
                continue
            if not isinstance(before, Instrument):
                self._changes.append(Change(entry, after.instrument_id, set(), marks_of(after)))
            elif not has_marks_of(before, after):
                then, now = marks_of(before), marks_of(after)
                self._changes.append(Change(entry, after.instrument_id, then - now, now - then))
        if isinstance(payload, AliasBound) and not states:
            # Bound once more it changes nothing, and its author must be told of a conflict all the same.
            known = following(find, payload.instrument_id)
            if isinstance(known, Instrument):
                self._changes.append(Change(entry, known.instrument_id, set(), {("alias", payload.key)}))

    @property
    def names(self) -> set[str]:
        """What to make sure of before the marks are looked up: of two counties that each take a mark off one instrument, the later must see that a third has it alone."""
        return {f"{what}:{said}" for change in self._changes for what, said in change.new | change.lost}

    @property
    def unbound(self) -> set[str]:
        """Instruments for which a code of others stands no longer."""
        return {
            each.instrument for each in self._changes if any(what == "alias" for what, _said in each.lost)
        }

    def loosened(self, connection: Connection) -> set[str]:
        """The instruments that lost a mark, and those on which it still stands."""
        lost = [change for change in self._changes if change.lost]
        marks = {mark for change in lost for mark in change.lost}
        return {change.instrument for change in lost}.union(*store.marked(connection, marks).values())

    def disputes(self, connection: Connection) -> Iterator[tuple[E, Problem]]:
        """The records that put a mark on a second instrument, in the order of the ledger.

        The caller has made sure of :attr:`names`: nobody else gives these marks away meanwhile.
        """
        holders = store.marked(connection, {mark for change in self._changes for mark in change.new})
        for change in self._changes:
            for mark in change.lost & holders.keys():
                holders[mark].discard(change.instrument)
            clashes = [mark for mark in sorted(change.new) if holders[mark] - {change.instrument}]
            for mark in change.new:
                holders[mark].add(change.instrument)
            if clashes:
                yield change.entry, PROBLEMS[clashes[0][0]]()


def alias_rows(instruments: Iterable[Instrument]) -> list[store.Row]:
    """What instruments are looked up by, where codes of others stand for them."""
    return [
        {"key": key, "instrument_id": each.instrument_id, "county": each.county}
        for each in instruments
        for key in each.aliases
    ]
