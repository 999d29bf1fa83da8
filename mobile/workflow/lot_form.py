"""What stands in the form of a lot: goods, label, nominal quantity, method, standards; and what the rules make of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from mobile.workflow.lot_draft import KIND, Figure, LotDraft
from mobile.workflow.lot_points import Plan, given, plan_of, set_aside
from mobile.workflow.ports import Equipment
from mobile.workflow.sealing import Sealing
from mobile.workflow.session import OfferedStandard, Session
from mobile.workflow.under_way import UnderWay
from shared.clock import local_date
from shared.errors import InputError
from shared.inspection import OtherParty, used
from shared.lot import OTHER_METHOD, Density, LotInspection, LotVerdict
from shared.metrology.judging import Outcome
from shared.metrology.measuring import said
from shared.metrology.prepackages.amounts import BASE, FOUND_WITH, UNITS, Measure, measure_of
from shared.metrology.prepackages.labels import LabelVerdict, label_faults
from shared.metrology.prepackages.lots import judge_lot, without_working
from shared.metrology.prepackages.rules import Excluded, PrepackageRules
from shared.premises import Premises
from shared.quantity import Quantity


class LotForm(UnderWay[LotDraft]):
    """The answers of one lot, and what is known from them."""

    draft_kind = KIND

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
        """Keeps some of :class:`~mobile.workflow.lot_draft.LotAnswers`, by name.

        A packing that was weighed belongs to one way of taking packings off: with another way it is set aside, and stays.
        """
        async with self._lock:
            before, packings = self.draft.answers, self.draft.packings
            after = msgspec.structs.replace(before, **answers)
            if after.tare_method is not before.tare_method:
                packings = set_aside(packings, OTHER_METHOD)
            await self._save(answers=after, packings=packings)

    async def at_site(self, premises: Premises | None) -> None:
        """Where the lot lies; None where it is at no site of the ledger."""
        async with self._lock:
            county = premises.county if premises else self.draft.county
            await self._save(premises=premises, county=county)

    async def add_photo(self, jpeg: bytes) -> None:
        """Flushes a picture of the label, then names it in the draft."""
        async with self._lock:
            photo = await self._keep_photo(jpeg, "package_label")
            await self._save(photos=[*self.draft.photos, photo])

    @property
    def excluded(self) -> list[Excluded]:
        """Goods that the rule of the day does not speak of."""
        limits = self.rules.net_content.limits_on(self._day)
        return [one for one in limits.excluded if not one.starts or one.starts <= self._day] if limits else []

    def label(self) -> LabelVerdict | None:
        """What is wrong with the label as far as it was read; None before its statement was written, or without a rule."""
        text, height = self.draft.answers.label_text, self.draft.figures.get(Figure.HEIGHT, "")
        if self._labelled is None or self._labelled[0] != (text, height):
            self._labelled = ((text, height), self._look_at_label(text))
        return self._labelled[1]

    def _look_at_label(self, text: str) -> LabelVerdict | None:
        limits = self.rules.net_content.limits_on(self._day)
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
        return [unit for unit, measure in UNITS.items() if measure in measures and unit not in seldom]

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
        lot = self.inspection(None)
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
        """The team's standards that such a content can be found with: what is carried today first, then the usable ones; an expired one can't be chosen."""
        chosen = {one.standard_id for one in self.draft.standards}
        fitting = FOUND_WITH.get(measure_of(self.indication_unit), ())
        found = [
            msgspec.structs.replace(one, chosen=one.standard.standard_id in chosen)
            for one in await self.session.offered_standards()
            if one.standard.sort in fitting
        ]
        return sorted(found, key=lambda one: one.standard not in self.session.standards)

    async def toggle_standard(self, standard_id: str) -> None:
        """Names an instrument or weight as used, or not. Raises InputError ``standard_expired``, ``standard_unknown``."""
        async with self._lock:
            others = [one for one in self.draft.standards if one.standard_id != standard_id]
            if len(others) == len(self.draft.standards):
                others.append(used(await self.session.usable_standard(standard_id)))
            await self._save(standards=others)

    def must_have_plan(self) -> None:
        """Raises InputError ``nominal_missing`` or ``lot_size_missing``."""
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

    # Record

    def payload(self, party: OtherParty | None) -> LotInspection:
        lot = self.inspection(party)
        if lot is None:
            self.must_have_plan()
        assert lot is not None  # noqa: S101
        lot = msgspec.structs.replace(lot, finished_at=self.equipment.clock.now())
        return msgspec.structs.replace(lot, verdict=without_working(judge_lot(self.rules, lot)))

    def inspection(self, party: OtherParty | None, draft: LotDraft | None = None) -> LotInspection | None:
        """The payload as far as it goes; None while Qn or N is missing."""
        draft, nominal, size = draft or self.draft, self.nominal, self.lot_size
        if nominal is None or size is None:
            return None
        answers = draft.answers
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
            officers=self.officers,
            present=draft.present,
            other_party=party,
            position=draft.position,
            started_at=draft.started_at,
            rules_version=self.rules.version,
        )
