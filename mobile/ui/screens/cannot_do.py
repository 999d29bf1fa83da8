"""这点做不了: the point stays undecided, with its reason."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import use_look
from mobile.ui.primitives import Act
from mobile.ui.screens.reasons import Reasons
from mobile.workflow.spot_check import SpotCheck


@ft.component
def CannotDo(check: SpotCheck, close: Act) -> ft.Control:
    look = use_look()
    _ = look.gettext
    current = check.current

    async def take(code: str) -> None:
        await check.cannot(code)
        close()

    return Reasons(
        _("Can't be done"),
        look.say(current.planned.title) if current else "",
        _("The point counts as undecided; the record says why."),
        check.cannot_reasons,
        take,
        close,
    )
