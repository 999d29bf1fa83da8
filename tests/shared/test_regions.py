"""Liaoning's regions as shipped in assets/regions."""

from __future__ import annotations

from pathlib import Path

from shared.regions import read_regions

ASSETS = Path(__file__).parents[2] / "assets/regions"


def test_liaoning_is_whole() -> None:
    """There are 14 cities, 100 counties and 1,406 townships, each with a parent that is there (METROLOGY §2.4)."""
    regions = read_regions((ASSETS / "regions.csv").read_bytes(), (ASSETS / "townships.csv").read_bytes())
    assert len(regions.counties()) == 100
    assert (
        sum(code.endswith("00") and not code.endswith("0000") and len(code) == 6 for code in regions.by_code)
        == 14
    )
    assert sum(len(code) == 9 for code in regions.by_code) == 1406
    assert all(not region.parent or region.parent in regions.by_code for region in regions.by_code.values())
    assert regions.name("210123") == "康平县"
    assert regions.townships_of("210123")
