"""Editions of a regulation, and how sure each fact is."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec


class Certainty(StrEnum):
    """How sure a fact is."""

    SEEN = "seen"
    COMPUTED = "computed"
    MEMORY = "memory"
    UNSEEN = "unseen"
    """The document is known to exist, its text has not been seen."""


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
