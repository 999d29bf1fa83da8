"""The few things that every screen is made of. Heights come from padding, so that larger type makes a thing taller, never cut."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import flet as ft

from mobile.ui.look import Look
from mobile.ui.theme import BOLD, MARGIN, RADIUS, SANS, TYPE
from shared.errors import Problem, QuanhengError

Icons = ft.Icons
Act = Callable[[], object]
"""What a touch does: a plain or an async function without arguments."""

STRETCH = ft.CrossAxisAlignment.STRETCH
CENTRED = ft.MainAxisAlignment.CENTER


class Rank(Enum):
    """How much a button stands out; a bottom bar has one primary at most."""

    PRIMARY = "primary"
    PLAIN = "plain"
    QUIET = "quiet"


def pressing(look: Look, act: Act) -> Callable[[], Any]:
    """A Flet handler of ``act``, plain or async, that also notes the touch."""

    async def pressed() -> None:
        look.touched()
        await answered(look, act)

    return pressed


async def answered(look: Look, act: Act) -> None:
    """Acts; a refusal that the screen has no place of its own for is shown on top of it, until something is done that goes well."""
    try:
        done = act()
        if inspect.isawaitable(done):
            await done
    except QuanhengError as error:
        look.refused(error.problem)
    else:
        look.refused(None)


def size_of(look: Look, role: str) -> float:
    """The size to ask for, such that the reader's text scale brings it to the role's size or its largest."""
    kind = TYPE[role]
    size = kind.size + (look.theme.small_type_more if kind.size < 20 else 0)
    return min(size, max(kind.largest / look.text_scale, 13))


def line_of(look: Look, role: str) -> float:
    """Height of one line as it will be drawn."""
    return size_of(look, role) * look.text_scale * TYPE[role].line_height


def text(
    look: Look,
    value: str,
    role: str = "body",
    colour: str = "",
    *,
    align: ft.TextAlign = ft.TextAlign.START,
    size: float = 0,
    **more: Any,
) -> ft.Text:
    """A text in one of the roles of type. It wraps unless told not to."""
    kind = TYPE[role]
    return ft.Text(
        value,
        size=size or size_of(look, role),
        color=colour or look.theme.ink,
        font_family=BOLD if kind.bold else SANS,
        style=ft.TextStyle(height=kind.line_height),
        text_align=align,
        **more,
    )


def row(*controls: ft.Control, gap: float = 8, **more: Any) -> ft.Row:
    return ft.Row(list(controls), spacing=gap, **more)


def column(*controls: ft.Control, gap: float = 4, **more: Any) -> ft.Column:
    return ft.Column(list(controls), spacing=gap, **more)


def stacked(*controls: ft.Control, gap: float = 4, **more: Any) -> ft.Column:
    """A column whose parts are as wide as it is."""
    return ft.Column(list(controls), spacing=gap, horizontal_alignment=STRETCH, **more)


def pad(vertical: float = 0, horizontal: float = 0) -> ft.Padding:
    return ft.Padding.symmetric(vertical=vertical, horizontal=horizontal)


def upright(look: Look, height: float, role: str, lines: int = 1) -> float:
    """Padding above and below ``lines`` lines of a role that makes ``height``, or 4 where the type is larger than that."""
    return max(4, (height - lines * line_of(look, role)) / 2)


def touchable(
    look: Look,
    label: str,
    face: ft.Control,
    act: Act | None,
    *,
    expand: bool | int | None = None,
    selected: bool | None = None,
    on_long_press: Act | None = None,
    **box: Any,
) -> ft.Semantics:
    """Anything one can touch: it has a spoken name and answers to a finger, a key and a screen reader alike."""
    handler = pressing(look, act) if act else None
    return ft.Semantics(
        label=label,
        button=True,
        container=True,
        exclude_semantics=True,
        selected=selected,
        on_tap=handler,
        expand=expand,
        content=ft.Container(
            face,
            ink=act is not None,
            on_click=handler,
            on_long_press=pressing(look, on_long_press) if on_long_press else None,
            **box,
        ),
    )


def action(
    look: Look,
    label: str,
    act: Act | None,
    icon: ft.IconData | None = None,
    *,
    rank: Rank = Rank.PRIMARY,
    expand: bool | int | None = True,
    height: int = 0,
    colour: str = "",
) -> ft.Semantics:
    """The button of this app; as high as the theme's main action unless ``height`` says otherwise."""
    theme = look.theme
    ink = theme.on_primary if rank is Rank.PRIMARY else colour or theme.primary
    fill = {Rank.PRIMARY: theme.primary, Rank.PLAIN: theme.surface, Rank.QUIET: None}[rank]
    words = text(look, label, "title", ink, align=ft.TextAlign.CENTER, expand=True, expand_loose=True)
    parts: list[ft.Control] = [ft.Icon(icon, size=24, color=ink)] if icon else []
    return touchable(
        look,
        label,
        row(*parts, words, alignment=CENTRED),
        act,
        expand=expand,
        alignment=ft.Alignment.CENTER,
        padding=pad(upright(look, max(height or theme.action, theme.target), "title"), 10),
        border_radius=RADIUS,
        bgcolor=fill,
        border=ft.Border.all(max(1.5, theme.stroke), theme.edge) if rank is Rank.PLAIN else None,
    )


