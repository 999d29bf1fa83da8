"""No binary fraction can be in a record, a limit or a verdict: told from the types of all structs, not from their text."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import msgspec
import pytest

import shared
from shared.inspection import Inspection
from shared.metrology.judging import Judgement, Limit, PossibleErrors


def modules() -> Iterator[ModuleType]:
    """All modules of shared."""
    for found in pkgutil.walk_packages(shared.__path__, "shared."):
        yield importlib.import_module(found.name)


def structs() -> list[type[msgspec.Struct]]:
    """All structs that they define."""
    return [
        value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and value.__module__ == module.__name__
    ]


def inside(hint: Any) -> Iterator[Any]:
    """A type and all that its arguments name."""
    yield hint
    for argument in typing.get_args(hint):
        yield from inside(argument)


def loose(hint: Any) -> bool:
    """Whether a type lets a binary fraction in: float itself, complex, any object, or no type at all."""
    return any(part in (float, complex, Any, object) for part in inside(hint))


@pytest.mark.parametrize("struct", structs(), ids=lambda struct: f"{struct.__module__}.{struct.__name__}")
def test_no_field_can_hold_a_float(struct: type[msgspec.Struct]) -> None:
    """No field of the struct is a float, nor anything that could be one."""
    hints = typing.get_type_hints(struct, include_extras=True)
    assert {field.name for field in msgspec.structs.fields(struct)} <= hints.keys()
    assert not [name for name, hint in hints.items() if loose(hint)]


def test_the_walk_reaches_what_it_must() -> None:
    """Records, limits and judgements are among the structs that were walked, and a float would be found where it hides."""
    assert {Inspection, Judgement, Limit, PossibleErrors} <= set(structs())
    assert len(structs()) > 60
    assert loose(dict[str, list[float] | None])
    assert loose(list[Any])
    assert not loose(dict[str, list[int] | None])


def test_no_function_of_metrology_takes_or_gives_a_float() -> None:
    """No function or method under shared.metrology names float among its types."""
    found = []
    for module in modules():
        if not module.__name__.startswith("shared.metrology"):
            continue
        own = [
            value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__
        ]
        parts = [*own, *(each for value in own if isinstance(value, type) for each in vars(value).values())]
        for function in filter(inspect.isfunction, parts):
            hints = typing.get_type_hints(function)
            found += [
                f"{module.__name__}: {name}" for name, hint in hints.items() if float in list(inside(hint))
            ]
    assert not found
