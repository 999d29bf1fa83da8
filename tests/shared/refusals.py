"""A refusal is whole: its code, what is wrong and what to do, both in the catalogue of words, and every named value filled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.errors import InputError, Problem
from tests.shared.words import said


@contextmanager
def refusal(code: str) -> Iterator[pytest.ExceptionInfo[InputError]]:
    """What is done inside raises InputError ``code``, whole."""
    with pytest.raises(InputError) as caught:
        yield caught
    assert caught.value.problem.code == code
    check_whole(caught.value.problem)


@contextmanager
def refused(code: str, **details: str) -> Iterator[None]:
    """What is done inside raises InputError ``code`` with just these details."""
    with refusal(code) as caught:
        yield
    assert caught.value.problem.details == details


def check_whole(problem: Problem) -> None:
    """What is wrong and what to do can be said, and nothing named is empty."""
    assert said(problem.said())
    assert said(problem.remedied())
