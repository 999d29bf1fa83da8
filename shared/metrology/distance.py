"""Taximeters: the distance charged against the distance driven (JJG 517-2016)."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from shared.inspection import Reading
from shared.message import Message, msgid
from shared.metrology.judging import Limit, PossibleErrors
from shared.metrology.points import PointsJudge, per_cent
from shared.metrology.table_limits import HUNDRED

DISPLAY_STEP = "display_step"


class DistanceJudge(PointsJudge):
    """Judges what the meter counted; a positive error is at the passenger's cost."""

    def error(self, reading: Reading, limit: Limit) -> PossibleErrors:
        """E = (counted − driven) / driven. Read between two steps of the display, the meter may have counted up to a whole step more.

        Raises InputError ``input_missing``, ``reference_zero``.
        """
        found = super().error(reading, limit)
        sign = Message("A positive error is at the passenger's cost")
        unit = reading.reference.unit
        step = self.input_of(reading, DISPLAY_STEP, unit) if self.has_input(DISPLAY_STEP) else Decimal(0)
        if step < 0:
            raise self.not_read(DISPLAY_STEP)
        if not step:
            return msgspec.structs.replace(found, working=[*found.working, sign])
        half = step * HUNDRED / reading.reference.value / 2
        text = msgid("Read between two steps of the display: up to {most} more may have been counted")
        between = Message(text, {"most": per_cent(2 * half)})
        return PossibleErrors(found.value + half, half, [*found.working, between, sign])
