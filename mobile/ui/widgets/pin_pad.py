"""Six dots and the digits: the PIN never shows."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import CENTRED, row
from mobile.ui.widgets.keypad import keypad
from mobile.workflow.keying import BACKSPACE

PIN_LENGTH = 6


def pin_dots(look: Look, given: int) -> ft.Semantics:
    """How many digits were given."""
    theme = look.theme

    def dot(filled: bool) -> ft.Container:
        return ft.Container(
            width=18,
            height=18,
            border_radius=9,
            bgcolor=theme.primary if filled else None,
            border=ft.Border.all(2, theme.primary if filled else theme.edge),
        )

    return ft.Semantics(
        label=look.gettext("{count} of {length} digits").format(count=given, length=PIN_LENGTH),
        container=True,
        exclude_semantics=True,
        content=row(*[dot(number < given) for number in range(PIN_LENGTH)], gap=16, alignment=CENTRED),
    )


def pin_after(pin: str, key: str) -> str:
    """The PIN after a key."""
    return pin[:-1] if key == BACKSPACE else (pin + key)[:PIN_LENGTH]


def pin_keypad(look: Look, on_key: Callable[[str], object]) -> ft.Container:
    return keypad(look, on_key, (), f" 0{BACKSPACE}")
