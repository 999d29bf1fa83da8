"""What the browser's camera sees: a moving picture that Chromium plays in a camera's place."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

FRAME = (1280, 720)
FRAMES = 8


def show(picture: Image.Image, film: Path, turned: float = 4, height: int = 620) -> None:
    """Holds a picture before the camera, a little askew, as a hand does; ``film`` is what Chromium plays."""
    scale = height / picture.height
    held = picture.convert("RGB").resize((round(picture.width * scale), height), Image.Resampling.LANCZOS)
    held = held.rotate(turned, expand=True, fillcolor=(120, 112, 100), resample=Image.Resampling.BICUBIC)
    scene = Image.new("RGB", FRAME, (120, 112, 100))
    scene.paste(held, ((FRAME[0] - held.width) // 2, (FRAME[1] - held.height) // 2))
    frame = io.BytesIO()
    scene.save(frame, "JPEG", quality=92)
    film.write_bytes(frame.getvalue() * FRAMES)
