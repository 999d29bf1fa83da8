"""Reading a point again: the earlier reading stays, with the cause."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import use_look
from mobile.ui.primitives import Act
from mobile.ui.screens.reasons import Reasons
from mobile.workflow.spot_check import SpotCheck


@ft.component
def Retest(check: SpotCheck, point: str, close: Act) -> ft.Control:
    look = use_look()
    _ = look.gettext
    view = next((one for one in check.points if one.key == point), None)

    async def take(code: str) -> None:
        close()
        await check.retest(point, code)

    return Reasons(
        _("Why read it again?"),
        look.say(view.planned.title) if view else "",
        _("Both readings are kept; the record shows the first with this cause."),
        check.retest_causes,
        take,
        close,
    )
