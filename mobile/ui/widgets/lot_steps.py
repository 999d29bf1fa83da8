"""The strip over every step of a lot, and what a lot is called."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import text
from mobile.ui.widgets.steps import steps, steps_fit
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import LotStep
from shared.message import Message

STEP_WORDS = {
    LotStep.GOODS: Message("Goods"),
    LotStep.PLAN: Message("Sample"),
    LotStep.METHOD: Message("Method"),
    LotStep.TARE: Message("Packings"),
    LotStep.READINGS: Message("Packages"),
    LotStep.VERDICT: Message("Outcome"),
}


def lot_name(look: Look, lot: LotCheck) -> str:
    """Goods, nominal quantity and site, as far as they are known, and that all is saved."""
    nominal, site = lot.nominal, lot.premises
    named = " ".join(part for part in (lot.draft.answers.goods, nominal.shown() if nominal else "") if part)
    return " · ".join(part for part in (named, site.name if site else "", look.gettext("saved")) if part)


def lot_steps(look: Look, lot: LotCheck) -> ft.Control:
    """The strip; a finished step leads back to itself."""
    known = lot.steps
    at = known.index(lot.draft.step) if lot.draft.step in known else len(known) - 1
    names = [look.say(STEP_WORDS[step]) for step in known]
    if steps_fit(look, names) and not look.short:
        return steps(look, names, at, lambda number: lot.go_to(known[number]))
    return text(look, f"{at + 1}/{len(names)} {names[at]}", "tag", look.theme.primary)
