"""A signature's strokes as a picture: the phone keeps them as vectors, just as they were drawn."""

from __future__ import annotations

import msgspec

from shared.errors import InputError

STROKES = "application/vnd.quanheng.strokes+json"
LARGEST = 4096


class Strokes(msgspec.Struct, frozen=True):
    """The size of the box in pixels and the strokes in it, in the order they were drawn."""

    width: int
    height: int
    strokes: list[list[tuple[float, float]]]


def picture_of_strokes(content: bytes) -> bytes:
    """The strokes as SVG. Raises InputError ``drawing_unreadable``."""
    try:
        drawing = msgspec.json.decode(content, type=Strokes)
    except msgspec.MsgspecError as error:
        raise InputError(
            "drawing_unreadable",
            "The signature can't be drawn.",
            "Its bytes are kept as they came; tell the administrator.",
        ) from error
    width, height = (max(1, min(LARGEST, size)) for size in (drawing.width, drawing.height))
    lines = "".join(
        f'<polyline points="{" ".join(f"{x:g},{y:g}" for x, y in stroke)}"/>' for stroke in drawing.strokes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<g fill="none" stroke="#17202A" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">{lines}</g></svg>'
    ).encode()
