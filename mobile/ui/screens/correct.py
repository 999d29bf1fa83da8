"""Correcting an instrument's entry: a few fields as they are, a new value, one signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_loaded, use_value
from mobile.ui.instruments import instrument_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    choice,
    entry,
    note,
    notice,
    screen,
    section,
    stacked,
    text,
    top_bar,
)
from mobile.ui.screens.register_site import SitePicker
from mobile.ui.wording import FIELD_WORDS, USE_STATUS_WORDS
from mobile.workflow.resolve import Found
from shared.amending import InstrumentField
from shared.errors import QuanhengError
from shared.instrument import Instrument, UseStatus
from shared.premises import Premises

LETTERS = (
    InstrumentField.SERIAL_NUMBER,
    InstrumentField.STALL,
    InstrumentField.MANUFACTURER,
    InstrumentField.MODEL,
)


@ft.component
def Correct(instrument_id: str) -> ft.Control:
    look, phone = use_look(), use_phone()

    async def load() -> Found | None:
        try:
            return await phone.app.resolve.chosen(instrument_id)
        except QuanhengError:
            return None

    found = use_loaded(load, [instrument_id])
    if found is None or found.instrument is None:
        back = use_back(lambda: phone.go(HOME))
        return screen(look, top_bar(look, look.gettext("Correct the entry"), back=back), [])
    return Form(found, found.instrument)


@ft.component
def Form(found: Found, instrument: Instrument) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    values, set_values = use_value(dict[InstrumentField, str]())
    site, set_site = use_value(cast("Premises | None", None))
    picking, set_picking = use_value(False)
    problem, attempt = use_attempts()
    sites = use_loaded(phone.app.equipment.store.registry.all_premises) or []
    card = f"/card/{instrument.instrument_id}"
    back = use_back(lambda: set_picking(False) if picking else phone.go(card))

    def put(field: InstrumentField, value: str) -> None:
        set_values({**values, field: value})

    def moved(chosen: Premises) -> None:
        set_site(chosen)
        put(InstrumentField.PREMISES_ID, chosen.premises_id)
        set_picking(False)

    if picking:
        here = [each for each in sites if each.county == instrument.county]
        return SitePicker(here, moved, None, back)

    async def save() -> None:
        await phone.app.corrections.correct(instrument, values)
        phone.go(card)

    def letters(field: InstrumentField) -> ft.Control:
        value = values.get(field, str(getattr(instrument, field.value)))
        capitals = field is InstrumentField.SERIAL_NUMBER
        return entry(
            look, look.say(FIELD_WORDS[field]), value, lambda words: put(field, words), capitals=capitals
        )

    body: list[ft.Control] = [
        *([notice(look, problem)] if problem else []),
        *[letters(field) for field in LETTERS],
        section(look, _("Site")),
        *where(look, site or found.premises, lambda: set_picking(True)),
        section(look, look.say(FIELD_WORDS[InstrumentField.USE_STATUS])),
        statuses(look, values.get(InstrumentField.USE_STATUS, instrument.use_status.value), put),
        note(look, Icons.INFO_OUTLINE, _("Signed and kept. The office sees the old value and the new one.")),
    ]
    differs = any(value != str(getattr(instrument, field.value)) for field, value in values.items())
    bottom = bottom_bar(
        look,
        action(look, _("Sign the correction"), (lambda: attempt(save)) if differs else None, Icons.CHECK),
    )
    under = instrument_name(look, phone, instrument)
    return screen(look, top_bar(look, _("Correct the entry"), under, back), body, bottom)


def where(look: Look, site: Premises | None, pick: Act) -> list[ft.Control]:
    """The site, and the way to another: an instrument that moved."""
    words = look.gettext("It stands at another site")
    return [
        text(look, site.name if site else "", "strong"),
        action(look, words, pick, Icons.PLACE_OUTLINED, rank=Rank.PLAIN, expand=None, height=48),
    ]


def statuses(look: Look, chosen: str, put: Callable[[InstrumentField, str], None]) -> ft.Control:
    """In use, suspended or scrapped."""

    def one(status: UseStatus) -> ft.Control:
        words = look.say(USE_STATUS_WORDS[status])
        return choice(
            look, words, chosen == status.value, lambda: put(InstrumentField.USE_STATUS, status.value)
        )

    return stacked(*[one(status) for status in UseStatus], gap=8)
