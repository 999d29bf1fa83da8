"""A field for letters whose words are kept while they are written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from mobile.ui.hooks import use_value
from mobile.ui.look import use_look
from mobile.ui.primitives import entry


@ft.component
def Letters(label: str, kept: str, keep: Callable[[str], Awaitable[bool]], key: str = "") -> ft.Control:
    """Shows what was written last while it is being saved, or could not be; once it is saved, what is kept.

    A field that always showed what is kept would set back the letters that are written faster than they are saved. ``keep`` says
    whether it went well; what could not be saved stays in the field. ``key`` is for Flet alone: it tells the fields of one screen apart
    when something comes to stand between them.
    """
    del key
    look = use_look()
    words, set_words = use_value(kept)
    written, saved = ft.use_ref(0), ft.use_ref(0)

    async def take(text: str) -> None:
        written.current = number = (written.current or 0) + 1
        set_words(text)
        if await keep(text):
            saved.current = number

    return entry(look, label, kept if saved.current == written.current else words, take)
