"""A sentence as data: what to say, before anyone has chosen the language to say it in."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Message(msgspec.Struct, frozen=True):
    """An English message id with named values: ``Message("Error {error}", {"error": "+5 g"})``.

    The values are already written for people (a quantity, a date, a code); the text is looked up in a catalogue.
    """

    text: str
    values: dict[str, str] = {}

    def said(self, gettext: Callable[[str], str]) -> str:
        """The sentence in the language that ``gettext`` speaks."""
        return gettext(self.text).format(**self.values)


def msgid(text: str) -> str:
    """Marks a message id that is chosen before its :class:`Message` is made, so that the catalogues' check finds it."""
    return text
