"""Makes ``assets/fonts`` anew from Debian's fonts-noto-cjk: two weights of Noto Sans SC, cut down to what the app shows.

Run by hand when a character is missing (``python -m mobile.web.fonts``); the results are committed, so that no machine needs the source.
What papers are printed with is made too (``NotoSansSC-Print.bin``, read by :mod:`mobile.workflow.print_font`): the same face with the rarer
characters that names have, each outline by itself, so that the phone can put just those of one paper into its file.
"""

from __future__ import annotations

import bz2
import struct
from pathlib import Path

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/opentype/noto")
TARGET = Path(__file__).parents[2] / "assets/fonts"
UNIHAN = Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
"""Debian's unicode-data, which names the characters of 通用规范汉字表 (kTGH)."""
MAGIC = b"QHPF\x01\x00\x00\x00"
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


def standard_characters() -> set[int]:
    """The 8,105 characters of 通用规范汉字表 (2013), in which new names are to be written."""
    lines = bz2.decompress(UNIHAN.read_bytes()).decode().splitlines()
    return {int(line.split("\t")[0][2:], 16) for line in lines if "\tkTGH\t" in line}


def cut_down(weight: str, wanted: set[int], options: subset.Options) -> TTFont:
    """One weight with the wanted characters alone."""
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GPOS", "GSUB"]
    font = subset.load_font(str(SOURCE / f"NotoSansCJK-{weight}.ttc"), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    trim(font)
    return font


def make(weight: str) -> Path:
    """One weight as woff2."""
    options = subset.Options(font_number=SIMPLIFIED, layout_features=[], hinting=False, flavor="woff2")
    font = cut_down(weight, characters(), options)
    target = TARGET / f"NotoSansSC-{weight}.woff2"
    subset.save_font(font, str(target), options)
    return target


def make_print() -> Path:
    """The outlines that papers are printed with, by character: magic, count, code points, widths, ends, Type 2 charstrings."""
    options = subset.Options(font_number=SIMPLIFIED, layout_features=[], hinting=False)
    font = cut_down("Regular", characters() | standard_characters(), options)
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    codes = sorted(names)
    widths, outlines = [], []
    for code in codes:
        width = round(glyphs[names[code]].width)
        pen = T2CharStringPen(width, glyphs)
        glyphs[names[code]].draw(pen)
        drawn = pen.getCharString(private=None, globalSubrs=[])
        drawn.compile()
        widths.append(width)
        outlines.append(drawn.bytecode)
    ends, end = [], 0
    for outline in outlines:
        end += len(outline)
        ends.append(end)
    count = len(codes)
    packed = struct.pack(f">I{count}I{count}H{count}I", count, *codes, *widths, *ends)
    target = TARGET / "NotoSansSC-Print.bin"
    target.write_bytes(MAGIC + packed + b"".join(outlines))
    return target


if __name__ == "__main__":
    for path in (make("Regular"), make("Bold"), make_print()):
        print(path.name, path.stat().st_size)
