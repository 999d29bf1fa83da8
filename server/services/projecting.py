"""Works states out of records: the same ledger always gives the same states.

Pure: a record and the states it touches go in, the changed states come out. Every change of a state takes one ``state_seq`` in the record's county.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from server.services.settling import (
    KEPT_INSPECTIONS,
    following,
    instrument_amended,
    merged,
    newer,
    premises_amended,
    registered_anew,
    resolved,
)
from server.services.verifying import needs_to_verify, verifying
from shared.amending import InstrumentField, PremisesField
from shared.campaign import Campaign
from shared.clock import local_date
from shared.errors import Problem, QuanhengError
from shared.inspection import Headline, Inspection
from shared.instrument import Attention, Instrument, LabelTrouble, LastInspection, VerificationStatus
from shared.lot import Lot, LotFinding, LotInspection, LotVerdict, lot_headline
from shared.metrology.catalogue import Catalogue
from shared.metrology.judging import Outcome
from shared.metrology.prepackages.lots import judge_lot
from shared.metrology.prepackages.rules import PrepackageRules
from shared.metrology.spot_check import conclude
from shared.premises import Premises
from shared.records import (
    AliasBound,
    Conflict,
    ConflictResolved,
    InstrumentAmended,
    InstrumentRegistered,
    InstrumentsMerged,
    LabelBound,
    LabelVoided,
    PremisesAmended,
    PremisesRegistered,
    StandardRegistered,
    VerificationImported,
)
from shared.standard import Standard
from shared.verification import (
    FAILS,
    StickerBlock,
    VerificationResult,
    failed_on,
    last_suspected,
    last_verified,
    passed_on,
)
from sync.envelope import Envelope
from sync.intake import label_swapped

State = Instrument | Premises | Campaign | Standard | Lot | StickerBlock
SUBJECT_TYPES: dict[type[Any], str] = {
    Instrument: "instrument",
    Premises: "premises",
    Campaign: "campaign",
    Standard: "standard",
    Lot: "lot",
    StickerBlock: "sticker_block",
}
STATE_TYPES = {name: state_type for state_type, name in SUBJECT_TYPES.items()}


class Rulebooks(msgspec.Struct, frozen=True):
    """What the office judges by: the rules on instruments and those on prepackages."""

    catalogue: Catalogue
    prepackages: PrepackageRules


class Projected(msgspec.Struct, frozen=True):
    """What a record changed."""

    states: dict[str, State]
    """By subject."""
    headline: str = ""
    """Of an inspection, as worked out here; empty for other records."""
    stated: str = ""
    """As the phone stated it."""
    instrument: str = ""
    """Of an inspection: what was inspected, an instrument or a lot."""
    conflicting: bool = False
    """Whether a person must look: two findings or values that contradict each other, neither author having seen the other's."""
    problem: Problem | None = None
    """What such a person is told."""


def needs(payload: msgspec.Struct) -> dict[str, type[State]]:
    """The subjects that must be known before this record can be applied, and what each must be."""
    match payload:
        case InstrumentRegistered():
            return {payload.premises_id: Premises}
        case LabelBound() | AliasBound() | VerificationImported():
            return {payload.instrument_id: Instrument}
        case LabelVoided():
            named = [payload.instrument_id, *([payload.seen_on] if payload.seen_on else [])]
            return dict.fromkeys(named, Instrument)
        case Inspection():
            return {payload.instrument.instrument_id: Instrument}
        case LotInspection(premises_id=str(premises_id)):
            return {premises_id: Premises}
    return needs_to_verify(payload) or needs_to_settle(payload)


def needs_to_settle(payload: msgspec.Struct) -> dict[str, type[State]]:
    """The subjects of corrections and of the office's decisions; a new site must be known, too."""
    match payload:
        case InstrumentAmended():
            moved = [each.after for each in payload.changes if each.field is InstrumentField.PREMISES_ID]
            return {**dict.fromkeys(moved, Premises), payload.instrument_id: Instrument}
        case PremisesAmended():
            return {payload.premises_id: Premises}
        case ConflictResolved(conflict=Conflict.FIELD, field=name) if name in set(PremisesField):
            return {payload.subject: Premises}
        case ConflictResolved():
            moved = [payload.value] if payload.field == InstrumentField.PREMISES_ID else []
            return {**dict.fromkeys(moved, Premises), payload.subject: Instrument}
        case InstrumentsMerged():
            return {payload.continues: Instrument, payload.merged: Instrument}
    return {}


