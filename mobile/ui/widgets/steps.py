"""Where one is in a piece of work: a strip of numbered steps, or one line where there is no room."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import CENTRED, Icons, pad, row, text, touchable


def steps(look: Look, names: Sequence[str], at: int, go: Callable[[int], object]) -> ft.Row:
    """The strip; the steps before the present one lead back."""
    theme = look.theme

    def one(number: int, name: str) -> ft.Control:
        done, here = number < at, number == at
        ink = theme.primary if done or here else theme.ink2
        mark: ft.Control = (
            ft.Icon(Icons.CHECK, size=16, color=ink) if done else text(look, str(number + 1), "tag", ink)
        )
        return touchable(
            look,
            name,
            row(mark, text(look, name, "tag", ink, no_wrap=True), gap=4, alignment=CENTRED),
            (lambda: go(number)) if done else None,
            expand=True,
            selected=here,
            height=max(look.theme.target, 20 * look.text_scale + 14),
            padding=pad(),
            border=ft.Border.only(
                bottom=ft.BorderSide(4 if here else 2, theme.primary if done or here else theme.line)
            ),
        )

    return row(*[one(number, name) for number, name in enumerate(names)])


def steps_fit(look: Look, names: Sequence[str]) -> bool:
    """Whether the strip's longest name has room."""
    longest = max(sum(15 if character > "⺀" else 8.2 for character in name) for name in names)
    return (longest * look.text_scale + 24) * len(names) + 8 * (len(names) - 1) <= look.inner_width
