"""The system's clock and randomness, for the composing modules alone."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime


class SystemClock:
    """:class:`shared.clock.Clock` on the system's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


def system_random(size: int) -> bytes:
    """Random bytes from the system."""
    return secrets.token_bytes(size)
