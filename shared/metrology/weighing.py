"""Limits and errors of non-automatic weighing instruments (OIML R 76-1:2006, JJG 539-2016).

All masses inside are Decimal grams. Without added weights a digital reading is known only to half its interval, so every judgement here is
about an interval of possible errors: wholly inside the limit decides, wholly outside decides, and reaching over it does not.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

import msgspec

from shared.errors import InputError
from shared.memo import remembered
from shared.message import Message, msgid
from shared.metrology.judging import Judgement, Outcome, PossibleErrors, Stage, compare
from shared.metrology.weighing_limits import WeighingLimits
from shared.quantity import Quantity, figure, plain

HALF = Decimal("0.5")
TENTH = Decimal("0.1")


class Partial(msgspec.Struct, frozen=True):
    """A partial weighing range of a multi-interval scale: ``e`` up to and including ``up_to`` grams."""

    up_to: Decimal
    e: Decimal


class Scale(msgspec.Struct, frozen=True):
    """What the arithmetic needs of an instrument, in grams."""

    accuracy_class: str
    capacity_max: Decimal
    capacity_min: Decimal
    e: Decimal
    """Verification scale interval; of a multi-interval scale the smallest."""
    d: Decimal
    """Actual scale interval."""
    partial: tuple[Partial, ...] = ()
    """The ranges of a multi-interval scale, ascending; there d is e in each (R 76-1:2006 3.3)."""
    digital: bool = True
    """False for a beam or a dial, which is read to the nearest graduation: known to ±½d too, but no small weights make it jump."""

    def e_at(self, net_load: Decimal) -> Decimal:
        """The verification scale interval for a net load."""
        if not self.partial:
            return self.e
        return next((each.e for each in self.partial if net_load <= each.up_to), self.partial[-1].e)

    def d_at(self, indication: Decimal) -> Decimal:
        """The interval in which the display counts where it shows ``indication``."""
        return self.e_at(indication) if self.partial else self.d


class Rules(msgspec.Struct, frozen=True, dict=True):
    """What judges one instrument on one day: its own figures, and the limits of the edition that judges then."""

    limits: WeighingLimits
    scale: Scale
    stage: Stage = Stage.IN_SERVICE

    @cached_property
    def known_limits(self) -> dict[Decimal, LoadLimit]:
        """The limits that were asked for; :func:`limit_at` keeps them."""
        return {}


class LoadLimit(msgspec.Struct, frozen=True):
    """The maximum permissible error at a load, in grams, and how it came about."""

    mpe: Decimal
    intervals: Decimal
    """n = m/e."""
    multiple: Decimal
    working: Message


def grams(value: Decimal) -> str:
    """A mass in grams as people write it."""
    return Quantity(plain(value), "g").shown()


def signed_grams(value: Decimal) -> str:
    """An error in grams with its sign."""
    return Quantity(value, "g").shown_signed()


def spoken(value: Decimal) -> str:
    """Grams as people say a load: ``100 g``, ``10 kg``."""
    mass = Quantity(value, "g").to("kg" if value >= 1000 else "g")
    return Quantity(plain(mass.value), mass.unit).shown()


def limit_at(rules: Rules, load: Decimal) -> LoadLimit:
    """The maximum permissible error at ``load`` grams (net load), the limit itself included.

    R 76-1:2006 3.5.1 table 6; in service twice that (3.5.2). Raises InputError ``accuracy_class_unknown``, ``limit_unknown``.
    """
    return remembered(rules.known_limits, load, lambda: work_out_limit(rules, load))


def work_out_limit(rules: Rules, load: Decimal) -> LoadLimit:
    """As :func:`limit_at`, with its working."""
    scale, accuracy_class = rules.scale, rules.limits.of_class(rules.scale.accuracy_class)
    e = scale.e_at(load)
    place = next(
        (
            place
            for place, band in enumerate(accuracy_class.bands)
            if band.up_to is None or load <= band.up_to * e
        ),
        None,
    )
    if place is None:
        raise InputError(
            "limit_unknown",
            "There is no limit for {load}: class {accuracy_class} ends below it.",
            "Read Max and e from the nameplate again.",
            load=spoken(load),
            accuracy_class=scale.accuracy_class,
        )
    band = accuracy_class.bands[place]
    low = accuracy_class.bands[place - 1].up_to if place else 0
    factor = rules.limits.stages[rules.stage]
    values = {
        "load": spoken(load),
        "intervals": figure(plain(load / e)),
        "accuracy_class": scale.accuracy_class,
        "band": f"{low}e–{band.up_to}e" if band.up_to else f"> {low}e",
        "multiple": figure(band.multiple),
        "base": grams(band.multiple * e),
        "limit": grams(band.multiple * e * factor),
    }
    if factor == 1:
        text = msgid("{load} = {intervals}e; class {accuracy_class} {band}: ±{multiple}e = ±{limit}")
    else:
        text = msgid(
            "{load} = {intervals}e; class {accuracy_class} {band}: ±{multiple}e = ±{base}, in service ±{limit}"
        )
    return LoadLimit(band.multiple * e * factor, load / e, band.multiple, Message(text, values))


def error_at(
    scale: Scale, load: Decimal, indication: Decimal, added: Decimal | None = None, jumped: bool | None = None
) -> PossibleErrors:
    """The error before zero correction: E = I + ½d − ΔL − L (R 76-1:2006 A.4.4.3), or I − L ± ½d without added weights.

    With ``jumped`` the weights ``added`` were put on all at once: a jump says that ΔL is less, none that it is more. Raises InputError
    ``no_display_jumps``.
    """
    if added is not None and not scale.digital:
        raise InputError(
            "no_display_jumps",
            "Small weights that make a display jump say nothing of a beam or dial.",
            "Read to the nearest graduation, without added weights.",
        )
    half = HALF * scale.d_at(indication)
    figures = {
        "indication": figure(plain(indication)),
        "half": figure(plain(half)),
        "load": figure(plain(load)),
        "error": signed_grams(indication - load),
    }
    if added is None:
        working = [
            Message(msgid("Error = indication − load = {indication} − {load} = {error}"), figures),
            Message("The display resolves ±½d = ±{width}", {"width": grams(half)}),
        ]
        return PossibleErrors(indication - load, half, working)
    exact = indication + half - added - load
    figures |= {"added": figure(plain(added)), "error": signed_grams(exact)}
    # A display that stayed may have been just short of jumping; one that jumped was a step of the small weights further.
    most = 2 * half if jumped is False else 2 * half + TENTH * scale.e
    if added < 0 or added > most:
        text = msgid("ΔL = {added} g can't be right: the display jumps within one interval, {interval}")
        working = [Message(text, {"added": figures["added"], "interval": grams(2 * half)})]
        return PossibleErrors(exact, half, working, believable=False)
    if jumped is None:
        text = msgid(
            "Error E = indication + ½d − ΔL − load = {indication} + {half} − {added} − {load} = {error}"
        )
        return PossibleErrors(exact, Decimal(0), [Message(text, figures)])
    if jumped:
        text = msgid(
            "With {added} g added at once the display jumped: E > {indication} + {half} − {added} − {load} = {error}"
        )
        return PossibleErrors(exact + added / 2, added / 2, [Message(text, figures)], ends_excluded=True)
    text = msgid(
        "With {added} g added at once the display stayed: E < {indication} + {half} − {added} − {load} = {error}"
    )
    rest = half - added / 2
    return PossibleErrors(exact - rest, rest, [Message(text, figures)], ends_excluded=True)


def judge_load(
    rules: Rules,
    *,
    load: Decimal,
    indication: Decimal,
    added: Decimal | None = None,
    jumped: bool | None = None,
    zero_error: Decimal | None = None,
) -> Judgement:
    """The error at a load and whether it is within the limit.

    ``added`` is ΔL, the small weights that made the display jump (or, with ``jumped``, that were put on at once); ``zero_error`` is
    E0 found the same way near zero. Where E0 is not measured the zero setting leaves ±0.25e, which the working says (METROLOGY §3).
    """
    scale, limit = rules.scale, limit_at(rules, load)
    known = corrected(rules, error_at(scale, load, indication, added, jumped), zero_error)
    outcome = compare(known, -limit.mpe, limit.mpe)
    finer = None
    if outcome is Outcome.UNDECIDED:
        if added is not None and known.believable and zero_error is None:
            finer = measure_zero()
        else:
            finer = finer_step(rules, load, indication) if added is None else in_tenths(rules, load)
    return Judgement(
        outcome=outcome,
        error_of_indication=known.value,
        half_width=known.half_width,
        limit=limit.mpe,
        working=[*known.working, limit.working, *comparison(known, limit.mpe, outcome)],
        finer=finer,
    )


def corrected(rules: Rules, error: PossibleErrors, zero_error: Decimal | None) -> PossibleErrors:
    """Ec = E − E0; an unmeasured E0 widens instead."""
    if zero_error is None:
        width = rules.limits.zero_multiple * rules.scale.e
        text = msgid("Error at zero not measured: the zero setting leaves ±{multiple}e = ±{width}")
        values = {"multiple": figure(rules.limits.zero_multiple), "width": grams(width)}
        return msgspec.structs.replace(
            error, half_width=error.half_width + width, working=[*error.working, Message(text, values)]
        )
    value = error.value - zero_error
    values = {
        "error": signed_grams(error.value),
        "zero": signed_grams(zero_error),
        "corrected": signed_grams(value),
    }
    said = Message("Corrected for zero: Ec = {error} − ({zero}) = {corrected}", values)
    return msgspec.structs.replace(error, value=value, working=[*error.working, said])


def comparison(error: PossibleErrors, limit: Decimal, outcome: Outcome) -> list[Message]:
    """What was compared with what; nothing where the reading can't be believed."""
    if not error.believable:
        return []
    values = {"error": grams(abs(error.value)), "width": grams(error.half_width), "limit": grams(limit)}
    if outcome is Outcome.WITHIN:
        if not error.half_width:
            return [Message("{error} ≤ {limit}", values)]
        return [Message("{error} ± {width} lies wholly within {limit}", values)]
    if outcome is Outcome.BEYOND:
        if error.half_width:
            return [Message("{error} ± {width} lies wholly beyond {limit}", values)]
        values["beyond"] = grams(abs(error.value) - limit)
        return [Message("{error} > {limit}, beyond by {beyond}", values)]
    return [Message("{error} ± {width} reaches over {limit}: undecided", values)]


