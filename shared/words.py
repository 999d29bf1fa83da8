"""Words of an enumeration that the other side may know more of."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class OpenWord(StrEnum):
    """An enumeration in a message between versions: a word that is not known here is a member of its own, and is written as it was read.

    It is for what is passed on or shown. What a record says is never read so: a word that decides on a verdict must be known.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_, word._value_ = "UNKNOWN", value
        return word
