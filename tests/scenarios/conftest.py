"""A town for each scenario, with its office on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.town import Town
from tests.server.conftest import Store, cluster, store
from tests.server.office import Office

__all__ = ["cluster", "store", "town"]


@pytest.fixture
def town(tmp_path: Path, store: Store) -> Iterator[Town]:
    """An office that grants phones at once, and whose phones keep their stores in files."""
    with store() as url:
        opened = Town(Office(tmp_path / "office", demo=True, database_url=url), tmp_path)
        yield opened
        opened.close()
