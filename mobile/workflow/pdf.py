"""A PDF file (ISO 32000-1) of pages with text in one embedded font, lines and filled squares: no more than a paper needs.

Each character is stored with the character that it stands for, so that a reader can search, copy and read aloud what it shows.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from mobile.workflow.print_font import PrintFont

Point = tuple[float, float]
ASCENT, DESCENT = 880, -120
MAP_ROWS = 100
"""As many rows as one section of a character map may have."""
BOLD_STROKE = 0.028
"""How much of its size a strong letter's edge is thickened by."""


def number(value: float) -> str:
    """As short as it can be written, to a thousandth of a point."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


@dataclass
class Page:
    """What is drawn on one page; places are points from its upper left corner."""

    width: float
    height: float
    drawn: list[str] = field(default_factory=list)


class Pdf:
    """A file being made. The same calls give the same bytes."""

    def __init__(self, font: PrintFont, title: str) -> None:
        self.font = font
        self.pages: list[Page] = []
        self._title = title
        self._numbers: dict[str, int] = {}

    def add_page(self, width: float, height: float) -> Page:
        """A new page, in points."""
        page = Page(width, height)
        self.pages.append(page)
        return page

    def measure(self, words: str, size: float) -> float:
        """How wide the words are."""
        return sum(self.font.width(character) for character in words) * size / 1000

    def write(
        self, page: Page, x: float, baseline: float, words: str, size: float, strong: bool = False
    ) -> None:
        """Words on a line; a strong one's letters are drawn with a thicker edge."""
        codes = "".join(f"{self._number(character):04X}" for character in words)
        weight = f"2 Tr {number(size * BOLD_STROKE)} w" if strong else "0 Tr"
        place = f"{number(x)} {number(page.height - baseline)} Td"
        page.drawn.append(f"BT /F {number(size)} Tf {weight} {place} <{codes}> Tj ET")

    def rule(self, page: Page, start: Point, end: Point, width: float = 0.5) -> None:
        """A straight line."""
        self.curve(page, [start, end], width)

    def curve(self, page: Page, points: Sequence[Point], width: float) -> None:
        """A line through all the points, with round ends; a single point is a dot."""
        line = list(points) if len(points) > 1 else [*points, *points]
        path = [
            f"{number(x)} {number(page.height - y)} {'l' if place else 'm'}"
            for place, (x, y) in enumerate(line)
        ]
        page.drawn.append(f"{number(width)} w 1 J 1 j {' '.join(path)} S")

    def squares(self, page: Page, x: float, y: float, side: float, rows: Sequence[Sequence[bool]]) -> None:
        """A code of dark squares whose upper left corner is there; neighbours in a row are one piece, without a seam."""
        step = side / len(rows)
        for down, modules in enumerate(rows):
            bottom = page.height - y - (down + 1) * step
            for begin, length in runs(modules):
                left, wide = number(x + begin * step), number(length * step)
                page.drawn.append(f"{left} {number(bottom)} {wide} {number(step)} re")
        page.drawn.append("f")

    def _number(self, character: str) -> int:
        return self._numbers.setdefault(character, len(self._numbers) + 1)

    def content(self) -> bytes:
        """The finished file."""
        characters = list(self._numbers)
        first_page = 9
        kids = " ".join(f"{first_page + 2 * place} 0 R" for place in range(len(self.pages)))
        widths = " ".join(str(self.font.width(each)) for each in characters)
        title = ("\ufeff" + self._title).encode("utf-16-be").hex()
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /DisplayDocTitle true >> >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {len(self.pages)} >>".encode(),
            (
                b"<< /Type /Font /Subtype /Type0 /BaseFont /QHAAAA+QuanhengPrint /Encoding /Identity-H "
                b"/DescendantFonts [4 0 R] /ToUnicode 7 0 R >>"
            ),
            (
                "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /QHAAAA+QuanhengPrint /CIDSystemInfo "
                "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor 5 0 R /DW 1000 "
                f"/W [1 [{widths}]] >>"
            ).encode(),
            (
                "<< /Type /FontDescriptor /FontName /QHAAAA+QuanhengPrint /Flags 4 /FontBBox [-200 -300 2000 1200] "
                f"/ItalicAngle 0 /Ascent {ASCENT} /Descent {DESCENT} /CapHeight 733 /StemV 80 /FontFile3 6 0 R >>"
            ).encode(),
            stream(self.font.subset(characters), b"/Subtype /CIDFontType0C"),
            stream(character_map(characters)),
            f"<< /Title <{title}> /Producer (Quanheng) >>".encode(),
        ]
        for place, page in enumerate(self.pages):
            box = f"[0 0 {number(page.width)} {number(page.height)}]"
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Resources << /Font << /F 3 0 R >> >> "
                f"/Contents {first_page + 2 * place + 1} 0 R >>".encode()
            )
            objects.append(stream("\n".join(page.drawn).encode()))
        return bound(objects)


def runs(modules: Sequence[bool]) -> list[tuple[int, int]]:
    """Where dark pieces begin in a row, and how long each is."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(modules):
        if dark and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((place, 1))
    return found


def stream(content: bytes, more: bytes = b"") -> bytes:
    packed = zlib.compress(content, 9)
    length = str(len(packed)).encode()
    return (
        b"<< /Length "
        + length
        + b" /Filter /FlateDecode "
        + more
        + b" >>\nstream\n"
        + packed
        + b"\nendstream"
    )


def character_map(characters: Sequence[str]) -> bytes:
    """Which character each glyph stands for (ToUnicode)."""
    rows = [
        f"<{place:04X}> <{character.encode('utf-16-be').hex().upper()}>"
        for place, character in enumerate(characters, 1)
    ]
    parts = [
        f"{len(rows[begin : begin + MAP_ROWS])} beginbfchar\n"
        + "\n".join(rows[begin : begin + MAP_ROWS])
        + "\nendbfchar"
        for begin in range(0, len(rows), MAP_ROWS)
    ]
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def "
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        + "\n".join(parts)
        + "\nendcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


def bound(objects: Sequence[bytes]) -> bytes:
    """The objects one after the other, and the table of where each begins. Object 8 says what the file is."""
    content, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for place, each in enumerate(objects, 1):
        places.append(len(content))
        content += f"{place} 0 obj\n".encode() + each + b"\nendobj\n"
    table = b"0000000000 65535 f \n" + b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    size = len(objects) + 1
    return (
        content
        + f"xref\n0 {size}\n".encode()
        + table
        + f"trailer\n<< /Size {size} /Root 1 0 R /Info 8 0 R >>\nstartxref\n{len(content)}\n%%EOF\n".encode()
    )