def half_step(rules: Rules, load: Decimal, indication: Decimal) -> Decimal | None:
    """The ½e in grams that, added at once, decides a reading just at the limit (METROLOGY §3); None for any other reading."""
    scale, e = rules.scale, rules.scale.e_at(load)
    at_limit = scale.digital and abs(indication - load) == limit_at(rules, load).mpe
    return HALF * e if at_limit and scale.d_at(indication) == e else None


def finer_step(rules: Rules, load: Decimal, indication: Decimal) -> Message:
    """How small weights decide a reading that the display does not resolve."""
    half = half_step(rules, load, indication)
    if half is None:
        return in_tenths(rules, load)
    values = {"half": grams(half), "tenth": grams(TENTH * rules.scale.e_at(load))}
    if indication >= load:
        text = msgid(
            "Add {half}: if the display jumps, the error is over the limit. Or add {tenth} at a time until it jumps."
        )
    else:
        text = msgid(
            "Add {half}: if the display stays, the error is over the limit. Or add {tenth} at a time until it jumps."
        )
    return Message(text, values)


def in_tenths(rules: Rules, load: Decimal) -> Message:
    """How small weights find an error finely, where half a step does not decide."""
    if not rules.scale.digital:
        return Message("A graduation does not resolve it; have the scale verified.")
    tenth = grams(TENTH * rules.scale.e_at(load))
    return Message("Add {tenth} at a time until the display jumps.", {"tenth": tenth})


