"""The packages of a lot as the form shows them, and the judgement of what is being typed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec

from mobile.workflow.keying import NUMBER
from mobile.workflow.lot_draft import PACKAGE, PACKING, Figure, LotDraft, LotStep, key_of, place_of
from mobile.workflow.points import PointState
from shared.errors import InputError, Problem
from shared.lot import LotReading, LotVerdict, PackageVerdict, TareMethod
from shared.message import Message
from shared.metrology.prepackages.rules import PrepackageRules
from shared.metrology.prepackages.sampling import row_of
from shared.quantity import Quantity


class LotPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One package of the sample, or one empty packing."""

    key: str
    number: int
    packing: bool
    state: PointState
    indication: Quantity | None = None
    attempts: int = 0
    """Earlier readings that another superseded."""
    reason: str = ""
    """Code of why it was not done."""
    verdict: PackageVerdict | None = None


class LotLive(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement of the field being typed."""

    point: LotPoint
    text: str
    unit: str
    verdict: PackageVerdict | None = None
    """Of the package with what stands in the field; None while there is nothing to judge."""
    problem: Problem | None = None
    """Why the text can't be taken."""
    unclear: Message | None = None
    """Why the net content can't be worked out yet."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The sampling plan of a lot, before anything is read."""

    sample: int
    t1_allowed: int
    t2_allowed: int
    factor: Decimal | None
    """λ; None where the plan has no test of the mean."""
    tolerance: Quantity
    document: str
    """Whose plan judges."""
    edition: str
    """Whose T judges."""
    notes: list[Message]


def figure_of(text: str, *, signed: bool = False) -> Decimal:
    """A figure of the keypad. Raises InputError ``reading_missing`` or ``reading_unreadable``."""
    if not text:
        raise InputError("reading_missing", "There is no figure yet.", "Type it.")
    if not NUMBER.fullmatch(text) or (text.startswith("-") and not signed):
        raise InputError(
            "reading_unreadable", "{text} is not a number.", "Type the reading again.", text=text
        )
    return Decimal(text)


def given(draft: LotDraft, figure: Figure) -> Decimal | None:
    """A figure of the form, if what stands there is one; a density, a quantity and a number are above zero."""
    try:
        value = figure_of(draft.figures.get(figure, ""), signed=figure is Figure.TEMPERATURE)
    except InputError:
        return None
    return value if value > 0 or figure is Figure.TEMPERATURE else None


def plan_of(rules: PrepackageRules, verdict: LotVerdict, lot_size: int, day: date) -> Plan | None:
    """What the plan that judges on ``day`` asks of the lot; None where none judges."""
    table = rules.sampling.limits_on(day)
    if verdict.plan is None or verdict.tolerance is None or table is None:
        return None
    return Plan(
        sample=verdict.plan.sample,
        t1_allowed=verdict.plan.t1_allowed,
        t2_allowed=verdict.plan.t2_allowed,
        factor=row_of(table, lot_size).correction,
        tolerance=verdict.tolerance,
        document=verdict.plan.document,
        edition=verdict.edition,
        notes=[note for note in verdict.notes if "pending" in note.values],
    )


def keys_of(draft: LotDraft, step: LotStep, sample: int) -> list[str]:
    """The fields of a step in their order: packings as many as were weighed and one more, or the packages of the sample."""
    if step is LotStep.TARE:
        weighed = max((one.package for one in draft.packings), default=0)
        return [key_of(PACKING, number) for number in range(1, weighed + 2)]
    each = draft.answers.tare_method is TareMethod.INDIVIDUAL
    sorts = (PACKAGE, PACKING) if each else (PACKAGE,)
    return [key_of(sort, number) for number in range(1, sample + 1) for sort in sorts]


def point_of(draft: LotDraft, key: str, verdict: PackageVerdict | None) -> LotPoint:
    """A package or packing with its standing reading."""
    sort, number = place_of(key)
    reading = draft.standing(key)
    state = PointState.TO_DO
    if reading:
        state = PointState.DONE if reading.indication else PointState.CANNOT
    return LotPoint(
        key=key,
        number=number,
        packing=sort == PACKING,
        state=state,
        indication=reading.indication if reading else None,
        attempts=len(draft.attempts(key)) - (reading is not None),
        reason=reading.not_done_because if reading else "",
        verdict=None if sort == PACKING else verdict,
    )


def with_reading(draft: LotDraft, key: str, reading: LotReading) -> LotDraft:
    """The draft with one more reading of a package or packing; what stood in its field is taken."""
    figures = {name: text for name, text in draft.figures.items() if name != key}
    if place_of(key)[0] == PACKAGE:
        return msgspec.structs.replace(draft, readings=[*draft.readings, reading], figures=figures)
    return msgspec.structs.replace(draft, packings=[*draft.packings, reading], figures=figures)


def next_reading(
    draft: LotDraft, key: str, read_at: datetime, *, indication: Quantity | None = None, reason: str = ""
) -> LotReading:
    """The next attempt at a package or packing, as it was given."""
    return LotReading(
        package=place_of(key)[1],
        indication=indication,
        attempt=len(draft.attempts(key)) + 1,
        not_done_because=reason,
        read_at=read_at,
    )


def set_aside(readings: list[LotReading], cause: str, number: int | None = None) -> list[LotReading]:
    """The readings with the standing one of a number superseded; without a number, all that stand."""
    return [
        msgspec.structs.replace(one, superseded_because=cause)
        if number in (None, one.package) and not one.superseded_because
        else one
        for one in readings
    ]
