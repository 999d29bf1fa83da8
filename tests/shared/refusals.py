"""A refusal is whole: its code, what is wrong and what to do, both in the catalogue of words, and every named value filled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from shared.errors import InputError
from tests.shared.checks import ROOT


@cache
def words() -> Catalog:
    """The Chinese catalogue of what ``shared`` says."""
    with (ROOT / "assets/locales/zh_CN/LC_MESSAGES/shared.po").open("rb") as file:
        return read_po(file)


def said_in_chinese(text: str) -> str:
    """The sentence in the Chinese catalogue, which must have it."""
    entry = words().get(text)
    assert entry, text
    return str(entry.string)


@contextmanager
def refused(code: str, **details: str) -> Iterator[None]:
    """What is done inside raises InputError ``code`` with these details."""
    with pytest.raises(InputError) as caught:
        yield
    problem = caught.value.problem
    assert (problem.code, problem.details) == (code, details)
    for text in (problem.what, problem.remedy):
        assert "{" not in said_in_chinese(text).format(**problem.details)
