"""One record opened: its state, where it stands in the chain, and its bytes exactly as they were signed."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back, use_loaded, use_news
from mobile.ui.look import Look, use_look
from mobile.ui.phone import use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    fact,
    line,
    note,
    notice,
    screen,
    section,
    text,
    top_bar,
)
from mobile.ui.theme import SANS
from mobile.ui.wording import RECORD_STATES, headline_style
from mobile.workflow.outbox_view import RecordPage
from mobile.workflow.receipt import RECEIPTS
from shared.errors import Problem, QuanhengError

SHOWN_BYTES = 20_000


@ft.component
def OutboxRecord(digest: str) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    back = use_back(lambda: phone.go("/outbox"))

    async def load() -> RecordPage | Problem:
        try:
            return await phone.app.outbox.record(digest)
        except QuanhengError as error:
            return error.problem

    page = use_loaded(load, [digest, news])
    if page is None:
        return screen(look, top_bar(look, "", back=back), [])
    if isinstance(page, Problem):
        return screen(look, top_bar(look, "", back=back), [notice(look, page)])
    bottom = None
    if page.row.kind in RECEIPTS:
        bottom = bottom_bar(
            look,
            action(
                look,
                _("Show the receipt"),
                lambda: phone.go(f"/receipt/{digest}"),
                Icons.RECEIPT_LONG,
                rank=Rank.PLAIN,
            ),
            action(
                look,
                _("Papers to give out"),
                lambda: phone.go(f"/papers/{digest}"),
                Icons.PICTURE_AS_PDF_OUTLINED,
                rank=Rank.PLAIN,
            ),
        )
    return screen(
        look, top_bar(look, look.say(page.row.title), page.row.number, back), parts(look, page), bottom
    )


def parts(look: Look, page: RecordPage) -> list[ft.Control]:
    _, row = look.gettext, page.row
    style = RECORD_STATES[row.state]
    body: list[ft.Control] = [
        card(
            look,
            line(look, style.icon, style.ink(look.theme), look.say(style.words), look.say(row.state_words)),
        )
    ]
    if row.problem:
        body.append(notice(look, row.problem))
    facts = [(_("About"), row.subtitle)]
    if row.headline:
        facts.append((_("Outcome"), look.say(headline_style(row.headline).words)))
    facts += [
        (_("Place in the chain"), str(page.sequence)),
        (
            _("Place on the signed ledger"),
            _("{place}, verified").format(place=page.ledger_seq) if page.ledger_seq else "",
        ),
        (_("Size"), _("{count} bytes").format(count=page.size)),
        (_("Digest"), row.digest),
        (_("Digest before"), page.previous),
    ]
    body.append(card(look, *[fact(look, name, value) for name, value in facts if value], gap=8))
    body.append(section(look, _("As it was signed")))
    body.append(
        card(
            look,
            ft.Text(
                page.body[:SHOWN_BYTES], size=13, color=look.theme.ink, font_family=SANS, selectable=True
            ),
        )
    )
    body.append(note(look, Icons.LOCK_OUTLINE, _("A record is written once and never changed.")))
    if len(page.body) > SHOWN_BYTES:
        body.append(text(look, _("Shortened here; the record itself is whole."), "note"))
    return body
