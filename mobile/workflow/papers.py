"""The papers that a sealed record gives: 回执, 现场检查笔录 and, where the findings call for it, 责令改正通知书.

They say what the record says and no more. A rule stands on them by its document and its clause only where the catalogue is sure of it; what
the officers decide (the provision, the term) is a line to be written on, never a guess.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from mobile.workflow.draft import CANNOT_REASONS, NO_STANDARD
from mobile.workflow.drawing import STROKES_MEDIA_TYPE, Drawing
from mobile.workflow.enrolled import enrolled_here
from mobile.workflow.outcome_words import FINDING_SUBJECTS, PARTY_WORDS, POINT_WORDS, finding_words
from mobile.workflow.paper import (
    Blank,
    Block,
    Code,
    Facts,
    Heading,
    Paper,
    PaperKind,
    Paragraph,
    Signature,
    Table,
    Words,
)
from mobile.workflow.ports import Equipment
from mobile.workflow.receipt import Receipt, receipt_of
from mobile.workflow.under_way import REFUSAL_REASONS, SALT_BYTES
from shared.clock import CHINA_STANDARD_TIME, local_date
from shared.errors import InputError
from shared.inspection import (
    Conclusion,
    FindingOutcome,
    FindingSubject,
    Inspection,
    OtherParty,
    PartyAnswer,
    PointVerdict,
    Reading,
    VisualAnswer,
)
from shared.message import Message
from shared.metrology.editions import SURE
from shared.metrology.judges import plan
from shared.metrology.judging import Outcome

TITLES = {
    PaperKind.SITE_RECORD: Message("Record of the on-site check"),
    PaperKind.CORRECTION_NOTICE: Message("Notice to correct"),
    PaperKind.RECEIPT: Message("Receipt of the check"),
}
CALLED_FOR = {FindingOutcome.OVER_LIMIT, FindingOutcome.SUSPECTED_CHEATING, FindingOutcome.EXPIRED}
"""Findings that something has to be put right for."""
TO_BE_WRITTEN = Message("Provision that was broken (written in by the officers)")
WHAT_TO_DO = {
    FindingOutcome.OVER_LIMIT: Message(
        "Stop using this instrument, and have it verified; it may be used again when it has passed."
    ),
    FindingOutcome.SUSPECTED_CHEATING: Message(
        "Stop using this instrument, and leave it, its seals and its settings as they are until it has been examined."
    ),
    FindingOutcome.EXPIRED: Message(
        "Stop using this instrument until it has been verified and the verification is valid again."
    ),
}
EXPIRED_RULE = Message(
    "Article 22 of the Rules for the Implementation of the Metrology Law: no instrument may be used at work whose verification has expired."
)
"""计量法实施细则 22, read in its text; what other findings break is for the officers to name."""
SCREENING = Message(
    "This rests on a spot check. It is a screening and no verification: what it finds is suspected."
)
PROOF = Message("Any phone can check by this code, with a network, that the record has reached the office.")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed record with all that its papers need."""

    receipt: Receipt
    inspection: Inspection | None
    """None for a lot and for what was found on site, which give a receipt only."""
    body: str
    """The authority whose officers checked."""
    signature: Drawing | None
    titles: dict[str, Message]
    """The names of the points that were planned."""
    questions: dict[str, Message]
    rules: list[Words]
    """By what it was measured: document, and clause where that is sure."""
    kind_name: Words

    @property
    def kinds(self) -> list[PaperKind]:
        """The papers that this record gives."""
        if self.inspection is None:
            return [PaperKind.RECEIPT]
        notice = [PaperKind.CORRECTION_NOTICE] if called_for(self.inspection.conclusion) else []
        return [PaperKind.SITE_RECORD, *notice, PaperKind.RECEIPT]


def called_for(conclusion: Conclusion | None) -> list[FindingOutcome]:
    """The outcomes that something has to be put right for, each once, in the order of the findings."""
    findings = conclusion.findings if conclusion else []
    return list(dict.fromkeys(each.outcome for each in findings if each.outcome in CALLED_FOR))


