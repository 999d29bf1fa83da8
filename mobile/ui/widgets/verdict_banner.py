"""The verdict: shape, word and colour at once."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import column, pad, row, text
from mobile.ui.theme import RADIUS
from mobile.ui.wording import Style


def verdict_banner(look: Look, style: Style, words: str = "", detail: str = "") -> ft.Semantics:
    """Filled in the sun theme, tinted elsewhere; the thick edge is drawn in all. It does not animate in."""
    theme = look.theme
    ink, fill = style.ink(theme), style.fill(theme)
    face, back = (theme.on_primary, ink) if theme.filled_verdict else (ink, fill)
    details = [text(look, detail, "note", face)] if detail else []
    return ft.Semantics(
        container=True,
        content=ft.Container(
            row(
                ft.Icon(style.icon, size=52 if look.text_scale <= 1.3 else 40, color=face),
                column(text(look, words or look.say(style.words), "h1", face), *details, gap=2, expand=True),
                gap=16 if look.text_scale <= 1.3 else 8,
            ),
            bgcolor=back,
            padding=pad(18, 16) if look.text_scale <= 1.3 else pad(12, 12),
            border_radius=RADIUS,
            border=ft.Border.all(2, ink),
        ),
    )
