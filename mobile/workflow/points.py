"""The points of a plan as the form shows them, and the judgement of what is being typed."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum

import msgspec

from mobile.workflow.draft import Draft, Field
from shared.errors import InputError, Problem
from shared.inspection import Entry, PlannedPoint, PointVerdict
from shared.metrology.catalogue import Catalogue
from shared.metrology.spot_check import judge_point, judge_reading, measured_zero

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
        verdict=judge_reading(catalogue, draft.facts, reading, measured_zero(draft.facts, draft.readings)),
    )


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
    live = Live(point=point, field=cursor.field, text=cursor.text, verdict=point.verdict)
    if not cursor.text:
        return live
    try:
        check_text(point.planned, cursor.field, cursor.text)
    except InputError as error:
        return msgspec.structs.replace(live, problem=error.problem)
    finer = cursor.field is Field.ADDED_WEIGHTS
    verdict = judge_point(
        catalogue,
        draft.facts,
        point.planned,
        Decimal(cursor.indication if finer else cursor.text),
        Decimal(cursor.text) if finer else None,
        measured_zero(draft.facts, draft.readings),
    )
    return msgspec.structs.replace(live, verdict=verdict)
