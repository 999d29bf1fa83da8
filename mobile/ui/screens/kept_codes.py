"""Codes of others that were put aside: nothing that was scanned is lost."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back, use_loaded
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import Icons, column, listing, note, pad, row, screen, text, top_bar, touchable
from mobile.ui.scanning import show_found
from mobile.workflow.foreign import PutAside
from shared.foreign_label import legible


@ft.component
def KeptCodes() -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    codes = use_loaded(phone.app.foreign.put_aside)
    back = use_back(lambda: phone.go(HOME))
    body: list[ft.Control] = []
    if codes:
        body = [listing(look, [code_row(look, phone, one) for one in codes])]
    elif codes is not None:
        body = [note(look, Icons.INFO_OUTLINE, _("No code is kept."))]
    return screen(look, top_bar(look, _("Codes kept for later"), back=back), body)


def code_row(look: Look, phone: Phone, one: PutAside) -> ft.Control:
    """Its text and when it was put aside; one that was bound meanwhile says so."""
    when = look.language.moment(one.kept_at, phone.app.equipment.clock.now())
    bound = look.gettext("bound meanwhile")
    detail = f"{when} · {bound}" if one.found.instrument else when
    words = legible(one.found.payload, 60)
    return touchable(
        look,
        f"{words}, {detail}",
        row(
            ft.Icon(Icons.QR_CODE_2, size=24, color=look.theme.ink2),
            column(
                text(look, words, "strong"), text(look, detail, "note", look.theme.ink2), gap=0, expand=True
            ),
            ft.Icon(Icons.CHEVRON_RIGHT, color=look.theme.ink2),
            gap=12,
        ),
        lambda: show_found(phone, one.found),
        padding=pad(10, 16),
    )
