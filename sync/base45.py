"""Base45 (RFC 9285): bytes as the letters of a QR code's alphanumeric mode, two bytes in three letters."""

from __future__ import annotations

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {letter: value for value, letter in enumerate(LETTERS)}


def encode(content: bytes) -> str:
    """The text that stands for ``content``."""
    text = []
    for start in range(0, len(content), 2):
        pair = content[start : start + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, letter = divmod(value, 45)
            text.append(LETTERS[letter])
    return "".join(text)


def decode(text: str) -> bytes:
    """The bytes that ``text`` stands for. Raises ValueError where it stands for none."""
    content = bytearray()
    for start in range(0, len(text), 3):
        letters = text[start : start + 3]
        value = 0
        for letter in reversed(letters):
            if letter not in _VALUES:
                raise ValueError(f"{letter!r} is no letter of base 45")
            value = value * 45 + _VALUES[letter]
        size = len(letters) - 1
        if not size or value >= 256**size:
            raise ValueError(f"{letters!r} stands for no bytes")
        content += value.to_bytes(size, "big")
    return bytes(content)
