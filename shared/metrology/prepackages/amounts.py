"""What a net content is measured in: five measures, their units, and figures as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

from shared.errors import InputError
from shared.message import msgid
from shared.quantity import FACTORS, Quantity, plain
from shared.standard import WEIGHT

DIGITS = 200
"""Figures of exact arithmetic: a square of any quantity fits; a quotient that does not end is off by less than any display shows."""
THOUSANDTH = Decimal("0.001")


class Measure(StrEnum):
    """The kind of quantity that a package states."""

    MASS = "mass"
    VOLUME = "volume"
    LENGTH = "length"
    AREA = "area"
    COUNT = "count"


BALANCE, VOLUME_STANDARD, LENGTH_STANDARD = "balance", "volume", "length"
FOUND_WITH = {
    Measure.MASS: (BALANCE, WEIGHT),
    Measure.VOLUME: (VOLUME_STANDARD,),
    Measure.LENGTH: (LENGTH_STANDARD,),
    Measure.AREA: (LENGTH_STANDARD,),
}
"""Sorts of standard that what is read is found with, by what is read: a volume that is weighed is a mass. Pieces are counted. How fine it must be is not judged: no rule was seen."""

BASE = {
    Measure.MASS: "g",
    Measure.VOLUME: "mL",
    Measure.LENGTH: "cm",
    Measure.AREA: "cm²",
    Measure.COUNT: "件",
}
"""The unit in which the rules' figures stand."""

UNITS = {
    unit: Measure(measured)
    for unit, (measured, _factor) in FACTORS.items()
    if measured in BASE and unit not in ("m³", "km")
}
"""The units in which a package is stated or read, and what each measures."""

DENSITIES = {
    "g/mL": Decimal(1),
    "g/cm³": Decimal(1),
    "kg/L": Decimal(1),
    "kg/m³": Decimal("0.001"),
}
"""Units of density in grams per millilitre."""


def measure_of(unit: str) -> Measure:
    """What a unit measures. Raises InputError ``unit_unknown``."""
    if unit not in UNITS:
        raise unit_unknown(unit)
    return UNITS[unit]


def in_base(quantity: Quantity, measure: Measure) -> Decimal:
    """The figure in the base unit of ``measure``, exactly. Raises InputError ``unit_unknown``, ``unit_mismatch``."""
    if measure_of(quantity.unit) is not measure:
        raise InputError(
            "unit_mismatch",
            "{unit} can't be expressed in {wanted}.",
            "Give both figures in units of the same quantity.",
            unit=quantity.unit,
            wanted=BASE[measure],
        )
    with localcontext(prec=DIGITS):
        return quantity.value * FACTORS[quantity.unit][1] / FACTORS[BASE[measure]][1]


def grams_per_millilitre(density: Quantity) -> Decimal:
    """A density in g/mL. Raises InputError ``unit_unknown``, ``density_impossible``."""
    if density.unit not in DENSITIES:
        raise unit_unknown(density.unit)
    value = density.value * DENSITIES[density.unit]
    if value <= 0:
        raise InputError(
            "density_impossible",
            "A density of {density} can't be.",
            "Measure the density again.",
            density=density.shown(),
        )
    return value


def unit_unknown(unit: str) -> InputError:
    """The error of a unit that no rule here speaks of."""
    return InputError(
        "unit_unknown",
        msgid("The unit {unit} is not known here."),
        msgid("Give the figure in a unit that the package may state."),
        unit=unit or "?",
    )


def rounded(value: Decimal, measure: Measure) -> Quantity:
    """A worked-out figure for a record or a screen, to 0.001, half up; what is compared is never this."""
    return Quantity(plain(value.quantize(THOUSANDTH, ROUND_HALF_UP)), BASE[measure])


def written(value: Decimal, measure: Measure) -> str:
    """The same as text."""
    return rounded(value, measure).shown()
