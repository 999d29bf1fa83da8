"""What the commands have in common: options, exit codes, and lines in the reader's language."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from server.shell.rulebooks import ASSETS
from server.words import Words
from shared.errors import Problem
from shared.message import Message, msgid
from shared.metrology.editions import Certainty, EditionInForce, pending_notes
from shared.metrology.judging import Outcome

Speak = Callable[[str], str]
EXIT = {Outcome.WITHIN: 0, Outcome.BEYOND: 1, Outcome.UNDECIDED: 3}
"""2 is for what can't be read."""
OUTCOMES = {
    Outcome.WITHIN: Message("within"),
    Outcome.BEYOND: Message("beyond"),
    Outcome.UNDECIDED: Message("undecided"),
}
FAULTS = OUTCOMES | {Outcome.WITHIN: Message("no fault seen"), Outcome.BEYOND: Message("faulty")}
"""Of a statement, which keeps a form and no limit."""
CERTAIN = {
    Certainty.SEEN: Message("text seen"),
    Certainty.COMPUTED: Message("computed"),
    Certainty.MEMORY: Message("from memory"),
    Certainty.UNSEEN: Message("text not seen"),
}


def day(text: str) -> date:
    """A day as an option gives it; argparse says what is wrong."""
    return date.fromisoformat(text)


def add_reader(words: argparse.ArgumentParser, dated: str) -> None:
    """The options of every command: the day (of what, ``dated`` says) and the language."""
    words.add_argument("--on", type=day, help=f"{dated}, 2026-11-25; today if left out")
    words.add_argument("--language", choices=["zh", "en"], default="zh")


def speaking(language: str) -> Speak:
    """The gettext of ``zh`` or ``en``."""
    return Words(ASSETS / "locales").catalogue(language).gettext


def trouble(problem: Problem, language: str) -> str:
    """What is wrong and what to do, behind the stable code."""
    speak = speaking(language)
    return f"{problem.code}: {problem.said().said(speak)}\n{problem.remedied().said(speak)}"


class Page:
    """Collects lines and prints them."""

    def __init__(self, speak: Speak) -> None:
        self.speak = speak
        self.lines: list[str] = []

    def say(self, message: Message | str, indent: int = 0) -> None:
        """One line."""
        text = message.said(self.speak) if isinstance(message, Message) else message
        self.lines.append(f"{'  ' * indent}{text}")

    def say_all(self, messages: Iterable[Message | str], indent: int = 0) -> None:
        """A line each."""
        for message in messages:
            self.say(message, indent)

    def verdict(
        self, subject: Message, outcome: Outcome, words: Mapping[Outcome, Message] = OUTCOMES
    ) -> None:
        """``Deviation: within``."""
        self.say(Message(msgid("{subject}: {outcome}"), {"subject": subject, "outcome": words[outcome]}))

    def judged_by(self, edition: EditionInForce | None) -> None:
        """The edition that judges, and the one that is in force with its text still to be checked."""
        if edition is None:
            return
        self.say(Message(msgid("Judged by {document}"), {"document": edition.judging.document}))
        for note in pending_notes(edition):
            self.say(Message(msgid("Note: {note}"), {"note": note}))

    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)
