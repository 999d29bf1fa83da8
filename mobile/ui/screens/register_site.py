"""Choosing the site of a new instrument, or putting the site itself on the ledger."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_loaded, use_value
from mobile.ui.look import use_look
from mobile.ui.phone import settled, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    action,
    bottom_bar,
    choice,
    column,
    entry,
    listing,
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
from mobile.ui.wording import PREMISES_ICONS
from shared.message import Message
from shared.premises import Premises, PremisesType
from shared.regions import Region

PREMISES_WORDS = {
    PremisesType.MARKET: Message("Market"),
    PremisesType.CLINIC: Message("Clinic or hospital"),
    PremisesType.FUEL_STATION: Message("Fuel station"),
    PremisesType.SHOP: Message("Shop"),
}


@ft.component
def SitePicker(
    sites: list[Premises], take: Callable[[Premises], object], new: Act | None, back: Act
) -> ft.Control:
    look = use_look()
    _ = look.gettext
    typed, set_typed = use_value("")
    use_back(back)
    shown = [site for site in sites if typed.strip() in site.name + site.address]

    def one(site: Premises) -> ft.Control:
        detail = [text(look, site.address, "note", look.theme.ink2)] if site.address else []
        return touchable(
            look,
            site.name,
            row(
                ft.Icon(PREMISES_ICONS[site.type], size=24, color=look.theme.primary),
                column(text(look, site.name, "title"), *detail, gap=0, expand=True),
                gap=12,
            ),
            lambda: take(site),
            padding=pad(upright(look, look.theme.target + 8, "title"), 16),
        )

    body: list[ft.Control] = [entry(look, _("Part of the site's name"), typed, set_typed)]
    if shown:
        body.append(listing(look, [one(site) for site in shown[:50]]))
    another = action(look, _("Another site"), new, Icons.ADD_BUSINESS_OUTLINED)
    bottom = bottom_bar(look, another) if new else None
    return screen(look, top_bar(look, _("Choose the site"), back=back), body, bottom)


@ft.component
def NewSite(take: Callable[[Premises], object], back: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    name, set_name = use_value("")
    address, set_address = use_value("")
    kind, set_kind = use_value(PremisesType.MARKET)
    town, set_town = use_value("")
    part, set_part = use_value("")
    problem, attempt = use_attempts()
    ft.use_effect(phone.app.register.locate, [])
    towns = use_loaded(phone.app.register.townships) or []
    use_back(back)
    shown = [one for one in towns if one.code == town or part.strip() in one.name][:8]

    async def save() -> None:
        await settled(take(await phone.app.register.premises(name, town, kind, address)))

    def type_choice(one: PremisesType) -> ft.Semantics:
        return choice(look, look.say(PREMISES_WORDS[one]), kind is one, lambda: set_kind(one))

    def town_choice(one: Region) -> ft.Semantics:
        return choice(look, one.name, town == one.code, lambda: set_town(one.code))

    body: list[ft.Control] = [
        *([notice(look, problem)] if problem else []),
        entry(look, _("Name of the site"), name, set_name),
        section(look, _("What kind of site")),
        stacked(*[type_choice(one) for one in PremisesType], gap=8),
        section(look, _("Township")),
        entry(look, _("Part of the township's name"), part, set_part),
        stacked(*[town_choice(one) for one in shown], gap=8),
        entry(look, _("Address (may stay empty)"), address, set_address),
    ]
    bottom = bottom_bar(
        look, action(look, _("Put the site on the ledger"), lambda: attempt(save), Icons.CHECK)
    )
    return screen(look, top_bar(look, _("Another site"), back=back), body, bottom)
