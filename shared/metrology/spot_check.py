"""The conclusion of a spot check, worked out from what was answered; the phone and the server call the same functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from shared.clock import local_date
from shared.inspection import (
    Conclusion,
    Finding,
    FindingOutcome,
    FindingSubject,
    Headline,
    Inspection,
    InstrumentFacts,
    LabelCheck,
    PlannedPoint,
    PointRole,
    PointVerdict,
    Reading,
    VisualAnswer,
)
from shared.message import Message, msgid
from shared.metrology.catalogue import Catalogue, Kind, OnFlag
from shared.metrology.plan import IN_SERVICE, check_standard, named_load, plan, scale_of, weights_too_coarse
from shared.metrology.weighing import (
    Judgement,
    Outcome,
    Scale,
    error_before_rounding,
    judge_load,
    judge_price,
    judge_repeatability,
    judge_zero,
    worst,
)
from shared.quantity import Quantity, plain

YUAN = "元"


def judge_reading(
    catalogue: Catalogue, facts: InstrumentFacts, reading: Reading, zero_error: Decimal | None = None
) -> PointVerdict | None:
    """The judgement of one reading; None where it was not done. ``zero_error`` is E0 in grams if it was measured."""
    if reading.indication is None:
        return None
    scale = scale_of(facts)
    if reading.role is PointRole.PRICE:
        price = reading.unit_price or Decimal(0)
        return verdict(reading.point, judge_price(price, reading.test_load, reading.indication.value), YUAN)
    indication = reading.indication.to("g").value
    added = reading.added_weights.to("g").value if reading.added_weights else None
    if reading.role is PointRole.ZERO:
        return verdict(reading.point, judge_zero(scale, indication, added))
    judgement = judge_load(
        catalogue.weighing,
        scale,
        IN_SERVICE,
        load=reading.test_load.to("g").value,
        indication=indication,
        added=added,
        zero_error=zero_error,
    )
    return verdict(reading.point, judgement)


def judge_point(
    catalogue: Catalogue,
    facts: InstrumentFacts,
    point: PlannedPoint,
    indication: Decimal,
    added_weights: Decimal | None = None,
    zero_error: Decimal | None = None,
) -> PointVerdict:
    """The judgement while a figure is being typed: ``indication`` in the display's unit, ``added_weights`` in grams."""
    reading = Reading(
        point=point.key,
        role=point.role,
        test_load=point.load,
        indication=Quantity(indication, point.unit),
        added_weights=None if added_weights is None else Quantity(added_weights, "g"),
        unit_price=point.unit_price,
    )
    found = judge_reading(catalogue, facts, reading, zero_error)
    assert found is not None  # noqa: S101  the indication is there
    return found


def verdict(point: str, judgement: Judgement, unit: str = "g") -> PointVerdict:
    """A judgement as it is kept and shown."""
    return PointVerdict(
        point=point,
        outcome=judgement.outcome,
        error_of_indication=Quantity(plain(judgement.error_of_indication), unit),
        limit=Quantity(plain(judgement.limit), unit),
        half_width=Quantity(plain(judgement.half_width), unit),
        working=judgement.working,
        finer=judgement.finer,
    )


def measured_zero(facts: InstrumentFacts, readings: list[Reading]) -> Decimal | None:
    """E0 in grams, where the zero was read with added weights."""
    zero = standing(readings).get("zero")
    if zero is None or zero.indication is None or zero.added_weights is None:
        return None
    added = zero.added_weights.to("g").value
    return error_before_rounding(scale_of(facts), Decimal(0), zero.indication.to("g").value, added)


def standing(readings: list[Reading]) -> dict[str, Reading]:
    """The last attempt at each point."""
    last: dict[str, Reading] = {}
    for reading in readings:
        if reading.point not in last or reading.attempt >= last[reading.point].attempt:
            last[reading.point] = reading
    return last


