"""找器具: every instrument that this phone knows, as one types, by what falls due, by campaign."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from mobile.ui.hooks import use_back, use_news
from mobile.ui.instruments import kind_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import FIND, HOME, Phone, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    column,
    entry,
    note,
    pad,
    refusal,
    row,
    stacked,
    text,
    top_bar,
    touchable,
    upright,
)
from mobile.ui.scanning import scan_to_check, show_found
from mobile.ui.theme import MARGIN
from mobile.ui.widgets.long_list import LongList, held_above, one_line, row_height
from mobile.ui.wording import STANDINGS, VALIDITY, Style
from mobile.workflow.looking import Due, Looking, Sighted
from mobile.workflow.resolve import Validity
from shared.message import Message

DUES = {
    Due.OVERDUE: Message("Overdue"),
    Due.WEEK: Message("Due this week"),
    Due.MONTH: Message("Due this month"),
}
SOON = 31
"""Days before its end from which on a verification is drawn as ending soon."""
ENDS_SOON = Style(Icons.EVENT_OUTLINED, Message("Ends soon"), "unsure")


@ft.component
def Find() -> ft.Control:
    """The field is drawn here and what was found apart from it: a field that is drawn anew while one types loses signs."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    looking = phone.app.looking
    back = use_back(lambda: phone.go(HOME))
    field = entry(
        look,
        _("Site, stall, maker, number, or first letters"),
        looking.text,
        looking.type,
        hint=_("First letters work, too: kpsc"),
        autofocus=True,
    )
    bottom = bottom_bar(
        look,
        action(look, _("Type the number"), lambda: phone.go("/type"), rank=Rank.PLAIN, expand=2),
        action(look, _("Scan to check"), lambda: scan_to_check(phone, look), Icons.QR_CODE_SCANNER, expand=3),
    )
    return ft.Container(
        stacked(
            top_bar(look, _("Find an instrument"), back=back),
            ft.Container(field, padding=ft.Padding.only(left=MARGIN, right=MARGIN, top=4, bottom=4)),
            *held_above(refusal(look)),
            ft.Container(WhatIsFound(), expand=True),
            bottom,
            gap=0,
            expand=True,
        ),
        bgcolor=look.theme.ground,
        expand=True,
    )


@ft.component
def WhatIsFound() -> ft.Control:
    """Filters, how many, and the rows; drawn with every answer."""
    look, phone = use_look(), use_phone()
    looking = phone.app.looking
    news = use_news(phone.app.subscribe)
    use_news(looking.subscribe)
    ft.use_effect(looking.open, [news])
    head = ft.Container(
        stacked(filters(look, looking), counted(look, looking), gap=8), padding=pad(4, MARGIN)
    )
    return stacked(head, found_rows(look, phone, looking), gap=0, expand=True)


def filters(look: Look, looking: Looking) -> ft.Row:
    """One of: all, what falls due when, a campaign. They slide sideways where they don't fit."""
    _ = look.gettext
    everything = looking.due is None and looking.campaign is None
    chips = [filter_chip(look, _("All"), everything, lambda: looking.choose(None))]
    for due, words in DUES.items():
        said = look.say(words)
        count = f"{said} {looking.counts[due]}" if due in looking.counts else said
        chips.append(filter_chip(look, count, looking.due is due, lambda due=due: looking.choose(due)))  # type: ignore[misc]
    for campaign in looking.campaigns:
        which = campaign.campaign_id
        here = looking.campaign is not None and looking.campaign.campaign_id == which
        chips.append(
            filter_chip(look, campaign.title, here, lambda which=which: looking.choose_campaign(which))  # type: ignore[misc]
        )
    return row(*chips, gap=8, scroll=ft.ScrollMode.HIDDEN)


