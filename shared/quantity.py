"""A value with its unit: every measured and every limiting figure in the house is one of these.

Units of one quantity convert by the exact factors of :data:`UNITS`; other units stand for themselves. No float comes near.
"""

from __future__ import annotations

from decimal import Context, Decimal

import msgspec

from shared.errors import InputError
from shared.message import msgid

MINUS = "\N{MINUS SIGN}"
GREATEST, FINEST = 18, -24
"""Powers of ten of the first and of the last digit beyond which nothing is measured."""
ONE = Decimal(1)
LAST, WIDE = Decimal(1).scaleb(FINEST), Context(prec=GREATEST - FINEST + 1)
GRAMS = {"mg": Decimal("0.001"), "g": Decimal(1), "kg": Decimal(1000), "t": Decimal(1_000_000)}
UNITS: dict[str, dict[str, Decimal]] = {
    "mass": GRAMS,
    "pressure": {
        "Pa": Decimal(1),
        "kPa": Decimal(1000),
        "MPa": Decimal(1_000_000),
        # 13.5951 g/cm³ × 9.80665 m/s² × 1 mm, which defines it.
        "mmHg": Decimal("133.322387415"),
    },
    "volume": {"mL": Decimal("0.001"), "L": Decimal(1), "m³": Decimal(1000)},
    "length": {"mm": Decimal("0.001"), "cm": Decimal("0.01"), "m": Decimal(1), "km": Decimal(1000)},
    "area": {"mm²": Decimal("0.000001"), "cm²": Decimal("0.0001"), "dm²": Decimal("0.01"), "m²": Decimal(1)},
    "count": {"件": Decimal(1)},
    "time": {"s": Decimal(1), "min": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)},
    "energy": {"Wh": Decimal(1), "kWh": Decimal(1000), "MWh": Decimal(1_000_000)},
    "flow rate": {"L/h": Decimal(1), "L/min": Decimal(60), "m³/h": Decimal(1000)},
}
"""The units of each quantity, and how many of its unit with the factor 1 each is."""
FACTORS = {unit: (quantity, factor) for quantity, units in UNITS.items() for unit, factor in units.items()}


class NoQuantityError(InputError, ValueError):
    """A figure beyond anything measured, or none at all (NaN, infinity); a ValueError, so that decoders refuse it by its place."""


class Quantity(msgspec.Struct, frozen=True):
    """``value`` in ``unit``; the value keeps the decimals it was given with, as a display shows them."""

    value: Decimal
    unit: str

    def __post_init__(self) -> None:
        if is_short(str(self.value)) and self.value.is_finite():
            return
        if not self.value.is_finite() or self.value.adjusted() > GREATEST or is_too_fine(self.value):
            raise NoQuantityError(
                "quantity_impossible",
                msgid("{value} {unit} can't have been measured."),
                msgid("Read the figure again."),
                value=self.value,
                unit=self.unit,
            )

    def to(self, unit: str) -> Quantity:
        """The same quantity in ``unit``; InputError ``unit_mismatch`` where there is no conversion.

        Exact wherever the result has an end: always between powers of ten, and from the greater to the lesser unit of the others. Where it has
        none (1 min in h, 1 kPa in mmHg) it is rounded half to even in the 28th digit, and in the 24th decimal at the latest.
        """
        if unit == self.unit:
            return self
        quantity, factor = FACTORS.get(self.unit) or (self.unit, ONE)
        wanted, divisor = FACTORS.get(unit) or (unit, ONE)
        if quantity == wanted:
            value = plain(self.value * factor / divisor)
            return Quantity(value.quantize(LAST, context=WIDE) if is_too_fine(value) else value, unit)
        raise InputError(
            "unit_mismatch",
            "{unit} can't be expressed in {wanted}.",
            "Give both figures in units of the same quantity.",
            unit=self.unit,
            wanted=unit,
        )

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.value + other.to(self.unit).value, self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(self.value - other.to(self.unit).value, self.unit)

    def __mul__(self, factor: Decimal | int) -> Quantity:
        return Quantity(self.value * factor, self.unit)

    def __neg__(self) -> Quantity:
        return Quantity(-self.value, self.unit)

    def __abs__(self) -> Quantity:
        return Quantity(abs(self.value), self.unit)

    def __lt__(self, other: Quantity) -> bool:
        return self.value < other.to(self.unit).value

    def __le__(self, other: Quantity) -> bool:
        return self.value <= other.to(self.unit).value

    def __gt__(self, other: Quantity) -> bool:
        return other < self

    def __ge__(self, other: Quantity) -> bool:
        return other <= self

    def equals(self, other: Quantity) -> bool:
        """Whether both are the same amount, whatever the units and decimals (``==`` compares as written)."""
        return self.value == other.to(self.unit).value

    def shown(self) -> str:
        """As people write it: a true minus sign, a space before the unit, the decimals that were given."""
        return f"{figure(self.value)} {self.unit}"

    def shown_signed(self) -> str:
        """As an error is written: the sign always there, except on zero."""
        sign = "+" if self.value > 0 else ""
        return f"{sign}{figure(plain(self.value))} {self.unit}"


def is_short(text: str) -> bool:
    """Whether a figure has so few characters, and no exponent, that neither of its ends is beyond anything measured: nearly every figure."""
    return len(text) <= GREATEST and "E" not in text


def exponent(value: Decimal) -> int:
    """The power of ten of the last digit of a finite value."""
    return int(value.as_tuple().exponent)


def is_too_fine(value: Decimal) -> bool:
    """Whether the last digit of a finite value is beyond :data:`FINEST`."""
    # There are no more digits than the text has characters, so that most values need not be taken apart.
    return value.adjusted() - len(str(value)) < FINEST and exponent(value) < FINEST


def plain(value: Decimal) -> Decimal:
    """The value without superfluous zeros and without an exponent: 10.500 → 10.5, 1E+1 → 10."""
    text = str(value)
    if is_short(text) and ("." not in text or text[-1] != "0"):
        return value
    normal = value.normalize()
    if "E" not in str(normal):
        return normal
    return normal.quantize(ONE) if normal == normal.to_integral_value() else normal


def figure(value: Decimal) -> str:
    """The digits with a true minus sign and no exponent; minus nought is nought."""
    text = f"{value:f}" if value else f"{abs(value):f}"
    return text.replace("-", MINUS)
