"""Virtual time: what happens next, in an order that the seed alone decides, and the coroutines that wait for it."""

from __future__ import annotations

import hashlib
import heapq
import random
from collections.abc import Callable, Coroutine, Generator
from datetime import datetime, timedelta
from typing import Any

from shared.clock import SetClock

Happening = Callable[[], None]


class Crash(BaseException):
    """The process is gone, without a word."""


class Waiting:
    """What a coroutine waits on until the timeline gives it an answer; one that is there already is not waited for."""

    def __init__(self) -> None:
        self.answer: Any = None
        self.resume: Callable[[Any], None] | None = None
        """Set by whoever drives the coroutine; called with an answer, or an exception to raise in it."""

    def __await__(self) -> Generator[Waiting, Any, Any]:
        if self.answer is None:
            return (yield self)
        return self.answer


def finish(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits for the network")


class SkewedClock:
    """A phone's clock, wrong by a fixed amount."""

    def __init__(self, true: SetClock, ahead: timedelta) -> None:
        self._true, self._ahead = true, ahead

    def now(self) -> datetime:
        return self._true.now() + self._ahead

    def monotonic_ms(self) -> int:
        return self._true.monotonic_ms()


class Timeline:
    """A heap of happenings, the clock that stands at the present one, and a digest of all that happened."""

    def __init__(self, seed: int, clock: SetClock, start: datetime) -> None:
        self.random = random.Random(seed)  # noqa: S311  a seed is the point
        self.clock = clock
        self._start = start
        clock.at = start
        self.now_ms = 0
        self._heap: list[tuple[int, int, Happening]] = []
        self._count = 0
        self.happened = 0
        self._trace = hashlib.sha256()

    def after(self, milliseconds: int, happening: Happening) -> None:
        """Lets something happen later; two at one moment happen in the order they were asked for."""
        self._count += 1
        heapq.heappush(self._heap, (self.now_ms + milliseconds, self._count, happening))

    def run(self, until_ms: int) -> None:
        """Lets everything happen up to a moment."""
        while self._heap and self._heap[0][0] <= until_ms:
            at, _, happening = heapq.heappop(self._heap)
            self._set(at)
            self.happened += 1
            happening()
        self._set(max(self.now_ms, until_ms))

    def _set(self, at: int) -> None:
        self.now_ms = at
        self.clock.at = self._start + timedelta(milliseconds=at)

    def note(self, *what: object) -> None:
        """Adds to the trace."""
        self._trace.update(repr((self.now_ms, *what)).encode())

    @property
    def trace(self) -> str:
        """A digest of everything noted so far."""
        return self._trace.hexdigest()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability
