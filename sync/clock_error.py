"""What is said of a phone's clock that was compared with the server's. It is said only: no record is refused or decided by it."""

from __future__ import annotations

from shared.message import Message

NOTABLE_MS = 60_000
"""From a minute on it is worth a person's while."""


def words_for(server_offset_ms: int | None) -> Message | None:
    """By how much the phone's clock is wrong, where it is by a minute or more; ``server_offset_ms`` is the server's time minus the phone's."""
    if server_offset_ms is None or abs(server_offset_ms) < NOTABLE_MS:
        return None
    minutes = abs(server_offset_ms) // 60_000
    days, hours = divmod(minutes // 60, 24)
    if days:
        span = Message("{days} d {hours} h", {"days": str(days), "hours": str(hours)})
    elif hours:
        span = Message("{hours} h {minutes} min", {"hours": str(hours), "minutes": str(minutes % 60)})
    else:
        span = Message("{minutes} min", {"minutes": str(minutes)})
    if server_offset_ms < 0:
        return Message("Phone's clock ahead by {span}", {"span": span})
    return Message("Phone's clock behind by {span}", {"span": span})
