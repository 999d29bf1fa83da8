"""Spot checks of instruments that are compared with a reference standard point by point: the points, the errors, and what they say together.

The error is that of the indication as displayed, against the reference value; it is judged before it is rounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType

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
from shared.message import Message, msgid
from shared.metrology.judging import (
    Judgement,
    Limit,
    Outcome,
    PossibleErrors,
    Stage,
    compare,
    in_brackets,
    rounded,
    signed,
)
from shared.metrology.measuring import Judge, Measurement, check_standard, said, verdict
from shared.metrology.procedure import InputField, PointRow, PointsProcedure
from shared.metrology.table_limits import (
    HUNDRED,
    PointLimits,
    Spread,
    Where,
    input_missing,
    nameplate_incomplete,
)
from shared.quantity import Quantity, figure, plain

REFERENCE, START = "reference", "start"
"""Inputs that mean the same in every family: the standard's own reading, and what a counter showed before."""
STANDARD = Message("Standard")
NEAR = 10
"""A reference value that was read is that of its point when it is off by a tenth at most (made here)."""
TEN_THOUSANDTH = Decimal("0.0001")


class PointsJudge(Judge):
    """Judges one instrument point by point; a family with a formula of its own overrides :meth:`error` or :meth:`zone_of`."""

    def __init__(
        self,
        limits: PointLimits,
        procedure: PointsProcedure | None,
        facts: InstrumentFacts,
        default_class: str,
        stage: Stage,
        on: date,
        figures: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """``figures`` names the figures of the nameplate for people, by their ids."""
        self.figures = figures
        self.limits, self.procedure, self.facts, self.stage, self.on = limits, procedure, facts, stage, on
        self.accuracy_class = facts.accuracy_class or default_class

    # Limits

    def limit(
        self, reference: Quantity, zone: str = "", inputs: Mapping[str, Quantity] | None = None
    ) -> Limit:
        """The limits at a reference value."""
        return self.limits.limit_at(self.where(reference, zone, inputs or {}))

    def where(self, reference: Quantity, zone: str, inputs: Mapping[str, Quantity]) -> Where:
        """The point as the table wants it."""
        return Where(
            stage=self.stage,
            reference=reference.to(self.limits.unit).value,
            accuracy_class=self.accuracy_class,
            zone=zone,
            span=self.span(),
            inputs=inputs,
            nameplate=self.facts.nameplate,
            figures=self.figures,
        )

    def span(self) -> Decimal | None:
        """The span of the measuring range, in the table's unit; None where it is not known."""
        ends = [self.facts.nameplate.get(name) for name in ("range_from", "range_to")]
        if ends[1] is None:
            return None
        low = ends[0].to(self.limits.unit).value if ends[0] else Decimal(0)
        span = ends[1].to(self.limits.unit).value - low
        return span if span > 0 else None

    # The plan

    def plan(self, standards: Sequence[StandardUsed]) -> list[PlannedPoint]:
        """The procedure's points, rising before falling; none without a standard of the sort it needs. InputError ``standard_expired``."""
        if self.procedure is None:
            return []
        fitting = [each for each in standards if each.sort == self.procedure.standard]
        for standard in fitting:
            check_standard(standard, self.on)
        if not fitting:
            return []
        rows = sorted(self.procedure.points, key=lambda row: row.falling)
        return [point for row in rows for point in self.points_of(row, fitting)]

    def points_of(self, row: PointRow, standards: Sequence[StandardUsed]) -> list[PlannedPoint]:
        """The points of one row, at each of its reference values as often as it says."""
        return [
            self.point(row, reference, number)
            for reference in self.references(row, standards)
            for number in range(1, row.repeats + 1)
        ]

    def references(self, row: PointRow, standards: Sequence[StandardUsed]) -> list[Decimal]:
        """The nominal reference values of a row in the procedure's unit, in the order they are set."""
        assert self.procedure  # noqa: S101  only a procedure has rows
        unit = self.procedure.unit
        if row.nameplate:
            return [self.figure_of(row.nameplate).to(unit).value]
        if row.standards:
            return sorted({each.nominal.to(unit).value for each in standards})
        if row.references:
            return sorted(row.references, reverse=row.falling)
        low = self.facts.nameplate.get("range_from", Quantity(Decimal(0), unit)).to(unit).value
        high = self.figure_of("range_to").to(unit).value
        return [plain(low + share * (high - low)) for share in sorted(row.shares, reverse=row.falling)]

    def figure_of(self, name: str) -> Quantity:
        """A figure of the nameplate. Raises InputError ``nameplate_incomplete``."""
        found = self.facts.nameplate.get(name)
        if found is None:
            raise nameplate_incomplete(self.figures.get(name, name))
        return found

    def point(self, row: PointRow, reference: Decimal, number: int) -> PlannedPoint:
        """One point with all that the form shows."""
        procedure = self.procedure
        assert procedure  # noqa: S101  only a procedure has rows
        nominal = Quantity(plain(reference), procedure.unit)
        values = {"reference": nominal.shown()}
        title = Message(row.title, values)
        key = f"{row.id}:{nominal.shown()}"
        if row.repeats > 1:
            key = f"{key}:{number}"
            title = Message(msgid("{title}, no. {number}"), {"title": title, "number": str(number)})
        same = figure(round(reference, procedure.decimals))
        try:
            limit = self.limit(nominal, row.zone)
        except InputError:
            # It depends on what is read, or is not known there; the judgement says so once there is a reading.
            limit = None
        inputs = [*procedure.inputs, *row.inputs]
        if procedure.reference_read:
            standard = InputField(
                id=REFERENCE,
                name=STANDARD.text,
                unit=procedure.unit,
                decimals=procedure.decimals + 2,
                usual=same,
            )
            inputs.insert(0, standard)
        return PlannedPoint(
            key=key,
            role=PointRole.FALLING if row.falling else PointRole.INDICATION,
            reference=nominal,
            same=same,
            unit=procedure.unit,
            decimals=procedure.decimals,
            title=title,
            instruction=Message(row.instruction, values),
            basis=Message("{document}", {"document": limit.source.document}) if limit else None,
            limit=Quantity(limit.high, limit.unit) if limit else None,
            limit_below=None
            if limit is None or limit.low == -limit.high
            else Quantity(limit.low, limit.unit),
            inputs=inputs,
            reference_read=procedure.reference_read,
            zone=row.zone,
            finer_possible=False,
        )

    # Judging

    def verdict_on(self, reading: Reading, readings: Sequence[Reading]) -> PointVerdict | None:
        """The error of one reading against the limits where it was read."""
        del readings
        if reading.indication is None:
            return None
        limit = self.limit_of(reading)
        return self.judged(reading.point, self.error(reading, limit), limit)

    def limit_of(self, reading: Reading) -> Limit:
        """The limits where a reading was taken."""
        return self.limit(reading.reference, self.zone_of(reading), reading.inputs)

    def judged(
        self, point: str, error: PossibleErrors, limit: Limit, outcome: Outcome | None = None
    ) -> PointVerdict:
        """A verdict on a known error; ``outcome`` where it does not follow from the comparison alone."""
        outcome = outcome or compare(error, limit.low, limit.high)
        shown = rounded(error.value, self.limits.shown_decimals, limit.low, limit.high)
        width = error.half_width.quantize(TEN_THOUSANDTH)
        judgement = Judgement(
            outcome=outcome,
            error_of_indication=shown,
            half_width=width,
            limit=limit.high,
            limit_below=limit.low,
            working=[*error.working, limit.working, comparison(error, shown, limit, outcome)],
        )
        return verdict(point, judgement, limit.unit)

    def row_of(self, reading: Reading) -> PointRow | None:
        """The procedure's row that the reading's point is of."""
        rows = self.procedure.points if self.procedure else []
        return next((row for row in rows if reading.point.startswith(f"{row.id}:")), None)

    def zone_of(self, reading: Reading) -> str:
        """The zone that the reading's point lies in."""
        row = self.row_of(reading)
        return row.zone if row else ""

    def error(self, reading: Reading, limit: Limit) -> PossibleErrors:
        """The error of indication in the unit of its limit. Raises InputError ``input_missing``, ``reference_zero``, ``unit_mismatch``."""
        assert reading.indication  # noqa: S101
        relative = limit.unit == "%"
        if not self.has_input(START):
            return difference(reading.indication, reading.reference, self.limits.unit, relative=relative)
        start = Quantity(self.input_of(reading, START, reading.indication.unit), reading.indication.unit)
        counted = reading.indication - start
        text = msgid("Counted: {indication} − {start} = {counted}")
        values = {
            "indication": figure(plain(reading.indication.value)),
            "start": in_brackets(plain(start.value)),
            "counted": Quantity(plain(counted.value), counted.unit).shown(),
        }
        error = difference(counted, reading.reference, self.limits.unit, relative=relative)
        return msgspec.structs.replace(error, working=[Message(text, values), *error.working])

    def input_fields(self) -> dict[str, InputField]:
        """All that the procedure asks for beside the indications."""
        return {field.id: field for field in self.procedure.all_inputs()} if self.procedure else {}

    def has_input(self, name: str) -> bool:
        """Whether the procedure asks for this beside the indication."""
        return name in self.input_fields()

    def input_of(self, reading: Reading, name: str, unit: str) -> Decimal:
        """What was read beside the indication, in ``unit``. Raises InputError ``input_missing``."""
        given = reading.inputs.get(name)
        if given is None:
            raise self.not_read(name)
        return given.to(unit).value

    def not_read(self, name: str) -> InputError:
        """The error of an input that is missing."""
        field = self.input_fields().get(name)
        return input_missing(field.name if field else name)

    def measurement(self, inspection: Inspection) -> Measurement:
        """All readings of an inspection."""
        return PointsMeasurement(self, inspection)


def difference(indication: Quantity, reference: Quantity, unit: str, *, relative: bool) -> PossibleErrors:
    """Indication less reference in ``unit``, where ``relative`` in per cent of the reference. Raises InputError ``reference_zero``.

    The two are subtracted in the unit they were read in, so that no conversion is rounded twice.
    """
    apart = indication - reference
    error = apart.to(unit)
    read_in = "" if relative or indication.unit == unit else f" {indication.unit}"
    values = {
        "indication": f"{figure(plain(indication.value))}{read_in}",
        "reference": f"{in_brackets(plain(reference.to(indication.unit).value))}{read_in}",
        "error": error.shown_signed(),
    }
    if not relative:
        text = msgid("Error = indication − reference = {indication} − {reference} = {error}")
        return PossibleErrors(error.value, Decimal(0), [Message(text, values)])
    if not reference.value:
        raise InputError(
            "reference_zero",
            "There is no relative error against a reference value of nought.",
            "Take another point.",
        )
    share = apart.value * HUNDRED / reference.to(indication.unit).value
    values["error"] = per_cent(share)
    text = msgid(
        "Error = (indication − reference) / reference = ({indication} − {reference}) / {reference} = {error}"
    )
    return PossibleErrors(share, Decimal(0), [Message(text, values)])


def per_cent(share: Decimal) -> str:
    """A relative error as the working shows it."""
    return f"{signed(share.quantize(TEN_THOUSANDTH))} %"


def comparison(error: PossibleErrors, shown: Decimal, limit: Limit, outcome: Outcome) -> Message:
    """What was compared with what, and how the error is rounded where it is shown."""
    values = {"error": f"{signed(shown)} {limit.unit}", "limit": limit.shown()}
    if outcome is Outcome.UNDECIDED:
        values["width"] = f"{figure(error.half_width.quantize(TEN_THOUSANDTH))} {limit.unit}"
        return Message("{error} ± {width} reaches over {limit}: undecided", values)
    exact = shown == error.value
    if outcome is Outcome.WITHIN:
        text = (
            msgid("{error} is within {limit}")
            if exact
            else msgid("{error} (rounded half to even) is within {limit}")
        )
        return Message(text, values)
    side = limit.high if error.value > limit.high else limit.low
    values["beyond"] = f"{figure(plain(abs(shown - side)))} {limit.unit}"
    text = (
        msgid("{error} is beyond {limit} by {beyond}")
        if exact
        else msgid("{error} (rounded half to even) is beyond {limit} by {beyond}")
    )
    return Message(text, values)


class PointsMeasurement(Measurement):
    """All readings of one instrument that was compared with a standard."""

    def __init__(self, judge: PointsJudge, inspection: Inspection) -> None:
        super().__init__(judge, inspection)
        self.points_judge = judge

    def look_at_standards(self) -> None:
        """A standard of the right sort must have been there, and be at most a third as uncertain as the narrowest limit used."""
        procedure = self.points_judge.procedure
        assert procedure  # noqa: S101  only measured when the kind is judged
        fitting = [each for each in self.inspection.standards if each.sort == procedure.standard]
        if not fitting:
            self.fit = False
            self.reasons.append(Message("No reference standard that fits was carried."))
        for standard in fitting:
            self.look_at_uncertainty(standard)

    def look_at_uncertainty(self, standard: StandardUsed) -> None:
        """The rule of a third (or another part) for one standard, at every point that it served."""
        values: dict[str, str | Message] = {"nominal": standard.nominal.shown()}
        part = self.points_judge.limits.standard_divisor
        if standard.largest_error is None:
            self.fit = False
            text = msgid("{nominal}: the largest error of the standard is not known, so that it can't judge.")
            self.reasons.append(Message(text, values))
            return
        for reading in self.last.values():
            if reading.indication is None or not self.served(standard, reading):
                continue
            try:
                limit = self.points_judge.limit_of(reading)
            except InputError:
                # Without a limit the reading is undecided, and says so itself.
                continue
            try:
                own = own_error(standard.largest_error, reading.reference, limit.unit)
            except InputError as error:
                self.fit = False
                self.reasons.append(said(error))
                return
            if own * part > limit.nearest:
                self.fit = False
                text = msgid(
                    "{nominal} is too coarse a standard: up to ±{own}, more than 1/{part} of the limit {limit}."
                )
                values |= {
                    "own": f"{figure(plain(own))} {limit.unit}",
                    "part": str(part),
                    "limit": limit.shown(),
                }
                self.reasons.append(Message(text, values))
                return

    def served(self, standard: StandardUsed, reading: Reading) -> bool:
        """Whether the standard realised the reading's reference value: one that has a point of its own serves no other."""
        row = self.points_judge.row_of(reading)
        if row is None or not row.standards:
            return True
        nominal = next((each.reference for each in self.planned if each.key == reading.point), None)
        return nominal is None or standard.nominal.equals(nominal)

    def answers(self, reading: Reading, point: PlannedPoint) -> bool:
        """A reference value that was read must lie near the point's nominal value, and nearer than to that of any point beside it."""
        if not point.reference_read:
            return super().answers(reading, point)
        off = abs(reading.reference - point.reference).to(point.unit).value
        beside = [
            abs(reading.reference - each.reference).to(point.unit).value
            for each in self.planned
            if each.role is point.role and each.zone == point.zone
        ]
        return reading.role is point.role and off * NEAR <= abs(point.reference.value) and off <= min(beside)

    def judge_together(self) -> None:
        """The spread of repeats."""
        permitted = self.points_judge.limits.repeatability
        if permitted is None:
            return
        groups: dict[str, list[Reading]] = defaultdict(list)
        for reading in self.inspection.readings:
            if not reading.superseded_because and reading.point in self.verdicts and reading.indication:
                groups[reading.point.rpartition(":")[0]].append(reading)
        for key, found in groups.items():
            try:
                values, limit = self.repeated(found)
            except InputError as error:
                self.outcomes.append(Outcome.UNDECIDED)
                self.reasons.append(said(error))
                continue
            if len(values) > 1:
                self.judge_spread(key, values, limit, permitted)

    def repeated(self, readings: Sequence[Reading]) -> tuple[list[Decimal], Limit]:
        """The values whose spread is judged, here the errors, and the limit of one of them. Raises InputError."""
        judge = self.points_judge
        errors = [judge.error(reading, judge.limit_of(reading)).value for reading in readings]
        return errors, judge.limit_of(readings[0])

    def judge_spread(self, key: str, found: Sequence[Decimal], limit: Limit, permitted: Decimal) -> None:
        """The repeatability of the readings at one point (重复性)."""
        spread, limits = max(found) - min(found), self.points_judge.limits
        text = msgid("Spread of the repeats = ({high}) − ({low}) = {spread}")
        values: dict[str, str | Message] = {
            "high": f"{signed(max(found).quantize(TEN_THOUSANDTH))} {limit.unit}",
            "low": f"{signed(min(found).quantize(TEN_THOUSANDTH))} {limit.unit}",
            "spread": f"{figure(plain(spread.quantize(TEN_THOUSANDTH)))} {limit.unit}",
        }
        working = [Message(text, values)]
        least = spread
        if limits.repeatability_as is Spread.UNSEEN:
            least = spread / Decimal(2 * (len(found) - 1)).sqrt()
            text = msgid(
                "By another usual definition it could be as little as {least}: the text's was not seen"
            )
            working.append(Message(text, {"least": f"{figure(least.quantize(TEN_THOUSANDTH))} {limit.unit}"}))
        outcome = (
            Outcome.WITHIN
            if spread <= permitted
            else Outcome.BEYOND
            if least > permitted
            else Outcome.UNDECIDED
        )
        words = Message("Spread of the repeats: {limit}", {"limit": f"≤ {figure(permitted)} {limit.unit}"})
        judged = self.points_judge.judged(
            f"repeatability:{key}",
            # A quotient without end is no quantity; the outcome was drawn before it is rounded.
            PossibleErrors(spread, (spread - least).quantize(Decimal("0.0001")), working),
            Limit(Decimal(0), permitted, limit.unit, words, limit.source),
            outcome,
        )
        self.add_together(judged, msgid("Repeats differ by {spread}, limit {limit}"))

    def add_together(self, judged: PointVerdict, text: str) -> None:
        """Takes in what several readings say together."""
        self.together.append(judged)
        self.outcomes.append(judged.outcome)
        values: dict[str, str | Message] = {
            "spread": judged.error_of_indication.shown(),
            "limit": judged.limits_shown(),
        }
        if judged.outcome is Outcome.BEYOND:
            self.reasons.append(Message(text, values))
        elif judged.outcome is Outcome.UNDECIDED:
            text = msgid(
                "Repeats: {spread}, limit {limit}; the formula of the text would decide, and was not seen"
            )
            self.reasons.append(Message(text, values))


def own_error(own: Quantity, reference: Quantity, unit: str) -> Decimal:
    """What a standard may be off by at a reference value, in the unit of the limit there.

    Raises InputError ``unit_mismatch``, ``reference_zero``.
    """
    if own.unit == unit:
        return abs(own.value)
    if own.unit == "%":
        return abs(own.value * reference.to(unit).value / HUNDRED)
    if unit == "%":
        return abs(difference(reference + own, reference, reference.unit, relative=True).value)
    return abs(own.to(unit).value)
