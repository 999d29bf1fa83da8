"""Remembering what was worked out once and is the same every time: nameplates, plans and limits come again and again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MOST = 1_000
"""Of one sort; what a stranger sends must not fill the memory, so a full memo begins anew."""


def remembered(memo: dict[K, V], key: K, make: Callable[[], V]) -> V:
    """What ``make`` gave for this key before, or gives now. What it raises is not remembered."""
    if key in memo:
        return memo[key]
    made = make()
    if len(memo) >= MOST:
        memo.clear()
    memo[key] = made
    return made
