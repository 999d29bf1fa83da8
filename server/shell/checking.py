"""``quanheng check``: the verdict on readings, with its working, as an inspector can read it out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import msgspec

from server.shell.check_words import (
    ASSUMED_CLASS,
    ASSUMED_WEIGHTS,
    NOBODY,
    Figures,
    facts_of,
    pairs,
    quantity,
    reading_of,
    standards_of,
)
from server.shell.printing import Page, catalogue, speaking
from shared.clock import local_date
from shared.errors import InputError
from shared.inspection import (
    Conclusion,
    Entry,
    Finding,
    FindingOutcome,
    FindingSubject,
    Inspection,
    InstrumentFacts,
    PlannedPoint,
    PointVerdict,
    Reading,
    StandardUsed,
)
from shared.message import Message, msgid
from shared.metrology.catalogue import Catalogue, Kind
from shared.metrology.judges import judge_of
from shared.metrology.judging import Outcome, Stage
from shared.metrology.procedure import PointsProcedure
from shared.metrology.spot_check import conclude
from shared.quantity import Quantity
from shared.standard import WEIGHT

EXIT = {
    FindingOutcome.WITHIN: 0,
    FindingOutcome.OVER_LIMIT: 1,
    FindingOutcome.UNDECIDED: 3,
    FindingOutcome.NOT_JUDGED: 3,
}
OUTCOMES = {
    Outcome.WITHIN: Message("within"),
    Outcome.BEYOND: Message("beyond"),
    Outcome.UNDECIDED: Message("undecided"),
}
FINDINGS = {
    FindingOutcome.WITHIN: Message("Measurement: within limits"),
    FindingOutcome.OVER_LIMIT: Message("Measurement: over the limit"),
    FindingOutcome.UNDECIDED: Message("Measurement: undecided"),
    FindingOutcome.NOT_JUDGED: Message("Measurement: not judged"),
}


class CheckFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole check in a TOML file; the names are those of the command's options."""

    kind: str
    on: date | None = None
    figures: Figures = Figures()
    standards: list[str] = []
    readings: list[str] = []
    rest_as_standard: bool = False


def add_words(words: argparse.ArgumentParser) -> None:
    """The options of ``quanheng check``."""
    words.add_argument(
        "kind", help="id of a kind (quanheng catalogue lists them), or a TOML file with a whole check"
    )
    words.add_argument("readings", nargs="*", help='POINT=READING[,INPUT=VALUE], for example "10 kg=10.015"')
    words.add_argument(
        "--on", type=date.fromisoformat, help="day of the check, 2026-11-25; today if left out"
    )
    words.add_argument("--class", dest="accuracy_class", default="", help="accuracy class of the nameplate")
    words.add_argument("--max", default="", help='Max of a scale, "15 kg"')
    words.add_argument("--min", default="", help='Min of a scale, "100 g"')
    words.add_argument("--e", default="", help='verification scale interval, "5 g"')
    words.add_argument("--d", default="", help='actual scale interval, "1 g"')
    words.add_argument("--nameplate", action="append", default=[], help='another figure, range_to="0.6 MPa"')
    words.add_argument(
        "--standard",
        action="append",
        default=[],
        help='"5 kg:M1:2027-12-31" or "sort=pressure,nominal=300 mmHg,largest_error=0.8 mmHg,until=2027-12-31"',
    )
    words.add_argument(
        "--rest-as-standard", action="store_true", help="points that are not named read as the standard does"
    )
    words.add_argument(
        "--limits",
        action="store_true",
        help="only what is permitted at each POINT, given as a value of the reference",
    )
    words.add_argument("--zone", default="", help="with --limits: zone of the table")
    words.add_argument(
        "--stage", type=Stage, choices=list(Stage), default=Stage.IN_SERVICE, help="with --limits"
    )
    words.add_argument("--json", action="store_true", help="the conclusion as JSON")
    words.add_argument("--language", choices=["zh", "en"], default="zh")


def run(asked: argparse.Namespace, today: date) -> tuple[int, str]:
    """The exit code (0 within, 1 beyond, 3 undecided or not judged) and what to print. Raises InputError."""
    rules, page = catalogue(), Page(speaking(asked.language))
    if asked.limits:
        return 0, limits(page, rules, asked, today)
    check = from_file(Path(asked.kind)) if asked.kind.endswith(".toml") else from_words(asked)
    inspection, assumed = inspection_of(rules, check, check.on or today)
    conclusion = conclude(rules, inspection)
    finding = conclusion.finding(FindingSubject.MEASUREMENT)
    if asked.json:
        return EXIT[finding.outcome], msgspec.json.format(msgspec.json.encode(conclusion)).decode()
    explain(page, rules, inspection, conclusion, assumed)
    return EXIT[finding.outcome], page.text()


def from_words(asked: argparse.Namespace) -> CheckFile:
    """The check that the command line describes."""
    figures = Figures(
        accuracy_class=asked.accuracy_class,
        capacity_max=asked.max,
        capacity_min=asked.min,
        e=asked.e,
        d=asked.d,
        nameplate=pairs(asked.nameplate),
    )
    return CheckFile(
        kind=asked.kind,
        on=asked.on,
        figures=figures,
        standards=asked.standard,
        readings=asked.readings,
        rest_as_standard=asked.rest_as_standard,
    )


