"""The bench runs: each row that needs no browser and no peer, with next to nothing in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import clients, opening, packs, pull, push, search
from tests.bench.__main__ import line
from tests.bench.row import Sizes

SMALL = Sizes(records=20, states=100, changed=5, instruments=50, scans=5, clients=3, turns=1)


@pytest.mark.parametrize(
    "area", [push, pull, packs, clients, opening, search], ids=lambda area: area.__name__
)
def test_every_row_runs(tmp_path: Path, area: object) -> None:
    """Each row measures something, against a floor that took time, and can be printed; how fast it was is not asked here."""
    rows = area.rows(tmp_path, SMALL)  # type: ignore[attr-defined]
    assert rows
    for row in rows:
        assert row.seconds > 0
        assert row.floor_s > 0
        assert row.name in line(row)
