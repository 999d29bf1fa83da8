"""Words, shapes and colours of every state: the same word always with the same shape and the same colour."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

from mobile.ui.look import Look
from mobile.ui.theme import Theme
from mobile.workflow.outbox_view import RecordState
from mobile.workflow.outcome_words import FINDING_WORDS, NOTHING_FLAGGED
from mobile.workflow.resolve import Validity
from shared.amending import InstrumentField
from shared.campaign import Standing
from shared.inspection import FindingOutcome, FindingSubject, Headline
from shared.instrument import LabelTrouble, UseStatus
from shared.lot import Grade, LotHeadline
from shared.message import Message
from shared.metrology.judging import Outcome
from shared.premises import PremisesType
from shared.verification import PutRight, VerificationItem

Icons = ft.Icons


@dataclass(frozen=True)
class Style:
    """How a state is drawn: shape, word, and the names of its two colours among the theme's tokens."""

    icon: ft.IconData
    words: Message
    tone: str

    def ink(self, theme: Theme) -> str:
        return str(getattr(theme, "ink2" if self.tone == "plain" else self.tone))

    def fill(self, theme: Theme) -> str:
        return theme.muted if self.tone == "plain" else str(getattr(theme, f"{self.tone}_soft"))


WITHIN = Style(Icons.CHECK_CIRCLE, FINDING_WORDS[FindingOutcome.WITHIN], "good")
BEYOND = Style(Icons.WARNING_ROUNDED, FINDING_WORDS[FindingOutcome.OVER_LIMIT], "bad")
UNDECIDED = Style(Icons.INDETERMINATE_CHECK_BOX, FINDING_WORDS[FindingOutcome.UNDECIDED], "unsure")
CHEATING = Style(Icons.REPORT, FINDING_WORDS[FindingOutcome.SUSPECTED_CHEATING], "bad")
EXPIRED = Style(Icons.EVENT_BUSY, Message("Verification expired"), "bad")

GRADES = {
    Grade.NONE: Style(Icons.CHECK_CIRCLE, Message("Within T"), "good"),
    Grade.T1: Style(Icons.CHANGE_HISTORY, Message("T1: short by more than T"), "unsure"),
    Grade.T2: Style(Icons.WARNING_ROUNDED, Message("T2: short by more than 2T"), "bad"),
}
"""How one package of a lot is drawn."""

_OUTCOMES = {Outcome.WITHIN: WITHIN, Outcome.BEYOND: BEYOND, Outcome.UNDECIDED: UNDECIDED}


def outcome_style(outcome: Outcome) -> Style:
    """How the judgement of one point is drawn."""
    return _OUTCOMES[outcome]


RECORD_STATES = {
    RecordState.WAITING: Style(Icons.SCHEDULE, Message("To send"), "plain"),
    RecordState.SENT: Style(Icons.CHECK, Message("Sent"), "primary"),
    RecordState.HANDED_OVER: Style(Icons.MOVE_UP, Message("Handed over"), "primary"),
    RecordState.ACCEPTED: Style(Icons.DONE_ALL, Message("Received"), "good"),
    RecordState.HELD: Style(Icons.PAUSE_CIRCLE_OUTLINE, Message("On hold"), "unsure"),
    RecordState.CONFLICTING: Style(Icons.CALL_SPLIT, Message("In conflict"), "bad"),
    RecordState.REFUSED: Style(Icons.U_TURN_LEFT, Message("Sent back"), "bad"),
}

VALIDITY = {
    Validity.VALID: Style(Icons.EVENT_AVAILABLE, Message("Verification valid"), "good"),
    Validity.EXPIRED: EXPIRED,
    Validity.UNKNOWN: Style(Icons.EVENT_NOTE, Message("No verification known"), "unsure"),
}