def icon_button(look: Look, icon: ft.IconData, label: str, act: Act, colour: str = "") -> ft.Semantics:
    """An icon alone: only in the top bar and on the number key, and never without a spoken name."""
    side = look.theme.target
    return touchable(
        look,
        label,
        ft.Icon(icon, size=26, color=colour or look.theme.ink),
        act,
        width=side,
        height=side,
        border_radius=side,
        alignment=ft.Alignment.CENTER,
    )


def choice(
    look: Look, label: str, chosen: bool, act: Act, *, expand: bool | int | None = None
) -> ft.Semantics:
    """One of several answers; the chosen one is filled and ticked."""
    theme = look.theme
    ink = theme.on_primary if chosen else theme.ink
    parts: list[ft.Control] = [ft.Icon(Icons.CHECK, size=20, color=ink)] if chosen else []
    return touchable(
        look,
        label,
        row(
            *parts,
            text(look, label, "strong", ink, align=ft.TextAlign.CENTER, expand=True, expand_loose=True),
            gap=4,
            alignment=CENTRED,
        ),
        act,
        expand=expand,
        selected=chosen,
        alignment=ft.Alignment.CENTER,
        padding=pad(upright(look, max(52, theme.target), "strong"), 10),
        border_radius=12,
        bgcolor=theme.primary if chosen else theme.surface,
        border=ft.Border.all(max(1.5, theme.stroke), theme.primary if chosen else theme.edge),
    )


def chip(
    look: Look,
    label: str,
    icon: ft.IconData | None = None,
    ink: str = "",
    fill: str = "",
    *,
    wraps: bool = False,
) -> ft.Container:
    """A small word of state. ``wraps`` where its parent bounds its width (a wrapping row, a column)."""
    theme = look.theme
    ink = ink or theme.ink2
    parts: list[ft.Control] = [ft.Icon(icon, size=17, color=ink)] if icon else []
    words = text(look, label, "tag", ink, no_wrap=not wraps, expand=wraps or None, expand_loose=wraps)
    return ft.Container(
        row(*parts, words, gap=4, tight=True),
        padding=pad(5, 9),
        border_radius=99 if look.text_scale < 1.3 else 12,
        bgcolor=fill or theme.surface,
        border=ft.Border.all(theme.stroke, ink if theme.stroke > 1 else fill or theme.line),
    )


def card(look: Look, *controls: ft.Control, gap: float = 8, padding: float = 16, **box: Any) -> ft.Container:
    theme = look.theme
    box.setdefault("bgcolor", theme.surface)
    box.setdefault("border", ft.Border.all(theme.stroke, theme.line))
    return ft.Container(stacked(*controls, gap=gap), padding=padding, border_radius=RADIUS, **box)


