"""The office that the tests of the server share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.office import Office, Phone


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office in a folder of its own, which compares fingerprints."""
    opened = Office(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def phone(office: Office) -> Phone:
    """A phone enrolled there, for one county."""
    return office.phone()
