"""Which points the spot check of a scale asks for, with the weights that are carried."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from shared.errors import InputError
from shared.inspection import InstrumentFacts, PlannedPoint, PointRole, StandardUsed
from shared.message import Message
from shared.metrology.procedure import WeighingProcedure
from shared.metrology.weighing import Partial, Rules, Scale, limit_at, spoken
from shared.metrology.weighing_limits import WeighingLimits
from shared.quantity import Quantity, exponent, figure, plain
from shared.standard import WEIGHT

SUPPORTS, FEW_SUPPORTS = "supports", 4
UNBOUNDED = Decimal("Infinity")


def scale_of(
    facts: InstrumentFacts, limits: WeighingLimits, default_class: str, *, digital: bool = True
) -> Scale:
    """The figures of the nameplate in grams, where they are those of a scale that can be."""
    if facts.capacity_max is None or facts.verification_scale_interval is None:
        raise InputError(
            "scale_incomplete",
            "The greatest load (Max) or the scale interval (e) is not known.",
            "Read Max and e from the nameplate and enter them.",
        )
    accuracy_class = facts.accuracy_class or default_class
    most, e = facts.capacity_max.to("g").value, facts.verification_scale_interval.to("g").value
    d = facts.actual_scale_interval.to("g").value if facts.actual_scale_interval else e
    partial = tuple(
        Partial(each.up_to.to("g").value, each.verification_scale_interval.to("g").value)
        for each in facts.partial_ranges
    )
    sizes = limits.of_class(accuracy_class).sizes_for(e)
    ends, steps = [each.up_to for each in partial], [each.e for each in partial]
    in_order = not partial or (
        steps == sorted(set(steps)) and ends == sorted(set(ends)) and steps[0] == e and ends[-1] == most
    )
    intervals = [most / e] if not partial else [each.up_to / each.e for each in partial]
    if (
        sizes is None
        or not d <= e <= 10 * d
        or not in_order
        or max(intervals) < sizes.n_least
        or (sizes.n_most is not None and max(intervals) > sizes.n_most)
    ):
        raise InputError(
            "scale_impossible",
            "Max {capacity_max} with e = {e} can't be a scale of class {accuracy_class}.",
            "Read Max and e from the nameplate again.",
            capacity_max=spoken(most),
            e=spoken(e),
            accuracy_class=accuracy_class,
        )
    least = facts.capacity_min.to("g").value if facts.capacity_min else e * sizes.capacity_min
    return Scale(accuracy_class, most, least, e, d, partial, digital=digital)


def loads_that_can_be_made(standards: Sequence[StandardUsed], rules: Rules) -> dict[Decimal, Decimal]:
    """Every load in grams, ascending from Min to Max, that some of the weights carried add up to and the display can show.

    With each goes what the own limits of those weights add up to, infinite where one of them is not known. Weights below e are for ΔL.
    """
    scale, sums = rules.scale, {Decimal(0): Decimal(0)}
    for standard in standards:
        if standard.sort != WEIGHT:
            continue
        mass = standard.nominal.to("g").value
        own = own_limit(standard, rules)
        for _ in range(standard.count if mass >= scale.e else 0):
            one_more = {
                total + mass: limit + own
                for total, limit in sums.items()
                if total + mass <= scale.capacity_max
                and (total + mass not in sums or limit + own < sums[total + mass])
            }
            if not one_more:
                break
            sums |= one_more
    return {
        load: sums[load]
        for load in sorted(sums)
        if load >= scale.capacity_min and not load % scale.d_at(load)
    }


def named_load(name: str, scale: Scale) -> Decimal:
    """A load of the procedure in grams: ``min``, ``half``, ``max`` or a multiple of e (``500e``), never more than Max."""
    if name == "max":
        return scale.capacity_max
    if name == "min":
        return scale.capacity_min
    if name == "half":
        return scale.capacity_max / 2
    return min(scale.capacity_max, Decimal(name.removesuffix("e")) * scale.e)


def own_limit(standard: StandardUsed, rules: Rules) -> Decimal:
    """What one weight may be off by, in grams: by its class, else by its certificate; infinite where neither says it."""
    by_class = rules.limits.weights.mpe(standard.accuracy_class, standard.nominal.to("g").value)
    if by_class is not None:
        return by_class
    return standard.largest_error.to("g").value if standard.largest_error else UNBOUNDED


def nearest(loads: Sequence[Decimal], wanted: Decimal) -> Decimal:
    """The largest load not above ``wanted``, else the smallest there is."""
    below = [load for load in loads if load <= wanted]
    return below[-1] if below else loads[0]


def points_of(
    procedure: WeighingProcedure, rules: Rules, facts: InstrumentFacts, possible: Sequence[Decimal]
) -> list[PlannedPoint]:
    """The points with the loads that are possible, of which there is at least one."""
    writer, scale = PointWriter(rules, facts), rules.scale
    loads = sorted({nearest(possible, named_load(name, scale)) for name in procedure.loads})
    repeated = nearest(possible, scale.capacity_max / 2)
    places, wanted = eccentric(procedure, rules, facts)
    corner = nearest(possible, wanted)
    small = nearest(loads, 500 * scale.e)
    points = [writer.zero()]
    points += [writer.repeat(number, repeated) for number in range(1, procedure.repeats + 1)]
    points += [writer.load(load) for load in loads]
    points += [writer.corner(number, corner) for number in range(1, places + 1)]
    if procedure.tare:
        points.append(writer.tare(small))
    if procedure.unit_price is not None:
        points.append(writer.price(small, procedure.unit_price))
    return points


def eccentric(procedure: WeighingProcedure, rules: Rules, facts: InstrumentFacts) -> tuple[int, Decimal]:
    """How many places the eccentric load is put on, and the wanted load in grams: Max/(n − 1) with n > 4 supports (R 76-1:2006 3.6.2)."""
    given = facts.nameplate.get(SUPPORTS)
    supports = int(given.value) if given else 0
    divisor = supports - 1 if supports > FEW_SUPPORTS else procedure.eccentricity_divisor
    return supports or procedure.corners, rules.scale.capacity_max / divisor


class PointWriter:
    """Writes the points of one instrument in the units and decimals of its display."""

    def __init__(self, rules: Rules, facts: InstrumentFacts) -> None:
        self.rules = rules
        assert facts.capacity_max  # noqa: S101  scale_of takes no scale without
        self.unit = facts.capacity_max.unit
        step = Quantity(rules.scale.d, "g").to(self.unit).value
        self.decimals = max(0, -exponent(step.normalize()))

    def shown(self, load: Decimal) -> str:
        """A load as the display shows it."""
        value = Quantity(load, "g").to(self.unit).value
        return figure(round(value, self.decimals))

    def point(
        self,
        key: str,
        role: PointRole,
        load: Decimal,
        title: Message,
        instruction: Message,
    ) -> PlannedPoint:
        limit = limit_at(self.rules, load)
        values = {
            "accuracy_class": self.rules.scale.accuracy_class,
            "intervals": figure(plain(round(limit.intervals, 0))),
        }
        return PlannedPoint(
            key=key,
            role=role,
            reference=Quantity(plain(Quantity(load, "g").to(self.unit).value), self.unit),
            same=self.shown(load),
            unit=self.unit,
            decimals=self.decimals,
            title=title,
            instruction=instruction,
            basis=Message("Class {accuracy_class}, in service, {intervals}e", values),
            limit=Quantity(plain(limit.mpe), "g"),
            finer_possible=self.rules.scale.digital,
        )

    def zero(self) -> PlannedPoint:
        title, instruction = Message("Zero"), Message("Empty the pan, set to zero and read the display")
        point = self.point("zero", PointRole.ZERO, Decimal(0), title, instruction)
        limit = Quantity(plain(self.rules.limits.zero_multiple * self.rules.scale.e), "g")
        return msgspec.structs.replace(point, basis=None, limit=limit)

    def repeat(self, number: int, load: Decimal) -> PlannedPoint:
        values = {"number": str(number), "load": spoken(load)}
        title = Message("Repeat {number}", values)
        instruction = Message("Repeat {number}: empty the pan, put {load} on and read the display", values)
        return self.point(f"repeatability:{number}", PointRole.REPEATABILITY, load, title, instruction)

    def load(self, load: Decimal) -> PlannedPoint:
        values = {"load": spoken(load)}
        instruction = Message("Put {load} on the middle and read the display", values)
        return self.point(
            f"load:{spoken(load)}", PointRole.LOAD, load, Message("{load}", values), instruction
        )

    def corner(self, number: int, load: Decimal) -> PlannedPoint:
        values = {"number": str(number), "load": spoken(load)}
        title = Message("Corner {number}", values)
        instruction = Message("Put {load} on corner {number} and read the display", values)
        return self.point(f"eccentricity:{number}", PointRole.ECCENTRICITY, load, title, instruction)

    def tare(self, load: Decimal) -> PlannedPoint:
        values = {"load": spoken(load)}
        instruction = Message("Put a bag or bowl on, press tare, add {load} and read the net weight", values)
        return self.point("tare", PointRole.TARE, load, Message("Tare"), instruction)

    def price(self, load: Decimal, unit_price: Decimal) -> PlannedPoint:
        step = self.rules.limits.amount_step
        amount = (unit_price * Quantity(load, "g").to("kg").value).quantize(step)
        values = {"load": spoken(load), "price": figure(unit_price)}
        instruction = Message("Enter {price} yuan per kg with {load} on and read the amount", values)
        point = self.point("price", PointRole.PRICE, load, Message("Price"), instruction)
        return msgspec.structs.replace(
            point,
            basis=None,
            same=figure(amount),
            unit="元",
            decimals=-exponent(step),
            limit=Quantity(step / 2, "元"),
            unit_price=unit_price,
            finer_possible=False,
        )
