"""The points of a group, one tab each: its load, and by shape whether it is done, open, or can't be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import Icons, column, pad, row, size_of, text, touchable
from mobile.ui.theme import Theme
from mobile.ui.wording import outcome_style
from mobile.workflow.points import PointState, PointView
from shared.inspection import PointRole
from shared.message import Message
from shared.quantity import figure, plain

GROUPS: tuple[tuple[Message, frozenset[PointRole]], ...] = (
    (
        Message("Readings"),
        frozenset({PointRole.ZERO, PointRole.REPEATABILITY, PointRole.LOAD, PointRole.INDICATION}),
    ),
    (Message("Falling"), frozenset({PointRole.FALLING})),
    (Message("Corners"), frozenset({PointRole.ECCENTRICITY})),
    (Message("Tare, price"), frozenset({PointRole.TARE, PointRole.PRICE})),
)
"""The points as the inspector walks through them."""

_SHORT = {
    PointRole.ZERO: Message("Zero"),
    PointRole.TARE: Message("Tare"),
    PointRole.PRICE: Message("Price"),
}


def group_of(role: PointRole) -> int:
    return next(number for number, (_words, roles) in enumerate(GROUPS) if role in roles)


def caption(look: Look, point: PointView) -> str:
    """The few characters on a tab: ``10``, ``×2`` for the second repeat, ``①`` for a corner."""
    planned = point.planned
    if planned.role in _SHORT:
        return look.say(_SHORT[planned.role])
    number = planned.key.rpartition(":")[2]
    if planned.role is PointRole.REPEATABILITY:
        return f"×{number}"
    if planned.role is PointRole.ECCENTRICITY:
        return number
    return figure(plain(planned.reference.value))


def captions(look: Look, points: Sequence[PointView]) -> dict[str, str]:
    """What stands on the tabs; points at one reference value are counted."""
    plain_ones = {point.key: caption(look, point) for point in points}
    counts, seen = Counter(plain_ones.values()), Counter[str]()
    for key, words in plain_ones.items():
        if counts[words] > 1:
            seen[words] += 1
            plain_ones[key] = f"{words}·{seen[words]}"
    return plain_ones


def mark_of(theme: Theme, point: PointView, here: bool) -> tuple[ft.IconData, str]:
    """The shape and colour of a tab's state."""
    if here:
        return Icons.EDIT, theme.on_primary
    if point.state is PointState.CANNOT:
        return Icons.BLOCK, theme.unsure
    if point.state is PointState.TO_DO or point.verdict is None:
        return Icons.RADIO_BUTTON_UNCHECKED, theme.ink2
    style = outcome_style(point.verdict.outcome)
    return style.icon, style.ink(theme)


def point_tabs(look: Look, points: Sequence[PointView], at: str, go: Callable[[str], object]) -> ft.Row:
    """The tabs of one group; more than fit scroll sideways, with the present one in sight."""
    theme = look.theme
    least = max(theme.target, 54 * min(look.text_scale, 1.6))
    share = (look.inner_width - 6 * (len(points) - 1)) / max(len(points), 1)
    words = captions(look, points)
    longest = max(map(len, words.values()), default=1)
    width = max(least, share, 0.62 * longest * size_of(look, "title") * look.text_scale + 8)

    def tab(point: PointView) -> ft.Control:
        here = point.key == at
        icon, ink = mark_of(theme, point, here)
        face = theme.on_primary if here else theme.ink if point.state is PointState.DONE else theme.ink2
        return touchable(
            look,
            look.say(point.planned.title),
            column(
                text(look, words[point.key], "title", face, no_wrap=True),
                ft.Icon(icon, size=17, color=ink),
                gap=1,
                horizontal_alignment=ft.CrossAxisAlignment.CENTER,
                alignment=ft.MainAxisAlignment.CENTER,
            ),
            lambda: go(point.key),
            selected=here,
            width=width,
            padding=pad(4 if look.short else 7, 2),
            alignment=ft.Alignment.CENTER,
            border_radius=12,
            bgcolor=theme.primary if here else theme.surface,
            border=ft.Border.all(
                theme.stroke, theme.primary if here else theme.edge if theme.stroke > 1 else theme.line
            ),
        )

    return row(*[tab(point) for point in window(points, at, look.inner_width, width)], gap=6)


def window(points: Sequence[PointView], at: str, room: float, width: float) -> Sequence[PointView]:
    """As many neighbouring points as have room, the present one among them with the next in sight."""
    fit = max(2, int((room + 6) // (width + 6)))
    keys = [point.key for point in points]
    here = keys.index(at) if at in keys else 0
    first = min(max(here - fit + 2, 0), max(len(points) - fit, 0))
    return points[first : first + fit]
