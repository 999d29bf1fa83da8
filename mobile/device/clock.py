"""The phone's own clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """:class:`shared.clock.Clock` on the system's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000
