"""Documents are generated or run, never trusted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house import documents

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", documents.PARTS)
def test_generated_parts_are_up_to_date(path: str) -> None:
    """The tables in a document are those that the code makes today (``make docs`` writes them)."""
    assert (ROOT / path).read_text() == documents.rewritten(path)


def test_readme_commands_exist() -> None:
    """Each ``make`` command that a document names is a target of the Makefile."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").rglob("*.md")]:
        named = set(re.findall(r"`make (\w+)", document.read_text()))
        assert named <= targets, f"{document.name} names {named - targets}"


def test_links_lead_somewhere() -> None:
    """Each relative link of a document leads to a file that is there."""
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_glossary_has_both_languages() -> None:
    """Each entry of the glossary gives the English term and the Chinese one."""
    rows = [
        line
        for line in (ROOT / "GLOSSARY.md").read_text().splitlines()
        if line.startswith("| ") and "---" not in line
    ]
    assert len(rows) > 30
    for row in rows[1:]:
        english, chinese, *_ = [cell.strip() for cell in row.strip("|").split("|")]
        assert english
        assert re.search(r"[一-鿿]", chinese), row
