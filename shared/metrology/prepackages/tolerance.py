"""The tolerable deficiency T (允许短缺量) by nominal quantity Qn: METROLOGY §4.1; OIML R 87."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

import msgspec

from shared.errors import InputError
from shared.message import Message, msgid
from shared.metrology.prepackages.amounts import BASE, Measure, in_base, measure_of
from shared.metrology.prepackages.rules import DeficiencyBand, DeficiencyTable, NetContentLimits, Rounding
from shared.quantity import Quantity, figure, plain

PER_CENT = Decimal("0.01")


class Tolerance(msgspec.Struct, frozen=True):
    """T of one nominal quantity, in the base unit of its measure."""

    measure: Measure
    nominal: Decimal
    exact: Decimal
    """T before rounding: continuous in the nominal quantity where the table is."""
    value: Decimal
    """T as it judges."""
    working: list[Message]


def tolerance(limits: NetContentLimits, nominal: Quantity, rounding: Rounding) -> Tolerance:
    """T of ``nominal``; 0 where no shortage is tolerated.

    Raises InputError ``unit_unknown``, ``nominal_impossible``, ``deficiency_unknown`` (beyond the table there is no T).
    """
    measure = measure_of(nominal.unit)
    size = in_base(nominal, measure)
    if size <= 0 or (measure is Measure.COUNT and size != size.to_integral_value()):
        raise InputError(
            "nominal_impossible",
            msgid("A net content of {nominal} can't be."),
            msgid("Read the net content from the package again."),
            nominal=nominal.shown(),
        )
    table = limits.deficiency_of(measure)
    low = Decimal(0)
    for band in table.bands:
        if band.up_to is None or size <= band.up_to:
            return of_band(measure, table, low, band, size, rounding)
        low = band.up_to
    raise InputError(
        "deficiency_unknown",
        msgid("No tolerable deficiency is stated for {nominal}: the table ends at {end}."),
        msgid("Leave the net content unjudged; check the label."),
        nominal=nominal.shown(),
        end=shown(low, measure),
    )


def of_band(
    measure: Measure,
    table: DeficiencyTable,
    low: Decimal,
    band: DeficiencyBand,
    size: Decimal,
    rounding: Rounding,
) -> Tolerance:
    """T within one band, with its working."""
    exact = band.amount or (band.percent or Decimal(0)) * PER_CENT * size
    value, rounded = round_off(measure, table, size, exact, rounding)
    values = {
        "nominal": shown(size, measure),
        "band": band_words(low, band, measure),
        "exact": shown(exact, measure),
    }
    if band.percent is not None:
        values["percent"] = figure(plain(band.percent))
        said = Message(msgid("Qn = {nominal} ({band}): T = {percent} % × Qn = {exact}"), values)
    elif band.amount is not None:
        said = Message(msgid("Qn = {nominal} ({band}): T = {exact}"), values)
    else:
        said = Message(msgid("Qn = {nominal} ({band}): no shortage is tolerated, T = 0"), values)
    return Tolerance(measure, size, exact, value, [said, *rounded])


def round_off(
    measure: Measure, table: DeficiencyTable, size: Decimal, exact: Decimal, rounding: Rounding
) -> tuple[Decimal, list[Message]]:
    """T rounded to its step; how is said wherever the setting makes a difference."""
    if table.rounded_up is not None:
        value = to_step(exact, table.rounded_up, ROUND_CEILING)
        if value == exact:
            return value, []
        return value, [Message("T rounded up to whole pieces: {value}", {"value": shown(value, measure)})]
    step = next((each.step for each in table.rounding if each.up_to is None or size <= each.up_to), None)
    if step is None or not exact % step:
        return exact, []
    if rounding is Rounding.NONE:
        return exact, [Message("T is not rounded (a setting; the text that was seen states no direction).")]
    up = rounding is Rounding.UP
    value = to_step(exact, step, ROUND_CEILING if up else ROUND_HALF_UP)
    values = {"step": shown(step, measure), "value": shown(value, measure)}
    if up:
        text = msgid(
            "T rounded up to {step}: {value} (a setting; the text that was seen states no direction)"
        )
    else:
        text = msgid(
            "T rounded half up to {step}: {value} (a setting; the text that was seen states no direction)"
        )
    return value, [Message(text, values)]


def to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    """The value as a whole number of steps."""
    return (value / step).to_integral_value(rounding) * step


def band_words(low: Decimal, band: DeficiencyBand, measure: Measure) -> str:
    """``100–200 g``: above the first, up to and including the second."""
    if band.up_to is None:
        return f"> {shown(low, measure)}"
    if not low:
        return f"≤ {shown(band.up_to, measure)}"
    return f"{figure(plain(low))}–{shown(band.up_to, measure)}"


def shown(value: Decimal, measure: Measure) -> str:
    """An exact figure in the base unit."""
    return Quantity(plain(value), BASE[measure]).shown()
