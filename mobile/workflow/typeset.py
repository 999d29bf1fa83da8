"""Sets a paper as a PDF: A4 for the file and the printer, or a roll of 80 or 58 mm for the small printer at the belt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

from mobile.workflow.drawing import Drawing
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
from mobile.workflow.pdf import Page, Pdf
from mobile.workflow.print_font import PrintFont
from shared.message import Message

MILLIMETRE = 72 / 25.4
LEADING = 1.5
NOT_FIRST = set("，。、；：！？）》」』】％%,.;:!?)”’·")
"""Signs with which no line may begin."""
NOT_LAST = set("（《「『【(“‘")
"""Signs with which no line may end."""
WIDE = 0x2E80
"""From this character on a line may break beside each."""
LONGEST_ROLL = 5000.0
"""Points of a roll that is set before anyone knows how long the paper is; no reader takes more than 14,400."""


class Format(Enum):
    """How wide and high, the margin, and the size of the type: millimetres, and points for the type."""

    A4 = (210.0, 297.0, 20.0, 10.5)
    ROLL_80 = (80.0, 0.0, 4.0, 9.0)
    ROLL_58 = (58.0, 0.0, 3.0, 8.0)

    @property
    def is_roll(self) -> bool:
        """Whether there is one page, as long as what stands on it."""
        return self.value[1] == 0


class Saying:
    """One reader's language: how words are said and how several are listed."""

    def __init__(self, say: Callable[[Message], str], listed: Callable[[Iterable[str]], str]) -> None:
        self._say, self.listed = say, listed

    def said(self, words: Words) -> str:
        return words if isinstance(words, str) else self._say(words)


def pieces(words: str) -> list[str]:
    """What may not be broken: a Latin word or a figure with its unit's space behind it, or one wide character."""
    found: list[str] = []
    for character in words:
        last = found[-1] if found else ""
        sticks = bool(last) and (
            character in NOT_FIRST
            or last[-1] in NOT_LAST
            or (
                ord(character) < WIDE and ord(last[-1]) < WIDE and last[-1] not in " \n" and character != "\n"
            )
        )
        if sticks:
            found[-1] += character
        else:
            found.append(character)
    return found


def broken(words: str, room: float, measure: Callable[[str], float]) -> list[str]:
    """The lines in which the words fit; a piece longer than a line is cut."""
    lines = [""]
    for piece in pieces(words):
        if piece == "\n":
            lines.append("")
            continue
        if lines[-1] and measure((lines[-1] + piece).rstrip()) > room:
            lines.append("")
        for character in piece if measure(piece.rstrip()) > room else [piece]:
            if lines[-1] and measure((lines[-1] + character).rstrip()) > room:
                lines.append("")
            lines[-1] += character
    return [line.strip() for line in lines]


def missing_from(paper: Paper, saying: Saying, font: PrintFont) -> list[str]:
    """The characters of a paper that the font does not have, each once."""
    return list(
        dict.fromkeys(
            each for each in "".join(words_of(paper, saying)) if not each.isspace() and not font.has(each)
        )
    )


def words_of(paper: Paper, saying: Saying) -> list[str]:
    """Everything that is said on a paper, in its order."""
    found: list[Words] = [paper.title]
    for block in paper.blocks:
        match block:
            case Heading(text) | Paragraph(text):
                found.append(text)
            case Facts(rows):
                for name, values in rows:
                    found += [name, *values]
            case Table(heads, rows, _):
                found += heads
                for row in rows:
                    found += row
            case Blank(name) | Signature(name, _) | Code(_, name):
                found.append(name)
    return [saying.said(words) for words in [*found, paper.foot]]


