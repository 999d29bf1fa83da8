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
    limits_shown,
    rounded,
    signed,
)
from shared.metrology.measuring import Judge, Measurement, check_standard, verdict
from shared.metrology.procedure import InputField, PointRow, PointsProcedure
from shared.metrology.table_limits import HUNDRED, TableLimits, Where
from shared.quantity import Quantity, figure, plain

REFERENCE, START = "reference", "start"
"""Inputs that mean the same in every family: the standard's own reading, and what a counter showed before."""
STANDARD = Message("Standard")
THIRD = 3
"""A standard may be off by a third of the limit that it judges (JJF 1094-2002 5.3.1.4, the usual demand of the regulations)."""


class PointsJudge(Judge):
    """Judges one instrument by a table of limits; a family with a formula of its own overrides :meth:`error` or :meth:`limit`."""

    def __init__(
        self,
        limits: TableLimits,
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
            inputs={name: given.value for name, given in inputs.items()},
        )

    def span(self) -> Decimal | None:
        """The span of the measuring range, in the table's unit; None where it is not known."""
        ends = [self.facts.nameplate.get(name) for name in ("range_from", "range_to")]
        if ends[1] is None:
            return None
        low = ends[0].to(self.limits.unit).value if ends[0] else Decimal(0)
        return ends[1].to(self.limits.unit).value - low

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
            raise InputError(
                "nameplate_incomplete",
                "A figure of the nameplate is not known: {figure}.",
                "Read it from the nameplate and enter it.",
                figure=self.figures.get(name, name),
            )
        return found

    def point(self, row: PointRow, reference: Decimal, number: int) -> PlannedPoint:
        """One point with all that the form shows."""
        procedure = self.procedure
        assert procedure  # noqa: S101  only a procedure has rows
        nominal = Quantity(plain(reference), procedure.unit)
        values = {"reference": nominal.shown(), "number": str(number)}
        title = Message(row.title, values)
        key = f"{row.id}:{nominal.shown()}"
        if row.repeats > 1:
            key = f"{key}:{number}"
            title = Message(msgid("{title}, no. {number}"), {"title": title, "number": str(number)})
        same = figure(reference.quantize(Decimal(1).scaleb(-procedure.decimals)))
        try:
            limit = self.limit(nominal, row.zone)
        except InputError:
            # It depends on what is read, or is not known there; the judgement says so once there is a reading.
            limit = None
        inputs = list(procedure.inputs)
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

    def judge(self, reading: Reading, readings: Sequence[Reading]) -> PointVerdict | None:
        """The error of one reading against the limits where it was read."""
        del readings
        if reading.indication is None:
            return None
        limit = self.limit(reading.reference, self.zone_of(reading), reading.inputs)
        error = self.error(reading, limit)
        return self.judged(reading.point, error, limit)

    def judged(self, point: str, error: PossibleErrors, limit: Limit) -> PointVerdict:
        """A verdict on a known error."""
        outcome = compare(error, limit.low, limit.high)
        shown = rounded(error.value, self.limits.shown_decimals, limit.low, limit.high)
        judgement = Judgement(
            outcome=outcome,
            error_of_indication=shown,
            half_width=error.half_width,
            limit=limit.high,
            limit_below=limit.low,
            working=[*error.working, limit.working, comparison(error.value, shown, limit, outcome)],
        )
        return verdict(point, judgement, limit.unit)

    def zone_of(self, reading: Reading) -> str:
        """The zone that the reading's point lies in."""
        rows = self.procedure.points if self.procedure else []
        return next((row.zone for row in rows if reading.point.startswith(f"{row.id}:")), "")

    def error(self, reading: Reading, limit: Limit) -> PossibleErrors:
        """The error of indication in the unit of its limit. Raises InputError ``input_missing``, ``reference_zero``, ``unit_mismatch``."""
        assert reading.indication  # noqa: S101
        unit = self.limits.unit
        indication, reference = reading.indication.to(unit).value, reading.reference.to(unit).value
        if not self.has_input(START):
            return difference(indication, reference, unit, relative=limit.unit == "%")
        start = self.input_of(reading, START, unit)
        text = msgid("Counted: {indication} − {start} = {counted}")
        values = {
            "indication": figure(plain(indication)),
            "start": in_brackets(plain(start)),
            "counted": Quantity(plain(indication - start), unit).shown(),
        }
        error = difference(indication - start, reference, unit, relative=limit.unit == "%")
        return msgspec.structs.replace(error, working=[Message(text, values), *error.working])

    def has_input(self, name: str) -> bool:
        """Whether the procedure asks for this beside the indication."""
        return self.procedure is not None and any(each.id == name for each in self.procedure.inputs)

    def input_of(self, reading: Reading, name: str, unit: str) -> Decimal:
        """What was read beside the indication, in ``unit``. Raises InputError ``input_missing``."""
        given = reading.inputs.get(name)
        if given is None:
            raise self.input_missing(name)
        return given.to(unit).value

    def input_missing(self, name: str) -> InputError:
        """What is raised where something beside the indication was not read."""
        fields = {each.id: each.name for each in self.procedure.inputs} if self.procedure else {}
        return InputError(
            "input_missing", "{what} was not read.", "Read it and type it.", what=fields.get(name, name)
        )

    def measurement(self, inspection: Inspection) -> Measurement:
        """All readings of an inspection."""
        return PointsMeasurement(self, inspection)


