"""A lot of prepackages, step by step: goods and label → plan → method → packings → packages → conclusion → signature → receipt.

It goes on over days: the draft is a draft like any other, the editions of the day on which the sample was drawn judge, and every
reading carries its own moment. Nothing read is ever lost: another attempt stands beside the first, with its cause.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from mobile.workflow.draft import Choice, check_reason
from mobile.workflow.lot_draft import (
    FIGURES,
    KIND,
    PACKAGE,
    Figure,
    LotDraft,
    LotStep,
    key_of,
    place_of,
)
from mobile.workflow.lot_points import (
    LotLive,
    LotPoint,
    Plan,
    figure_of,
    given,
    keys_of,
    next_reading,
    plan_of,
    point_of,
    set_aside,
    with_reading,
)
from mobile.workflow.points import PointState
from mobile.workflow.ports import Equipment
from mobile.workflow.sealing import Sealing
from mobile.workflow.session import OfferedStandard, Session
from mobile.workflow.today import DraftSummary
from mobile.workflow.under_way import UnderWay
from shared.clock import local_date
from shared.errors import InputError
from shared.inspection import OtherParty, StandardUsed
from shared.lot import NOT_DONE, READ_AGAIN, Density, LotInspection, LotVerdict, TareMethod
from shared.message import Message
from shared.metrology.judging import Outcome
from shared.metrology.measuring import said
from shared.metrology.prepackages.amounts import BASE, UNITS, Measure, measure_of
from shared.metrology.prepackages.contents import net_contents
from shared.metrology.prepackages.labels import LabelVerdict, label_faults
from shared.metrology.prepackages.lots import judge_lot, without_working
from shared.metrology.prepackages.rules import Excluded, PrepackageRules, judging_on, table_of
from shared.premises import Premises
from shared.quantity import Quantity
from shared.standard import WEIGHT, Standard

WEIGHED_WITH = (WEIGHT, "balance")
"""Sorts of standard that a mass is found with."""
ORDER = [LotStep.GOODS, LotStep.PLAN, LotStep.METHOD, LotStep.TARE, LotStep.READINGS, LotStep.VERDICT]


class LotCheck(UnderWay[LotDraft]):
    """One lot under way."""

    kind = KIND

    def __init__(
        self,
        equipment: Equipment,
        session: Session,
        sealing: Sealing,
        draft: LotDraft,
        rules: PrepackageRules,
    ) -> None:
        super().__init__(equipment, session, sealing, draft)
        self.rules = rules
        self._judged: tuple[LotInspection, LotVerdict] | None = None
        self._labelled: tuple[tuple[str, str], LabelVerdict | None] | None = None

    @property
    def subject(self) -> str:
        return self.draft.lot_id

    @property
    def county(self) -> str:
        return self.draft.county

    # Goods and label

    async def answer(self, **answers: Any) -> None:
        """Keeps some of :class:`~mobile.workflow.lot_draft.LotAnswers`, by name."""
        async with self._lock:
            await self._save(answers=msgspec.structs.replace(self.draft.answers, **answers))

    async def at_site(self, premises: Premises | None) -> None:
        """Where the lot lies; None where it is at no site of the ledger."""
        async with self._lock:
            county = premises.county if premises else self.draft.county
            await self._save(premises=premises, county=county)

    async def add_photo(self, jpeg: bytes) -> None:
        """Flushes a picture of the label, then names it in the draft."""
        async with self._lock:
            photo = await self._keep_blob(jpeg, "image/jpeg", "package_label", personal=False)
            await self._save(photos=[*self.draft.photos, photo])

    @property
    def excluded(self) -> list[Excluded]:
        """Goods that the rule of the day does not speak of."""
        limits = table_of(self.rules.net_content.limits, judging_on(self.rules.net_content.editions, self._day))
        return [one for one in limits.excluded if not one.starts or one.starts <= self._day] if limits else []

    def label(self) -> LabelVerdict | None:
        """What is wrong with the label as far as it was read; None before its statement was written, or without a rule."""
        text, height = self.draft.answers.label_text, self.draft.figures.get(Figure.HEIGHT, "")
        if self._labelled is None or self._labelled[0] != (text, height):
            self._labelled = ((text, height), self._look_at_label(text))
        return self._labelled[1]

    def _look_at_label(self, text: str) -> LabelVerdict | None:
        judging = judging_on(self.rules.net_content.editions, self._day)
        limits = table_of(self.rules.net_content.limits, judging)
        if not text or limits is None:
            return None
        try:
            return label_faults(limits, text, self._height)
        except InputError as error:
            return LabelVerdict(outcome=Outcome.UNDECIDED, undecided=[said(error)])

    # What stands in the form

    @property
    def nominal(self) -> Quantity | None:
        """Qn: as typed, else as the label states it."""
        if not self.draft.figures.get(Figure.NOMINAL):
            stated = self._stated
            return stated if stated and stated.unit == self.unit else None
        typed = given(self.draft, Figure.NOMINAL)
        return Quantity(typed, self.unit) if typed else None

    @property
    def unit(self) -> str:
        """Of the nominal quantity."""
        stated = self._stated
        return self.draft.answers.unit or (stated.unit if stated else BASE[Measure.MASS])

    @property
    def lot_size(self) -> int | None:
        """N, once a whole number stands there."""
        typed = given(self.draft, Figure.LOT_SIZE)
        return int(typed) if typed and typed == typed.to_integral_value() else None

    @property
    def measure(self) -> Measure:
        """What the package states a quantity of."""
        return measure_of(self.unit)

    @property
    def indication_unit(self) -> str:
        """In which the packages are read."""
        chosen = self.draft.answers.indication_unit
        return chosen if chosen in self.indication_units else BASE[self.measure]

    @property
    def indication_units(self) -> list[str]:
        """Units in which such packages can be read; a volume also by weighing."""
        measures = [self.measure, *([Measure.MASS] if self.measure is Measure.VOLUME else [])]
        seldom = ("mg", "t", "mm²", "dm²")
        return [unit for unit, (measure, _size) in UNITS.items() if measure in measures and unit not in seldom]

    @property
    def by_density(self) -> bool:
        """Whether a volume is found by weighing."""
        return self.measure is Measure.VOLUME and measure_of(self.indication_unit) is Measure.MASS

    @property
    def _stated(self) -> Quantity | None:
        label = self.label()
        return label.nominal if label else None

    @property
    def _height(self) -> Quantity | None:
        height = given(self.draft, Figure.HEIGHT)
        return Quantity(height, "mm") if height else None

    @property
    def _density(self) -> Density | None:
        value, at = given(self.draft, Figure.DENSITY), given(self.draft, Figure.TEMPERATURE)
        if value is None or at is None:
            return None
        return Density(Quantity(value, self.draft.answers.density_unit), Quantity(at, "°C"))

    @property
    def _day(self) -> date:
        return local_date(self.draft.started_at)

    # The plan and the verdict

    def verdict(self) -> LotVerdict | None:
        """What is known of the lot so far; None while Qn or N is missing."""
        lot = self._inspection(None)
        return self._judge(lot) if lot else None

    def plan(self) -> Plan | None:
        """What has to be read; None while Qn or N is missing, or where no plan judges such a lot (the verdict says why)."""
        verdict, size = self.verdict(), self.lot_size
        return plan_of(self.rules, verdict, size, self._day) if verdict and size else None

    @property
    def sample(self) -> int:
        """Packages to be read; 0 without a plan."""
        verdict = self.verdict()
        return verdict.plan.sample if verdict and verdict.plan else 0

    def _judge(self, lot: LotInspection) -> LotVerdict:
        if self._judged is None or self._judged[0] != lot:
            self._judged = (lot, judge_lot(self.rules, lot))
        return self._judged[1]

    # Standards

    async def offered_standards(self) -> list[OfferedStandard]:
        """The team's standards that such a content can be found with, the usable ones first; an expired one can't be chosen."""
        chosen = {one.standard_id for one in self.draft.standards}
        weighed = measure_of(self.indication_unit) is Measure.MASS
        return [
            OfferedStandard(one.standard, one.usable, one.standard.standard_id in chosen)
            for one in await self.session.offered_standards()
            if one.standard.sort in WEIGHED_WITH or not weighed
        ]

    async def toggle_standard(self, standard_id: str) -> None:
        """Names an instrument or weight as used, or not. Raises InputError ``standard_expired``, ``standard_unknown``."""
        async with self._lock:
            others = [one for one in self.draft.standards if one.standard_id != standard_id]
            if len(others) == len(self.draft.standards):
                others.append(used(await self.session.usable_standard(standard_id)))
            await self._save(standards=others)

    # The keypad

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.draft.figures.get(self.draft.field, "")

    async def type(self, text: str) -> None:
        """The field's text after a key; saved even when it is no figure yet."""
        async with self._lock:
            field = self.draft.field
            if field not in FIGURES:
                self._must_be_open(field)
            figures = {name: one for name, one in self.draft.figures.items() if name != field}
            await self._save(figures=figures | ({field: text} if text else {}))

    async def go_to(self, step: LotStep, field: str = "") -> None:
        """Moves about without answering; what stands in a field stays there."""
        async with self._lock:
            if step in (LotStep.TARE, LotStep.READINGS) and not field:
                field = self._first_open(step)
            if step is LotStep.PLAN and not field:
                field = Figure.LOT_SIZE if self.nominal else Figure.NOMINAL
            await self._save(step=step, field=field)

    async def onward(self) -> None:
        """To the next step of the form. Raises InputError ``goods_missing``, ``nominal_missing``, ``lot_size_missing``."""
        step = self.draft.step
        if step is LotStep.GOODS and not self.draft.answers.goods.strip():
            raise InputError("goods_missing", "The goods have no name yet.", "Write what is in the packages.")
        if step is LotStep.PLAN:
            self._must_have_plan()
        steps = self.steps
        await self.go_to(steps[min(steps.index(step) + 1, len(steps) - 1)])

    def _must_have_plan(self) -> None:
        if self.nominal is None:
            raise InputError(
                "nominal_missing",
                "The nominal quantity is missing.",
                "Type what the package states.",
            )
        if self.lot_size is None:
            raise InputError(
                "lot_size_missing",
                "The number of packages in the lot is missing.",
                "Count them, or take it from the delivery note; a whole number.",
            )

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
        lot = self._inspection(None, with_reading(self.draft, key, reading))
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
                await self._save(
                    readings=set_aside(self.draft.readings, number, cause), step=step, field=key
                )
            else:
                await self._save(
                    packings=set_aside(self.draft.packings, number, cause), step=step, field=key
                )

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
        return self.draft.step is LotStep.READINGS and not [one for one in open_ones if one != self.draft.field]

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

    # Record

    def summarised(self, draft: LotDraft) -> DraftSummary:
        done = sum(draft.standing(key_of(PACKAGE, number)) is not None for number in range(1, self.sample + 1))
        return msgspec.structs.replace(
            draft.summary,
            goods=draft.answers.goods,
            site=draft.premises.name if draft.premises else "",
            saved_at=draft.saved_at,
            step=draft.step.value,
            points_done=done,
            points_total=self.sample,
        )

    def payload(self, party: OtherParty) -> LotInspection:
        lot = self._inspection(party)
        if lot is None:
            self._must_have_plan()
        assert lot is not None  # noqa: S101
        lot = msgspec.structs.replace(lot, finished_at=self.equipment.clock.now())
        return msgspec.structs.replace(lot, verdict=without_working(judge_lot(self.rules, lot)))

    def _inspection(self, party: OtherParty | None, draft: LotDraft | None = None) -> LotInspection | None:
        """The payload as far as it goes; None while Qn or N is missing."""
        draft, nominal, size = draft or self.draft, self.nominal, self.lot_size
        if nominal is None or size is None:
            return None
        answers = draft.answers
        officers = [person.person_id for person in (self.session.person, self.session.partner) if person]
        return LotInspection(
            lot_id=draft.lot_id,
            premises_id=draft.premises.premises_id if draft.premises else None,
            goods=answers.goods.strip(),
            producer=answers.producer.strip(),
            batch_no=answers.batch_no.strip(),
            exclusion=answers.exclusion,
            nominal=nominal,
            lot_size=size,
            label_text=answers.label_text,
            character_height=self._height,
            destructive=answers.destructive,
            tare_method=answers.tare_method,
            tare_readings=draft.packings,
            density=self._density if self.by_density else None,
            readings=draft.readings,
            standards=draft.standards,
            photos=draft.photos,
            officers=officers,
            other_party=party,
            position=draft.position,
            started_at=draft.started_at,
            rules_version=self.rules.version,
        )

    def still_possible(self) -> Message | None:
        """What the packages that are still to be read can change."""
        verdict = self.verdict()
        if verdict is None or verdict.plan is None or verdict.plan.read >= verdict.plan.sample:
            return None
        return verdict.plan.working[-1]


def used(standard: Standard) -> StandardUsed:
    """A standard as a record names it."""
    return StandardUsed(
        standard.standard_id,
        standard.nominal,
        standard.accuracy_class,
        standard.valid_until,
        standard.count,
        standard.sort,
        standard.largest_error,
    )
