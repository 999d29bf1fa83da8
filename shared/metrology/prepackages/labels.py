"""The statement of the net content on a package (净含量标注): its form, its unit and the height of its characters.

METROLOGY §4.1: "净含量", a number and a unit; the unit by size; the height of the characters by size.
"""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from shared.message import Message, msgid
from shared.metrology.judging import Outcome, worst
from shared.metrology.prepackages.amounts import BASE, Measure, in_base, measure_of
from shared.metrology.prepackages.rules import NetContentLimits
from shared.metrology.prepackages.tolerance import shown
from shared.quantity import Quantity, figure

WORDS = "净含量"
NUMBER = r"[0-9]+(?:\.[0-9]+)?"
STATEMENT = re.compile(r"^\s*(?P<words>[^\d:：\s]*)\s*[:：]?\s*(?P<content>.*\S)\s*$")
CONTENT = re.compile(rf"^(?P<number>{NUMBER})\s*(?P<unit>[^\d\s.]\D*2?)$")
PIECES = re.compile(rf"^(?P<left>{NUMBER}\s*[^\d×xX*]*?)\s*[×xX*]\s*(?P<right>{NUMBER}\s*\D*)$")
"""``3×100 g`` or ``100g×3包``."""

# The SI writes the litre l or L.
SYMBOLS = {
    "克": "g",
    "千克": "kg",
    "毫克": "mg",
    "吨": "t",
    "毫升": "mL",
    "升": "L",
    "毫米": "mm",
    "厘米": "cm",
    "米": "m",
    "平方毫米": "mm²",
    "平方厘米": "cm²",
    "平方分米": "dm²",
    "平方米": "m²",
    "mm2": "mm²",
    "cm2": "cm²",
    "dm2": "dm²",
    "m2": "m²",
    "ml": "mL",
    "l": "L",
} | {unit: unit for unit in ("mg", "g", "kg", "t", "mL", "L", "mm", "cm", "m", "mm²", "cm²", "dm²", "m²")}
"""Units as they may be written, and the symbol that each is."""

MORE = re.compile(r"^(?P<first>[^(/、,;±+]*[^(/、,;±+\s])\s*[(/、,;±+].*[0-9]")
"""``500g(固形物 300g)``: a quantity, and another after it."""

APART = re.compile(r"^[0-9]+(?:\s*[\s,]\s*[0-9]+)+")
"""``1 000g``, ``1,5kg``: digits with something between them, which people read in more than one way."""

FULL_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
"""The digits, letters and signs of Chinese input methods, which NFKC takes for the same as the narrow ones (UAX #15)."""

MARKET_UNITS = ("斤", "两", "市斤", "市两")
"""Units of the market system (市制), none of which is legal after 1990 (国务院 1984-02-27, 统一实行法定计量单位, item 2; seen)."""

PIECE_WORDS = tuple("个只片粒枚支件双条张包袋块根套")


class LabelVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a label says and what is wrong with it."""

    outcome: Outcome
    faults: list[Message] = []
    undecided: list[Message] = []
    """What could not be judged, and why."""
    nominal: Quantity | None = None
    """Qn as read, also from a faulty label; None where nothing was understood, or where it is that of one piece of several."""


def label_faults(limits: NetContentLimits, text: str, height: Quantity | None = None) -> LabelVerdict:
    """Judges a whole statement, for example ``净含量:500g``; ``height`` is that of its characters, None where not measured.

    Raises InputError ``unit_unknown`` or ``unit_mismatch`` where the height is no length.
    """
    found = STATEMENT.match(text.translate(FULL_WIDTH))
    if not found:
        return LabelVerdict(outcome=Outcome.BEYOND, faults=[Message("The package states no net content.")])
    faults = []
    if found["words"] != WORDS:
        values = {"words": found["words"] or "?"}
        faults.append(Message("The statement begins with “{words}”, not with “净含量”.", values))
    content = content_faults(limits, found["content"])
    return combined(content, faults, *height_faults(limits, content.nominal, height))


def content_faults(limits: NetContentLimits, content: str) -> LabelVerdict:
    """Judges number and unit alone, for example ``5Kg``: the unit must be one, written as it is, and the one for this size."""
    content = content.translate(FULL_WIDTH)
    if APART.match(content):
        text = msgid("“{content}” has digits apart, so that its number is not sure; not judged.")
        return LabelVerdict(outcome=Outcome.UNDECIDED, undecided=[Message(text, {"content": content})])
    pieces = PIECES.match(content)
    if pieces:
        one = content_faults(limits, min(pieces["right"], pieces["left"], key=counting))
        text = msgid(
            "Several pieces in one package: the form of the statement is known from memory only; not judged."
        )
        return combined(msgspec.structs.replace(one, nominal=None), [], [], [Message(text)])
    more = MORE.match(content)
    if more:
        text = msgid("The label states more than one quantity; only the first is judged.")
        return combined(content_faults(limits, more["first"]), [], [], [Message(text)])
    found = CONTENT.match(content)
    if not found:
        return wrong(Message("“{content}” is no number with a unit.", {"content": content}))
    written, number = found["unit"].strip(), Decimal(found["number"])
    if written.endswith(PIECE_WORDS) and len(written) <= 2:
        return sized(limits, Quantity(number, BASE[Measure.COUNT]), written)
    symbol = SYMBOLS.get(written)
    if symbol is None:
        likely = next((unit for name, unit in SYMBOLS.items() if name.casefold() == written.casefold()), None)
        if likely is None and not written.isascii() and written not in MARKET_UNITS:
            text = msgid("“{unit}” is not known here as a unit or as a word for pieces; not judged.")
            undecided = [Message(text, {"unit": written})]
            return LabelVerdict(outcome=Outcome.UNDECIDED, undecided=undecided)
        if likely is None:
            return wrong(Message("“{unit}” is no unit of a net content.", {"unit": written}))
        text = msgid("The unit is written “{unit}”; it must be “{symbol}”.")
        nominal = Quantity(number, likely)
        return wrong(Message(text, {"unit": written, "symbol": likely}), nominal)
    return sized(limits, Quantity(number, symbol), written)


def counting(side: str) -> int:
    """How surely one side of ``3×100 g`` says how many pieces there are: a bare number, then one with a word for pieces, then none."""
    return 2 if side[-1].isdigit() else 1 if side.endswith(PIECE_WORDS) else 0


def sized(limits: NetContentLimits, nominal: Quantity, written: str) -> LabelVerdict:
    """Judges whether the unit is the one for this size."""
    measure = measure_of(nominal.unit)
    size = in_base(nominal, measure)
    if size <= 0 or (measure is Measure.COUNT and size != size.to_integral_value()):
        return wrong(Message("“{content}” is no number with a unit.", {"content": nominal.shown()}))
    rules = [rule for rule in limits.units if rule.measure is measure]
    units = next((rule.units for rule in rules if rule.below is None or size < rule.below), [nominal.unit])
    if nominal.unit in units:
        return LabelVerdict(outcome=Outcome.WITHIN, nominal=nominal)
    values = {"nominal": f"{figure(nominal.value)} {written}", "units": " / ".join(units)}
    return wrong(Message("{nominal} must be stated in {units}.", values), nominal)


def height_faults(
    limits: NetContentLimits, nominal: Quantity | None, height: Quantity | None
) -> tuple[list[Message], list[Message]]:
    """What is wrong with the height of the characters, and what can't be judged of it."""
    if nominal is None:
        return [], []
    measure = measure_of(nominal.unit)
    size = in_base(nominal, measure)
    rules = [rule for rule in limits.heights if measure in rule.measures]
    least = next(rule.millimetres for rule in rules if rule.up_to is None or size <= rule.up_to)
    values = {"nominal": shown(size, measure), "least": Quantity(least, "mm").shown()}
    if height is None:
        return [], [Message("Height of the characters not measured; for {nominal} at least {least}.", values)]
    if in_base(height, Measure.LENGTH) < in_base(Quantity(least, "mm"), Measure.LENGTH):
        values["height"] = height.shown()
        return [Message("Characters {height} high; for {nominal} at least {least}.", values)], []
    return [], []


def wrong(fault: Message, nominal: Quantity | None = None) -> LabelVerdict:
    """A label with one fault."""
    return LabelVerdict(outcome=Outcome.BEYOND, faults=[fault], nominal=nominal)


def combined(
    verdict: LabelVerdict, faults: list[Message], more_faults: list[Message], undecided: list[Message]
) -> LabelVerdict:
    """The verdict with more that is wrong, or that can't be judged."""
    faults = [*faults, *verdict.faults, *more_faults]
    undecided = [*verdict.undecided, *undecided]
    outcomes = [verdict.outcome, *[Outcome.BEYOND for _ in faults], *[Outcome.UNDECIDED for _ in undecided]]
    return LabelVerdict(outcome=worst(outcomes), faults=faults, undecided=undecided, nominal=verdict.nominal)
