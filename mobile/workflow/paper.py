"""A paper as data: what stands on it, one below the other. The glass and the file are both made from it, so neither can say anything else."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from mobile.workflow.drawing import Drawing
from shared.message import Message

Words = Message | str
"""A sentence to be said in the reader's language, or what is the same in each: a figure, a name, a digest."""


class PaperKind(StrEnum):
    """The papers that a sealed record can give."""

    RECEIPT = "receipt"
    """回执: what the other party takes away."""
    SITE_RECORD = "site_record"
    """现场检查笔录."""
    CORRECTION_NOTICE = "correction_notice"
    """责令改正通知书."""


class Heading(msgspec.Struct, frozen=True):
    text: Words


class Paragraph(msgspec.Struct, frozen=True):
    text: Words
    strong: bool = False
    small: bool = False


class Facts(msgspec.Struct, frozen=True):
    """Names and their values."""

    rows: list[tuple[Words, list[Words]]]
    """A value of several parts is listed with the language's comma."""


class Table(msgspec.Struct, frozen=True):
    """Rows under their heads; on a narrow paper each row becomes a block of names and values."""

    heads: list[Words]
    rows: list[list[Words]]
    shares: list[int]
    """How the width is shared among the columns."""


class Blank(msgspec.Struct, frozen=True):
    """Something to be written by hand: its name and a line."""

    name: Words


class Signature(msgspec.Struct, frozen=True):
    """What was drawn on the glass."""

    name: Words
    drawing: Drawing


class Code(msgspec.Struct, frozen=True):
    """The QR code that proves the record, and what to say below it."""

    payload: str
    under: Words


Block = Heading | Paragraph | Facts | Table | Blank | Signature | Code


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """One paper, whole."""

    kind: PaperKind
    title: Message
    number: str
    """Short form of the record's id."""
    blocks: list[Block]
    foot: Message
    """What stands at the foot of every page."""
