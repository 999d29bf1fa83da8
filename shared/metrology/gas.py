"""Gas alarms: against the certified gas that is carried, how the repeats agree, and how fast they answer (JJG 693-2011, JJG 915-2008)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from shared.errors import InputError
from shared.inspection import Inspection, Reading
from shared.message import Message, msgid
from shared.metrology.catalogue_file import invalid
from shared.metrology.judging import Limit, PossibleErrors
from shared.metrology.measuring import Measurement
from shared.metrology.points import PointsJudge, PointsMeasurement
from shared.metrology.table_limits import HUNDRED, TableLimits, check_table
from shared.quantity import figure, plain

SECOND = "s"


class GasLimits(TableLimits, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="gas"):
    """A table; the limit of repeatability is in per cent of the mean reading."""

    response: dict[str, Decimal] = msgspec.field(default_factory=dict)
    """The longest response time in seconds, by the id of the input in which it was read: it depends on how the gas comes in."""


class GasJudge(PointsJudge):
    """Judges an alarm's indications of certified gases."""

    def measurement(self, inspection: Inspection) -> Measurement:
        """All readings of an inspection."""
        return GasMeasurement(self, inspection)


class GasMeasurement(PointsMeasurement):
    """All readings of one alarm."""

    def repeated(self, readings: Sequence[Reading]) -> tuple[list[Decimal], Limit]:
        """The repeats in per cent of their mean. Raises InputError ``reference_zero``."""
        unit = self.points_judge.limits.unit
        indications = [each.indication.to(unit).value for each in readings if each.indication]
        total = sum(indications, Decimal(0))
        if not total:
            raise InputError(
                "reference_zero", "The mean of the repeats is nought.", "Read the repeats again with gas."
            )
        limit = self.points_judge.limit_of(readings[0])
        shares = [each * len(indications) * HUNDRED / total for each in indications]
        return shares, msgspec.structs.replace(limit, unit="%")

    def judge_together(self) -> None:
        """The repeats, and each response time."""
        super().judge_together()
        limits = self.points_judge.limits
        if isinstance(limits, GasLimits):
            for key, reading in self.last.items():
                for name, longest in limits.response.items():
                    if key in self.verdicts and name in reading.inputs:
                        self.judge_response(reading, name, longest)

    def judge_response(self, reading: Reading, name: str, longest: Decimal) -> None:
        """How long it took until the reading stood at nine tenths."""
        judge = self.points_judge
        took = reading.inputs[name].to(SECOND).value
        shown = f"{figure(plain(took))} {SECOND}"
        words = Message("Response time: {limit}", {"limit": f"≤ {figure(longest)} {SECOND}"})
        limit = Limit(Decimal(0), longest, SECOND, words, judge.limits.source_of())
        possible = PossibleErrors(took, Decimal(0), [Message("Response time {time}", {"time": shown})])
        judged = judge.judged(f"response:{reading.point}", possible, limit)
        self.add_together(judged, msgid("Response time {spread}, limit {limit}"))


def check_gas(name: str, limits: GasLimits) -> None:
    """The table, and times that are some."""
    check_table(name, limits)
    if any(longest <= 0 for longest in limits.response.values()):
        raise invalid(name, "response", "must be more than 0")
