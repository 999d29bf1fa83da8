"""Whole verdicts with reasons and working; against the least that could be called one: a subtraction and two comparisons a reading."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from shared.inspection import Inspection, PointRole
from shared.metrology.spot_check import conclude
from tests.bench.row import Row, Sizes, Stopwatch, median
from tests.shared.checks import catalogue, check
from tests.shared.families import check_of

TURNS = 7
VERDICTS = 100
"""A turn."""
Figures = list[tuple[Decimal, Decimal, Decimal, Decimal]]


def figures_of(inspection: Inspection) -> Figures:
    """Of each reading of the quantity itself: indication, reference and both limits, in the unit of the limits."""
    judged = {each.point: each for each in conclude(catalogue(), inspection).points}
    return [
        (
            reading.indication.to(found.limit.unit).value,
            reading.reference.to(found.limit.unit).value,
            found.lower.value,
            found.limit.value,
        )
        for reading in inspection.readings
        if reading.indication and reading.role is not PointRole.PRICE and (found := judged[reading.point])
    ]


def compared(figures: Figures) -> bool:
    """The floor: whether every error lies within its limits."""
    return all(low <= indication - reference <= high for indication, reference, low, high in figures)


def seconds_of(work: Callable[[], object]) -> float:
    """Seconds of doing it once, the median of some turns."""
    taken = []
    for _ in range(TURNS):
        watch = Stopwatch()
        for _ in range(VERDICTS):
            work()
        taken.append(watch.seconds() / VERDICTS)
    return median(taken)


def measured(name: str, inspection: Inspection) -> Row:
    """The row of one whole check."""
    rules, figures = catalogue(), figures_of(inspection)
    seconds = seconds_of(lambda: conclude(rules, inspection))
    return Row(
        name=f"verdict on a {name}",
        seconds=seconds,
        floor_s=seconds_of(lambda: compared(figures)),
        notes={"verdicts a second": round(1 / seconds), "readings": len(inspection.readings)},
    )


def rows(_folder: Path, _sizes: Sizes) -> list[Row]:
    """A scale and a pressure gauge, all of their points read."""
    return [
        measured("price-computing scale", check()),
        measured("pressure gauge", check_of("pressure-gauge")),
    ]
