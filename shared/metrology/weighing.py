"""Limits and errors of non-automatic weighing instruments (OIML R 76-1:2006, JJG 539-2016).

All masses inside are Decimal grams. Without added weights a digital reading is known only to half its interval, so every judgement here is
about an interval of possible errors: wholly inside the limit decides, wholly outside decides, and reaching over it does not.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from shared.errors import InputError
from shared.message import Message, msgid
from shared.metrology.catalogue import WeighingLimits
from shared.quantity import Quantity, figure, plain

HALF = Decimal("0.5")
QUARTER = Decimal("0.25")


class Outcome(StrEnum):
    """A judgement: three-valued, and never a pass by default."""

    WITHIN = "within"
    BEYOND = "beyond"
    UNDECIDED = "undecided"


def worst(outcomes: list[Outcome]) -> Outcome:
    """The worst of several: beyond, then undecided; undecided when there is none."""
    for outcome in (Outcome.BEYOND, Outcome.UNDECIDED):
        if outcome in outcomes:
            return outcome
    return Outcome.WITHIN if outcomes else Outcome.UNDECIDED


class Scale(msgspec.Struct, frozen=True):
    """What the arithmetic needs of an instrument, in grams."""

    accuracy_class: str
    capacity_max: Decimal
    capacity_min: Decimal
    e: Decimal
    """Verification scale interval."""
    d: Decimal
    """Actual scale interval."""


class Limit(msgspec.Struct, frozen=True):
    """A maximum permissible error in grams, and how it came about."""

    mpe: Decimal
    intervals: Decimal
    """n = m/e."""
    multiple: Decimal
    factor: Decimal
    working: Message


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What one reading says: the error's best value, how far it may be off, the limit, and the working."""

    outcome: Outcome
    error_of_indication: Decimal
    half_width: Decimal
    limit: Decimal
    working: list[Message]
    finer: Message | None = None
    """What decides an undecided reading."""


def grams(value: Decimal) -> str:
    """A mass in grams as people write it."""
    return Quantity(plain(value), "g").shown()


def signed_grams(value: Decimal) -> str:
    """An error in grams with its sign."""
    return Quantity(value, "g").shown_signed()


def limit_at(limits: WeighingLimits, scale: Scale, load: Decimal, stage: str) -> Limit:
    """The maximum permissible error at ``load`` grams (net load), for a stage of ``limits.stages``.

    R 76-1:2006 3.5.1 table 6; in service twice that (3.5.2). Raises InputError ``accuracy_class_unknown``.
    """
    bands = next((each.bands for each in limits.mpe if each.accuracy_class == scale.accuracy_class), None)
    if bands is None:
        raise InputError(
            "accuracy_class_unknown",
            "There are no limits for accuracy class {accuracy_class}.",
            "Read the class from the nameplate again, or say that the measurement can't be done.",
            accuracy_class=scale.accuracy_class or "?",
        )
    intervals = load / scale.e
    multiple = next(
        (band.multiple for band in bands if band.up_to is None or intervals <= band.up_to), bands[-1].multiple
    )
    factor = limits.stages[stage]
    base = multiple * scale.e
    values = {
        "intervals": figure(plain(intervals)),
        "accuracy_class": scale.accuracy_class,
        "multiple": figure(multiple),
        "base": grams(base),
        "limit": grams(base * factor),
    }
    if factor == 1:
        working = Message("{intervals}e: class {accuracy_class} ±{multiple}e = ±{limit}", values)
    else:
        values["factor"] = figure(factor)
        text = msgid(
            "{intervals}e: class {accuracy_class} ±{multiple}e = ±{base}, in service ×{factor} = ±{limit}"
        )
        working = Message(text, values)
    return Limit(base * factor, intervals, multiple, factor, working)


def compare(error_of_indication: Decimal, half_width: Decimal, limit: Decimal) -> Outcome:
    """Where the interval error ± half_width lies; the limit itself is still within."""
    if abs(error_of_indication) + half_width <= limit:
        return Outcome.WITHIN
    if abs(error_of_indication) - half_width > limit:
        return Outcome.BEYOND
    return Outcome.UNDECIDED