async def source_of(equipment: Equipment, digest: str) -> Source:
    """What the papers of a record are made from. Raises InputError ``record_unknown``."""
    receipt = await receipt_of(equipment, digest)
    kept = await equipment.store.records.by_digest(digest)
    enrolled = await enrolled_here(equipment.store.settings)
    body = enrolled.person.body if enrolled else ""
    if receipt.lot or receipt.found or kept is None:
        return Source(
            receipt=receipt,
            inspection=None,
            body=body,
            signature=None,
            titles={},
            questions={},
            rules=[],
            kind_name="",
        )
    inspection = msgspec.json.decode(kept.envelope.payload, type=Inspection)
    facts, on = inspection.instrument, local_date(inspection.finished_at)
    kind = equipment.catalogue.kinds.get(facts.kind)
    try:
        points = plan(equipment.catalogue, facts, inspection.standards, on) if kind else []
    except InputError:
        points = []
    return Source(
        receipt=receipt,
        inspection=inspection,
        body=body,
        signature=await signature_of(equipment, inspection.other_party),
        titles={point.key: point.title for point in points},
        questions={each.id: Message(each.question) for each in kind.questions(facts.manufactured_on)}
        if kind
        else {},
        rules=rules_of(equipment, inspection),
        kind_name=Message(kind.name) if kind else facts.kind,
    )


async def signature_of(equipment: Equipment, party: OtherParty | None) -> Drawing | None:
    """The other party's signature, where this phone still has it."""
    if party is None or party.signature is None or party.signature.media_type != STROKES_MEDIA_TYPE:
        return None
    content = await equipment.blobs.get(party.signature.digest)
    if content is None:
        return None
    try:
        return msgspec.json.decode(content[SALT_BYTES:], type=Drawing)
    except msgspec.DecodeError:
        return None


def rules_of(equipment: Equipment, inspection: Inspection) -> list[Words]:
    """The edition that judged, and the limits' own document with its clause; what is only remembered stays away."""
    facts, on = inspection.instrument, local_date(inspection.finished_at)
    kind = equipment.catalogue.kinds.get(facts.kind)
    edition = (
        next((each for each in kind.editions if each.document == inspection.edition), None) if kind else None
    )
    found: list[Words] = [edition.document] if edition and edition.certainty in SURE else []
    limits = equipment.catalogue.limits_on(facts.kind, on) if kind and found else None
    if limits and limits.certainty in SURE:
        found.append(f"{limits.document} ({limits.clause})" if limits.clause else limits.document)
    return found


def paper_of(source: Source, kind: PaperKind, term: str = "") -> Paper:
    """One paper. ``term`` is what the officers set for putting things right; without it there is a line to write it on."""
    receipt = source.receipt
    if kind is PaperKind.RECEIPT or source.inspection is None:
        kind, blocks = PaperKind.RECEIPT, receipt_blocks(source)
    elif kind is PaperKind.SITE_RECORD:
        blocks = record_blocks(source, source.inspection)
    else:
        blocks = notice_blocks(source, source.inspection, term)
    code: list[Block] = [Code(receipt.payload, PROOF)] if receipt.payload else []
    proof = Facts(
        [(Message("Record"), [receipt.record_id]), (Message("Digest"), [receipt.digest])],
    )
    return Paper(
        kind=kind,
        title=TITLES[kind],
        number=receipt.number,
        blocks=[*blocks, Heading(Message("Proof")), proof, *code],
        foot=Message("No. {number}, made on the phone from the signed record", {"number": receipt.number}),
    )


def moment(when: datetime) -> str:
    """By China's clock, to the minute."""
    return when.astimezone(CHINA_STANDARD_TIME).strftime("%Y-%m-%d %H:%M")


def about(source: Source) -> list[tuple[Words, list[Words]]]:
    """Who, when, where and what: the head of every paper."""
    receipt, inspection = source.receipt, source.inspection
    stall = receipt.instrument.stall if receipt.instrument else ""
    where: list[Words] = [each for each in (receipt.premises.name if receipt.premises else "", stall) if each]
    checked: list[Words] = [moment(receipt.observed_at)]
    if inspection:
        checked = [f"{moment(inspection.started_at)} – {moment(inspection.finished_at)}"]
    rows: list[tuple[Words, list[Words]]] = [
        (Message("Receipt no."), [receipt.number]),
        (Message("Authority"), [source.body]),
        (Message("Inspectors"), [name for name in receipt.officers if name]),
        (Message("Where"), where),
        (Message("Checked"), checked),
    ]
    if inspection:
        rows += instrument_rows(source, inspection)
    elif receipt.found:
        rows.append((Message("Serial number"), [receipt.serial_number]))
    elif receipt.lot:
        rows.append((Message("Goods"), [f"{receipt.lot.goods} {receipt.lot.nominal.shown()}"]))
        rows.append((Message("Lot"), [Message("{count} packages", {"count": str(receipt.lot.lot_size)})]))
    return [(name, values) for name, values in rows if any(values)]


