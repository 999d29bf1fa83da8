"""Clinical thermometers: read in a bath beside a standard thermometer, whose reading its certificate corrects (JJG 1162-2019)."""

from __future__ import annotations

import msgspec

from shared.inspection import Reading
from shared.message import Message, msgid
from shared.metrology.judging import Limit, PossibleErrors, in_brackets
from shared.metrology.points import PointsJudge
from shared.quantity import Quantity, figure, plain

CORRECTION = "correction"
CELSIUS = "℃"


class TemperatureJudge(PointsJudge):
    """Judges an indication against the temperature of the bath: what the standard shows plus its correction."""

    def limit_of(self, reading: Reading) -> Limit:
        """The limits at the temperature of the bath."""
        return super().limit_of(self.corrected(reading))

    def error(self, reading: Reading, limit: Limit) -> PossibleErrors:
        """Indication less corrected reference. Raises InputError ``input_missing``, ``unit_mismatch``."""
        corrected = self.corrected(reading)
        error = super().error(corrected, limit)
        if corrected is reading:
            return error
        text = msgid("Reference = standard {standard} + correction {correction} = {reference}")
        values = {
            "standard": figure(reading.reference.value),
            "correction": in_brackets(reading.inputs[CORRECTION].value),
            "reference": Quantity(plain(corrected.reference.value), CELSIUS).shown(),
        }
        return msgspec.structs.replace(error, working=[Message(text, values), *error.working])

    def corrected(self, reading: Reading) -> Reading:
        """The reading against the corrected reference; itself where the correction is nought or none was asked for."""
        if not self.has_input(CORRECTION):
            return reading
        correction = self.input_of(reading, CORRECTION, CELSIUS)
        if not correction:
            return reading
        reference = Quantity(reading.reference.to(CELSIUS).value + correction, CELSIUS)
        return msgspec.structs.replace(reading, reference=reference)
