"""外观: seven questions, one touch to flag, then 其余正常; and the picture of seal and nameplate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from mobile.ui.hooks import use_attempts
from mobile.ui.instruments import instrument_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import Phone, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    column,
    icon_button,
    line,
    note,
    notice,
    pad,
    row,
    screen,
    text,
    top_bar,
    touchable,
)
from mobile.ui.scanning import photograph
from mobile.ui.theme import RADIUS
from mobile.ui.widgets.check_steps import check_steps
from mobile.ui.widgets.letters import Letters
from mobile.workflow.spot_check import SpotCheck, VisualItem
from shared.inspection import VisualAnswer

Answering = Callable[[VisualAnswer | None, str], Awaitable[bool]]
"""Gives a question its answer, with what is wrong."""


def saved_words(look: Look, phone: Phone, check: SpotCheck) -> str:
    """Which instrument, and that all is saved."""
    saved = look.gettext("saved")
    return f"{instrument_name(look, phone, check.instrument)} · {saved}"


@ft.component
def CheckVisual(check: SpotCheck, back: Act, discard: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    problem, attempt = use_attempts()
    refusal, in_turn = use_attempts(in_turn=True)

    shooting = ft.use_ref(False)

    async def rest() -> None:
        """The camera opens over the next screen: what goes wrong with the picture is said there, not here."""
        if shooting.current or not await attempt(check.rest_is_normal):
            return
        shooting.current = True
        try:
            await shoot(phone, look, check)
        finally:
            shooting.current = False

    def answering(item: VisualItem) -> Answering:
        return lambda answer, words: in_turn(lambda: check.answer_visual(item.key, answer, words))

    flagged = sum(item.answer is VisualAnswer.FLAG for item in check.visual)
    hint = _("{count} flagged").format(count=flagged) if flagged else _("Touch what is not as it should be.")
    body: list[ft.Control] = [
        check_steps(look, check),
        *[notice(look, one) for one in (problem, refusal) if one],
        *[question(look, item, answering(item)) for item in check.visual],
    ]
    bottom = bottom_bar(
        look,
        action(
            look,
            _("The rest is normal") if flagged else _("All normal"),
            rest,
            Icons.DONE_ALL,
        ),
        hint=note(look, Icons.FLAG_OUTLINED, hint, look.theme.bad if flagged else ""),
    )
    away = icon_button(look, Icons.DELETE_OUTLINE, _("Discard this check"), discard)
    top = top_bar(look, _("Look it over"), saved_words(look, phone, check), back, [away])
    return screen(look, top, body, bottom, gap=8)


def question(look: Look, item: VisualItem, give: Answering) -> ft.Control:
    """One question; a touch flags it, the small key says that it does not apply; touched once more it is open again."""
    theme, _ = look.theme, look.gettext

    def turn(answer: VisualAnswer) -> object:
        return give(None if item.answer is answer else answer, "")

    words = look.say(item.words)
    shapes = {
        None: (Icons.RADIO_BUTTON_UNCHECKED, theme.ink2, ""),
        VisualAnswer.OK: (Icons.CHECK_CIRCLE, theme.good, _("normal")),
        VisualAnswer.FLAG: (Icons.FLAG, theme.bad, _("flagged")),
        VisualAnswer.NOT_APPLICABLE: (Icons.REMOVE_CIRCLE_OUTLINE, theme.ink2, _("does not apply")),
    }
    icon, ink, state = shapes[item.answer]
    flagged = item.answer is VisualAnswer.FLAG
    states = [text(look, state, "tag", ink)] if state else []
    face = touchable(
        look,
        f"{words}, {state}" if state else words,
        row(
            ft.Icon(icon, size=26, color=ink),
            column(
                text(look, words, "body", theme.bad if flagged else theme.ink), *states, gap=0, expand=True
            ),
            gap=12,
        ),
        lambda: turn(VisualAnswer.FLAG),
        expand=True,
        selected=flagged,
        padding=pad((theme.target - 24) / 2, 12),
        border_radius=RADIUS,
    )
    away = touchable(
        look,
        _("Does not apply: {question}").format(question=look.say(item.short)),
        ft.Icon(
            Icons.BLOCK,
            size=22,
            color=theme.primary if item.answer is VisualAnswer.NOT_APPLICABLE else theme.ink2,
        ),
        lambda: turn(VisualAnswer.NOT_APPLICABLE),
        width=theme.target,
        padding=pad((theme.target - 22) / 2),
        border_radius=theme.target,
        alignment=ft.Alignment.CENTER,
    )
    parts: list[ft.Control] = [row(face, away, gap=0)]
    if flagged:
        parts.append(
            ft.Container(
                Letters(
                    _("What is wrong (may stay empty)"),
                    item.note,
                    lambda words: give(VisualAnswer.FLAG, words),
                    key=item.key,
                ),
                padding=ft.Padding.only(left=12, right=12, bottom=12),
            )
        )
    return ft.Container(
        column(*parts, gap=0),
        bgcolor=theme.bad_soft if flagged else theme.surface,
        border_radius=RADIUS,
        border=ft.Border.all(
            2 if flagged else theme.stroke,
            theme.bad if flagged else theme.edge if theme.stroke > 1 else theme.line,
        ),
    )


async def shoot(phone: Phone, look: Look, check: SpotCheck) -> None:
    """Opens the shutter; a picture goes on to the readings, closing stays here."""
    _ = look.gettext
    jpeg = await photograph(phone, look, _("Seal and nameplate"), _("Seal and nameplate in one picture"))
    if jpeg:
        await check.add_photo(jpeg)


@ft.component
def CheckPhoto(check: SpotCheck, back: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    problem, attempt = use_attempts()
    count = len(check.photos)
    kept = [
        card(
            look,
            line(look, Icons.PHOTO_OUTLINED, look.theme.good, _("{count} pictures kept").format(count=count)),
        )
    ]

    body: list[ft.Control] = [
        check_steps(look, check),
        *([notice(look, problem)] if problem else []),
        card(
            look,
            line(
                look,
                Icons.PHOTO_CAMERA_OUTLINED,
                look.theme.primary,
                _("Seal and nameplate in one picture"),
                _("It shows later that the seal was whole, or that it was not."),
            ),
        ),
        *(kept if count else []),
    ]
    words = _("Go on to the readings") if check.kind.procedure else _("See the outcome")
    onward = action(
        look,
        words if count else _("Go on without a picture"),
        lambda: attempt(check.without_photo),
        rank=Rank.PLAIN,
        expand=2,
    )
    again = _("One more picture") if count else _("Take the picture")
    camera = action(
        look, again, lambda: attempt(lambda: shoot(phone, look, check)), Icons.PHOTO_CAMERA_OUTLINED, expand=3
    )
    return screen(
        look,
        top_bar(look, _("Picture"), saved_words(look, phone, check), back),
        body,
        bottom_bar(look, onward, camera),
    )
