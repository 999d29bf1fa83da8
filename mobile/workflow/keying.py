"""What a keypad writes: the text after each key, and the texts that are numbers."""

from __future__ import annotations

import re

NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.(?P<fraction>[0-9]{1,9}))?")
MINUS_KEY = "−"
BACKSPACE = "⌫"


def after_key(text_before: str, key: str, longest: int = 9) -> str:
    """The field's text after a key: digits, one point, a minus only in front; backspace takes one character back."""
    if key == BACKSPACE:
        return text_before[:-1]
    if len(text_before) >= longest:
        return text_before
    if key == MINUS_KEY:
        return text_before[1:] if text_before.startswith("-") else f"-{text_before}"
    if key == ".":
        if "." in text_before:
            return text_before
        return f"{text_before}." if text_before.strip("-") else f"{text_before}0."
    return text_before + key