def from_file(path: Path) -> CheckFile:
    """The check that a TOML file describes. Raises InputError ``check_file_unreadable``."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=CheckFile)
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(
            "check_file_unreadable",
            "{file} can't be read as a check: {reason}",
            "Name kind, figures, standards and readings in it.",
            file=path.name,
            reason=error,
        ) from error


def inspection_of(rules: Catalogue, check: CheckFile, day: date) -> tuple[Inspection, bool]:
    """The readings as an inspection on that day, and whether its standards are assumed."""
    kind, facts = rules.kind(check.kind), facts_of(rules, check.kind, check.figures)
    standards = standards_of(check.standards) or assumed_standards(kind)
    # A certificate that has run out is said by the conclusion; the plan is that of the standards all the same.
    in_date = [msgspec.structs.replace(each, valid_until=date.max) for each in standards]
    planned = judge_of(rules, facts, day).plan(in_date) if kind.procedure else []
    readings = [reading_of(planned, word) for word in check.readings]
    if check.rest_as_standard:
        read = {each.point for each in readings}
        readings += [as_standard(point) for point in planned if point.key not in read]
    noon = datetime.combine(day, time(4), UTC)
    inspection = Inspection(
        instrument=facts,
        readings=readings,
        planned=[point.key for point in planned],
        standards=standards,
        started_at=noon,
        finished_at=noon,
        catalogue_version=rules.version,
        edition=rules.judging(kind.id, day),
    )
    return inspection, not check.standards


def assumed_standards(kind: Kind) -> list[StandardUsed]:
    """Standards for a check that names none: weights of class M1, or one without any error."""
    if isinstance(kind.procedure, PointsProcedure):
        perfect = Quantity(Decimal(0), kind.procedure.unit)
        return [StandardUsed(NOBODY, perfect, "", date.max, 1, kind.procedure.standard, perfect)]
    return [
        StandardUsed(NOBODY, quantity(mass), ASSUMED_CLASS, date.max, 1, WEIGHT) for mass in ASSUMED_WEIGHTS
    ]


def as_standard(point: PlannedPoint) -> Reading:
    """The point read as its reference value."""
    return Reading(
        point=point.key,
        role=point.role,
        reference=point.reference,
        indication=Quantity(Decimal(point.same), point.unit),
        entry=Entry.SAME,
        unit_price=point.unit_price,
        inputs={each.id: Quantity(Decimal(each.usual), each.unit) for each in point.inputs if each.usual},
    )


def explain(
    page: Page, rules: Catalogue, inspection: Inspection, conclusion: Conclusion, assumed: bool
) -> None:
    """Everything that an inspector can read out."""
    kind, day = rules.kind(inspection.instrument.kind), local_date(inspection.finished_at)
    page.say(
        Message(
            msgid("{kind} ({id}), {day}, {edition}"),
            {
                "kind": Message(kind.name),
                "id": kind.id,
                "day": day.isoformat(),
                "edition": conclusion.edition or Message("the measurement is not judged"),
            },
        )
    )
    if assumed and kind.procedure:
        page.say(
            Message("No standard was named: weights of class M1, or a standard without error, are assumed.")
        )
    points = {each.point: each for each in conclusion.points}
    for reading in inspection.readings:
        judged = points.get(reading.point)
        if judged:
            point_lines(page, reading.point, reading, judged)
    for judged in conclusion.together:
        point_lines(page, judged.point, None, judged)
    finding_lines(page, conclusion.finding(FindingSubject.MEASUREMENT))
    for note in conclusion.notes:
        page.say(Message(msgid("Note: {note}"), {"note": note}))
    for unsure in kind.unsure:
        values = {"fact": unsure.fact, "source": unsure.source}
        page.say(Message(msgid("Not sure, so not judged by: {fact} ({source})"), values))


def point_lines(page: Page, key: str, reading: Reading | None, judged: PointVerdict) -> None:
    """One point with its working."""
    read = f"  {reading.indication.shown()}" if reading and reading.indication else ""
    outcome = OUTCOMES[judged.outcome].said(page.speak)
    page.say(f"{key}{read}  {judged.error_of_indication.shown_signed()} / {judged.limits_shown()}  {outcome}")
    for line in judged.working:
        page.say(line, 1)
    if judged.finer:
        page.say(judged.finer, 1)


def finding_lines(page: Page, finding: Finding) -> None:
    """The finding with its reasons."""
    page.say(FINDINGS[finding.outcome])
    for reason in finding.reasons:
        page.say(reason, 1)


def limits(page: Page, rules: Catalogue, asked: argparse.Namespace, today: date) -> str:
    """What is permitted at each point that was asked for."""
    check = from_words(asked)
    facts: InstrumentFacts = facts_of(rules, check.kind, check.figures)
    judge = judge_of(rules, facts, check.on or today, asked.stage)
    for point in points_asked(check.readings):
        limit = judge.limit(point, asked.zone)
        values = {
            "document": limit.source.document,
            "clause": limit.source.clause or "-",
            "certainty": limit.source.certainty,
        }
        page.say(f"{point.shown()}: {limit.shown()}")
        page.say(limit.working, 1)
        page.say(Message(msgid("Source: {document}, {clause}, {certainty}"), values), 1)
    return page.text()


def points_asked(words: Sequence[str]) -> list[Quantity]:
    """Reference values. Raises InputError ``point_missing``, ``quantity_unreadable``."""
    if not words:
        raise InputError("point_missing", "No point is named.", 'Name one, for example "10 kg".')
    return [quantity(word) for word in words]
