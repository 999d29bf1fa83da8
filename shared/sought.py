"""What a person types to find an instrument: words that must all be found, in whatever field.

A letter stands for itself and for every character that has a reading beginning with it, so that kpsc finds 康平市场; a digit and a character stand
for themselves. A serial number or a label's code is found by its beginning, and from three signs on a serial number by any part of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from shared.instrument import serial_key

INNER = 3
"""Signs from which on a serial number is found by its middle, too: fewer stand in half of all."""


def folded(text: str) -> str:
    """A text as it is compared: one writing of each sign, capitals, single spaces, no line breaks."""
    return " ".join(unicodedata.normalize("NFKC", text).upper().split())


@cache
def standing_for(letter: str) -> str:
    """A class of a regular expression: the letter, and the characters with a reading that begins with it."""
    # Read when somebody types letters: a start need not pay for it.
    from shared.initial_letters import BEGINS_AT, FIRST, OTHERS

    first = "".join(chr(BEGINS_AT + at) for at, each in enumerate(FIRST) if each == letter)
    return f"[{letter}{first}{OTHERS.get(letter, '')}]"


class Word:
    """One word that was typed."""

    def __init__(self, text: str) -> None:
        """``text`` is folded and has no space in it."""
        self.text = text
        self.key = serial_key(text)
        self._pattern = None
        if any("A" <= sign <= "Z" for sign in text):
            parts = [standing_for(sign) if "A" <= sign <= "Z" else re.escape(sign) for sign in text]
            self._pattern = re.compile("".join(parts))

    def lines(self, text: str) -> Iterator[int]:
        """Numbers of the lines of :func:`as_lines` that it is in."""
        if self._pattern is None:
            yield from lines_with(text, self.text)
            return
        number = at = 0
        while hit := self._pattern.search(text, at):
            number += text.count("\n", at, hit.start())
            yield number - 1
            at = text.index("\n", hit.start())

    def begun_lines(self, text: str) -> Iterator[int]:
        """Numbers of the lines that begin with its letters and digits alone."""
        if self.key:
            yield from lines_with(text, "\n" + self.key)

    def inner_lines(self, text: str) -> Iterator[int]:
        """Numbers of the lines that begin with its letters and digits alone or, where they are enough, have them anywhere."""
        if len(self.key) >= INNER:
            yield from lines_with(text, self.key)
        else:
            yield from self.begun_lines(text)


def words_of(text: str) -> list[Word]:
    """The words that were typed."""
    return [Word(each) for each in folded(text).split()]


def as_lines(texts: list[str]) -> str:
    """Folded texts as one, each between two line breaks: what is looked through at the speed of memory."""
    return "\n" + "".join(f"{each}\n" for each in texts)


def lines_with(text: str, sought: str) -> Iterator[int]:
    """Numbers of the lines that a text is in; one that begins with a line break is at a line's beginning."""
    number = at = 0
    begins = sought.startswith("\n")
    while (hit := text.find(sought, at)) >= 0:
        number += text.count("\n", at, hit)
        yield number if begins else number - 1
        at = text.index("\n", hit + 1 if begins else hit)
        number += begins
