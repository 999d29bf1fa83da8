"""One row of the bench, and how its time is taken."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import msgspec


class Row(msgspec.Struct, kw_only=True):
    """What was measured, against the plain floor in the same run."""

    name: str
    seconds: float
    floor_s: float
    gate_s: float | None = None
    """Seconds that the project has set itself; None where it has set none."""
    notes: dict[str, float | str] = {}

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.seconds / self.floor_s

    @property
    def passes(self) -> bool:
        """Whether the gate is kept; true where there is none."""
        return self.gate_s is None or self.seconds <= self.gate_s


class Stopwatch:
    """Wall seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    def seconds(self) -> float:
        return time.perf_counter() - self._began


def median(times: Sequence[float]) -> float:
    return statistics.median(times)


def percentile_95(times: Sequence[float]) -> float:
    """The value below which 95 of 100 lie."""
    return sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]
