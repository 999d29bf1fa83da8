"""``quanheng catalogue``: which kinds there are, by which editions and limits each is judged, and what is not sure."""

from __future__ import annotations

import argparse
from datetime import date

from server.shell.printing import Page, catalogue, speaking
from shared.message import Message, msgid
from shared.metrology.catalogue import Catalogue, Kind
from shared.metrology.judging import STAGE_WORDS, limits_shown
from shared.metrology.table_limits import ErrorForm, TableLimits
from shared.metrology.weighing_limits import WeighingLimits
from shared.quantity import Quantity, figure


def add_words(words: argparse.ArgumentParser) -> None:
    """The options of ``quanheng catalogue``."""
    words.add_argument("kind", nargs="?", default="", help="id of one kind, to see it whole")
    words.add_argument("--on", type=date.fromisoformat, help="day, 2026-11-25; today if left out")
    words.add_argument("--language", choices=["zh", "en"], default="zh")


def run(asked: argparse.Namespace, today: date) -> tuple[int, str]:
    """The exit code and what to print. Raises InputError ``kind_unknown``."""
    rules, page, day = catalogue(), Page(speaking(asked.language)), asked.on or today
    if asked.kind:
        whole(page, rules, rules.kind(asked.kind), day)
        return 0, page.text()
    page.say(Message(msgid("Catalogue {version}, {day}"), {"version": rules.version, "day": day.isoformat()}))
    for kind in rules.kinds.values():
        document = rules.edition(kind.id, day).judging.document
        judged = Message("judged") if kind.procedure else Message("not judged")
        page.say(
            f"{kind.id:<32} {kind.chinese}  {Message(kind.name).said(page.speak)}  {document}  {judged.said(page.speak)}"
        )
    return 0, page.text()


def whole(page: Page, rules: Catalogue, kind: Kind, day: date) -> None:
    """One kind with editions, limits, questions and what is not sure."""
    page.say(f"{kind.chinese}  {Message(kind.name).said(page.speak)}  ({kind.id}, {kind.family})")
    if kind.interval_months:
        page.say(Message(msgid("Verified every {months} months"), {"months": str(kind.interval_months)}), 1)
    found = rules.edition(kind.id, day)
    for edition in kind.editions:
        mark = "→" if edition in (found.judging, found.pending) else " "
        span = f"{edition.starts or '…'} – {edition.until or '…'}"
        page.say(f"{mark} {edition.document}  {span}  {edition.certainty.value}  ({edition.source})", 1)
    limits = rules.limits_on(kind.id, day)
    if isinstance(limits, WeighingLimits):
        for each in limits.mpe:
            rows = ", ".join(
                f"±{figure(band.multiple)}e {'≤ ' + str(band.up_to) + 'e' if band.up_to else '…'}"
                for band in each.bands
            )
            page.say(f"{each.accuracy_class}: {rows}", 1)
    elif isinstance(limits, TableLimits):
        table_lines(page, limits)
    for question in kind.visual:
        page.say(
            f"{question.id}: {Message(question.question).said(page.speak)}  {question.certainty.value}", 1
        )
    for unsure in kind.unsure:
        values = {"fact": unsure.fact, "source": unsure.source}
        page.say(Message(msgid("Not sure, so not judged by: {fact} ({source})"), values), 1)


def table_lines(page: Page, limits: TableLimits) -> None:
    """A table of limits, row by row."""
    for row in limits.mpe:
        form = row.form or limits.form
        unit = limits.unit if form is ErrorForm.ABSOLUTE else "%"
        low = -row.high if row.low is None else row.low
        stages = ", ".join(STAGE_WORDS[stage].said(page.speak) for stage in row.stages)
        place = " ".join(
            part for part in (row.accuracy_class, row.zone, stretch(row.least, row.below, row.up_to)) if part
        )
        shown = limits_shown(Quantity(low, unit), Quantity(row.high, unit))
        page.say(
            f"{stages}  {place}  {shown}  {limits.document} {row.clause or limits.clause}  {limits.certainty.value}",
            1,
        )


def stretch(least: object, below: object, up_to: object) -> str:
    """``35.3…41.0`` or ``< 40``."""
    if least is None and below is None and up_to is None:
        return ""
    end = f"< {below}" if below is not None else f"≤ {up_to}" if up_to is not None else ""
    return f"{least if least is not None else ''}… {end}".strip()
