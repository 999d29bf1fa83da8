"""Binding a code of others to an instrument here: which one, and how that is known; then it is signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_loaded, use_value
from mobile.ui.instruments import found_row, instrument_name, place_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    choice,
    column,
    listing,
    note,
    notice,
    rule,
    screen,
    section,
    stacked,
    text,
    top_bar,
)
from mobile.ui.scanning import TRUSTED, scan, show_found
from mobile.ui.screens.register_site import SitePicker
from mobile.ui.widgets.sought_field import Sought, sought_field
from mobile.workflow.ports import ScanEnd
from mobile.workflow.resolve import Found, LabelVerdict
from shared.errors import InputError
from shared.foreign_label import ForeignLabel, legible
from shared.message import Message
from shared.premises import Premises
from shared.records import Sighting

SIGHTINGS = {
    Sighting.NAMEPLATE: Message("I compared the nameplate"),
    Sighting.LABEL: Message("Our own label is on it, too"),
    Sighting.TOLD: Message("Whoever uses it said so"),
}
SHOWN = 50


@ft.component
def Bind(instrument_id: str = "") -> ft.Control:
    look, phone = use_look(), use_phone()
    picked, pick = use_value(cast("Found | None", None))
    asked = use_loaded(lambda: offered(phone, instrument_id), [instrument_id])
    found = phone.found
    if found is None or found.foreign is None:
        back = use_back(lambda: phone.go(HOME))
        return screen(look, top_bar(look, look.gettext("Bind the code"), back=back), [])
    chosen = picked or asked
    if chosen:
        return Confirm(found, chosen, lambda: pick(None) if picked else show_found(phone, found))
    return Choose(found, pick)


async def offered(phone: Phone, instrument_id: str) -> Found | None:
    """The instrument that the way here named."""
    return await phone.app.resolve.chosen(instrument_id) if instrument_id else None


@ft.component
def Choose(found: Found, pick: Callable[[Found], object]) -> ft.Control:
    """By its own label, by what is typed, or from those that stand at a site."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    sought = ft.use_memo(Sought, [])
    typed, set_typed = use_value("")
    hits, set_hits = use_value(list[Found]())
    site, set_site = use_value(cast("Premises | None", None))
    picking, set_picking = use_value(False)
    problem, attempt = use_attempts()
    view = use_loaded(phone.app.register.view)
    last = (
        next((one for one in view.premises if one.premises_id == view.last_premises), None) if view else None
    )
    where = site or last
    here = use_loaded(lambda: standing_at(phone, where), [where.premises_id if where else ""]) or []
    back = use_back(lambda: set_picking(False) if picking else show_found(phone, found))

    def take(chosen: Premises) -> None:
        set_site(chosen)
        set_picking(False)

    if picking and view:
        return SitePicker(view.premises, take, None, back)

    async def changed(words: str) -> None:
        set_typed(words)
        set_hits(await phone.app.resolve.search(words) if len(words.strip()) >= 2 else [])

    sought.changed = changed

    async def by_label() -> None:
        other = await labelled(phone, look)
        if other:
            pick(other)

    def one(instrument: Found) -> ft.Control:
        return found_row(look, phone, instrument, lambda: pick(instrument))

    def rows(those: list[Found]) -> ft.Control:
        return listing(look, [one(each) for each in those[:SHOWN]])

    body: list[ft.Control] = [
        text(look, legible(found.payload, 60), "note", look.theme.ink2),
        *([notice(look, problem)] if problem else []),
        sought_field(sought, _("Number, serial number or stall")),
    ]
    if typed.strip():
        nothing = note(look, Icons.INFO_OUTLINE, _("No instrument on this phone answers to that."))
        body.append(rows(hits) if hits else nothing)
    else:
        site_name = where.name if where else _("Choose the site")
        body.append(
            action(
                look,
                site_name,
                lambda: set_picking(True),
                Icons.STOREFRONT,
                rank=Rank.PLAIN,
                expand=None,
                height=52,
            )
        )
        body += [rows(here)] if here else []
    bottom = bottom_bar(
        look, action(look, _("Scan its own label"), lambda: attempt(by_label), Icons.QR_CODE_SCANNER)
    )
    return screen(look, top_bar(look, _("Bind to an instrument here"), back=back), body, bottom)


