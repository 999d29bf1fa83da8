"""The spot check of a weighing instrument: which loads are put on, and what the readings say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

import msgspec

from shared.errors import InputError
from shared.inspection import (
    Inspection,
    InstrumentFacts,
    PlannedPoint,
    PointRole,
    PointVerdict,
    Reading,
    StandardUsed,
)
from shared.memo import remembered
from shared.message import Message, msgid
from shared.metrology.judging import Limit, Outcome, PossibleErrors, Source, Stage
from shared.metrology.measuring import Judge, Measurement, check_standard, standing, verdict
from shared.metrology.procedure import WeighingProcedure
from shared.metrology.weighing import (
    Rules,
    error_at,
    grams,
    half_step,
    judge_load,
    judge_price,
    judge_repeatability,
    judge_zero,
    limit_at,
    spoken,
)
from shared.metrology.weighing_limits import WeighingLimits
from shared.metrology.weighing_plan import (
    UNBOUNDED,
    eccentric,
    loads_that_can_be_made,
    named_load,
    points_of,
    scale_of,
)
from shared.quantity import Quantity, plain

_encode = msgspec.json.Encoder().encode
YUAN = "元"
NEARLY = Decimal("0.9")
"""The part of the wanted eccentric load from which on it is "about" that load (made here)."""


class WeighingJudge(Judge):
    """Judges one scale. Raises InputError ``scale_incomplete``, ``scale_impossible``, ``accuracy_class_unknown``, ``unit_mismatch``."""

    def __init__(
        self,
        limits: WeighingLimits,
        procedure: WeighingProcedure | None,
        facts: InstrumentFacts,
        default_class: str,
        stage: Stage,
        on: date,
    ) -> None:
        self.procedure, self.facts, self.stage, self.on = procedure, facts, stage, on
        scale = scale_of(facts, limits, default_class, digital=procedure is None or procedure.digital)
        self.rules = Rules(limits, scale, stage)

    def limit(
        self, reference: Quantity, zone: str = "", inputs: Mapping[str, Quantity] | None = None
    ) -> Limit:
        """The limits at a net load."""
        del zone, inputs
        found, limits = limit_at(self.rules, reference.to("g").value), self.rules.limits
        source = Source(limits.document, limits.clause, limits.certainty.value)
        return Limit(-found.mpe, found.mpe, "g", found.working, source)

    def plan(self, standards: Sequence[StandardUsed]) -> list[PlannedPoint]:
        """Zero, repeats, loads, corners, tare, price, with the loads that these weights make. InputError ``standard_expired``."""
        for standard in standards:
            check_standard(standard, self.on)
        possible = list(self.loads_of(standards))
        if self.procedure is None or not possible:
            return []
        return points_of(self.procedure, self.rules, self.facts, possible)

    @cached_property
    def _loads(self) -> dict[bytes, dict[Decimal, Decimal]]:
        return {}

    def loads_of(self, standards: Sequence[StandardUsed]) -> dict[Decimal, Decimal]:
        """Every load that these weights make, and what their own limits add up to; worked out once for the same weights."""
        weights = [
            (one.nominal, one.accuracy_class, one.count, one.sort, one.largest_error) for one in standards
        ]
        return remembered(
            self._loads, _encode(weights), lambda: loads_that_can_be_made(standards, self.rules)
        )

    def verdict_on(self, reading: Reading, readings: Sequence[Reading]) -> PointVerdict | None:
        """E0 comes from the zero among ``readings``, and the weight that a price goes by from the same load."""
        if reading.indication is None:
            return None
        load = reading.reference.to("g").value
        if reading.role is PointRole.PRICE:
            if reading.unit_price is None:
                return None
            price = Quantity(reading.unit_price, YUAN).value
            weight = displayed(readings, load)
            judgement = judge_price(self.rules, price, load, reading.indication.value, weight)
            return verdict(reading.point, judgement, YUAN)
        indication, added = read_in_grams(reading)
        if reading.role is PointRole.ZERO:
            return verdict(reading.point, judge_zero(self.rules, indication, added), "g")
        # A tare sets a zero of its own, of which the error at the empty pan says nothing.
        zero_error = None if reading.role is PointRole.TARE else measured_zero(self.rules, readings)
        judgement = judge_load(
            self.rules,
            load=load,
            indication=indication,
            added=added,
            jumped=reading.jumped,
            zero_error=zero_error,
        )
        return verdict(reading.point, judgement, "g")

    def half_step(self, point: PlannedPoint, indication: Decimal) -> Quantity | None:
        """The ½e that, added at once, decides a reading just at the limit."""
        if point.role in (PointRole.ZERO, PointRole.PRICE):
            return None
        grams_shown = Quantity(indication, point.unit).to("g").value
        half = half_step(self.rules, point.reference.to("g").value, grams_shown)
        return Quantity(plain(half), "g") if half else None

    def measurement(self, inspection: Inspection) -> Measurement:
        """All readings of an inspection."""
        return WeighingMeasurement(self, inspection)


def read_in_grams(reading: Reading) -> tuple[Decimal, Decimal | None]:
    """Indication and added weights of a reading that was done."""
    assert reading.indication  # noqa: S101
    added = reading.added_weights.to("g").value if reading.added_weights else None
    return reading.indication.to("g").value, added


def measured_zero(rules: Rules, readings: Sequence[Reading]) -> Decimal | None:
    """E0 in grams, where the zero was read with added weights."""
    zero = standing(readings).get("zero")
    if zero is None or zero.indication is None or zero.added_weights is None or zero.jumped is not None:
        return None
    indication, added = read_in_grams(zero)
    found = error_at(rules.scale, Decimal(0), indication, added)
    return found.value if found.believable else None


def displayed(readings: Sequence[Reading], load: Decimal) -> Decimal | None:
    """What the display showed with ``load`` on, in grams; None where that was not read."""
    return next(
        (
            reading.indication.to("g").value
            for reading in standing(readings).values()
            if reading.role is PointRole.LOAD
            and reading.indication
            and reading.reference.to("g").value == load
        ),
        None,
    )


class WeighingMeasurement(Measurement):
    """All readings of one scale."""

    def __init__(self, judge: WeighingJudge, inspection: Inspection) -> None:
        super().__init__(judge, inspection)
        self.rules, self.procedure = judge.rules, judge.procedure
        self.own_limits = judge.loads_of(inspection.standards)

    def look_at_standards(self) -> None:
        """Weights whose own limits are too wide for the scale judge nothing (R 76-1 3.7.1)."""
        weights = self.rules.limits.weights
        without = (PointRole.ZERO, PointRole.PRICE)
        used = {each.reference.to("g").value for each in self.last.values() if each.role not in without}
        for load in sorted(used):
            try:
                limit = limit_at(self.rules, load).mpe
            except InputError:
                # Without a limit the reading is undecided, and says so itself.
                continue
            values = {"load": spoken(load), "limit": grams(limit)}
            own = self.own_limits.get(load)
            if own is None:
                self.fit = False
                self.reasons.append(Message("The weights carried do not make {load}", values))
            elif not own.is_finite():
                self.fit = False
                text = msgid(
                    "The weights for {load}: how far they may be off is not known, so that they can't judge."
                )
                self.reasons.append(Message(text, values))
            elif own * weights.divisor > limit:
                self.fit = False
                text = msgid(
                    "The weights for {load} are too coarse: together up to ±{own}, more than 1/{part} of the limit ±{limit}."
                )
                values |= {"own": grams(own), "part": str(weights.divisor)}
                self.reasons.append(Message(text, values))

    def answers(self, reading: Reading, point: PlannedPoint) -> bool:
        """A price must be asked for at the plan's unit price."""
        return super().answers(reading, point) and reading.unit_price == point.unit_price

    def judge_together(self) -> None:
        """The spread of all repeats that were not set aside: one that was read again without a cause counts too."""
        repeats: list[tuple[Decimal, PossibleErrors]] = []
        for reading in self.inspection.readings:
            if reading.role is not PointRole.REPEATABILITY or reading.superseded_because:
                continue
            if reading.point in self.verdicts and reading.indication:
                load = reading.reference.to("g").value
                try:
                    error = error_at(self.rules.scale, load, *read_in_grams(reading), reading.jumped)
                except InputError:
                    # An earlier attempt that can't be judged; it stands among the readings.
                    continue
                if error.believable:
                    repeats.append((load, error))
        if len(repeats) < 2:
            return
        judgement = judge_repeatability(self.rules, repeats[0][0], [error for _load, error in repeats])
        spread = verdict("repeatability", judgement, "g")
        self.together.append(spread)
        self.outcomes.append(spread.outcome)
        values = {"spread": spread.error_of_indication.shown(), "limit": spread.limit.shown()}
        if spread.outcome is Outcome.BEYOND:
            self.reasons.append(Message("Repeats differ by {spread}, limit {limit}", values))
        elif spread.outcome is Outcome.UNDECIDED:
            self.reasons.append(
                Message("Repeats differ by {spread}: the display does not resolve it", values)
            )

    def look_at_range(self) -> None:
        """Each of the deciding loads must have been judged, or one between it and the next of them."""
        assert self.procedure  # noqa: S101  only measured when the kind is judged
        needed = [named_load(name, self.rules.scale) for name in self.procedure.deciding_loads]
        for low, high in pairwise([*needed, UNBOUNDED]):
            if not any(low <= load < high for load in self.loads()):
                self.outcomes.append(Outcome.UNDECIDED)
                text = msgid("No load from {needed} on was judged, which is the least that decides")
                self.reasons.append(Message(text, {"needed": spoken(low)}))
        least, corner = min(self.loads(), default=Decimal(0)), self.largest(PointRole.ECCENTRICITY)
        if least > self.rules.scale.capacity_min:
            values = {"load": spoken(least), "capacity_min": spoken(self.rules.scale.capacity_min)}
            self.notes.append(Message("Checked from {load} on; Min is {capacity_min}.", values))
        _places, wanted = eccentric(self.procedure, self.rules, self.inspection.instrument)
        if 0 < corner < wanted * NEARLY:
            values = {"load": spoken(corner), "wanted": spoken(round(wanted, 0))}
            self.notes.append(
                Message("Corners were checked with {load}; the procedure asks for about {wanted}.", values)
            )

    def loads(self, role: PointRole = PointRole.LOAD) -> list[Decimal]:
        """The loads in grams that were judged."""
        return [
            self.last[key].reference.to("g").value
            for key in self.verdicts
            if key in self.last and self.last[key].role is role
        ]

    def largest(self, role: PointRole = PointRole.LOAD) -> Decimal:
        """The largest load in grams that was judged."""
        return max(self.loads(role), default=Decimal(0))

    def covered_to(self) -> Quantity | None:
        """How far up the range was checked, where that is not all of it."""
        if not 0 < self.largest() < self.rules.scale.capacity_max:
            return None
        kilograms = Quantity(self.largest(), "g").to("kg" if self.largest() >= 1000 else "g")
        return Quantity(plain(kilograms.value), kilograms.unit)
