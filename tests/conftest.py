"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# How fast something is, is the bench's to say: a property must not fail because another program had the processor.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
