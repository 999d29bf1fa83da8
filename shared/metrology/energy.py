"""Electricity and heat meters. The limit of a heat meter is the sum of those of its flow sensor, temperature sensors and calculator."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from shared.message import Message, msgid
from shared.metrology.catalogue_file import invalid
from shared.metrology.judging import STAGE_WORDS, Limit
from shared.metrology.points import PointsJudge
from shared.metrology.table_limits import TableLimits
from shared.quantity import Quantity, figure, plain

FLOW_RATE, TEMPERATURE_DIFFERENCE = "flow_rate", "temperature_difference"
RATED_FLOW, LEAST_DIFFERENCE = "rated_flow", "least_temperature_difference"
CUBIC_METRES_AN_HOUR, KELVIN = "m³/h", "K"


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit in per cent that grows with a ratio: ``fixed`` + ``share`` × ratio, ``most`` at the most."""

    fixed: Decimal
    share: Decimal
    most: Decimal | None = None

    def at(self, ratio: Decimal) -> Decimal:
        """The limit for a ratio."""
        limit = self.fixed + self.share * ratio
        return limit if self.most is None else min(limit, self.most)


class HeatLimits(
    TableLimits, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="rule", tag="heat"
):
    """The parts of a heat meter's limit; the rows of the table say for which stages and classes it is known, their figures are unused."""

    flow: Share
    """By qp/q."""
    sensors: Share
    """By Δθmin/Δθ."""
    calculator: Share
    """By Δθmin/Δθ."""


class EnergyJudge(PointsJudge):
    """Judges an electricity meter by its table, a heat meter by the sum of its parts."""

    def limit(
        self, reference: Quantity, zone: str = "", inputs: Mapping[str, Quantity] | None = None
    ) -> Limit:
        """The limits; of a heat meter at the flow rate and temperature difference among ``inputs``.

        E = ±(Ef + Et + Ec) (EN 1434-1, class 2; JJG 225). Raises InputError ``input_missing``, ``nameplate_incomplete``.
        """
        limits = self.limits
        if not isinstance(limits, HeatLimits):
            return super().limit(reference, zone, inputs)
        table = super().limit(reference, zone, inputs)
        flow = self.given(inputs or {}, FLOW_RATE, CUBIC_METRES_AN_HOUR)
        apart = self.given(inputs or {}, TEMPERATURE_DIFFERENCE, KELVIN)
        by_flow = self.figure_of(RATED_FLOW).to(CUBIC_METRES_AN_HOUR).value / flow
        by_difference = self.figure_of(LEAST_DIFFERENCE).to(KELVIN).value / apart
        parts = (
            limits.flow.at(by_flow),
            limits.sensors.at(by_difference),
            limits.calculator.at(by_difference),
        )
        total = sum(parts, Decimal(0))
        hundredth = Decimal("0.01")
        values: dict[str, str | Message] = {
            "flow": figure(parts[0].quantize(hundredth)),
            "sensors": figure(parts[1].quantize(hundredth)),
            "calculator": figure(parts[2].quantize(hundredth)),
            "total": f"{figure(total.quantize(hundredth))} %",
            "stage": STAGE_WORDS[self.stage],
            "document": limits.document,
        }
        text = msgid(
            "{stage}: flow {flow} + sensors {sensors} + calculator {calculator} = ±{total} ({document})"
        )
        return Limit(-plain(total), plain(total), "%", Message(text, values), table.source)

    def given(self, inputs: Mapping[str, Quantity], name: str, unit: str) -> Decimal:
        """An input that a ratio is made with, so more than nought. Raises InputError ``input_missing``."""
        found = inputs.get(name)
        if found is None or found.to(unit).value <= 0:
            raise self.input_missing(name)
        return found.to(unit).value


def check_heat(name: str, limits: HeatLimits) -> None:
    """The parts are limits."""
    for key in ("flow", "sensors", "calculator"):
        part: Share = getattr(limits, key)
        if part.fixed <= 0 or part.share < 0 or (part.most is not None and part.most < part.fixed):
            raise invalid(name, key, "must be more than 0, and not begin above its end")
