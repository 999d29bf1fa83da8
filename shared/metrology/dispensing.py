"""Fuel dispensers: the volume dispensed, brought to the dispenser's temperature, against what it displays (JJG 443-2006, 2023)."""

from __future__ import annotations

from decimal import Decimal

from shared.inspection import Reading
from shared.message import Message, msgid
from shared.metrology.judging import Limit, PossibleErrors
from shared.metrology.points import PointsJudge, difference
from shared.quantity import Quantity, figure, plain

VESSEL_VOLUME, VESSEL_TEMPERATURE, NOZZLE_TEMPERATURE = (
    "vessel_volume",
    "vessel_temperature",
    "nozzle_temperature",
)
FUEL_EXPANSION, VESSEL_EXPANSION = "fuel_expansion", "vessel_expansion"
CELSIUS, PER_KELVIN, LITRE = "℃", "1/℃", "L"
VESSEL_REFERENCE_TEMPERATURE = Decimal(20)


class DispensingJudge(PointsJudge):
    """Judges what a dispenser displays against what is in the measure."""

    def error(self, reading: Reading, limit: Limit) -> PossibleErrors:
        """E = (VJ − VBt) / VBt with VBt = VB·[1 + βY·(tJ − tB) + βB·(tB − 20)]: VJ displayed, VB read off the measure, tJ at the nozzle, tB in the measure.

        JJG 443-2006, formula as METROLOGY §3 has it; volumes in litres, temperatures in ℃. Raises InputError ``input_missing``.
        """
        assert reading.indication  # noqa: S101
        displayed = reading.indication.to(LITRE).value
        volume = self.input_of(reading, VESSEL_VOLUME, LITRE)
        in_vessel = self.input_of(reading, VESSEL_TEMPERATURE, CELSIUS)
        at_nozzle = self.input_of(reading, NOZZLE_TEMPERATURE, CELSIUS)
        fuel = self.input_of(reading, FUEL_EXPANSION, PER_KELVIN)
        vessel = self.input_of(reading, VESSEL_EXPANSION, PER_KELVIN)
        factor = 1 + fuel * (at_nozzle - in_vessel) + vessel * (in_vessel - VESSEL_REFERENCE_TEMPERATURE)
        actual = volume * factor
        text = msgid(
            "Volume = {volume} × [1 + {fuel} × ({at_nozzle} − {in_vessel}) + {vessel} × ({in_vessel} − 20)] = {actual}"
        )
        values = {
            "volume": figure(plain(volume)),
            "fuel": figure(plain(fuel)),
            "vessel": figure(plain(vessel)),
            "at_nozzle": figure(plain(at_nozzle)),
            "in_vessel": figure(plain(in_vessel)),
            "actual": Quantity(actual.quantize(Decimal("0.0001")), LITRE).shown(),
        }
        found = difference(displayed, actual, LITRE, relative=limit.unit == "%")
        return PossibleErrors(found.value, found.half_width, [Message(text, values), *found.working])
