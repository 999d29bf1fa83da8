"""A short life of a monkey, whole: from enrolment to the comparison with the office."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.journeys.office import ROOT
from tests.monkey.__main__ import at_large

pytestmark = [pytest.mark.journey, pytest.mark.long]

SEED = 12
STEPS = 70
SECONDS = 90


def test_a_monkey_breaks_nothing(tmp_path: Path) -> None:
    """Chance at the glass, blows to the machine: no crash, no blank screen, no lost answer, no record twice; all at the office in the end."""
    subprocess.run(["make", "phone"], cwd=ROOT, check=True)
    with at_large(tmp_path, SEED) as monkey:
        monkey.live(SECONDS, STEPS)
    assert monkey.done["touches"] > STEPS / 4
    assert monkey.memory.kept
