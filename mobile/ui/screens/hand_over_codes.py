"""转交码: a hand-over as codes, each shown long enough for a cheap camera, round after round until the other phone has them all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import flet as ft
from flet.components.hooks.use_ref import MutableRef

from mobile.ui.hooks import use_back, use_loaded, use_value
from mobile.ui.look import Look, use_look
from mobile.ui.phone import Phone, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bar,
    note,
    notice,
    progress,
    row,
    screen,
    text,
    top_bar,
)
from mobile.ui.screens.hand_over import in_it
from mobile.ui.widgets.receipt_code import receipt_code
from mobile.workflow.hand_over import Handover
from shared.errors import Problem, QuanhengError

FRAME_SECONDS = 1.4
"""How long each code stands: a cheap camera needs a second to focus and to read."""


@dataclass(frozen=True)
class Series:
    """A hand-over and its codes."""

    made: Handover
    frames: list[str]


def use_turns(count: int, moving: bool) -> tuple[int, Callable[[int], None]]:
    """Which turn it is, and a way to change it; while ``moving``, and where there are any, each turn is followed by the next."""
    at, set_at = use_value(0)
    turn: MutableRef[object] = ft.use_ref(None)

    async def stand() -> None:
        mine = turn.current = object()
        if count and moving:
            await asyncio.sleep(FRAME_SECONDS)
            if turn.current is mine:
                set_at(at + 1)

    def end() -> None:
        turn.current = None

    ft.use_effect(stand, [at, moving, count], end)
    return at, set_at


def use_bright_screen(phone: Phone) -> None:
    """The screen does not go dark while this is shown."""

    async def begin() -> None:
        await phone.platform.keep_awake(True)

    async def end() -> None:
        await phone.platform.keep_awake(False)

    ft.use_effect(begin, [], end)


@ft.component
def HandOverCodes() -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    moving, set_moving = use_value(True)
    back = use_back(lambda: phone.go("/handover"))
    use_bright_screen(phone)

    async def load() -> Series | Problem:
        try:
            return Series(*await phone.app.hand_over.as_codes())
        except QuanhengError as error:
            return error.problem

    series = use_loaded(load, [])
    count = len(series.frames) if isinstance(series, Series) else 0
    at, set_at = use_turns(count, moving)
    if series is None or isinstance(series, Problem):
        return screen(
            look, top_bar(look, _("Hand over"), back=back), [notice(look, series)] if series else []
        )
    made = series.made

    async def finish() -> None:
        await phone.app.hand_over.given(made)
        phone.go("/outbox")

    moves = row(
        small(look, _("One back"), lambda: set_at(at + count - 1), Icons.SKIP_PREVIOUS),
        small(
            look,
            _("Pause") if moving else _("Go on"),
            lambda: set_moving(not moving),
            Icons.PAUSE if moving else Icons.PLAY_ARROW,
        ),
        small(look, _("One on"), lambda: set_at(at + 1), Icons.SKIP_NEXT),
        gap=8,
    )
    done = action(look, _("The other phone has them all"), finish, Icons.CHECK, expand=None)
    body = code_and_notes(look, series, at % count + 1)
    return screen(look, top_bar(look, _("Hand over"), back=back), body, bar(look, moves, done))


def code_and_notes(look: Look, series: Series, number: int) -> list[ft.Control]:
    """One code, which of how many it is, and how to hold the phones."""
    _, count = look.gettext, len(series.frames)
    words = _("Code {number} of {count}").format(number=number, count=count)
    side = min(look.inner_width, look.height * 0.52)
    return [
        row(
            receipt_code(series.frames[number - 1], words, side - 8),
            alignment=ft.MainAxisAlignment.CENTER,
        ),
        text(look, words, "title", align=ft.TextAlign.CENTER),
        progress(look, number, count),
        note(
            look,
            Icons.LIGHT_MODE_OUTLINED,
            _("Turn this screen's brightness all the way up, and hold still."),
        ),
        note(
            look,
            Icons.QR_CODE_SCANNER,
            _(
                "On the other phone: Outbox, Carry for another phone, Scan the codes. The order does not matter."
            ),
        ),
        note(look, Icons.INFO_OUTLINE, in_it(look, series.made)),
    ]


def small(look: Look, label: str, act: Act, icon: ft.IconData) -> ft.Semantics:
    """One of the three below the code."""
    icons = None if look.narrow or look.width < 380 else icon
    return action(look, label, act, icons, rank=Rank.PLAIN, height=48)
