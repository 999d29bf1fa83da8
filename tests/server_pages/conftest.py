"""The county that the pages' tests share, and desks at which somebody sits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.server.office import Office
from tests.server_pages.street import Street

Desk = TestClient[Any]


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """The county, in a folder of its own; phones are granted at once, as in the demo."""
    office = Office(tmp_path, demo=True)
    yield Street(office)
    office.close()


@pytest.fixture
def sit(street: Street) -> Iterator[Callable[[str], Desk]]:
    """Opens the console for a login, or for nobody."""
    desks: list[Desk] = []

    def take(login: str = "") -> Desk:
        desks.append(street.desk(login))
        return desks[-1]

    yield take
    for desk in desks:
        desk.__exit__(None, None, None)
