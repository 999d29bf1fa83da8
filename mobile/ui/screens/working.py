"""How one point was worked out, in lines that an inspector can read out to the trader."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back
from mobile.ui.look import Look, use_look
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
    notice,
    screen,
    text,
    top_bar,
)
from mobile.ui.widgets.field_chips import field_value
from mobile.ui.widgets.limit_ruler import limit_ruler
from mobile.ui.widgets.live_card import reading_of
from mobile.ui.wording import outcome_style
from mobile.workflow.spot_check import SpotCheck
from shared.inspection import Conclusion, Entry, PointVerdict
from shared.message import Message


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
    if view.problem:
        body.append(notice(look, view.problem))
    facts = [fact(look, _("What was done"), look.say(planned.instruction))]
    if view.indication:
        how = _("taken as the same") if view.entry is Entry.SAME else _("typed")
        facts += [fact(look, look.say(each.name), field_value(look, each)) for each in view.inputs]
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
    body += worked_out(look, verdict.working if verdict else [], conclusion)
    bottom = bottom_bar(look, action(look, _("Measure again"), again, Icons.REPLAY, rank=Rank.PLAIN))
    return screen(look, top_bar(look, look.say(planned.title), _("Working"), back), body, bottom)


def worked_out(look: Look, working: list[Message], conclusion: Conclusion) -> list[ft.Control]:
    """The lines to read out, and by what it was judged."""
    _ = look.gettext
    lines = [text(look, look.say(one)) for one in working]
    basis = _("{edition}, rules {version}").format(
        edition=conclusion.edition, version=conclusion.catalogue_version
    )
    shown: list[ft.Control] = [note(look, Icons.MENU_BOOK_OUTLINED, basis)]
    if lines:
        shown.insert(0, card(look, text(look, _("How it is worked out"), "title"), *lines, gap=8))
    return shown


@ft.component
def WorkingTogether(verdict: PointVerdict, title: str, conclusion: Conclusion, close: Act) -> ft.Control:
    """What several readings say together, in lines to read out."""
    look = use_look()
    _ = look.gettext
    back = use_back(close)
    style = outcome_style(verdict.outcome)
    compared = _("{found}, limit {limit}").format(
        found=verdict.error_of_indication.shown(), limit=f"≤ {verdict.limit.shown()}"
    )
    body = [
        card(look, line(look, style.icon, style.ink(look.theme), look.say(style.words), compared)),
        *worked_out(look, verdict.working, conclusion),
    ]
    bottom = bottom_bar(look, action(look, _("Back to the outcome"), close, rank=Rank.PLAIN))
    return screen(look, top_bar(look, title, _("Working"), back), body, bottom)
