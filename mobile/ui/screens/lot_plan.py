"""抽样: nominal quantity and size of the lot; the plan stands there before a single package is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flet as ft

from mobile.ui.hooks import use_attempts, use_back
from mobile.ui.look import Look, use_look
from mobile.ui.primitives import (
    Act,
    Icons,
    card,
    choice,
    fact,
    note,
    notice,
    pad,
    row,
    screen,
    stacked,
    text,
    top_bar,
    touchable,
)
from mobile.ui.theme import RADIUS
from mobile.ui.widgets.keypad import Side, keypad
from mobile.ui.widgets.lot_steps import lot_name, lot_steps
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import Figure, LotStep
from mobile.workflow.lot_points import Plan
from shared.metrology.prepackages.amounts import UNITS
from shared.quantity import figure, plain

SELDOM = ("mg", "t", "mm", "mm²", "dm²", "cm²")


@ft.component
def LotPlan(lot: LotCheck, back: Act) -> ft.Control:
    look = use_look()
    _ = look.gettext
    problem, attempt = use_attempts()
    use_back(back)
    plan = lot.plan()
    nominal = lot.nominal
    stated = figure(plain(nominal.value)) if nominal else ""
    fields = row(
        figure_field(look, lot, Figure.NOMINAL, _("Nominal quantity"), stated, lot.unit),
        figure_field(look, lot, Figure.LOT_SIZE, _("Packages in the lot"), "", _("pcs")),
        intrinsic_height=True,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    body: list[ft.Control] = [
        lot_steps(look, lot),
        *([notice(look, problem)] if problem else []),
        fields,
        *(units(look, lot) if lot.draft.field == Figure.NOMINAL else []),
        *(plan_card(look, plan) if plan else why_no_plan(look, lot)),
    ]
    other = Figure.LOT_SIZE if lot.draft.field == Figure.NOMINAL else Figure.NOMINAL
    whole = lot.nominal is not None and lot.lot_size is not None
    sides = (
        Side(_("Next field"), lambda: lot.go_to(LotStep.PLAN, other)),
        Side(_("Go on"), lambda: attempt(lot.onward), Icons.ARROW_FORWARD, primary=whole, tall=True),
    )
    last_row = ".0 " if lot.draft.field == Figure.NOMINAL else " 0 "
    return screen(
        look,
        top_bar(look, _("Sampling plan"), lot_name(look, lot), back),
        body,
        keypad(look, lot.press, sides, last_row),
        gap=8,
    )


def figure_field(
    look: Look, lot: LotCheck, field: Figure, name: str, otherwise: str, unit: str
) -> ft.Semantics:
    """One of the two figures; the one that the keypad writes has the thick edge and the caret."""
    theme = look.theme
    here = lot.draft.field == field
    shown = lot.draft.figures.get(field, "") or otherwise
    caret = [ft.Container(width=3, height=24, bgcolor=theme.primary)] if here else []
    return touchable(
        look,
        f"{name} {shown} {unit}".strip(),
        stacked(
            text(look, name, "note", theme.ink2),
            row(
                text(look, shown or "–", "h2"),
                *caret,
                text(look, unit, "body", theme.ink2),
                gap=4,
                wrap=True,
            ),
            gap=0,
        ),
        lambda: lot.go_to(LotStep.PLAN, field),
        expand=1,
        selected=here,
        padding=pad(8, 12),
        border_radius=RADIUS,
        bgcolor=theme.surface,
        border=ft.Border.all(3 if here else max(1.5, theme.stroke), theme.primary if here else theme.edge),
    )


def unit_row(look: Look, units: Sequence[str], chosen: str, choose: Callable[[str], object]) -> ft.Row:
    """Units to choose from; they wrap where there is no room."""
    boxes: list[ft.Control] = [
        ft.Container(
            choice(look, unit, unit == chosen, lambda unit=unit: choose(unit)),  # type: ignore[misc]
            width=84 * min(look.text_scale, 1.5),
        )
        for unit in units
    ]
    return row(*boxes, wrap=True, run_spacing=8)


def units(look: Look, lot: LotCheck) -> list[ft.Control]:
    """The units in which a package may state its content."""
    usual = [unit for unit in UNITS if unit not in SELDOM or unit == lot.unit]
    return [unit_row(look, usual, lot.unit, lambda unit: lot.answer(unit=unit))]


def plan_card(look: Look, plan: Plan) -> list[ft.Control]:
    """n, what is allowed, T, and whose edition says so."""
    _, theme = look.gettext, look.theme
    mean = (
        _("mean ≥ Qn − {factor}·s").format(factor=figure(plan.factor))
        if plan.factor is not None
        else _("no test of the mean")
    )
    allowed = _("T1 at most {t1}, T2 at most {t2}; {mean}").format(
        t1=plan.t1_allowed, t2=plan.t2_allowed, mean=mean
    )
    return [
        ft.Semantics(
            container=True,
            live_region=True,
            content=card(
                look,
                text(look, _("Read {sample} packages").format(sample=plan.sample), "h2", theme.primary),
                text(look, allowed, "strong"),
                fact(look, "T", plan.tolerance.shown()),
                fact(look, _("Plan"), plan.document),
                fact(look, _("Deficiency"), plan.edition),
                *[note(look, Icons.INFO_OUTLINE, look.say(one), theme.unsure) for one in plan.notes],
                gap=4,
                padding=12,
            ),
        )
    ]


def why_no_plan(look: Look, lot: LotCheck) -> list[ft.Control]:
    """What is missing, or why no plan judges such a lot."""
    _ = look.gettext
    verdict = lot.verdict()
    if verdict is None:
        return [note(look, Icons.INFO_OUTLINE, _("The plan follows from both figures."))]
    return [note(look, Icons.BLOCK, look.say(one), look.theme.unsure) for one in verdict.reasons]
