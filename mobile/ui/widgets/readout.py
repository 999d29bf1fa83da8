"""The figure being typed, as large as there is room for."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import pad, row, text
from mobile.ui.theme import RADIUS, TYPE
from shared.quantity import MINUS


def readout(
    look: Look, name: str, figures: str, unit: str, standing: str = "", *, small: bool = False
) -> ft.Semantics:
    """The field: its name, the figures with a caret, the unit. The figures shrink before they would be cut.

    ``standing`` is what counts while nothing is typed, shown paler; ``small`` where other fields need room beside it.
    """
    theme = look.theme
    shown = (figures or standing).replace("-", MINUS)
    largest = 40 if look.short or small else 56
    name_width = 16.0 * len(name) * look.text_scale if name.isascii() else 15.0 * len(name) * look.text_scale
    aside = look.text_scale <= 1.3
    room = (
        look.inner_width
        - 48
        - (min(name_width, 84) if aside else 0)
        - 24 * look.text_scale * max(len(unit), 1)
    )
    size = min(largest, room / max(len(shown) * 0.6, 1), TYPE["readout"].largest) / look.text_scale
    size = max(size, 16 / look.text_scale)
    field = row(
        text(look, shown, "readout", "" if figures else theme.ink2, size=size, no_wrap=True),
        ft.Container(width=3, height=size * look.text_scale * 0.86, bgcolor=theme.primary),
        text(look, unit, "h2", theme.ink2, no_wrap=True),
        expand=True,
        alignment=ft.MainAxisAlignment.END,
    )
    label = text(look, name, "note", theme.ink2)
    face: ft.Control = row(label, field) if aside else ft.Column([label, row(field)], spacing=0)
    return ft.Semantics(
        label=name,
        value=f"{shown} {unit}",
        container=True,
        exclude_semantics=True,
        content=ft.Container(
            face,
            bgcolor=theme.surface,
            border=ft.Border.all(3, theme.primary),
            border_radius=RADIUS,
            padding=pad(4 if not look.short else 1, 16),
        ),
    )
