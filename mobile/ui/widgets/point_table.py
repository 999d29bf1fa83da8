"""Every point of a check in one line: shape, load, ruler, error, limit. Touching one shows how it was worked out."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import Icons, card, column, pad, row, text, touchable, upright
from mobile.ui.widgets.limit_ruler import limit_ruler
from mobile.ui.widgets.live_card import reading_of
from mobile.ui.wording import outcome_style
from mobile.workflow.points import PointState, PointView
from shared.inspection import PointVerdict
from shared.quantity import Quantity

RULER = 84
NAME, ERROR, LIMIT = 16, 14, 14
"""What fits into the columns, in halves of a digit's width."""


def point_table(
    look: Look, points: list[PointView], step: Quantity | None, open_point: Callable[[str], object]
) -> ft.Container:
    theme, _ = look.theme, look.gettext
    wide = look.inner_width / look.text_scale >= 320
    lines: list[ft.Control] = []
    if wide:
        lines.append(
            row(
                ft.Container(width=24),
                text(look, _("Point"), "note", theme.ink2, expand=True),
                text(look, _("Error"), "note", theme.ink2, width=84, align=ft.TextAlign.RIGHT),
                text(look, _("Limit"), "note", theme.ink2, width=62, align=ft.TextAlign.RIGHT),
                gap=4,
            )
        )
    lines += [one_line(look, point, step, open_point, wide and fits(look, point)) for point in points]
    return card(look, *lines, gap=0, padding=12)


def fits(look: Look, point: PointView) -> bool:
    """Whether a point's name, error and limit fit into the columns; else it has two lines."""
    columns = [(look.say(point.planned.title), NAME)]
    if point.verdict:
        columns += [
            (point.verdict.error_of_indication.shown_signed(), ERROR),
            (point.verdict.limits_shown(), LIMIT),
        ]
    return all(half_digits(words) <= most for words, most in columns)


def half_digits(words: str) -> int:
    """About how wide the words are: a digit is two, an m three, a Chinese character four."""
    return sum(4 if each > "\u2e80" else 3 if each in "mMW%" else 2 for each in words)


def together_table(
    look: Look, verdicts: list[PointVerdict], titles: dict[str, str], open_verdict: Callable[[str], object]
) -> ft.Container:
    """What several readings say together: the spread of repeats, falling against rising."""
    lines: list[ft.Control] = [
        text(look, look.gettext("Readings together"), "note", look.theme.ink2),
        *[together_line(look, each, titles[each.point], open_verdict) for each in verdicts],
    ]
    return card(look, *lines, gap=0, padding=12)


def together_line(
    look: Look, verdict: PointVerdict, title: str, open_verdict: Callable[[str], object]
) -> ft.Semantics:
    style = outcome_style(verdict.outcome)
    ink = style.ink(look.theme)
    # Neither has a sign: they are distances between readings.
    shown, limit = verdict.error_of_indication.shown(), f"≤ {verdict.limit.shown()}"
    return touchable(
        look,
        f"{title}, {look.say(style.words)}, {shown}, {limit}",
        row(
            ft.Icon(style.icon, size=20, color=ink),
            text(look, title, "strong", expand=True),
            column(
                text(look, shown, "strong", ink, align=ft.TextAlign.RIGHT),
                text(look, limit, "note", look.theme.ink2, align=ft.TextAlign.RIGHT),
                gap=0,
                horizontal_alignment=ft.CrossAxisAlignment.END,
            ),
            gap=4,
        ),
        lambda: open_verdict(verdict.point),
        padding=pad(upright(look, look.theme.target, "strong")),
        border_radius=8,
    )


def one_line(
    look: Look, point: PointView, step: Quantity | None, open_point: Callable[[str], object], wide: bool
) -> ft.Semantics:
    theme, _ = look.theme, look.gettext
    title = look.say(point.planned.title)
    verdict = point.verdict
    if verdict is None:
        ink = theme.unsure
        state = {
            PointState.CANNOT: _("not done"),
            PointState.TO_DO: _("not read"),
            PointState.DONE: _("not judged"),
        }[point.state]
        face: ft.Control = row(
            ft.Icon(
                Icons.BLOCK if point.state is PointState.CANNOT else Icons.RADIO_BUTTON_UNCHECKED,
                size=20,
                color=ink,
            ),
            text(look, title, "strong", expand=True),
            text(look, state, "note", ink),
            gap=4,
        )
        spoken = f"{title}, {state}"
    else:
        style = outcome_style(verdict.outcome)
        ink = style.ink(theme)
        error, limit = verdict.error_of_indication.shown_signed(), verdict.limits_shown()
        spoken = f"{title}, {look.say(style.words)}, {error}, {limit}"
        icon = ft.Icon(style.icon, size=20, color=ink)
        ruler = limit_ruler(look, reading_of(verdict, step), RULER, compact=True)
        figure = text(
            look, error, "strong", ink if verdict.outcome != "within" else theme.ink, align=ft.TextAlign.RIGHT
        )
        limits = text(look, limit, "note", theme.ink2, align=ft.TextAlign.RIGHT)
        if wide:
            figure.width, limits.width = 72, 62
            name = text(look, title, "strong", expand=True)
            face = row(icon, name, ruler, figure, limits, gap=4)
        else:
            face = column(
                row(icon, text(look, title, "strong", expand=True), figure, gap=4),
                row(
                    ruler, text(look, limit, "note", theme.ink2, expand=True, align=ft.TextAlign.RIGHT), gap=8
                ),
                gap=0,
            )
    return touchable(
        look,
        spoken,
        face,
        lambda: open_point(point.key),
        padding=pad(
            upright(look, look.theme.target, "strong") if verdict is None else (look.theme.target - 32) / 2
        ),
        border_radius=8,
    )
