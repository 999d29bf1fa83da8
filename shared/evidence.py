"""What shows that something was found on site as a record says: pictures, where and when, who was there, and the other party's word."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from shared.identity import Identity
from shared.inspection import BlobRef, OtherParty, Present
from shared.premises import Position

Note = Annotated[str, Meta(max_length=500)]


class SiteEvidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The evidence of a finding that is no spot check."""

    photos: list[BlobRef] = []
    position: Position | None = None
    officers: list[Identity] = []
    """Who found it; a finding has two officers where a second one was along."""
    present: list[Present] = []
    other_party: OtherParty | None = None
    """None where nobody was asked."""
    note: Note = ""
