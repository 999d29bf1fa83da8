"""The PIN: choosing it at enrolment, and giving it whenever the phone was locked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_loaded, use_news, use_value
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    choice,
    notice,
    pad,
    screen,
    stacked,
    text,
    top_bar,
)
from mobile.ui.scanning import scan_to_check
from mobile.ui.widgets.pin_pad import PIN_LENGTH, pin_after, pin_dots, pin_keypad
from mobile.workflow.enrolment import EnrolmentView
from mobile.workflow.session import Unlock
from shared.people import Person


@dataclass
class Typed:
    """Digits as they come. Fingers are faster than drawing, so no handler may go by what was drawn last."""

    pin: str = ""
    first: str = ""
    """The PIN that was chosen, to be typed once more."""
    busy: bool = False
    """Whether a whole PIN is being tried; digits that come meanwhile are none of it."""


def use_typed() -> tuple[Typed, Callable[[], None]]:
    """The digits of this screen, and what draws it anew."""
    _drawn, set_drawn = ft.use_state(0)
    return ft.use_memo(Typed, []), lambda: set_drawn(lambda count: count + 1)


@ft.component
def ChoosePin(view: EnrolmentView) -> ft.Control:
    """Twice the same six digits."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    typed, draw = use_typed()
    problem, attempt = use_attempts()
    back = use_back(phone.app.enrolment.begin_again)

    async def given(complete: str) -> None:
        if not typed.first:
            typed.first, typed.pin = complete, ""
            return
        typed.busy = True
        draw()
        await attempt(lambda: phone.app.enrolment.set_pin(typed.first, complete))
        typed.first, typed.pin, typed.busy = "", "", False

    async def key(pressed: str) -> None:
        if typed.busy:
            return
        typed.pin = pin_after(typed.pin, pressed)
        if len(typed.pin) == PIN_LENGTH:
            await given(typed.pin)
        draw()

    shown = problem or (view.problem if not typed.pin and not typed.first else None)
    words = _("Once more, to be sure") if typed.first else _("Choose a PIN of six digits")
    if typed.busy:
        words = _("Making the keys and asking the server …")
    body: list[ft.Control] = [
        text(look, words, "title", align=ft.TextAlign.CENTER),
        pin_dots(look, len(typed.pin)),
        text(
            look,
            _("The PIN opens your signing key. Nobody can tell it to you again."),
            "note",
            look.theme.ink2,
            align=ft.TextAlign.CENTER,
        ),
        *([notice(look, shown)] if shown else []),
    ]
    return screen(look, top_bar(look, _("Choose a PIN"), back=back), body, pin_keypad(look, key), gap=20)


@ft.component
def Pin() -> ft.Control:
    """The locked phone: who, then six digits; labels can be looked up all the same."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    session = phone.app.session
    news = use_news(session.subscribe)
    people = use_loaded(session.people, [news]) or []
    until = use_loaded(session.waiting_until, [news])
    typed, draw = use_typed()
    chosen, set_chosen = use_value("")
    tried, set_tried = use_value(Unlock(True))
    problem, attempt = use_attempts()
    use_back(lambda: None)

    async def unlock(complete: str) -> None:
        typed.busy = True
        draw()
        try:
            answer = await session.unlock(complete, chosen)
        finally:
            typed.pin, typed.busy = "", False
            draw()
        set_tried(answer)
        if answer.opened and phone.path == HOME and not (session.standards and session.partner):
            phone.go("/prepare")

    async def key(pressed: str) -> None:
        if typed.busy:
            return
        typed.pin = pin_after(typed.pin, pressed)
        if len(typed.pin) == PIN_LENGTH:
            await attempt(lambda: unlock(typed.pin))
        else:
            draw()

    async def look_up() -> None:
        phone.looking_up = True
        await scan_to_check(phone, look)

    person = next((one for one in people if one.person_id == chosen), people[0] if people else None)
    body: list[ft.Control] = [
        *faces(look, people, person, set_chosen),
        text(look, _("PIN"), "title", align=ft.TextAlign.CENTER),
        pin_dots(look, len(typed.pin)),
        *warning(look, tried, tried.wait_until or until),
        *([notice(look, problem)] if problem else []),
        action(
            look,
            _("Look up a label without a PIN"),
            look_up,
            Icons.QR_CODE_SCANNER,
            rank=Rank.QUIET,
            expand=None,
        ),
    ]
    name = person.name if person else _("Quanheng")
    return screen(
        look, top_bar(look, name, _("Locked; drafts are kept")), body, pin_keypad(look, key), gap=16
    )


def faces(
    look: Look, people: list[Person], at: Person | None, choose: Callable[[str], object]
) -> list[ft.Control]:
    """The people of this phone, where there is more than one."""

    def one(person: Person) -> ft.Semantics:
        return choice(look, person.name, person is at, lambda: choose(person.person_id))

    return [stacked(*[one(person) for person in people], gap=8)] if len(people) > 1 else []


def warning(look: Look, tried: Unlock, until: datetime | None) -> list[ft.Control]:
    """How many tries are left, or how long to wait."""
    _ = look.gettext
    if until:
        return [Waiting(look, until)]
    if tried.opened:
        return []
    words = _("Wrong PIN. {count} tries left before a pause.").format(count=tried.tries_left)
    return [text(look, words, "strong", look.theme.bad, align=ft.TextAlign.CENTER)]


@ft.component
def Waiting(look: Look, until: datetime) -> ft.Control:
    """Counts the pause down; nothing is ever wiped."""
    phone: Phone = use_phone()
    clock = phone.app.equipment.clock
    left, set_left = use_value(max(0, int((until - clock.now()).total_seconds())))
    alive = ft.use_ref(True)

    async def count() -> None:
        while alive.current and clock.now() < until:
            await asyncio.sleep(1)
            set_left(max(0, int((until - clock.now()).total_seconds())))

    def stop() -> None:
        alive.current = False

    ft.use_effect(count, [], stop)
    words = look.gettext("Too many wrong tries. The next one in {minutes}:{seconds:02d}.")
    return ft.Container(
        text(
            look,
            words.format(minutes=left // 60, seconds=left % 60) if left else look.gettext("Try again now."),
            "strong",
            look.theme.bad if left else look.theme.ink,
            align=ft.TextAlign.CENTER,
        ),
        padding=pad(),
    )
