"""A paper on the glass, from the very data that its file is made of."""

from __future__ import annotations

import flet as ft
import flet.canvas as cv

from mobile.ui.look import Look
from mobile.ui.primitives import card, column, fact, row, rule, stacked, text
from mobile.ui.widgets.receipt_code import receipt_code
from mobile.ui.widgets.signature_pad import stroke_shape
from mobile.workflow.paper import (
    Blank,
    Block,
    Code,
    Facts,
    Heading,
    Paper,
    Paragraph,
    Signature,
    Table,
    Words,
)

CODE_SIDE = 200.0
SIGNATURE_HEIGHT = 96.0


def said(look: Look, words: Words) -> str:
    return words if isinstance(words, str) else look.say(words)


def paper_sheet(look: Look, paper: Paper) -> ft.Container:
    """The whole paper, block by block; a table is shown as on a narrow paper, a name and its value a line."""
    head = text(look, look.say(paper.title), "h2", align=ft.TextAlign.CENTER)
    foot = text(look, look.say(paper.foot), "note", look.theme.ink2)
    return card(look, head, *[shown(look, block) for block in paper.blocks], rule(look), foot, gap=8)


def shown(look: Look, block: Block) -> ft.Control:
    """One block."""
    match block:
        case Heading(words):
            return text(look, said(look, words), "title")
        case Paragraph(words, strong, small):
            return text(look, said(look, words), "strong" if strong else "note" if small else "body")
        case Facts(rows):
            return facts(look, rows)
        case Table(heads, rows, _):
            return table(look, heads, rows)
        case Blank(name):
            return column(text(look, said(look, name)), ft.Container(height=24), rule(look))
        case Signature(name, drawing):
            return column(text(look, said(look, name)), signature(look, drawing.strokes, drawing.height))
        case Code(payload, under):
            side = min(CODE_SIDE, look.inner_width - 48)
            code = receipt_code(payload, look.gettext("Code of the receipt"), side)
            return stacked(
                row(code, alignment=ft.MainAxisAlignment.CENTER),
                text(look, said(look, under), "note", look.theme.ink2, align=ft.TextAlign.CENTER),
            )


def facts(look: Look, rows: list[tuple[Words, list[Words]]]) -> ft.Control:
    lines = [
        fact(look, said(look, name), look.language.listed(said(look, each) for each in values))
        for name, values in rows
    ]
    return stacked(*lines)


def table(look: Look, heads: list[Words], rows: list[list[Words]]) -> ft.Control:
    parts: list[ft.Control] = []
    for cells in rows:
        pairs = zip(heads, cells, strict=True)
        parts += [fact(look, said(look, head), said(look, cell)) for head, cell in pairs if cell]
        parts.append(rule(look))
    return stacked(*parts)


def signature(look: Look, strokes: list[list[tuple[int, int]]], height: int) -> ft.Control:
    """The strokes, drawn small."""
    scale = SIGNATURE_HEIGHT / max(height, 1)
    smaller = [[(round(x * scale), round(y * scale)) for x, y in stroke] for stroke in strokes if stroke]
    shapes = [stroke_shape(stroke, look.theme.ink) for stroke in smaller]
    return ft.Container(cv.Canvas(list(shapes), expand=True), height=SIGNATURE_HEIGHT)
