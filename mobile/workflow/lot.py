"""A lot of prepackages, step by step: goods and label → plan → method → packings → packages → conclusion → signature → receipt.

It goes on over days: the draft is a draft like any other, the editions of the day on which the sample was drawn judge, and every
reading carries its own moment. Nothing read is ever lost: another attempt stands beside the first, with its cause.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from mobile.workflow.keying import after_key
from mobile.workflow.lot_draft import FIGURES, PACKAGE, Figure, LotDraft, LotStep, key_of, place_of
from mobile.workflow.lot_form import LotForm
from mobile.workflow.lot_points import (
    LotLive,
    LotPoint,
    figure_of,
    keys_of,
    next_reading,
    point_of,
    set_aside,
    with_reading,
)
from mobile.workflow.points import PointState
from mobile.workflow.today import DraftSummary
from mobile.workflow.under_way import Choice, check_reason
from shared.errors import InputError
from shared.lot import NOT_DONE, READ_AGAIN, TareMethod
from shared.message import Message
from shared.metrology.prepackages.amounts import measure_of, rounded
from shared.metrology.prepackages.contents import UnreadableError, net_contents, tare_of
from shared.metrology.prepackages.lots import judge_lot
from shared.quantity import Quantity

ORDER = [LotStep.GOODS, LotStep.PLAN, LotStep.METHOD, LotStep.TARE, LotStep.READINGS, LotStep.VERDICT]


class LotCheck(LotForm):
    """One lot under way."""

    # The keypad

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.draft.figures.get(self.draft.field, "")

    async def press(self, key: str) -> None:
        """A key of the keypad. It waits for its turn as all calls do, so that what comes after it finds the figure whole."""
        async with self._lock:
            field = self.draft.field
            if field not in FIGURES:
                self._must_be_open(field)
            text = after_key(self.text, key)
            figures = {name: one for name, one in self.draft.figures.items() if name != field}
            await self._save(figures=figures | ({field: text} if text else {}))

    async def go_to(self, step: LotStep, field: str = "") -> None:
        """Moves about without answering; what stands in a field stays there."""
        async with self._lock:
            await self._move(step, field)

    async def onward(self) -> None:
        """To the next step of the form. Raises InputError ``goods_missing``, ``nominal_missing``, ``lot_size_missing``."""
        async with self._lock:
            step = self.draft.step
            if step is LotStep.GOODS and not self.draft.answers.goods.strip():
                raise InputError(
                    "goods_missing", "The goods have no name yet.", "Write what is in the packages."
                )
            if step is LotStep.PLAN:
                self.must_have_plan()
            steps = self.steps
            await self._move(steps[min(steps.index(step) + 1, len(steps) - 1)])

    async def _move(self, step: LotStep, field: str = "") -> None:
        if step in (LotStep.TARE, LotStep.READINGS) and not field:
            field = self._first_open(step)
        if step is LotStep.PLAN and not field:
            field = Figure.LOT_SIZE if self.nominal else Figure.NOMINAL
        await self._save(step=step, field=field)

    @property
    def steps(self) -> list[LotStep]:
        """The steps of this lot: packings only where their mean is taken off, readings only where a plan judges."""
        left_out = set() if self.draft.answers.tare_method is TareMethod.MEAN else {LotStep.TARE}
        verdict = self.verdict()
        if verdict and verdict.plan is None:
            left_out = {LotStep.METHOD, LotStep.TARE, LotStep.READINGS}
        return [step for step in ORDER if step not in left_out]

    # Readings

    @property
    def points(self) -> list[LotPoint]:
        """The packages of the sample (or the packings, in their own step), with the answers."""
        step = LotStep.TARE if self.draft.step is LotStep.TARE else LotStep.READINGS
        verdict = self.verdict()
        known = {one.package: one for one in verdict.packages} if verdict else {}
        keys = keys_of(self.draft, step, self.sample)
        return [point_of(self.draft, key, known.get(place_of(key)[1])) for key in keys]

    def read_at(self, key: str) -> datetime:
        """When the standing reading of a package or packing was taken; the beginning, where there is none."""
        reading = self.draft.standing(key)
        return (reading.read_at if reading else None) or self.draft.started_at

    def live(self) -> LotLive | None:
        """The judgement of what stands in the field; None outside the readings."""
        key = self.draft.field
        if self.draft.step not in (LotStep.TARE, LotStep.READINGS) or not key:
            return None
        verdict, number = self.verdict(), place_of(key)[1]
        known = {one.package: one for one in verdict.packages} if verdict else {}
        point = point_of(self.draft, key, known.get(number))
        live = LotLive(point=point, text=self.text, unit=self.indication_unit, verdict=point.verdict)
        if not self.text or point.state is not PointState.TO_DO:
            return live
        try:
            value = Quantity(figure_of(self.text), self.indication_unit)
        except InputError as error:
            return msgspec.structs.replace(live, problem=error.problem)
        reading = next_reading(self.draft, key, self.draft.saved_at, indication=value)
        lot = self.inspection(None, with_reading(self.draft, key, reading))
        if lot is None or place_of(key)[0] != PACKAGE:
            return live
        judged = {one.package: one for one in judge_lot(self.rules, lot).packages}
        unclear = net_contents(lot, self.measure).unclear.get(number)
        return msgspec.structs.replace(live, verdict=judged.get(number), unclear=unclear)

    async def take(self) -> None:
        """Takes the field's text as the reading and goes on; after the last package to the verdict.

        On what is answered already it only goes on. Raises InputError ``reading_missing`` or ``reading_unreadable``.
        """
        async with self._lock:
            key = self.draft.field
            if self.draft.standing(key):
                await self._go_past(key, self.draft)
                return
            indication = Quantity(figure_of(self.text), self.indication_unit)
            reading = next_reading(self.draft, key, self.equipment.clock.now(), indication=indication)
            await self._go_past(key, with_reading(self.draft, key, reading))

    async def cannot(self, reason: str) -> None:
        """This one can't be read, with its reason (one of :attr:`cannot_reasons`); goes on."""
        check_reason(reason, self.cannot_reasons)
        async with self._lock:
            key = self.draft.field
            self._must_be_open(key)
            reading = next_reading(self.draft, key, self.equipment.clock.now(), reason=reason)
            await self._go_past(key, with_reading(self.draft, key, reading))

    async def again(self, key: str, cause: str) -> None:
        """Reads a package or packing again; the earlier attempt stays with ``cause`` (one of :attr:`again_causes`)."""
        check_reason(cause, self.again_causes)
        async with self._lock:
            sort, number = place_of(key)
            step = LotStep.READINGS
            if sort != PACKAGE and self.draft.answers.tare_method is TareMethod.MEAN:
                step = LotStep.TARE
            if sort == PACKAGE:
                await self._save(readings=set_aside(self.draft.readings, cause, number), step=step, field=key)
            else:
                await self._save(packings=set_aside(self.draft.packings, cause, number), step=step, field=key)

    @property
    def cannot_reasons(self) -> list[Choice]:
        return list(NOT_DONE.items())

    @property
    def again_causes(self) -> list[Choice]:
        return list(READ_AGAIN.items())

    @property
    def is_last(self) -> bool:
        """Whether nothing but the current package is still to be read."""
        open_ones = [key for key in self._keys(self.draft) if self.draft.standing(key) is None]
        return self.draft.step is LotStep.READINGS and not [
            one for one in open_ones if one != self.draft.field
        ]

    def _keys(self, draft: LotDraft) -> list[str]:
        return keys_of(draft, draft.step, self.sample)

    def _first_open(self, step: LotStep) -> str:
        keys = keys_of(self.draft, step, self.sample)
        return next((key for key in keys if self.draft.standing(key) is None), keys[-1] if keys else "")

    async def _go_past(self, key: str, draft: LotDraft) -> None:
        """Saves a draft in which ``key`` is answered, on the next open field: a later one first, then one that was left out."""
        keys = self._keys(draft)
        waiting = [one for one in keys if draft.standing(one) is None]
        later = keys[keys.index(key) + 1 :] if key in keys else []
        following = [one for one in waiting if one in later] or waiting
        answered = {"readings": draft.readings, "packings": draft.packings, "figures": draft.figures}
        if following:
            await self._save(**answered, field=following[0])
        else:
            await self._save(**answered, step=LotStep.VERDICT, field="")

    def _must_be_open(self, key: str) -> None:
        if key not in self._keys(self.draft):
            raise InputError(
                "package_unknown", "This package is not in the sample.", "Choose one of the packages shown."
            )
        if self.draft.standing(key):
            raise InputError(
                "point_answered",
                "This point is answered already.",
                "To read it again, say why: both readings are kept.",
            )

    def mean_of_packings(self) -> Quantity | None:
        """What is taken off each package, to 0.001; None before a packing was weighed."""
        lot, weighed = self.inspection(None), measure_of(self.indication_unit)
        if lot is None or lot.tare_method is not TareMethod.MEAN:
            return None
        try:
            mean = tare_of(lot, 1, weighed)
        except (UnreadableError, InputError):
            return None
        return rounded(mean, weighed) if mean is not None else None

    def still_possible(self) -> Message | None:
        """What the packages that are still to be read can change."""
        verdict = self.verdict()
        if verdict is None or verdict.plan is None or verdict.plan.read >= verdict.plan.sample:
            return None
        return verdict.plan.working[-1]

    def summarised(self, draft: LotDraft) -> DraftSummary:
        done = sum(
            draft.standing(key_of(PACKAGE, number)) is not None for number in range(1, self.sample + 1)
        )
        return msgspec.structs.replace(
            draft.summary,
            goods=draft.answers.goods,
            site=draft.premises.name if draft.premises else "",
            saved_at=draft.saved_at,
            step=draft.step.value,
            points_done=done,
            points_total=self.sample,
        )
