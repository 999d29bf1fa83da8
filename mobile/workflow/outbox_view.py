"""The phone's own records as a person sees them: what waits, what was taken, what needs doing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from mobile.workflow.found import WORDS, finding_of, found_in
from mobile.workflow.ports import Equipment, Kept, Store
from mobile.workflow.witnessing import problem_of
from shared.errors import InputError, Problem
from shared.lot import lot_headline
from shared.message import Message
from shared.metrology.judging import Outcome
from sync.envelope import Envelope
from sync.messages import Status
from sync.ports import FilesLeft
from sync.witness import Fault


class RecordState(StrEnum):
    """待传, 已传, 已转交, 已收, 暂存, 冲突, 被退."""

    WAITING = "waiting"
    SENT = "sent"
    """Left the phone, no ruling yet."""
    HANDED_OVER = "handed_over"
    """Somebody else carries it to the office, no ruling yet."""
    ACCEPTED = "accepted"
    """Accepted or duplicate."""
    HELD = "held"
    CONFLICTING = "conflicting"
    REFUSED = "refused"

    @property
    def needs_a_person(self) -> bool:
        """Whether the row belongs under 要你处理."""
        return self in (RecordState.REFUSED, RecordState.CONFLICTING)


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """One record in the list."""

    record_id: str
    digest: str
    number: str
    """The short number that stands on the receipt."""
    kind: str
    title: Message
    """For example ``Spot check``."""
    subtitle: str
    """Stall and site, or the serial number."""
    headline: str
    """A value of ``shared.inspection.Headline`` or ``shared.lot.LotHeadline``, or empty for records that have none."""
    observed_at: datetime
    state: RecordState
    state_words: Message
    problem: Problem | None
    """Why it was refused or held: ``what`` and ``remedy``."""
    instrument_id: str = ""
    files: FilesLeft | None = None
    """Photos and signatures of it that the office does not have yet."""


class OutboxList(msgspec.Struct, frozen=True):
    """The outbox screen."""

    needs_you: list[OutboxRow]
    others: list[OutboxRow]
    counts: dict[RecordState, int]
    files: FilesLeft
    """Photos and signatures of all records together."""
    accusations: list[Problem] = []
    """What speaks against the office's ledger."""
    remarks: list[Problem] = []
    """What became of it by the office's own account, for which it is not to blame."""


class RecordPage(msgspec.Struct, frozen=True, kw_only=True):
    """One record opened: the row, its bytes as text, and where it stands in the chain."""

    row: OutboxRow
    body: str
    """The record's JSON exactly as it was signed."""
    chain: str
    sequence: int
    previous: str
    size: int
    ledger_seq: int | None = None
    """Its place on the office's signed ledger, once that was verified."""


TITLES = {
    "chain.opened": Message("Phone taken into service"),
    "premises.registered": Message("Site registered"),
    "instrument.registered": Message("Instrument registered"),
    "instrument.amended": Message("Entry corrected"),
    "premises.amended": Message("Site corrected"),
    "label.bound": Message("Label bound"),
    "alias.bound": Message("Code of others bound"),
    "inspection.recorded": Message("Spot check"),
    "lot.inspected": Message("Lot of prepackages"),
    "verification.recorded": Message("Verification"),
    "sticker.affixed": Message("Sticker affixed"),
    "roster.noted": Message("Absent or scrapped"),
    "campaign.confirmed": Message("Confirmation by the site"),
    "record.withdrawn": Message("Record withdrawn"),
}
STATE_WORDS = {
    RecordState.WAITING: Message("Waiting to be sent"),
    RecordState.SENT: Message("Sent"),
    RecordState.HANDED_OVER: Message("Handed over, no answer from the office yet"),
    RecordState.ACCEPTED: Message("Received"),
    RecordState.HELD: Message("Held"),
    RecordState.CONFLICTING: Message("In conflict"),
    RecordState.REFUSED: Message("Refused"),
}
_STATES = {
    Status.ACCEPTED: RecordState.ACCEPTED,
    Status.DUPLICATE: RecordState.ACCEPTED,
    Status.HELD: RecordState.HELD,
    Status.CONFLICTING: RecordState.CONFLICTING,
    Status.REFUSED: RecordState.REFUSED,
}


class _Shown(msgspec.Struct):
    """What a payload may hold that a row shows."""

    serial_number: str = ""
    stall: str = ""
    name: str = ""
    label: str = ""
    goods: str = ""


def _state_of(status: Status) -> RecordState:
    """A status of a newer server waits, as far as this app can tell, until it knows the word."""
    return _STATES.get(status, RecordState.HELD)


def state_of(kept: Kept) -> RecordState:
    """What became of a record, in the words of the screen."""
    if kept.ruling is None and kept.handed_over:
        return RecordState.HANDED_OVER
    if kept.ruling is None:
        return RecordState.SENT if kept.sent else RecordState.WAITING
    return _state_of(kept.ruling.status)


def number_of(record_id: str) -> str:
    """The short form of a record's id that people read out: its last ten hexadecimal digits in two groups."""
    tail = record_id.replace("-", "")[-10:].upper()
    return f"{tail[:5]}-{tail[5:]}"


async def needing_a_person(store: Store) -> list[Kept]:
    """Records refused or in conflict, the newest first; not a refused one whose subject was recorded anew since, nor a correction of which nothing is disputed."""
    return [kept for kept in await store.records.needing_a_person() if not await _is_settled(store, kept)]


