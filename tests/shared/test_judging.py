"""What every judgement is made of: limits as people write them, and an error that lies somewhere against them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.message import Message
from shared.metrology.judging import (
    Limit,
    Outcome,
    PossibleErrors,
    Source,
    compare,
    in_brackets,
    limits_shown,
    rounded,
    signed,
    worst,
)
from tests.shared.checks import quantity

W, B, U = Outcome.WITHIN, Outcome.BEYOND, Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [([], U), ([W], W), ([W, U], U), ([U, W], U), ([W, B, U], B), ([B], B), ([W, W], W)],
)
def test_the_worst_counts(outcomes: list[Outcome], expected: Outcome) -> None:
    """Beyond goes before undecided, undecided before within, and nothing judged is undecided."""
    assert worst(outcomes) is expected


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        ("-5 g", "5 g", "±5 g"),
        ("-5.0 g", "5.00 g", "±5 g"),
        ("0 g", "2.50 g", "≤ 2.5 g"),
        ("-4 %", "1 %", "−4…+1 %"),
        ("-0.5 ℃", "0 ℃", "−0.5…0 ℃"),
        ("0 g", "0 g", "±0 g"),
        ("1 g", "2 g", "+1…+2 g"),
    ],
)
def test_limits_are_written_as_people_write_them(low: str, high: str, shown: str) -> None:
    """± where both sides are alike, ≤ where the lower one is nought, else both with their signs."""
    assert limits_shown(quantity(low), quantity(high)) == shown
    source = Source("document", "clause", "seen")
    limit = Limit(quantity(low).value, quantity(high).value, quantity(low).unit, Message("x"), source)
    assert limit.shown() == shown


@pytest.mark.parametrize(
    ("low", "high", "nearest"),
    [("-4", "1", "1"), ("-0.5", "1", "0.5"), ("0", "3", "3"), ("-3", "0", "3"), ("0", "0", "0")],
)
def test_the_nearest_side_is_the_smaller_that_is_not_nought(low: str, high: str, nearest: str) -> None:
    """A standard is held against the narrower side; a side of nought is none."""
    limit = Limit(Decimal(low), Decimal(high), "%", Message("x"), Source("", "", ""))
    assert limit.nearest == Decimal(nearest)


def test_signs_and_brackets() -> None:
    """An error has its sign, nought has none; what is taken away stands in brackets where it is negative."""
    assert [signed(Decimal(text)) for text in ("1.50", "-1.5", "0.0", "0.5")] == ["+1.5", "−1.5", "0", "+0.5"]
    assert [in_brackets(Decimal(text)) for text in ("1.5", "-1.5", "0")] == ["1.5", "(−1.5)", "0"]


@pytest.mark.parametrize(
    ("value", "half_width", "excluded", "outcome"),
    [
        ("5", "0", False, W),
        ("-5", "0", False, W),
        ("5.001", "0", False, B),
        ("-5.001", "0", False, B),
        ("3", "2", False, W),
        ("-3", "2", False, W),
        ("3.5", "2", False, U),
        ("-3.5", "2", False, U),
        ("7", "2", False, U),
        ("-7", "2", False, U),
        ("7", "2", True, B),
        ("-7", "2", True, B),
        ("7.001", "2", False, B),
        ("-7.001", "2", False, B),
        ("0", "6", False, U),
        ("6.9", "2", True, U),
    ],
)
def test_an_error_is_judged_by_all_that_it_can_be(
    value: str, half_width: str, excluded: bool, outcome: Outcome
) -> None:
    """Within where all of it is, the limits included; beyond where none of it is, an end that is excluded counting as none; else undecided."""
    error = PossibleErrors(Decimal(value), Decimal(half_width), [], ends_excluded=excluded)
    assert compare(error, Decimal(-5), Decimal(5)) is outcome


def test_what_can_not_be_believed_decides_nothing() -> None:
    """An error far within or beyond is undecided where the reading can't have been what it is said to be."""
    for value in ("0", "9"):
        error = PossibleErrors(Decimal(value), Decimal(0), [], believable=False)
        assert compare(error, Decimal(-5), Decimal(5)) is U


@pytest.mark.parametrize(
    ("error", "decimals", "shown"),
    [
        ("1.25", 1, "1.2"),
        ("1.35", 1, "1.4"),
        ("5.04", 1, "5.04"),
        ("5.0004", 1, "5.0004"),
        ("4.96", 1, "4.96"),
        ("-5.04", 1, "-5.04"),
        ("-4.96", 1, "-4.96"),
        ("5", 1, "5.0"),
        ("0", 2, "0"),
        ("12.3456", 2, "12.35"),
        ("4.949", 1, "4.9"),
    ],
)
def test_a_shown_error_is_rounded_but_never_across_a_limit(error: str, decimals: int, shown: str) -> None:
    """Half to even to the decimals asked for; with more where rounding would carry it onto a limit or across it."""
    found = rounded(Decimal(error), decimals, Decimal(-5), Decimal(5))
    assert str(found) == shown


@pytest.mark.parametrize("limit", ["5.05", "5.15"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_an_error_at_the_limit_is_shown_at_the_limit(limit: str, sign: str) -> None:
    """Neither rounding down nor rounding up may make an error that is the limit look like another."""
    edge = Decimal(limit)
    assert rounded(Decimal(f"{sign}{limit}"), 1, -edge, edge) == Decimal(f"{sign}{limit}")
