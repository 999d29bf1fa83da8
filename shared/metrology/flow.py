"""Water and gas meters: the volume counted against the volume that passed, in the zone that the flow rate lies in (JJG 162, JJG 577)."""

from __future__ import annotations

from shared.inspection import Reading
from shared.metrology.points import PointsJudge

FLOW_RATE, TRANSITIONAL_FLOW = "flow_rate", "transitional_flow"
LOWER, UPPER = "lower", "upper"
CUBIC_METRES_AN_HOUR = "m³/h"


class FlowJudge(PointsJudge):
    """Judges a meter by the zone of the flow rate that was run, where that was read; else by the zone that the point names."""

    def zone_of(self, reading: Reading) -> str:
        """``lower`` below the transitional flow rate (Q2, qt), ``upper`` from it on; a zone that the procedure names goes first."""
        named, flow = super().zone_of(reading), reading.inputs.get(FLOW_RATE)
        transitional = self.facts.nameplate.get(TRANSITIONAL_FLOW)
        if named or flow is None or transitional is None:
            return named
        return LOWER if flow.to(CUBIC_METRES_AN_HOUR) < transitional.to(CUBIC_METRES_AN_HOUR) else UPPER
