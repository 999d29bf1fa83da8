"""Every package of the sample with its reading, its deviation and its mark; touching one goes there."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile.ui.hooks import use_back, use_value
from mobile.ui.look import Look, use_look
from mobile.ui.primitives import Act, Icons, choice, column, listing, row, screen, text, top_bar, touchable
from mobile.ui.widgets.lot_steps import lot_name
from mobile.ui.widgets.lot_tally import deviation_of, lot_tally
from mobile.ui.wording import GRADES
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_points import LotPoint
from mobile.workflow.points import PointState

AT_ONCE = 25
"""Rows on one page: a list of a hundred and more would be drawn anew with each touch."""


@ft.component
def LotList(lot: LotCheck, close: Act) -> ft.Control:
    look = use_look()
    _ = look.gettext
    points = lot.points
    here = next((at for at, point in enumerate(points) if point.key == lot.draft.field), 0)
    page, turn = use_value(here // AT_ONCE)
    use_back(close)

    async def go(point: LotPoint) -> None:
        close()
        await lot.go_to(lot.draft.step, point.key)

    shown = points[page * AT_ONCE : (page + 1) * AT_ONCE]
    body: list[ft.Control] = [
        *lot_tally(look, lot),
        *pages(look, points, page, turn),
        listing(look, [package_row(look, lot, point, lambda point=point: go(point)) for point in shown]),  # type: ignore[misc]
    ]
    return screen(look, top_bar(look, _("All readings"), lot_name(look, lot), close), body)


def pages(look: Look, points: list[LotPoint], at: int, turn: Callable[[int], object]) -> list[ft.Control]:
    """Which part of a long list is shown."""
    starts = range(0, len(points), AT_ONCE)
    if len(starts) < 2:
        return []
    boxes: list[ft.Control] = []
    for number, start in enumerate(starts):
        last = points[min(start + AT_ONCE, len(points)) - 1].number
        words = f"{points[start].number}–{last}"
        face = choice(look, words, number == at, lambda number=number: turn(number))  # type: ignore[misc]
        boxes.append(ft.Container(face, width=104 * min(look.text_scale, 1.5)))
    return [row(*boxes, wrap=True, run_spacing=8)]


def mark_of(look: Look, point: LotPoint) -> tuple[ft.IconData, str, str]:
    """Shape, colour and word of a package."""
    _, theme = look.gettext, look.theme
    if point.state is PointState.CANNOT:
        return Icons.BLOCK, theme.unsure, _("not done")
    if point.state is PointState.TO_DO:
        return Icons.RADIO_BUTTON_UNCHECKED, theme.ink2, _("not read yet")
    if point.verdict is None:
        return Icons.CHECK, theme.ink2, _("read")
    style = GRADES[point.verdict.grade]
    return style.icon, style.ink(theme), look.say(style.words)


def package_row(look: Look, lot: LotCheck, point: LotPoint, act: Act) -> ft.Semantics:
    _ = look.gettext
    icon, ink, word = mark_of(look, point)
    name = (_("Packing {number}") if point.packing else _("Package {number}")).format(number=point.number)
    reading = point.indication.shown() if point.indication else ""
    deviation = deviation_of(point.verdict).shown_signed() if point.verdict else ""
    reasons = dict(lot.cannot_reasons)
    said = look.say(reasons[point.reason]) if point.reason in reasons else word
    if point.attempts:
        said = f"{said} · {_('{count} earlier readings kept').format(count=point.attempts)}"
    return touchable(
        look,
        ", ".join(part for part in (name, reading, deviation, said) if part),
        row(
            ft.Icon(icon, size=24, color=ink),
            column(text(look, name, "strong"), text(look, said, "note", ink), gap=0, expand=True),
            column(
                text(look, reading or "–", "strong"),
                text(look, deviation, "note", ink),
                gap=0,
                horizontal_alignment=ft.CrossAxisAlignment.END,
            ),
            gap=12,
        ),
        act,
        selected=point.key == lot.draft.field,
        padding=ft.Padding.symmetric(vertical=8, horizontal=12),
    )
