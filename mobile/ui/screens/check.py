"""A spot check in hand: shows the step that the draft is in, and leads one step back."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back, use_loaded, use_news, use_value
from mobile.ui.instruments import place_name
from mobile.ui.look import use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import notice, screen, top_bar
from mobile.ui.screens.check_nameplate import CheckNameplate
from mobile.ui.screens.check_readings import CheckReadings
from mobile.ui.screens.check_visual import CheckPhoto, CheckVisual, saved_words
from mobile.ui.screens.discard import Discard
from mobile.ui.screens.sign import Sign, summary
from mobile.ui.screens.verdict import Verdict
from mobile.workflow.draft import Field, Step
from mobile.workflow.spot_check import SpotCheck
from shared.errors import Problem, QuanhengError

BEFORE = {
    Step.PHOTO: Step.VISUAL,
    Step.NAMEPLATE: Step.PHOTO,
    Step.READINGS: Step.PHOTO,
    Step.VERDICT: Step.READINGS,
    Step.SIGN: Step.VERDICT,
}


@ft.component
def Check(draft_id: str) -> ft.Control:
    look, phone = use_look(), use_phone()
    back = use_back(lambda: phone.go(HOME))

    async def load() -> SpotCheck | Problem:
        try:
            check = await phone.open_check(draft_id)
            await check.complete()
            await check.equip()
        except QuanhengError as error:
            return error.problem
        if check.receipt:
            phone.go(f"/receipt/{check.receipt.digest}")
        return check

    loaded = use_loaded(load, [draft_id])
    if isinstance(loaded, SpotCheck):
        return Stage(loaded)
    body: list[ft.Control] = [notice(look, loaded)] if loaded else []
    return screen(look, top_bar(look, look.gettext("Spot check"), back=back), body)


@ft.component
def Stage(check: SpotCheck) -> ft.Control:
    """The screen of the step; drawn anew after each saved answer."""
    look, phone = use_look(), use_phone()
    use_news(check.subscribe, [check.draft_id])
    step = check.cursor.step
    discarding, set_discarding = use_value(False)
    back = use_back(lambda: step_back(phone, check))
    if check.receipt:
        return screen(look, top_bar(look, look.gettext("Receipt")), [])
    if discarding and step is Step.VISUAL:
        return Discard(check, saved_words(look, phone, check), lambda: set_discarding(False))
    if step is Step.NAMEPLATE:
        return CheckNameplate(check, back)
    if step is Step.READINGS:
        return CheckReadings(check, back)
    if step is Step.VERDICT:
        return Verdict(check, back)
    if step is Step.SIGN:
        who = place_name(check.instrument, check.premises)
        return Sign(check, who, summary(look, phone, check), back)
    return (
        CheckPhoto(check, back)
        if step is Step.PHOTO
        else CheckVisual(check, back, lambda: set_discarding(True))
    )


async def step_back(phone: Phone, check: SpotCheck) -> None:
    """One step back inside the check; from the first one home. Nothing answered is touched; what is signed and could not be sealed waits at home."""
    step = check.cursor.step
    if check.draft.finished:
        phone.go(HOME)
    elif step is Step.READINGS and check.cursor.field == Field.ADDED_WEIGHTS:
        await check.not_finer()
    elif step is Step.NAMEPLATE and check.figure:
        await check.edit_figure()
    elif step in BEFORE and not (step is Step.VERDICT and not check.points):
        last = check.points[-1].key if step is Step.VERDICT and check.points else ""
        await check.go_to(BEFORE[step], last)
    elif step is Step.VERDICT:
        await check.go_to(Step.PHOTO)
    else:
        phone.go(HOME)
