"""Rows of the projections: what a state is kept as, and what it is looked up by."""

from __future__ import annotations

import msgspec

from server.services.moments import written
from server.services.projecting import SUBJECT_TYPES, Projected, State
from server.store import records as store
from shared.instrument import Instrument
from sync.envelope import Envelope

_encode = msgspec.json.Encoder().encode


def state_row(county: str, subject: str, state_seq: int, state: State) -> store.Row:
    """A state as it is kept and pulled."""
    return {
        "county": county,
        "subject": subject,
        "subject_type": SUBJECT_TYPES[type(state)],
        "state_seq": state_seq,
        "state": _encode(state),
    }


def instrument_row(instrument: Instrument) -> store.Row:
    """What an instrument is looked up by; no more of it than the columns hold."""
    return {
        "instrument_id": instrument.instrument_id,
        "county": instrument.county,
        "kind": instrument.kind.replace("\0", "")[:48],
        "serial_key": serial_key(instrument.serial_number),
        "label": instrument.label,
        "premises_id": instrument.premises_id,
    }


def inspection_row(envelope: Envelope, projected: Projected, seq: int) -> store.Row:
    """The headline of an inspection, as worked out here and as stated."""
    return {
        "record_id": envelope.record_id,
        "county": envelope.county,
        "seq": seq,
        "instrument_id": projected.instrument,
        "observed_at": written(envelope.observed_at),
        "headline": projected.headline,
        "stated": projected.stated,
    }


def serial_key(serial_number: str) -> str:
    """A serial number for comparing: letters' case, spaces and hyphens don't count, nor what is beyond any nameplate's length."""
    return "".join(character for character in serial_number.upper() if character.isalnum())[:64]
