"""过度包装 (GB 23350): void ratio, layers and cost of a sales package. METROLOGY §4.3.

A figure that is known from memory only is worked out and shown as ``apparent``; the outcome stays undecided until it has been checked.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_FLOOR, Decimal, localcontext
from enum import StrEnum

import msgspec

from shared.errors import InputError
from shared.message import Message, msgid
from shared.metrology.editions import SURE, Certainty
from shared.metrology.judging import Outcome, rounded, worst
from shared.metrology.prepackages.amounts import DIGITS, Measure, in_base, measure_of, written
from shared.metrology.prepackages.rules import (
    PackagedGoods,
    PackagingLimits,
    PrepackageRules,
)
from shared.quantity import Quantity, figure, plain


class SalesPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A sales package as it was measured; what was not measured is None."""

    goods: str
    """Id of goods in the rules."""
    item: Quantity
    """Net content of a single item."""
    count: int = 1
    sides: tuple[Quantity, Quantity, Quantity] | None = None
    """Outer length, width and height; handles and ties count."""
    layers: int | None = None
    """Nets and drawers are a layer, trays are not."""
    packaging_cost: Decimal | None = None
    """In yuan, of all packaging but the primary one."""
    price: Decimal | None = None
    """In yuan."""


class PackagingSubject(StrEnum):
    VOID_RATIO = "void_ratio"
    LAYERS = "layers"
    COST = "cost"


class PackagingFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One of the three findings."""

    subject: PackagingSubject
    outcome: Outcome
    apparent: Outcome
    """What the figures say, whether or not they are certain; undecided only where something is missing."""
    working: list[Message] = []
    reasons: list[Message] = []


class PackagingVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """The findings, and the worst of them."""

    outcome: Outcome
    findings: list[PackagingFinding]
    edition: str = ""

    def finding(self, subject: PackagingSubject) -> PackagingFinding:
        """The finding on ``subject``."""
        return next(each for each in self.findings if each.subject is subject)


def packaging_verdict(rules: PrepackageRules, package: SalesPackage, on: date) -> PackagingVerdict:
    """Judges a sales package by the edition of the day.

    Raises InputError ``goods_unknown``, ``unit_unknown``, ``unit_mismatch``, ``package_impossible``.
    """
    edition, limits = rules.packaging.edition(on), rules.packaging.limits_on(on)
    if edition is None or limits is None:
        reason = Message("No rule on excessive packaging is known for {day}.", {"day": on.isoformat()})
        findings = [missing(subject, reason) for subject in PackagingSubject]
        return PackagingVerdict(outcome=Outcome.UNDECIDED, findings=findings)
    goods = goods_of(limits, package.goods)
    findings = [void_ratio(limits, goods, package), layers(goods, package), cost(limits, goods, package)]
    return PackagingVerdict(
        outcome=worst([each.outcome for each in findings]),
        findings=findings,
        edition=edition.judging.document,
    )


def goods_of(limits: PackagingLimits, goods_id: str) -> PackagedGoods:
    """The goods of that id. Raises InputError ``goods_unknown``."""
    found = next((each for each in limits.goods if each.id == goods_id), None)
    if found is None:
        raise InputError(
            "goods_unknown",
            msgid("There are no goods {goods} in the rules."),
            msgid("Choose goods from the list."),
            goods=goods_id,
        )
    return found


def void_ratio(limits: PackagingLimits, goods: PackagedGoods, package: SalesPackage) -> PackagingFinding:
    """X = (Vn − k·V0)/Vn against the limit of the item's net content, and the largest volume that would do."""
    subject, k = PackagingSubject.VOID_RATIO, goods.necessary_space
    if package.sides is None:
        return missing(subject, Message("The package's sides are not measured."))
    if k is None:
        return missing(
            subject,
            Message("{goods}: k is not known; the void ratio is not judged.", {"goods": Message(goods.name)}),
        )
    measure = measure_of(package.item.unit)
    if measure not in (Measure.MASS, Measure.VOLUME):
        return missing(subject, Message("The void ratio is for net contents in g or mL."))
    item = in_base(package.item, measure)
    with localcontext(prec=DIGITS):
        length, width, height = (in_base(side, Measure.LENGTH) for side in package.sides)
        volume = length * width * height
        # Two sides below nought would make a volume.
        if item <= 0 or package.count <= 0 or min(length, width, height) <= 0:
            raise InputError(
                "package_impossible",
                msgid("A package without content or volume can't be."),
                msgid("Measure the package again."),
            )
        content = item * package.count * limits.content_volume.value
        percent = next(band.percent for band in limits.void_ratio if band.up_to is None or item <= band.up_to)
        beyond = 100 * (volume - k.value * content) > percent * volume
        # As the cost below: shown to 0.1, and finer where that would put it on the other side of the limit.
        ratio = rounded(100 * (volume - k.value * content) / volume, 1, percent, percent)
        most = k.value * content * 100 / (100 - percent)
    values = {
        "volume": figure(plain(volume)),
        "k": figure(k.value),
        "content": figure(plain(content)),
        "ratio": figure(ratio),
        "item": written(item, measure),
        "limit": figure(percent),
        # Rounded down: a package of that volume is still within.
        "most": figure(plain(most.to_integral_value(ROUND_FLOOR))),
    }
    working = [
        Message("X = (Vn − k·V0)/Vn = ({volume} − {k} × {content})/{volume} = {ratio} %", values),
        Message("Single item {item}: at most {limit} %; largest package {most} cm³", values),
    ]
    reason = Message("Void ratio {ratio} % > {limit} %", values)
    certain = [k.certainty, limits.content_volume.certainty, limits.void_ratio_certainty]
    return finding(subject, beyond, certain, working, reason)


