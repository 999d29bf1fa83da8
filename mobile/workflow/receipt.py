"""The receipt of a finished spot check: what the other party takes away."""

from __future__ import annotations

from datetime import datetime

import msgspec

from mobile.workflow.enrolled import enrolled_here
from mobile.workflow.outbox_view import RecordState, number_of, record_unknown, state_of
from mobile.workflow.ports import Equipment
from shared.inspection import Conclusion, Inspection, PartyAnswer
from shared.instrument import Instrument
from shared.lot import LotInspection
from shared.premises import Premises

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
    party: PartyAnswer | None
    officers: list[str]
    """Names."""
    state: RecordState


async def receipt_of(equipment: Equipment, digest: str) -> Receipt:
    """The receipt of a record in the outbox. Raises InputError ``record_unknown``."""
    store = equipment.store
    kept = await store.records.by_digest(digest)
    if kept is None or kept.envelope.kind not in RECEIPTS:
        raise record_unknown()
    record_id = kept.envelope.record_id
    payload = msgspec.json.decode(kept.envelope.payload, type=RECEIPTS[kept.envelope.kind])
    inspection = payload if isinstance(payload, Inspection) else None
    lot = payload if isinstance(payload, LotInspection) else None
    enrolled = await enrolled_here(store.settings)
    people = [enrolled.person, *enrolled.colleagues] if enrolled else []
    names = {person.person_id: person.name for person in people}
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
        officers=[names.get(officer, "") for officer in payload.officers],
        state=state_of(kept),
    )
