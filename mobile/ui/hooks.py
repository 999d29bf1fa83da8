"""How a component listens to a workflow, loads from it, and acts on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import flet as ft
from flet.components.hooks.use_ref import MutableRef

from mobile.ui.phone import settled, use_phone
from mobile.workflow.ports import Changed, Unsubscribe
from shared.errors import Problem, QuanhengError

Subscribe = Callable[[Changed], Unsubscribe]
Attempt = Callable[[Callable[[], object]], Awaitable[bool]]
"""Tries an action; whether it went well."""

Loaded = TypeVar("Loaded")
Value = TypeVar("Value")


def use_value(initial: Value) -> tuple[Value, Callable[[Value], None]]:
    """State of a component, of one type."""
    value, set_value = ft.use_state(initial)
    return value, cast("Callable[[Value], None]", set_value)


def use_news(subscribe: Subscribe | None, watched: Sequence[object] = ()) -> int:
    """Renders the component anew whenever the workflow says that something changed; how often it did so far."""
    news, set_news = ft.use_state(0)
    held: MutableRef[Unsubscribe | None] = ft.use_ref(None)

    def begin() -> None:
        if subscribe:
            held.current = subscribe(lambda: set_news(lambda count: count + 1))

    def end() -> None:
        if held.current:
            held.current()
            held.current = None

    ft.use_effect(begin, list(watched), end)
    return news


def use_loaded(load: Callable[[], Awaitable[Loaded]], watched: Sequence[object] = ()) -> Loaded | None:
    """What ``load`` gives, None until it did; loaded again whenever something watched is another. A refusal is shown on top of the screen."""
    value, set_value = use_value(cast("Loaded | None", None))
    phone = use_phone()

    async def fetch() -> None:
        try:
            set_value(await load())
        except QuanhengError as error:
            phone.refused(error.problem)

    ft.use_effect(fetch, list(watched))
    return value


def use_attempts(*, in_turn: bool = False) -> tuple[Problem | None, Attempt]:
    """The problem to show, and a function that tries an action: a refusal becomes the problem, a success clears it.

    While one attempt runs, further ones do nothing: a second tap signs nothing twice. With ``in_turn`` they go on at once: these are
    answers, which come faster than they are saved, and the workflow takes all its calls in the order in which they were made.
    """
    problem, set_problem = use_value(cast("Problem | None", None))
    busy = ft.use_ref(False)

    async def attempt(act: Callable[[], object]) -> bool:
        if busy.current and not in_turn:
            return False
        busy.current = True
        try:
            await settled(act())
        except QuanhengError as error:
            set_problem(error.problem)
            return False
        finally:
            busy.current = False
        set_problem(None)
        return True

    return problem, attempt


def use_back(back: Callable[[], Any]) -> Callable[[], Any]:
    """Makes ``back`` what both the arrow and the phone's back button do on this screen."""
    phone = use_phone()
    phone.back = back
    return back
