"""Corrections, the office's decisions on conflicts, and one instrument that was registered twice: what they make of states."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from shared.amending import amend, put, value_of, with_disputes_of
from shared.errors import Problem
from shared.instrument import Attention, Instrument, LabelTrouble
from shared.premises import Premises
from shared.records import Conflict, ConflictResolved, InstrumentAmended, InstrumentsMerged, PremisesAmended
from shared.verification import last_suspected, last_verified
from sync.envelope import Envelope
from sync.intake import field_disputed, subject_merged

if TYPE_CHECKING:
    from server.services.projecting import State

Find = Callable[[str], "State | None"]
S = TypeVar("S", Instrument, Premises)
KEPT_INSPECTIONS = 5
GRAVEST = [Attention.NONE, Attention.RECHECK, Attention.SUSPECTED_OVER_LIMIT, Attention.SUSPECTED_CHEATING]


def following(find: Find, instrument_id: str) -> State | None:
    """An instrument, or the one that continues it."""
    found = find(instrument_id)
    while isinstance(found, Instrument) and found.continued_by:
        found = find(found.continued_by)
    return found


def newer(before: S, after: S) -> S:
    """The state with the next version."""
    return msgspec.structs.replace(after, version=before.version + 1)


def instrument_amended(
    envelope: Envelope, payload: InstrumentAmended, find: Find
) -> tuple[Instrument | None, Problem | None]:
    """The instrument as corrected, and why a person must look if one must."""
    before = following(find, payload.instrument_id)
    if not isinstance(before, Instrument):
        return None, None
    after, clashes = amend(before, payload.changes, envelope.record_id)
    after = newer(before, in_its_township(after, find))
    if before.serial_number != after.serial_number:
        after = msgspec.structs.replace(after, shares_serial=False)
    if before.instrument_id != payload.instrument_id:
        return after, subject_merged()
    return after, field_disputed() if clashes else None


def premises_amended(
    envelope: Envelope, payload: PremisesAmended, find: Find
) -> tuple[Premises | None, Problem | None]:
    """The site as corrected, and why a person must look if one must."""
    before = find(payload.premises_id)
    if not isinstance(before, Premises):
        return None, None
    after, clashes = amend(before, payload.changes, envelope.record_id)
    return newer(before, after), field_disputed() if clashes else None


def registered_anew(envelope: Envelope, before: S, fields: dict[str, Any]) -> tuple[S, Problem | None]:
    """A subject that is registered once more: what was corrected meanwhile is disputed, not lost."""
    registered = {name: value for name, value in fields.items() if name not in before.amended}
    after = msgspec.structs.replace(before, **registered)
    # That a site is closed is nothing that a registration speaks of.
    corrected = [name for name in before.amended if name in fields]
    for name in corrected:
        after = put(after, name, str(fields[name]), envelope.record_id, ())
    clashes = any(str(fields[name]) != value_of(after, name) for name in corrected)
    return newer(before, after), field_disputed() if clashes else None


def in_its_township(instrument: Instrument, find: Find) -> Instrument:
    """The instrument in the township of its site."""
    site = find(instrument.premises_id)
    if not isinstance(site, Premises) or site.township == instrument.township:
        return instrument
    return msgspec.structs.replace(instrument, township=site.township)


def resolved(envelope: Envelope, payload: ConflictResolved, find: Find) -> State | None:
    """The subject as the office decided; None where nothing of the conflict is left."""
    before = find(payload.subject)
    if payload.conflict is Conflict.FIELD and isinstance(before, Instrument | Premises):
        after = put(before, payload.field, payload.value, envelope.record_id, payload.settles, True)
        settled = msgspec.structs.replace(after, version=before.version + 1)
        return in_its_township(settled, find) if isinstance(settled, Instrument) else settled
    if not isinstance(before, Instrument):
        return None
    match payload.conflict:
        case Conflict.LABEL if before.label == payload.value:
            return newer(before, with_label(before, "", LabelTrouble.NONE, None))
        case Conflict.SWAPPED if before.label == payload.value and before.label_voided_by in payload.settles:
            return newer(before, with_label(before, before.label, LabelTrouble.NONE, None))
        case Conflict.ALIAS if payload.value in before.aliases:
            left = [each for each in before.aliases if each != payload.value]
            return newer(before, msgspec.structs.replace(before, aliases=left))
        case Conflict.SERIAL if before.serial_number == payload.value:
            return newer(before, msgspec.structs.replace(before, shares_serial=True))
    return None


def with_label(
    instrument: Instrument, label: str, trouble: LabelTrouble, voided_by: str | None
) -> Instrument:
    """The instrument with this label, and what is the matter with it."""
    return msgspec.structs.replace(instrument, label=label, label_trouble=trouble, label_voided_by=voided_by)


def merged(payload: InstrumentsMerged, find: Find) -> dict[str, State]:
    """Both entries: the one that goes on takes over what the other has more, what is disputed of it too, and the other points to it."""
    one, other = following(find, payload.continues), following(find, payload.merged)
    if not isinstance(one, Instrument) or not isinstance(other, Instrument):
        return {}
    if one.instrument_id == other.instrument_id:
        return {}
    # Of a pass and a failure of one day the failure stands, whichever entry goes on.
    newest = max((one, other), key=lambda each: (last_verified(each) or date.min, each.failed_on is not None))
    suspected = [day for day in (last_suspected(one), last_suspected(other)) if day]
    # Each list keeps the order of the ledger; of the two, what was observed later is the newer.
    inspections = heapq.merge(
        one.inspections, other.inspections, key=lambda each: each.observed_at, reverse=True
    )
    labelled = one if one.label else other
    goes_on = msgspec.structs.replace(
        with_label(
            with_disputes_of(one, other),
            labelled.label,
            labelled.label_trouble,
            labelled.label_voided_by,
        ),
        aliases=list(dict.fromkeys([*one.aliases, *other.aliases])),
        verification=newest.verification,
        failed_on=newest.failed_on,
        failed_by=newest.failed_by,
        attention=max(one.attention, other.attention, key=GRAVEST.index),
        suspected_on=max(suspected, default=None),
        inspections=list(inspections)[:KEPT_INSPECTIONS],
    )
    left = other
    if goes_on.label == other.label:
        left = with_label(other, "", LabelTrouble.NONE, None)
    points = msgspec.structs.replace(
        left,
        aliases=[],
        disputes=[],
        continued_by=one.instrument_id,
    )
    return {one.instrument_id: newer(one, goes_on), other.instrument_id: newer(other, points)}
