"""Lines for the shell in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from server.words import Words
from shared.errors import Problem
from shared.message import Message
from shared.metrology.catalogue import Catalogue

ASSETS = Path(__file__).parents[2] / "assets"
Speak = Callable[[str], str]


def speaking(language: str) -> Speak:
    """The gettext of ``zh`` or ``en``."""
    return Words(ASSETS / "locales").catalogue(language).gettext


def catalogue() -> Catalogue:
    """The catalogue in assets. Raises InputError ``catalogue_invalid``."""
    return Catalogue.parse({path.name: path.read_bytes() for path in (ASSETS / "catalogue").glob("*.toml")})


def trouble(problem: Problem, language: str) -> str:
    """What is wrong and what to do, behind the stable code."""
    speak = speaking(language)
    what, remedy = (Message(text, problem.details).said(speak) for text in (problem.what, problem.remedy))
    return f"{problem.code}: {what}\n{remedy}"


class Page:
    """Collects lines and prints them."""

    def __init__(self, speak: Speak) -> None:
        self.speak = speak
        self.lines: list[str] = []

    def say(self, message: Message | str, indent: int = 0) -> None:
        """One line."""
        text = message.said(self.speak) if isinstance(message, Message) else message
        self.lines.append(f"{'  ' * indent}{text}")

    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)
