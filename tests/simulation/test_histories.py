"""Phones and an office under faults, by the thousand, and the proof that these histories can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.history import play
from tests.simulation.planted import PLANTED, Planted

ROOT = Path(__file__).parents[2]
HISTORIES = 2000
SLICES = 20


@pytest.mark.parametrize("part", range(SLICES))
def test_no_history_loses_or_doubles_anything(part: int) -> None:
    """2,000 histories with lost, doubled and late messages, crashes, restores and changes of scope keep every invariant."""
    each = HISTORIES // SLICES
    for seed in range(1 + part * each, 1 + (part + 1) * each):
        play(seed, rebuilds=seed % 50 == 0)


def test_a_history_is_wholly_determined_by_its_seed() -> None:
    """The same seed gives the same trace twice, after other histories and in other processes too; another seed gives another."""
    first, other, second = play(7), play(8), play(7)
    assert first == second
    assert first.trace != other.trace
    elsewhere = [
        subprocess.Popen(
            [sys.executable, "-c", "from tests.simulation.history import play; print(play(7).trace)"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for hash_seed in ("1", "2")
    ]
    assert [process.communicate()[0].strip() for process in elsewhere] == [first.trace] * 2


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_fault_is_caught(planted: Planted) -> None:
    """Each known mistake, planted in place of the honest part, breaks an invariant within the histories stated for it."""
    for seed in range(1, planted.within + 1):
        try:
            play(seed, planted.parts)
        except AssertionError:
            return
    pytest.fail(f"{planted.within} histories did not notice")