def difference(indication: Decimal, reference: Decimal, unit: str, *, relative: bool) -> PossibleErrors:
    """Indication less reference, where ``relative`` in per cent of the reference. Raises InputError ``reference_zero``."""
    error = indication - reference
    values = {
        "indication": figure(plain(indication)),
        "reference": in_brackets(plain(reference)),
        "error": Quantity(error, unit).shown_signed(),
    }
    if not relative:
        text = msgid("Error = indication − reference = {indication} − {reference} = {error}")
        return PossibleErrors(error, Decimal(0), [Message(text, values)])
    if not reference:
        raise InputError(
            "reference_zero",
            "There is no relative error against a reference value of nought.",
            "Take another point.",
        )
    share = error * HUNDRED / reference
    values["error"] = f"{signed(share.quantize(Decimal('0.0001')))} %"
    text = msgid(
        "Error = (indication − reference) / reference = ({indication} − {reference}) / {reference} = {error}"
    )
    return PossibleErrors(share, Decimal(0), [Message(text, values)])


def comparison(error: Decimal, shown: Decimal, limit: Limit, outcome: Outcome) -> Message:
    """What was compared with what, and how the error is rounded where it is shown."""
    values = {
        "error": f"{signed(shown)} {limit.unit}",
        "limit": limit.shown(),
    }
    exact = shown == error
    if outcome is Outcome.WITHIN:
        text = (
            msgid("{error} is within {limit}")
            if exact
            else msgid("{error} (rounded half to even) is within {limit}")
        )
        return Message(text, values)
    side = limit.high if error > limit.high else limit.low
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
        """The 1/3 rule for one standard, at every point that it served."""
        values: dict[str, str | Message] = {"nominal": standard.nominal.shown()}
        if standard.largest_error is None:
            self.fit = False
            text = msgid("{nominal}: the largest error of the standard is not known, so that it can't judge.")
            self.reasons.append(Message(text, values))
            return
        for reading in self.last.values():
            if reading.indication is None or not self.served(standard, reading):
                continue
            try:
                judge = self.points_judge
                limit = judge.limit(reading.reference, judge.zone_of(reading), reading.inputs)
                own = own_error(standard, reading.reference, limit.unit)
            except InputError:
                continue
            if own * THIRD > limit.nearest:
                self.fit = False
                text = msgid("{nominal} is too coarse a standard: up to ±{own}, the limit is {limit}.")
                values |= {"own": f"{figure(plain(own))} {limit.unit}", "limit": limit.shown()}
                self.reasons.append(Message(text, values))
                return

    def served(self, standard: StandardUsed, reading: Reading) -> bool:
        """Whether the standard realised the reading's reference value; one that is read serves every point."""
        procedure = self.points_judge.procedure
        rows = procedure.points if procedure else []
        own = any(row.standards and reading.point.startswith(f"{row.id}:") for row in rows)
        return not own or standard.nominal.equals(reading.reference)

    def judge_together(self) -> None:
        """The spread of repeats."""
        if self.points_judge.limits.repeatability is not None:
            self.judge_spreads(self.points_judge.limits.repeatability)

    def judge_spreads(self, permitted: Decimal) -> None:
        """The largest less the smallest error of the repeats at each point (重复性)."""
        groups: dict[str, list[tuple[Decimal, Limit]]] = defaultdict(list)
        for reading in self.inspection.readings:
            if reading.superseded_because or reading.point not in self.verdicts or reading.indication is None:
                continue
            judge = self.points_judge
            limit = judge.limit(reading.reference, judge.zone_of(reading), reading.inputs)
            groups[reading.point.rpartition(":")[0]].append((judge.error(reading, limit).value, limit))
        for key, found in groups.items():
            if len(found) < 2:
                continue
            errors, unit = [error for error, _limit in found], found[0][1].unit
            spread = max(errors) - min(errors)
            text = msgid("Spread of the repeats = ({high}) − ({low}) = {spread}")
            values: dict[str, str | Message] = {
                "high": f"{signed(max(errors).quantize(Decimal('0.0001')))} {unit}",
                "low": f"{signed(min(errors).quantize(Decimal('0.0001')))} {unit}",
                "spread": f"{figure(plain(spread.quantize(Decimal('0.0001'))))} {unit}",
            }
            words = Message("Spread of the repeats: {limit}", {"limit": f"≤ {figure(permitted)} {unit}"})
            limit = Limit(Decimal(0), permitted, unit, words, found[0][1].source)
            judged = self.points_judge.judged(
                f"repeatability:{key}", PossibleErrors(spread, Decimal(0), [Message(text, values)]), limit
            )
            self.add_together(judged, msgid("Repeats differ by {spread}, limit {limit}"))

    def add_together(self, judged: PointVerdict, text: str) -> None:
        """Takes in what several readings say together."""
        self.together.append(judged)
        self.outcomes.append(judged.outcome)
        if judged.outcome is Outcome.BEYOND:
            shown = limits_shown(Quantity(Decimal(0), judged.limit.unit), judged.limit)
            values: dict[str, str | Message] = {"spread": judged.error_of_indication.shown(), "limit": shown}
            self.reasons.append(Message(text, values))


def own_error(standard: StandardUsed, reference: Quantity, unit: str) -> Decimal:
    """What a standard may be off by at a reference value, in the unit of the limit there."""
    assert standard.largest_error  # noqa: S101  looked at before
    own = standard.largest_error
    if own.unit == unit:
        return abs(own.value)
    if own.unit == "%":
        return abs(own.value * reference.to(unit).value / HUNDRED)
    if unit == "%":
        return abs(own.to(reference.unit).value * HUNDRED / reference.value)
    return abs(own.to(unit).value)
