"""The conclusion of a spot check, worked out from what was answered; the phone and the server call the same functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

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
    PlannedPoint,
    PointRole,
    PointVerdict,
    Reading,
    VisualAnswer,
)
from shared.message import Message, msgid
from shared.metrology.catalogue import Catalogue, Kind, OnFlag
from shared.metrology.plan import (
    check_standard,
    loads_that_can_be_made,
    named_load,
    plan,
    rules_for,
)
from shared.metrology.weighing import (
    Judgement,
    Outcome,
    PossibleErrors,
    Rules,
    error_at,
    grams,
    judge_load,
    judge_price,
    judge_repeatability,
    judge_zero,
    limit_at,
    spoken,
    worst,
)
from shared.quantity import Quantity, plain

YUAN = "元"
NEARLY = Decimal("0.9")
"""The part of the wanted eccentric load from which on it is "about" that load (made here)."""


def judge_reading(rules: Rules, reading: Reading, readings: Sequence[Reading]) -> PointVerdict | None:
    """The judgement of one reading; None where it was not done.

    ``readings`` are all of the check: E0 comes from the zero among them, and the weight that a price goes by from the same load.
    """
    if reading.indication is None:
        return None
    load = reading.test_load.to("g").value
    if reading.role is PointRole.PRICE:
        if reading.unit_price is None:
            return None
        price = Quantity(reading.unit_price, YUAN).value
        weight = displayed(readings, load)
        return verdict(reading.point, judge_price(rules, price, load, reading.indication.value, weight), YUAN)
    indication, added = read_in_grams(reading)
    if reading.role is PointRole.ZERO:
        return verdict(reading.point, judge_zero(rules, indication, added))
    # A tare sets a zero of its own, of which the error at the empty pan says nothing.
    zero_error = None if reading.role is PointRole.TARE else measured_zero(rules, readings)
    judgement = judge_load(
        rules, load=load, indication=indication, added=added, jumped=reading.jumped, zero_error=zero_error
    )
    return verdict(reading.point, judgement)


def judge_point(
    rules: Rules,
    point: PlannedPoint,
    readings: Sequence[Reading],
    indication: Decimal,
    added_weights: Decimal | None = None,
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
    found = judge_reading(rules, reading, readings)
    assert found is not None  # noqa: S101  the indication is there
    return found


def read_in_grams(reading: Reading) -> tuple[Decimal, Decimal | None]:
    """Indication and added weights of a reading that was done."""
    assert reading.indication  # noqa: S101
    added = reading.added_weights.to("g").value if reading.added_weights else None
    return reading.indication.to("g").value, added


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


def measured_zero(rules: Rules, readings: Sequence[Reading]) -> Decimal | None:
    """E0 in grams, where the zero was read with added weights."""
    zero = standing(readings).get("zero")
    if zero is None or zero.indication is None or zero.added_weights is None or zero.jumped is not None:
        return None
    indication, added = read_in_grams(zero)
    found = error_at(rules.scale, Decimal(0), indication, added)
    return found.value if found.believable else None


def displayed(readings: Sequence[Reading], load: Decimal) -> Decimal | None:
    """What the display showed with ``load`` on, in grams; None where that was not read."""
    return next(
        (
            reading.indication.to("g").value
            for reading in standing(readings).values()
            if reading.role is PointRole.LOAD
            and reading.indication
            and reading.test_load.to("g").value == load
        ),
        None,
    )


def standing(readings: Sequence[Reading]) -> dict[str, Reading]:
    """The last attempt at each point of those that were not set aside with a cause."""
    last: dict[str, Reading] = {}
    for reading in readings:
        if reading.superseded_because:
            continue
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
    if edition.pending and kind.procedure:
        values = {"pending": edition.pending.document, "judging": edition.judging.document}
        notes.append(
            Message("{pending} is in force, its text is still to be checked; judged by {judging}.", values)
        )
    measurement = Measurement(catalogue, kind, inspection)
    marks = judge_marks(kind, inspection)
    status = judge_verification(inspection.instrument, day)
    finding = measurement.finding()
    headline = headline_of(finding, marks, status)
    covered_to = measurement.covered_to()
    return Conclusion(
        headline=headline,
        words=headline_words(headline, covered_to),
        findings=[finding, marks, status],
        points=list(measurement.verdicts.values()),
        spread=measurement.spread,
        edition=catalogue.judging(kind.id, day),
        catalogue_version=catalogue.version,
        covered_to=covered_to,
        notes=notes + measurement.notes,
    )


class Measurement:
    """Judges all readings of one inspection together. It raises nothing: what can't be judged is undecided, with its reason."""

    def __init__(self, catalogue: Catalogue, kind: Kind, inspection: Inspection) -> None:
        self.kind, self.inspection = kind, inspection
        self.verdicts: dict[str, PointVerdict] = {}
        self.spread: PointVerdict | None = None
        self.notes: list[Message] = []
        self.reasons: list[Message] = []
        self.outcomes: list[Outcome] = []
        self.fit = True
        """Whether the weights may judge at all: with unfit ones even a failure decides nothing."""
        self.last = standing(inspection.readings)
        self.titles: dict[str, Message] = {}
        self.rules: Rules | None = None
        if kind.procedure is None:
            return
        day = local_date(inspection.finished_at)
        try:
            self.rules = rules_for(catalogue, inspection.instrument, day)
            self.look_at_standards(self.rules)
            self.judge_all(self.rules, self.planned(catalogue, day))
        except InputError as error:
            self.outcomes.append(Outcome.UNDECIDED)
            self.reasons.append(said(error))

    def planned(self, catalogue: Catalogue, day: date) -> list[PlannedPoint]:
        """The points that these weights allow, whether or not their certificates have run out since."""
        valid = [msgspec.structs.replace(one, valid_until=day) for one in self.inspection.standards]
        return plan(catalogue, self.inspection.instrument, valid, day)

    def judge_all(self, rules: Rules, planned: list[PlannedPoint]) -> None:
        self.titles = {point.key: point.title for point in planned}
        for key, reading in self.last.items():
            judged = self.judge(rules, reading)
            if judged:
                self.verdicts[key] = judged
                self.outcomes.append(judged.outcome)
                self.explain(judged)
            else:
                self.outcomes.append(Outcome.UNDECIDED)
                self.reasons.append(Message("{point}: not done", {"point": self.title(key)}))
        self.judge_repeats(rules)
        self.look_at_earlier_attempts(rules)
        self.look_for_missing(rules, planned)

    def judge(self, rules: Rules, reading: Reading) -> PointVerdict | None:
        """The judgement of one reading, None where it was not done or can't be judged."""
        try:
            return judge_reading(rules, reading, self.inspection.readings)
        except InputError as error:
            self.reasons.append(said(error))
            return None

    def title(self, key: str) -> Message:
        """A point's short name."""
        return self.titles.get(key) or Message("Point {key}", {"key": key})

    def look_at_standards(self, rules: Rules) -> None:
        """Weights whose certificate has run out, or whose own limits are too wide for the scale, judge nothing."""
        readings = self.inspection.readings
        last_read = max((each.read_at for each in readings if each.read_at), default=None)
        day = local_date(last_read or self.inspection.finished_at)
        weights = rules.limits.weights
        for standard in self.inspection.standards:
            try:
                check_standard(standard, day)
            except InputError as error:
                self.fit = False
                self.reasons.append(said(error))
            if weights.mpe(standard.accuracy_class, standard.nominal.to("g").value) is None:
                text = msgid("{nominal} of class {accuracy_class}: its own limit is not in the catalogue.")
                values = {"nominal": standard.nominal.shown(), "accuracy_class": standard.accuracy_class}
                self.notes.append(Message(text, values))
        own_limits = loads_that_can_be_made(self.inspection.standards, rules)
        used = {each.test_load.to("g").value for each in self.last.values() if each.role is PointRole.LOAD}
        for load in sorted(used):
            values = {"load": spoken(load), "limit": grams(limit_at(rules, load).mpe)}
            own = own_limits.get(load)
            if own is None:
                self.fit = False
                self.reasons.append(Message("The weights carried do not make {load}", values))
            elif own.is_finite() and own * weights.divisor > limit_at(rules, load).mpe:
                self.fit = False
                text = msgid(
                    "The weights for {load} are too coarse: together up to ±{own}, the limit is ±{limit}."
                )
                self.reasons.append(Message(text, {**values, "own": grams(own)}))

    def explain(self, judged: PointVerdict) -> None:
        """Adds the reason that a point gives, if it gives one."""
        values: dict[str, str | Message] = {
            "point": self.title(judged.point),
            "error": judged.error_of_indication.shown_signed(),
            "limit": judged.limit.shown(),
        }
        if judged.outcome is Outcome.BEYOND:
            self.reasons.append(Message("{point}: error {error}, limit ±{limit}", values))
        elif judged.outcome is Outcome.UNDECIDED:
            text = msgid("{point}: the display does not resolve whether {error} is within ±{limit}")
            self.reasons.append(Message(text, values))

    def judge_repeats(self, rules: Rules) -> None:
        """The spread of all repeats that were not set aside: one that was read again without a cause counts too."""
        repeats: list[tuple[Decimal, PossibleErrors]] = []
        for reading in self.inspection.readings:
            if reading.role is not PointRole.REPEATABILITY or reading.superseded_because:
                continue
            if reading.point in self.verdicts and reading.indication:
                load = reading.test_load.to("g").value
                error = error_at(rules.scale, load, *read_in_grams(reading), reading.jumped)
                if error.believable:
                    repeats.append((load, error))
        if len(repeats) < 2:
            return
        judgement = judge_repeatability(rules, repeats[0][0], [error for _load, error in repeats])
        self.spread = verdict("repeatability", judgement)
        self.outcomes.append(self.spread.outcome)
        values = {"spread": self.spread.error_of_indication.shown(), "limit": self.spread.limit.shown()}
        if self.spread.outcome is Outcome.BEYOND:
            self.reasons.append(Message("Repeats differ by {spread}, limit {limit}", values))
        elif self.spread.outcome is Outcome.UNDECIDED:
            self.reasons.append(
                Message("Repeats differ by {spread}: the display does not resolve it", values)
            )

    def look_at_earlier_attempts(self, rules: Rules) -> None:
        """A failure that was measured again without a recorded cause stands."""
        for reading in self.inspection.readings:
            if reading is self.last.get(reading.point):
                continue
            judged = self.judge(rules, reading)
            if judged is None or judged.outcome is not Outcome.BEYOND:
                continue
            values: dict[str, str | Message] = {
                "point": self.title(reading.point),
                "error": judged.error_of_indication.shown_signed(),
            }
            if reading.superseded_because:
                text = msgid("{point}: an earlier attempt read {error}; it was set aside with a cause")
                self.notes.append(Message(text, values))
            else:
                self.outcomes.append(Outcome.BEYOND)
                self.reasons.append(
                    Message("{point}: an earlier attempt read {error}, without a cause", values)
                )

    def look_for_missing(self, rules: Rules, planned: list[PlannedPoint]) -> None:
        """What the plan asked for and nobody answered, and whether the loads suffice to decide."""
        asked = {point.key: point for point in planned}
        for key in dict.fromkeys([*asked, *self.inspection.planned]):
            reading = self.last.get(key)
            if reading is None or (key in asked and not answers(reading, asked[key])):
                self.outcomes.append(Outcome.UNDECIDED)
                self.reasons.append(Message("{point}: not read", {"point": self.title(key)}))
        self.look_at_range(rules)

    def look_at_range(self, rules: Rules) -> None:
        """Each of the deciding loads must have been judged, or one between it and the next of them."""
        assert self.kind.procedure  # noqa: S101  only called when the kind is judged
        needed = [named_load(name, rules.scale) for name in self.kind.procedure.deciding_loads]
        for low, high in zip(needed, [*needed[1:], Decimal("Infinity")], strict=True):
            if not any(low <= load < high for load in self.loads()):
                self.outcomes.append(Outcome.UNDECIDED)
                text = msgid("No load from {needed} on was judged, which is the least that decides")
                self.reasons.append(Message(text, {"needed": spoken(low)}))
        least, corner = min(self.loads(), default=Decimal(0)), self.largest(PointRole.ECCENTRICITY)
        if least > rules.scale.capacity_min:
            values = {"load": spoken(least), "capacity_min": spoken(rules.scale.capacity_min)}
            self.notes.append(Message("Checked from {load} on; Min is {capacity_min}.", values))
        wanted = rules.scale.capacity_max / self.kind.procedure.eccentricity_divisor
        if 0 < corner < wanted * NEARLY:
            values = {"load": spoken(corner), "wanted": spoken(wanted.quantize(Decimal(1)))}
            self.notes.append(
                Message("Corners were checked with {load}; the procedure asks for about {wanted}.", values)
            )

    def loads(self, role: PointRole = PointRole.LOAD) -> list[Decimal]:
        """The loads in grams that were judged."""
        return [
            self.last[key].test_load.to("g").value
            for key in self.verdicts
            if key in self.last and self.last[key].role is role
        ]

    def largest(self, role: PointRole = PointRole.LOAD) -> Decimal:
        """The largest load in grams that was judged."""
        return max(self.loads(role), default=Decimal(0))

    def covered_to(self) -> Quantity | None:
        """How far up the range was checked, where that is not all of it."""
        if self.rules is None or not 0 < self.largest() < self.rules.scale.capacity_max:
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
        }[worst(self.outcomes) if self.fit else Outcome.UNDECIDED]
        return Finding(FindingSubject.MEASUREMENT, outcome, self.reasons)


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


def answers(reading: Reading, point: PlannedPoint) -> bool:
    """Whether a reading is of the point that was planned: a small load under a large one's name is no answer."""
    return reading.role is point.role and reading.test_load.equals(point.load)


def said(error: InputError) -> Message:
    """What is wrong, as a reason."""
    return Message(error.problem.what, error.problem.details)
