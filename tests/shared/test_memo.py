"""What is worked out once is the same as if it were worked out anew."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest

from shared.errors import InputError
from shared.memo import MOST, remembered
from shared.metrology.judges import judge_of
from shared.quantity import Quantity
from tests.shared.checks import TODAY, catalogue, scale

PLATE = scale()


def test_what_raises_is_not_remembered_and_a_full_memo_begins_anew() -> None:
    """A fault is asked for again, an answer is not, and no stranger makes the memo grow without end."""
    memo: dict[int, int] = {}

    def fault() -> int:
        raise InputError("no", "no", "no")

    with pytest.raises(InputError):
        remembered(memo, 0, fault)
    assert remembered(memo, 0, lambda: 1) == remembered(memo, 0, lambda: 2) == 1
    for number in range(3 * MOST):
        remembered(memo, number, lambda: 1)
        assert len(memo) <= MOST


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "electronic-bench-scale"},
        {"capacity_max": Quantity(Decimal(30), "kg")},
        {"capacity_min": Quantity(Decimal(200), "g")},
        {"verification_scale_interval": Quantity(Decimal(10), "g")},
        {"actual_scale_interval": Quantity(Decimal(1), "g")},
        {"nameplate": {"supports": Quantity(Decimal(6), "1")}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_another_plate_or_day_has_another_judge(changed: dict[str, object]) -> None:
    """One judge serves all instruments of a plate on a day; whatever it judges by makes it another."""
    judge = judge_of(catalogue(), PLATE, TODAY)
    assert judge_of(catalogue(), msgspec.structs.replace(PLATE, serial_number="2"), TODAY) is judge
    assert judge_of(catalogue(), msgspec.structs.replace(PLATE, **changed), TODAY) is not judge
    other_day: date = TODAY + timedelta(days=1)
    assert judge_of(catalogue(), PLATE, other_day) is not judge
