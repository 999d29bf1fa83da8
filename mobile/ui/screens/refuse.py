"""拒签: the record is sealed all the same, with the reason."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import use_look
from mobile.ui.phone import use_phone
from mobile.ui.primitives import Act
from mobile.ui.screens.reasons import Reasons
from mobile.workflow.under_way import Signable


@ft.component
def Refuse(work: Signable, close: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext

    async def take(code: str) -> None:
        receipt = await work.refuse(code)
        phone.go(f"/receipt/{receipt.digest}")

    return Reasons(
        _("Refuses to sign"),
        "",
        _("The check counts all the same; the record says that the signature was refused, and why."),
        work.refusal_reasons,
        take,
        close,
    )