def instrument_rows(source: Source, inspection: Inspection) -> list[tuple[Words, list[Words]]]:
    """The instrument as the inspector relied on it."""
    facts = inspection.instrument
    sizes: list[Words] = [
        f"{sign} = {value.shown()}"
        for sign, value in (
            ("Max", facts.capacity_max),
            ("Min", facts.capacity_min),
            ("e", facts.verification_scale_interval),
            ("d", facts.actual_scale_interval),
        )
        if value
    ]
    until: list[Words] = [facts.valid_until.isoformat()] if facts.valid_until else []
    label = source.receipt.instrument.label if source.receipt.instrument else ""
    return [
        (Message("Instrument"), [source.kind_name]),
        (Message("Serial number"), [facts.serial_number]),
        (Message("Class"), [facts.accuracy_class]),
        (Message("Capacity and interval"), sizes),
        (Message("Label code"), [label or ""]),
        (Message("Verification valid until"), until),
    ]


def findings(conclusion: Conclusion) -> list[Block]:
    """The headline, then the three findings with their reasons."""
    rows: list[tuple[Words, list[Words]]] = [
        (FINDING_SUBJECTS[each.subject], [finding_words(each.subject, each.outcome), *each.reasons])
        for each in conclusion.findings
    ]
    return [Heading(Message("Outcome")), Paragraph(conclusion.words, strong=True), Facts(rows)]


def receipt_blocks(source: Source) -> list[Block]:
    receipt = source.receipt
    outcome: list[Block] = []
    if receipt.conclusion:
        outcome = findings(receipt.conclusion)
    elif receipt.lot and receipt.lot.verdict:
        outcome = [Heading(Message("Outcome")), Paragraph(receipt.lot.verdict.words, strong=True)]
    elif receipt.found:
        outcome = [Heading(Message("Found on site")), Paragraph(receipt.found, strong=True)]
    said: list[Block] = (
        [Facts([(Message("Other party"), [PARTY_WORDS[receipt.party]])])] if receipt.party else []
    )
    screening = [] if receipt.found else [Paragraph(SCREENING, small=True)]
    return [Facts(about(source)), *outcome, *said, *screening]


def record_blocks(source: Source, inspection: Inspection) -> list[Block]:
    """现场检查笔录: everything that was done and answered."""
    conclusion = inspection.conclusion
    blocks: list[Block] = [Facts(about(source)), *looked_at(source, inspection)]
    blocks += measured(source, inspection, conclusion)
    if conclusion:
        blocks += findings(conclusion)
        blocks += [Paragraph(each, small=True) for each in conclusion.notes]
    if inspection.photos:
        blocks.append(Heading(Message("Photos, by digest")))
        blocks += [Paragraph(each.digest, small=True) for each in inspection.photos]
    blocks += [*answered(source, inspection.other_party), *signed_by_officers(source)]
    return [*blocks, Paragraph(SCREENING, small=True)]


def looked_at(source: Source, inspection: Inspection) -> list[Block]:
    """The visual check, question by question."""
    if not inspection.visual:
        return []
    answers = {
        VisualAnswer.OK: Message("In order"),
        VisualAnswer.FLAG: Message("Flagged"),
        VisualAnswer.NOT_APPLICABLE: Message("Does not apply"),
    }
    rows: list[list[Words]] = [
        [source.questions.get(each.question, each.question), answers[each.answer], each.note]
        for each in inspection.visual
    ]
    heads: list[Words] = [Message("What was looked at"), Message("Answer"), Message("Note")]
    return [Heading(Message("Marks and seals")), Table(heads, rows, [6, 2, 3])]


def measured(source: Source, inspection: Inspection, conclusion: Conclusion | None) -> list[Block]:
    """Every attempt with its error and limit, then how each was worked out."""
    if not inspection.readings:
        return []
    verdicts = {each.point: each for each in conclusion.points} if conclusion else {}
    heads: list[Words] = [
        Message("Test point"),
        Message("Reference"),
        Message("Reading"),
        Message("Error"),
        Message("Limit"),
        Message("Outcome"),
    ]
    rows = [reading_row(source, each, verdicts.get(each.point)) for each in inspection.readings]
    blocks: list[Block] = [Heading(Message("Measurement")), Table(heads, rows, [4, 3, 3, 3, 3, 5])]
    standards: list[Words] = [
        Message(
            "{nominal} × {count}, class {accuracy_class}, valid until {until}",
            {
                "nominal": each.nominal.shown(),
                "count": str(each.count),
                "accuracy_class": each.accuracy_class,
                "until": each.valid_until.isoformat(),
            },
        )
        for each in inspection.standards
    ]
    facts: list[tuple[Words, list[Words]]] = [(Message("Standards"), [each]) for each in standards]
    facts += [(Message("Judged by"), [each]) for each in source.rules]
    blocks.append(Facts(facts))
    worked = [each for each in verdicts.values() if each.working]
    if worked:
        blocks.append(Heading(Message("How it is worked out")))
        blocks += [
            Facts([(source.titles.get(each.point, each.point), [line])])
            for each in worked
            for line in each.working
        ]
    return blocks


