"""A spot check that is not finished: what was answered so far, and the place one is in."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from mobile.workflow.under_way import Choice, WorkDraft
from shared.inspection import (
    InstrumentFacts,
    LabelCheck,
    PlannedPoint,
    Reading,
    StandardUsed,
    VisualFinding,
)
from shared.instrument import Instrument
from shared.message import Message

KIND = "inspection.recorded"


class Step(StrEnum):
    VISUAL = "visual"
    PHOTO = "photo"
    NAMEPLATE = "nameplate"
    """Figures of the nameplate that the check needs and the register lacks."""
    READINGS = "readings"
    VERDICT = "verdict"
    SIGN = "sign"


class Field(StrEnum):
    """What the keypad writes into at every kind of point; beside these the point's inputs have fields, by their ids."""

    INDICATION = "indication"
    ADDED_WEIGHTS = "added_weights"


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The place one is in; a killed app reopens here."""

    step: Step = Step.VISUAL
    point: str = ""
    """Key of the point being read."""
    field: str = Field.INDICATION.value
    """A :class:`Field`, the id of an input, or at the nameplate that of a figure (none while all of it is shown)."""
    text: str = ""
    """What stands in the field, half-typed or not, with a full stop as decimal sign."""
    indication: str = ""
    """The indication that was typed before, while another field is being typed."""
    inputs: dict[str, str] = {}
    """What was typed in the fields of other inputs, by their ids."""

    def texts(self) -> dict[str, str]:
        """What was typed at this point, by field."""
        return {**self.inputs, Field.INDICATION.value: self.indication, self.field: self.text}

    def at(self, field: str) -> Cursor:
        """The same point with the keypad in another field; what was typed stays where it was typed."""
        texts = self.texts()
        others = {name: text for name, text in texts.items() if text and name not in (*Field, field)}
        indication = "" if field == Field.INDICATION else texts[Field.INDICATION]
        return msgspec.structs.replace(
            self, field=field, text=texts.get(field, ""), indication=indication, inputs=others
        )


class Draft(WorkDraft, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that was answered, as given."""

    instrument: Instrument
    facts: InstrumentFacts
    label: LabelCheck
    label_payload: str = ""
    planned: list[PlannedPoint]
    standards: list[StandardUsed] = msgspec.field(default_factory=list)
    visual: list[VisualFinding] = msgspec.field(default_factory=list)
    readings: list[Reading] = msgspec.field(default_factory=list)
    cursor: Cursor = Cursor()
    left: dict[str, Cursor] = msgspec.field(default_factory=dict)
    """Fields that were left with something in them, by their point: one comes back to them as they were."""

    def standing(self, point: str) -> Reading | None:
        """The reading of a point that no retest has superseded."""
        found = [one for one in self.readings if one.point == point and not one.superseded_because]
        return found[-1] if found else None

    def attempts(self, point: str) -> int:
        """How many readings of a point a retest has superseded."""
        return sum(one.point == point and bool(one.superseded_because) for one in self.readings)


CANNOT_REASONS: list[Choice] = [
    ("no_weights", Message("No such weights here")),
    ("not_settling", Message("The display does not settle")),
    ("instrument_fails", Message("The instrument fails")),
    ("not_reachable", Message("The place can't be reached")),
    ("party_stops", Message("The other party stops it")),
]
NO_STANDARD: Choice = ("no_standard", Message("No such standard here"))
"""In place of the weights, where no scale is checked."""
RETEST_CAUSES: list[Choice] = [
    ("mistyped", Message("Typed wrongly")),
    ("wrong_load", Message("Wrong load on the pan")),
    ("disturbed", Message("Wind, shaking or a touch")),
    ("zero_moved", Message("Zero had moved")),
    ("finer_method", Message("Measured finer")),
]
POINT_CAUSES: list[Choice] = [
    ("mistyped", Message("Typed wrongly")),
    ("wrong_point", Message("Wrong value set on the standard")),
    ("disturbed", Message("Wind, shaking or a touch")),
    ("zero_moved", Message("Zero had moved")),
]
"""Causes of a retest where no scale is checked."""
FINER_METHOD = "finer_method"
OTHER_NAMEPLATE = "other_nameplate"
"""Why a reading was set aside whose point is not in the plan any more: the nameplate says otherwise."""
