"""A lot of prepackages in hand: shows the step that the draft is in, and leads one step back."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back, use_loaded, use_news, use_value
from mobile.ui.look import use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import notice, screen, top_bar
from mobile.ui.screens.discard import Discard
from mobile.ui.screens.lot_figure import LotFigure
from mobile.ui.screens.lot_goods import LotGoods
from mobile.ui.screens.lot_method import LotMethod
from mobile.ui.screens.lot_plan import LotPlan
from mobile.ui.screens.lot_readings import LotReadings
from mobile.ui.screens.lot_verdict import LotVerdictScreen, lot_summary
from mobile.ui.screens.sign import Sign
from mobile.ui.widgets.lot_steps import lot_name
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import LotStep
from shared.errors import Problem, QuanhengError


@ft.component
def Lot(draft_id: str) -> ft.Control:
    look, phone = use_look(), use_phone()
    back = use_back(lambda: phone.go(HOME))

    async def load() -> LotCheck | Problem:
        try:
            lot = await phone.open_lot(draft_id)
            await lot.complete()
        except QuanhengError as error:
            return error.problem
        if lot.receipt:
            phone.go(f"/receipt/{lot.receipt.digest}")
        return lot

    loaded = use_loaded(load, [draft_id])
    if isinstance(loaded, LotCheck):
        return Stage(loaded)
    body: list[ft.Control] = [notice(look, loaded)] if loaded else []
    return screen(look, top_bar(look, look.gettext("Prepackages"), back=back), body)


@ft.component
def Stage(lot: LotCheck) -> ft.Control:
    """The screen of the step; drawn anew after each saved answer."""
    look, phone = use_look(), use_phone()
    use_news(lot.subscribe, [lot.draft_id])
    discarding, set_discarding = use_value(False)
    step = lot.draft.step
    back = use_back(lambda: step_back(phone, lot))
    if lot.receipt:
        return screen(look, top_bar(look, look.gettext("Receipt")), [])
    if discarding:
        return Discard(lot, lot_name(look, lot), lambda: set_discarding(False))
    if step in (LotStep.GOODS, LotStep.METHOD) and lot.draft.field:
        return LotFigure(lot, back)
    if step is LotStep.GOODS:
        return LotGoods(lot, back, lambda: set_discarding(True))
    if step is LotStep.PLAN:
        return LotPlan(lot, back)
    if step is LotStep.METHOD:
        return LotMethod(lot, back)
    if step is LotStep.SIGN:
        who = lot.premises.name if lot.premises else ""
        return Sign(lot, who, lot_summary(look, lot), back)
    if step in (LotStep.TARE, LotStep.READINGS):
        return LotReadings(lot, back)
    return LotVerdictScreen(lot, back)


async def step_back(phone: Phone, lot: LotCheck) -> None:
    """One step back inside the lot; from the first one home. Nothing answered is touched; what is signed and could not be sealed waits at home."""
    step, steps = lot.draft.step, lot.steps
    if lot.draft.finished:
        phone.go(HOME)
    elif step in (LotStep.GOODS, LotStep.METHOD) and lot.draft.field:
        await lot.go_to(step)
    elif step is LotStep.SIGN:
        await lot.go_to(LotStep.VERDICT)
    elif step in steps and steps.index(step):
        await lot.go_to(steps[steps.index(step) - 1])
    else:
        phone.go(HOME)
