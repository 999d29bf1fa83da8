"""方法: in what unit the packages are read, how the packing is taken off, and what is measured with."""

from __future__ import annotations

import flet as ft
import msgspec

from mobile.ui.hooks import Attempt, use_attempts, use_back, use_loaded
from mobile.ui.look import Look, use_look
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    choice,
    note,
    notice,
    screen,
    section,
    stacked,
    top_bar,
)
from mobile.ui.screens.lot_figure import NAMES, unit_of
from mobile.ui.screens.lot_plan import unit_row
from mobile.ui.screens.prepare import weight
from mobile.ui.widgets.lot_steps import lot_name, lot_steps
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import Figure, LotStep
from mobile.workflow.session import OfferedStandard
from shared.lot import TareMethod
from shared.message import Message
from shared.metrology.prepackages.amounts import Measure

METHODS = {
    TareMethod.NET: Message("Net: the content itself is read"),
    TareMethod.MEAN: Message("Gross, less the mean of empty packings"),
    TareMethod.INDIVIDUAL: Message("Gross, less each package's own packing"),
}


@ft.component
def LotMethod(lot: LotCheck, back: Act) -> ft.Control:
    look = use_look()
    _ = look.gettext
    problem, attempt = use_attempts()
    refusal, in_turn = use_attempts(in_turn=True)
    use_back(back)
    draft = lot.draft
    offered = use_loaded(lot.offered_standards, [lot.indication_unit]) or []
    chosen = {one.standard_id for one in draft.standards}
    counted = lot.measure is Measure.COUNT

    def method(one: TareMethod, words: Message) -> ft.Semantics:
        here = draft.answers.tare_method is one
        return choice(look, look.say(words), here, lambda: in_turn(lambda: lot.answer(tare_method=one)))

    standards: list[ft.Control] = [
        standard(look, lot, in_turn, one, one.standard.standard_id in chosen) for one in offered
    ]
    opened = draft.answers.destructive
    body: list[ft.Control] = [
        lot_steps(look, lot),
        *[notice(look, one) for one in (problem, refusal) if one],
        section(look, _("Read in")),
        unit_row(
            look, lot.indication_units, lot.indication_unit, lambda unit: lot.answer(indication_unit=unit)
        ),
        *(density(look, lot) if lot.by_density else []),
        *([] if counted else [section(look, _("Packing"))]),
        *([] if counted else [stacked(*[method(one, words) for one, words in METHODS.items()], gap=8)]),
        choice(
            look,
            _("Packages are opened to be measured"),
            opened,
            lambda: in_turn(lambda: lot.answer(destructive=not opened)),
        ),
        *([] if counted else [section(look, _("Measured with"), str(len(draft.standards)))]),
        *([] if counted or chosen else [nothing_is_named(look, bool(standards))]),
        *([] if counted else standards),
    ]
    hint = note(
        look,
        Icons.INFO_OUTLINE,
        _("{sample} packages are to be read.").format(sample=lot.sample),
    )
    onward = action(look, _("To the readings"), lambda: attempt(lot.onward), Icons.ARROW_FORWARD)
    return screen(
        look, top_bar(look, _("Method"), lot_name(look, lot), back), body, bottom_bar(look, onward, hint=hint)
    )


def standard(
    look: Look, lot: LotCheck, in_turn: Attempt, offered: OfferedStandard, chosen: bool
) -> ft.Semantics:
    """One of the team's standards; a touch names it as used, or not."""
    as_it_stands = msgspec.structs.replace(offered, chosen=chosen)
    return weight(
        look, as_it_stands, lambda: in_turn(lambda: lot.toggle_standard(offered.standard.standard_id))
    )


def nothing_is_named(look: Look, any_known: bool) -> ft.Row:
    """What it means that nothing was measured with."""
    words = (
        look.gettext("Nothing is named that was measured with: the readings would judge nothing.")
        if any_known
        else look.gettext("No standards are known on this phone; readings can't be judged.")
    )
    return note(look, Icons.INFO_OUTLINE, words, look.theme.unsure)


def density(look: Look, lot: LotCheck) -> list[ft.Control]:
    """A volume by weighing: density and its temperature."""

    def one(figure: Figure) -> ft.Semantics:
        name, typed = look.say(NAMES[figure]), lot.draft.figures.get(figure, "")
        return action(
            look,
            f"{name}: {typed or '–'} {unit_of(lot, figure)}",
            lambda: lot.go_to(LotStep.METHOD, figure),
            rank=Rank.PLAIN,
            expand=None,
            height=52,
        )

    asked = look.gettext("Weighed, and divided by the density of the content.")
    return [
        note(look, Icons.INFO_OUTLINE, asked),
        stacked(one(Figure.DENSITY), one(Figure.TEMPERATURE), gap=8),
    ]
