"""Which points a spot check asks for, with the weights that are carried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from shared.errors import InputError
from shared.inspection import InstrumentFacts, PlannedPoint, PointRole, StandardUsed
from shared.message import Message, msgid
from shared.metrology.catalogue import Catalogue, WeighingProcedure
from shared.metrology.weighing import Scale, limit_at, standard_fits
from shared.quantity import Quantity, figure, plain

IN_SERVICE = "in_service"


def scale_of(facts: InstrumentFacts) -> Scale:
    """The figures of the nameplate in grams. Raises InputError ``scale_incomplete`` where one is missing or impossible."""
    e = facts.verification_scale_interval
    if facts.capacity_max is None or e is None or e.value <= 0 or facts.capacity_max <= e:
        raise InputError(
            "scale_incomplete",
            "The greatest load (Max) or the scale interval (e) is not known.",
            "Read Max and e from the nameplate and enter them.",
        )
    d = facts.actual_scale_interval or e
    least = facts.capacity_min or e * 20
    return Scale(
        accuracy_class=facts.accuracy_class or "III",
        capacity_max=facts.capacity_max.to("g").value,
        capacity_min=least.to("g").value,
        e=e.to("g").value,
        d=d.to("g").value,
    )


def check_standard(standard: StandardUsed, on: date) -> None:
    """Refuses a reference standard whose own certificate has expired: InputError ``standard_expired``."""
    if standard.valid_until < on:
        raise InputError(
            "standard_expired",
            "The certificate of {nominal} expired on {valid_until}.",
            "Use another standard, or have this one verified first.",
            nominal=standard.nominal.shown(),
            valid_until=standard.valid_until,
        )


def loads_that_can_be_made(standards: Sequence[StandardUsed], up_to: Decimal) -> list[Decimal]:
    """Every load in grams, up to ``up_to``, that some of the weights carried add up to; ascending."""
    sums = {Decimal(0)}
    for standard in standards:
        mass = standard.nominal.to("g").value
        for _ in range(standard.count):
            sums |= {total + mass for total in sums if total + mass <= up_to}
    return sorted(sums - {Decimal(0)})


def named_load(name: str, scale: Scale) -> Decimal:
    """A load of the procedure in grams: ``min``, ``max`` or a multiple of e (``500e``), never more than Max."""
    if name == "max":
        return scale.capacity_max
    if name == "min":
        return scale.capacity_min
    return min(scale.capacity_max, Decimal(name.removesuffix("e")) * scale.e)


def test_loads(
    procedure: WeighingProcedure, scale: Scale, standards: Sequence[StandardUsed]
) -> list[Decimal]:
    """The loads to put on: each that the procedure names, or the nearest below it that the weights carried make."""
    possible = [
        load for load in loads_that_can_be_made(standards, scale.capacity_max) if load >= scale.capacity_min
    ]
    chosen: list[Decimal] = []
    for name in procedure.loads:
        below = [load for load in possible if load <= max(named_load(name, scale), scale.capacity_min)]
        if below and below[-1] not in chosen:
            chosen.append(below[-1])
    return sorted(chosen)


def plan(
    catalogue: Catalogue,
    facts: InstrumentFacts,
    standards: Sequence[StandardUsed],
    on: date,
    stage: str = IN_SERVICE,
) -> list[PlannedPoint]:
    """The points in the order of the flow: zero, repeats, loads, corners, tare, price.

    An empty list means that nothing can be measured with these weights, or that the kind's measurement is not judged.
    Raises InputError ``standard_expired``, ``scale_incomplete``, ``accuracy_class_unknown``.
    """
    procedure = catalogue.kind(facts.kind).procedure
    if procedure is None:
        return []
    for standard in standards:
        check_standard(standard, on)
    scale = scale_of(facts)
    loads = test_loads(procedure, scale, standards)
    if not loads:
        return []
    writer = PointWriter(catalogue, facts, scale, stage)
    repeated = nearest(loads_that_can_be_made(standards, scale.capacity_max), scale.capacity_max / 2)
    corner = nearest(
        loads_that_can_be_made(standards, scale.capacity_max),
        scale.capacity_max / procedure.eccentricity_divisor,
    )
    small = nearest(loads, 500 * scale.e)
    points = [writer.zero()]
    points += [writer.repeat(number, repeated) for number in range(1, procedure.repeats + 1)]
    points += [writer.load(load) for load in loads]
    points += [writer.corner(number, corner) for number in range(1, procedure.corners + 1)]
    return [*points, writer.tare(small), writer.price(small, procedure.unit_price)]


def nearest(loads: Sequence[Decimal], wanted: Decimal) -> Decimal:
    """The largest load not above ``wanted``, else the smallest there is."""
    below = [load for load in loads if load <= wanted]
    return below[-1] if below else loads[0]


def weights_too_coarse(
    catalogue: Catalogue, facts: InstrumentFacts, standards: Sequence[StandardUsed], stage: str = IN_SERVICE
) -> list[Message]:
    """Notes on weights whose own limit exceeds a third of the instrument's, or is not in the catalogue."""
    notes = []
    scale = scale_of(facts)
    for standard in standards:
        nominal = standard.nominal.to("g").value
        limit = limit_at(catalogue.weighing, scale, nominal, stage).mpe
        fits = standard_fits(catalogue.weighing, standard.accuracy_class, nominal, limit)
        values = {"nominal": standard.nominal.shown(), "accuracy_class": standard.accuracy_class}
        if fits is None:
            notes.append(
                Message("{nominal} of class {accuracy_class}: its own limit is not in the catalogue.", values)
            )
        elif not fits:
            text = msgid(
                "{nominal} of class {accuracy_class} is too coarse: its own limit exceeds a third of the instrument's."
            )
            notes.append(Message(text, values))
    return notes


