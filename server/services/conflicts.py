"""What is at odds in a person's counties, side by side, and deciding it: each decision is a record that flows back to the phones."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from server.services.journal import Line, line_of
from server.services.office_records import OfficeEntry, OfficeRecords
from server.services.registry import decoded
from server.store import access, reading
from server.store import records as store
from server.store.database import Database
from shared.amending import disputed, given_by, value_of
from shared.errors import InputError
from shared.instrument import Attention, Instrument, LabelTrouble
from shared.lot import Lot
from shared.premises import Premises
from shared.records import Conflict, ConflictResolved, InstrumentsMerged
from shared.verification import StickerBlock
from sync.envelope import Basis

ROWS = 200
NEWEST = 3
"""How many records stand beside an instrument that shares a mark."""
MERGE = "merge"
FINDINGS = "findings"
"""Two findings that contradict each other: the next check or a verification decides, no word of the office."""
MARKS = {"label": Conflict.LABEL, "alias": Conflict.ALIAS, "twin": Conflict.SERIAL}
STICKERS = "sticker_twice"
"""One sticker number on two instruments: a new one on either of them settles it."""
Subject = Instrument | Premises | Lot


class Side(msgspec.Struct, frozen=True):
    """One of the values of a field, or one of the instruments that a mark stands on."""

    subject: Subject
    value: str
    records: list[str]
    """Ids of the records that gave the value; none where it stands as registered."""
    lines: list[Line]
    """Those records, or of an instrument the newest about it: who, and when."""


class OpenConflict(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person must decide."""

    conflict: str
    """A value of :class:`~shared.records.Conflict`, or ``findings``."""
    field: str = ""
    sides: list[Side]
    """Of a disputed field the value in force first."""

    @property
    def mergeable(self) -> bool:
        """Whether the instruments may be made one entry: a record has one county."""
        return len({side.subject.county for side in self.sides}) == 1


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decided, on what they saw."""

    conflict: str
    """A value of :class:`~shared.records.Conflict`, or ``merge``."""
    subject: str
    version: int = 0
    """Of the subject, as it was shown."""
    field: str = ""
    value: str = ""
    settles: list[str] = []
    """The records that were shown."""
    merged: list[str] = []
    """Instruments that ``subject`` continues."""
    reason: str


class Conflicts:
    """Lists and decides what is at odds."""

    def __init__(self, database: Database, office: OfficeRecords) -> None:
        self._database, self._office = database, office

    def open(self, counties: Sequence[str]) -> list[OpenConflict]:
        """Everything that is at odds where a subject is in these counties, a few hundred at most."""
        with self._database.reading() as connection:
            states = [decoded(row) for row in reading.disputed_states(connection, counties, ROWS)]
            found = [one for state in states for one in self._within(connection, state)]
            for what, conflict in MARKS.items():
                found += self._marked(connection, what, conflict, counties)
        return found

    def _within(self, connection: Connection, state: Subject | StickerBlock) -> list[OpenConflict]:
        """The conflicts within one subject."""
        if isinstance(state, StickerBlock):
            return [self._sticker(connection, state, number) for number in state.twice]
        if isinstance(state, Lot):
            ids = [each.record_id for each in state.findings]
            return [
                OpenConflict(
                    conflict=FINDINGS, sides=[Side(state, state.batch_no, [], lines(connection, ids))]
                )
            ]
        found = []
        for field in dict.fromkeys(each.field for each in state.disputes):
            claims = [(value_of(state, field), given_by(state, field))]
            claims += [(each.value, each.records) for each in disputed(state, field)]
            sides = [Side(state, value, ids, lines(connection, ids)) for value, ids in claims]
            found.append(OpenConflict(conflict=Conflict.FIELD.value, field=field, sides=sides))
        if isinstance(state, Instrument) and state.label_trouble is LabelTrouble.SWAPPED:
            ids = [state.label_voided_by] if state.label_voided_by else []
            side = Side(state, state.label, ids, lines(connection, ids))
            found.append(OpenConflict(conflict=Conflict.SWAPPED.value, sides=[side]))
        if isinstance(state, Instrument) and state.attention is Attention.RECHECK:
            ids = [each.record_id for each in state.inspections]
            side = Side(state, state.serial_number, [], lines(connection, ids))
            found.append(OpenConflict(conflict=FINDINGS, sides=[side]))
        return found

    def _sticker(self, connection: Connection, block: StickerBlock, number: int) -> OpenConflict:
        """One number and the instruments that bear it."""
        sides = []
        for row in store.every_state(connection, block.used[number]):
            instrument = decoded(row) if row["state"] is not None else None
            if isinstance(instrument, Instrument):
                about = reading.records_about(connection, instrument.instrument_id)
                shown = [line_of(row) for row in about[:NEWEST]]
                sides.append(Side(instrument, block.sticker(number).text, [], shown))
        return OpenConflict(conflict=STICKERS, sides=sides)

    def _marked(
        self, connection: Connection, what: str, conflict: Conflict, counties: Sequence[str]
    ) -> list[OpenConflict]:
        """Marks of a sort that stand on several instruments, one of them in these counties at least."""
        holders: dict[str, list[Instrument]] = {}
        for row in reading.shared_marks(connection, what, counties, ROWS):
            holders.setdefault(row["mark"], []).append(decoded(row))
        found = []
        for mark, instruments in holders.items():
            values = [each.serial_number if conflict is Conflict.SERIAL else mark for each in instruments]
            sides = []
            for instrument, value in zip(instruments, values, strict=True):
                about = reading.records_about(connection, instrument.instrument_id)
                sides.append(Side(instrument, value, [], [line_of(row) for row in about[:NEWEST]]))
            found.append(OpenConflict(conflict=conflict.value, sides=sides))
        return found

    def decide(self, person_id: str, counties: Sequence[str], decision: Decision) -> None:
        """Writes the decision for a person of these counties, and a line of the audit trail.

        Raises InputError ``reason_missing``, ``conflict_unknown``; ConflictError ``office_record_refused``.
        """
        if not decision.reason.strip():
            raise InputError("reason_missing", "The reason is missing.", "Say why, in a few words.")
        county = self._county(decision.subject, counties)
        if any(self._county(other, counties) != county for other in decision.merged):
            raise conflict_unknown()
        basis = [Basis(decision.subject, decision.version)]
        entries = [
            OfficeEntry(kind=kind, county=county, subjects=subjects, payload=payload, basis=basis)
            for kind, subjects, payload in records_of(decision)
        ]
        said = ("conflict", "field", "value", "reason")
        details = json.dumps({name: str(getattr(decision, name)) for name in said}, ensure_ascii=False)

        def note(connection: Connection, now: str) -> None:
            access.note(connection, now, person_id, "conflict_resolved", decision.subject, details)

        self._office.write(person_id, entries, note)

    def _county(self, subject: str, counties: Sequence[str]) -> str:
        with self._database.reading() as connection:
            row = reading.state_of(connection, subject)
        if row is None or row["county"] not in counties:
            raise conflict_unknown()
        return str(row["county"])


def lines(connection: Connection, record_ids: Sequence[str]) -> list[Line]:
    """These records as lines, in the order given."""
    rows = [reading.record(connection, each) for each in record_ids]
    return [line_of(row) for row in rows if row is not None]


def records_of(decision: Decision) -> list[tuple[str, list[str], ConflictResolved | InstrumentsMerged]]:
    """The kind, the subjects and the payload of each record that says the decision."""
    if decision.conflict != MERGE:
        return [("conflict.resolved", [decision.subject], resolution(decision))]
    if not decision.merged:
        raise conflict_unknown()
    reason = decision.reason.strip()
    return [
        (
            "instruments.merged",
            [decision.subject, other],
            InstrumentsMerged(continues=decision.subject, merged=other, reason=reason),
        )
        for other in decision.merged
    ]


def resolution(decision: Decision) -> ConflictResolved:
    """The decision as a record's payload. Raises InputError ``conflict_unknown``."""
    try:
        return ConflictResolved(
            subject=decision.subject,
            conflict=Conflict(decision.conflict),
            field=decision.field,
            value=decision.value.strip(),
            settles=decision.settles,
            reason=decision.reason.strip(),
        )
    except ValueError as error:
        raise conflict_unknown() from error


def conflict_unknown() -> InputError:
    """What was to be decided is not there, or can't be decided so."""
    return InputError(
        "conflict_unknown", "Nothing is in conflict there, or not so.", "Look at the list of conflicts again."
    )
