"""The figures of a nameplate that the judgement of a kind rests on: asked for at registration, or on site when a check lacks them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from mobile.workflow.keying import NUMBER
from shared.errors import InputError
from shared.inspection import InstrumentFacts
from shared.message import Message
from shared.metrology.catalogue import Kind, NameplateField
from shared.metrology.procedure import WeighingProcedure
from shared.quantity import Quantity

USUAL_CAPACITIES = {
    "price-computing-scale": (("15", "5"), ("30", "10"), ("6", "2"), ("3", "1")),
    "electronic-bench-scale": (("60", "20"), ("150", "50"), ("300", "100")),
    "mechanical-scale": (("100", "50"), ("500", "200")),
    "truck-scale": (("60", "20"), ("80", "20"), ("100", "50")),
}
"""Max and e, in the units of :func:`units_of`, that dealers sell most, by kind; suggestions only, no rule. Min is 20e."""
UNITS = {"truck-scale": ("t", "kg"), "electronic-balance": ("g", "mg")}
"""What Max and e are written in on the nameplate, where it is not kilograms and grams."""
NONE = "1"
"""Unit of a figure that only counts."""
CLASS, MAX, INTERVAL = "accuracy_class", "capacity_max", "verification_scale_interval"


def units_of(kind: str) -> tuple[str, str]:
    """The units of Max and of e."""
    return UNITS.get(kind, ("kg", "g"))


def with_unit(value: str, unit: str) -> str:
    """``1.6 MPa``; a figure that only counts stands alone."""
    return value if unit in ("", NONE) else f"{value} {unit}"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a kind's nameplate."""

    id: str
    name: Message
    unit: str = ""
    decimals: int = 0
    usual: list[str] = []
    """What is sold most, offered to touch."""
    closed: bool = False
    """Whether nothing but one of ``usual`` can stand there, as with an accuracy class."""
    optional: bool = False
    rule: NameplateField | None = None
    """What the catalogue says of the figure; None for the class, Max and e."""

    def shown(self, value: str) -> str:
        """``1.6 MPa``."""
        return with_unit(value, self.unit)

    def check(self, value: str) -> None:
        """Raises InputError ``figure_missing``, ``figure_unreadable``, ``figure_too_fine`` or ``nameplate_impossible``."""
        if not value:
            raise InputError("figure_missing", "Nothing was typed.", "Type what stands on the nameplate.")
        if self.closed and value in self.usual:
            return
        found = NUMBER.fullmatch(value)
        if not found or self.closed:
            raise InputError(
                "figure_unreadable",
                "{text} can't stand on the nameplate.",
                "Type what stands on the nameplate.",
                text=value,
            )
        if len(found["fraction"] or "") > self.decimals:
            raise InputError(
                "figure_too_fine",
                "{what}: at most {decimals} decimals.",
                "Type what stands on the nameplate.",
                what=self.name.text,
                decimals=self.decimals,
            )
        if self.rule:
            self.rule.check(Quantity(Decimal(value), self.unit))


def figures_of(kind: Kind) -> list[Figure]:
    """The figures that a kind's judgement needs, in the order of the form; none where its measurement is not judged."""
    figures = []
    if kind.accuracy_classes:
        figures.append(
            Figure(
                id=CLASS,
                name=Message("Accuracy class"),
                usual=kind.accuracy_classes,
                closed=True,
                optional=bool(kind.default_class),
            )
        )
    if isinstance(kind.procedure, WeighingProcedure):
        usual = USUAL_CAPACITIES.get(kind.id, ())
        most = list(dict.fromkeys(greatest for greatest, _interval in usual))
        steps = list(dict.fromkeys(interval for _greatest, interval in usual))
        unit_most, unit_step = units_of(kind.id)
        figures += [
            Figure(id=MAX, name=Message("Largest load (Max)"), unit=unit_most, decimals=4, usual=most),
            Figure(id=INTERVAL, name=Message("Scale interval (e)"), unit=unit_step, decimals=4, usual=steps),
        ]
    figures += [
        Figure(
            id=each.id,
            name=Message(each.name),
            unit=each.unit,
            decimals=each.decimals,
            usual=each.usual,
            optional=each.optional,
            rule=each,
        )
        for each in kind.nameplate
    ]
    return figures if kind.procedure else []


def known_figures(kind: Kind, facts: InstrumentFacts) -> dict[str, str]:
    """What is known of the nameplate, as one would type it."""
    known: dict[str, Quantity | None] = dict(facts.nameplate)
    known |= {MAX: facts.capacity_max, INTERVAL: facts.verification_scale_interval}
    texts = {
        each.id: f"{quantity.to(each.unit).value:f}"
        for each in figures_of(kind)
        if (quantity := known.get(each.id)) is not None
    }
    return texts | ({CLASS: facts.accuracy_class} if facts.accuracy_class else {})


def missing_figures(kind: Kind, facts: InstrumentFacts) -> list[Figure]:
    """The figures that the kind's judgement can't do without and that nobody has read yet."""
    known = known_figures(kind, facts)
    return [each for each in figures_of(kind) if not each.optional and each.id not in known]


def entered(kind: Kind, figures: Mapping[str, str]) -> dict[str, Any]:
    """Figures as they were typed, as fields of what is registered and of what a check relies on. Raises as :meth:`Figure.check`."""
    fields: dict[str, Any] = {}
    for each in figures_of(kind):
        text = figures.get(each.id, "")
        if not text:
            continue
        each.check(text)
        if each.id == CLASS:
            fields[CLASS] = text
            continue
        quantity = Quantity(Decimal(text), each.unit)
        if each.id == MAX:
            fields[MAX] = quantity
        elif each.id == INTERVAL:
            fields |= {INTERVAL: quantity, "actual_scale_interval": quantity}
        else:
            fields.setdefault("nameplate", {})[each.id] = quantity
    return fields


def with_figure(kind: Kind, facts: InstrumentFacts, figure: str, value: str) -> InstrumentFacts:
    """The facts with one figure as it was read on site. Raises as :meth:`Figure.check`."""
    next(each for each in figures_of(kind) if each.id == figure).check(value)
    fields = entered(kind, {figure: value})
    if "nameplate" in fields:
        fields["nameplate"] = {**facts.nameplate, **fields["nameplate"]}
    if figure in (MAX, INTERVAL):
        # What was known of the other ranges went with the old figure.
        fields |= {"partial_ranges": [], "capacity_min": None}
    return msgspec.structs.replace(facts, **fields)
