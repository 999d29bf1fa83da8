"""The office that the tests of the server share, on each of its stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.server.cluster import Cluster
from tests.server.office import Office, Phone

Store = Callable[[], AbstractContextManager[str]]
"""Gives the address of a new, empty database; the empty address is a SQLite file in the office's folder."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this run's own."""
    started = Cluster()
    yield started
    started.close()


@contextmanager
def sqlite() -> Iterator[str]:
    """The address that means SQLite."""
    yield ""


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """Every test that opens an office holds on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return sqlite
    started: Cluster = request.getfixturevalue("cluster")
    return started.database


@pytest.fixture
def office(tmp_path: Path, store: Store) -> Iterator[Office]:
    """An office in a folder of its own, which compares fingerprints."""
    with store() as url:
        opened = Office(tmp_path, database_url=url)
        yield opened
        opened.close()


@pytest.fixture
def phone(office: Office) -> Phone:
    """A phone enrolled there, for one county."""
    return office.phone()
