"""A check that was begun by mistake goes again, after one question."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_attempts, use_back
from mobile.ui.look import use_look
from mobile.ui.phone import HOME, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    line,
    notice,
    screen,
    top_bar,
)
from mobile.workflow.under_way import Signable


@ft.component
def Discard(work: Signable, under: str, close: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    problem, attempt = use_attempts()
    use_back(close)

    async def discard() -> None:
        await work.discard()
        phone.check = phone.lot = phone.finding = None
        phone.go(HOME)

    body: list[ft.Control] = [
        *([notice(look, problem)] if problem else []),
        line(
            look,
            Icons.DELETE_OUTLINE,
            look.theme.bad,
            _("Discard this check?"),
            _("Its answers and pictures go for good. Nothing of it was signed."),
        ),
    ]
    bottom = bottom_bar(
        look,
        action(
            look, _("Discard"), lambda: attempt(discard), rank=Rank.PLAIN, expand=2, colour=look.theme.bad
        ),
        action(look, _("Keep it"), close, expand=3),
    )
    return screen(look, top_bar(look, _("Discard"), under, close), body, bottom)