async def _is_settled(store: Store, kept: Kept) -> bool:
    if not kept.envelope.subjects:
        return False
    subject = kept.envelope.subjects[0]
    if state_of(kept) is RecordState.REFUSED:
        return any(
            later.position > kept.position
            and later.envelope.kind == kept.envelope.kind
            and not state_of(later).needs_a_person
            for later in await store.records.about(subject)
        )
    if kept.envelope.kind != "instrument.amended":
        return False
    instrument = await store.registry.instrument(subject)
    return instrument is not None and not instrument.disputes and not instrument.continued_by


class OutboxView:
    """Reads the outbox; writes nothing."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment

    async def rows(self, limit: int = 100) -> OutboxList:
        """What needs a person, whole and on top; then the newest of the rest."""
        records = self._equipment.store.records
        needing = await needing_a_person(self._equipment.store)
        upper = {kept.digest for kept in needing}
        others = [kept for kept in await records.newest(limit) if kept.digest not in upper]
        left = await self._equipment.store.attachments.left()
        return OutboxList(
            [await self._row(kept, left) for kept in needing],
            [await self._row(kept, left) for kept in others],
            await self._counts(),
            FilesLeft(sum(one.waiting for one in left.values()), sum(one.failed for one in left.values())),
            await self._said_of_the_ledger(accuses=True),
            await self._said_of_the_ledger(accuses=False),
        )

    async def _said_of_the_ledger(self, accuses: bool) -> list[Problem]:
        store, said = self._equipment.store, []
        for evidence in await store.witnessed.evidence():
            if (evidence.fault is not Fault.RESTORED) is accuses:
                kept = await store.records.by_digest(evidence.digest) if evidence.digest else None
                number = number_of(kept.envelope.record_id) if kept else ""
                said.append(problem_of(evidence, self._equipment.regions, number))
        return said

    async def _counts(self) -> dict[RecordState, int]:
        counts = dict.fromkeys(RecordState, 0)
        for status, number in (await self._equipment.store.records.counts()).items():
            state = RecordState.WAITING if status == "waiting" else _state_of(Status(status))
            counts[state] += number
        return counts

    async def record(self, digest: str) -> RecordPage:
        """Raises InputError ``record_unknown``."""
        kept = await self._equipment.store.records.by_digest(digest)
        if kept is None:
            raise record_unknown()
        return RecordPage(
            row=await self._row(kept, await self._equipment.store.attachments.left()),
            body=kept.body.decode(),
            chain=kept.envelope.chain,
            sequence=kept.envelope.sequence,
            previous=kept.envelope.previous or "",
            size=len(kept.body),
            ledger_seq=kept.ruling.ledger_seq if kept.ruling and kept.proven else None,
        )

    async def _row(self, kept: Kept, left: Mapping[str, FilesLeft]) -> OutboxRow:
        envelope = kept.envelope
        state = state_of(kept)
        shown = msgspec.json.decode(envelope.payload, type=_Shown)
        subtitle = " · ".join(
            text for text in (shown.name, shown.goods, shown.stall, shown.serial_number) if text
        )
        headline, instrument_id = "", ""
        if envelope.kind == "inspection.recorded":
            headline = headline_of(envelope.payload)
        elif envelope.kind == "lot.inspected":
            headline = lot_headline_of(envelope.payload)
        for subject in envelope.subjects:
            instrument = await self._equipment.store.registry.instrument(subject)
            if instrument:
                instrument_id = subject
                site = await self._equipment.store.registry.premises(instrument.premises_id)
                words = (site.name if site else "", instrument.stall, instrument.serial_number)
                subtitle = " · ".join(text for text in words if text)
                break
        return OutboxRow(
            record_id=envelope.record_id,
            digest=kept.digest,
            number=number_of(envelope.record_id),
            kind=envelope.kind,
            title=title_of(envelope),
            subtitle=subtitle,
            headline=headline,
            observed_at=envelope.observed_at,
            state=state,
            state_words=STATE_WORDS[state],
            problem=kept.ruling.problem if kept.ruling else None,
            instrument_id=instrument_id,
            files=left.get(envelope.record_id),
        )


def title_of(envelope: Envelope) -> Message:
    """What a record is called: what was found, where it was found on site."""
    finding = finding_of(envelope)
    return WORDS[found_in(finding)] if finding else TITLES.get(envelope.kind, Message("Record"))


def record_unknown() -> InputError:
    """What is raised where a record is asked for that this phone has not written."""
    return InputError(
        "record_unknown", "This phone has no such record.", "Look it up in the outbox or on the console."
    )


class _Judged(msgspec.Struct):
    outcome: Outcome = Outcome.UNDECIDED
    label: Outcome = Outcome.UNDECIDED


class _Lot(msgspec.Struct):
    verdict: _Judged = msgspec.field(default_factory=_Judged)


def lot_headline_of(payload: msgspec.Raw | bytes) -> str:
    """The headline over a lot as the phone stated it."""
    verdict = msgspec.json.decode(payload, type=_Lot).verdict
    return lot_headline(verdict.outcome, verdict.label)


class _Headline(msgspec.Struct):
    headline: str = ""


class _Concluded(msgspec.Struct):
    conclusion: _Headline = msgspec.field(default_factory=_Headline)


def headline_of(payload: msgspec.Raw | bytes) -> str:
    """The headline that the phone's conclusion put over an inspection, or empty."""
    return msgspec.json.decode(payload, type=_Concluded).conclusion.headline
