"""What a judgement is: an error that is known to lie somewhere, limits on either side, and three possible outcomes."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from shared.message import Message
from shared.quantity import MINUS, Quantity, figure, plain


class Stage(StrEnum):
    """When in an instrument's life it is judged; a spot check judges it in service."""

    INITIAL = "initial"
    SUBSEQUENT = "subsequent"
    IN_SERVICE = "in_service"


STAGE_WORDS = {
    Stage.INITIAL: Message("initial verification"),
    Stage.SUBSEQUENT: Message("subsequent verification"),
    Stage.IN_SERVICE: Message("in service"),
}


class Outcome(StrEnum):
    """A judgement: three-valued, and never a pass by default."""

    WITHIN = "within"
    BEYOND = "beyond"
    UNDECIDED = "undecided"


def worst(outcomes: list[Outcome]) -> Outcome:
    """The worst of several: beyond, then undecided; undecided when there is none."""
    for outcome in (Outcome.BEYOND, Outcome.UNDECIDED):
        if outcome in outcomes:
            return outcome
    return Outcome.WITHIN if outcomes else Outcome.UNDECIDED


class Source(msgspec.Struct, frozen=True):
    """Where a limit comes from."""

    document: str
    clause: str
    certainty: str


class Limit(msgspec.Struct, frozen=True):
    """The maximum permissible errors at one point, both included, in ``unit``, and how they came about."""

    low: Decimal
    high: Decimal
    unit: str
    working: Message
    source: Source

    def shown(self) -> str:
        """``±5 g``, or ``−4 %…+1 %`` where the sides differ."""
        return limits_shown(Quantity(self.low, self.unit), Quantity(self.high, self.unit))

    @property
    def nearest(self) -> Decimal:
        """The smaller side that is not nought: what a standard's own error is compared with."""
        return min((abs(side) for side in (self.low, self.high) if side), default=Decimal(0))


def limits_shown(low: Quantity, high: Quantity) -> str:
    """Limits as people write them."""
    if -low.value == high.value:
        return f"±{Quantity(plain(high.value), high.unit).shown()}"
    if not low.value and high.value > 0:
        return f"≤ {Quantity(plain(high.value), high.unit).shown()}"
    return f"{signed(low.value)}…{signed(high.value)} {high.unit}"


def signed(value: Decimal) -> str:
    """A figure that always has its sign, except nought."""
    return f"+{figure(plain(value))}" if value > 0 else figure(plain(value))


def in_brackets(value: Decimal) -> str:
    """A figure to subtract: a negative one in brackets."""
    text = figure(value)
    return f"({text})" if text.startswith(MINUS) else text


class PossibleErrors(msgspec.Struct, frozen=True):
    """What an error of indication can be: all that lies within ``half_width`` of ``value``, both in the unit of its limit."""

    value: Decimal
    half_width: Decimal
    working: list[Message]
    ends_excluded: bool = False
    """Whether the error can't be as large as the ends: a display that jumped has passed the point, one that stayed has not reached it."""
    believable: bool = True
    """False where what was read can't have been what it is said to be."""

    def __post_init__(self) -> None:
        assert self.half_width >= 0  # noqa: S101  what is known to lie somewhere lies somewhere


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What one reading says: the error's best value, how far it may be off, the limits, and the working."""

    outcome: Outcome
    error_of_indication: Decimal
    half_width: Decimal
    limit: Decimal
    """The upper limit."""
    limit_below: Decimal | None = None
    """The lower limit, where it is not the upper one with the other sign."""
    working: list[Message]
    finer: Message | None = None
    """What decides an undecided reading."""


def compare(error: PossibleErrors, low: Decimal, high: Decimal) -> Outcome:
    """Where all that the error can be lies; the limits themselves are still within."""
    if not error.believable:
        return Outcome.UNDECIDED
    least, most = error.value - error.half_width, error.value + error.half_width
    if low <= least and most <= high:
        return Outcome.WITHIN
    if least > high or most < low or (error.ends_excluded and (least == high or most == low)):
        return Outcome.BEYOND
    return Outcome.UNDECIDED


def rounded(error: Decimal, decimals: int, low: Decimal, high: Decimal) -> Decimal:
    """The error as it is shown, half to even; with as many decimals more as keep it on its own side of each limit.

    The judgement itself is made on the unrounded error.
    """
    while True:
        value = round(error, decimals) if error else error
        sides = [(error > limit, error < limit) for limit in (low, high)]
        if sides == [(value > limit, value < limit) for limit in (low, high)] or value == error:
            return value
        decimals += 1
