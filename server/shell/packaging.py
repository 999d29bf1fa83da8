"""``quanheng packaging``: void ratio, layers and cost of a sales package."""

from __future__ import annotations

import argparse
import re
from datetime import date
from decimal import Decimal

from server.shell.check_words import quantity
from server.shell.printing import EXIT, OUTCOMES, Page, add_reader, speaking
from server.shell.rulebooks import goods_named, prepackages
from shared.errors import InputError
from shared.message import Message, msgid
from shared.metrology.judging import Outcome
from shared.metrology.prepackages.packaging import PackagingSubject, SalesPackage, packaging_verdict
from shared.quantity import Quantity

SUBJECTS = {
    PackagingSubject.VOID_RATIO: Message("Void ratio"),
    PackagingSubject.LAYERS: Message("Layers"),
    PackagingSubject.COST: Message("Cost of packaging"),
}


def add_words(words: argparse.ArgumentParser) -> None:
    """The options of ``quanheng packaging``."""
    words.add_argument("goods", help="id or Chinese name of goods of the table, for example mooncake")
    words.add_argument("item", help='net content of a single item, "60 g"')
    words.add_argument("--count", type=int, default=1, help="items in the package")
    words.add_argument("--sides", default="", help='outer length, width and height in cm, "24 x 20 x 10"')
    words.add_argument("--layers", type=int, help="layers of packaging")
    words.add_argument("--cost", default="", help="cost of all packaging but the primary one, in yuan")
    words.add_argument("--price", default="", help="price of the package, in yuan")
    add_reader(words, "day of the check")


def run(asked: argparse.Namespace, today: date) -> tuple[int, str]:
    """The exit code (0 within, 1 beyond, 3 not decided) and what to print. Raises InputError as :func:`.packaging_verdict` does."""
    rules, page, on = prepackages(), Page(speaking(asked.language)), asked.on or today
    limits = rules.packaging.limits_on(on)
    package = SalesPackage(
        goods=goods_named(limits.goods, asked.goods).id if limits else asked.goods,
        item=quantity(asked.item),
        count=asked.count,
        sides=sides(asked.sides) if asked.sides else None,
        layers=asked.layers,
        packaging_cost=yuan(asked.cost),
        price=yuan(asked.price),
    )
    found = packaging_verdict(rules, package, on)
    page.judged_by(rules.packaging.edition(on))
    for finding in found.findings:
        page.verdict(SUBJECTS[finding.subject], finding.outcome)
        page.say_all([*finding.working, *(one for one in finding.reasons if one not in finding.working)], 1)
        if finding.outcome is Outcome.UNDECIDED is not finding.apparent:
            page.say(
                Message(msgid("By these figures: {outcome}"), {"outcome": OUTCOMES[finding.apparent]}), 1
            )
    page.verdict(Message("Packaging"), found.outcome)
    return EXIT[found.outcome], page.text()


def sides(text: str) -> tuple[Quantity, Quantity, Quantity]:
    """``24 x 20 x 10 cm``, each in cm unless it says its unit. Raises InputError ``sides_unreadable``, ``quantity_unreadable``."""
    parts = re.split(r"\s*[x×*]\s*", text.strip())
    if len(parts) != 3:
        raise InputError(
            "sides_unreadable",
            "{text} are not three sides.",
            "Write them like 24 x 20 x 10 cm.",
            text=text,
        )
    unit = quantity(parts[2], "cm").unit
    length, width, height = (quantity(part, unit) for part in parts)
    return length, width, height


def yuan(text: str) -> Decimal | None:
    """An amount; None where none is given. Raises InputError ``quantity_unreadable``, ``unit_mismatch``."""
    return quantity(text, "元").to("元").value if text else None
