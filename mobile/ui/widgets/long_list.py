"""A list of any length: only the rows that can be seen, and some beyond, are made; the room of the others is kept.

A plain ListView builds, compares and sends all its rows, however few fit on the glass.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import flet as ft

from mobile.ui.hooks import use_value
from mobile.ui.look import Look, use_look
from mobile.ui.primitives import column, line_of, rule, text
from mobile.ui.theme import MARGIN, RADIUS

BEYOND = 12
"""Rows made above and below what can be seen."""
STEP = 8
"""Rows by which what is made moves on: not at every pixel."""
Load = Callable[[int, int], Awaitable[Sequence[object]]]
"""The things of rows: from which on, how many."""
Draw = Callable[[object], ft.Control]


def row_height(look: Look, *roles: str) -> float:
    """The height of a row of these lines, one under the other, with its padding."""
    return max(sum(line_of(look, role) for role in roles) + 21, look.theme.target)


def window_at(pixels: float, height: float, glass: float, total: int) -> tuple[int, int]:
    """The first row to make, and how many."""
    first = int(pixels // height) - BEYOND
    first = max(0, first // STEP * STEP)
    count = int(glass // height) + 1 + 2 * BEYOND + STEP
    return first, max(0, min(count, total - first))


@ft.component
def LongList(
    total: int,
    height: float,
    load: Load,
    draw: Draw,
    watched: Sequence[object],
    after: Sequence[ft.Control] = (),
) -> ft.Control:
    """Rows of one height, and what stands after the last. They are loaded anew, from the top, when something watched is another."""
    look = use_look()
    at, set_at = use_value(0.0)
    loaded, set_loaded = use_value((0, list[object](), list[object]()))
    first, count = window_at(at, height, look.height, total)

    async def fetch() -> None:
        set_loaded((first, list(await load(first, count)), list(watched)))

    def begin_again() -> None:
        set_at(0.0)

    ft.use_effect(begin_again, list(watched))
    ft.use_effect(fetch, [first, count, *watched])

    def scrolled(event: ft.OnScrollEvent) -> None:
        now = window_at(event.pixels, height, look.height, total)
        if now != (first, count):
            set_at(event.pixels)

    start, things, of = loaded
    shown = things if of == list(watched) else []
    rows = [
        ft.Container(
            column(draw(thing), *([rule(look)] if start + number + 1 < total else []), gap=0),
            key=f"row {start + number}",
            top=(start + number) * height,
            left=0,
            right=0,
            height=height,
            clip_behavior=ft.ClipBehavior.HARD_EDGE,
        )
        for number, thing in enumerate(shown)
    ]
    body = ft.Container(
        ft.Stack(list[ft.Control](rows), height=total * height),
        bgcolor=look.theme.surface,
        border_radius=RADIUS,
        border=ft.Border.all(look.theme.stroke, look.theme.line),
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )
    return ft.ListView(
        [body, *after],
        spacing=12,
        expand=True,
        on_scroll=scrolled,
        scroll_interval=50,
        key="list " + " ".join(str(each) for each in watched),
        padding=ft.Padding.only(left=MARGIN, right=MARGIN, top=4, bottom=16),
    )


def one_line(look: Look, words: str, role: str, colour: str = "") -> ft.Text:
    """A text of a row: cut with an ellipsis where it does not fit, for the card has it whole."""
    return text(look, words, role, colour, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS)


def held_above(parts: Sequence[ft.Control]) -> list[ft.Control]:
    """What a screen says above such a list, and which does not scroll with it."""
    edge = ft.Padding.only(left=MARGIN, right=MARGIN, top=4, bottom=4)
    return [ft.Container(column(*parts, gap=8), padding=edge)] if parts else []