def reading_row(source: Source, reading: Reading, verdict: PointVerdict | None) -> list[Words]:
    """One attempt; the one that was set aside says why."""
    name = source.titles.get(reading.point, reading.point)
    shown = reading.indication.shown() if reading.indication else ""
    if reading.not_done_because:
        reasons: dict[str, Words] = dict([*CANNOT_REASONS, NO_STANDARD])
        why = reasons.get(reading.not_done_because, reading.not_done_because)
        return [name, reading.reference.shown(), "", "", "", why]
    if reading.superseded_because:
        return [name, reading.reference.shown(), shown, "", "", Message("Set aside, read again")]
    if verdict is None:
        return [name, reading.reference.shown(), shown, "", "", ""]
    error = verdict.error_of_indication.shown_signed()
    return [
        name,
        reading.reference.shown(),
        shown,
        error,
        verdict.limits_shown(),
        POINT_WORDS[verdict.outcome],
    ]


def answered(source: Source, party: OtherParty | None) -> list[Block]:
    """What the other party said, and its signature or its refusal."""
    if party is None:
        return []
    reasons: dict[str, Words] = dict(REFUSAL_REASONS) if party.answer is PartyAnswer.REFUSED else {}
    why = [reasons.get(party.reason, party.reason)] if party.reason else []
    said: list[Words] = [PARTY_WORDS[party.answer], *why]
    blocks: list[Block] = [Heading(Message("Other party")), Facts([(Message("Statement"), said)])]
    if source.signature:
        blocks.append(
            Signature(Message("Signature of the other party, as drawn on the glass"), source.signature)
        )
    elif party.answer is not PartyAnswer.REFUSED:
        blocks.append(Blank(Message("Signature of the other party")))
    return blocks


def signed_by_officers(source: Source) -> list[Block]:
    """A line for each officer, and the day."""
    officers = [name for name in source.receipt.officers if name] or [""]
    signs: list[Block] = [Blank(Message("Officer {name}", {"name": name})) for name in officers]
    return [*signs, Blank(Message("Date"))]


def notice_blocks(source: Source, inspection: Inspection, term: str) -> list[Block]:
    """责令改正通知书: which finding, by which rule, what is to be done, and by when as the officers decide."""
    conclusion = inspection.conclusion
    outcomes = called_for(conclusion)
    blocks: list[Block] = [Facts(about(source)), Heading(Message("What was found"))]
    for finding in conclusion.findings if conclusion else []:
        if finding.outcome in CALLED_FOR:
            words: list[Words] = [finding_words(finding.subject, finding.outcome), *finding.reasons]
            blocks.append(Facts([(FINDING_SUBJECTS[finding.subject], words)]))
            if finding.subject is FindingSubject.MEASUREMENT and conclusion:
                blocks += over_limit(source, conclusion)
    blocks.append(Heading(Message("By which rule")))
    blocks += [Paragraph(EXPIRED_RULE)] if FindingOutcome.EXPIRED in outcomes else []
    if FindingOutcome.OVER_LIMIT in outcomes:
        blocks += [Facts([(Message("Limits by"), [each])]) for each in source.rules]
    blocks += [Blank(TO_BE_WRITTEN)] if set(outcomes) - {FindingOutcome.EXPIRED} else []
    blocks.append(Heading(Message("What is to be done")))
    blocks += [Paragraph(WHAT_TO_DO[each]) for each in outcomes]
    name = Message("Term for correcting (set by the officers)")
    blocks.append(Facts([(name, [term])]) if term else Blank(name))
    blocks.append(Paragraph(SCREENING, small=True))
    blocks += [*signed_by_officers(source), Blank(Message("Seal of the authority"))]
    return [*blocks, Blank(Message("Received by the other party (signature, or refused and why)"))]


def over_limit(source: Source, conclusion: Conclusion) -> list[Block]:
    """The points beyond their limit, with figures."""
    heads: list[Words] = [Message("Test point"), Message("Error"), Message("Limit")]
    beyond = [each for each in conclusion.points if each.outcome is Outcome.BEYOND]
    rows: list[list[Words]] = [
        [
            source.titles.get(each.point, each.point),
            each.error_of_indication.shown_signed(),
            each.limits_shown(),
        ]
        for each in beyond
    ]
    return [Table(heads, rows, [2, 1, 1])] if rows else []
