"""零售商品称重: whether goods weighed at a stall were short by more than the permitted negative deviation. METROLOGY §2.1."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from shared.errors import InputError
from shared.message import Message, msgid
from shared.metrology.editions import SURE
from shared.metrology.judging import Outcome
from shared.metrology.prepackages.amounts import Measure, in_base, written
from shared.metrology.prepackages.rules import (
    PrepackageRules,
    RetailClass,
    RetailLimits,
)
from shared.quantity import Quantity, figure

YUAN_PER_KG = "元/kg"


class CheckScale(StrEnum):
    """What the goods were weighed again on."""

    SAME_OR_BETTER = "same_or_better"
    """The seller's own scale, or a more accurate one."""
    EQUAL = "equal"
    """Another scale of equal accuracy."""


class RetailSale(msgspec.Struct, frozen=True, kw_only=True):
    """Goods as they were settled and as they were weighed again."""

    settled: Quantity
    actual: Quantity
    check_scale: CheckScale
    goods: str = ""
    """Id of a row of the table or of an exclusion; empty where only the price is known."""
    unit_price: Quantity | None = None
    """In 元/kg."""


class RetailVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the deviation is permitted; masses in grams."""

    outcome: Outcome
    deviation: Quantity
    """Settled minus actual; below 0 where the buyer got more."""
    limit: Quantity | None
    """None where none is known, or where goods and price give two."""
    reasons: list[Message] = []
    working: list[Message] = []


class Row(msgspec.Struct, frozen=True):
    """One row of the table applied to the sale."""

    outcome: Outcome
    limit: Decimal | None
    said: Message


def retail_deviation(rules: PrepackageRules, sale: RetailSale, on: date) -> RetailVerdict:
    """Judges a sale by the row of its goods and by that of its price; where they disagree nothing is decided.

    The band is that of the settled weight. Raises InputError ``unit_unknown``, ``unit_mismatch``, ``goods_unknown``,
    ``sale_impossible``.
    """
    limits = rules.retail.limits_on(on)
    settled, actual = in_base(sale.settled, Measure.MASS), in_base(sale.actual, Measure.MASS)
    if settled <= 0 or actual < 0:
        raise InputError(
            "sale_impossible",
            msgid("{settled} settled and {actual} weighed can't be."),
            msgid("Enter both weights again."),
            settled=sale.settled.shown(),
            actual=sale.actual.shown(),
        )
    short = settled - actual
    values = {
        "settled": written(settled, Measure.MASS),
        "actual": written(actual, Measure.MASS),
        "deviation": written(short, Measure.MASS),
    }
    working = [Message("Settled {settled} − actual {actual} = {deviation} short", values)]
    deviation = Quantity(short, "g")
    if limits is None:
        reason = Message("No rule on retail weighing is known for {day}.", {"day": on.isoformat()})
        return undecided(deviation, [reason], working)
    excluded = next((each for each in limits.excluded if each.id == sale.goods), None)
    if excluded:
        values_of: dict[str, str | Message] = {"goods": Message(excluded.name), "document": limits.document}
        return undecided(deviation, [Message("{goods} are outside {document}.", values_of)], working)
    factor = limits.equal if sale.check_scale is CheckScale.EQUAL else limits.same_or_better
    rows = [judged(row, factor, settled, short) for row in rows_for(limits, sale)]
    if not rows:
        reason = Message("Neither the goods nor the price per kg is known: no deviation applies.")
        return undecided(deviation, [reason], working)
    working += [row.said for row in rows]
    found = {row.limit for row in rows}
    limit = rows[0].limit if len(found) == 1 else None
    outcomes = {row.outcome for row in rows}
    if len(outcomes) > 1:
        return undecided(
            deviation, [Message("Goods and price give different deviations; not decided.")], working
        )
    return RetailVerdict(
        outcome=rows[0].outcome,
        deviation=deviation,
        limit=None if limit is None else Quantity(limit, "g"),
        reasons=[row.said for row in rows if row.outcome is not Outcome.WITHIN],
        working=working,
    )


def rows_for(limits: RetailLimits, sale: RetailSale) -> list[RetailClass]:
    """The row of the goods and the row of the price; often one."""
    found: dict[str, RetailClass] = {}
    if sale.goods:
        row = next((each for each in limits.goods if each.id == sale.goods), None)
        if row is None:
            raise InputError(
                "goods_unknown",
                msgid("There are no goods {goods} in the rules."),
                msgid("Choose goods from the list, or give the price per kg."),
                goods=sale.goods,
            )
        found[row.id] = row
    priced = not found or any(
        each.price_above is not None or each.price_up_to is not None for each in found.values()
    )
    if sale.unit_price is not None and priced:
        price = price_of(sale.unit_price)
        found |= {each.id: each for each in limits.goods if each.holds_price(price)}
    return list(found.values())


def price_of(price: Quantity) -> Decimal:
    """Yuan a kilogram. Raises InputError ``unit_mismatch``."""
    if price.unit != YUAN_PER_KG:
        raise InputError(
            "unit_mismatch",
            "{unit} can't be expressed in {wanted}.",
            "Give both figures in units of the same quantity.",
            unit=price.unit,
            wanted=YUAN_PER_KG,
        )
    return price.value


def judged(row: RetailClass, factor: Decimal, settled: Decimal, short: Decimal) -> Row:
    """The sale by one row: undecided where the row is only remembered or ends below the weight."""
    band = next((band for band in row.bands if settled <= band.up_to), None)
    values: dict[str, str | Message] = {
        "goods": Message(row.name),
        "weight": written(settled, Measure.MASS),
        "factor": figure(factor),
        "deviation": written(short, Measure.MASS),
    }
    if row.certainty not in SURE:
        text = msgid("{goods}: the permitted deviation is not certain (to be checked); not judged.")
        return Row(Outcome.UNDECIDED, None, Message(text, values))
    if band is None:
        text = msgid("{goods}: no deviation is stated for {weight}; not judged.")
        return Row(Outcome.UNDECIDED, None, Message(text, values))
    limit = band.deviation * factor
    values |= {
        "up_to": written(band.up_to, Measure.MASS),
        "base": written(band.deviation, Measure.MASS),
        "limit": written(limit, Measure.MASS),
    }
    if short <= limit:
        text = msgid("{goods}, up to {up_to}: {base} × {factor} = {limit}; {deviation} is within")
        return Row(Outcome.WITHIN, limit, Message(text, values))
    text = msgid("{goods}, up to {up_to}: {base} × {factor} = {limit}; {deviation} is beyond")
    return Row(Outcome.BEYOND, limit, Message(text, values))


def undecided(deviation: Quantity, reasons: list[Message], working: list[Message]) -> RetailVerdict:
    """A sale that can't be judged."""
    return RetailVerdict(
        outcome=Outcome.UNDECIDED, deviation=deviation, limit=None, reasons=reasons, working=working
    )
