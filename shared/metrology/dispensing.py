"""Fuel dispensers: the volume dispensed, brought to the dispenser's temperature, against what it displays (JJG 443-2006, 2023)."""

from __future__ import annotations

from decimal import Decimal

from shared.inspection import Reading
from shared.message import Message, msgid
from shared.metrology.judging import Limit, PossibleErrors, in_brackets
from shared.metrology.points import PointsJudge, difference
from shared.quantity import Quantity, figure, plain

VESSEL_VOLUME, VESSEL_TEMPERATURE, NOZZLE_TEMPERATURE = (
    "vessel_volume",
    "vessel_temperature",
    "nozzle_temperature",
)
FUEL_EXPANSION, VESSEL_EXPANSION = "fuel_expansion", "vessel_expansion"
NECK_MARK, NECK_READING, NECK_DIVISION = "neck_mark", "neck_reading", "neck_division"
CELSIUS, PER_KELVIN, LITRE, LINE = "℃", "1/℃", "L", "1"
VESSEL_REFERENCE_TEMPERATURE = Decimal(20)


class DispensingJudge(PointsJudge):
    """Judges what a dispenser displays against what is in the measure."""

    def error(self, reading: Reading, limit: Limit) -> PossibleErrors:
        """E = (VJ − VBt) / VBt with VBt = VB·[1 + βY·(tJ − tB) + βB·(tB − 20)]: VJ displayed, VB read off the measure, tJ at the nozzle, tB in the measure.

        JJG 443-2006, formula as METROLOGY §3 has it; volumes in litres, temperatures in ℃. Raises InputError ``input_missing``.
        """
        assert reading.indication  # noqa: S101
        volume, neck = self.volume(reading)
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
        reference = Quantity(actual, LITRE)
        found = difference(reading.indication.to(LITRE), reference, LITRE, relative=limit.unit == "%")
        working = [*neck, Message(text, values), *found.working]
        return PossibleErrors(found.value, found.half_width, working)

    def volume(self, reading: Reading) -> tuple[Decimal, list[Message]]:
        """The volume in the measure in litres, as read, or worked out from the scale at its neck.

        VB = nominal − (line of the nominal volume − line read) × volume between two lines. Raises InputError ``input_missing``.
        """
        if VESSEL_VOLUME in reading.inputs or NECK_READING not in reading.inputs:
            return self.input_of(reading, VESSEL_VOLUME, LITRE), []
        nominal = reading.reference.to(LITRE).value
        mark, line = (self.input_of(reading, name, LINE) for name in (NECK_MARK, NECK_READING))
        division = self.input_of(reading, NECK_DIVISION, LITRE)
        volume = nominal - (mark - line) * division
        text = msgid("Volume in the measure = {nominal} − ({mark} − {line}) × {division} = {volume}")
        values = {
            "nominal": figure(plain(nominal)),
            "mark": figure(plain(mark)),
            "line": in_brackets(plain(line)),
            "division": figure(plain(division)),
            "volume": Quantity(plain(volume), LITRE).shown(),
        }
        return volume, [Message(text, values)]
