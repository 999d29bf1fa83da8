"""The figures of a nameplate: what is sold most to touch, and a way to type anything else; the same at registration and on site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import flet as ft

from mobile.ui.hooks import use_back
from mobile.ui.look import Look, use_look
from mobile.ui.primitives import (
    STRETCH,
    Act,
    Icons,
    Rank,
    action,
    choice,
    column,
    note,
    notice,
    row,
    screen,
    stacked,
    text,
    top_bar,
)
from mobile.ui.widgets.keypad import Side, keypad
from mobile.ui.widgets.readout import readout
from mobile.workflow.keying import MINUS_KEY
from mobile.workflow.nameplate import Figure
from shared.errors import Problem


def in_rows(look: Look, choices: Sequence[ft.Semantics], across: int) -> ft.Column:
    """Choices in rows; one below the other where the type is large."""
    across = 1 if look.narrow else across
    for one in choices:
        one.expand = across > 1 or None
    lines: list[ft.Control] = []
    for start in range(0, len(choices), across):
        line = list[ft.Control](choices[start : start + across])
        lines.append(row(*line, intrinsic_height=True, vertical_alignment=STRETCH) if across > 1 else line[0])
    return stacked(*lines, gap=8)


def figure_row(
    look: Look,
    figure: Figure,
    value: str,
    take: Callable[[str, str], object],
    type_it: Callable[[str], object],
) -> ft.Control:
    """One figure: its name, the usual values, and the field for another."""
    _ = look.gettext
    name = look.say(figure.name)
    label = text(look, name, "note", look.theme.ink2, expand=True)
    optional = [text(look, _("may stay empty"), "note", look.theme.ink2)] if figure.optional else []
    buttons = [
        choice(
            look,
            figure.shown(one),
            value == one,
            lambda one=one: take(figure.id, one),  # type: ignore[misc]
        )
        for one in figure.usual
    ]
    head = row(label, *optional) if look.text_scale <= 1.3 else column(label, *optional)
    if not figure.closed:
        own = value if value not in figure.usual else ""
        words = figure.shown(own) if own else _("Other value") if buttons else _("Type the value")
        other = choice(look, words, bool(own), lambda: type_it(figure.id))
        buttons.append(other)
    widest = max((len(figure.shown(one)) for one in figure.usual), default=12)
    many = 1 if len(buttons) == 1 else 4 if widest <= 3 else 3 if widest <= 8 else 2
    return stacked(head, in_rows(look, buttons, many), gap=4)


@ft.component
def FigurePad(
    figure: Figure,
    value: str,
    problem: Problem | None,
    press: Callable[[str], Awaitable[object]],
    take: Act,
    close: Act,
) -> ft.Control:
    """The field of one figure with the app's own keypad; what it holds is kept after each key."""
    look = use_look()
    _ = look.gettext
    back = use_back(close)
    name = look.say(figure.name)
    done = Side(_("Take it"), take, Icons.CHECK, primary=True, tall=True)
    return screen(
        look,
        top_bar(look, name, _("As it stands on the nameplate"), back),
        [
            *([notice(look, problem)] if problem else []),
            readout(look, _("Value"), value, figure.unit),
            note(look, Icons.INFO_OUTLINE, _("Type what stands on the nameplate.")),
        ],
        keypad(look, press, (done,), f".0{MINUS_KEY}"),
    )


def on_without(look: Look, act: Act) -> ft.Semantics:
    """The way on with what is known."""
    return action(look, look.gettext("Go on without"), act, rank=Rank.PLAIN, expand=2)
