"""The points of a plan as the form shows them, and the judgement of what is being typed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from mobile.workflow.draft import Draft, Field
from mobile.workflow.fields import (
    FieldView,
    beside,
    check_added,
    check_text,
    fields_of,
    same_figure,
    written,
)
from shared.clock import local_date
from shared.errors import InputError, Problem
from shared.inspection import Entry, PlannedPoint, PointVerdict, Reading
from shared.metrology.catalogue import Catalogue
from shared.metrology.judges import judge_of
from shared.metrology.measuring import Judge
from shared.quantity import Quantity


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
    problem: Problem | None = None
    """Why what was read can't be judged."""
    inputs: list[FieldView] = []
    """What was read beside the indication."""


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement of the field being typed."""

    point: PointView
    field: str
    text: str
    fields: list[FieldView]
    """All fields of the point, the indication's the last."""
    same: str = ""
    """What the display shows when it agrees with the standard; empty where that can't be said."""
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
    verdict, problem = judged(catalogue, draft, reading)
    return PointView(
        key=planned.key,
        planned=planned,
        state=PointState.DONE,
        indication=written(reading.indication.value),
        entry=reading.entry,
        added_weights=written(reading.added_weights.value) if reading.added_weights else "",
        attempts=attempts,
        verdict=verdict,
        problem=problem,
        inputs=[each for each in fields_of(draft, planned)[:-1] if each.text],
    )


def judged(
    catalogue: Catalogue, draft: Draft, reading: Reading
) -> tuple[PointVerdict | None, Problem | None]:
    """The judgement of a reading, or why there is none."""
    try:
        return judge_for(catalogue, draft).judge(reading, draft.readings), None
    except InputError as error:
        return None, error.problem


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
    """The next attempt at a point, as it was given; without an indication nothing beside it counts either.

    Raises InputError ``input_missing`` and the like where something beside the indication is missing or can't be read.
    """
    reference = planned.reference
    inputs: dict[str, Quantity] = {}
    if indication:
        reference, inputs = beside(planned, fields_of(draft, planned))
    return Reading(
        point=planned.key,
        role=planned.role,
        reference=reference,
        indication=Quantity(Decimal(indication), planned.unit) if indication else None,
        entry=entry,
        added_weights=Quantity(Decimal(added), "g") if added else None,
        jumped=jumped,
        unit_price=planned.unit_price,
        inputs=inputs,
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
    if cursor.field != Field.ADDED_WEIGHTS or not cursor.indication:
        return None
    return judge_for(catalogue, draft).half_step(planned, Decimal(cursor.indication))


def judge(catalogue: Catalogue, draft: Draft, point: PointView) -> Live:
    """The judgement of what stands in the fields of ``point``."""
    cursor, planned = draft.cursor, point.planned
    fields = fields_of(draft, planned)
    live = Live(
        point=point,
        field=cursor.field,
        text=cursor.text,
        fields=fields,
        same=same_figure(planned, fields),
        verdict=point.verdict,
        half_step=half_step_at(catalogue, draft, planned),
        problem=point.problem,
    )
    finer = cursor.field == Field.ADDED_WEIGHTS
    indication = fields[-1].text
    if point.state is not PointState.TO_DO or not (cursor.text or (indication and not finer)):
        return live
    try:
        if finer:
            check_added(cursor.text)
        elif cursor.text:
            check_text(next((each for each in fields if each.here), fields[-1]))
        if not indication:
            return live
        check_text(fields[-1])
        typed = reading_of(
            draft,
            planned,
            Entry.TYPED,
            draft.saved_at,
            indication=indication,
            added=cursor.text if finer else "",
        )
    except InputError as error:
        return msgspec.structs.replace(live, problem=error.problem)
    verdict, problem = judged(catalogue, draft, typed)
    return msgspec.structs.replace(live, verdict=verdict, problem=problem)
