"""Rows of the projections, what a state is kept as and what it is looked up by, and of the chains."""

from __future__ import annotations

import msgspec
from sqlalchemy import RowMapping

from server.services.moments import written
from server.services.projecting import SUBJECT_TYPES, Projected, State
from server.store import records as store
from shared.instrument import Attention, Instrument, LabelTrouble, serial_key
from shared.lot import Lot
from shared.premises import Premises
from shared.verification import StickerBlock
from sync.chain import ChainNote, ChainState
from sync.envelope import Envelope, Sealed
from sync.intake import Opened
from sync.messages import Ruling

_encode = msgspec.json.Encoder().encode
_cosignatures = msgspec.msgpack.Encoder().encode


def state_row(county: str, subject: str, state_seq: int, state: State) -> store.Row:
    """A state as it is kept and pulled."""
    return {
        "county": county,
        "subject": subject,
        "subject_type": SUBJECT_TYPES[type(state)],
        "state_seq": state_seq,
        "state": _encode(state),
        "disputed": is_disputed(state),
    }


def is_disputed(state: State) -> bool:
    """Whether a person in the office must decide something about it."""
    match state:
        case Instrument(continued_by=str()):
            return False
        case Instrument():
            swapped = state.label_trouble is LabelTrouble.SWAPPED
            return bool(state.disputes) or swapped or state.attention is Attention.RECHECK
        case Premises():
            return bool(state.disputes)
        case Lot():
            return state.disputed
        case StickerBlock():
            return bool(state.twice)
    return False


def ledger_row(record: Opened, seq: int, received_at: str, note: ChainNote, doubtful: bool) -> store.Row:
    """A record as the ledger keeps it."""
    envelope, sealed = record.envelope, record.sealed
    return {
        "county": envelope.county,
        "seq": seq,
        "record_id": envelope.record_id,
        "digest": record.digest,
        "kind": envelope.kind,
        "schema": envelope.schema,
        "author": envelope.author,
        "author_key": envelope.author_key,
        "device": envelope.device,
        "chain": envelope.chain,
        "sequence": envelope.sequence,
        "chain_note": note.value,
        "clock_doubtful": doubtful,
        "observed_at": written(envelope.observed_at),
        "received_at": received_at,
        "body": sealed.body,
        "signature": sealed.signature,
        "cosignatures": cosignatures_of(sealed),
    }


def cosignatures_of(sealed: Sealed) -> bytes:
    """A record's further signatures as they are kept."""
    return _cosignatures(sealed.cosignatures)


def later_ruling_row(device: str, ruling: Ruling) -> store.Row:
    """A ruling as the phone ``device`` will pull it."""
    return {"device": device, "record_id": ruling.record_id, "ruling": msgspec.msgpack.encode(ruling)}


def chain_state(row: RowMapping) -> ChainState:
    """What is held of a chain, from its row."""
    return ChainState(row["chain"], row["device"], row["sequence"], row["digest"], row["count"])


def instrument_row(instrument: Instrument) -> store.Row:
    """What an instrument is looked up by; no more of it than the columns hold."""
    return {
        "instrument_id": instrument.instrument_id,
        "county": instrument.county,
        "kind": instrument.kind.replace("\0", "")[:48],
        "serial_key": serial_key(instrument.serial_number),
        "label": instrument.label,
        "premises_id": instrument.premises_id,
        "twin_key": twin_key(instrument),
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


def twin_key(instrument: Instrument) -> str:
    """What no two instruments have alike, kind, maker and serial number; empty where that says nothing, or the office decided."""
    serial = serial_key(instrument.serial_number)
    if not serial or instrument.shares_serial or instrument.continued_by:
        return ""
    return f"{instrument.kind.replace(chr(0), '')[:48]} {serial_key(instrument.manufacturer)} {serial}"
