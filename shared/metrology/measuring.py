"""What all families have in common: every reading is judged, an earlier failure stands, and what is missing never becomes a pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property

import msgspec

from shared.clock import local_date
from shared.errors import InputError
from shared.inspection import Inspection, PlannedPoint, PointVerdict, Reading, StandardUsed
from shared.memo import remembered
from shared.message import Message, msgid
from shared.metrology.judging import Judgement, Limit, Outcome, Stage
from shared.quantity import NoQuantityError, Quantity, plain

_encode = msgspec.json.Encoder().encode


class Judge(ABC):
    """Judges one instrument on one day by the edition that judges then."""

    stage: Stage

    @abstractmethod
    def limit(
        self, reference: Quantity, zone: str = "", inputs: Mapping[str, Quantity] | None = None
    ) -> Limit:
        """The maximum permissible errors at a value of the reference quantity. Raises InputError where none is known."""

    @abstractmethod
    def plan(self, standards: Sequence[StandardUsed]) -> list[PlannedPoint]:
        """The points in the order of the flow; none where nothing can be measured with these standards."""

    @cached_property
    def _plans(self) -> dict[bytes, list[PlannedPoint]]:
        return {}

    def planned(self, standards: Sequence[StandardUsed]) -> list[PlannedPoint]:
        """As :meth:`plan`, worked out once for the same standards: a team carries them all day."""
        return remembered(self._plans, _encode(standards), lambda: self.plan(standards))

    def judge(self, reading: Reading, readings: Sequence[Reading]) -> PointVerdict | None:
        """The judgement of one reading, ``readings`` being all of the check; None where it was not done.

        Raises InputError where it can't be judged.
        """
        try:
            return self.verdict_on(reading, readings)
        except ArithmeticError as error:
            raise impossible(reading) from error

    @abstractmethod
    def verdict_on(self, reading: Reading, readings: Sequence[Reading]) -> PointVerdict | None:
        """As :meth:`judge`, by the family's own arithmetic; figures that nobody can have read may be beyond it (ArithmeticError)."""

    @abstractmethod
    def measurement(self, inspection: Inspection) -> Measurement:
        """All readings of an inspection, to be judged together."""

    def half_step(self, point: PlannedPoint, indication: Decimal) -> Quantity | None:
        """Of weighing only: the ½e that decides a reading just at the limit."""
        del point, indication
        return None


def verdict(point: str, judgement: Judgement, unit: str) -> PointVerdict:
    """A judgement as it is kept and shown."""
    below = judgement.limit_below
    return PointVerdict(
        point=point,
        outcome=judgement.outcome,
        error_of_indication=Quantity(plain(judgement.error_of_indication), unit),
        limit=Quantity(plain(judgement.limit), unit),
        limit_below=None if below is None or below == -judgement.limit else Quantity(plain(below), unit),
        half_width=Quantity(plain(judgement.half_width), unit),
        working=judgement.working,
        finer=judgement.finer,
    )


def together_title(point: str, titles: Mapping[str, Message]) -> Message:
    """What a judgement of several readings is called: ``repeatability``, ``repeatability:20 L``, ``returning:falling:1 MPa``."""
    what, _, where = point.partition(":")
    found = titles.get(where) or next(
        (titles[key] for key in titles if where and key.startswith(f"{where}:")), None
    )
    names = {
        "repeatability": Message("Spread of repeats"),
        "returning": Message("Falling against rising"),
        "response": Message("Response time"),
    }
    name = names.get(what, Message("Readings together"))
    if found is None:
        return name
    if what == "repeatability" and "title" in found.values:
        # The title without the number of the repeat.
        found = found.values["title"] if isinstance(found.values["title"], Message) else found
    return Message(msgid("{name}, {point}"), {"name": name, "point": found})


def standing(readings: Iterable[Reading]) -> dict[str, Reading]:
    """The last attempt at each point of those that were not set aside with a cause."""
    last: dict[str, Reading] = {}
    for reading in readings:
        if reading.superseded_because:
            continue
        if reading.point not in last or reading.attempt >= last[reading.point].attempt:
            last[reading.point] = reading
    return last


def check_standard(standard: StandardUsed, on: date) -> None:
    """Refuses a reference standard whose own certificate has expired: InputError ``standard_expired``."""
    if standard.valid_until < on:
        raise InputError(
            "standard_expired",
            "The certificate of {nominal} expired on {valid_until}.",
            "Use another standard, or have this one verified first.",
            nominal=standard.nominal.shown(),
            valid_until=standard.valid_until,
        )


def impossible(reading: Reading) -> InputError:
    """The error of figures with which no arithmetic can be done."""
    shown = reading.indication or reading.reference
    return NoQuantityError(
        "quantity_impossible",
        "{value} {unit} can't have been measured.",
        "Read the figure again.",
        value=shown.value,
        unit=shown.unit,
    )