def error_before_rounding(scale: Scale, load: Decimal, indication: Decimal, added: Decimal) -> Decimal:
    """E = I + ½d − ΔL − L (R 76-1:2006 A.4.4.3)."""
    return indication + HALF * scale.d - added - load


def judge_load(
    limits: WeighingLimits,
    scale: Scale,
    stage: str,
    *,
    load: Decimal,
    indication: Decimal,
    added: Decimal | None = None,
    zero_error: Decimal | None = None,
) -> Judgement:
    """The error at a load and whether it is within the limit.

    ``added`` is ΔL, the small weights that made the display jump; ``zero_error`` is E0 found the same way near zero. Where E0 is not
    measured the zero setting leaves ±0.25e, which the working says (METROLOGY §3).
    """
    limit = limit_at(limits, scale, load, stage)
    half_width, working = Decimal(0), []
    figures = {"indication": figure(plain(indication)), "load": figure(plain(load))}
    if added is None:
        error = indication - load
        half_width += HALF * scale.d
        text = msgid("Error = indication − load = {indication} − {load} = {error}")
        working.append(Message(text, {**figures, "error": signed_grams(error)}))
        working.append(Message("The display resolves ±½d = ±{width}", {"width": grams(HALF * scale.d)}))
    else:
        error = error_before_rounding(scale, load, indication, added)
        text = msgid(
            "Error E = indication + ½d − ΔL − load = {indication} + {half} − {added} − {load} = {error}"
        )
        half, small = figure(plain(HALF * scale.d)), figure(plain(added))
        working.append(Message(text, {**figures, "half": half, "added": small, "error": signed_grams(error)}))
    if zero_error is not None:
        corrected = error - zero_error
        text = msgid("Corrected for zero: Ec = {error} − ({zero}) = {corrected}")
        values = {
            "error": signed_grams(error),
            "zero": signed_grams(zero_error),
            "corrected": signed_grams(corrected),
        }
        working.append(Message(text, values))
        error = corrected
    else:
        half_width += QUARTER * scale.e
        text = msgid("Error at zero not measured: the zero setting leaves ±0.25e = ±{width}")
        working.append(Message(text, {"width": grams(QUARTER * scale.e)}))
    working.append(limit.working)
    outcome = compare(error, half_width, limit.mpe)
    working.append(comparison(error, half_width, limit.mpe, outcome))
    finer = None
    if outcome is Outcome.UNDECIDED:
        finer = finer_step(scale, error) if added is None else measure_zero()
    return Judgement(
        outcome=outcome,
        error_of_indication=error,
        half_width=half_width,
        limit=limit.mpe,
        working=working,
        finer=finer,
    )


def comparison(error: Decimal, half_width: Decimal, limit: Decimal, outcome: Outcome) -> Message:
    """What was compared with what."""
    values = {"error": grams(abs(error)), "width": grams(half_width), "limit": grams(limit)}
    if outcome is Outcome.WITHIN:
        if not half_width:
            return Message("{error} ≤ {limit}", values)
        return Message("{error} ± {width} lies wholly within {limit}", values)
    if outcome is Outcome.BEYOND:
        values["beyond"] = grams(abs(error) - limit)
        if half_width:
            return Message("{error} ± {width} lies wholly beyond {limit}", values)
        return Message("{error} > {limit}, beyond by {beyond}", values)
    return Message("{error} ± {width} reaches over {limit}: undecided", values)


def finer_step(scale: Scale, error: Decimal) -> Message:
    """How one more small weight decides a reading at the limit (E before zero correction)."""
    values = {"half": grams(HALF * scale.e), "tenth": grams(scale.e / 10)}
    if error >= 0:
        text = msgid(
            "Add {half}: if the display jumps, the error is over the limit. Or add {tenth} at a time until it jumps."
        )
    else:
        text = msgid(
            "Add {half}: if the display stays, the error is over the limit. Or add {tenth} at a time until it jumps."
        )
    return Message(text, values)


def measure_zero() -> Message:
    """What narrows a reading whose added weights are known already."""
    return Message("Measure the error at zero with small weights too.")


