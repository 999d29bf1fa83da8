"""The readings of a spot check: the nameplate's missing figures, then one point after the other, each typed, judged and taken."""

from __future__ import annotations

from typing import Any

import msgspec

from mobile.workflow.draft import (
    CANNOT_REASONS,
    FINER_METHOD,
    NO_STANDARD,
    OTHER_NAMEPLATE,
    POINT_CAUSES,
    RETEST_CAUSES,
    Cursor,
    Field,
    Step,
)
from mobile.workflow.drafting import Drafting
from mobile.workflow.fields import (
    FieldView,
    check_added,
    check_text,
    fields_of,
    first_open,
    same_figure,
)
from mobile.workflow.keying import after_key
from mobile.workflow.nameplate import Figure, figures_of, known_figures, missing_figures, with_figure
from mobile.workflow.points import (
    Live,
    PointState,
    PointView,
    half_step_of,
    judge,
    judged,
    reading_of,
    view_of,
)
from mobile.workflow.under_way import Choice, check_reason
from shared.clock import local_date
from shared.errors import InputError
from shared.inspection import Entry, InstrumentFacts, PlannedPoint, PointVerdict, Reading, StandardUsed, used
from shared.message import Message
from shared.metrology.catalogue import Kind
from shared.metrology.judges import plan
from shared.metrology.measuring import together_title
from shared.metrology.procedure import PointsProcedure, WeighingProcedure
from shared.standard import WEIGHT, Standard


def fitting(standards: list[Standard], kind: Kind) -> list[StandardUsed]:
    """The standards carried that a kind is checked with, as they are now: of its sort, and where there are any in the unit that it shows, those."""
    found = [one for one in standards if one.sort == sort_of(kind)]
    if isinstance(kind.procedure, PointsProcedure):
        unit = kind.procedure.unit
        found = [one for one in found if one.nominal.unit == unit] or found
    return [used(one) for one in found]


def sort_of(kind: Kind) -> str:
    """The sort of reference standard that a kind is checked with; empty where its measurement is not judged."""
    if isinstance(kind.procedure, PointsProcedure):
        return kind.procedure.standard
    return WEIGHT if kind.procedure else ""


