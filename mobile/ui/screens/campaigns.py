"""免费检定: the campaigns that run now and how far each has come. Verifying within one is not built yet, and the screen says so."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back, use_loaded, use_news
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, use_phone
from mobile.ui.primitives import Icons, bar, card, note, progress, row, screen, text, top_bar
from mobile.ui.widgets.tab_bar import tab_bar
from shared.campaign import Campaign, RosterState


@ft.component
def Campaigns() -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    home = use_loaded(phone.app.today.home, [news])
    use_back(lambda: phone.go(HOME))
    body: list[ft.Control] = []
    if home:
        body = [campaign_card(look, one) for one in home.campaigns]
        if not home.campaigns:
            body.append(card(look, text(look, _("No campaign runs now."))))
        body.append(
            note(
                look,
                Icons.INFO_OUTLINE,
                _("Spot checks work here. Verifying within a campaign comes with a later version."),
            )
        )
    bottom = bar(look, tab_bar(look, phone, 1, home.needs_you if home else 0))
    return screen(look, top_bar(look, _("Campaigns")), body, bottom)


def campaign_card(look: Look, campaign: Campaign) -> ft.Container:
    _ = look.gettext
    done = sum(entry.state is not RosterState.EXPECTED for entry in campaign.roster)
    total = len(campaign.roster)
    dates = _("{start} to {end}").format(
        start=campaign.starts_on.isoformat(), end=campaign.ends_on.isoformat()
    )
    return card(
        look,
        row(
            text(look, campaign.title, "title", expand=True),
            text(look, f"{done}/{total}", "title", look.theme.ink2, no_wrap=True),
            gap=12,
        ),
        text(look, dates, "note", look.theme.ink2),
        *([progress(look, done, total)] if total else []),
    )
