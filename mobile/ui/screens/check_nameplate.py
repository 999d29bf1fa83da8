"""铭牌: the figures that this check rests on and nobody has entered yet; nobody is held up by one that can't be read."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_attempts, use_back
from mobile.ui.instruments import instrument_name
from mobile.ui.look import use_look
from mobile.ui.phone import use_phone
from mobile.ui.primitives import Act, Icons, action, bottom_bar, note, notice, screen, top_bar
from mobile.ui.widgets.check_steps import check_steps
from mobile.ui.widgets.figure_rows import FigurePad, figure_row, on_without
from mobile.workflow.spot_check import SpotCheck


@ft.component
def CheckNameplate(check: SpotCheck, back: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    problem, attempt = use_attempts()
    use_back(back)
    figure = check.figure
    if figure:
        chosen = figure.id
        return FigurePad(
            figure,
            check.text,
            problem,
            check.press,
            lambda: attempt(lambda: check.take_figure(chosen)),
            back,
        )
    rows = [
        figure_row(
            look,
            each,
            value,
            lambda name, taken: attempt(lambda: check.take_figure(name, taken)),
            lambda name: attempt(lambda: check.edit_figure(name)),
        )
        for each, value in check.figures
    ]
    missing = check.missing
    names = look.language.listed(look.say(each.name) for each in missing)
    words = (
        _("Still missing: {names}. Without it the measurement can't be judged.").format(names=names)
        if missing
        else _("What is entered here goes into this check's record.")
    )
    onward = action(
        look,
        _("Go on to the readings"),
        lambda: attempt(check.figures_done),
        Icons.ARROW_FORWARD,
        expand=3,
    )
    without = on_without(look, lambda: attempt(check.figures_done))
    return screen(
        look,
        top_bar(look, _("Nameplate"), instrument_name(look, phone, check.instrument), back),
        [
            check_steps(look, check),
            *([notice(look, problem)] if problem else []),
            note(look, Icons.INFO_OUTLINE, words, look.theme.unsure if missing else ""),
            *rows,
        ],
        bottom_bar(look, without if missing else onward),
        gap=16,
    )