def project(
    envelope: Envelope,
    payload: msgspec.Struct,
    find: Callable[[str], State | None],
    rules: Rulebooks,
    received_at: datetime,
) -> Projected:
    """The states as they are after this record, which came at ``received_at``; ``find`` gives a subject's state before it."""
    match payload:
        case PremisesRegistered():
            return registered(envelope, payload, find(payload.premises_id))
        case InstrumentRegistered():
            return registered(envelope, payload, find(payload.instrument_id))
        case StandardRegistered():
            fields = msgspec.structs.asdict(payload)
            return Projected({payload.standard_id: Standard(county=envelope.county, **fields)})
        case LabelBound():
            return label_bound(following(find, payload.instrument_id), payload)
        case LabelVoided():
            return label_voided(envelope, following(find, payload.instrument_id), payload)
        case AliasBound():
            return alias_bound(following(find, payload.instrument_id), payload)
        case VerificationImported():
            return verified(following(find, payload.instrument_id), payload)
        case Inspection():
            return inspected(envelope, payload, find, rules.catalogue, received_at)
        case LotInspection():
            return lot_inspected(envelope, payload, find(payload.lot_id), rules.prepackages)
    return concluded(envelope, payload, find, rules) or settled(envelope, payload, find)


def concluded(
    envelope: Envelope, payload: msgspec.Struct, find: Callable[[str], State | None], rules: Rulebooks
) -> Projected | None:
    """What verifiers write, and what it moves; None for a record of other kinds."""
    instrument = following(find, getattr(payload, "instrument_id", ""))
    seen = (
        isinstance(instrument, Instrument)
        and version_seen(envelope, instrument.instrument_id) >= instrument.version
    )
    found = verifying(envelope, payload, find, rules, seen)
    if found is None:
        return None
    states, problem = found
    return Projected(states, conflicting=problem is not None, problem=problem)


def settled(envelope: Envelope, payload: msgspec.Struct, find: Callable[[str], State | None]) -> Projected:
    """Corrections, and the office's decisions on conflicts."""
    match payload:
        case InstrumentAmended():
            return corrected(*instrument_amended(envelope, payload, find))
        case PremisesAmended():
            return corrected(*premises_amended(envelope, payload, find))
        case ConflictResolved():
            after = resolved(envelope, payload, find)
            return Projected({payload.subject: after} if after else {})
        case InstrumentsMerged():
            return Projected(merged(payload, find))
    return Projected({})


def corrected(after: Instrument | Premises | None, problem: Problem | None = None) -> Projected:
    """A subject as corrected, and whether a person must look."""
    if after is None:
        return Projected({})
    subject = after.instrument_id if isinstance(after, Instrument) else after.premises_id
    return Projected({subject: after}, conflicting=problem is not None, problem=problem)


def registered(
    envelope: Envelope,
    payload: PremisesRegistered | InstrumentRegistered,
    before: State | None,
) -> Projected:
    """A site or an instrument as registered, or registered anew over what was known."""
    fields = msgspec.structs.asdict(payload)
    if isinstance(payload, PremisesRegistered):
        if isinstance(before, Premises):
            return corrected(*registered_anew(envelope, before, fields))
        return corrected(Premises(county=envelope.county, **fields))
    if isinstance(before, Instrument):
        return corrected(*registered_anew(envelope, before, fields))
    return corrected(Instrument(version=1, county=envelope.county, **fields))


def changed(before: State | None, **fields: Any) -> Projected:
    """An instrument with other values in some fields and the next version."""
    if not isinstance(before, Instrument):
        return Projected({})
    after = msgspec.structs.replace(before, version=before.version + 1, **fields)
    return Projected({before.instrument_id: after})


def label_bound(before: State | None, payload: LabelBound) -> Projected:
    """The label is in force from now on, whatever was the matter with the one before."""
    return changed(before, label=payload.label, label_trouble=LabelTrouble.NONE, label_voided_by=None)


def label_voided(envelope: Envelope, before: State | None, payload: LabelVoided) -> Projected:
    """The label is out of force. One that was seen on another instrument waits for the office; what is known of that is graver than a loss."""
    if not isinstance(before, Instrument):
        return Projected({})
    swapped = payload.because is LabelTrouble.SWAPPED
    if before.label != payload.label or (before.label_trouble is LabelTrouble.SWAPPED and not swapped):
        # Nothing changes, and the state is handed out once more, as for a code that is bound already.
        return Projected({before.instrument_id: before})
    after = changed(before, label_trouble=payload.because, label_voided_by=envelope.record_id)
    problem = label_swapped() if swapped else None
    return msgspec.structs.replace(after, conflicting=swapped, problem=problem)


def alias_bound(before: State | None, payload: AliasBound) -> Projected:
    """The code stands for this instrument from now on; one that stood for another still does, for nobody's word displaces another's."""
    if not isinstance(before, Instrument):
        return Projected({})
    if payload.key in before.aliases:
        # Nothing changes, and the state is handed out once more: the author's phone lays its own over the mirror until it comes.
        return Projected({before.instrument_id: before})
    return changed(before, aliases=[*before.aliases, payload.key])


def verified(before: State | None, payload: VerificationImported) -> Projected:
    """A verification: the newest by its day speaks. A passed one gives validity, and clears what was suspected up to that day."""
    if not isinstance(before, Instrument):
        return Projected({})
    last = last_verified(before)
    if last and payload.verified_on < last:
        # Nothing changes, and the state is handed out once more, as for a code that is bound already.
        return Projected({before.instrument_id: before})
    if payload.result is not VerificationResult.PASSED:
        return updated(before, failed_on(before, payload.verified_on))
    status = VerificationStatus(
        verified_on=payload.verified_on,
        valid_until=payload.valid_until,
        body=payload.body,
        certificate_no=payload.certificate_no,
    )
    return updated(before, passed_on(before, status))


