"""Before the first check: the second officer and the standards carried, by their sorts. Both are offered as they were last time."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_loaded, use_news, use_value
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    action,
    bottom_bar,
    choice,
    column,
    note,
    notice,
    pad,
    row,
    screen,
    section,
    stacked,
    text,
    top_bar,
    touchable,
    upright,
)
from mobile.ui.theme import RADIUS
from mobile.ui.wording import sort_words
from mobile.workflow.session import OfferedStandard
from shared.people import Person
from shared.standard import WEIGHT, Standard


@ft.component
def Prepare() -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    session = phone.app.session
    news = use_news(session.subscribe)
    partners = use_loaded(session.partners, [news]) or []
    offered = use_loaded(session.offered_standards, [news]) or []
    problem, attempt = use_attempts(in_turn=True)
    back = use_back(lambda: phone.go(HOME))
    folds, set_folds = use_value(cast("dict[str, bool]", {}))

    def fold(sort: str, unfolded: bool) -> None:
        set_folds({**folds, sort: unfolded})

    partner = session.partner.person_id if session.partner else ""

    def colleague(one: Person) -> ft.Semantics:
        here = one.person_id == partner
        return choice(
            look,
            one.name,
            here,
            lambda: attempt(lambda: session.choose_partner("" if here else one.person_id)),
        )

    def offer(one: OfferedStandard) -> ft.Semantics:
        return weight(look, one, lambda: attempt(lambda: session.toggle_standard(one.standard.standard_id)))

    people = [colleague(one) for one in partners]
    sorts = sorted({one.standard.sort for one in offered}, key=lambda sort: (sort != WEIGHT, sort))
    carried: list[ft.Control] = []
    for sort in sorts:
        of_sort = [one for one in offered if one.standard.sort == sort]
        count = sum(one.chosen for one in of_sort)
        unfolded = sort == sorts[0] if sort not in folds else folds[sort]
        carried.append(sort_head(look, sort, count, unfolded, fold))
        carried += [offer(one) for one in of_sort] if unfolded else []
    body: list[ft.Control] = [
        *([notice(look, problem)] if problem else []),
        section(look, _("Second officer")),
        stacked(*people, gap=8)
        if people
        else note(look, Icons.INFO_OUTLINE, _("No colleague is known on this phone.")),
        *carried,
    ]
    if not carried:
        body.append(
            note(
                look,
                Icons.INFO_OUTLINE,
                _("No standards are known on this phone; readings can't be judged."),
            )
        )
    ready = action(look, _("Ready"), back, Icons.CHECK)
    return screen(look, top_bar(look, _("Before you begin"), back=back), body, bottom_bar(look, ready))


def sort_head(
    look: Look, sort: str, count: int, unfolded: bool, fold: Callable[[str, bool], object]
) -> ft.Semantics:
    """A sort of standards with how many are carried; touched, it shows or hides them."""
    theme, words = look.theme, sort_words(look, sort)
    return touchable(
        look,
        f"{words}, {count}",
        row(
            text(look, words, "strong", expand=True),
            text(look, str(count) if count else "", "strong", theme.primary),
            ft.Icon(Icons.EXPAND_LESS if unfolded else Icons.EXPAND_MORE, size=24, color=theme.ink2),
        ),
        lambda: fold(sort, not unfolded),
        selected=unfolded,
        padding=pad(upright(look, max(48, theme.target), "strong"), 4),
        border_radius=RADIUS,
    )


def standard_words(standard: Standard) -> str:
    """``20 kg × 4``; of what is no weight its name, too."""
    count = f" × {standard.count}" if standard.count > 1 else ""
    name = "" if standard.sort == WEIGHT else f"{standard.name} "
    return f"{name}{standard.nominal.shown()}{count}"


def weight(look: Look, offered: OfferedStandard, act: Act) -> ft.Semantics:
    """One standard of the team: chosen, free, or struck out with the day its certificate ended."""
    theme, _ = look.theme, look.gettext
    standard = offered.standard
    ink = theme.ink if offered.usable else theme.ink2
    until = standard.valid_until.isoformat()
    words = (
        (
            _("class {accuracy_class}, certificate to {until}")
            if standard.accuracy_class
            else _("certificate to {until}")
        ).format(accuracy_class=standard.accuracy_class, until=until)
        if offered.usable
        else _("certificate expired on {until}: can't be used").format(until=until)
    )
    icon = (
        Icons.CHECK_BOX
        if offered.chosen
        else Icons.CHECK_BOX_OUTLINE_BLANK
        if offered.usable
        else Icons.BLOCK
    )
    name = text(look, standard_words(standard), "title", ink)
    if not offered.usable:
        name.style = ft.TextStyle(decoration=ft.TextDecoration.LINE_THROUGH, height=1.35)
    return touchable(
        look,
        f"{standard_words(standard)} {standard.serial_number}, {words}",
        row(
            ft.Icon(icon, size=26, color=theme.primary if offered.usable else theme.bad),
            column(
                name,
                text(
                    look,
                    f"{standard.serial_number} · {words}",
                    "note",
                    theme.ink2 if offered.usable else theme.bad,
                ),
                gap=0,
                expand=True,
            ),
            gap=12,
        ),
        act,
        selected=offered.chosen,
        padding=12,
        border_radius=RADIUS,
        bgcolor=theme.primary_soft if offered.chosen else theme.surface,
        border=ft.Border.all(max(1.5, theme.stroke), theme.primary if offered.chosen else theme.edge),
    )
