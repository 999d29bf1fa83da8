"""The papers of a check: what stands on them, that a file says it in a reader's own words, and that its code proves the record."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from mobile.ui.language import CHINESE, ENGLISH
from mobile.workflow.drawing import STROKES_MEDIA_TYPE, Drawing
from mobile.workflow.found import Found
from mobile.workflow.outcome_words import PARTY_WORDS
from mobile.workflow.paper import (
    Blank,
    Code,
    Facts,
    Heading,
    Paper,
    PaperKind,
    Paragraph,
    Signature,
    Table,
    Words,
)
from mobile.workflow.papers import Source, paper_of, source_of
from mobile.workflow.print_font import PrintFont
from mobile.workflow.typeset import Format, Saying, broken, missing_from, typeset
from mobile.workflow.under_way import REFUSAL_REASONS
from shared.errors import InputError
from shared.inspection import PartyAnswer, VisualAnswer
from shared.message import Message
from tests.mobile.phone import make_phone, make_world
from tests.mobile.picture import jpeg
from tests.mobile.ui.fakes import PRINT_FONT, language
from tests.mobile.workflow.test_spot_check import begun, passed

FONT = PrintFont(PRINT_FONT.read_bytes())
STROKES = Drawing(300, 100, [[(10, 20), (40, 60), (90, 15)], [(120, 30), (160, 70)]])
SCALE = 4
"""Dots a point at which a page is drawn to be read by a decoder: 288 dots an inch."""


def saying(code: str) -> Saying:
    """The words of a language as the app says them."""
    spoken = language(code)
    return Saying(lambda message: message.said(spoken.gettext), spoken.listed)


def sealed(folder: Path, fails: bool = False, signs: bool = True) -> Source:
    """A spot check by the workflow, sealed without a network."""

    async def flow() -> Source:
        world = make_world()
        phone = make_phone(world, folder / "work.db")
        check = await begun(world, phone)
        if fails:
            await check.answer_visual("seal", VisualAnswer.FLAG, "铅封断开")
        await passed(check)
        receipt = (
            await check.sign(STROKES.encoded(), STROKES_MEDIA_TYPE)
            if signs
            else await check.refuse("unwilling")
        )
        return await source_of(phone.equipment, receipt.digest)

    return asyncio.run(flow())


def words_of(paper: Paper, said: Saying) -> list[str]:
    """Everything that is to be read on it."""
    found: list[Words] = [paper.title, paper.foot]
    for block in paper.blocks:
        match block:
            case Heading() | Paragraph():
                found.append(block.text)
            case Facts():
                found += [part for name, values in block.rows for part in (name, *values)]
            case Table():
                found += [*block.heads, *[cell for row in block.rows for cell in row]]
            case Blank():
                found.append(block.name)
            case Signature():
                found.append(block.name)
            case Code():
                found.append(block.under)
    return [text for each in found if (text := said.said(each).strip())]


def text_in(content: bytes) -> str:
    """The text of a PDF as another program reads it, without its breaks."""
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return re.sub(r"\s", "", "".join(pages))


@pytest.mark.parametrize("spoken", [CHINESE, ENGLISH])
@pytest.mark.parametrize("form", list(Format))
def test_a_file_says_what_the_paper_says(tmp_path: Path, spoken: str, form: Format) -> None:
    """Each word of each paper is in the file's text, in both languages and on every width, and no character is a box."""
    source = sealed(tmp_path, fails=True)
    assert source.kinds == [PaperKind.SITE_RECORD, PaperKind.CORRECTION_NOTICE, PaperKind.RECEIPT]
    for kind in source.kinds:
        paper = paper_of(source, kind, "2026-12-10")
        assert missing_from(paper, saying(spoken), FONT) == []
        found = text_in(typeset(paper, saying(spoken), FONT, form))
        absent = [words for words in words_of(paper, saying(spoken)) if re.sub(r"\s", "", words) not in found]
        assert absent == []


@pytest.mark.parametrize("form", list(Format))
def test_the_code_on_a_page_leads_to_the_record(tmp_path: Path, form: Format) -> None:
    """Drawn as a printer would, the page's code is read, and it is the receipt's own."""
    source = sealed(tmp_path)
    content = typeset(paper_of(source, PaperKind.RECEIPT), saying(CHINESE), FONT, form)
    pictures = [page.render(scale=SCALE).to_pil().convert("L") for page in pypdfium2.PdfDocument(content)]
    read = [code.text for picture in pictures for code in zxingcpp.read_barcodes(picture)]
    assert read == [source.receipt.payload]


