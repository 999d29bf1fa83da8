"""The points of a plan as the form shows them, and the judgement of what is being typed."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from mobile.workflow.draft import Draft, Field
from shared.clock import local_date
from shared.errors import InputError, Problem
from shared.inspection import Entry, PlannedPoint, PointVerdict, Reading
from shared.metrology.catalogue import Catalogue
from shared.metrology.judges import judge_of
from shared.metrology.measuring import Judge
from shared.quantity import Quantity

_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.(?P<fraction>[0-9]{1,9}))?")
ADDED_DECIMALS = 3


class PointState(StrEnum):
    TO_DO = "to_do"
    DONE = "done"
    CANNOT = "cannot"


class PointView(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the plan with what was answered."""

    key: str
    planned: PlannedPoint
    state: PointState
    indication: str = ""
    """As displayed, decimals kept."""
    entry: Entry | None = None
    added_weights: str = ""
    """In grams."""
    attempts: int = 0
    """Earlier readings that a retest superseded."""
    reason: str = ""
    """Why it can't be done."""
    verdict: PointVerdict | None = None


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement of the field being typed."""

    point: PointView
    field: Field
    text: str
    verdict: PointVerdict | None = None
    """None while there is nothing to judge yet; that of the standing reading on a point that is answered."""
    half_step: Quantity | None = None
    """While small weights are being added to a reading just at the limit: the ½e that decides when it is added at once."""
    problem: Problem | None = None
    """Why the text can't be taken (for example, more decimals than the display has)."""


def view_of(catalogue: Catalogue, draft: Draft, planned: PlannedPoint) -> PointView:
    """A point with its standing reading and that one's judgement."""
    reading = draft.standing(planned.key)
    attempts = draft.attempts(planned.key)
    if reading is None:
        return PointView(key=planned.key, planned=planned, state=PointState.TO_DO, attempts=attempts)
    if reading.indication is None:
        return PointView(
            key=planned.key,
            planned=planned,
            state=PointState.CANNOT,
            attempts=attempts,
            reason=reading.not_done_because,
        )
    return PointView(
        key=planned.key,
        planned=planned,
        state=PointState.DONE,
        indication=str(reading.indication.value),
        entry=reading.entry,
        added_weights=str(reading.added_weights.value) if reading.added_weights else "",
        attempts=attempts,
        verdict=judge_for(catalogue, draft).judge(reading, draft.readings),
    )


def judge_for(catalogue: Catalogue, draft: Draft) -> Judge:
    """Who judges the draft's instrument, on the day that the check was planned."""
    return judge_of(catalogue, draft.facts, local_date(draft.started_at))


def reading_of(
    draft: Draft,
    planned: PlannedPoint,
    entry: Entry,
    read_at: datetime,
    *,
    indication: str = "",
    added: str = "",
    jumped: bool | None = None,
    reason: str = "",
) -> Reading:
    """The next attempt at a point, as it was given."""
    return Reading(
        point=planned.key,
        role=planned.role,
        reference=planned.reference,
        indication=Quantity(Decimal(indication), planned.unit) if indication else None,
        entry=entry,
        added_weights=Quantity(Decimal(added), "g") if added else None,
        jumped=jumped,
        unit_price=planned.unit_price,
        attempt=draft.attempts(planned.key) + 1,
        not_done_because=reason,
        read_at=read_at,
    )


def half_step_of(live: Live | None) -> str:
    """The grams of :attr:`Live.half_step`. Raises InputError ``no_half_step``."""
    if live is None or live.half_step is None:
        raise InputError(
            "no_half_step",
            "Half an interval decides only a reading just at the limit.",
            "Add small weights until the display jumps.",
        )
    return str(live.half_step.value)


def half_step_at(catalogue: Catalogue, draft: Draft, planned: PlannedPoint) -> Quantity | None:
    """The ½e of :attr:`Live.half_step`; None while an indication is being typed, and at the zero."""
    cursor = draft.cursor
    if cursor.field is not Field.ADDED_WEIGHTS or not cursor.indication:
        return None
    return judge_for(catalogue, draft).half_step(planned, Decimal(cursor.indication))


def check_text(planned: PlannedPoint, field: Field, text: str) -> None:
    """Raises InputError ``reading_missing``, ``reading_unreadable`` or ``reading_too_fine``."""
    if not text:
        raise InputError(
            "reading_missing", "There is no reading yet.", "Type what the display shows, or take Same load."
        )
    found = _NUMBER.fullmatch(text)
    if not found:
        raise InputError(
            "reading_unreadable", "{text} is not a number.", "Type the reading again.", text=text
        )
    decimals = planned.decimals if field is Field.INDICATION else ADDED_DECIMALS
    if len(found["fraction"] or "") > decimals:
        raise InputError(
            "reading_too_fine",
            "The display shows {decimals} decimals, not more.",
            "Type the reading just as it is displayed.",
            decimals=decimals,
        )
    if field is Field.ADDED_WEIGHTS and text.startswith("-"):
        raise InputError(
            "added_negative",
            "Weights that were added can't be negative.",
            "Type the weights that were added.",
        )


def judge(catalogue: Catalogue, draft: Draft, point: PointView) -> Live:
    """The judgement of what stands in the field of ``point``."""
    cursor = draft.cursor
    live = Live(
        point=point,
        field=cursor.field,
        text=cursor.text,
        verdict=point.verdict,
        half_step=half_step_at(catalogue, draft, point.planned),
    )
    if not cursor.text:
        return live
    try:
        check_text(point.planned, cursor.field, cursor.text)
    except InputError as error:
        return msgspec.structs.replace(live, problem=error.problem)
    finer = cursor.field is Field.ADDED_WEIGHTS
    typed = Reading(
        point=point.key,
        role=point.planned.role,
        reference=point.planned.reference,
        indication=Quantity(Decimal(cursor.indication if finer else cursor.text), point.planned.unit),
        added_weights=Quantity(Decimal(cursor.text), "g") if finer else None,
        unit_price=point.planned.unit_price,
    )
    verdict = judge_for(catalogue, draft).judge(typed, draft.readings)
    return msgspec.structs.replace(live, verdict=verdict)
