"""Water and gas meters: the volume counted against the volume that passed, in the zone that the flow rate lies in (JJG 162, JJG 577)."""

from __future__ import annotations

from decimal import Decimal

from shared.inspection import Reading
from shared.metrology.points import PointsJudge
from shared.quantity import Quantity

DURATION = "duration"
MINIMUM_FLOW, TRANSITIONAL_FLOW, OVERLOAD_FLOW = "minimum_flow", "transitional_flow", "overload_flow"
LOWER, UPPER = "lower", "upper"
SECONDS_AN_HOUR = 3600


class FlowJudge(PointsJudge):
    """Judges a meter by the zone of the flow rate that was run."""

    def zone_of(self, reading: Reading) -> str:
        """``lower`` below the transitional flow rate (Q2, qt), ``upper`` from it on; a zone that the procedure names goes first.

        The zones end at the minimum and the overload flow rate (Q1, Q4), both included, where the nameplate says them. The flow rate is the volume that
        passed over the time that it took. Raises InputError ``input_missing``, ``nameplate_incomplete``, ``limit_unknown_here``.
        """
        named = super().zone_of(reading)
        if named:
            return named
        seconds = self.input_of(reading, DURATION, "s")
        if seconds <= 0:
            raise self.not_read(DURATION)
        plate = self.facts.nameplate
        # q < Q as V × 3600 s/h < Q × t, which needs no quotient.
        passed = reading.reference.to("m³").value * SECONDS_AN_HOUR

        def would_pass(flow: Quantity) -> Decimal:
            return flow.to("m³/h").value * seconds

        too_slow = MINIMUM_FLOW in plate and passed < would_pass(plate[MINIMUM_FLOW])
        if too_slow or (OVERLOAD_FLOW in plate and passed > would_pass(plate[OVERLOAD_FLOW])):
            raise self.limits.unknown(self.where(reading.reference, "", reading.inputs))
        return LOWER if passed < would_pass(self.figure_of(TRANSITIONAL_FLOW)) else UPPER
