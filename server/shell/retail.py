"""``quanheng retail``: whether goods weighed at a stall were short by more than is permitted."""

from __future__ import annotations

import argparse
from datetime import date

from server.shell.check_words import quantity
from server.shell.printing import EXIT, Page, add_reader, speaking
from server.shell.rulebooks import goods_named, prepackages
from shared.message import Message
from shared.metrology.prepackages.retail import YUAN_PER_KG, CheckScale, RetailSale, retail_deviation
from shared.metrology.prepackages.rules import Excluded, RetailClass


def add_words(words: argparse.ArgumentParser) -> None:
    """The options of ``quanheng retail``."""
    words.add_argument("settled", help='what was paid for, "2 kg"')
    words.add_argument("actual", help='what was weighed again, "1.95 kg"')
    words.add_argument(
        "--goods", default="", help="id or Chinese name of goods of the table, for example meat"
    )
    words.add_argument("--price", default="", help="yuan a kilogram, where the goods are not in the table")
    words.add_argument(
        "--scale",
        type=CheckScale,
        choices=list(CheckScale),
        default=CheckScale.SAME_OR_BETTER,
        help="what it was weighed again on",
    )
    add_reader(words, "day of the sale")


def run(asked: argparse.Namespace, today: date) -> tuple[int, str]:
    """The exit code (0 within, 1 beyond, 3 not decided) and what to print. Raises InputError as :func:`.retail_deviation` does."""
    rules, page, on = prepackages(), Page(speaking(asked.language)), asked.on or today
    limits = rules.retail.limits_on(on)
    rows: list[RetailClass | Excluded] = [*limits.goods, *limits.excluded] if limits else []
    sale = RetailSale(
        settled=quantity(asked.settled),
        actual=quantity(asked.actual),
        check_scale=asked.scale,
        goods=goods_named(rows, asked.goods).id if asked.goods else "",
        unit_price=quantity(asked.price, YUAN_PER_KG) if asked.price else None,
    )
    found = retail_deviation(rules, sale, on)
    page.judged_by(rules.retail.edition(on))
    page.say_all(found.working)
    page.verdict(Message("Deviation"), found.outcome)
    page.say_all([reason for reason in found.reasons if reason not in found.working], 1)
    return EXIT[found.outcome], page.text()
