"""Finding as it is meant to be: a plain look at every instrument that the phone knows, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec

from mobile.store.work import WorkStore
from mobile.workflow.ports import Wanted
from shared.initial_letters import BEGINS_AT, FIRST, OTHERS
from shared.instrument import Instrument, UseStatus, serial_key
from shared.sought import folded, words_of


async def found_by(
    store: WorkStore, text: str, due: tuple[date, date] | None = None, among: frozenset[str] | None = None
) -> list[Instrument]:
    """What the finder finds, in its order."""
    await store.finder.ready(lambda: None)
    hits = await store.finder.find(Wanted(words_of(text), due, among), lambda: False)
    assert hits
    found = [one for one in await hits.window(0, hits.total) if one]
    assert len(found) == hits.total, "something is counted that has gone"
    return found


def stands_for(typed: str, sign: str) -> bool:
    """Whether a typed sign stands for one of a text."""
    at = ord(sign) - BEGINS_AT
    first = FIRST[at] if 0 <= at < len(FIRST) else "-"
    return typed == sign or ("A" <= typed <= "Z" and (typed == first or sign in OTHERS.get(typed, "")))


def reads(typed: str, text: str) -> bool:
    """Whether the typed signs stand for neighbouring ones of a text."""
    return any(
        all(stands_for(one, other) for one, other in zip(typed, text[start:], strict=False))
        for start in range(len(text) - len(typed) + 1)
    )


@dataclass(frozen=True)
class Scan:
    """One instrument with its site's words, to be looked at plainly."""

    instrument: Instrument
    site: tuple[str, ...]

    def has(self, word: str) -> bool:
        """A word as it was typed, without spaces."""
        typed, key = folded(word), serial_key(folded(word))
        one = self.instrument
        serial = serial_key(folded(one.serial_number))
        return (
            any(reads(typed, folded(text)) for text in (one.stall, one.manufacturer, *self.site))
            or (bool(key) and (serial.startswith(key) or one.label.startswith(key)))
            or (len(key) >= 3 and key in serial)
        )

    def is_due(self, due: tuple[date, date]) -> bool:
        until = self.instrument.verification.valid_until if self.instrument.verification else None
        return bool(until and due[0] <= until <= due[1]) and self.instrument.use_status is UseStatus.IN_USE


async def scanned(
    store: WorkStore, text: str, due: tuple[date, date] | None = None, among: frozenset[str] | None = None
) -> set[str]:
    """Ids of the instruments that a plain scan of the view ``known`` finds."""
    subjects = store.database.execute(
        "SELECT DISTINCT subject FROM known WHERE subject_type = 'instrument'"
    ).fetchall()
    found = set()
    for (subject,) in subjects:
        one = await store.registry.instrument(subject)
        if one is None or one.continued_by:
            continue
        site = await store.registry.premises(one.premises_id)
        scan = Scan(one, (site.name, site.address) if site else ())
        if (
            all(scan.has(word) for word in text.split())
            and (due is None or scan.is_due(due))
            and (among is None or one.instrument_id in among)
        ):
            found.add(one.instrument_id)
    return found


def changed(instrument: Instrument, **fields: object) -> Instrument:
    """The instrument's next version."""
    return msgspec.structs.replace(instrument, version=instrument.version + 1, **fields)
