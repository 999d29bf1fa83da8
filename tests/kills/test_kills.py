"""A server and three phones are killed again and again, and lose nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.kills.afterwards import check
from tests.kills.storm import Storm, for_kills

KILLS = 6
SEED = 4


def test_real_processes_killed_at_random_lose_nothing(tmp_path: Path) -> None:
    """Six times kill -9 on server or phone by a seeded schedule, over a line that drops, swallows and cuts: afterwards all agree, and nothing counts twice."""
    with closing(Storm(tmp_path, SEED)) as storm:
        storm.enrol()
        line = storm.rage(for_kills(KILLS, storm))
        storm.settle()
        storm.server.close()
        found = check(storm)
    assert storm.kills["server"] >= 1
    assert storm.kills["phones"] >= 2
    assert sum(line.met.values()) > line.met["carried"] > 0
    assert found.records > 20
