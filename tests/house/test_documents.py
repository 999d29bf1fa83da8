"""Documents are generated or run, never trusted."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from pathlib import Path

import pytest

from server.cli import SHELL, main
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


def shell_commands() -> list[tuple[str, int]]:
    """Each ``quanheng`` command that a document or an example shows, with the exit code that it states (0 where it states none)."""
    found = []
    for document in [ROOT / "README.md", *(ROOT / "docs/examples").glob("*.toml")]:
        for line in re.findall(
            rf"^(?:#   )?(quanheng (?:{'|'.join(SHELL)})\b.*)$", document.read_text(), re.MULTILINE
        ):
            command, _hash, said = line.partition("  # ")
            found.append((command.strip(), int(said.partition(":")[0] or 0)))
    return found


@pytest.mark.parametrize(("command", "code"), shell_commands(), ids=str)
def test_shell_commands_end_as_the_document_says(
    command: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that a document shows is run, and ends with the exit code that stands beside it."""
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(command)[1:]) == code
    said = capsys.readouterr()
    assert said.out
    assert not said.err


def test_readme_shows_every_shell_command() -> None:
    """The README has an example of each command that needs no database."""
    assert {command.split()[1] for command, _code in shell_commands()} == SHELL.keys()


def test_links_lead_somewhere() -> None:
    """Each relative link of a document leads to a file that is there."""
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_glossary_has_both_languages() -> None:
    """Each entry of the glossary gives the English term and the Chinese one, stands once under either, and is found by the alphabet."""
    rows = [
        line
        for line in (ROOT / "GLOSSARY.md").read_text().splitlines()
        if line.startswith("| ") and "---" not in line
    ][1:]
    assert len(rows) > 30
    terms = [[cell.strip() for cell in row.strip("|").split("|")][:2] for row in rows]
    for english, chinese in terms:
        assert english
        assert re.search(r"[一-鿿]", chinese), english
    for names in zip(*terms, strict=True):
        assert [name for name, count in Counter(names).items() if count > 1] == []
    in_order = [english.casefold() for english, _chinese in terms]
    assert in_order == sorted(in_order)
