"""``quanheng check``: the verdict on readings, with its working, as an inspector can read it out."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import msgspec

from server.shell.check_words import (
    Figures,
    assumed_standards,
    facts_of,
    from_file,
    inputs_at,
    pairs,
    quantity,
    reading_of,
    standards_of,
)
from server.shell.listing import unsure_lines
from server.shell.printing import CERTAIN, OUTCOMES, Page, add_reader, speaking
from server.shell.rulebooks import catalogue, kind_named
from shared.clock import local_date
from shared.errors import InputError
from shared.inspection import (
    Conclusion,
    Entry,
    Finding,
    FindingOutcome,
    FindingSubject,
    Inspection,
    PlannedPoint,
    PointVerdict,
    Reading,
)
from shared.message import Message, msgid
from shared.metrology.catalogue import Catalogue, Kind
from shared.metrology.editions import Certainty
from shared.metrology.judges import judge_of
from shared.metrology.judging import Stage
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
    inputs: dict[str, str] = {}
    """What was read alike at every point beside the indication."""
    rest_as_standard: bool = False


def add_words(words: argparse.ArgumentParser) -> None:
    """The options of ``quanheng check``."""
    words.add_argument(
        "kind",
        help="id or Chinese name of a kind (quanheng catalogue lists them), or a TOML file with a whole check",
    )
    words.add_argument("readings", nargs="*", help='POINT=READING[,INPUT=VALUE], for example "10 kg=10.015"')
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
        help='"5 kg:M1:2027-12-31" or "nominal=300 mmHg,largest_error=0.8 mmHg,until=2027-12-31"',
    )
    words.add_argument(
        "--input",
        action="append",
        default=[],
        help="what was read alike at every point, vessel_temperature=20",
    )
    words.add_argument(
        "--rest-as-standard", action="store_true", help="points that are not named read as the standard does"
    )
    words.add_argument("--plan", action="store_true", help="only the points that the check asks for, by name")
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
    add_reader(words, "day of the check")


def run(asked: argparse.Namespace, today: date) -> tuple[int, str]:
    """The exit code (0 within, 1 beyond, 3 undecided or not judged) and what to print. Raises InputError."""
    rules, page = catalogue(), Page(speaking(asked.language))
    check = from_file(Path(asked.kind), CheckFile) if asked.kind.endswith(".toml") else from_words(asked)
    kind, day = kind_named(rules, check.kind), asked.on or check.on or today
    if asked.limits:
        limits(page, rules, kind, check, day, asked)
        return 0, page.text()
    inspection, planned = inspection_of(rules, kind, check, day)
    if asked.plan:
        plan_lines(page, planned)
        return 0 if planned else EXIT[FindingOutcome.NOT_JUDGED], page.text()
    conclusion = conclude(rules, inspection)
    finding = conclusion.finding(FindingSubject.MEASUREMENT)
    if asked.json:
        return EXIT[finding.outcome], msgspec.json.format(msgspec.json.encode(conclusion)).decode()
    explain(page, kind, inspection, conclusion, assumed=not check.standards)
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
        figures=figures,
        standards=asked.standard,
        readings=asked.readings,
        inputs=pairs(asked.input),
        rest_as_standard=asked.rest_as_standard,
    )


def inspection_of(
    rules: Catalogue, kind: Kind, check: CheckFile, day: date
) -> tuple[Inspection, list[PlannedPoint]]:
    """The readings as an inspection on that day, in the order of its plan."""
    facts, procedure = facts_of(kind, check.figures), kind.procedure
    judged = bool(rules.judging(kind.id, day))
    sort = procedure.standard if isinstance(procedure, PointsProcedure) else WEIGHT
    standards = standards_of(check.standards, sort) or (assumed_standards(kind) if judged else [])
    # A certificate that has run out is said by the conclusion; the plan is that of the standards all the same.
    in_date = [msgspec.structs.replace(each, valid_until=date.max) for each in standards]
    planned = judge_of(rules, facts, day).plan(in_date) if judged else []
    # What is not judged has no points that a reading could be of.
    readings = [reading_of(planned, word, check.inputs) for word in check.readings if judged]
    if check.rest_as_standard:
        read = {each.point for each in readings}
        readings += [as_standard(point, check.inputs) for point in planned if point.key not in read]
    order = {point.key: place for place, point in enumerate(planned)}
    noon = datetime.combine(day, time(4), UTC)
    inspection = Inspection(
        instrument=facts,
        readings=sorted(readings, key=lambda each: order[each.point]),
        planned=[point.key for point in planned],
        standards=standards,
        started_at=noon,
        finished_at=noon,
        catalogue_version=rules.version,
        edition=rules.judging(kind.id, day),
    )
    return inspection, planned


def as_standard(point: PlannedPoint, everywhere: dict[str, str]) -> Reading:
    """The point read as its reference value."""
    inputs = inputs_at(point, everywhere)
    return Reading(
        point=point.key,
        role=point.role,
        reference=inputs.pop("reference", point.reference),
        indication=Quantity(Decimal(point.same), point.unit),
        entry=Entry.SAME,
        unit_price=point.unit_price,
        inputs=inputs,
    )


def plan_lines(page: Page, planned: list[PlannedPoint]) -> None:
    """Each point by its name, with what is permitted there and what else is read."""
    if not planned:
        page.say(FINDINGS[FindingOutcome.NOT_JUDGED])
    for point in planned:
        permitted = ""
        if point.limit:
            text = msgid("limit {limit}")
            permitted = Message(text, {"limit": point.limits_shown()}).said(page.speak)
        inputs = ", ".join(f"{each.id} ({each.unit})" for each in point.inputs)
        page.say(
            "  ".join(part for part in (point.key, point.title.said(page.speak), permitted, inputs) if part)
        )


def explain(page: Page, kind: Kind, inspection: Inspection, conclusion: Conclusion, assumed: bool) -> None:
    """Everything that an inspector can read out."""
    values: dict[str, str | Message] = {
        "kind": Message(kind.name),
        "id": kind.id,
        "day": local_date(inspection.finished_at).isoformat(),
        "edition": conclusion.edition or Message("the measurement is not judged"),
    }
    page.say(Message(msgid("{kind} ({id}), {day}, {edition}"), values))
    if assumed and inspection.standards:
        weights = inspection.standards[0].sort == WEIGHT
        page.say(
            Message("No standard was named: weights of class M1 are assumed.")
            if weights
            else Message("No standard was named: one without any error is assumed.")
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
    unsure_lines(page, kind, 0)


def point_lines(page: Page, key: str, reading: Reading | None, judged: PointVerdict) -> None:
    """One point with its working."""
    read = f"  {reading.indication.shown()}" if reading and reading.indication else ""
    outcome = OUTCOMES[judged.outcome].said(page.speak)
    page.say(f"{key}{read}  {judged.error_of_indication.shown_signed()} / {judged.limits_shown()}  {outcome}")
    page.say_all(judged.working, 1)
    if judged.finer:
        page.say(judged.finer, 1)


def finding_lines(page: Page, finding: Finding) -> None:
    """The finding with its reasons."""
    page.say(FINDINGS[finding.outcome])
    page.say_all(finding.reasons, 1)


def limits(
    page: Page, rules: Catalogue, kind: Kind, check: CheckFile, day: date, asked: argparse.Namespace
) -> None:
    """What is permitted at each point that was asked for. Raises InputError ``point_missing``, ``quantity_unreadable``."""
    judge = judge_of(rules, facts_of(kind, check.figures), day, asked.stage)
    if not check.readings:
        raise InputError("point_missing", "No point is named.", 'Name one, for example "10 kg".')
    inputs = {name: quantity(value) for name, value in check.inputs.items()}
    for point in map(quantity, check.readings):
        limit = judge.limit(point, asked.zone, inputs)
        values: dict[str, str | Message] = {
            "document": limit.source.document,
            "clause": limit.source.clause or "-",
            "certainty": CERTAIN[Certainty(limit.source.certainty)],
        }
        page.say(f"{point.shown()}: {limit.shown()}")
        page.say(limit.working, 1)
        page.say(Message(msgid("Source: {document}, {clause}, {certainty}"), values), 1)