def measure_zero() -> Message:
    """What narrows a reading whose added weights are known already."""
    return Message("Measure the error at zero with small weights too.")


def judge_zero(rules: Rules, indication: Decimal, added: Decimal | None) -> Judgement:
    """The zero: E0 against ±0.25e. A display that shows 0 after setting is taken as set, not as measured finer."""
    limit = rules.limits.zero_multiple * rules.scale.e
    known = error_at(rules.scale, Decimal(0), indication, added)
    if added is None and indication == 0:
        said = Message("The display shows zero after setting; the error at zero is not measured finer.")
        known = PossibleErrors(Decimal(0), limit, [said])
    outcome = compare(known, -limit, limit)
    values = {"multiple": figure(rules.limits.zero_multiple), "limit": grams(limit)}
    return Judgement(
        outcome=outcome,
        error_of_indication=known.value,
        half_width=known.half_width,
        limit=limit,
        working=[
            *known.working,
            Message("Zero: ±{multiple}e = ±{limit}", values),
            *comparison(known, limit, outcome),
        ],
        # Half a step decides at the limit of a load, which is not that of the zero.
        finer=in_tenths(rules, Decimal(0)) if outcome is Outcome.UNDECIDED else None,
    )


def judge_repeatability(rules: Rules, load: Decimal, errors: list[PossibleErrors]) -> Judgement:
    """The spread of several weighings of one load against |mpe| at that load (R 76-1:2006 3.6.1).

    ``errors`` are those before zero correction, which does not change a spread; what the display does not resolve widens it.
    """
    limit = limit_at(rules, load)
    highest = max(errors, key=lambda each: each.value)
    lowest = min(errors, key=lambda each: each.value)
    spread = highest.value - lowest.value
    most = max(each.value + each.half_width for each in errors) - min(
        each.value - each.half_width for each in errors
    )
    # How far the spread may be below its best value is never more than how far it may be above.
    width = most - spread
    values = {
        "high": signed_grams(highest.value),
        "low": signed_grams(lowest.value),
        "spread": grams(spread),
    }
    said = Message("Spread of the repeats = ({high}) − ({low}) = {spread}", values)
    known = PossibleErrors(spread, width, [said, limit.working])
    outcome = compare(known, -limit.mpe, limit.mpe)
    return Judgement(
        outcome=outcome,
        error_of_indication=spread,
        half_width=width,
        limit=limit.mpe,
        working=[*known.working, *comparison(known, limit.mpe, outcome)],
        finer=in_tenths(rules, load) if outcome is Outcome.UNDECIDED else None,
    )