def top_bar(
    look: Look, title: str, under: str = "", back: Act | None = None, right: Sequence[ft.Control] = ()
) -> ft.Container:
    """Back, title, help. A long press on it toggles the sun theme."""
    theme = look.theme
    role = "h2" if back and not look.short else "title" if back else "h1"
    head = column(
        ft.Semantics(content=text(look, title, role), header=True, container=True),
        *([text(look, under, "note", theme.ink2)] if under else []),
        gap=0,
        expand=True,
    )
    left: ft.Control = ft.Container(width=12)
    if back:
        left = icon_button(look, Icons.ARROW_BACK, look.gettext("Back"), back)
    return ft.Container(
        row(left, head, *right, gap=4),
        padding=ft.Padding.only(left=4, right=12, top=4 if look.short else 12, bottom=4 if look.short else 8),
        on_long_press=pressing(look, look.toggle_sun),
    )


def bottom_bar(look: Look, *actions: ft.Control, hint: ft.Control | None = None) -> ft.Container:
    """The thumb's zone: everything that moves the work on is here. Where words need the room, one action a row."""
    hints = [hint] if hint else []
    rows = (
        list(actions)
        if look.narrow
        else [row(*actions, gap=12, intrinsic_height=True, vertical_alignment=STRETCH)]
    )
    for control in actions if look.narrow else ():
        control.expand = None
    return bar(look, *hints, *rows)


def bar(look: Look, *controls: ft.Control) -> ft.Container:
    """The ground of whatever stands at the foot of a screen."""
    theme = look.theme
    return ft.Container(
        stacked(*controls, gap=8),
        bgcolor=theme.surface,
        padding=ft.Padding.only(left=MARGIN, right=MARGIN, top=12, bottom=12 if look.short else 20),
        border=ft.Border.only(top=ft.BorderSide(theme.stroke, theme.line)),
    )


def screen(
    look: Look,
    top: ft.Control,
    body: Sequence[ft.Control],
    bottom: ft.Control | None = None,
    gap: float = 12,
    place: str = "",
) -> ft.Container:
    """A screen: the head, a middle that scrolls, the foot. With another ``place`` the middle begins at its top again."""
    body = [*refusal(look), *body]
    return ft.Container(
        stacked(
            top,
            ft.ListView(
                list(body),
                spacing=gap,
                expand=True,
                key=place or None,
                padding=ft.Padding.only(left=MARGIN, right=MARGIN, top=4, bottom=16),
            ),
            *([bottom] if bottom else []),
            gap=0,
            expand=True,
        ),
        bgcolor=look.theme.ground,
        expand=True,
    )


def section(look: Look, title: str, right: str = "") -> ft.Row:
    ink = look.theme.ink2
    end = [text(look, right, "note", ink)] if right else []
    return row(text(look, title, "tag", ink, expand=True), *end)


def fact(look: Look, name: str, value: str) -> ft.Control:
    """A name and its value, below each other where they don't fit side by side."""
    label = text(look, name, "note", look.theme.ink2)
    if look.text_scale > 1.3:
        return column(label, text(look, value), gap=0)
    label.width = 92
    return row(label, text(look, value, expand=True), vertical_alignment=ft.CrossAxisAlignment.START)


