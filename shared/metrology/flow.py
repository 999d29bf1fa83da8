"""Water and gas meters: the volume counted against the volume that passed, in the zone that the flow rate lies in (JJG 162, JJG 577)."""

from __future__ import annotations

from shared.inspection import Reading
from shared.metrology.points import PointsJudge

DURATION, TRANSITIONAL_FLOW = "duration", "transitional_flow"
LOWER, UPPER = "lower", "upper"
SECONDS_AN_HOUR = 3600


class FlowJudge(PointsJudge):
    """Judges a meter by the zone of the flow rate that was run."""

    def zone_of(self, reading: Reading) -> str:
        """``lower`` below the transitional flow rate (Q2, qt), ``upper`` from it on; a zone that the procedure names goes first.

        The flow rate is the volume that passed over the time that it took. Raises InputError ``input_missing``, ``nameplate_incomplete``.
        """
        named = super().zone_of(reading)
        if named:
            return named
        seconds = self.input_of(reading, DURATION, "s")
        if seconds <= 0:
            raise self.not_read(DURATION)
        # q < Q2 as V × 3600 s/h < Q2 × t, which needs no quotient.
        passed, transitional = (
            reading.reference.to("m³").value,
            self.figure_of(TRANSITIONAL_FLOW).to("m³/h").value,
        )
        return LOWER if passed * SECONDS_AN_HOUR < transitional * seconds else UPPER
