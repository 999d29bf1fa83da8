"""A spot check that is not finished: what was answered so far, and the place one is in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from mobile.workflow.ports import Equipment, StoredDraft
from mobile.workflow.sealing import Unsealed
from mobile.workflow.today import DraftSummary
from shared.errors import InputError
from shared.inspection import (
    BlobRef,
    InstrumentFacts,
    LabelCheck,
    PlannedPoint,
    Reading,
    StandardUsed,
    VisualFinding,
)
from shared.instrument import Instrument
from shared.message import Message
from shared.premises import Position, Premises

KIND = "inspection.recorded"


class Step(StrEnum):
    VISUAL = "visual"
    PHOTO = "photo"
    NAMEPLATE = "nameplate"
    """Figures of the nameplate that the check needs and the register lacks."""
    READINGS = "readings"
    VERDICT = "verdict"
    SIGN = "sign"
    RECEIPT = "receipt"


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


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that was answered, as given."""

    draft_id: str
    author: str
    summary: DraftSummary
    instrument: Instrument
    premises: Premises | None = None
    facts: InstrumentFacts
    label: LabelCheck
    label_payload: str = ""
    planned: list[PlannedPoint]
    standards: list[StandardUsed] = []
    visual: list[VisualFinding] = []
    photos: list[BlobRef] = []
    readings: list[Reading] = []
    position: Position | None = None
    started_at: datetime
    saved_at: datetime
    cursor: Cursor = Cursor()
    left: dict[str, Cursor] = {}
    """Fields that were left with something in them, by their point: one comes back to them as they were."""
    objects: bool = False
    """有异议 was chosen for the signature."""
    objection: str = ""
    finished: Unsealed | None = None
    """The frozen record, from the signature on the glass until it is in the outbox."""

    def standing(self, point: str) -> Reading | None:
        """The reading of a point that no retest has superseded."""
        found = [one for one in self.readings if one.point == point and not one.superseded_because]
        return found[-1] if found else None

    def attempts(self, point: str) -> int:
        """How many readings of a point a retest has superseded."""
        return sum(one.point == point and bool(one.superseded_because) for one in self.readings)


Choice = tuple[str, Message]
"""A reason's stable code and its words."""

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
REFUSAL_REASONS: list[Choice] = [
    ("disputes_result", Message("Disputes the result")),
    ("unwilling", Message("Does not want to sign")),
    ("not_authorised", Message("Says not to be authorised")),
    ("gone", Message("Has left")),
]
FINER_METHOD = "finer_method"
OTHER_NAMEPLATE = "other_nameplate"
"""Why a reading was set aside whose point is not in the plan any more: the nameplate says otherwise."""


async def keep_draft(equipment: Equipment, draft: Draft) -> Draft:
    """Seals and saves a draft; gives it with the summary that the home screen shows."""
    done = sum(draft.standing(planned.key) is not None for planned in draft.planned)
    draft = msgspec.structs.replace(
        draft,
        summary=msgspec.structs.replace(
            draft.summary,
            saved_at=draft.saved_at,
            step=draft.cursor.step.value,
            points_done=done,
            points_total=len(draft.planned),
        ),
    )
    stored = StoredDraft(
        draft_id=draft.draft_id,
        author=draft.author,
        kind=KIND,
        subject=draft.instrument.instrument_id,
        saved_at=draft.saved_at,
        sealed=await equipment.keys.seal(msgspec.json.encode(draft)),
    )
    await equipment.store.drafts.save(stored)
    return draft


def check_reason(reason: str, choices: list[Choice]) -> None:
    """Raises InputError ``reason_unknown`` for a code that is not among ``choices``."""
    if reason not in {code for code, _words in choices}:
        raise InputError(
            "reason_unknown", "This reason is not in the list.", "Choose one of the reasons shown."
        )
