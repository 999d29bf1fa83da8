"""The conclusion of a spot check, worked out from what was answered; the phone and the server call the same functions."""

from __future__ import annotations

from datetime import date

import msgspec

from shared.clock import local_date
from shared.errors import InputError
from shared.inspection import (
    Conclusion,
    Finding,
    FindingOutcome,
    FindingSubject,
    Headline,
    Inspection,
    InstrumentFacts,
    LabelCheck,
    VisualAnswer,
)
from shared.message import Message
from shared.metrology.catalogue import Catalogue, Kind, OnFlag
from shared.metrology.editions import pending_notes
from shared.metrology.judges import judge_of
from shared.metrology.judging import Outcome, worst
from shared.metrology.measuring import Measurement, said
from shared.quantity import Quantity

MEASURED = {
    Outcome.WITHIN: FindingOutcome.WITHIN,
    Outcome.BEYOND: FindingOutcome.OVER_LIMIT,
    Outcome.UNDECIDED: FindingOutcome.UNDECIDED,
}


def conclude(catalogue: Catalogue, inspection: Inspection) -> Conclusion:
    """The three findings and the headline.

    The edition is the one that judges on the day the check was finished (in China). A reading that is missing never becomes a pass.
    """
    kind = catalogue.kind(inspection.instrument.kind)
    day = local_date(inspection.finished_at)
    notes = edition_notes(catalogue, kind, day)
    finding, measurement = measured(catalogue, kind, inspection, day)
    marks = judge_marks(kind, inspection)
    status = judge_verification(inspection.instrument, day)
    headline = headline_of(finding, marks, status)
    covered_to = measurement.covered_to() if measurement else None
    return Conclusion(
        headline=headline,
        words=headline_words(headline, covered_to),
        findings=[finding, marks, status],
        points=list(measurement.verdicts.values()) if measurement else [],
        together=measurement.together if measurement else [],
        edition=catalogue.judging(kind.id, day),
        catalogue_version=catalogue.version,
        covered_to=covered_to,
        notes=notes + (measurement.notes if measurement else []),
    )


def edition_notes(catalogue: Catalogue, kind: Kind, day: date) -> list[Message]:
    """That a newer edition is in force whose text is still to be checked (新规程待核)."""
    if kind.procedure is None or not catalogue.judging(kind.id, day):
        return []
    return pending_notes(catalogue.edition(kind.id, day))


def measured(
    catalogue: Catalogue, kind: Kind, inspection: Inspection, day: date
) -> tuple[Finding, Measurement | None]:
    """The finding on the measurement, with the judgements that it rests on; these are None where nothing could be judged."""
    if kind.procedure is None:
        reason = Message("The measurement of this kind is not judged here; have it verified if in doubt.")
        return Finding(FindingSubject.MEASUREMENT, FindingOutcome.NOT_JUDGED, [reason]), None
    try:
        measurement = judge_of(catalogue, inspection.instrument, day).measurement(inspection).run()
    except InputError as error:
        return Finding(FindingSubject.MEASUREMENT, FindingOutcome.UNDECIDED, [said(error)]), None
    outcome = MEASURED[worst(measurement.outcomes) if measurement.fit else Outcome.UNDECIDED]
    return Finding(FindingSubject.MEASUREMENT, outcome, measurement.reasons), measurement


