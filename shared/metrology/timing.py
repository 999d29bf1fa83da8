"""Clocks: what one gains or loses, in seconds a day (日差), from any stretch of time (JJG 1010)."""

from __future__ import annotations

from decimal import Decimal

from shared.errors import InputError
from shared.inspection import Reading
from shared.message import Message, msgid
from shared.metrology.judging import Limit, PossibleErrors
from shared.metrology.points import PointsJudge
from shared.quantity import Quantity, figure, plain

SECONDS_A_DAY = 86400


class TimeJudge(PointsJudge):
    """Judges a clock by the time that passed on it while the reference time passed."""

    def error(self, reading: Reading, limit: Limit) -> PossibleErrors:
        """Daily rate = (time by the clock − time) / time × 86400 s/d. Raises InputError ``reference_zero``."""
        if limit.unit != "s/d":
            return super().error(reading, limit)
        assert reading.indication  # noqa: S101
        clock, passed = reading.indication.to("s").value, reading.reference.to("s").value
        if passed <= 0:
            raise InputError(
                "reference_zero", "No time passed between the two readings.", "Read again after some time."
            )
        rate = (clock - passed) * SECONDS_A_DAY / passed
        text = msgid("Daily rate = ({clock} − {passed}) / {passed} × 86400 = {rate}")
        values = {
            "clock": figure(plain(clock)),
            "passed": figure(plain(passed)),
            "rate": Quantity(rate.quantize(Decimal("0.0001")), limit.unit).shown_signed(),
        }
        return PossibleErrors(rate, Decimal(0), [Message(text, values)])