STANDINGS = {
    Standing.EXPECTED: Style(Icons.SCHEDULE, Message("Not done yet"), "plain"),
    Standing.VERIFIED: Style(Icons.CHECK_CIRCLE, Message("Passed"), "good"),
    Standing.RETESTED: Style(Icons.CHECK_CIRCLE, Message("Passed on retest"), "good"),
    Standing.FAILED: Style(Icons.CANCEL, Message("Failed"), "bad"),
    Standing.ABSENT: Style(Icons.HELP_OUTLINE, Message("Absent"), "unsure"),
    Standing.SCRAPPED: Style(Icons.REMOVE_CIRCLE_OUTLINE, Message("Scrapped"), "unsure"),
    Standing.CONFIRMED: Style(Icons.DONE_ALL, Message("Passed, confirmed"), "good"),
    Standing.OBJECTED: Style(Icons.REPORT_PROBLEM, Message("Site objects"), "bad"),
    Standing.REFUSED: Style(Icons.PERSON_OFF_OUTLINED, Message("Passed, signature refused"), "unsure"),
}
VERIFICATION_ITEMS = {
    VerificationItem.APPEARANCE: Message("Appearance and marks"),
    VerificationItem.SEAL: Message("Seals"),
    VerificationItem.FUNCTION: Message("Function"),
    VerificationItem.INDICATION: Message("Error of indication"),
    VerificationItem.REPEATABILITY: Message("Repeatability"),
    VerificationItem.OTHER: Message("Something else"),
}
PUT_RIGHT = {
    PutRight.REPAIRED: Message("Repaired"),
    PutRight.ADJUSTED: Message("Adjusted"),
    PutRight.OTHER: Message("Something else"),
}

PREMISES_ICONS = {
    PremisesType.MARKET: Icons.STOREFRONT,
    PremisesType.CLINIC: Icons.LOCAL_HOSPITAL_OUTLINED,
    PremisesType.FUEL_STATION: Icons.LOCAL_GAS_STATION,
    PremisesType.SHOP: Icons.STORE_OUTLINED,
}

FAMILY_ICONS = {
    "weighing": Icons.SCALE_OUTLINED,
    "pressure": Icons.SPEED,
    "dispensing": Icons.LOCAL_GAS_STATION,
    "temperature": Icons.THERMOSTAT,
    "flow": Icons.WATER_DROP_OUTLINED,
    "energy": Icons.ELECTRIC_METER_OUTLINED,
    "distance": Icons.LOCAL_TAXI_OUTLINED,
    "gas": Icons.SENSORS,
    "time": Icons.LOCAL_PARKING,
    "optical": Icons.REMOVE_RED_EYE_OUTLINED,
    "electrical": Icons.MONITOR_HEART_OUTLINED,
}

FIELD_WORDS = {
    InstrumentField.SERIAL_NUMBER: Message("Serial number"),
    InstrumentField.PREMISES_ID: Message("Site"),
    InstrumentField.STALL: Message("Stall or user"),
    InstrumentField.MANUFACTURER: Message("Maker"),
    InstrumentField.MODEL: Message("Model"),
    InstrumentField.USE_STATUS: Message("Use status"),
}
USE_STATUS_WORDS = {
    UseStatus.IN_USE: Message("In use"),
    UseStatus.SUSPENDED: Message("Suspended"),
    UseStatus.ABSENT: Message("Not found"),
    UseStatus.SCRAPPED: Message("Scrapped"),
}
LABEL_TROUBLES = {
    LabelTrouble.MISSING: Message("Label out of force: missing"),
    LabelTrouble.UNREADABLE: Message("Label out of force: unreadable"),
    LabelTrouble.SWAPPED: Message("Label out of force: seen on another instrument"),
}
SORTS = {
    "weight": Message("Weights"),
    "balance": Message("Balances"),
    "pressure": Message("Pressure standards"),
    "volume": Message("Volume measures"),
    "length": Message("Measures of length"),
    "distance": Message("Distance standards"),
    "temperature": Message("Temperature standards"),
    "gas-carbon-monoxide": Message("Gases with carbon monoxide"),
    "gas-combustible": Message("Combustible gases"),
}
"""Reference standards by their sort, as the procedures of the catalogue name it."""


