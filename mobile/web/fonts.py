"""Makes ``assets/fonts`` anew from Debian's fonts-noto-cjk: two weights of Noto Sans SC, cut down to what the app shows.

Run by hand when a character is missing (``python -m mobile.web.fonts``); the results are committed, so that no machine needs the source.
"""

from __future__ import annotations

from pathlib import Path

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/opentype/noto")
TARGET = Path(__file__).parents[2] / "assets/fonts"
SIMPLIFIED = 2
"""Number of the SC face in the collections."""

RANGES = [
    (0x20, 0x17F),
    (0x370, 0x3FF),
    (0x2000, 0x206F),
    (0x2070, 0x209F),
    (0x2100, 0x214F),
    (0x2150, 0x218F),
    (0x2190, 0x22FF),
]
RANGES += [
    (0x2460, 0x247F),
    (0x25A0, 0x25FF),
    (0x2700, 0x27BF),
    (0x3000, 0x303F),
    (0x3380, 0x33DF),
    (0xFF00, 0xFFEF),
]
SIDE_BEARINGS = {"±": 45, "×": 60, "·": 140, "≤": 60, "≥": 60, "→": 90}
"""Signs that Noto draws on a full em, so that figures look torn apart; units on either side after trimming."""


def characters() -> set[int]:
    """GB 2312 and the signs, figures and units around it."""
    wanted = {code for first, last in RANGES for code in range(first, last + 1)}
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                wanted.add(ord(bytes([high, low]).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return wanted


def trim(font: TTFont) -> None:
    """Takes the side bearings of the full-width signs down."""
    glyphs, names, top = font.getGlyphSet(), font.getBestCmap(), font["CFF "].cff.topDictIndex[0]
    for sign, bearing in SIDE_BEARINGS.items():
        name = names[ord(sign)]
        bounds = BoundsPen(glyphs)
        glyphs[name].draw(bounds)
        left, _, right, _ = bounds.bounds
        width = round(right - left + 2 * bearing)
        private = top.FDArray[top.FDSelect[font.getGlyphID(name)]].Private
        pen = T2CharStringPen(width, glyphs)
        glyphs[name].draw(TransformPen(pen, (1, 0, 0, 1, bearing - left, 0)))
        drawn = pen.getCharString(private=private, globalSubrs=font["CFF "].cff.GlobalSubrs)
        if isinstance(drawn.program[0], int | float):
            drawn.program[0] = width - getattr(private, "nominalWidthX", 0)
        top.CharStrings[name] = drawn
        font["hmtx"][name] = (width, bearing)


def make(weight: str) -> Path:
    """One weight as woff2."""
    options = subset.Options(font_number=SIMPLIFIED, layout_features=[], hinting=False, flavor="woff2")
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GPOS", "GSUB"]
    font = subset.load_font(str(SOURCE / f"NotoSansCJK-{weight}.ttc"), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    trim(font)
    target = TARGET / f"NotoSansSC-{weight}.woff2"
    subset.save_font(font, str(target), options)
    return target


if __name__ == "__main__":
    for each in ("Regular", "Bold"):
        path = make(each)
        print(path.name, path.stat().st_size)
