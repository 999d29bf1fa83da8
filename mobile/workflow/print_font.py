"""The font that papers are printed with: outlines by character, and a font file of just those that one paper needs.

``assets/fonts/NotoSansSC-Print.bin`` holds them (``mobile/web/fonts.py`` writes it): GB 2312, the signs around it, and 通用规范汉字表. A
character beyond stands as a box on the paper, and the paper says which it was: never as a gap that nobody sees.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from shared.errors import InputError

MAGIC = b"QHPF\x01\x00\x00\x00"
EM = 1000
BOX = 0x25A1
"""□, which stands for a character that the font does not have."""
STANDARD_STRINGS = 391
"""How many strings every CFF font knows by itself."""


class PrintFont:
    """The outlines, found by character. Raises InputError ``print_font_damaged`` for bytes that are no such file."""

    def __init__(self, content: bytes) -> None:
        if not content.startswith(MAGIC):
            raise InputError(
                "print_font_damaged",
                "The font for papers is damaged.",
                "Load the app anew while there is a network. The record is kept; show it on the glass for now.",
            )
        (count,) = struct.unpack_from(">I", content, 8)
        codes = struct.unpack_from(f">{count}I", content, 12)
        self._places = {code: place for place, code in enumerate(codes)}
        self._widths: tuple[int, ...] = struct.unpack_from(f">{count}H", content, 12 + 4 * count)
        self._ends: tuple[int, ...] = struct.unpack_from(f">{count}I", content, 12 + 6 * count)
        self._first = 12 + 10 * count
        self._content = content

    def has(self, character: str) -> bool:
        """Whether the character has an outline of its own."""
        return ord(character) in self._places

    def width(self, character: str) -> int:
        """In thousandths of the em."""
        return self._widths[self._place(character)]

    def outline(self, character: str) -> bytes:
        """The Type 2 charstring."""
        place = self._place(character)
        begin = self._ends[place - 1] if place else 0
        return self._content[self._first + begin : self._first + self._ends[place]]

    def _place(self, character: str) -> int:
        return self._places.get(ord(character), self._places[BOX])

    def subset(self, characters: Sequence[str]) -> bytes:
        """A CID-keyed CFF font (Adobe Technical Note 5176): glyph 0 is the box, glyph n the n-th character."""
        outlines = [self.outline(chr(BOX)), *(self.outline(each) for each in characters)]
        return cid_font(outlines)


def integer(value: int) -> bytes:
    """A number of a DICT, always in its five bytes, so that offsets don't move what follows."""
    return b"\x1d" + struct.pack(">i", value)


def entry(operator: bytes, *values: int) -> bytes:
    return b"".join(integer(value) for value in values) + operator


def index(items: Sequence[bytes]) -> bytes:
    """An INDEX: how many, where each ends, and they themselves."""
    if not items:
        return b"\x00\x00"
    ends, end = [1], 1
    for item in items:
        end += len(item)
        ends.append(end)
    return struct.pack(">HB", len(items), 4) + struct.pack(f">{len(ends)}I", *ends) + b"".join(items)


def cid_font(outlines: Sequence[bytes]) -> bytes:
    """The font around the outlines: one font dictionary for all, glyph and CID the same number."""
    count = len(outlines)
    head = b"\x01\x00\x04\x04" + index([b"QuanhengPrint"])
    strings = index([b"Adobe", b"Identity"]) + index([])
    charset = b"\x02" + struct.pack(">HH", 1, count - 2) if count > 1 else b"\x00"
    select = b"\x03" + struct.pack(">HHBH", 1, 0, 0, count)
    glyphs = index(outlines)
    private = entry(b"\x14", 0) + entry(b"\x15", 0)

    def top(*offsets: int) -> bytes:
        at_charset, at_select, at_glyphs, at_fonts = offsets
        return index(
            [
                entry(b"\x0c\x1e", STANDARD_STRINGS, STANDARD_STRINGS + 1, 0)
                + entry(b"\x05", -200, -300, 2000, 1200)
                + entry(b"\x0c\x22", count)
                + entry(b"\x0f", at_charset)
                + entry(b"\x0c\x25", at_select)
                + entry(b"\x11", at_glyphs)
                + entry(b"\x0c\x24", at_fonts)
            ]
        )

    def fonts(at_private: int) -> bytes:
        return index([entry(b"\x12", len(private), at_private)])

    at_charset = len(head) + len(top(0, 0, 0, 0)) + len(strings)
    at_select = at_charset + len(charset)
    at_glyphs = at_select + len(select)
    at_fonts = at_glyphs + len(glyphs)
    at_private = at_fonts + len(fonts(0))
    return (
        head
        + top(at_charset, at_select, at_glyphs, at_fonts)
        + strings
        + charset
        + select
        + glyphs
        + fonts(at_private)
        + private
    )
