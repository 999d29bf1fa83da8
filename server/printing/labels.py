"""Labels as pictures and as A4 sheets: QR code, the code in text, kind, serial number and issuer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import qrcode
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M

from server.services.labels import PrintedLabel
from shared.label import shown_code

DPI = 300
LEAST = 300
"""Pixels that the code itself is wide at least, without its quiet zone: 25.4 mm."""
QUIET = 4
WIDTH, HEIGHT = 640, 620
MARGIN = 28
BETWEEN = 40
"""Pixels between one row of labels and the next."""
COLUMNS, ROWS = 3, 5
A4 = (2480, 3508)
TOP = 14
CUT = 190
"""Grey of the line to cut along: light enough that no scanner takes it for a module."""


def unpacked_font(fonts: Path, kept: Path, weight: str) -> str:
    """The bundled font as Pillow can read it: woff2 it can't, so the unpacked font is kept beside the data."""
    unpacked = kept / f"NotoSansSC-{weight}.otf"
    if not unpacked.exists():
        kept.mkdir(parents=True, exist_ok=True)
        packed = TTFont(fonts / f"NotoSansSC-{weight}.woff2")
        packed.flavor = None
        half = unpacked.with_suffix(".part")
        packed.save(half)
        half.replace(unpacked)
    return str(unpacked)


def code_picture(payload: str) -> Image.Image:
    """The QR code with its quiet zone, wide enough; capitals and digits only, so that the alphanumeric mode holds them."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(payload)
    code.make(fit=True)
    code.box_size = -(-LEAST // code.modules_count)
    picture: Image.Image = code.make_image(fill_color="black", back_color="white").get_image()
    return picture.convert("L")


def step(font: ImageFont.FreeTypeFont) -> int:
    """From one line to the next."""
    return int(font.size * 1.25)


class LabelPrinter:
    """Draws labels with the bundled fonts."""

    def __init__(self, fonts: Path, kept: Path, issuer: str) -> None:
        self._fonts = {weight: unpacked_font(fonts, kept, weight) for weight in ("Regular", "Bold")}
        self._sizes: dict[tuple[str, int], ImageFont.FreeTypeFont] = {}
        self._issuer = issuer

    def _font(self, weight: str, size: int) -> ImageFont.FreeTypeFont:
        if (weight, size) not in self._sizes:
            self._sizes[weight, size] = ImageFont.truetype(self._fonts[weight], size)
        return self._sizes[weight, size]

    def _lines(self, text: str, weight: str, size: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
        """The text in lines that fit the label's width, broken between any two characters as Chinese is."""
        font = self._font(weight, size)
        lines = [""]
        for character in text:
            if lines[-1] and font.getlength(lines[-1] + character) > WIDTH - 2 * MARGIN:
                lines.append("")
            lines[-1] += character
        return [(line.strip(), font) for line in lines]

    def _layout(
        self, label: PrintedLabel, kind: str, percent: int
    ) -> tuple[list[tuple[str, ImageFont.FreeTypeFont]], list[tuple[str, ImageFont.FreeTypeFont]]]:
        """What stands above the code and below it, the words at so many percent of their size."""
        above = self._lines(self._issuer, "Regular", 26 * percent // 100)
        below = self._lines(shown_code(label.label.code), "Bold", 56)
        below += self._lines(kind, "Bold", 30 * percent // 100)
        below += self._lines(label.instrument.serial_number, "Regular", 28 * percent // 100)
        return above, below

    def draw(self, label: PrintedLabel, kind: str) -> Image.Image:
        """One label, 54 × 52 mm at 300 dpi; long words are set smaller until all of them fit."""
        code = code_picture(label.payload)
        for percent in range(100, 50, -5):
            above, below = self._layout(label, kind, percent)
            if 2 * TOP + code.height + sum(step(font) for _text, font in above + below) <= HEIGHT:
                break
        picture = Image.new("L", (WIDTH, HEIGHT), 255)
        pen = ImageDraw.Draw(picture)
        pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), outline=CUT)
        bottom = self._write(pen, TOP, above)
        picture.paste(code, ((WIDTH - code.width) // 2, bottom))
        self._write(pen, bottom + code.height, below)
        return picture

    def _write(
        self, pen: ImageDraw.ImageDraw, top: int, lines: Sequence[tuple[str, ImageFont.FreeTypeFont]]
    ) -> int:
        """Writes lines, each in the middle; returns where the last one ends."""
        for text, font in lines:
            pen.text((WIDTH // 2, top + step(font) // 2), text, font=font, fill=0, anchor="mm")
            top += step(font)
        return top

    def png(self, label: PrintedLabel, kind: str) -> bytes:
        """One label as PNG."""
        out = io.BytesIO()
        self.draw(label, kind).save(out, "PNG", dpi=(DPI, DPI))
        return out.getvalue()

    def sheets(self, labels: Sequence[tuple[PrintedLabel, str]], title: str) -> bytes:
        """A4 sheets as PDF, fifteen labels each, with the site's name and the page's number at the foot."""
        each = COLUMNS * ROWS
        parts = [labels[start : start + each] for start in range(0, len(labels), each)]
        pages = [
            self._sheet(part, f"{title} · {number}/{len(parts)}") for number, part in enumerate(parts, 1)
        ]
        out = io.BytesIO()
        pages[0].save(
            out, "PDF", resolution=DPI, save_all=True, append_images=pages[1:], title=title, quality=92
        )
        return out.getvalue()

    def _sheet(self, labels: Sequence[tuple[PrintedLabel, str]], foot: str) -> Image.Image:
        sheet = Image.new("L", A4, 255)
        gap = (A4[0] - COLUMNS * WIDTH) // (COLUMNS + 1)
        top = (A4[1] - ROWS * HEIGHT - (ROWS - 1) * BETWEEN) // 3
        for place, (label, kind) in enumerate(labels):
            column, row = place % COLUMNS, place // COLUMNS
            corner = (gap + column * (WIDTH + gap), top + row * (HEIGHT + BETWEEN))
            sheet.paste(self.draw(label, kind), corner)
        middle = (A4[0] // 2, A4[1] - 80)
        ImageDraw.Draw(sheet).text(middle, foot, font=self._font("Regular", 28), fill=0, anchor="mm")
        return sheet