def sort_words(look: Look, sort: str) -> str:
    """The words of a sort; one that is not known is shown as it is."""
    known = SORTS.get(sort)
    return look.say(known) if known else sort


USE_SCENES = {
    "trade": Message("Trade settlement"),
    "medical": Message("Medical care"),
    "safety": Message("Safety protection"),
    "environment": Message("Environmental monitoring"),
}


def use_scene(look: Look, scene: str) -> str:
    """The words of a use scene; one that is not known is shown as it is."""
    known = USE_SCENES.get(scene)
    return look.say(known) if known else scene


HEADLINES = {
    Headline.SUSPECTED_CHEATING: CHEATING,
    Headline.SUSPECTED_OVER_LIMIT: BEYOND,
    Headline.UNDECIDED: UNDECIDED,
    Headline.WITHIN_BUT_EXPIRED: Style(
        Icons.EVENT_BUSY, Message("Within limits, verification expired"), "unsure"
    ),
    Headline.WITHIN_UNVERIFIED: Style(
        Icons.EVENT_NOTE, Message("Within limits, no verification known"), "unsure"
    ),
    Headline.WITHIN: WITHIN,
}


LABELS = {
    Outcome.WITHIN: Style(Icons.CHECK_CIRCLE, Message("Label in order"), "good"),
    Outcome.BEYOND: Style(Icons.WARNING_ROUNDED, Message("Label faulty"), "bad"),
    Outcome.UNDECIDED: Style(Icons.INDETERMINATE_CHECK_BOX, Message("Label not wholly judged"), "unsure"),
}
"""How the label of a lot is drawn."""
SHORT = Style(Icons.WARNING_ROUNDED, Message("Suspected short content"), "bad")
LABEL_FAULTY = Style(Icons.WARNING_ROUNDED, Message("Net content within limits, label faulty"), "bad")
LOT_HEADLINES = {LotHeadline.SHORT: SHORT, LotHeadline.LABEL_FAULTY: LABEL_FAULTY}


def headline_style(value: str) -> Style:
    """How a headline is drawn; an unknown one is undecided."""
    if value in set(LOT_HEADLINES):
        return LOT_HEADLINES[LotHeadline(value)]
    return HEADLINES[Headline(value)] if value in set(Headline) else UNDECIDED


_FINDINGS = {
    FindingOutcome.WITHIN: WITHIN,
    FindingOutcome.OVER_LIMIT: BEYOND,
    FindingOutcome.SUSPECTED_CHEATING: CHEATING,
    FindingOutcome.UNDECIDED: UNDECIDED,
    FindingOutcome.NOT_JUDGED: Style(
        Icons.REMOVE_CIRCLE_OUTLINE, FINDING_WORDS[FindingOutcome.NOT_JUDGED], "unsure"
    ),
    FindingOutcome.VALID: Style(Icons.EVENT_AVAILABLE, FINDING_WORDS[FindingOutcome.VALID], "good"),
    FindingOutcome.EXPIRED: Style(Icons.EVENT_BUSY, FINDING_WORDS[FindingOutcome.EXPIRED], "bad"),
    FindingOutcome.UNKNOWN: Style(Icons.EVENT_NOTE, FINDING_WORDS[FindingOutcome.UNKNOWN], "unsure"),
}
_NOTHING_FLAGGED = Style(Icons.CHECK_CIRCLE, NOTHING_FLAGGED, "good")


def finding_style(subject: FindingSubject, outcome: FindingOutcome) -> Style:
    """How one finding is drawn: seals are not within limits, nothing about them was flagged."""
    if subject is FindingSubject.MARKS_AND_SEALS and outcome is FindingOutcome.WITHIN:
        return _NOTHING_FLAGGED
    return _FINDINGS[outcome]
