"""A lot of prepackages that is not finished: what was answered so far, and the place one is in."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from mobile.workflow.under_way import WorkDraft
from shared.inspection import StandardUsed
from shared.lot import LotReading, TareMethod

KIND = "lot.inspected"


class LotStep(StrEnum):
    GOODS = "goods"
    PLAN = "plan"
    METHOD = "method"
    TARE = "tare"
    READINGS = "readings"
    VERDICT = "verdict"
    SIGN = "sign"


class Figure(StrEnum):
    """Figures of the form that the keypad writes; what stands there is the answer."""

    HEIGHT = "height"
    """Of the label's characters, in mm."""
    NOMINAL = "nominal"
    LOT_SIZE = "lot_size"
    DENSITY = "density"
    TEMPERATURE = "temperature"
    """At which the density was measured, in °C."""


FIGURES = set(Figure)
PACKAGE, PACKING = "package", "packing"


def key_of(sort: str, number: int) -> str:
    """The field of a package, or of an empty packing: ``package:7``."""
    return f"{sort}:{number}"


def place_of(key: str) -> tuple[str, int]:
    """What :func:`key_of` made the key of."""
    sort, _colon, number = key.partition(":")
    return sort, int(number or 0)


class LotAnswers(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was written or chosen; empty where it was not yet."""

    goods: str = ""
    producer: str = ""
    batch_no: str = ""
    exclusion: str = ""
    label_text: str = ""
    unit: str = ""
    """Of the nominal quantity; empty: as the label states it."""
    indication_unit: str = ""
    """In which the packages are read; empty: the rules' unit of what the package states."""
    tare_method: TareMethod = TareMethod.NET
    density_unit: str = "g/mL"
    destructive: bool = False


class LotDraft(WorkDraft, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that was answered, as given."""

    lot_id: str
    county: str
    answers: LotAnswers = LotAnswers()
    figures: dict[str, str] = msgspec.field(default_factory=dict)
    """What stands in the fields, half-typed or not, by field: of the form, and of packages that are not taken yet."""
    standards: list[StandardUsed] = msgspec.field(default_factory=list)
    packings: list[LotReading] = msgspec.field(default_factory=list)
    readings: list[LotReading] = msgspec.field(default_factory=list)
    step: LotStep = LotStep.GOODS
    field: str = ""
    """What the keypad is writing into; a killed app reopens there."""

    def attempts(self, key: str) -> list[LotReading]:
        """Every attempt at a package or packing, in the order of their making."""
        sort, number = place_of(key)
        among = self.readings if sort == PACKAGE else self.packings
        return [one for one in among if one.package == number]

    def standing(self, key: str) -> LotReading | None:
        """The attempt that no other has superseded."""
        found = [one for one in self.attempts(key) if not one.superseded_because]
        return found[-1] if found else None
