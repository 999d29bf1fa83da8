"""A field by which one looks for something, and that keeps every sign while what was found is drawn below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import flet as ft

from mobile.ui.look import use_look
from mobile.ui.primitives import Act, entry


class Sought:
    """What is written, and who hears of it; one object as long as the screen is there."""

    def __init__(self) -> None:
        self.text = ""
        self.changed: Callable[[str], object] = lambda _text: None
        self.submitted: Act = lambda: None


@ft.component
def Field(sought: Sought, label: str, hint: str, autofocus: bool) -> ft.TextField:
    look = use_look()

    def write(text: str) -> object:
        sought.text = text
        return sought.changed(text)

    def submit() -> object:
        return sought.submitted()

    return entry(
        look,
        label,
        sought.text,
        write,
        hint=hint,
        on_submit=submit,
        autofocus=autofocus,
        capitals=True,
    )


def sought_field(sought: Sought, label: str, hint: str = "", autofocus: bool = False) -> ft.Control:
    """The field, which is not drawn anew with the screen.

    Flet hears a sign before it calls the handler. A field that was drawn in between would be set back to what it held before that sign.
    """
    return cast("ft.Control", ft.memo(Field)(sought, label, hint, autofocus))  # type: ignore[no-untyped-call]
