"""加小砝码细测: small weights until the display jumps, so that the error before rounding is known."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import Attempt
from mobile.ui.look import Look
from mobile.ui.primitives import Icons, Rank, action, card, column, row, text
from mobile.ui.widgets.keypad import Side
from mobile.ui.widgets.live_card import live_card
from mobile.ui.widgets.readout import readout
from mobile.workflow.points import Live
from mobile.workflow.spot_check import SpotCheck


def finer_body(look: Look, check: SpotCheck, live: Live, attempt: Attempt) -> list[ft.Control]:
    """What to do, the figure, and the judgement that it makes exact."""
    _ = look.gettext
    told = card(
        look,
        text(look, _("Leave the load on. Add small weights until the display jumps by one step."), "strong"),
        text(look, _("Type the mass that was added, in grams."), "note", look.theme.ink2),
        gap=4,
        padding=12,
    )
    parts: list[ft.Control] = [column(told)]
    if live.half_step and not live.text:
        added = live.half_step.shown()
        answers = ((_("{added}: it jumped"), True), (_("{added}: no jump"), False))
        ways = [
            action(
                look,
                words.format(added=added),
                lambda jumped=jumped: attempt(lambda: check.half_step(jumped)),  # type: ignore[misc]
                rank=Rank.PLAIN,
                height=50,
            )
            for words, jumped in answers
        ]
        parts.append(row(*ways, gap=12))
    return [
        *parts,
        readout(look, _("Added weights ΔL"), live.text, "g"),
        live_card(look, live, None),
    ]


def finer_keys(look: Look, check: SpotCheck, attempt: Attempt) -> tuple[Side, ...]:
    return (
        Side(
            look.gettext("Take it"),
            lambda: attempt(check.next_point),
            Icons.ARROW_DOWNWARD,
            primary=True,
            tall=True,
        ),
    )