def judge_marks(kind: Kind, inspection: Inspection) -> Finding:
    """The finding on marks and seals: a flag on a tell-tale is suspected cheating; an unanswered question is undecided."""
    answers = {each.question: each for each in inspection.visual}
    outcomes, reasons = [FindingOutcome.WITHIN], []
    for question in kind.questions(inspection.instrument.manufactured_on):
        answer = answers.get(question.id)
        # What every instrument has can't be waved away; only a newer design's question may not apply.
        waved = answer and answer.answer is VisualAnswer.NOT_APPLICABLE and not question.manufactured_from
        if answer is None or waved:
            outcomes.append(FindingOutcome.UNDECIDED)
            reasons.append(Message("Not looked at: {question}", {"question": Message(question.short)}))
        elif answer.answer is VisualAnswer.FLAG:
            cheating = question.on_flag is OnFlag.SUSPECTED_CHEATING
            outcomes.append(FindingOutcome.SUSPECTED_CHEATING if cheating else FindingOutcome.UNDECIDED)
            reasons.append(Message("Flagged: {question}", {"question": Message(question.short)}))
    if inspection.label in (LabelCheck.FORGED, LabelCheck.COPIED):
        outcomes.append(FindingOutcome.SUSPECTED_CHEATING)
        forged = inspection.label is LabelCheck.FORGED
        reasons.append(
            Message("The label's signature is wrong")
            if forged
            else Message("The label belongs to another instrument")
        )
    order = [FindingOutcome.SUSPECTED_CHEATING, FindingOutcome.UNDECIDED, FindingOutcome.WITHIN]
    return Finding(FindingSubject.MARKS_AND_SEALS, min(outcomes, key=order.index), reasons)


def judge_verification(facts: InstrumentFacts, day: date) -> Finding:
    """The finding on the verification status, on ``day``."""
    subject = FindingSubject.VERIFICATION_STATUS
    if not facts.verification_known:
        return Finding(subject, FindingOutcome.UNKNOWN, [Message("No verification is known on this phone.")])
    if facts.valid_until is not None and facts.valid_until < day:
        values: dict[str, str | Message] = {"valid_until": facts.valid_until.isoformat()}
        return Finding(
            subject, FindingOutcome.EXPIRED, [Message("The verification expired on {valid_until}.", values)]
        )
    return Finding(subject, FindingOutcome.VALID)


def without_working(conclusion: Conclusion) -> Conclusion:
    """The conclusion as a record keeps it: the working can be worked out again from the readings."""
    return msgspec.structs.replace(
        conclusion,
        points=[msgspec.structs.replace(point, working=[], finer=None) for point in conclusion.points],
        together=[msgspec.structs.replace(each, working=[], finer=None) for each in conclusion.together],
    )


def headline_of(measurement: Finding, marks: Finding, status: Finding) -> Headline:
    """The worst of the three: a measured failure is never hidden by a flag, nor a flag by a good error."""
    if marks.outcome is FindingOutcome.SUSPECTED_CHEATING:
        return Headline.SUSPECTED_CHEATING
    if measurement.outcome is FindingOutcome.OVER_LIMIT:
        return Headline.SUSPECTED_OVER_LIMIT
    undecided = (FindingOutcome.UNDECIDED, FindingOutcome.NOT_JUDGED)
    if measurement.outcome in undecided or marks.outcome is FindingOutcome.UNDECIDED:
        return Headline.UNDECIDED
    if status.outcome is FindingOutcome.EXPIRED:
        return Headline.WITHIN_BUT_EXPIRED
    return Headline.WITHIN_UNVERIFIED if status.outcome is FindingOutcome.UNKNOWN else Headline.WITHIN


def headline_words(headline: Headline, covered_to: Quantity | None = None) -> Message:
    """The headline as a sentence."""
    fixed = {
        Headline.SUSPECTED_CHEATING: Message("Suspected cheating"),
        Headline.SUSPECTED_OVER_LIMIT: Message("Suspected over limit"),
        Headline.UNDECIDED: Message("Undecided"),
    }
    if headline in fixed:
        return fixed[headline]
    values: dict[str, str | Message] = {"load": covered_to.shown()} if covered_to else {}
    if headline is Headline.WITHIN_BUT_EXPIRED:
        if covered_to:
            return Message("Indications within limits (checked to {load}), but verification expired", values)
        return Message("Indications within limits, but verification expired")
    if headline is Headline.WITHIN_UNVERIFIED:
        if covered_to:
            return Message("Indications within limits (checked to {load}), verification not known", values)
        return Message("Indications within limits, verification not known")
    return Message("Within limits (checked to {load})", values) if covered_to else Message("Within limits")