def updated(before: Instrument, after: Instrument) -> Projected:
    """The instrument as it is now, with the next version."""
    return Projected({before.instrument_id: newer(before, after)})


def attention_after(before: Instrument, headline: Headline, contradicts: bool) -> Attention:
    """What the next inspector must know; only a verification clears a suspicion."""
    if headline is Headline.SUSPECTED_CHEATING:
        return Attention.SUSPECTED_CHEATING
    if headline is Headline.SUSPECTED_OVER_LIMIT and not contradicts:
        return Attention.SUSPECTED_OVER_LIMIT
    if contradicts:
        return Attention.RECHECK
    return before.attention


PASSES = {Headline.WITHIN, Headline.WITHIN_BUT_EXPIRED, Headline.WITHIN_UNVERIFIED}


def inspected(
    envelope: Envelope,
    payload: Inspection,
    find: Callable[[str], State | None],
    catalogue: Catalogue,
    received_at: datetime,
) -> Projected:
    """A spot check: its conclusion is worked out anew, and the phone's kept beside it."""
    stated = payload.conclusion.headline.value if payload.conclusion else ""
    try:
        headline = conclude(catalogue, payload).headline
    except QuanhengError:
        # What can't be judged here is not judged; the record stays, and its page says why.
        headline = Headline.UNDECIDED
    instrument_id = payload.instrument.instrument_id
    before = following(find, instrument_id)
    if not isinstance(before, Instrument):
        return Projected({}, headline.value, stated, instrument_id)
    contradicts = contradicted(envelope, before, headline)
    last = LastInspection(
        record_id=envelope.record_id, observed_at=envelope.observed_at, headline=headline.value
    )
    # A check was made before it came in, whatever the phone's clock says: one that was ahead must not outlast every verification.
    found_on = min(local_date(envelope.observed_at), local_date(received_at))
    suspected = [day for day in (last_suspected(before), found_on if headline in FAILS else None) if day]
    result = changed(
        before,
        attention=attention_after(before, headline, contradicts),
        suspected_on=max(suspected, default=None),
        inspections=[last, *before.inspections][:KEPT_INSPECTIONS],
    )
    return Projected(result.states, headline.value, stated, before.instrument_id, contradicts)


def contradicted(envelope: Envelope, before: Instrument, headline: Headline) -> bool:
    """One pass and one fail, and this author had not seen the other finding (DESIGN §3, conflicts)."""
    if not before.inspections:
        return False
    other = before.inspections[0].headline
    opposite = (headline in FAILS and other in PASSES) or (headline in PASSES and other in FAILS)
    return opposite and version_seen(envelope, before.instrument_id) < before.version


def version_seen(envelope: Envelope, subject: str) -> int:
    """The version of a subject that the author was looking at; 0 where they had seen none."""
    return next((basis.version for basis in envelope.basis if basis.subject == subject), 0)


def lot_inspected(
    envelope: Envelope, payload: LotInspection, before: State | None, rules: PrepackageRules
) -> Projected:
    """A lot of prepackages: judged anew from its readings, and what the phone stated kept beside it."""
    verdict = judge_lot(rules, payload)
    finding = LotFinding(
        record_id=envelope.record_id,
        observed_at=envelope.observed_at,
        content=verdict.outcome,
        label=verdict.label,
        stated_content=payload.verdict.outcome if payload.verdict else None,
        stated_label=payload.verdict.label if payload.verdict else None,
    )
    known = before if isinstance(before, Lot) else None
    unseen = known is not None and version_seen(envelope, payload.lot_id) < known.version
    contradicts = known is not None and unseen and opposite(verdict, known.findings[0])
    lot = Lot(
        lot_id=payload.lot_id,
        version=known.version + 1 if known else 1,
        county=envelope.county,
        premises_id=payload.premises_id,
        goods=payload.goods,
        producer=payload.producer,
        batch_no=payload.batch_no,
        nominal=payload.nominal,
        lot_size=payload.lot_size,
        findings=[finding, *(known.findings if known else [])][:KEPT_INSPECTIONS],
        # Whoever has seen the contradiction and inspects again settles it; whoever has not leaves it.
        disputed=contradicts or (known is not None and known.disputed and unseen),
    )
    headline = lot_headline(verdict.outcome, verdict.label).value
    said = payload.verdict
    stated = lot_headline(said.outcome, said.label).value if said else ""
    return Projected({payload.lot_id: lot}, headline, stated, payload.lot_id, contradicts)


def opposite(verdict: LotVerdict, other: LotFinding) -> bool:
    """One pass and one fail."""
    return {verdict.outcome, other.content} == {Outcome.WITHIN, Outcome.BEYOND}
