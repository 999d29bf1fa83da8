"""The judgement of the figure being typed: error, limit, ruler, and one line on what the thick line means."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import card, row, text
from mobile.ui.widgets.limit_ruler import Reading, limit_ruler
from mobile.ui.wording import outcome_style
from mobile.workflow.points import Live
from shared.inspection import PointVerdict
from shared.metrology.judging import Outcome
from shared.quantity import GRAMS, Quantity


def reading_of(verdict: PointVerdict, step: Quantity | None) -> Reading:
    """What a ruler draws of a verdict; its ticks are e, of anything but a mass the limit."""
    tick = step.to(verdict.limit.unit) if step and verdict.limit.unit in GRAMS else verdict.limit
    return Reading(
        verdict.error_of_indication, verdict.lower, verdict.limit, verdict.half_width, tick, verdict.outcome
    )


def working_of(look: Look, verdict: PointVerdict) -> list[ft.Control]:
    """How the error came about, where the display alone does not show it; the comparison itself is what the ruler draws."""
    return [
        text(look, look.say(each), "note", look.theme.ink2, align=ft.TextAlign.CENTER)
        for each in verdict.working[:-1]
    ]


def hint_of(look: Look, verdict: PointVerdict) -> tuple[str, bool]:
    """What to read out of the drawing; whether it asks for something."""
    _ = look.gettext
    if verdict.outcome is Outcome.UNDECIDED:
        return (
            (look.say(verdict.finer), True)
            if verdict.finer
            else (_("Undecided: the thick line crosses a limit"), True)
        )
    if verdict.half_width.value:
        return _("The thick line is what the display can't resolve; it decides only as a whole"), False
    if verdict.limit.unit not in GRAMS:
        return look.say(verdict.working[-1]) if verdict.working else "", verdict.outcome is Outcome.BEYOND
    return _("Measured finely: the error is exact"), False


def live_card(look: Look, live: Live, step: Quantity | None) -> ft.Control:
    """The card; before anything is typed it shows the limit alone. It never animates."""
    _, theme, verdict = look.gettext, look.theme, live.verdict
    limit = verdict.limits_shown() if verdict else live.point.planned.limits_shown()
    limit_words = _("Limit {limit}").format(limit=limit) if limit else ""
    tight = 8 if look.short else 12
    width = look.inner_width - 32
    if verdict is None:
        given = next((each for each in live.fields[:-1] if each.here), None)
        words = _("Type what was read beside it") if given else _("Type what the display shows")
        asked = text(look, words, "body", theme.ink2)
        limits = text(look, limit_words, "title")
        if look.narrow:
            return card(look, asked, limits, padding=16, gap=4)
        asked.expand = True
        return card(look, row(asked, limits), padding=16)
    style = outcome_style(verdict.outcome)
    ink = style.ink(theme)
    error = _("Error {error}").format(error=verdict.error_of_indication.shown_signed())
    words, urgent = hint_of(look, verdict)
    headline: list[ft.Control] = [
        ft.Icon(style.icon, size=26, color=ink),
        text(look, error, "h2", ink, expand=True),
    ]
    limits = text(look, limit_words, "title")
    wide = sum(21.0 if sign > "⺀" else 12.0 for sign in error) + sum(
        17.0 if sign > "⺀" else 10.0 for sign in limit_words
    )
    aside = wide * look.text_scale + 50 <= width
    head = [row(*headline, limits)] if aside else [row(*headline), limits]
    return ft.Semantics(
        container=True,
        live_region=True,
        content=card(
            look,
            *head,
            ft.Container(limit_ruler(look, reading_of(verdict, step), width), alignment=ft.Alignment.CENTER),
            text(look, words, "tag", ink if urgent else theme.ink2, align=ft.TextAlign.CENTER),
            *([] if live.point.planned.finer_possible else working_of(look, verdict)),
            padding=tight,
            gap=4,
        ),
    )
