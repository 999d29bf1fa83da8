"""What holds for all tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How fast something is, is the bench's to say: a property must not fail because another program had the processor.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys run one after the other in one process: a phone has a processor of its own, as far as two can share this machine."""
    for item in items:
        if item.get_closest_marker("journey"):
            item.add_marker(pytest.mark.xdist_group("browser"))