class PointWriter:
    """Writes the points of one instrument in the units and decimals of its display."""

    def __init__(self, catalogue: Catalogue, facts: InstrumentFacts, scale: Scale, stage: str) -> None:
        self.limits, self.scale, self.stage = catalogue.weighing, scale, stage
        self.unit = facts.capacity_max.unit if facts.capacity_max else "kg"
        step = Quantity(scale.d, "g").to(self.unit).value
        self.decimals = max(0, -int(step.normalize().as_tuple().exponent))

    def shown(self, load: Decimal) -> str:
        """A load as the display shows it."""
        value = Quantity(load, "g").to(self.unit).value
        return figure(value.quantize(Decimal(1).scaleb(-self.decimals)))

    def spoken(self, load: Decimal) -> str:
        """A load as people say it: ``10 kg``, ``100 g``."""
        value = Quantity(load, "g").to("kg" if load >= 1000 else "g")
        return Quantity(plain(value.value), value.unit).shown()

    def point(
        self,
        key: str,
        role: PointRole,
        load: Decimal,
        title: Message,
        instruction: Message,
        *,
        basis: bool = True,
    ) -> PlannedPoint:
        limit = limit_at(self.limits, self.scale, load, self.stage)
        values = {
            "accuracy_class": self.scale.accuracy_class,
            "intervals": figure(plain(limit.intervals.quantize(Decimal(1)))),
        }
        return PlannedPoint(
            key=key,
            role=role,
            load=Quantity(plain(Quantity(load, "g").to(self.unit).value), self.unit),
            same=self.shown(load),
            unit=self.unit,
            decimals=self.decimals,
            title=title,
            instruction=instruction,
            basis=Message("Class {accuracy_class}, in service, {intervals}e", values) if basis else None,
            limit=Quantity(plain(limit.mpe), "g"),
        )

    def zero(self) -> PlannedPoint:
        title, instruction = Message("Zero"), Message("Empty the pan, set to zero and read the display")
        point = self.point("zero", PointRole.ZERO, Decimal(0), title, instruction, basis=False)
        return msgspec.structs.replace(point, limit=Quantity(self.scale.e / 4, "g"))

    def repeat(self, number: int, load: Decimal) -> PlannedPoint:
        values = {"number": str(number), "load": self.spoken(load)}
        title = Message("Repeat {number}", values)
        instruction = Message("Repeat {number}: empty the pan, put {load} on and read the display", values)
        return self.point(f"repeatability:{number}", PointRole.REPEATABILITY, load, title, instruction)

    def load(self, load: Decimal) -> PlannedPoint:
        values = {"load": self.spoken(load)}
        instruction = Message("Put {load} on the middle and read the display", values)
        return self.point(
            f"load:{self.spoken(load)}", PointRole.LOAD, load, Message("{load}", values), instruction
        )

    def corner(self, number: int, load: Decimal) -> PlannedPoint:
        values = {"number": str(number), "load": self.spoken(load)}
        title = Message("Corner {number}", values)
        instruction = Message("Put {load} on corner {number} and read the display", values)
        return self.point(f"eccentricity:{number}", PointRole.ECCENTRICITY, load, title, instruction)

    def tare(self, load: Decimal) -> PlannedPoint:
        values = {"load": self.spoken(load)}
        instruction = Message("Put a bag or bowl on, press tare, add {load} and read the net weight", values)
        return self.point("tare", PointRole.TARE, load, Message("Tare"), instruction)

    def price(self, load: Decimal, unit_price: Decimal) -> PlannedPoint:
        amount = (unit_price * Quantity(load, "g").to("kg").value).quantize(Decimal("0.01"))
        values = {"load": self.spoken(load), "price": figure(unit_price)}
        instruction = Message("Enter {price} yuan per kg with {load} on and read the amount", values)
        point = self.point("price", PointRole.PRICE, load, Message("Price"), instruction, basis=False)
        return msgspec.structs.replace(
            point,
            same=figure(amount),
            unit="元",
            decimals=2,
            limit=Quantity(Decimal("0.005"), "元"),
            unit_price=unit_price,
            finer_possible=False,
        )