def judge_zero(scale: Scale, indication: Decimal, added: Decimal | None) -> Judgement:
    """The zero: with added weights E0 against ±0.25e; a display that shows 0 without them is taken as set, not as measured."""
    limit = QUARTER * scale.e
    if added is not None:
        error = error_before_rounding(scale, Decimal(0), indication, added)
        outcome = compare(error, Decimal(0), limit)
        text = msgid("Error at zero E0 = indication + ½d − ΔL = {indication} + {half} − {added} = {error}")
        values = {
            "indication": figure(plain(indication)),
            "half": figure(plain(HALF * scale.d)),
            "added": figure(plain(added)),
            "error": signed_grams(error),
        }
        working = [Message(text, values), Message("Zero: ±0.25e = ±{limit}", {"limit": grams(limit)})]
        working.append(comparison(error, Decimal(0), limit, outcome))
        return Judgement(
            outcome=outcome, error_of_indication=error, half_width=Decimal(0), limit=limit, working=working
        )
    if indication == 0:
        working = [Message("The display shows zero after setting; the error at zero is not measured finer.")]
        outcome = Outcome.WITHIN
    else:
        outcome = compare(indication, HALF * scale.d, limit)
        working = [Message("Zero: ±0.25e = ±{limit}", {"limit": grams(limit)})]
        working.append(comparison(indication, HALF * scale.d, limit, outcome))
    return Judgement(
        outcome=outcome,
        error_of_indication=indication,
        half_width=HALF * scale.d,
        limit=limit,
        working=working,
    )


def judge_repeatability(
    limits: WeighingLimits,
    scale: Scale,
    stage: str,
    load: Decimal,
    readings: list[tuple[Decimal, Decimal | None]],
) -> Judgement:
    """The spread of several weighings of one load against |mpe| at that load (R 76-1:2006 3.6.1).

    ``readings`` are (indication, added weights or None) in grams; each one read without added weights widens the spread by ½d.
    """
    fine = [
        indication + (HALF * scale.d - added if added is not None else 0) for indication, added in readings
    ]
    rough = sum(1 for _, added in readings if added is None)
    half_width = HALF * scale.d * min(rough, 2)
    spread = max(fine) - min(fine)
    limit = limit_at(limits, scale, load, stage)
    outcome = compare(spread, half_width, limit.mpe)
    values = {"high": figure(plain(max(fine))), "low": figure(plain(min(fine))), "spread": grams(spread)}
    working = [Message("Spread of the repeats = {high} − {low} = {spread}", values), limit.working]
    working.append(comparison(spread, half_width, limit.mpe, outcome))
    return Judgement(
        outcome=outcome,
        error_of_indication=spread,
        half_width=half_width,
        limit=limit.mpe,
        working=working,
    )


def judge_price(unit_price: Decimal, net_load: Quantity, amount: Decimal) -> Judgement:
    """Whether the amount shown is unit price × net weight, rounded to the fen (0.01 yuan)."""
    exact = unit_price * net_load.to("kg").value
    error = amount - exact
    limit = Decimal("0.005")
    outcome = Outcome.WITHIN if abs(error) <= limit else Outcome.BEYOND
    values = {
        "price": figure(unit_price),
        "weight": net_load.to("kg").shown(),
        "exact": figure(plain(exact)),
        "amount": figure(amount),
    }
    working = [Message("Amount = {price} × {weight} = {exact}; shown {amount}", values)]
    if outcome is Outcome.BEYOND:
        working.append(Message("The amount is wrong by more than rounding to 0.01."))
    return Judgement(
        outcome=outcome, error_of_indication=error, half_width=Decimal(0), limit=limit, working=working
    )


def standard_fits(
    limits: WeighingLimits, accuracy_class: str, nominal: Decimal, limit: Decimal
) -> bool | None:
    """Whether a weight's own limit is at most a third of ``limit`` (grams; JJG 539: 1/3); None where its limit is not known."""
    milligrams = (
        limits.weights.mpe_mg.get(accuracy_class, {}).get(int(nominal)) if nominal == int(nominal) else None
    )
    return None if milligrams is None else milligrams / 1000 * 3 <= limit
