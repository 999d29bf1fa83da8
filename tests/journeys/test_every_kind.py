"""Every kind's form, generated from the catalogue, in a real browser: opened in both languages, filled, and judged as its vector says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import expect

from mobile.ui.wording import SORTS
from server.demo import COUNTIES, STANDARDS, WEIGHTS
from shared.inspection import FindingOutcome
from shared.metrology.catalogue import Kind
from shared.metrology.procedure import InputField, PointsProcedure
from tests.journeys.office import ROOT, Office
from tests.journeys.phone import Handset
from tests.journeys.steps import enrol
from tests.shared.checks import catalogue, vectors

pytestmark = pytest.mark.journey

CHINESE, ENGLISH = "zh_CN", "en"
OUTCOMES = {
    FindingOutcome.WITHIN: "Within limits",
    FindingOutcome.OVER_LIMIT: "Suspected over limit",
    FindingOutcome.NOT_JUDGED: "not judged",
}
JUDGED = vectors("forms.toml")
UNJUDGED = [kind for kind in catalogue().kinds.values() if kind.procedure is None]


@cache
def words_of(language: str) -> dict[str, str]:
    """Every sentence of the phone in one language."""
    found: dict[str, str] = {}
    for domain in ("shared", "mobile"):
        path = Path(ROOT / f"assets/locales/{language}/LC_MESSAGES/{domain}.po")
        with path.open("rb") as file:
            found |= {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}
    return found


@dataclass
class Form:
    """The form in the hands of somebody who reads one of the two languages."""

    phone: Handset
    language: str

    def say(self, text: str, **values: str) -> str:
        return words_of(self.language).get(text, text).format(**values)

    def tap(self, text: str, **values: str) -> None:
        self.phone.tap(self.say(text, **values))

    def begins(self, words: str) -> re.Pattern[str]:
        return re.compile(f"^{re.escape(words)}")

    def keys(self, figure: str) -> None:
        """Types on the app's own keypad, each key heard before the next."""
        names = {".": self.say("Point"), "-": self.say("Minus")}
        self.phone.tap(*[names.get(key, key) for key in figure])

    def open(self, kind: Kind) -> None:
        """From the home screen by the stall's name to the first thing that the form asks."""
        phone = self.phone
        self.tap("Type the number")
        phone.sees(self.say("Find"))
        phone.write_here(kind.chinese)
        self.tap("Find")
        phone.tap(re.compile(re.escape(kind.chinese)))
        phone.sees(self.say("This instrument"))
        phone.sees(self.say(kind.name))
        self.tap("Start check")
        self.tap("All normal")
        phone.shutter()

    def fill(self, kind: Kind, vector: dict[str, Any]) -> None:
        """What the vector says was read, point by point."""
        if vector.get("same"):
            self.take_all_as_the_load()
            return
        assert isinstance(kind.procedure, PointsProcedure)
        fields = {each.id: each for row in kind.procedure.points for each in row.inputs}
        fields |= {each.id: each for each in kind.procedure.inputs}
        for number, point in enumerate(vector["points"]):
            for name, value in point.get("inputs", {}).items():
                self.enter(fields.get(name), value)
            self.to_the_indication()
            self.keys(point["indication"])
            self.phone.sees(re.compile(rf"{self.say('Reading')} {re.escape(point['indication'])} "))
            if number in (0, len(vector["points"]) - 1):
                self.phone.shoot(f"{kind.id}-{self.language}-{number + 1}")
            last = number == len(vector["points"]) - 1
            self.phone.step(self.say("See the outcome") if last else self.say("Next point"))

    def to_the_indication(self) -> None:
        """Its chip is there while the keypad is in another field."""
        chip = self.phone.button(self.begins(self.say("Reading") + ","))
        self.phone.stand_still()
        if chip.count():
            self.phone.tap(self.begins(self.say("Reading") + ","))

    def enter(self, field: InputField | None, value: str) -> None:
        """One thing that is read beside the indication; the standard's own reading has no field of the catalogue."""
        name = self.say(field.name) if field else self.say("Standard")
        chip = self.phone.button(self.begins(f"{name},"))
        self.phone.stand_still()
        if field and field.optional and not chip.count():
            self.tap("More fields")
        self.phone.tap(self.begins(f"{name},"))
        chosen = next((one for one in field.choices if one.value == value), None) if field else None
        if chosen:
            self.tap(chosen.name)
        else:
            self.keys(value)
        expect(chip).to_have_accessible_name(
            re.compile(re.escape(self.say(chosen.name) if chosen else value))
        )

    def take_all_as_the_load(self) -> None:
        """同载荷 at every point."""
        while True:
            last = self.phone.button(self.say("See the outcome")).count() > 0
            self.phone.step(self.begins(self.say("Same as load")))
            if last:
                return

    def reads(self, kind: Kind, outcome: FindingOutcome) -> None:
        """The outcome of the measurement, as its finding says it."""
        words = self.say(
            "{name}: {outcome}", name=self.say("Measurement"), outcome=self.say(OUTCOMES[outcome])
        )
        self.phone.sees(words)
        self.phone.shoot(f"{kind.id}-{self.language}-outcome")

    def leave(self) -> None:
        """Drops the check, so that the next language finds none begun."""
        self.phone.go_back()
        while not self.phone.button(self.say("Discard this check")).count():
            self.phone.step(self.say("Back"))
        self.tap("Discard this check")
        self.tap("Discard")
        self.phone.sees(self.say("Today"))


