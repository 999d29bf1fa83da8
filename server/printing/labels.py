"""Labels as pictures and as A4 sheets: QR code, the code in text, the kind and the issuer."""

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
MODULE = 6
"""Pixels of one module: a version-7 code with its quiet zone is then 28 mm wide at 300 dpi."""
QUIET = 4
WIDTH, HEIGHT = 640, 560
COLUMNS, ROWS = 3, 5
A4 = (2480, 3508)


def font(fonts: Path, kept: Path, size: int, weight: str = "Bold") -> ImageFont.FreeTypeFont:
    """The bundled font at a size; Pillow can't read woff2, so the unpacked font is kept beside the data."""
    unpacked = kept / f"NotoSansSC-{weight}.otf"
    if not unpacked.exists():
        kept.mkdir(parents=True, exist_ok=True)
        packed = TTFont(fonts / f"NotoSansSC-{weight}.woff2")
        packed.flavor = None
        packed.save(unpacked)
    return ImageFont.truetype(str(unpacked), size)


def code_picture(payload: str) -> Image.Image:
    """The QR code with its quiet zone; capitals and digits only, so that the alphanumeric mode holds them."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=MODULE, border=QUIET)
    code.add_data(payload)
    code.make(fit=True)
    picture: Image.Image = code.make_image(fill_color="black", back_color="white").get_image()
    return picture.convert("L")


class LabelPrinter:
    """Draws labels with the bundled fonts."""

    def __init__(self, fonts: Path, kept: Path, issuer: str) -> None:
        self._large = font(fonts, kept, 52)
        self._small = font(fonts, kept, 26, "Regular")
        self._issuer = issuer

    def draw(self, label: PrintedLabel, kind: str) -> Image.Image:
        """One label, 54 × 47 mm at 300 dpi."""
        picture = Image.new("L", (WIDTH, HEIGHT), 255)
        pen = ImageDraw.Draw(picture)
        code = code_picture(label.payload)
        picture.paste(code, ((WIDTH - code.width) // 2, 44))
        pen.text((WIDTH // 2, 26), f"计量器具身份码 · {kind}", font=self._small, fill=0, anchor="mm")
        pen.text(
            (WIDTH // 2, 44 + code.height + 26),
            shown_code(label.label.code),
            font=self._large,
            fill=0,
            anchor="mm",
        )
        pen.text((WIDTH // 2, HEIGHT - 24), self._issuer, font=self._small, fill=0, anchor="mm")
        return picture

    def png(self, label: PrintedLabel, kind: str) -> bytes:
        """One label as PNG."""
        out = io.BytesIO()
        self.draw(label, kind).save(out, "PNG", dpi=(DPI, DPI))
        return out.getvalue()

    def sheets(self, labels: Sequence[tuple[PrintedLabel, str]]) -> bytes:
        """A4 sheets as PDF, fifteen labels each."""
        each = COLUMNS * ROWS
        pages = [self._sheet(labels[start : start + each]) for start in range(0, len(labels), each)]
        out = io.BytesIO()
        pages[0].save(out, "PDF", resolution=DPI, save_all=True, append_images=pages[1:])
        return out.getvalue()

    def _sheet(self, labels: Sequence[tuple[PrintedLabel, str]]) -> Image.Image:
        sheet = Image.new("L", A4, 255)
        gap_x, gap_y = (A4[0] - COLUMNS * WIDTH) // (COLUMNS + 1), (A4[1] - ROWS * HEIGHT) // (ROWS + 1)
        for place, (label, kind) in enumerate(labels):
            column, row = place % COLUMNS, place // COLUMNS
            sheet.paste(
                self.draw(label, kind), (gap_x + column * (WIDTH + gap_x), gap_y + row * (HEIGHT + gap_y))
            )
        return sheet
