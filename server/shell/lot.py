"""``quanheng lot``: the verdict on a lot of prepackages from its readings so far, with its working."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, time
from pathlib import Path

import msgspec

from server.shell.check_words import NOBODY, counted, from_file, pairs, quantity, standards_of
from server.shell.printing import EXIT, FAULTS, OUTCOMES, Page, add_reader, speaking
from server.shell.rulebooks import prepackages
from shared.inspection import StandardUsed
from shared.lot import Density, Grade, LotInspection, LotReading, LotVerdict, PlanVerdict, TareMethod
from shared.message import Message, msgid
from shared.metrology.judging import worst
from shared.metrology.prepackages.lots import judge_lot
from shared.metrology.prepackages.rules import PrepackageRules, Rounding
from shared.quantity import Quantity

GRADES = {Grade.NONE: "", Grade.T1: "  T1", Grade.T2: "  T2"}


class LotFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lot in a TOML file. A reading is ``498 g``, or ``3=485,attempt=2,because=spilt``; one that could not be done ``4=,because=burst``."""

    goods: str
    nominal: str
    lot_size: int
    on: date | None = None
    """Day on which the sample was drawn."""
    readings: list[str] = []
    tares: list[str] = []
    """Readings of empty packings."""
    tare_method: TareMethod = TareMethod.NET
    label: str = ""
    """The statement as printed; empty, not looked at."""
    height: str = ""
    """Of its characters, in mm."""
    density: str = ""
    """``0.915 g/mL``, at ``temperature``, for a volume that is found by weighing."""
    temperature: str = "20 °C"
    destructive: bool = False
    exclusion: str = ""
    rounding: Rounding | None = None
    standards: list[str] = []


def add_words(words: argparse.ArgumentParser) -> None:
    """The options of ``quanheng lot``."""
    words.add_argument("file", type=Path, help="TOML file of the lot; docs/examples has some")
    words.add_argument(
        "--first", type=int, help="only the first so many readings, as the phone sees a lot half-way"
    )
    words.add_argument("--json", action="store_true", help="the verdict as JSON")
    add_reader(words, "day of the sample, where the file names none")


def run(asked: argparse.Namespace, today: date) -> tuple[int, str]:
    """The exit code (0 within, 1 beyond, 3 not decided; the worse of net content and label) and what to print. Raises InputError."""
    rules, page = prepackages(), Page(speaking(asked.language))
    file = from_file(asked.file, LotFile)
    lot = lot_of(rules, file, file.on or asked.on or today, asked.first)
    found = judge_lot(rules, lot)
    code = EXIT[worst([found.outcome, *([found.label] if lot.label_text else [])])]
    if asked.json:
        return code, msgspec.json.format(msgspec.json.encode(found)).decode()
    explain(page, lot, found, assumed=not file.standards)
    return code, page.text()


def lot_of(rules: PrepackageRules, file: LotFile, on: date, first: int | None) -> LotInspection:
    """The lot as a record would hold it; a balance of no known error where none is named."""
    nominal, noon = quantity(file.nominal), datetime.combine(on, time(4), UTC)
    density = quantity(file.density) if file.density else None
    assumed = StandardUsed(NOBODY, Quantity(nominal.value, nominal.unit), "", date.max)
    unit = "g" if density else nominal.unit
    return LotInspection(
        lot_id=NOBODY,
        goods=file.goods,
        nominal=nominal,
        lot_size=file.lot_size,
        exclusion=file.exclusion,
        label_text=file.label,
        character_height=quantity(file.height, "mm") if file.height else None,
        destructive=file.destructive,
        tare_method=file.tare_method,
        tare_readings=readings_of(file.tares, unit),
        density=Density(density, quantity(file.temperature)) if density else None,
        readings=readings_of(file.readings[:first], unit),
        standards=standards_of(file.standards) or [assumed],
        rounding=file.rounding,
        started_at=noon,
        rules_version=rules.version,
    )


def readings_of(words: list[str], unit: str) -> list[LotReading]:
    """Readings as typed, the packages numbered by their place unless they say their number. Raises InputError ``quantity_unreadable``, ``number_unreadable``."""
    return [reading_of(word, place, unit) for place, word in enumerate(words, 1)]


def reading_of(word: str, place: int, unit: str) -> LotReading:
    """One reading."""
    head, *rest = word.split(",")
    number, equals, indication = head.rpartition("=")
    given = pairs(rest)
    because = given.get("because", "")
    read = quantity(indication, unit) if indication.strip() else None
    return LotReading(
        package=counted(number) if equals else place,
        indication=read,
        attempt=counted(given.get("attempt", "1")),
        superseded_because=because if read else "",
        not_done_because="" if read else because,
    )


def explain(page: Page, lot: LotInspection, found: LotVerdict, assumed: bool) -> None:
    """Everything that an inspector can read out."""
    values = {
        "goods": lot.goods,
        "nominal": lot.nominal.shown(),
        "size": str(lot.lot_size),
        "edition": found.edition or "-",
    }
    page.say(Message(msgid("{goods}, Qn = {nominal}, N = {size}, {edition}"), values))
    if assumed:
        page.say(Message("No measuring instrument was named: one whose certificate is valid is assumed."))
    page.say_all(found.working)
    for each in found.packages:
        page.say(
            f"{each.package}  {each.net_content.shown()}  {each.deficiency.shown_signed()}{GRADES[each.grade]}"
        )
        page.say_all(each.working, 1)
    if found.plan:
        plan_line(page, found.plan)
    page.say(found.words)
    page.say_all(found.reasons, 1)
    for other in found.beside:
        page.say(
            Message(
                msgid("Beside it, by {document}: {outcome}"),
                {"document": other.document, "outcome": OUTCOMES[other.outcome]},
            )
        )
        page.say_all(other.working, 1)
    if lot.label_text:
        page.verdict(Message("Label"), found.label, FAULTS)
        page.say_all(found.label_reasons, 1)
    for note in found.notes:
        page.say(Message(msgid("Note: {note}"), {"note": note}))


def plan_line(page: Page, plan: PlanVerdict) -> None:
    """How far the sample has been read."""
    values = {"document": plan.document, "read": str(plan.read), "sample": str(plan.sample)}
    page.say(Message(msgid("{document}: {read} of {sample} packages read"), values))
