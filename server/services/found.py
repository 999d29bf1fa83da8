"""What was found on site, as a record's page shows it: what it says, field by field, and the evidence for it."""

from __future__ import annotations

import msgspec

from shared.evidence import SiteEvidence
from shared.inspection import BlobRef, Inspection, OtherParty, Present
from shared.instrument import LabelTrouble
from shared.lot import LotInspection
from shared.premises import Position
from shared.records import InstrumentAmended, LabelVoided, PremisesAmended
from shared.verification import CampaignConfirmed

Witnessed = Inspection | LotInspection | SiteEvidence
"""What says who was there and what the other party said."""


class Said(msgspec.Struct, frozen=True):
    """One field as a record changes it."""

    field: str
    before: str
    after: str


class FoundOnSite(msgspec.Struct, frozen=True, kw_only=True):
    """A correction, or a label taken out of force."""

    subject: str
    """The instrument or the site; its history stands on the record's page."""
    changes: list[Said] = []
    label: str = ""
    because: LabelTrouble = LabelTrouble.NONE
    seen_on: str = ""
    """The instrument that a swapped label was seen on."""
    evidence: SiteEvidence | None = None
    """None where something was merely put right."""


def found_on_site(payload: object) -> FoundOnSite | None:
    """What the record says, where it is of these kinds."""
    match payload:
        case LabelVoided():
            return FoundOnSite(
                subject=payload.instrument_id,
                label=payload.label,
                because=payload.because,
                seen_on=payload.seen_on or "",
                evidence=payload.evidence,
            )
        case InstrumentAmended() | PremisesAmended():
            subject = payload.instrument_id if isinstance(payload, InstrumentAmended) else payload.premises_id
            changes = [Said(each.field.value, each.before, each.after) for each in payload.changes]
            return FoundOnSite(subject=subject, changes=changes, evidence=payload.evidence)
    return None


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """Who was there, where, and what the other party said, of whatever record."""

    officers: list[str] = []
    present: list[Present] = []
    other_party: OtherParty | None = None
    position: Position | None = None
    photos: list[BlobRef] = []
    note: str = ""

    @property
    def blobs(self) -> list[BlobRef]:
        """The files that the record names."""
        signature = self.other_party.signature if self.other_party else None
        return [*self.photos, *([signature] if signature else [])]


def scene_of(payload: object) -> Scene:
    """The scene of a check, a lot, a confirmation or something found; empty for a record of the desk."""
    if isinstance(payload, CampaignConfirmed):
        return Scene(other_party=payload.party)
    found = found_on_site(payload)
    witnessed = found.evidence if found else payload
    if not isinstance(witnessed, Witnessed):
        return Scene()
    return Scene(
        officers=list(witnessed.officers),
        present=list(witnessed.present),
        other_party=witnessed.other_party,
        position=witnessed.position,
        photos=list(witnessed.photos),
        note=witnessed.note if isinstance(witnessed, SiteEvidence) else "",
    )
