"""``quanheng label``: what is wrong with the statement of a net content on a package."""

from __future__ import annotations

import argparse
from datetime import date

from server.shell.check_words import quantity
from server.shell.printing import EXIT, FAULTS, Page, add_reader, speaking
from server.shell.rulebooks import goods_named, prepackages
from shared.message import Message, msgid
from shared.metrology.judging import Outcome
from shared.metrology.prepackages.labels import label_faults


def add_words(words: argparse.ArgumentParser) -> None:
    """The options of ``quanheng label``."""
    words.add_argument("statement", help='as printed, "净含量:500g"')
    words.add_argument("--height", default="", help="height of the characters in mm; left out, not judged")
    words.add_argument("--goods", default="", help="goods that may be outside the rule, for example medicine")
    add_reader(words, "day of the check")


def run(asked: argparse.Namespace, today: date) -> tuple[int, str]:
    """The exit code (0 right, 1 wrong, 3 not decided) and what to print. Raises InputError ``goods_unknown``, ``unit_unknown``, ``unit_mismatch``."""
    rules, page, on = prepackages(), Page(speaking(asked.language)), asked.on or today
    limits = rules.net_content.limits_on(on)
    page.judged_by(rules.net_content.edition(on))
    if limits is None:
        page.say(Message("No rule on net content is known for {day}.", {"day": on.isoformat()}))
        return EXIT[Outcome.UNDECIDED], page.text()
    if asked.goods:
        goods = goods_named(limits.excluded, asked.goods)
        if not goods.starts or goods.starts <= on:
            values: dict[str, str | Message] = {"goods": Message(goods.name), "document": limits.document}
            page.say(Message("{goods} are outside {document}.", values))
            return EXIT[Outcome.UNDECIDED], page.text()
    found = label_faults(limits, asked.statement, quantity(asked.height, "mm") if asked.height else None)
    page.verdict(Message("Label"), found.outcome, FAULTS)
    if found.nominal:
        page.say(Message(msgid("Read as {nominal}"), {"nominal": found.nominal.shown()}), 1)
    page.say_all([*found.faults, *found.undecided], 1)
    return EXIT[found.outcome], page.text()
