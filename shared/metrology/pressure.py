"""Pressure gauges and blood pressure instruments: what falls back must agree with what rose (JJG 52-2013; METROLOGY §3)."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from shared.inspection import Inspection, PointRole
from shared.message import Message, msgid
from shared.metrology.judging import PossibleErrors, in_brackets
from shared.metrology.measuring import Measurement
from shared.metrology.points import PointsJudge, PointsMeasurement
from shared.quantity import figure, plain


class PressureJudge(PointsJudge):
    """Judges rising and falling readings, also against each other."""

    def measurement(self, inspection: Inspection) -> Measurement:
        """All readings of an inspection."""
        return PressureMeasurement(self, inspection)


class PressureMeasurement(PointsMeasurement):
    """All readings of one gauge."""

    def judge_together(self) -> None:
        """The spread of repeats, and falling readings against rising ones."""
        super().judge_together()
        if self.points_judge.limits.returning:
            self.judge_returns()

    def judge_returns(self) -> None:
        """Falling against rising at the same point: no further apart than the limit's amount (回程误差)."""
        rising = {
            each.reference.to(self.points_judge.limits.unit).value: each
            for each in self.last.values()
            if each.role is PointRole.INDICATION and each.indication
        }
        for reading in self.last.values():
            unit = self.points_judge.limits.unit
            partner = rising.get(reading.reference.to(unit).value)
            if reading.role is not PointRole.FALLING or reading.indication is None or partner is None:
                continue
            assert partner.indication  # noqa: S101  only those that were read are among the rising
            apart = abs(reading.indication.to(unit).value - partner.indication.to(unit).value)
            found = self.points_judge.limit(
                reading.reference, self.points_judge.zone_of(reading), reading.inputs
            )
            text = msgid("Falling against rising = |{falling} − {rising}| = {apart}")
            values: dict[str, str | Message] = {
                "falling": figure(reading.indication.value),
                "rising": in_brackets(partner.indication.value),
                "apart": f"{figure(plain(apart))} {unit}",
            }
            limit = msgspec.structs.replace(found, low=Decimal(0))
            judged = self.points_judge.judged(
                f"returning:{reading.point}",
                PossibleErrors(apart, Decimal(0), [Message(text, values)]),
                limit,
            )
            self.add_together(judged, msgid("Falling differs from rising by {spread}, limit {limit}"))