def said(error: InputError) -> Message:
    """What is wrong, as a reason."""
    return error.problem.said()


class Measurement(ABC):
    """Judges all readings of one inspection together. It raises nothing: what can't be judged is undecided, with its reason."""

    def __init__(self, judge: Judge, inspection: Inspection) -> None:
        self.judge, self.inspection = judge, inspection
        self.verdicts: dict[str, PointVerdict] = {}
        self.together: list[PointVerdict] = []
        self.notes: list[Message] = []
        self.reasons: list[Message] = []
        self.outcomes: list[Outcome] = []
        self.fit = True
        """Whether the standards may judge at all: with unfit ones even a failure decides nothing."""
        self.last = standing(inspection.readings)
        # The points that these standards allow, whether or not their certificates have run out since.
        day = local_date(inspection.finished_at)
        valid = [msgspec.structs.replace(one, valid_until=day) for one in inspection.standards]
        self.planned = judge.planned(valid)
        self.titles = {point.key: point.title for point in self.planned}

    def run(self) -> Measurement:
        """Judges."""
        self.look_at_certificates()
        self.look_at_standards()
        for key, reading in self.last.items():
            judged = self.judged(reading)
            if judged:
                self.verdicts[key] = judged
                self.outcomes.append(judged.outcome)
                self.explain(judged)
            else:
                self.outcomes.append(Outcome.UNDECIDED)
                self.reasons.append(Message("{point}: not done", {"point": self.title(key)}))
        try:
            self.judge_together()
        except ArithmeticError:
            self.outcomes.append(Outcome.UNDECIDED)
            self.reasons.append(Message("The readings taken together give no figure: read them again."))
        self.look_at_earlier_attempts()
        self.look_for_missing()
        self.look_at_range()
        return self

    @abstractmethod
    def look_at_standards(self) -> None:
        """Standards that are too coarse for the limits judge nothing."""

    @abstractmethod
    def judge_together(self) -> None:
        """What several readings say together, for example the spread of repeats."""

    def look_at_range(self) -> None:  # noqa: B027  only weighing has a least that decides
        """Whether what was judged suffices to decide."""

    def covered_to(self) -> Quantity | None:
        """How far up the range was checked, where that is not all of it."""
        return None

    def judged(self, reading: Reading) -> PointVerdict | None:
        """The judgement of one reading, None where it was not done or can't be judged."""
        try:
            return self.judge.judge(reading, self.inspection.readings)
        except InputError as error:
            self.reasons.append(said(error))
            return None

    def answers(self, reading: Reading, point: PlannedPoint) -> bool:
        """Whether a reading is of the point that was planned: a small load under a large one's name is no answer."""
        return reading.role is point.role and reading.reference.equals(point.reference)

    def title(self, key: str) -> Message:
        """A point's short name."""
        return self.titles.get(key) or Message("Point {key}", {"key": key})

    def look_at_certificates(self) -> None:
        """A standard whose certificate ran out before the last reading judges nothing."""
        last_read = max((each.read_at for each in self.inspection.readings if each.read_at), default=None)
        day = local_date(last_read or self.inspection.finished_at)
        for standard in self.inspection.standards:
            try:
                check_standard(standard, day)
            except InputError as error:
                self.fit = False
                self.reasons.append(said(error))

    def explain(self, judged: PointVerdict) -> None:
        """Adds the reason that a point gives, if it gives one."""
        if judged.outcome is Outcome.WITHIN:
            return
        values: dict[str, str | Message] = {
            "point": self.title(judged.point),
            "error": judged.error_of_indication.shown_signed(),
            "limit": judged.limits_shown(),
        }
        if judged.outcome is Outcome.BEYOND:
            self.reasons.append(Message("{point}: error {error}, limit {limit}", values))
        else:
            text = msgid("{point}: the display does not resolve whether {error} is within {limit}")
            self.reasons.append(Message(text, values))

    def look_at_earlier_attempts(self) -> None:
        """A failure that was measured again without a recorded cause stands."""
        for reading in self.inspection.readings:
            if reading is self.last.get(reading.point):
                continue
            judged = self.judged(reading)
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

    def look_for_missing(self) -> None:
        """What the plan asked for and nobody answered."""
        asked = {point.key: point for point in self.planned}
        for key in dict.fromkeys([*asked, *self.inspection.planned]):
            reading = self.last.get(key)
            if reading is None or (key in asked and not self.answers(reading, asked[key])):
                self.outcomes.append(Outcome.UNDECIDED)
                self.reasons.append(Message("{point}: not read", {"point": self.title(key)}))
