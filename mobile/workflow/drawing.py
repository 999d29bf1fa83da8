"""A signature as vectors, just as the finger drew it."""

from __future__ import annotations

import msgspec

STROKES_MEDIA_TYPE = "application/vnd.quanheng.strokes+json"

Point = tuple[int, int]


class Drawing(msgspec.Struct, frozen=True):
    """A signature: the size of the box in pixels and the strokes in it, in the order they were drawn."""

    width: int
    height: int
    strokes: list[list[Point]]

    def encoded(self) -> bytes:
        """As it is kept: JSON of media type :data:`STROKES_MEDIA_TYPE`."""
        return msgspec.json.encode(self)
