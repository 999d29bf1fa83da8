"""A field for letters whose words are kept while they are written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

import flet as ft

from mobile.ui.look import use_look
from mobile.ui.primitives import entry


class Written:
    """What stands in a field, and who keeps it; one object as long as the field is there."""

    def __init__(self, text: str) -> None:
        self.text = self.kept = text
        self.keep: Callable[[str], Awaitable[bool]]
        self.times = 0
        """How often something else came to be kept than was written here: only then the field is drawn anew."""
        self._begun = self._saved = 0

    def is_kept(self, kept: str) -> None:
        """What is kept by now. While something is being saved, or could not be, the field keeps its own words."""
        if kept != self.kept and kept != self.text and self._begun == self._saved:
            self.text = kept
            self.times += 1
        self.kept = kept

    async def take(self, text: str) -> None:
        """Something was written."""
        self._begun = number = self._begun + 1
        self.text = text
        if await self.keep(text):
            self._saved = number


@ft.component
def Field(written: Written, label: str, times: int) -> ft.TextField:
    del times
    return entry(use_look(), label, written.text, written.take)


@ft.component
def Letters(label: str, kept: str, keep: Callable[[str], Awaitable[bool]], key: str = "") -> ft.Control:
    """Shows what was written last while it is being saved, or could not be; once it is saved, what is kept.

    Flet hears a sign before it calls the handler: a field that was drawn in between would be set back to what it held before that sign, so
    this one is not drawn anew with the screen. ``keep`` says whether it went well; what could not be saved stays in the field. ``key`` is
    for Flet alone: it tells the fields of one screen apart when something comes to stand between them.
    """
    del key
    written = ft.use_memo(lambda: Written(kept), [])
    written.keep = keep
    written.is_kept(kept)
    return cast("ft.Control", ft.memo(Field)(written, label, written.times))  # type: ignore[no-untyped-call]
