"""One site: its instruments by stall, those not yet looked at first."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from mobile.ui.hooks import Attempt, use_attempts, use_back, use_loaded
from mobile.ui.instruments import kind_icon, kind_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    column,
    glyph,
    line,
    note,
    notice,
    refusal,
    row,
    screen,
    stacked,
    top_bar,
    touchable,
)
from mobile.ui.scanning import scan_to_check, show_found
from mobile.ui.widgets.long_list import LongList, held_above, one_line, row_height
from mobile.ui.wording import USE_STATUS_WORDS, headline_style
from shared.clock import local_date
from shared.instrument import Attention, Instrument, UseStatus
from shared.message import Message
from shared.premises import Premises, Standing

ATTENTION = {
    Attention.SUSPECTED_OVER_LIMIT: Message("Suspected over limit last time"),
    Attention.SUSPECTED_CHEATING: Message("Suspected cheating last time"),
    Attention.RECHECK: Message("To be checked again"),
}


@ft.component
def Place(premises_id: str) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    registry = phone.app.equipment.store.registry
    site = use_loaded(lambda: registry.premises(premises_id), [premises_id])
    instruments = use_loaded(lambda: registry.at(premises_id), [premises_id])
    problem, attempt = use_attempts()
    back = use_back(lambda: phone.go(HOME))
    told = [*refusal(look), *([notice(look, problem)] if problem else [])]
    if site and site.standing is Standing.CLOSED:
        words = _("This site was found closed. Nothing is due here.")
        told.append(card(look, line(look, Icons.STORE_OUTLINED, look.theme.unsure, words)))
    after = of_the_site(look, phone, site, attempt) if site else []
    under = " · ".join(
        part
        for part in (
            site.address if site else "",
            _("{count} instruments").format(count=len(instruments or [])),
        )
        if part
    )
    bottom = bottom_bar(
        look,
        action(look, _("Not on the list"), lambda: phone.go("/register"), rank=Rank.PLAIN, expand=2),
        action(look, _("Scan to check"), lambda: scan_to_check(phone, look), Icons.QR_CODE_SCANNER, expand=3),
    )
    top = top_bar(look, site.name if site else "", under, back)
    if not instruments:
        empty = [note(look, Icons.INFO_OUTLINE, _("No instrument of this site is on this phone yet."))]
        return screen(look, top, [*told, *(empty if instruments is not None else []), *after], bottom)
    ordered = sorted(instruments, key=lambda one: checked_today(phone, one))

    async def load(first: int, count: int) -> Sequence[object]:
        return ordered[first : first + count]

    rows = LongList(
        total=len(ordered),
        height=row_height(look, "title", "note", "note"),
        load=load,
        draw=lambda one: instrument_row(look, phone, one) if isinstance(one, Instrument) else ft.Container(),
        watched=[premises_id],
        after=after,
    )
    return ft.Container(
        stacked(top, *held_above(told), rows, bottom, gap=0, expand=True),
        bgcolor=look.theme.ground,
        expand=True,
    )


def of_the_site(look: Look, phone: Phone, site: Premises, attempt: Attempt) -> list[ft.Control]:
    """What can be done at the site beside checking its instruments."""
    _ = look.gettext
    closed = site.standing is Standing.CLOSED
    lot = action(
        look,
        _("Check prepackages"),
        lambda: phone.begin_lot(site),
        Icons.INVENTORY_2_OUTLINED,
        rank=Rank.PLAIN,
        expand=None,
        height=52,
    )
    standing = action(
        look,
        _("Site is open again") if closed else _("Site is closed"),
        lambda: attempt(lambda: phone.begin_finding(site)),
        Icons.FLAG_OUTLINED,
        rank=Rank.QUIET,
        expand=None,
        height=52,
    )
    return [lot, standing]


def checked_today(phone: Phone, instrument: Instrument) -> bool:
    """Whether the newest spot check known here is of today."""
    today = local_date(phone.app.equipment.clock.now())
    return bool(instrument.inspections) and local_date(instrument.inspections[0].observed_at) == today


def instrument_row(look: Look, phone: Phone, instrument: Instrument) -> ft.Semantics:
    """Stall, kind and serial number; what was found last, by shape and word."""
    theme = look.theme
    state: list[ft.Control] = []
    if instrument.use_status in (UseStatus.ABSENT, UseStatus.SCRAPPED):
        words = look.say(USE_STATUS_WORDS[instrument.use_status])
        state = [
            row(
                ft.Icon(Icons.LABEL_OFF_OUTLINED, size=18, color=theme.unsure),
                ft.Container(one_line(look, words, "note", theme.unsure), expand=True),
                gap=4,
            )
        ]
    elif instrument.attention in ATTENTION:
        words = look.say(ATTENTION[instrument.attention])
        state = [
            row(
                ft.Icon(Icons.REPLAY, size=18, color=theme.unsure),
                ft.Container(one_line(look, words, "note", theme.unsure), expand=True),
                gap=4,
            )
        ]
    elif instrument.inspections:
        last = instrument.inspections[0]
        style = headline_style(last.headline)
        now = phone.app.equipment.clock.now()
        words = f"{look.say(style.words)} · {look.language.moment(last.observed_at, now)}"
        state = [
            row(
                ft.Icon(style.icon, size=18, color=style.ink(theme)),
                ft.Container(one_line(look, words, "note", theme.ink2), expand=True),
                gap=4,
            )
        ]
    name = instrument.stall or instrument.serial_number
    detail = f"{kind_name(look, phone, instrument.kind)} {instrument.serial_number}"

    async def open_card() -> None:
        show_found(phone, await phone.app.resolve.chosen(instrument.instrument_id), phone.path)

    tile = [glyph(look, kind_icon(phone, instrument.kind), 44)] if look.text_scale <= 1.3 else []
    return touchable(
        look,
        f"{name} {detail}",
        row(
            *tile,
            column(
                one_line(look, name, "title"),
                one_line(look, detail, "note", theme.ink2),
                *state,
                gap=0,
                expand=True,
            ),
            ft.Icon(Icons.CHEVRON_RIGHT, color=theme.ink2),
            gap=12,
        ),
        open_card,
        padding=ft.Padding.symmetric(vertical=10, horizontal=16),
    )