async def labelled(phone: Phone, look: Look) -> Found | None:
    """The instrument whose own label is held before the camera; None when that was closed. Raises InputError ``label_not_telling``."""
    ended = await scan(phone, look, look.gettext("Scan its own label"))
    if ended.end is not ScanEnd.DECODED:
        return None
    found = await phone.app.resolve.scanned(ended.payload)
    if found.verdict not in TRUSTED or found.instrument is None:
        raise InputError(
            "label_not_telling",
            "This label does not say for sure which instrument it is.",
            "Choose the instrument by its serial number or from the list.",
        )
    return found


async def standing_at(phone: Phone, site: Premises | None) -> list[Found]:
    """The instruments of a site."""
    return await phone.app.resolve.at(site.premises_id) if site else []


def first_sighting(found: Found, chosen: Found) -> Sighting | None:
    """How it is known, as far as the way here tells; else the person must say."""
    if chosen.verdict in (LabelVerdict.VERIFIED, LabelVerdict.TYPED):
        return Sighting.LABEL
    foreign, instrument = found.foreign, chosen.instrument
    if foreign and instrument and foreign.serial_number and not foreign.contradicts(instrument.serial_number):
        return Sighting.NAMEPLATE
    return None


@ft.component
def Confirm(found: Found, chosen: Found, close: Act) -> ft.Control:
    """The code beside the instrument, and the question how it is known: a slip is not signed."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    seen, set_seen = use_value(first_sighting(found, chosen))
    problem, attempt = use_attempts()
    back = use_back(close)
    instrument = chosen.instrument
    if instrument is None or found.foreign is None:
        return screen(look, top_bar(look, _("Bind the code"), back=back), [])

    async def bind() -> None:
        if seen:
            show_found(phone, await phone.app.foreign.bind(found, instrument, seen))

    def one(sighting: Sighting) -> ft.Control:
        return choice(look, look.say(SIGHTINGS[sighting]), seen is sighting, lambda: set_seen(sighting))

    body: list[ft.Control] = [
        *([notice(look, problem)] if problem else []),
        card(
            look,
            column(
                text(look, _("The code"), "note", look.theme.ink2),
                text(look, legible(found.payload, 120)),
                gap=2,
            ),
            rule(look),
            column(
                text(look, _("stands for"), "note", look.theme.ink2),
                text(look, instrument_name(look, phone, instrument), "title"),
                text(look, place_name(instrument, chosen.premises), "note", look.theme.ink2),
                gap=2,
            ),
            gap=12,
        ),
        *contradiction(look, found.foreign, instrument.serial_number),
        section(look, _("How do you know?")),
        stacked(*[one(sighting) for sighting in Sighting], gap=8),
        note(
            look,
            Icons.INFO_OUTLINE,
            _("Signed and kept. From then on, scanning the code opens this instrument."),
        ),
    ]
    bottom = bottom_bar(
        look,
        action(look, _("Another one"), back, rank=Rank.PLAIN, expand=2),
        action(look, _("Bind"), (lambda: attempt(bind)) if seen else None, Icons.LINK, expand=3),
    )
    return screen(look, top_bar(look, _("Bind the code"), back=back), body, bottom)


def contradiction(look: Look, foreign: ForeignLabel, serial_number: str) -> list[ft.Control]:
    """Whether the code says another serial number than the instrument's."""
    if not foreign.contradicts(serial_number):
        return []
    words = look.gettext("The code says serial number {said}; this instrument's is {serial}.")
    said = words.format(said=foreign.serial_number, serial=serial_number)
    return [note(look, Icons.WARNING_ROUNDED, said, look.theme.bad)]
