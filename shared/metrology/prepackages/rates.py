"""Pass rates of lots: label and net content apart, compared with a target in whole numbers. METROLOGY §1, T20."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from shared.metrology.judging import Outcome

TENTH = Decimal("0.1")


class PassRate(msgspec.Struct, frozen=True):
    """How many of the lots that were judged are within."""

    within: int
    judged: int
    undecided: int = 0
    """Shown beside; they are in neither number."""

    @property
    def percent(self) -> Decimal | None:
        """To 0.1 %, half up, for showing only; None where nothing was judged."""
        return (
            (Decimal(100 * self.within) / self.judged).quantize(TENTH, ROUND_HALF_UP) if self.judged else None
        )

    def reaches(self, target_percent: int) -> bool:
        """Whether the rate is the target at least, without rounding; nothing judged reaches nothing."""
        return self.judged > 0 and 100 * self.within >= target_percent * self.judged


def pass_rate(outcomes: Iterable[Outcome]) -> PassRate:
    """The rate over these outcomes, one a lot."""
    found = list(outcomes)
    within, beyond = found.count(Outcome.WITHIN), found.count(Outcome.BEYOND)
    return PassRate(within, within + beyond, found.count(Outcome.UNDECIDED))
