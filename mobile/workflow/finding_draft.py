"""The draft of something found on site that is no check."""

from __future__ import annotations

from mobile.workflow.found import Found
from mobile.workflow.under_way import WorkDraft
from shared.instrument import Instrument
from shared.premises import Premises

KIND = "finding"
"""Of a draft; the kind of its record follows from what was found."""


class FindingDraft(WorkDraft, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that was answered, as given. ``premises`` is the site, or where the instrument is known to stand."""

    instrument: Instrument | None = None
    """None where the site itself is found otherwise."""
    what: Found | None = None
    seen_on: Instrument | None = None
    """Of a swapped label: the instrument that it was seen on."""
    moved_to: Premises | None = None
    stall: str | None = None
    """Of an instrument that moved: where it stands now."""
    note: str = ""
    signing: bool = False
    """Whether the other party is being asked to sign."""
