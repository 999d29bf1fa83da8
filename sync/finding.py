"""The search segment: what the instruments of one file are found by, in walking order, so that none of them has to be read.

The server puts one into every county pack; the phone makes others, of the rows that it pulled and of packs that have none. A segment is made site
by site and never changes. Instruments have **places** in it, 0 and on; a mask is a byte for each place, 1 where it is meant.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Collection, Iterable
from datetime import date
from functools import cached_property
from itertools import compress

import msgspec

from shared.identity import Identity
from shared.instrument import UseStatus, serial_key
from shared.sought import Word, as_lines, folded

VERSION = 1
"""The shape of :class:`Segment`; a phone makes its own where a pack has none of this shape."""
SEARCH = "CREATE TABLE search (version INTEGER NOT NULL, segment BLOB NOT NULL)"
"""One row: :data:`VERSION` and a :class:`Segment` as msgpack. Only a pack has this table, and an older one not even that."""
SITES = "SELECT DISTINCT premises FROM {schema}.state WHERE premises <> ''"
AT_SITE = """SELECT rowid, state FROM {schema}.state AS standing
    WHERE premises = ? AND premises <> '' AND subject_type = 'instrument' AND rowid > ?
    AND NOT EXISTS (SELECT 1 FROM {schema}.state AS other WHERE other.subject = standing.subject
        AND (other.own > standing.own OR (other.own = standing.own AND other.county < standing.county)))
    ORDER BY rowid LIMIT ?"""
"""The instruments of a site after a row; of a subject with several states the one that is shown."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """The instruments of one file. Whole numbers are four bytes each, the lowest first."""

    rows: bytes
    """By place, the number of the state's row in the file."""
    sites: list[str]
    """Ids of the sites, in the order in which their instruments stand here."""
    firsts: bytes
    """By site, the place of its first instrument."""
    labels: str
    """By place, the label's code; a line each (:func:`shared.sought.as_lines`)."""
    serials: str
    words: str
    """Every stall and manufacturer once."""
    holders: bytes
    """Places of the instruments with the first word, then with the second, ..."""
    ends: bytes
    """By word, how many of ``holders`` belong to it and those before."""
    due: bytes
    """By place, the last day on which the verification holds, counted from the year 1; 0 where there is none or the instrument isn't in use."""


class _Verification(msgspec.Struct):
    valid_until: date | None = None


class Entry(msgspec.Struct):
    """What of an instrument's state goes into a segment."""

    label: str = ""
    serial_number: str = ""
    stall: str = ""
    manufacturer: str = ""
    use_status: str = UseStatus.IN_USE
    verification: _Verification | None = None
    continued_by: Identity | None = None
    row: int = 0


_entry = msgspec.json.Decoder(Entry)


def entry_of(row: int, state: bytes) -> Entry | None:
    """None for an entry that turned out to be another one's, and for the words of a newer server."""
    try:
        entry = _entry.decode(state)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return None
    entry.row = row
    return None if entry.continued_by else entry


class SegmentMaker:
    """Makes a segment; the sites come in the order in which somebody walks from one to the next."""

    def __init__(self) -> None:
        self._rows, self._due = array("I"), array("I")
        self._sites: list[str] = []
        self._firsts = array("I")
        self._labels: list[str] = []
        self._serials: list[str] = []
        self._words: dict[str, array[int]] = {}

    def add(self, premises_id: str, entries: Iterable[Entry]) -> None:
        """All instruments of one site."""
        self._sites.append(premises_id)
        self._firsts.append(len(self._rows))
        for each in sorted(entries, key=lambda one: (not one.stall, one.stall, one.serial_number)):
            place = len(self._rows)
            self._rows.append(each.row)
            until = each.verification.valid_until if each.verification else None
            self._due.append(until.toordinal() if until and each.use_status == UseStatus.IN_USE else 0)
            self._labels.append(serial_key(each.label))
            self._serials.append(serial_key(folded(each.serial_number)))
            for word in {folded(each.stall), folded(each.manufacturer)} - {""}:
                held = self._words.get(word)
                if held is None:
                    held = self._words[word] = array("I")
                held.append(place)

    def made(self) -> Segment:
        holders, ends = array("I"), array("I")
        for held in self._words.values():
            holders.extend(held)
            ends.append(len(holders))
        return Segment(
            rows=as_bytes(self._rows),
            sites=self._sites,
            firsts=as_bytes(self._firsts),
            labels=as_lines(self._labels),
            serials=as_lines(self._serials),
            words=as_lines(list(self._words)),
            holders=as_bytes(holders),
            ends=as_bytes(ends),
            due=as_bytes(self._due),
        )


class Opened:
    """A segment to search in."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self.rows = numbers(segment.rows)
        self._firsts = numbers(segment.firsts)
        self._holders = numbers(segment.holders)
        self._ends = numbers(segment.ends)
        self._due: dict[tuple[int, int], bytes] = {}

    @cached_property
    def due(self) -> array[int]:
        return numbers(self._segment.due)

    def mask(self, word: Word, sites: Collection[str]) -> bytearray:
        """Those that have the word, or stand at one of the sites that have it."""
        segment, found = self._segment, bytearray(len(self.rows))
        for number in word.lines(segment.words):
            start = self._ends[number - 1] if number else 0
            for place in self._holders[start : self._ends[number]]:
                found[place] = 1
        for place in word.begun_lines(segment.labels):
            found[place] = 1
        for place in word.inner_lines(segment.serials):
            found[place] = 1
        if sites:
            for at, site in enumerate(segment.sites):
                if site in sites:
                    first, end = self._firsts[at], self._end_of_site(at)
                    found[first:end] = b"\x01" * (end - first)
        return found

    def due_between(self, first: date, last: date) -> bytes:
        """Those whose verification ends on one of these days; asked once for the same days."""
        days = first.toordinal(), last.toordinal()
        if days not in self._due:
            low, high = days
            self._due[days] = bytes([low <= day <= high for day in self.due])
        return self._due[days]

    def without(self, rows: Collection[int]) -> bytes:
        """All but those of these rows."""
        return bytes([row not in rows for row in self.rows])

    def rows_with(self, masks: list[bytes | bytearray]) -> array[int]:
        """Rows of those that every mask means, in walking order."""
        if not masks:
            return self.rows
        common = int.from_bytes(masks[0], "little")
        for mask in masks[1:]:
            common &= int.from_bytes(mask, "little")
        return array("I", compress(self.rows, common.to_bytes(len(self.rows), "little")))

    def _end_of_site(self, at: int) -> int:
        return self._firsts[at + 1] if at + 1 < len(self._firsts) else len(self.rows)


def numbers(content: bytes) -> array[int]:
    """Whole numbers of four bytes each."""
    found = array("I", content)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def as_bytes(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()