def judge_price(
    rules: Rules, unit_price: Decimal, load: Decimal, amount: Decimal, displayed: Decimal | None = None
) -> Judgement:
    """Whether the amount in yuan is unit price (yuan a kilogram) × weight, rounded to the step of the catalogue.

    The weight is the load, or what the display showed with that load on (``displayed``). An amount that fits neither but fits a weight
    which the scale may show within its limit does not decide: the display may have stood there.
    """
    scale, rounding = rules.scale, rules.limits.amount_step / 2
    possible = limit_at(rules, load).mpe

    def off(weight: Decimal) -> Decimal:
        return amount - unit_price * weight / 1000

    steps = int(possible / scale.d_at(load))
    shown = [load + step * scale.d_at(load) for step in range(-steps, steps + 1)]
    fitting = [weight for weight in (load, displayed) if weight is not None and abs(off(weight)) <= rounding]
    other = [weight for weight in shown if abs(off(weight)) <= rounding]
    weight = fitting[0] if fitting else load
    values = {
        "price": figure(unit_price),
        "weight": Quantity(weight, "g").to("kg").shown(),
        "exact": figure(plain(unit_price * weight / 1000)),
        "amount": figure(amount),
    }
    working = [Message("Amount = {price} × {weight} = {exact}; shown {amount}", values)]
    outcome, finer = Outcome.WITHIN, None
    if not fitting and other:
        outcome = Outcome.UNDECIDED
        fit = {"amount": figure(amount), "weight": Quantity(other[0], "g").to("kg").shown()}
        working.append(Message("{amount} fits {weight}: undecided, the display may have shown that", fit))
        text = msgid("Read the amount again while the display shows {load}.")
        finer = Message(text, {"load": Quantity(load, "g").to("kg").shown()})
    elif not fitting:
        outcome = Outcome.BEYOND
        step = {"step": figure(rules.limits.amount_step)}
        working.append(Message("The amount is wrong by more than rounding to {step}.", step))
    return Judgement(
        outcome=outcome,
        error_of_indication=off(weight),
        half_width=Decimal(0),
        limit=rounding,
        working=working,
        finer=finer,
    )
