"""How long to wait before trying again."""

from __future__ import annotations

from shared.identity import RandomBytes

FIRST_MS = 2_000
LONGEST_MS = 5 * 60_000


class Backoff:
    """Doubling waits with jitter: each lies between half and the whole of its step, so that phones don't knock together."""

    def __init__(self, random_bytes: RandomBytes) -> None:
        self._random_bytes = random_bytes
        self._failures = 0

    def failed(self, at_least_ms: int = 0) -> int:
        """Milliseconds to wait after one more failure; never less than the server asked for."""
        step = min(FIRST_MS << self._failures, LONGEST_MS)
        self._failures = min(self._failures + 1, 16)
        half = step // 2
        jitter = int.from_bytes(self._random_bytes(4), "big") % (half + 1)
        return max(half + jitter, at_least_ms)

    def succeeded(self) -> None:
        """Begins anew with the shortest wait."""
        self._failures = 0
