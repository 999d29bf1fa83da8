"""Pressure gauges and blood pressure instruments: leaks, light taps, and what falls back against what rose (JJG 52-2013, JJG 270-2008)."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from shared.inspection import Inspection, PointRole, Reading
from shared.message import Message, msgid
from shared.metrology.catalogue_file import invalid
from shared.metrology.judging import Limit, PossibleErrors, in_brackets
from shared.metrology.measuring import Measurement
from shared.metrology.points import PointsJudge, PointsMeasurement
from shared.metrology.table_limits import TableLimits, check_table
from shared.quantity import Quantity, figure, plain

LEAK, TAPPED = "leak", "tapped"


class PressureLimits(TableLimits, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="pressure"):
    """A table, and what is judged of two readings at one point."""

    returning: bool = False
    """Whether a falling reading may differ from the rising one by no more than the limit's amount (回程误差)."""
    tap: Decimal | None = None
    """The share of the limit's amount by which a light tap may move the pointer (轻敲位移)."""


class PressureJudge(PointsJudge):
    """Judges rising and falling readings, also against each other, and leaks."""

    def error(self, reading: Reading, limit: Limit) -> PossibleErrors:
        """In the zone ``leak`` how far the pressure fell from the reference value, noted at the start; a rise is no leak."""
        if self.zone_of(reading) != LEAK:
            return super().error(reading, limit)
        assert reading.indication  # noqa: S101
        fall = (reading.reference - reading.indication).to(limit.unit)
        text = msgid("Fall = {start} − {end} = {fall}")
        values = {
            "start": reading.reference.shown(),
            "end": reading.indication.shown(),
            "fall": Quantity(plain(fall.value), fall.unit).shown(),
        }
        return PossibleErrors(max(fall.value, Decimal(0)), Decimal(0), [Message(text, values)])

    def measurement(self, inspection: Inspection) -> Measurement:
        """All readings of an inspection."""
        return PressureMeasurement(self, inspection)


class PressureMeasurement(PointsMeasurement):
    """All readings of one gauge."""

    def judge_together(self) -> None:
        """The spread of repeats, falling readings against rising ones, and those after a tap against those before."""
        super().judge_together()
        limits = self.points_judge.limits
        if not isinstance(limits, PressureLimits):
            return
        read = [each for key, each in self.last.items() if key in self.verdicts]
        if limits.returning:
            rising = [each for each in read if each.role is PointRole.INDICATION]
            for falling in read:
                partner = next((each for each in rising if self.nominal(each) == self.nominal(falling)), None)
                if falling.role is PointRole.FALLING and partner:
                    self.judge_return(falling, partner)
        if limits.tap is not None:
            for each in read:
                if TAPPED in each.inputs:
                    self.judge_tap(each, each.inputs[TAPPED], limits.tap)

    def nominal(self, reading: Reading) -> Decimal:
        """Where the procedure wanted a reading, in the limits' unit: two readings there are of the same point, though the standard was not the same."""
        planned = next((each.reference for each in self.planned if each.key == reading.point), None)
        return (planned or reading.reference).to(self.points_judge.limits.unit).value

    def judge_return(self, falling: Reading, rising: Reading) -> None:
        """The error of the falling reading against that of the rising one: no further apart than the limit's amount (回程误差)."""
        judge = self.points_judge
        limit = judge.limit_of(falling)
        errors = [judge.error(each, limit).value for each in (falling, rising)]
        text = msgid("Falling against rising = |{falling} − {rising}| = {apart}")
        apart = abs(errors[0] - errors[1])
        values: dict[str, str | Message] = {
            "falling": figure(plain(errors[0])),
            "rising": in_brackets(plain(errors[1])),
            "apart": f"{figure(plain(apart))} {limit.unit}",
        }
        judged = judge.judged(
            f"returning:{falling.point}",
            PossibleErrors(apart, Decimal(0), [Message(text, values)]),
            msgspec.structs.replace(limit, low=Decimal(0)),
        )
        self.add_together(judged, msgid("Falling differs from rising by {spread}, limit {limit}"))

    def judge_tap(self, reading: Reading, tapped: Quantity, share: Decimal) -> None:
        """How far a light tap moved the pointer, and the error after it: the pointer stands where the tap left it."""
        assert reading.indication  # noqa: S101  only those that were judged
        judge = self.points_judge
        limit = judge.limit_of(reading)
        moved = abs(tapped - reading.indication).to(limit.unit).value
        text = msgid("A light tap moved the reading by |{tapped} − {indication}| = {moved}")
        read_in = "" if tapped.unit == limit.unit else f" {tapped.unit}"
        values: dict[str, str | Message] = {
            "tapped": f"{figure(plain(tapped.value))}{read_in}",
            "indication": f"{in_brackets(plain(reading.indication.to(tapped.unit).value))}{read_in}",
            "moved": f"{figure(plain(moved))} {limit.unit}",
        }
        permitted = plain(limit.high * share)
        words = Message("Light tap: {limit}", {"limit": f"≤ {figure(permitted)} {limit.unit}"})
        possible = PossibleErrors(moved, Decimal(0), [Message(text, values)])
        judged = judge.judged(
            f"tapped:{reading.point}", possible, Limit(Decimal(0), permitted, limit.unit, words, limit.source)
        )
        self.add_together(judged, msgid("A light tap moved the reading by {spread}, limit {limit}"))
        after = msgspec.structs.replace(reading, indication=tapped)
        judged = judge.judged(f"after_tap:{reading.point}", judge.error(after, limit), limit)
        self.add_together(judged, msgid("Error after a light tap {spread}, limit {limit}"))


def check_pressure(name: str, limits: PressureLimits) -> None:
    """The table, and a share that is one."""
    check_table(name, limits)
    if limits.tap is not None and not 0 < limits.tap <= 1:
        raise invalid(name, "tap", "must be more than 0, and 1 at the most")
