"""Moments as the tables hold them: UTC text of fixed width, so that they sort as text."""

from __future__ import annotations

from datetime import UTC, datetime


def written(moment: datetime) -> str:
    """``2026-11-24T01:02:03.000004Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(text: str) -> datetime:
    """The moment in ``text``."""
    return datetime.fromisoformat(text)
