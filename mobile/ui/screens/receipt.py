"""The receipt: what the other party takes away, and on to the next instrument."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import Attempt, use_attempts, use_back, use_loaded, use_news
from mobile.ui.instruments import instrument_name, place_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    fact,
    notice,
    row,
    rule,
    screen,
    text,
    top_bar,
)
from mobile.ui.scanning import scan_to_check
from mobile.ui.widgets.receipt_code import receipt_code
from mobile.ui.widgets.sync_chip import record_chip
from mobile.ui.wording import Style, headline_style
from mobile.workflow.outbox_view import RecordState
from mobile.workflow.outcome_words import PARTY_WORDS
from mobile.workflow.receipt import Receipt as ReceiptView
from shared.errors import Problem, QuanhengError
from shared.lot import lot_headline
from shared.message import Message

FOUND = Style(Icons.FLAG_OUTLINED, Message("Found on site"), "unsure")


@ft.component
def Receipt(digest: str) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    _problem, attempt = use_attempts()
    back = use_back(lambda: phone.go(HOME))

    async def load() -> ReceiptView | Problem:
        try:
            return await phone.app.spot_checks.receipt(digest)
        except QuanhengError as error:
            return error.problem

    view = use_loaded(load, [digest, news])
    body: list[ft.Control] = []
    if isinstance(view, ReceiptView):
        body = [
            slip(look, phone, view),
            papers_button(look, phone, view),
            share_button(look, phone, view, attempt),
            sending(look, view),
        ]
    elif view:
        body = [notice(look, view)]
    done = action(look, _("Done, scan the next"), lambda: finish(phone, look), Icons.QR_CODE_SCANNER)
    return screen(look, top_bar(look, _("Receipt"), back=back), body, bottom_bar(look, done))


async def finish(phone: Phone, look: Look) -> None:
    """完成，扫下一台: home underneath, the camera at once."""
    phone.check, phone.lot, phone.finding, phone.found = None, None, None, None
    phone.go(HOME)
    await scan_to_check(phone, look)


def facts_of(look: Look, phone: Phone, view: ReceiptView) -> list[tuple[str, str]]:
    """The receipt in names and values, for the glass and for sharing."""
    _ = look.gettext
    instrument = view.instrument
    now = phone.app.equipment.clock.now()
    named = instrument_name(look, phone, instrument) if instrument else view.serial_number
    site = view.premises.name if view.premises else ""
    where = place_name(instrument, view.premises) if instrument else site
    lines = [
        (_("Receipt no."), view.number),
        (_("Instrument"), "" if view.lot else named),
        (_("Goods"), f"{view.lot.goods} {view.lot.nominal.shown()}" if view.lot else ""),
        (_("Lot"), _("{count} packages").format(count=view.lot.lot_size) if view.lot else ""),
        (_("Where"), where),
        (_("Inspectors"), look.language.listed(view.officers)),
        (_("Checked"), look.language.moment(view.observed_at, now)),
        (_("Other party"), look.say(PARTY_WORDS[view.party]) if view.party else ""),
    ]
    return [(name, value) for name, value in lines if value]


def headline_of(view: ReceiptView) -> str:
    """The headline as the record states it, of a lot or of an instrument."""
    if view.lot and view.lot.verdict:
        return lot_headline(view.lot.verdict.outcome, view.lot.verdict.label)
    return view.conclusion.headline if view.conclusion else ""


def words_of(look: Look, view: ReceiptView) -> str:
    """The verdict as a sentence."""
    if view.lot and view.lot.verdict:
        return look.say(view.lot.verdict.words)
    if view.found:
        return look.say(view.found)
    return look.say(view.conclusion.words if view.conclusion else headline_style("").words)


def slip(look: Look, phone: Phone, view: ReceiptView) -> ft.Container:
    _, theme = look.gettext, look.theme
    style = FOUND if view.found else headline_style(headline_of(view))
    words = words_of(look, view)
    ink = style.ink(theme)
    head = row(ft.Icon(style.icon, size=28, color=ink), text(look, words, "h2", ink, expand=True))
    code: list[ft.Control] = []
    if view.payload:
        side = min(220, look.inner_width - 48)
        code = [
            row(
                receipt_code(view.payload, _("Code of the receipt"), side),
                alignment=ft.MainAxisAlignment.CENTER,
            ),
            text(
                look,
                _("Any phone can check it by this code, with a network."),
                "note",
                theme.ink2,
                align=ft.TextAlign.CENTER,
            ),
        ]
    return card(
        look,
        head,
        *code,
        rule(look),
        *[fact(look, name, value) for name, value in facts_of(look, phone, view)],
        gap=8,
    )


def papers_button(look: Look, phone: Phone, view: ReceiptView) -> ft.Semantics:
    """笔录、通知书、回执: as files to show, to share and to print."""
    return action(
        look,
        look.gettext("Papers to give out"),
        lambda: phone.go(f"/papers/{view.digest}"),
        Icons.PICTURE_AS_PDF_OUTLINED,
        rank=Rank.PLAIN,
        expand=None,
        height=52,
    )


def share_button(look: Look, phone: Phone, view: ReceiptView, attempt: Attempt) -> ft.Semantics:
    """发给对方: the receipt as plain text."""
    _ = look.gettext
    head = words_of(look, view)

    async def share() -> None:
        lines = [head, *[f"{name}: {value}" for name, value in facts_of(look, phone, view)], view.payload]
        content = "\n".join(line for line in lines if line).encode()
        await phone.platform.share(f"{view.number}.txt", "text/plain;charset=utf-8", content)

    return action(
        look,
        _("Give to the other party"),
        lambda: attempt(share),
        Icons.SHARE_OUTLINED,
        rank=Rank.PLAIN,
        expand=None,
        height=52,
    )


def sending(look: Look, view: ReceiptView) -> ft.Row:
    """What became of the record so far."""
    _ = look.gettext
    words = (
        _("Kept on this phone; it is sent by itself when there is a network.")
        if view.state is RecordState.WAITING
        else _("The office's answer stands in the outbox.")
    )
    return row(record_chip(look, view.state), text(look, words, "note", look.theme.ink2, expand=True))