class Readings(Drafting):
    """What is read. A field keeps what was typed into it, whatever one looks at meanwhile."""

    @property
    def weighs(self) -> bool:
        """Whether a scale is checked; of others nothing is said of loads and weights."""
        return isinstance(self.kind.procedure, WeighingProcedure)

    @property
    def sort_needed(self) -> str:
        """The sort of reference standard that the procedure needs; empty where nothing is measured."""
        return sort_of(self.kind)

    async def equip(self) -> None:
        """Plans anew with the standards carried now, where none that fit were carried when the check began."""
        async with self._lock:
            standards = fitting(self.session.standards, self.kind)
            if self.draft.standards or not standards or self.draft.finished or self.receipt:
                return
            await self._save(standards=standards, **self._planned(self.draft.facts, standards))
            if self.cursor.step in (Step.READINGS, Step.VERDICT) and self.draft.planned:
                await self._save(cursor=self._first_point())

    # Nameplate

    @property
    def figures(self) -> list[tuple[Figure, str]]:
        """The figures that the judgement rests on, with what is known or half-typed of each."""
        known = known_figures(self.kind, self.draft.facts)
        return [(each, known.get(each.id, "")) for each in figures_of(self.kind)]

    @property
    def missing(self) -> list[Figure]:
        """The figures without which the measurement can't be judged."""
        return missing_figures(self.kind, self.draft.facts)

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.cursor.text

    @property
    def figure(self) -> Figure | None:
        """The figure that is being typed; None while all of them are shown."""
        if self.cursor.step is not Step.NAMEPLATE:
            return None
        return next((each for each in figures_of(self.kind) if each.id == self.cursor.field), None)

    async def edit_figure(self, figure: str = "") -> None:
        """Opens the field of a figure, or goes back to all of them."""
        async with self._lock:
            await self._save(cursor=Cursor(Step.NAMEPLATE, field=figure), left=self._left())

    async def take_figure(self, figure: str, value: str = "") -> None:
        """A figure as read on site, what stands in its field unless it is named; the points are planned anew.

        Raises as :meth:`mobile.workflow.nameplate.Figure.check`.
        """
        async with self._lock:
            facts = with_figure(self.kind, self.draft.facts, figure, value or self.text)
            await self._save(
                cursor=Cursor(Step.NAMEPLATE, field=""),
                facts=facts,
                **self._planned(facts, self.draft.standards),
            )

    async def figures_done(self) -> None:
        """On to the readings, with what is known of the nameplate."""
        async with self._lock:
            waiting = self._open_points()
            await self._save(cursor=self._field_of(waiting[0]) if waiting else Cursor(Step.READINGS))

    def _planned(self, facts: InstrumentFacts, standards: list[StandardUsed]) -> dict[str, Any]:
        """The plan for these facts; a reading whose point is not in it any more is set aside with the cause."""
        day = local_date(self.draft.started_at)
        planned = plan(self.equipment.catalogue, facts, standards, day)
        keys = {one.key for one in planned}
        readings = [
            one
            if one.point in keys or one.superseded_because
            else msgspec.structs.replace(one, superseded_because=OTHER_NAMEPLATE)
            for one in self.draft.readings
        ]
        return {"planned": planned, "readings": readings}

    # Points

    @property
    def points(self) -> list[PointView]:
        """The plan in its order, with the answers."""
        return [view_of(self.equipment.catalogue, self.draft, planned) for planned in self.draft.planned]

    @property
    def current(self) -> PointView | None:
        """The point being read."""
        planned = self._planned_here()
        return view_of(self.equipment.catalogue, self.draft, planned) if planned else None

    @property
    def is_last_point(self) -> bool:
        """Whether nothing but the current point is still to be read: 下一点 then reads 看结论."""
        return not [one for one in self._open_points() if one != self.cursor.point]

    def live(self) -> Live | None:
        """The judgement of what stands in the fields now; None outside the readings."""
        current = self.current
        return judge(self.equipment.catalogue, self.draft, current) if current else None

    def together_title(self, verdict: PointVerdict) -> Message:
        """What the judgement of several readings together is called."""
        return together_title(verdict.point, {one.key: one.title for one in self.draft.planned})

    async def press(self, key: str) -> None:
        """A key of the keypad. It waits for its turn as all calls do, so that what comes after it finds the figure whole."""
        async with self._lock:
            if self.figure is None:
                self._must_be_open()
            await self._save(cursor=msgspec.structs.replace(self.cursor, text=after_key(self.text, key)))

    async def edit(self, field: str) -> None:
        """Moves the keypad into another field of the point: an input's, or the indication's."""
        async with self._lock:
            self._field(field)
            await self._save(cursor=self.cursor.at(field))

    async def choose(self, field: str, value: str) -> None:
        """Takes one of an input's choices, and goes on to the next field that is open."""
        async with self._lock:
            self._must_be_open()
            self._field(field)
            cursor = msgspec.structs.replace(self.cursor.at(field), text=value)
            await self._save(cursor=cursor)
            await self._save(cursor=cursor.at(self._first_open()))

    async def next_field(self) -> None:
        """Takes what stands in the field of an input, and goes on to the next one that is open. Raises as :meth:`next_point`."""
        async with self._lock:
            self._must_be_open()
            field = self._field(self.cursor.field)
            if field.text or not field.optional:
                check_text(field)
            await self._save(cursor=self.cursor.at(self._first_open()))

    async def same(self) -> None:
        """同载荷: the display shows exactly the load, or what the standard shows; goes on to the next point.

        Raises InputError ``input_missing`` where something beside it was not read, ``no_same_figure`` where none can be said.
        """
        async with self._lock:
            point = self._must_be_open()
            figure = same_figure(point.planned, fields_of(self.draft, point.planned))
            if not figure:
                raise InputError(
                    "no_same_figure",
                    "The display can't show just what the standard shows.",
                    "Type what the display shows.",
                )
            await self._answer(point, Entry.SAME, indication=figure)

    async def next_point(self) -> None:
        """Takes the fields as the answer and goes on; after the last point to the verdict.

        On a point that is answered already it only goes on. Raises InputError ``reading_missing``, ``reading_unreadable``,
        ``reading_too_fine`` or ``input_missing``, this one with the keypad in the field that is empty; nothing is lost.
        """
        async with self._lock:
            current = self.current
            if current and current.state is not PointState.TO_DO and not self.cursor.text:
                await self._save(cursor=self._after(self.cursor.point))
                return
            point, cursor = self._must_be_open(), self.cursor
            if cursor.field == Field.ADDED_WEIGHTS:
                check_added(cursor.text)
                await self._take(point, Entry.TYPED, indication=cursor.indication, added=cursor.text)
                return
            indication = self._field(Field.INDICATION)
            check_text(indication)
            await self._answer(point, Entry.TYPED, indication=indication.text)

    async def _answer(self, point: PointView, entry: Entry, indication: str) -> None:
        """Takes an indication with what was read beside it; where that is missing the keypad moves to it."""
        planned = point.planned
        try:
            reading = reading_of(
                self.draft, planned, entry, self.equipment.clock.now(), indication=indication
            )
            _verdict, problem = judged(self.equipment.catalogue, self.draft, reading)
            if problem and problem.code == "input_missing":
                raise InputError(problem.code, problem.what, problem.remedy, **problem.details)
        except InputError as error:
            what = error.problem.details.get("what")
            lacking = next(
                (
                    each
                    for each in fields_of(self.draft, planned)
                    if each.name.text == what and not each.value
                ),
                None,
            )
            if lacking:
                await self._save(cursor=self.cursor.at(lacking.id))
            raise
        await self._take(point, entry, indication=indication)

    async def finer(self) -> None:
        """加小砝码细测: takes the indication and moves to the field of the added weights (in grams).

        On a point that was read already, that reading is superseded with the cause ``finer_method``.
        """
        async with self._lock:
            current = self.current
            if current and current.state is PointState.DONE:
                await self._save(
                    readings=self._superseded(current.key, FINER_METHOD),
                    cursor=Cursor(
                        Step.READINGS, current.key, Field.ADDED_WEIGHTS.value, "", current.indication
                    ),
                )
                return
            self._must_be_open()
            check_text(self._field(Field.INDICATION))
            await self._save(cursor=self.cursor.at(Field.ADDED_WEIGHTS.value))

    async def half_step(self, jumped: bool) -> None:
        """½e added at once to a reading just at the limit, and whether the display jumped; goes on. InputError ``no_half_step``."""
        async with self._lock:
            point, added = self._must_be_open(), half_step_of(self.live())
            await self._take(
                point, Entry.TYPED, indication=self.cursor.indication, added=added, jumped=jumped
            )

    async def not_finer(self) -> None:
        """Back from the added weights, or from another input, to the indication as it was typed."""
        async with self._lock:
            if self.cursor.field != Field.INDICATION:
                await self._save(cursor=self.cursor.at(Field.INDICATION.value))

    async def cannot(self, reason: str) -> None:
        """这点做不了, with its reason (one of :attr:`cannot_reasons`); goes on."""
        check_reason(reason, self.cannot_reasons)
        async with self._lock:
            await self._take(self._must_be_open(), Entry.TYPED, reason=reason)

    @property
    def cannot_reasons(self) -> list[Choice]:
        return CANNOT_REASONS if self.weighs else [NO_STANDARD, *CANNOT_REASONS[1:]]

    async def retest(self, point: str, cause: str) -> None:
        """Reads a point again; the earlier attempt stays with ``cause`` (one of :attr:`retest_causes`)."""
        check_reason(cause, self.retest_causes)
        async with self._lock:
            self._point(point)
            await self._save(readings=self._superseded(point, cause), left=self._left(without=point))
            await self._save(cursor=self._field_of(point))

    @property
    def retest_causes(self) -> list[Choice]:
        return RETEST_CAUSES if self.weighs else POINT_CAUSES

    async def go_to(self, step: Step, point: str = "") -> None:
        """Moves about without answering: a tab of the points, or another step. What stood in the field stays with its point."""
        async with self._lock:
            if step is Step.NAMEPLATE:
                cursor = Cursor(Step.NAMEPLATE, field="")
            elif step is Step.READINGS:
                cursor = self._field_of(self._point(point).key) if point else self._first_point()
            else:
                cursor = msgspec.structs.replace(self.cursor, step=step)
            await self._save(cursor=cursor, left=self._left())

    async def _take(self, point: PointView, entry: Entry, **answer: Any) -> None:
        planned = point.planned
        reading = reading_of(self.draft, planned, entry, self.equipment.clock.now(), **answer)
        readings, left = [*self.draft.readings, reading], self._left(without=planned.key)
        await self._save(readings=readings, left=left, cursor=self._after(planned.key, readings))

    def _superseded(self, point: str, cause: str) -> list[Reading]:
        return [
            msgspec.structs.replace(one, superseded_because=cause)
            if one.point == point and not one.superseded_because
            else one
            for one in self.draft.readings
        ]

    def _open_points(self) -> list[str]:
        return [one.key for one in self.draft.planned if self.draft.standing(one.key) is None]

    def _first_point(self) -> Cursor:
        """Where the readings begin: at the nameplate while it lacks something, else at the first open point, else at the verdict."""
        if self.missing and not self.draft.readings:
            return Cursor(Step.NAMEPLATE, field="")
        waiting = self._open_points()
        if waiting:
            return self._field_of(waiting[0])
        nothing_to_read = self.kind.procedure is not None and not self.draft.planned
        return Cursor(Step.READINGS if nothing_to_read else Step.VERDICT)

    def _field_of(self, point: str, readings: list[Reading] | None = None) -> Cursor:
        """The point's fields as they were left, else the first that is open."""
        left = self._left().get(point)
        if left:
            return left
        draft = self.draft
        if readings is not None:
            draft = msgspec.structs.replace(draft, readings=readings)
        draft = msgspec.structs.replace(draft, cursor=Cursor(Step.READINGS, point))
        if draft.standing(point) is not None:
            return draft.cursor
        planned = next(one for one in draft.planned if one.key == point)
        return Cursor(Step.READINGS, point, first_open(fields_of(draft, planned)))

    def _left(self, without: str = "") -> dict[str, Cursor]:
        """What stands in open fields, this one included; not that of ``without``, which was taken."""
        left, cursor = dict(self.draft.left), self.cursor
        left.pop(cursor.point, None)
        if cursor.point and (any(cursor.texts().values()) or cursor.field == Field.ADDED_WEIGHTS):
            left[cursor.point] = msgspec.structs.replace(cursor, step=Step.READINGS)
        left.pop(without, None)
        return left

    def _after(self, point: str, readings: list[Reading] | None = None) -> Cursor:
        keys = [planned.key for planned in self.draft.planned]
        later = keys[keys.index(point) + 1 :]
        waiting = [key for key in self._open_points() if key != point]
        following = [key for key in waiting if key in later] or waiting
        return self._field_of(following[0], readings) if following else Cursor(Step.VERDICT)

    def _planned_here(self) -> PlannedPoint | None:
        if self.cursor.step is Step.NAMEPLATE:
            return None
        return next((one for one in self.draft.planned if one.key == self.cursor.point), None)

    def _first_open(self) -> str:
        return first_open(fields_of(self.draft, self._must_be_open().planned))

    def _field(self, field: str) -> FieldView:
        """A field of the present point."""
        found = next(
            (
                each
                for each in fields_of(self.draft, self._point(self.cursor.point).planned)
                if each.id == field
            ),
            None,
        )
        if found is None:
            raise InputError(
                "field_unknown", "This point has no such field.", "Choose one of the fields shown."
            )
        return found

    def _point(self, key: str) -> PointView:
        planned = next((one for one in self.draft.planned if one.key == key), None)
        if planned is None:
            raise InputError(
                "point_unknown", "This point is not in the plan.", "Choose one of the points shown."
            )
        return view_of(self.equipment.catalogue, self.draft, planned)

    def _must_be_open(self) -> PointView:
        point = self._point(self.cursor.point)
        if point.state is not PointState.TO_DO:
            raise InputError(
                "point_answered",
                "This point is answered already.",
                "To read it again, say why: both readings are kept.",
            )
        return point
