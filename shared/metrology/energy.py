"""Heat meters: the limit is the sum of those of flow sensor, temperature sensors and calculator. Electricity meters have a table."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from shared.message import Message, msgid
from shared.metrology.catalogue_file import invalid
from shared.metrology.judging import STAGE_WORDS, Limit, Stage
from shared.metrology.table_limits import (
    PointLimits,
    Where,
    check_points,
    input_missing,
    nameplate_incomplete,
)
from shared.quantity import Quantity, figure, plain

FLOW_RATE, TEMPERATURE_DIFFERENCE = "flow_rate", "temperature_difference"
READ = {FLOW_RATE: msgid("Flow rate"), TEMPERATURE_DIFFERENCE: msgid("Temperature difference")}
"""Names of what is read; no procedure asks for it."""
RATED_FLOW, LEAST_DIFFERENCE = "rated_flow", "least_temperature_difference"
CUBIC_METRES_AN_HOUR, KELVIN = "m³/h", "K"
HUNDREDTH = Decimal("0.01")
TINY = Decimal("1e-12")


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit in per cent that grows with a ratio: ``fixed`` + ``share`` × ratio, ``most`` at the most."""

    fixed: Decimal
    share: Decimal
    most: Decimal | None = None

    def at(self, ratio: Decimal) -> Decimal:
        """The limit for a ratio."""
        limit = self.fixed + self.share * ratio
        return limit if self.most is None else min(limit, self.most)


class Parts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits of a heat meter's parts, for the stages and the class that they name."""

    stages: list[Stage]
    accuracy_class: str
    flow: Share
    """By qp/q."""
    sensors: Share
    """By Δθmin/Δθ."""
    calculator: Share
    """By Δθmin/Δθ."""


class HeatLimits(PointLimits, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="heat"):
    """The limits of complete heat meters, in per cent of the heat."""

    parts: list[Parts]

    def limit_at(self, where: Where) -> Limit:
        """E = ±(Ef + Et + Ec) at the flow rate and temperature difference among the inputs (EN 1434-1; JJG 225).

        Raises InputError ``limit_unknown_here``, ``nameplate_incomplete``, ``input_missing``.
        """
        parts = next(
            (
                each
                for each in self.parts
                if where.stage in each.stages and each.accuracy_class == where.accuracy_class
            ),
            None,
        )
        if parts is None:
            raise self.unknown(where)
        by_flow = ratio(where, RATED_FLOW, FLOW_RATE, CUBIC_METRES_AN_HOUR)
        by_difference = ratio(where, LEAST_DIFFERENCE, TEMPERATURE_DIFFERENCE, KELVIN)
        flow, sensors = parts.flow.at(by_flow), parts.sensors.at(by_difference)
        calculator = parts.calculator.at(by_difference)
        # A ratio may have no end; what is cut off is beyond anything measured.
        total = plain((flow + sensors + calculator).quantize(TINY))
        values: dict[str, str | Message] = {
            "flow": figure(flow.quantize(HUNDREDTH)),
            "sensors": figure(sensors.quantize(HUNDREDTH)),
            "calculator": figure(calculator.quantize(HUNDREDTH)),
            "total": f"{figure(plain(total.quantize(HUNDREDTH)))} %",
            "stage": STAGE_WORDS[where.stage],
            "document": self.document,
        }
        text = msgid(
            "{stage}: flow {flow} + sensors {sensors} + calculator {calculator} = ±{total} ({document})"
        )
        return Limit(-total, total, "%", Message(text, values), self.source_of())

    def knows(self, stage: Stage) -> bool:
        """Whether any limit is known for a stage."""
        return any(stage in each.stages for each in self.parts)


def ratio(where: Where, rated: str, actual: str, unit: str) -> Decimal:
    """A figure of the nameplate over what was read. Raises InputError ``nameplate_incomplete``, ``input_missing``."""
    stated, read = (
        more_than_nought(given.get(name), unit)
        for given, name in ((where.nameplate, rated), (where.inputs, actual))
    )
    if stated is None:
        raise nameplate_incomplete(where.figures.get(rated, rated))
    if read is None:
        raise input_missing(READ[actual])
    return stated / read


def more_than_nought(found: Quantity | None, unit: str) -> Decimal | None:
    """A figure that a ratio can be made with; None where there is none."""
    value = found.to(unit).value if found else Decimal(0)
    return value if value > 0 else None


def check_heat(name: str, limits: HeatLimits) -> None:
    """The parts are limits."""
    check_points(name, limits)
    for place, parts in enumerate(limits.parts):
        for key in ("flow", "sensors", "calculator"):
            part: Share = getattr(parts, key)
            if part.fixed <= 0 or part.share < 0 or (part.most is not None and part.most < part.fixed):
                raise invalid(
                    name, f"parts[{place}].{key}", "must be more than 0, and not begin above its end"
                )