def conclude(catalogue: Catalogue, inspection: Inspection) -> Conclusion:
    """The three findings and the headline.

    The edition is the one that judges on the day the check was finished (in China). A reading that is missing never becomes a pass.
    """
    kind = catalogue.kind(inspection.instrument.kind)
    day = local_date(inspection.finished_at)
    edition = catalogue.edition(kind.id, day)
    notes = []
    if edition.pending:
        values = {"pending": edition.pending.document, "judging": edition.judging.document}
        notes.append(
            Message("{pending} is in force, its text is still to be checked; judged by {judging}.", values)
        )
    measurement = Measurement(catalogue, kind, inspection, day)
    marks = judge_marks(kind, inspection)
    status = judge_verification(inspection.instrument, day)
    finding = measurement.finding()
    headline = headline_of(finding, marks, status)
    return Conclusion(
        headline=headline,
        words=headline_words(headline, measurement.covered_to()),
        findings=[finding, marks, status],
        points=list(measurement.verdicts.values()),
        spread=measurement.spread,
        edition=edition.judging.document,
        catalogue_version=catalogue.version,
        covered_to=measurement.covered_to(),
        notes=notes + measurement.notes,
    )


class Measurement:
    """Judges all readings of one inspection together."""

    def __init__(self, catalogue: Catalogue, kind: Kind, inspection: Inspection, day: date) -> None:
        self.kind, self.inspection = kind, inspection
        self.verdicts: dict[str, PointVerdict] = {}
        self.spread: PointVerdict | None = None
        self.notes: list[Message] = []
        self.reasons: list[Message] = []
        self.outcomes: list[Outcome] = []
        self.last = standing(inspection.readings)
        self.scale: Scale | None = None
        if kind.procedure is None:
            return
        for standard in inspection.standards:
            check_standard(standard, day)
        self.scale = scale_of(inspection.instrument)
        self.notes += weights_too_coarse(catalogue, inspection.instrument, inspection.standards)
        self.zero_error = measured_zero(inspection.instrument, inspection.readings)
        titles = {
            point.key: point.title
            for point in plan(catalogue, inspection.instrument, inspection.standards, day)
        }
        self.judge_each(catalogue, titles)
        self.judge_repeats(catalogue)
        self.look_at_earlier_attempts(catalogue, titles)
        self.look_for_missing(titles)

    def judge_each(self, catalogue: Catalogue, titles: Mapping[str, Message]) -> None:
        facts = self.inspection.instrument
        for key, reading in self.last.items():
            judged = judge_reading(catalogue, facts, reading, self.zero_error)
            if judged is None:
                self.outcomes.append(Outcome.UNDECIDED)
                self.reasons.append(Message("{point}: not done", {"point": shown_point(key, titles)}))
                continue
            self.verdicts[key] = judged
            self.outcomes.append(judged.outcome)
            self.explain(judged, titles)

    def explain(self, judged: PointVerdict, titles: Mapping[str, Message]) -> None:
        """Adds the reason that a point gives, if it gives one."""
        values: dict[str, str | Message] = {
            "point": shown_point(judged.point, titles),
            "error": judged.error_of_indication.shown_signed(),
            "limit": judged.limit.shown(),
        }
        if judged.outcome is Outcome.BEYOND:
            self.reasons.append(Message("{point}: error {error}, limit ±{limit}", values))
        elif judged.outcome is Outcome.UNDECIDED:
            text = msgid("{point}: the display does not resolve whether {error} is within ±{limit}")
            self.reasons.append(Message(text, values))

    def judge_repeats(self, catalogue: Catalogue) -> None:
        assert self.scale  # noqa: S101  only called when the kind is judged
        repeats = [
            reading
            for reading in self.last.values()
            if reading.role is PointRole.REPEATABILITY and reading.indication is not None
        ]
        if len(repeats) < 2:
            return
        readings = [
            (each.indication.to("g").value, each.added_weights.to("g").value if each.added_weights else None)
            for each in repeats
            if each.indication
        ]
        load = repeats[0].test_load.to("g").value
        judgement = judge_repeatability(catalogue.weighing, self.scale, IN_SERVICE, load, readings)
        self.spread = verdict("repeatability", judgement)
        self.outcomes.append(self.spread.outcome)
        values = {"spread": self.spread.error_of_indication.shown(), "limit": self.spread.limit.shown()}
        if self.spread.outcome is Outcome.BEYOND:
            self.reasons.append(Message("Repeats differ by {spread}, limit {limit}", values))
        elif self.spread.outcome is Outcome.UNDECIDED:
            self.reasons.append(
                Message("Repeats differ by {spread}: the display does not resolve it", values)
            )

    def look_at_earlier_attempts(self, catalogue: Catalogue, titles: Mapping[str, Message]) -> None:
        """A failure that was measured again without a recorded cause stands."""
        for reading in self.inspection.readings:
            if reading is self.last[reading.point]:
                continue
            judged = judge_reading(catalogue, self.inspection.instrument, reading, self.zero_error)
            if judged is None or judged.outcome is not Outcome.BEYOND:
                continue
            values: dict[str, str | Message] = {
                "point": shown_point(reading.point, titles),
                "error": judged.error_of_indication.shown_signed(),
            }
            if reading.superseded_because:
                self.notes.append(Message("{point}: an earlier attempt read {error}; measured again", values))
            else:
                self.outcomes.append(Outcome.BEYOND)
                self.reasons.append(
                    Message("{point}: an earlier attempt read {error}, without a cause", values)
                )

    def look_for_missing(self, titles: Mapping[str, Message]) -> None:
        """What the plan asked for and nobody answered, and whether the range suffices to decide."""
        assert self.scale  # noqa: S101
        assert self.kind.procedure  # noqa: S101
        for key in dict.fromkeys([*titles, *self.inspection.planned]):
            if key not in self.last:
                self.outcomes.append(Outcome.UNDECIDED)
                self.reasons.append(Message("{point}: not read", {"point": shown_point(key, titles)}))
        needed = max(named_load(name, self.scale) for name in self.kind.procedure.deciding_loads)
        if self.largest() < needed:
            self.outcomes.append(Outcome.UNDECIDED)
            values: dict[str, str | Message] = {"needed": mass(needed)}
            self.reasons.append(
                Message("The weights carried do not reach {needed}, the least that decides", values)
            )

    def largest(self) -> Decimal:
        """The largest load in grams that was judged."""
        judged = [
            self.last[key].test_load.to("g").value
            for key in self.verdicts
            if self.last[key].role is PointRole.LOAD
        ]
        return max(judged, default=Decimal(0))

    def covered_to(self) -> Quantity | None:
        """How far up the range was checked, where that is not all of it."""
        if self.scale is None or not self.largest() or self.largest() >= self.scale.capacity_max:
            return None
        kilograms = Quantity(self.largest(), "g").to("kg" if self.largest() >= 1000 else "g")
        return Quantity(plain(kilograms.value), kilograms.unit)

    def finding(self) -> Finding:
        """The finding on the measurement."""
        if self.kind.procedure is None:
            reason = Message("The measurement of this kind is not judged here; have it verified if in doubt.")
            return Finding(FindingSubject.MEASUREMENT, FindingOutcome.NOT_JUDGED, [reason])
        outcome = {
            Outcome.WITHIN: FindingOutcome.WITHIN,
            Outcome.BEYOND: FindingOutcome.OVER_LIMIT,
            Outcome.UNDECIDED: FindingOutcome.UNDECIDED,
        }[worst(self.outcomes)]
        return Finding(FindingSubject.MEASUREMENT, outcome, self.reasons)


def judge_marks(kind: Kind, inspection: Inspection) -> Finding:
    """The finding on marks and seals: a flag on a tell-tale is suspected cheating; an unanswered question is undecided."""
    answers = {each.question: each for each in inspection.visual}
    outcomes, reasons = [FindingOutcome.WITHIN], []
    for question in kind.questions(inspection.instrument.manufactured_on):
        answer = answers.get(question.id)
        if answer is None:
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
        spread=conclusion.spread and msgspec.structs.replace(conclusion.spread, working=[], finer=None),
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


def shown_point(key: str, titles: Mapping[str, Message]) -> Message:
    """A point's short name."""
    return titles.get(key) or Message("Point {key}", {"key": key})


def mass(value: Decimal) -> str:
    """Grams as people say it, in kilograms from one on."""
    quantity = Quantity(value, "g").to("kg" if value >= 1000 else "g")
    return Quantity(plain(quantity.value), quantity.unit).shown()
