"""Editions of a regulation, and how sure each fact is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from shared.message import Message
from shared.metrology.catalogue_file import invalid


class Certainty(StrEnum):
    """How sure a fact is."""

    SEEN = "seen"
    COMPUTED = "computed"
    MEMORY = "memory"
    UNSEEN = "unseen"
    """The document is known to exist, its text has not been seen."""


SURE = frozenset({Certainty.SEEN, Certainty.COMPUTED})
"""How sure a fact must be to judge by."""


class Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"starts": "from"}):
    """One edition of a regulation, in force from ``starts`` to ``until``, both days included; absent means open."""

    document: str
    source: str
    certainty: Certainty
    starts: date | None = None
    until: date | None = None
    limits: str = ""
    """Id of the limits that this edition judges by; empty where the measurement is not judged."""
    judged_by: str = ""
    """The edition whose limits judge while this one's text has not been seen."""

    def in_force_on(self, day: date) -> bool:
        return (self.starts is None or self.starts <= day) and (self.until is None or day <= self.until)


class EditionInForce(msgspec.Struct, frozen=True):
    """The edition that judges on a day, and the newer one whose text is still to be checked (新规程待核)."""

    judging: Edition
    pending: Edition | None = None


def in_force(editions: Sequence[Edition], day: date) -> EditionInForce | None:
    """The edition that judges on ``day``: the one in force, or the one it names while its text is unseen; None before the first."""
    found = next((edition for edition in editions if edition.in_force_on(day)), None)
    if found is None:
        return None
    if not found.judged_by:
        return EditionInForce(found)
    return EditionInForce(next(each for each in editions if each.document == found.judged_by), found)


def pending_notes(found: EditionInForce | None) -> list[Message]:
    """That a newer text is in force whose figures are still to be checked."""
    if found is None or found.pending is None:
        return []
    values = {"pending": found.pending.document, "judging": found.judging.document}
    return [Message("{pending} is in force, its text is still to be checked; judged by {judging}.", values)]


def check_editions(name: str, editions: Sequence[Edition]) -> None:
    """Editions follow each other day by day, the last is open, and each judges by limits of its own or by another that has some."""
    with_limits = {edition.document for edition in editions if edition.limits}
    for place, edition in enumerate(editions):
        key = f"editions[{place}]"
        if edition.judged_by and (edition.limits or edition.judged_by not in with_limits):
            raise invalid(name, f"{key}.judged_by", f"no edition that judges is called {edition.judged_by}")
        if edition.certainty is Certainty.UNSEEN and not edition.judged_by:
            raise invalid(name, key, "an unseen text needs judged_by")
        before = editions[place - 1] if place else None
        if before and (not before.until or not edition.starts or (edition.starts - before.until).days != 1):
            raise invalid(name, f"{key}.from", "editions must follow each other day by day")
    if not editions or editions[-1].until:
        raise invalid(name, "editions", "the last edition must be open")


def check_sure(name: str, key: str, certainties: Iterable[Certainty]) -> None:
    """What judges is sure enough."""
    if not SURE.issuperset(certainties):
        raise invalid(name, key, "what is only remembered can't judge")
