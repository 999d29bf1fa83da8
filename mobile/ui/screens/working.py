"""How one point was worked out, in lines that an inspector can read out to the trader."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back
from mobile.ui.look import use_look
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    fact,
    line,
    note,
    screen,
    text,
    top_bar,
)
from mobile.ui.widgets.limit_ruler import limit_ruler
from mobile.ui.widgets.live_card import reading_of
from mobile.ui.wording import outcome_style
from mobile.workflow.spot_check import SpotCheck
from shared.inspection import Conclusion, Entry


@ft.component
def Working(check: SpotCheck, point: str, conclusion: Conclusion, close: Act, again: Act) -> ft.Control:
    look = use_look()
    _ = look.gettext
    back = use_back(close)
    view = next(one for one in check.points if one.key == point)
    planned, verdict = view.planned, view.verdict
    body: list[ft.Control] = []
    if verdict:
        style = outcome_style(verdict.outcome)
        drawn = reading_of(verdict, check.draft.facts.verification_scale_interval)
        body.append(
            card(
                look,
                line(look, style.icon, style.ink(look.theme), look.say(style.words)),
                ft.Container(limit_ruler(look, drawn, look.inner_width - 32), alignment=ft.Alignment.CENTER),
            )
        )
    facts = [fact(look, _("What was done"), look.say(planned.instruction))]
    if view.indication:
        how = _("taken as the same") if view.entry is Entry.SAME else _("typed")
        facts.append(fact(look, _("Reading"), f"{view.indication} {planned.unit} ({how})"))
    if view.added_weights:
        facts.append(fact(look, _("Added weights ΔL"), f"{view.added_weights} g"))
    if view.reason:
        words = dict(check.cannot_reasons).get(view.reason)
        facts.append(fact(look, _("Not done"), look.say(words) if words else view.reason))
    if view.attempts:
        facts.append(
            fact(look, _("Earlier readings"), _("{count} kept with their cause").format(count=view.attempts))
        )
    body.append(card(look, *facts, gap=8))
    if verdict and verdict.working:
        lines = [text(look, look.say(one)) for one in verdict.working]
        body.append(card(look, text(look, _("How it is worked out"), "title"), *lines, gap=8))
    basis = _("{edition}, rules {version}").format(
        edition=conclusion.edition, version=conclusion.catalogue_version
    )
    body.append(note(look, Icons.MENU_BOOK_OUTLINED, basis))
    bottom = bottom_bar(look, action(look, _("Measure again"), again, Icons.REPLAY, rank=Rank.PLAIN))
    return screen(look, top_bar(look, look.say(planned.title), _("Working"), back), body, bottom)
