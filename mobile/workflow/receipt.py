"""The receipt of a finished spot check: what the other party takes away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from mobile.workflow.enrolled import Enrolled, enrolled_here
from mobile.workflow.found import WORDS, Says, finding_of, found_in
from mobile.workflow.outbox_view import RecordState, number_of, record_unknown, state_of
from mobile.workflow.ports import Equipment, Kept
from shared.inspection import Conclusion, Inspection, PartyAnswer
from shared.instrument import Instrument
from shared.lot import LotInspection
from shared.message import Message
from shared.premises import Premises
from shared.records import PremisesAmended

RECEIPTS: dict[str, type[Inspection | LotInspection]] = {
    "inspection.recorded": Inspection,
    "lot.inspected": LotInspection,
}
"""Records that give the other party a receipt."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed spot check in short, made from the record itself."""

    number: str
    """Short form of the record's id."""
    record_id: str
    digest: str
    payload: str
    """The text of the receipt's QR code; empty where the server's public address is not known."""
    observed_at: datetime
    instrument: Instrument | None
    """None where the phone does not know it any more."""
    serial_number: str
    premises: Premises | None
    conclusion: Conclusion | None
    lot: LotInspection | None = None
    """Where a lot was inspected and no instrument."""
    found: Message | None = None
    """Where something was found on site, and nothing was checked."""
    party: PartyAnswer | None
    officers: list[str]
    """Names."""
    state: RecordState


async def receipt_of(equipment: Equipment, digest: str) -> Receipt:
    """The receipt of a record in the outbox. Raises InputError ``record_unknown``."""
    store = equipment.store
    kept = await store.records.by_digest(digest)
    finding = finding_of(kept.envelope) if kept else None
    if kept is None or (kept.envelope.kind not in RECEIPTS and finding is None):
        raise record_unknown()
    if finding:
        return await _of_finding(equipment, kept, finding)
    record_id = kept.envelope.record_id
    payload = msgspec.json.decode(kept.envelope.payload, type=RECEIPTS[kept.envelope.kind])
    inspection = payload if isinstance(payload, Inspection) else None
    lot = payload if isinstance(payload, LotInspection) else None
    enrolled = await enrolled_here(store.settings)
    address = enrolled.public_url.rstrip("/") if enrolled else ""
    return Receipt(
        number=number_of(record_id),
        record_id=record_id,
        digest=digest,
        payload=f"{address}/R/{record_id}" if address else "",
        observed_at=kept.envelope.observed_at,
        instrument=await store.registry.instrument(inspection.instrument.instrument_id)
        if inspection
        else None,
        serial_number=inspection.instrument.serial_number if inspection else "",
        premises=await store.registry.premises(payload.premises_id) if payload.premises_id else None,
        conclusion=inspection.conclusion if inspection else None,
        lot=lot,
        party=payload.other_party.answer if payload.other_party else None,
        officers=names_of(enrolled, payload.officers),
        state=state_of(kept),
    )


def names_of(enrolled: Enrolled | None, officers: Sequence[str]) -> list[str]:
    """The officers' names, as far as this phone knows them."""
    people = [enrolled.person, *enrolled.colleagues] if enrolled else []
    names = {person.person_id: person.name for person in people}
    return [names.get(officer, "") for officer in officers]


async def _of_finding(equipment: Equipment, kept: Kept, finding: Says) -> Receipt:
    """The receipt of something found. It has no code: the page behind one tells of checks alone."""
    registry = equipment.store.registry
    instrument = None
    if isinstance(finding, PremisesAmended):
        where = finding.premises_id
    else:
        instrument = await registry.instrument(finding.instrument_id)
        where = instrument.premises_id if instrument else ""
    evidence = finding.evidence
    party = evidence.other_party if evidence else None
    return Receipt(
        number=number_of(kept.envelope.record_id),
        record_id=kept.envelope.record_id,
        digest=kept.digest,
        payload="",
        observed_at=kept.envelope.observed_at,
        instrument=instrument,
        serial_number=instrument.serial_number if instrument else "",
        premises=await registry.premises(where),
        conclusion=None,
        found=WORDS[found_in(finding)],
        party=party.answer if party else None,
        officers=names_of(
            await enrolled_here(equipment.store.settings), evidence.officers if evidence else []
        ),
        state=state_of(kept),
    )
