"""What the browser's camera sees: a moving picture that Chromium plays in a camera's place."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

FRAME = (1280, 720)
FRAMES = 8
ROUND_FRAMES = 24
"""How long each of several pictures stands: most of a second."""


def show(picture: Image.Image, film: Path, turned: float = 4, height: int = 620) -> None:
    """Holds a picture before the camera, a little askew, as a hand does; ``film`` is what Chromium plays."""
    film.write_bytes(seen(picture, turned, height) * FRAMES)


def play(pictures: Sequence[Image.Image], film: Path, turned: float = 4, height: int = 620) -> None:
    """Holds one picture after the other before the camera, round after round."""
    film.write_bytes(b"".join(seen(picture, turned, height) * ROUND_FRAMES for picture in pictures))


def seen(picture: Image.Image, turned: float, height: int) -> bytes:
    """One frame of a film."""
    scale = height / picture.height
    held = picture.convert("RGB").resize((round(picture.width * scale), height), Image.Resampling.LANCZOS)
    held = held.rotate(turned, expand=True, fillcolor=(120, 112, 100), resample=Image.Resampling.BICUBIC)
    scene = Image.new("RGB", FRAME, (120, 112, 100))
    scene.paste(held, ((FRAME[0] - held.width) // 2, (FRAME[1] - held.height) // 2))
    frame = io.BytesIO()
    scene.save(frame, "JPEG", quality=92)
    return frame.getvalue()
