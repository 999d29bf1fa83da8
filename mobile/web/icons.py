"""Draws the app's icon, a steelyard's beam with its pan and weight: ``python -m mobile.web.icons``."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

TARGET = Path(__file__).parents[2] / "assets/icons"
GROUND, BEAM, BRASS = "#1B3F7A", "#FFFFFF", "#FFD27A"
FINE = 4
"""Drawn larger and scaled down, for smooth edges."""


def draw(size: int, inset: int) -> Image.Image:
    """The icon with ``inset`` per cent of ground around it (a maskable icon needs more)."""
    full = size * FINE
    picture = Image.new("RGB", (full, full), GROUND)
    pen = ImageDraw.Draw(picture)

    def at(x: int, y: int) -> tuple[int, int]:
        scale = full * (100 - 2 * inset) // 100
        return full * inset // 100 + scale * x // 100, full * inset // 100 + scale * y // 100

    stroke = full * (100 - 2 * inset) // 1400
    pen.line([at(6, 40), at(94, 30)], fill=BEAM, width=stroke)
    for x in range(40, 92, 9):
        pen.line([at(x, 32), at(x, 39)], fill=BRASS, width=stroke // 2)
    pen.line([at(28, 37), at(28, 16)], fill=BRASS, width=stroke // 2)
    pen.line([at(12, 39), at(2, 70)], fill=BEAM, width=stroke // 2)
    pen.line([at(12, 39), at(24, 70)], fill=BEAM, width=stroke // 2)
    pen.chord([at(0, 56), at(26, 84)], 0, 180, fill=BEAM)
    pen.line([at(74, 32), at(74, 58)], fill=BEAM, width=stroke // 2)
    pen.polygon([at(68, 58), at(80, 58), at(86, 82), at(62, 82)], fill=BRASS)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, size, inset in (("icon-192", 192, 12), ("icon-512", 512, 12), ("icon-maskable-512", 512, 24)):
        draw(size, inset).save(TARGET / f"{name}.png", optimize=True)
