"""How far a lot has been read: the number, the mean, T1 and T2 so far, and what the rest can still do."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import card, column, progress, row, text
from mobile.ui.wording import GRADES
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import LotStep
from shared.lot import Grade, PackageVerdict, PlanVerdict
from shared.quantity import Quantity


def deviation_of(verdict: PackageVerdict) -> Quantity:
    """How much more than the nominal quantity there is."""
    return -verdict.deficiency


def lot_tally(look: Look, lot: LotCheck) -> list[ft.Control]:
    """The card of the packages, or of the packings while they are weighed."""
    if lot.draft.step is LotStep.TARE:
        return [packings(look, lot)]
    verdict = lot.verdict()
    return [packages(look, lot, verdict.plan)] if verdict and verdict.plan else []


def figures(look: Look, name: str, value: str, share: int = 4) -> ft.Column:
    """A small name over its figure; ``share`` of the width."""
    return column(
        text(look, name, "note", look.theme.ink2),
        text(look, value, "title"),
        gap=0,
        expand=share,
    )


def packages(look: Look, lot: LotCheck, plan: PlanVerdict) -> ft.Semantics:
    _, theme = look.gettext, look.theme
    over = {Grade.T1: plan.t1 > plan.t1_allowed, Grade.T2: plan.t2 > plan.t2_allowed}

    def count(grade: Grade, found: int, allowed: int) -> ft.Column:
        style = GRADES[grade]
        ink = theme.bad if over[grade] else theme.ink
        head = row(
            ft.Icon(style.icon, size=16, color=ink),
            text(look, grade.value.upper(), "note", theme.ink2),
            gap=4,
        )
        return column(head, text(look, f"{found} / {allowed}", "title", ink), gap=0, expand=3)

    still = lot.still_possible()
    bad = any(over.values())
    said = [text(look, look.say(still), "note", theme.bad if bad else theme.ink2)] if still else []
    spoken = _("{read} of {sample} read, T1 {t1} of {t1_allowed}, T2 {t2} of {t2_allowed}").format(
        read=plan.read,
        sample=plan.sample,
        t1=plan.t1,
        t1_allowed=plan.t1_allowed,
        t2=plan.t2,
        t2_allowed=plan.t2_allowed,
    )
    return ft.Semantics(
        label=spoken,
        container=True,
        content=card(
            look,
            row(
                figures(look, _("Read"), f"{plan.read} / {plan.sample}"),
                figures(look, _("Mean"), plan.mean.shown() if plan.mean else "–", 6),
                count(Grade.T1, plan.t1, plan.t1_allowed),
                count(Grade.T2, plan.t2, plan.t2_allowed),
                gap=8,
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            progress(look, plan.read, plan.sample),
            *said,
            gap=6,
            padding=8 if look.short else 12,
        ),
    )


def packings(look: Look, lot: LotCheck) -> ft.Container:
    _ = look.gettext
    mean = lot.mean_of_packings()
    weighed = sum(point.indication is not None for point in lot.points)
    return card(
        look,
        row(
            figures(look, _("Packings weighed"), str(weighed)),
            figures(look, _("Mean"), mean.shown() if mean else "–"),
        ),
        padding=12,
    )