class Sheet:
    """One paper on its way to the file: where the pen is, and what happens at the end of a page."""

    def __init__(self, paper: Paper, saying: Saying, font: PrintFont, form: Format, length: float) -> None:
        width, height, margin, self.size = form.value
        self.saying, self.form = saying, form
        self.width, self.margin = width * MILLIMETRE, margin * MILLIMETRE
        self.height = (height * MILLIMETRE) or length
        self.pdf = Pdf(font, f"{saying.said(paper.title)} {paper.number}")
        self.room = self.width - 2 * self.margin
        self.page: Page
        self.turn()

    def turn(self) -> None:
        """Goes on at the top of a new page."""
        self.page = self.pdf.add_page(self.width, self.height)
        self.y = self.margin

    def need(self, height: float) -> None:
        """Turns the page where so much does not fit any more."""
        foot = 0 if self.form.is_roll else 2.4 * self.size
        if self.y + height > self.height - self.margin - foot and self.y > self.margin:
            self.turn()

    def lines(self, words: str, room: float, size: float) -> list[str]:
        return broken(words, room, lambda line: self.pdf.measure(line, size))

    def at(self, left: float, lines: list[str], size: float, strong: bool = False) -> float:
        """Writes lines from the pen down, and says how high they are; the pen stays."""
        for place, line in enumerate(lines):
            baseline = self.y + size * LEADING * place + size * 1.1
            self.pdf.write(self.page, left, baseline, line, size, strong)
        return len(lines) * size * LEADING

    def text(self, words: Words, size: float, strong: bool = False, centred: bool = False) -> None:
        """A text of its own, line by line, over as many pages as it takes."""
        for line in self.lines(self.saying.said(words), self.room, size):
            self.need(size * LEADING)
            spare = (self.room - self.pdf.measure(line, size)) / 2 if centred else 0
            self.y += self.at(self.margin + spare, [line], size, strong)

    def cells(self, columns: list[tuple[float, float, str]], size: float, strong: bool = False) -> None:
        """Texts beside each other: left edge, width and words of each."""
        set_ = [(left, self.lines(words, width, size)) for left, width, words in columns]
        self.need(max(len(lines) for _, lines in set_) * size * LEADING)
        self.y += max(self.at(self.margin + left, lines, size, strong) for left, lines in set_)

    def block(self, block: Block) -> None:
        """One block, wherever it comes."""
        match block:
            case Heading(text):
                self.need(5 * self.size)
                self.y += 0.6 * self.size
                self.text(text, self.size * 1.15, strong=True)
            case Paragraph(text, strong, small):
                self.text(text, self.size * (0.85 if small else 1), strong)
                self.y += 0.2 * self.size
            case Facts(rows):
                self.facts(rows)
            case Table():
                self.table(block)
            case Blank(name):
                self.blank(name)
            case Signature(name, drawing):
                self.signature(name, drawing)
            case Code(payload, under):
                self.code(payload, under)

    def facts(self, rows: list[tuple[Words, list[Words]]]) -> None:
        named = self.room * (0.3 if self.form.is_roll else 0.2)
        for name, values in rows:
            value = self.saying.listed(self.saying.said(each) for each in values)
            told = (0.0, named - self.size, self.saying.said(name))
            self.cells([told, (named, self.room - named, value)], self.size)

    def table(self, table: Table) -> None:
        if self.form.is_roll:
            for row in table.rows:
                self.facts([(head, [cell]) for head, cell in zip(table.heads, row, strict=True) if cell])
                self.line()
            return
        size, whole = self.size * 0.9, sum(table.shares)
        edges = [self.room * sum(table.shares[:place]) / whole for place in range(len(table.shares) + 1)]
        spans = [
            (edges[place], edges[place + 1] - edges[place] - size * 0.8) for place in range(len(table.heads))
        ]
        for row in [table.heads, *table.rows]:
            said = [
                (left, width, self.saying.said(cell)) for (left, width), cell in zip(spans, row, strict=True)
            ]
            self.cells(said, size, strong=row is table.heads)
            self.line()

    def line(self) -> None:
        """A hairline from margin to margin."""
        self.y += 0.15 * self.size
        self.pdf.rule(self.page, (self.margin, self.y), (self.width - self.margin, self.y), 0.4)
        self.y += 0.15 * self.size

    def blank(self, name: Words) -> None:
        words = self.saying.said(name)
        self.need(2.4 * self.size)
        self.y += 0.7 * self.size
        lines = self.lines(words, self.room * 0.6, self.size)
        high = self.at(self.margin, lines, self.size)
        begin = self.margin + self.pdf.measure(lines[-1], self.size) + self.size / 2
        baseline = self.y + high - self.size * 0.3
        self.pdf.rule(self.page, (begin, baseline), (self.width - self.margin, baseline))
        self.y += high

    def signature(self, name: Words, drawing: Drawing) -> None:
        high = 5 * self.size
        self.need(high + self.size * LEADING)
        self.text(name, self.size)
        scale = min(self.room * 0.6 / max(drawing.width, 1), high / max(drawing.height, 1))
        for stroke in drawing.strokes:
            points = [(self.margin + x * scale, self.y + y * scale) for x, y in stroke]
            if points:
                self.pdf.curve(self.page, points, max(0.8, 4.5 * scale))
        self.y += high

    def code(self, payload: str, under: Words) -> None:
        from qrcode.constants import ERROR_CORRECT_M
        from qrcode.main import QRCode

        code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
        code.add_data(payload)
        code.make(fit=True)
        side = min(self.room, 40 * MILLIMETRE)
        self.need(side + 3 * self.size)
        left = self.margin + ((self.room - side) / 2 if self.form.is_roll else 0)
        self.pdf.squares(self.page, left, self.y, side, code.get_matrix())
        self.y += side
        self.text(under, self.size * 0.85, centred=self.form.is_roll)


def feet(sheet: Sheet, paper: Paper) -> None:
    """Below each page: what the paper belongs to, and which page of how many it is. A roll has it once, at its end."""
    said, size = sheet.saying.said(paper.foot), sheet.size * 0.8
    if sheet.form.is_roll:
        sheet.line()
        sheet.text(said, size)
        return
    for place, page in enumerate(sheet.pdf.pages, 1):
        count = f"{place} / {len(sheet.pdf.pages)}"
        baseline = sheet.height - sheet.margin
        lines = sheet.lines(said, sheet.room - 4 * size, size)
        for up, line in enumerate(reversed(lines)):
            sheet.pdf.write(page, sheet.margin, baseline - up * size * LEADING, line, size)
        left = sheet.width - sheet.margin - sheet.pdf.measure(count, size)
        sheet.pdf.write(page, left, baseline, count, size)


def typeset(paper: Paper, saying: Saying, font: PrintFont, form: Format = Format.A4) -> bytes:
    """The paper as a PDF file. A character that the font does not have is a box, and the paper ends by saying which it was."""
    missing = missing_from(paper, saying, font)
    blocks = list(paper.blocks)
    if missing:
        listed = ", ".join(f"{each} (U+{ord(each):04X})" for each in missing)
        told = Message(
            "The font of this paper does not have these characters; each stands as a box: {characters}",
            {"characters": listed},
        )
        blocks.append(Paragraph(told, strong=True))
    length = LONGEST_ROLL
    while True:
        sheet = Sheet(paper, saying, font, form, length)
        sheet.text(paper.title, sheet.size * 1.6, strong=True, centred=True)
        sheet.y += 0.6 * sheet.size
        for block in blocks:
            sheet.block(block)
        feet(sheet, paper)
        if not form.is_roll or length < LONGEST_ROLL or len(sheet.pdf.pages) > 1:
            return sheet.pdf.content()
        # Set once more on a roll that ends where the paper does.
        length = sheet.y + sheet.margin + 1
