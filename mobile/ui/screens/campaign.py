"""One campaign: its townships, and of a township the roster on its route."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back, use_loaded, use_news, use_value
from mobile.ui.instruments import kind_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bottom_bar,
    chip,
    column,
    listing,
    note,
    notice,
    pad,
    progress,
    row,
    screen,
    section,
    stacked,
    text,
    top_bar,
    touchable,
)
from mobile.ui.screens.campaigns import only_verifiers
from mobile.ui.wording import STANDINGS
from mobile.workflow.roster import ItemLine, Roster, SiteLine, TownshipLine
from shared.campaign import Campaign
from shared.errors import Problem, QuanhengError
from shared.people import Role


@ft.component
def CampaignPage(which: str) -> ft.Control:
    """``which`` is the campaign's id, or that and a township's code."""
    campaign_id, _slash, township = which.partition("/")
    return RosterPage(campaign_id, township) if township else Townships(campaign_id)


@ft.component
def Townships(campaign_id: str) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    back = use_back(lambda: phone.go("/campaigns"))

    async def load() -> tuple[Campaign, list[TownshipLine]] | Problem:
        phone.app.campaigns.locate()
        try:
            campaign = await phone.app.campaigns.campaign(campaign_id)
        except QuanhengError as error:
            return error.problem
        return campaign, await phone.app.campaigns.townships(campaign)

    loaded = use_loaded(load, [campaign_id, news])
    if not isinstance(loaded, tuple):
        said: list[ft.Control] = [notice(look, loaded)] if loaded else []
        return screen(look, top_bar(look, _("Campaigns"), back=back), said)
    campaign, lines = loaded
    body = [
        section(look, _("Choose the township")),
        listing(look, [township_row(look, phone, campaign, line) for line in lines]),
    ]
    return screen(look, top_bar(look, campaign.title, back=back), body)


def township_row(look: Look, phone: Phone, campaign: Campaign, line: TownshipLine) -> ft.Control:
    done = line.total - line.left
    words = look.gettext("{left} left").format(left=line.left) if line.left else look.gettext("All done")
    return touchable(
        look,
        f"{line.name}, {words}",
        column(
            row(
                column(
                    text(look, line.name, "title"),
                    text(look, words, "note", look.theme.ink2),
                    gap=0,
                    expand=True,
                ),
                text(look, f"{done}/{line.total}", "title", look.theme.ink2, no_wrap=True),
                ft.Icon(Icons.CHEVRON_RIGHT, color=look.theme.ink2),
                gap=12,
            ),
            progress(look, done, line.total),
            gap=8,
        ),
        lambda: phone.go(f"/campaign/{campaign.campaign_id}/{line.code}"),
        padding=pad(12, 16),
    )


@ft.component
def RosterPage(campaign_id: str, township: str) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    asked, set_asked = use_value(0)
    back = use_back(lambda: phone.go(f"/campaign/{campaign_id}"))

    async def load() -> Roster | Problem:
        try:
            return await phone.app.campaigns.roster(campaign_id, township)
        except QuanhengError as error:
            return error.problem

    roster = use_loaded(load, [campaign_id, township, news, asked])
    name = phone.app.equipment.regions.name(township)
    if not isinstance(roster, Roster):
        said: list[ft.Control] = [notice(look, roster)] if roster else []
        return screen(look, top_bar(look, name, back=back), said)

    def order_anew() -> None:
        phone.app.campaigns.locate()
        set_asked(asked + 1)

    words = route_words(look, roster)
    body: list[ft.Control] = [counts(look, roster), note(look, Icons.ROUTE, words)]
    body += only_verifiers(look, phone)
    for site in roster.sites:
        body.append(site_card(look, phone, roster.campaign, site))
    bottom = bottom_bar(
        look,
        action(look, _("Order from here"), order_anew, Icons.MY_LOCATION, rank=Rank.PLAIN, expand=2),
        *first_left(look, phone, roster),
    )
    return screen(look, top_bar(look, name, roster.campaign.title, back), body, bottom)


def route_words(look: Look, roster: Roster) -> str:
    """What the sites are ordered by."""
    _ = look.gettext
    if not any(site.stop.premises.position for site in roster.sites):
        return _("Sites by name: their positions are not known")
    if roster.from_here:
        return _("Sites in order of distance from here")
    return _("Sites from the first one onwards")


def first_left(look: Look, phone: Phone, roster: Roster) -> list[ft.Control]:
    """The next item on the way, one touch from here."""
    person = phone.app.session.person
    following = [each for site in roster.sites for each in site.items if each.entry.state.value == "expected"]
    if not following or person is None or person.role is not Role.VERIFIER:
        return []
    path = f"/verify/{roster.campaign.campaign_id}/{following[0].entry.instrument_id}"
    return [action(look, look.gettext("Next item"), lambda: phone.go(path), Icons.ARROW_FORWARD, expand=3)]


def counts(look: Look, roster: Roster) -> ft.Row:
    """How many stand where, in words."""
    chips: list[ft.Control] = []
    for standing, number in roster.counts.items():
        if number:
            style = STANDINGS[standing]
            chips.append(
                chip(
                    look,
                    f"{look.say(style.words)} {number}",
                    style.icon,
                    style.ink(look.theme),
                    style.fill(look.theme),
                )
            )
    return ft.Row(chips, spacing=8, run_spacing=8, wrap=True)


def distance(look: Look, metres: int | None) -> str:
    """As the crow flies, in the unit that is read at a glance."""
    if metres is None:
        return ""
    shown = f"{metres / 1000:.1f} km" if metres >= 1000 else f"{round(metres, -1)} m"
    return look.gettext("{distance} in a straight line").format(distance=shown)


def site_card(look: Look, phone: Phone, campaign: Campaign, site: SiteLine) -> ft.Control:
    """A site with its items, and the way to its answer once nothing is left."""
    _, name = look.gettext, site.stop.premises.name
    left = _("{left} left").format(left=site.left) if site.left else _("All done")
    under = " · ".join(part for part in (left, distance(look, site.stop.distance_m)) if part)
    head = ft.Container(
        stacked(text(look, name, "title"), text(look, under, "note", look.theme.ink2), gap=0),
        padding=pad(12, 16),
    )
    rows: list[ft.Control] = [head, *[item_row(look, phone, campaign, each) for each in site.items]]
    person = phone.app.session.person
    if site.unanswered and person is not None and person.role is Role.VERIFIER:
        path = f"/confirm/{campaign.campaign_id}/{site.stop.premises.premises_id}"
        rows.append(
            ft.Container(
                action(
                    look,
                    _("Ask the site to confirm ({count})").format(count=len(site.unanswered)),
                    lambda: phone.go(path),
                    Icons.DRAW_OUTLINED,
                    rank=Rank.PLAIN if site.left else Rank.PRIMARY,
                    expand=None,
                    height=52,
                ),
                padding=pad(12, 16),
            )
        )
    return listing(look, rows)


def item_row(look: Look, phone: Phone, campaign: Campaign, item: ItemLine) -> ft.Semantics:
    """Stall, kind and serial number, and where it stands by shape, word and colour."""
    theme, style = look.theme, STANDINGS[item.entry.standing]
    instrument = item.instrument
    name = f"{kind_name(look, phone, instrument.kind)} {instrument.serial_number}"
    words = look.say(style.words)
    state = row(
        ft.Icon(style.icon, size=18, color=style.ink(theme)),
        text(look, words, "note", style.ink(theme), expand=True),
        gap=4,
    )
    return touchable(
        look,
        f"{instrument.stall} {name}, {words}",
        row(
            column(
                text(look, name, "strong"),
                *([text(look, instrument.stall, "note", theme.ink2)] if instrument.stall else []),
                state,
                gap=0,
                expand=True,
            ),
            ft.Icon(Icons.CHEVRON_RIGHT, color=theme.ink2),
            gap=12,
        ),
        lambda: phone.go(f"/verify/{campaign.campaign_id}/{instrument.instrument_id}"),
        padding=pad(10, 16),
    )