def layers(goods: PackagedGoods, package: SalesPackage) -> PackagingFinding:
    """Layers of packaging against the most that these goods may have."""
    subject = PackagingSubject.LAYERS
    if package.layers is None:
        return missing(subject, Message("The layers are not counted."))
    if package.layers < 0:
        raise InputError(
            "package_impossible",
            msgid("Layers fewer than none can't be."),
            msgid("Count the layers again."),
        )
    if goods.layers is None:
        return missing(subject, Message("How many layers these goods may have is not known."))
    values = {"layers": str(package.layers), "limit": figure(goods.layers.value)}
    working = [
        Message("Layers: {layers}, at most {limit}", values),
        Message("A net or a drawer is a layer, a tray is none."),
    ]
    reason = Message("{layers} layers > {limit}", values)
    return finding(subject, package.layers > goods.layers.value, [goods.layers.certainty], working, reason)


def cost(limits: PackagingLimits, goods: PackagedGoods, package: SalesPackage) -> PackagingFinding:
    """The cost of packaging other than the primary one, as a share of the price."""
    subject = PackagingSubject.COST
    if package.packaging_cost is None or package.price is None:
        return missing(subject, Message("Cost of packaging or price is not known."))
    price, spent = Quantity(package.price, "元").value, Quantity(package.packaging_cost, "元").value
    if price <= 0 or spent < 0:
        raise InputError(
            "package_impossible",
            msgid("A price or a cost below nothing can't be."),
            msgid("Enter price and cost again."),
        )
    rule = [each for each in goods.cost or limits.cost if price > each.price_above][-1]
    with localcontext(prec=DIGITS):
        share = rounded(100 * spent / price, 1, rule.percent, rule.percent)
        beyond = 100 * spent > rule.percent * price
    values = {
        "spent": f"{figure(plain(spent))} 元",
        "price": f"{figure(plain(price))} 元",
        "share": figure(share),
        "limit": figure(rule.percent),
    }
    working = [Message("Cost {spent} of {price} = {share} %, at most {limit} %", values)]
    return finding(
        subject, beyond, [rule.certainty], working, Message("Cost of packaging {share} % > {limit} %", values)
    )


def finding(
    subject: PackagingSubject, beyond: bool, certain: list[Certainty], working: list[Message], reason: Message
) -> PackagingFinding:
    """The finding, undecided where one of its figures is only remembered."""
    apparent = Outcome.BEYOND if beyond else Outcome.WITHIN
    if not SURE.issuperset(certain):
        text = msgid("A figure of this rule is not certain (to be checked): worked out, not judged.")
        return PackagingFinding(
            subject=subject,
            outcome=Outcome.UNDECIDED,
            apparent=apparent,
            working=[Message(text), *working],
            reasons=[Message(text)],
        )
    reasons = [reason] if beyond else []
    return PackagingFinding(
        subject=subject, outcome=apparent, apparent=apparent, working=working, reasons=reasons
    )


def missing(subject: PackagingSubject, reason: Message) -> PackagingFinding:
    """A finding that can't be worked out."""
    return PackagingFinding(
        subject=subject, outcome=Outcome.UNDECIDED, apparent=Outcome.UNDECIDED, reasons=[reason]
    )
