"""From what was read to the net content of each package: attempts, tare, density."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from shared.errors import InputError
from shared.lot import LotInspection, LotReading, TareMethod, cause_words
from shared.message import Message, msgid
from shared.metrology.prepackages.amounts import (
    Measure,
    grams_per_millilitre,
    in_base,
    measure_of,
    written,
)
from shared.quantity import figure


class Content(msgspec.Struct, frozen=True):
    """The net content of one package in the base unit, not rounded."""

    package: int
    net: Decimal
    working: list[Message]


class Contents(msgspec.Struct):
    """What the readings come to."""

    found: dict[int, Content] = {}
    """By the package's number; a package that can't be worked out is not among them, and so is missing."""
    unclear: dict[int, Message] = {}
    """Why an attempt at a package could not be worked out; what another attempt at it says stands, and is no pass."""
    notes: list[Message] = []


class UnreadableError(Exception):
    """Why a package's net content can't be worked out."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason


def net_contents(lot: LotInspection, measure: Measure) -> Contents:
    """The net content of every package that was read; the order of the readings makes no difference."""
    contents = Contents()
    for package in sorted({reading.package for reading in lot.readings}):
        attempts = [reading for reading in lot.readings if reading.package == package]
        try:
            add_content(contents, lot, measure, package, attempts)
        except UnreadableError as error:
            contents.unclear[package] = error.reason
    return contents


def add_content(
    contents: Contents, lot: LotInspection, measure: Measure, package: int, attempts: Sequence[LotReading]
) -> None:
    """Works one package out. An attempt that was not set aside with a cause stands: of several the lowest counts."""
    number = str(package)
    if package > lot.lot_size:
        values = {"package": number, "lot_size": str(lot.lot_size)}
        raise UnreadableError(Message("Package {package}: the lot has only {lot_size}.", values))
    for reading in sorted(attempts, key=lambda each: each.attempt):
        if reading.superseded_because:
            aside: dict[str, str | Message] = {
                "package": number,
                "indication": reading.indication.shown() if reading.indication else "?",
                "cause": cause_words(reading.superseded_because),
            }
            contents.notes.append(Message("Package {package}: {indication} set aside: {cause}", aside))
    standing = [reading for reading in attempts if not reading.superseded_because]
    found: list[Content] = []
    for reading in standing:
        if reading.indication:
            try:
                found.append(worked_out(lot, measure, reading))
            except UnreadableError as error:
                contents.unclear[package] = error.reason
            except InputError as error:
                said: dict[str, str | Message] = {"package": number, "problem": error.problem.said()}
                contents.unclear[package] = Message("Package {package}: {problem}", said)
    if not found and package in contents.unclear:
        return
    if not found:
        cause = next((each.not_done_because for each in standing if each.not_done_because), None)
        if cause:
            why: dict[str, str | Message] = {"package": number, "cause": cause_words(cause)}
            raise UnreadableError(Message("Package {package} not done: {cause}", why))
        raise UnreadableError(Message("Package {package} not read", {"package": number}))
    if len(found) > 1:
        text = msgid("Package {package} was read {count} times without a cause; the lowest counts.")
        contents.notes.append(Message(text, {"package": number, "count": str(len(found))}))
    contents.found[package] = min(found, key=lambda each: each.net)


def worked_out(lot: LotInspection, measure: Measure, reading: LotReading) -> Content:
    """The net content of one reading."""
    assert reading.indication  # noqa: S101
    weighed = measure_of(reading.indication.unit)
    gross = in_base(reading.indication, weighed)
    tare = tare_of(lot, reading.package, weighed)
    net = gross if tare is None else gross - tare
    values = {
        "package": str(reading.package),
        "gross": written(gross, weighed),
        "net": written(net, weighed),
    }
    if net < 0:
        raise UnreadableError(
            Message("Package {package}: {net} can't be; check the reading and the tare.", values)
        )
    if tare is None:
        working = [Message("Package {package}: {net}", values)]
    else:
        values["tare"] = written(tare, weighed)
        working = [Message("Package {package}: {gross} − {tare} = {net}", values)]
    if measure is Measure.VOLUME and weighed is Measure.MASS:
        return by_density(lot, reading.package, net, working)
    if weighed is not measure:
        raise UnreadableError(
            Message(
                "Package {package}: a reading in {unit} says nothing of this net content.",
                {
                    "package": values["package"],
                    "unit": reading.indication.unit,
                },
            )
        )
    if measure is Measure.COUNT and net != net.to_integral_value():
        raise UnreadableError(Message("Package {package}: {net} is no whole number of pieces.", values))
    return Content(reading.package, net, working)


def by_density(lot: LotInspection, package: int, net: Decimal, working: list[Message]) -> Content:
    """A volume found by weighing: mass ÷ density."""
    if lot.density is None:
        raise UnreadableError(
            Message("Package {package}: weighed, but the density is not measured.", {"package": str(package)})
        )
    density = grams_per_millilitre(lot.density.value)
    volume = net / density
    values = {
        "mass": written(net, Measure.MASS),
        "density": f"{figure(density)} g/mL",
        "temperature": lot.density.temperature.shown(),
        "volume": written(volume, Measure.VOLUME),
    }
    said = Message("{mass} ÷ {density} (density at {temperature}) = {volume}", values)
    return Content(package, volume, [*working, said])


def tare_of(lot: LotInspection, package: int, weighed: Measure) -> Decimal | None:
    """What is taken off a package's reading, None for a net reading. Raises UnreadableError where it was not measured."""
    if lot.tare_method is TareMethod.NET:
        return None
    last: dict[int, LotReading] = {}
    for reading in lot.tare_readings:
        if reading.indication and not reading.superseded_because:
            before = last.get(reading.package, reading)
            last[reading.package] = max(before, reading, key=lambda each: rank(each, weighed))
    if lot.tare_method is TareMethod.INDIVIDUAL:
        last = {number: reading for number, reading in last.items() if number == package}
    if not last:
        raise UnreadableError(
            Message("Package {package}: the tare is not measured.", {"package": str(package)})
        )
    tares = [rank(reading, weighed)[1] for reading in last.values()]
    if min(tares) < 0:
        values = {"package": str(package), "tare": written(min(tares), weighed)}
        raise UnreadableError(Message("Package {package}: a tare of {tare} can't be.", values))
    return sum(tares, Decimal(0)) / len(tares)


def rank(reading: LotReading, weighed: Measure) -> tuple[int, Decimal]:
    """The last attempt at a packing counts, of two with the same number the heavier."""
    assert reading.indication  # noqa: S101
    return reading.attempt, in_base(reading.indication, weighed)
