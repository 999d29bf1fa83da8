"""A spot check, step by step: visual items → picture → readings → conclusion → signature → receipt.

Invariants:

* Every answer is on disk, as given, when the call that gave it returns; so is the place one is in, and even half-typed text.
* Nothing that was answered is ever lost: a retest keeps the earlier attempt with the recorded cause.
* A finished draft is sealed once: the draft goes in the transaction that adds the record.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec
from shared.inspection import Conclusion, PlannedPoint, PointVerdict

from mobile.workflow.ports import Changed, Equipment, Unsubscribe
from mobile.workflow.resolve import Found
from mobile.workflow.session import Session
from mobile.workflow.today import DraftSummary
from shared.instrument import Instrument
from shared.message import Message
from shared.premises import Premises


class Step(StrEnum):
    VISUAL = "visual"
    PHOTO = "photo"
    READINGS = "readings"
    VERDICT = "verdict"
    SIGN = "sign"
    RECEIPT = "receipt"


class Field(StrEnum):
    """What the keypad is writing into."""

    INDICATION = "indication"
    ADDED_WEIGHTS = "added_weights"


class Cursor(msgspec.Struct, frozen=True):
    """The place one is in; a killed app reopens here."""

    step: Step = Step.VISUAL
    point: str = ""
    """Key of the point being read."""
    field: Field = Field.INDICATION
    text: str = ""
    """What stands in the field, half-typed or not, with a full stop as decimal sign."""


class VisualAnswer(StrEnum):
    OK = "ok"
    FLAG = "flag"
    NOT_APPLICABLE = "not_applicable"


class VisualItem(msgspec.Struct, frozen=True):
    """One question of the visual check."""

    key: str
    words: Message
    answer: VisualAnswer | None
    note: str = ""


class PhotoItem(msgspec.Struct, frozen=True):
    digest: str
    role: str
    size: int


class PointState(StrEnum):
    TO_DO = "to_do"
    DONE = "done"
    CANNOT = "cannot"


class PointView(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the plan with what was answered."""

    key: str
    planned: PlannedPoint
    state: PointState
    indication: str = ""
    """As displayed, decimals kept."""
    entry: str = ""
    """``same`` or ``typed``."""
    added_weights: str = ""
    attempts: int = 0
    """Earlier readings that a retest superseded."""
    reason: str = ""
    """Why it can't be done."""
    verdict: PointVerdict | None = None


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement of the field being typed."""

    point: PointView
    field: Field
    text: str
    verdict: PointVerdict | None = None
    """None while there is nothing to judge yet."""
    problem: Message | None = None
    """Why the text can't be taken (for example, more decimals than the display has)."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the other party takes away."""

    number: str
    record_id: str
    digest: str
    payload: str
    """The text of the receipt's QR code."""
    observed_at: datetime
    instrument: Instrument
    premises: Premises | None
    conclusion: Conclusion
    officers: list[str]
    """Names."""


class SpotCheck:
    """One spot check under way. Calls are taken one after the other, in the order they came."""

    draft_id: str
    found: Found
    instrument: Instrument
    premises: Premises | None
    cursor: Cursor
    saved_at: datetime
    """When the last answer was saved (the 已存 in the subtitle)."""

    def subscribe(self, changed: Changed) -> Unsubscribe:
        raise NotImplementedError

    # Visual check

    @property
    def visual(self) -> list[VisualItem]:
        raise NotImplementedError

    async def answer_visual(self, key: str, answer: VisualAnswer | None, note: str = "") -> None:
        """Flags an item, says it is all right, or takes the answer back (None)."""
        raise NotImplementedError

    async def rest_is_normal(self) -> None:
        """其余正常: every unanswered item is all right; on to the picture."""
        raise NotImplementedError

    # Pictures

    @property
    def photos(self) -> list[PhotoItem]:
        raise NotImplementedError

    async def add_photo(self, jpeg: bytes, role: str = "nameplate_and_seal", personal: bool = False) -> None:
        """Flushes the picture, then names it in the draft; from the photo step it goes on to the readings."""
        raise NotImplementedError

    async def remove_photo(self, digest: str) -> None:
        raise NotImplementedError

    # Readings

    @property
    def points(self) -> list[PointView]:
        """The plan in its order, with the answers."""
        raise NotImplementedError

    @property
    def current(self) -> PointView | None:
        """The point being read."""
        raise NotImplementedError

    def live(self) -> Live | None:
        """The judgement of what stands in the field now; None outside the readings."""
        raise NotImplementedError

    async def type(self, text: str) -> Live:
        """The field's text after a key; saved even when it can't be judged yet."""
        raise NotImplementedError

    async def same(self) -> None:
        """同载荷: the display shows exactly the load; goes on to the next point."""
        raise NotImplementedError

    async def next_point(self) -> None:
        """Takes the field's text as the answer and goes on; after the last point to the verdict.

        Raises InputError ``reading_missing`` or ``reading_unreadable``; nothing is lost.
        """
        raise NotImplementedError

    async def finer(self) -> None:
        """加小砝码细测: takes the indication and moves to the field of the added weights."""
        raise NotImplementedError

    async def cannot(self, reason: str) -> None:
        """这点做不了, with its reason (one of :attr:`cannot_reasons`); goes on."""
        raise NotImplementedError

    @property
    def cannot_reasons(self) -> list[tuple[str, Message]]:
        raise NotImplementedError

    async def retest(self, point: str, cause: str) -> None:
        """Reads a point again; the earlier attempt stays with ``cause`` (one of :attr:`retest_causes`)."""
        raise NotImplementedError

    @property
    def retest_causes(self) -> list[tuple[str, Message]]:
        raise NotImplementedError

    async def go_to(self, step: Step, point: str = "") -> None:
        """Moves about without answering: a tab of the points, or back a step."""
        raise NotImplementedError

    # Conclusion, signature, receipt

    def conclusion(self) -> Conclusion:
        """The three findings and the headline from the answers so far."""
        raise NotImplementedError

    async def sign(
        self, drawing: bytes, media_type: str, agrees: bool = True, objection: str = ""
    ) -> Receipt:
        """请经营者签名: the other party's signature, with 无异议 or 有异议; seals the record."""
        raise NotImplementedError

    async def refuse(self, reason: str) -> Receipt:
        """拒签 with its reason (one of :attr:`refusal_reasons`); seals the record."""
        raise NotImplementedError

    @property
    def refusal_reasons(self) -> list[tuple[str, Message]]:
        raise NotImplementedError

    async def discard(self, reason: str) -> None:
        """Drops the draft for good; allowed only before the record is sealed."""
        raise NotImplementedError


class SpotChecks:
    """Begins spot checks and finds those that were begun."""

    def __init__(self, equipment: Equipment, session: Session) -> None:
        self._equipment = equipment
        self._session = session

    async def begin(self, found: Found) -> SpotCheck:
        """A new draft, or the unfinished one of the same instrument and person.

        Raises InputError ``kind_not_checkable``, ``instrument_unknown``; AccessError ``session_locked``.
        """
        raise NotImplementedError

    async def open(self, draft_id: str) -> SpotCheck:
        """The draft just as it was left. Raises InputError ``draft_unknown``."""
        raise NotImplementedError

    async def drafts(self) -> list[DraftSummary]:
        """The person's unfinished checks, the last saved first."""
        raise NotImplementedError

    async def receipt(self, record_id: str) -> Receipt:
        """The receipt of a finished check once more. Raises InputError ``record_unknown``."""
        raise NotImplementedError
