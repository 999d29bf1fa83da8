"""The keypad under a finger."""

from __future__ import annotations

from typing import Protocol, TypeVar

from mobile.workflow.keying import BACKSPACE, MINUS_KEY


class Keyed(Protocol):
    """A form with a field that keys go into."""

    @property
    def text(self) -> str: ...

    async def press(self, key: str) -> None: ...


Form = TypeVar("Form", bound=Keyed)


async def typed(form: Form, text: str) -> Form:
    """Makes the field read ``text``, key by key; what stands there and is not its beginning is taken back first."""
    while not text.startswith(form.text):
        await form.press(BACKSPACE)
    negative = text.startswith("-")
    for key in text[len(form.text) :]:
        await form.press(MINUS_KEY if negative and key == "-" else key)
    return form
