"""A way out asks for a reason, so that a slip costs nothing: one list for every such question."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile.ui.hooks import use_attempts, use_back
from mobile.ui.look import use_look
from mobile.ui.primitives import (
    Act,
    Icons,
    column,
    listing,
    note,
    notice,
    row,
    screen,
    text,
    top_bar,
    touchable,
)
from mobile.workflow.under_way import Choice


@ft.component
def Reasons(
    title: str, under: str, words: str, choices: list[Choice], take: Callable[[str], object], back: Act
) -> ft.Control:
    """The question and the reasons; touching one answers it."""
    look = use_look()
    problem, attempt = use_attempts()
    use_back(back)

    def one(code: str, said: str) -> ft.Control:
        return touchable(
            look,
            said,
            row(
                column(text(look, said, "title"), expand=True),
                ft.Icon(Icons.CHEVRON_RIGHT, color=look.theme.ink2),
            ),
            lambda: attempt(lambda: take(code)),
            padding=ft.Padding.symmetric(vertical=16, horizontal=16),
        )

    body: list[ft.Control] = [
        note(look, Icons.INFO_OUTLINE, words),
        *([notice(look, problem)] if problem else []),
        listing(look, [one(code, look.say(said)) for code, said in choices]),
    ]
    return screen(look, top_bar(look, title, under, back), body)
