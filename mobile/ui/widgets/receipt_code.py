"""A QR code: dark on white with its quiet zone, in every theme, for scanners care and taste does not."""

from __future__ import annotations

import flet as ft
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode


def code_drawing(content: str) -> str:
    """The code as SVG, one square a module, four modules of quiet zone (ISO/IEC 18004)."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(content)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, modules in enumerate(rows) for x, dark in enumerate(modules) if dark
    )
    side = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#FFFFFF" d="M0 0h{side}v{side}h-{side}z"/><path fill="#000000" d="{path}"/></svg>'
    )


def receipt_code(content: str, label: str, side: float) -> ft.Container:
    """The code ``side`` pixels wide."""
    return ft.Container(
        ft.Image(src=code_drawing(content), width=side, height=side, semantics_label=label),
        bgcolor="#FFFFFF",
        border_radius=12,
        padding=4,
    )