def note(look: Look, icon: ft.IconData, words: str, colour: str = "") -> ft.Row:
    """A line of small type beside an icon."""
    ink = colour or look.theme.ink2
    return row(
        ft.Icon(icon, size=18, color=ink),
        text(look, words, "note", ink, expand=True),
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def line(look: Look, icon: ft.IconData, ink: str, words: str, detail: str = "") -> ft.Row:
    """A statement: shape, word and colour, with its detail below."""
    details = [text(look, detail, "note", look.theme.ink2)] if detail else []
    return row(
        ft.Icon(icon, size=28, color=ink),
        column(text(look, words, "title", ink), *details, gap=0, expand=True),
        gap=12,
    )


def rule(look: Look) -> ft.Divider:
    return ft.Divider(height=1, thickness=look.theme.stroke, color=look.theme.line)


def notice(look: Look, problem: Problem) -> ft.Semantics:
    """What went wrong, beside where it did: what, and what to do. Read out as it appears."""
    theme = look.theme
    what, remedy = look.language.problem(problem)
    return ft.Semantics(
        content=card(
            look,
            row(
                ft.Icon(Icons.ERROR_OUTLINE, size=24, color=theme.bad),
                column(text(look, what, "strong", theme.bad), text(look, remedy, "note"), gap=2, expand=True),
                gap=12,
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            padding=12,
            border=ft.Border.all(max(1.5, theme.stroke), theme.bad),
        ),
        container=True,
        live_region=True,
    )


def refusal(look: Look) -> list[ft.Control]:
    """What the last touch was refused for, where the screen does not say that itself."""
    return [notice(look, look.refusal)] if look.refusal else []


def glyph(look: Look, icon: ft.IconData, side: int = 48) -> ft.Container:
    """The tinted tile of a kind of instrument or site."""
    return ft.Container(
        ft.Icon(icon, size=side * 0.54, color=look.theme.primary),
        width=side,
        height=side,
        border_radius=12,
        bgcolor=look.theme.primary_soft,
        alignment=ft.Alignment.CENTER,
    )


def progress(look: Look, done: int, of: int) -> ft.Container:
    """How much of a whole is done."""
    theme = look.theme
    parts = [
        ft.Container(expand=share, bgcolor=colour, height=8)
        for share, colour in ((done, theme.primary), (max(of - done, 0), theme.sunk))
        if share
    ]
    return ft.Container(
        ft.Row(list[ft.Control](parts), spacing=0),
        border_radius=4,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
        border=ft.Border.all(1, theme.edge) if theme.stroke > 1 else None,
    )


def listing(look: Look, rows: Sequence[ft.Control]) -> ft.Container:
    """Rows in one card, with hairlines between them."""
    theme = look.theme
    parts: list[ft.Control] = []
    for number, control in enumerate(rows):
        if number:
            parts.append(rule(look))
        parts.append(control)
    return ft.Container(
        stacked(*parts, gap=0),
        bgcolor=theme.surface,
        border_radius=RADIUS,
        border=ft.Border.all(theme.stroke, theme.line),
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )


def outline(colour: str, width: float) -> ft.OutlineInputBorder:
    return ft.OutlineInputBorder(side=ft.BorderSide(width, colour), border_radius=12)


def entry(
    look: Look,
    label: str,
    value: str,
    on_change: Callable[[str], object],
    *,
    hint: str = "",
    on_submit: Act | None = None,
    autofocus: bool = False,
    capitals: bool = False,
) -> ft.TextField:
    """A field for letters; figures have the app's own keypad."""
    theme = look.theme

    async def changed(event: ft.Event[ft.TextField]) -> None:
        look.touched()
        await answered(look, lambda: on_change(event.control.value or ""))

    return ft.TextField(
        label=label,
        value=value,
        hint_text=hint or None,
        on_change=changed,
        on_submit=pressing(look, on_submit) if on_submit else None,
        autofocus=autofocus,
        capitalization=ft.TextCapitalization.CHARACTERS if capitals else None,
        autocorrect=False,
        enable_suggestions=not capitals,
        text_size=size_of(look, "title"),
        text_style=ft.TextStyle(font_family=BOLD, color=theme.ink),
        label_style=ft.TextStyle(font_family=SANS, color=theme.ink2),
        hint_style=ft.TextStyle(font_family=SANS, color=theme.ink2),
        bgcolor=theme.surface,
        color=theme.ink,
        cursor_color=theme.primary,
        border={
            ft.ControlState.DEFAULT: outline(theme.edge, max(1.5, theme.stroke)),
            ft.ControlState.FOCUSED: outline(theme.primary, 3),
        },
        content_padding=pad(16, 16),
    )
