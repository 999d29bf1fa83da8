"""The receipt of a finished spot check: what the other party takes away."""

from __future__ import annotations

from datetime import datetime

import msgspec

from mobile.workflow.enrolled import enrolled_here
from mobile.workflow.outbox_view import RecordState, number_of, record_unknown, state_of
from mobile.workflow.ports import Equipment
from shared.inspection import Conclusion, Inspection, PartyAnswer
from shared.instrument import Instrument
from shared.premises import Premises


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
    party: PartyAnswer | None
    officers: list[str]
    """Names."""
    state: RecordState


async def receipt_of(equipment: Equipment, digest: str) -> Receipt:
    """The receipt of a record in the outbox. Raises InputError ``record_unknown``."""
    store = equipment.store
    kept = await store.records.by_digest(digest)
    if kept is None or kept.envelope.kind != "inspection.recorded":
        raise record_unknown()
    record_id = kept.envelope.record_id
    inspection = msgspec.json.decode(kept.envelope.payload, type=Inspection)
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
        instrument=await store.registry.instrument(inspection.instrument.instrument_id),
        serial_number=inspection.instrument.serial_number,
        premises=await store.registry.premises(inspection.premises_id) if inspection.premises_id else None,
        conclusion=inspection.conclusion,
        party=inspection.other_party.answer if inspection.other_party else None,
        officers=[names.get(officer, "") for officer in inspection.officers],
        state=state_of(kept),
    )