def filter_chip(look: Look, words: str, chosen: bool, act: Act) -> ft.Semantics:
    """A filter that can be touched; the chosen one is filled and ticked."""
    theme = look.theme
    ink = theme.on_primary if chosen else theme.ink
    parts: list[ft.Control] = [ft.Icon(Icons.CHECK, size=18, color=ink)] if chosen else []
    return touchable(
        look,
        words,
        row(*parts, text(look, words, "strong", ink, no_wrap=True), gap=4, tight=True),
        act,
        selected=chosen,
        padding=pad(upright(look, look.theme.target, "strong"), 14),
        border_radius=look.theme.target,
        bgcolor=theme.primary if chosen else theme.surface,
        border=ft.Border.all(max(1.5, theme.stroke), theme.primary if chosen else theme.edge),
    )


def counted(look: Look, looking: Looking) -> ft.Control:
    """How many were found, or how far the reading is; read out as it changes."""
    _ = look.gettext
    words = ""
    if looking.hits:
        words = _("{count} instruments").format(count=looking.hits.total)
    if looking.progress:
        read, of = looking.progress
        words = _("Getting ready to search: {read} of {total}").format(read=read, total=of)
    return ft.Semantics(content=text(look, words, "note", look.theme.ink2), container=True, live_region=True)


def found_rows(look: Look, phone: Phone, looking: Looking) -> ft.Control:
    """The list, or what to do where there is nothing in it."""
    _ = look.gettext
    hits = looking.hits
    if hits is None or not hits.total:
        words = (
            ""
            if hits is None or looking.progress
            else _("Nothing here fits. Check what is typed and chosen, or scan the label.")
        )
        nothing = [note(look, Icons.SEARCH_OFF, words)] if words else []
        return ft.Container(column(*nothing), padding=pad(12, MARGIN), expand=True)

    async def load(first: int, count: int) -> Sequence[object]:
        return await looking.window(hits, first, count)

    return LongList(
        total=hits.total,
        height=row_height(look, "title", "note", "note"),
        load=load,
        draw=lambda sighted: (
            found_row(look, phone, sighted) if isinstance(sighted, Sighted) else ft.Container()
        ),
        watched=[id(hits), looking.campaign.campaign_id if looking.campaign else ""],
    )


def found_row(look: Look, phone: Phone, sighted: Sighted) -> ft.Control:
    """Stall and site; kind and serial number; what is due, by shape, word and colour."""
    one, theme = sighted.instrument, look.theme
    site = sighted.premises.name if sighted.premises else ""
    name = " · ".join(part for part in (one.stall, site) if part) or one.serial_number
    detail = f"{kind_name(look, phone, one.kind)} {one.serial_number}"
    style, words = state_of(look, sighted)

    async def open_card() -> None:
        show_found(phone, await phone.app.resolve.chosen(one.instrument_id), FIND)

    return touchable(
        look,
        f"{name}, {detail}, {words}",
        row(
            column(
                one_line(look, name, "title"),
                one_line(look, detail, "note", theme.ink2),
                row(
                    ft.Icon(style.icon, size=16, color=style.ink(theme)),
                    ft.Container(one_line(look, words, "note", style.ink(theme)), expand=True),
                    gap=4,
                ),
                gap=0,
                expand=True,
            ),
            ft.Icon(Icons.CHEVRON_RIGHT, color=theme.ink2),
            gap=12,
        ),
        open_card,
        padding=pad(10, 16),
    )


def state_of(look: Look, sighted: Sighted) -> tuple[Style, str]:
    """In a campaign how far it has come, else how long its verification holds."""
    _, days = look.gettext, sighted.days_left
    if sighted.standing:
        style = STANDINGS[sighted.standing]
        return style, look.say(style.words)
    verification = sighted.instrument.verification
    if verification is None:
        style = VALIDITY[Validity.UNKNOWN]
        return style, look.say(style.words)
    if days is None or verification.valid_until is None:
        style = VALIDITY[Validity.VALID]
        return style, look.say(style.words)
    until = verification.valid_until.isoformat()
    if days < 0:
        words = _("ended on {until}, {days} days ago").format(until=until, days=-days)
        return VALIDITY[Validity.EXPIRED], words
    words = _("to {until}, {days} days left").format(until=until, days=days)
    return (ENDS_SOON if days <= SOON else VALIDITY[Validity.VALID]), words
