"""The app's own keypad: phones' number keyboards lack the point or the minus on some systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import Act, Icons, column, pad, row, text, touchable
from mobile.ui.theme import TYPE
from mobile.workflow.keying import BACKSPACE, MINUS_KEY

GAP = 8


@dataclass(frozen=True)
class Side:
    """A key of the right-hand column."""

    label: str
    act: Act
    icon: ft.IconData | None = None
    figure: str = ""
    """Stands large below the label, such as the load that 同载荷 answers with."""
    primary: bool = False
    tall: bool = False


def key_height(look: Look) -> int:
    """Full height where there is room; never below the least target."""
    return max(look.theme.target, 48) if look.short else look.theme.key


def keypad(
    look: Look, on_key: Callable[[str], object], sides: tuple[Side, ...], last_row: str = ".0−"
) -> ft.Container:
    """Digits left, what moves on right; without ``sides`` the digits alone. A blank in ``last_row`` leaves its place empty."""
    theme = look.theme
    height = key_height(look)
    digit_size = min(TYPE["h2"].size, height * 0.62 / (look.text_scale * TYPE["h2"].line_height))

    names = {MINUS_KEY: look.gettext("Minus"), ".": look.gettext("Point"), BACKSPACE: look.gettext("Delete")}

    def digit(key: str) -> ft.Control:
        if key == " ":
            return ft.Container(expand=True)
        face: ft.Control = text(look, key, "h2", size=digit_size, no_wrap=True)
        if key == BACKSPACE:
            face = ft.Icon(Icons.BACKSPACE_OUTLINED, size=26, color=theme.ink)
        return touchable(
            look,
            names.get(key, key),
            face,
            lambda: on_key(key),
            expand=True,
            height=height,
            alignment=ft.Alignment.CENTER,
            border_radius=12,
            bgcolor=theme.surface,
            border=ft.Border.all(theme.stroke, theme.edge if theme.stroke > 1 else theme.line),
        )

    backspace = Side(names[BACKSPACE], lambda: on_key(BACKSPACE), Icons.BACKSPACE_OUTLINED)
    digits = column(
        *[row(*[digit(key) for key in line], gap=GAP) for line in ("123", "456", "789", last_row)],
        gap=GAP,
        expand=30,
    )
    right = [column(*[side_key(look, side, height) for side in (backspace, *sides)], gap=GAP, expand=13)]
    return ft.Container(
        row(
            digits,
            *(right if sides else []),
            gap=GAP,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        bgcolor=theme.sunk,
        padding=ft.Padding.only(
            left=12, right=12, top=8 if look.short else 12, bottom=8 if look.short else 20
        ),
        border=ft.Border.only(top=ft.BorderSide(theme.stroke, theme.line)),
    )


def side_key(look: Look, side: Side, height: int) -> ft.Control:
    """One key of the right-hand column; its words shrink rather than be cut."""
    theme = look.theme
    ink = theme.on_primary if side.primary else theme.primary if side.figure else theme.ink
    fill = theme.primary if side.primary else theme.primary_soft if side.figure else theme.surface
    width = (look.width - 24) * 13 / 43 - GAP
    tall = height * 2 + GAP if side.tall else height
    icon_only = side.icon is Icons.BACKSPACE_OUTLINED

    def fitting(words: str, role: str, lines: float) -> ft.Text:
        longest = max(words.split(), key=len, default="") if side.tall else words
        wide = sum(1.0 if character > "⺀" else 0.6 for character in longest) or 1
        limit = min(width / wide, tall / lines / TYPE[role].line_height) / look.text_scale
        return text(
            look,
            words,
            role,
            ink,
            size=min(TYPE[role].size, limit),
            no_wrap=not side.tall,
            align=ft.TextAlign.CENTER,
        )

    parts: list[ft.Control] = []
    if side.icon and (icon_only or tall > 80):
        parts.append(ft.Icon(side.icon, size=26, color=ink))
    if side.figure:
        parts += [fitting(side.label, "note", 2.3), fitting(side.figure, "title", 2.3)]
    elif not icon_only:
        parts.append(fitting(side.label, "title", 2.2))
    return touchable(
        look,
        side.label if not side.figure else f"{side.label} {side.figure}",
        column(
            *parts,
            gap=0,
            alignment=ft.MainAxisAlignment.CENTER,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        side.act,
        height=tall,
        alignment=ft.Alignment.CENTER,
        padding=pad(),
        border_radius=12,
        bgcolor=fill,
        border=ft.Border.all(theme.stroke, theme.edge if theme.stroke > 1 else theme.line),
    )
