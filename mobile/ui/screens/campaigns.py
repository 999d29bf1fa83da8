"""免费检定: the campaigns that run now and how far each has come."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back, use_loaded, use_news
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    bar,
    card,
    column,
    note,
    progress,
    row,
    screen,
    text,
    top_bar,
    touchable,
)
from mobile.ui.theme import RADIUS
from mobile.ui.widgets.tab_bar import tab_bar
from shared.campaign import Campaign, RosterState
from shared.people import Role


@ft.component
def Campaigns() -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    home = use_loaded(phone.app.today.home, [news])
    use_back(lambda: phone.go(HOME))
    body: list[ft.Control] = []
    if home:
        body = [campaign_card(look, phone, one) for one in home.campaigns]
        if not home.campaigns:
            body.append(card(look, text(look, _("No campaign runs now."))))
        body += only_verifiers(look, phone)
    bottom = bar(look, tab_bar(look, phone, 1, home.needs_you if home else 0))
    return screen(look, top_bar(look, _("Campaigns")), body, bottom)


def only_verifiers(look: Look, phone: Phone) -> list[ft.Control]:
    """What an inspector is told beside a roster."""
    person = phone.app.session.person
    if person is None or person.role is Role.VERIFIER:
        return []
    words = look.gettext("You can look at the roster. Only a verifier concludes verifications.")
    return [note(look, Icons.INFO_OUTLINE, words)]


def campaign_card(look: Look, phone: Phone, campaign: Campaign) -> ft.Semantics:
    _ = look.gettext
    done = sum(entry.state is not RosterState.EXPECTED for entry in campaign.roster)
    total = len(campaign.roster)
    dates = _("{start} to {end}").format(
        start=campaign.starts_on.isoformat(), end=campaign.ends_on.isoformat()
    )
    return touchable(
        look,
        f"{campaign.title}, {done}/{total}",
        column(
            row(
                text(look, campaign.title, "title", expand=True),
                text(look, f"{done}/{total}", "title", look.theme.ink2, no_wrap=True),
                ft.Icon(Icons.CHEVRON_RIGHT, color=look.theme.ink2),
                gap=12,
            ),
            text(look, dates, "note", look.theme.ink2),
            *([progress(look, done, total)] if total else []),
            gap=8,
        ),
        lambda: phone.go(f"/campaign/{campaign.campaign_id}"),
        padding=16,
        border_radius=RADIUS,
        bgcolor=look.theme.surface,
        border=ft.Border.all(look.theme.stroke, look.theme.line),
    )
