"""What can be wrong, each with a stable code, what is wrong and what to do.

The tree:

* QuanhengError             anything this software refuses, with a Problem that a person and a program can read
  x InputError              what was given can't be used as it is
  x AccessError             who asked may not
  x ConflictError           what was asked collides with what stands
"""

from __future__ import annotations

from typing import Any

import msgspec

from shared.message import Message

WORDS = frozenset({"what", "figure", "stage"})
"""Names of details that are message ids themselves: what was not read, a figure of the nameplate, a stage."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why something was refused. ``code`` never changes its meaning; the sentences are message ids."""

    code: str
    what: str
    """What is wrong (an English message id, with the fields of ``details`` as named values)."""
    remedy: str
    """What to do about it (a message id)."""
    details: dict[str, str] = {}

    def said(self) -> Message:
        """What is wrong, as a sentence; a detail of :data:`WORDS` is looked up, too."""
        return Message(self.what, self._values())

    def remedied(self) -> Message:
        """What to do about it, as a sentence."""
        return Message(self.remedy, self._values())

    def _values(self) -> dict[str, str | Message]:
        return {name: Message(text) if name in WORDS else text for name, text in self.details.items()}


class QuanhengError(Exception):
    """An error that carries its :class:`Problem`."""

    status = 400

    def __init__(self, code: str, what: str, remedy: str, /, **details: Any) -> None:
        self.problem = Problem(code, what, remedy, {name: str(value) for name, value in details.items()})
        super().__init__(f"{code}: {what.format(**self.problem.details)}")


class InputError(QuanhengError):
    """What was given can't be used as it is."""


class AccessError(QuanhengError):
    """Who asked may not do this."""

    status = 403


class ConflictError(QuanhengError):
    """What was asked collides with what stands."""

    status = 409
