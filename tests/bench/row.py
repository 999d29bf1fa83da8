"""One row of the bench, and how its time is taken."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import msgspec


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything; the tests run each row with next to nothing."""

    records: int = 10_000
    states: int = 100_000
    changed: int = 100
    instruments: int = 200_000
    scans: int = 50
    clients: int = 200
    turns: int = 3


class Gate(msgspec.Struct, frozen=True):
    """What the project has set itself, and what was found."""

    what: str
    found: float
    limit: float
    at_least: bool = False
    """The limit is the least, not the most."""

    @property
    def is_kept(self) -> bool:
        return self.found >= self.limit if self.at_least else self.found <= self.limit


class Row(msgspec.Struct, kw_only=True):
    """What was measured, against the plain floor in the same run."""

    name: str
    seconds: float
    floor_s: float
    """Seconds of the least that could do it, or in a peer's row of ours."""
    gates: list[Gate] = []
    notes: dict[str, float | str] = {}

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.seconds / self.floor_s

    @property
    def passes(self) -> bool:
        """Whether every gate is kept; true where there is none."""
        return all(gate.is_kept for gate in self.gates)


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