def test_a_check_that_fits_calls_for_no_notice(tmp_path: Path) -> None:
    """A passing check gives the record and the receipt; a refusal stands on the record with its reason and without a signature."""
    source = sealed(tmp_path, signs=False)
    assert source.kinds == [PaperKind.SITE_RECORD, PaperKind.RECEIPT]
    paper = paper_of(source, PaperKind.SITE_RECORD)
    assert not [block for block in paper.blocks if isinstance(block, Signature)]
    said = texts(paper)
    assert said[said.index(PARTY_WORDS[PartyAnswer.REFUSED]) + 1] == dict(REFUSAL_REASONS)["unwilling"]


def test_what_was_found_on_site_gives_a_receipt(tmp_path: Path) -> None:
    """It says what was found; no check was made, so there is no record of one and nothing about a screening."""

    async def flow() -> Source:
        world = make_world()
        phone = make_phone(world, tmp_path / "work.db")
        await phone.enrol()
        known = await phone.app.resolve.scanned(world.payload)
        assert known.instrument
        finding = await phone.app.findings.of_instrument(known.instrument)
        await finding.found(Found.LABEL_UNREADABLE)
        await finding.add_photo(jpeg())
        return await source_of(phone.equipment, (await finding.refuse("unwilling")).digest)

    source = asyncio.run(flow())
    assert source.kinds == [PaperKind.RECEIPT]
    paper = paper_of(source, PaperKind.RECEIPT)
    said = words_of(paper, saying(ENGLISH))
    assert "Label unreadable" in said
    assert not [words for words in said if "spot check" in words]
    assert "2403-01187" in text_in(typeset(paper, saying(ENGLISH), FONT, Format.A4))


def texts(paper: Paper) -> list[Words]:
    """The values of the facts."""
    return [
        value
        for block in paper.blocks
        if isinstance(block, Facts)
        for _name, values in block.rows
        for value in values
    ]


def test_the_signature_on_the_glass_is_on_the_record(tmp_path: Path) -> None:
    """It is drawn into the file from its strokes, which are those that were kept."""
    paper = paper_of(sealed(tmp_path), PaperKind.SITE_RECORD)
    assert [block.drawing for block in paper.blocks if isinstance(block, Signature)] == [STROKES]


def test_what_the_officers_decide_is_never_invented(tmp_path: Path) -> None:
    """The provision that was broken and the term are lines to be written on, unless the term was given."""
    source = sealed(tmp_path, fails=True)

    def blanks(term: str) -> list[str]:
        paper = paper_of(source, PaperKind.CORRECTION_NOTICE, term)
        return [
            block.name.text
            for block in paper.blocks
            if isinstance(block, Blank) and isinstance(block.name, Message)
        ]

    assert "Provision that was broken (written in by the officers)" in blanks("")
    assert "Term for correcting (set by the officers)" in blanks("")
    assert "Term for correcting (set by the officers)" not in blanks("2026-12-10")


def test_the_same_record_gives_the_same_file(tmp_path: Path) -> None:
    """Nothing of the moment of its making is in it."""
    source = sealed(tmp_path)
    made = [typeset(paper_of(source, PaperKind.RECEIPT), saying(CHINESE), FONT, Format.A4) for _ in range(2)]
    assert made[0] == made[1]


def test_a_character_beyond_the_font_is_named_and_stands_as_a_box() -> None:
    """𠮷 of a name is not in the font: it is said, and something stands in its place."""
    paper = Paper(
        kind=PaperKind.RECEIPT,
        title=Message("Receipt of the check"),
        number="1",
        blocks=[Paragraph("𠮷田")],
        foot=Message("Receipt of the check"),
    )
    assert missing_from(paper, saying(CHINESE), FONT) == ["𠮷"]
    assert typeset(paper, saying(CHINESE), FONT, Format.A4).startswith(b"%PDF-1.7")


def test_a_damaged_font_is_told() -> None:
    """Bytes that are no print font are refused by their code."""
    with pytest.raises(InputError) as refused:
        PrintFont(b"wOF2 and more")
    assert refused.value.problem.code == "print_font_damaged"


@given(st.text(st.sampled_from("检定秤 Max15kg，。（）\n-"), max_size=60), st.floats(20, 200))
def test_lines_hold_all_that_is_written(words: str, room: float) -> None:
    """However narrow the paper, broken lines hold every sign in its order, and none is wider than the room."""

    def measure(text: str) -> float:
        return sum(FONT.width(each) for each in text) / 100

    lines = broken(words, room, measure)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", words)
    assert all(measure(line.rstrip()) <= room or len(line) == 1 for line in lines)