def bag() -> dict[str, list[str]]:
    """By sort the serial numbers of the first county's standards that hold, in the order of the list."""
    county = COUNTIES[0][-3:]
    weights = [
        f"{accuracy_class}-{county}-{number:02d}"
        for number, (mass, accuracy_class, _count) in enumerate(WEIGHTS, 1)
        if mass != "20 kg"
    ]
    found = {"weight": sorted(weights)}
    for number, (sort, _name, _nominal, _error) in enumerate(STANDARDS, 1):
        found.setdefault(sort, []).append(f"S-{county}-{number:02d}")
    return dict(sorted(found.items(), key=lambda one: (one[0] != "weight", one[0])))


def prepared(phone: Handset, office: Office) -> None:
    """Enrolled, with everything in the bag whose certificate holds."""
    enrol(phone, office.desk("admin"), "李敏")
    phone.tap("我的", "换同行人或砝码")
    phone.sees("出发之前")
    phone.tap("赵刚")
    for sort, serial_numbers in bag().items():
        head = re.compile(f"^{words_of(CHINESE)[SORTS[sort].text]}, ")
        if sort != "weight":
            phone.tap(head)
        for serial_number in serial_numbers:
            phone.tick(re.compile(f" {serial_number},"))
        phone.shoot(f"prepared-{sort}")
        if sort == "weight":
            phone.page.mouse.wheel(0, -9000)
            phone.tap(head)
    phone.tap("好了，出发")
    phone.sees("今天的安排")


def in_language(phone: Handset, language: str) -> Form:
    """The app in that language, at home."""
    form = Form(phone, CHINESE)
    if language == ENGLISH:
        phone.tap("我的", "English")
        form = Form(phone, ENGLISH)
        form.tap("Today")
    return form


def checked(form: Form, vector: dict[str, Any]) -> None:
    """One judged kind, from the home screen to its outcome and back."""
    kind = catalogue().kind(vector["kind"])
    form.open(kind)
    form.fill(kind, vector)
    form.reads(kind, FindingOutcome(vector["measurement"]))
    form.leave()


def test_a_dispenser_is_judged_as_its_vector_says(office: Office, handset: Callable[..., Handset]) -> None:
    """The form with the most to read takes what is read, and comes to the vector's verdict."""
    phone = handset("li.min")
    prepared(phone, office)
    [vector] = [one for one in JUDGED if one["kind"] == "fuel-dispenser"]
    checked(in_language(phone, CHINESE), vector)
    assert not phone.missing, "a sign has no glyph"


@pytest.mark.long
@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_every_kind_is_judged_as_its_vector_says(
    office: Office, handset: Callable[..., Handset], language: str
) -> None:
    """Every kind of the catalogue: the judged ones come to their vectors' verdicts, the others say that nothing is judged."""
    assert {vector["kind"] for vector in JUDGED} | {kind.id for kind in UNJUDGED} == set(catalogue().kinds)
    phone = handset("li.min")
    prepared(phone, office)
    form = in_language(phone, language)
    for vector in JUDGED:
        checked(form, vector)
    for kind in UNJUDGED:
        form.open(kind)
        form.reads(kind, FindingOutcome.NOT_JUDGED)
        form.leave()
    assert not phone.missing, "a sign has no glyph"
