"""A sentence as data: what to say, before anyone has chosen the language to say it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec


class Message(msgspec.Struct, frozen=True):
    """An English message id with named values: ``Message("Error {error}", {"error": "+5 g"})``.

    The values are already written for people (a quantity, a date, a code) or are messages themselves; the text is looked up in a
    catalogue.
    """

    text: str
    values: Mapping[str, str | Message] = {}

    def said(self, gettext: Callable[[str], str]) -> str:
        """The sentence in the language that ``gettext`` speaks."""
        said = {
            name: value.said(gettext) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return gettext(self.text).format(**said)


def msgid(text: str) -> str:
    """Marks a message id that is chosen before its :class:`Message` is made, so that the catalogues' check finds it."""
    return text
