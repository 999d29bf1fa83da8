"""One figure of a lot's form, on the app's own keypad: the height of the characters, a density, its temperature."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back
from mobile.ui.look import use_look
from mobile.ui.primitives import Act, Icons, note, screen, top_bar
from mobile.ui.widgets.keypad import Side, keypad
from mobile.ui.widgets.lot_steps import lot_name
from mobile.ui.widgets.readout import readout
from mobile.workflow.keying import MINUS_KEY
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import Figure
from shared.message import Message

NAMES = {
    Figure.HEIGHT: Message("Character height"),
    Figure.DENSITY: Message("Density"),
    Figure.TEMPERATURE: Message("Temperature"),
}
ASKED = {
    Figure.HEIGHT: Message("Measure the characters of the net content statement."),
    Figure.DENSITY: Message("Of the content, measured at the temperature that is stated beside it."),
    Figure.TEMPERATURE: Message("At which the density was measured."),
}


def unit_of(lot: LotCheck, figure: Figure) -> str:
    return {Figure.HEIGHT: "mm", Figure.TEMPERATURE: "°C"}.get(figure, lot.draft.answers.density_unit)


@ft.component
def LotFigure(lot: LotCheck, back: Act) -> ft.Control:
    look = use_look()
    use_back(back)
    figure = Figure(lot.draft.field)
    name = look.say(NAMES[figure])
    body: list[ft.Control] = [
        note(look, Icons.INFO_OUTLINE, look.say(ASKED[figure])),
        readout(look, name, lot.text, unit_of(lot, figure)),
    ]
    done = Side(look.gettext("Take it"), back, Icons.CHECK, primary=True, tall=True)
    last_row = f".0{MINUS_KEY}" if figure is Figure.TEMPERATURE else ".0 "
    return screen(
        look,
        top_bar(look, name, lot_name(look, lot), back),
        body,
        keypad(look, lot.press, (done,), last_row),
    )
