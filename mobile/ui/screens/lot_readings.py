"""读数: one package after the other, judged while it is typed. One can stop at any package and go on another day."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile.ui.hooks import Attempt, use_attempts, use_back, use_value
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    card,
    column,
    icon_button,
    listing,
    note,
    notice,
    row,
    screen,
    text,
    top_bar,
)
from mobile.ui.screens.check_readings import loosened
from mobile.ui.screens.lot_list import LotList, package_row
from mobile.ui.screens.reasons import Reasons
from mobile.ui.widgets.keypad import Side, keypad
from mobile.ui.widgets.lot_steps import lot_name, lot_steps
from mobile.ui.widgets.lot_tally import deviation_of, lot_tally
from mobile.ui.widgets.readout import readout
from mobile.ui.wording import GRADES
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import LotStep
from mobile.workflow.lot_points import LotLive, LotPoint
from mobile.workflow.points import PointState
from shared.lot import Grade, TareMethod

LAST_READ = 3
"""Readings below the one that is being typed."""
HAPTICS = {Grade.NONE: [15], Grade.T1: [20, 40, 20], Grade.T2: [60, 60, 60]}


@ft.component
def LotReadings(lot: LotCheck, back: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    panel, set_panel = use_value("")
    problem, attempt = use_attempts()
    use_back((lambda: set_panel("")) if panel else back)
    live = lot.live()
    if live is None:
        return screen(look, top_bar(look, _("Packages"), lot_name(look, lot), back), [lot_steps(look, lot)])

    def close() -> None:
        set_panel("")

    if panel == "list":
        return LotList(lot, close)
    if panel:
        return why(look, lot, live.point, panel, close)
    answered = live.point.state is not PointState.TO_DO

    async def key(pressed: str) -> None:
        if answered:
            set_panel("again")
        else:
            await lot.press(pressed)

    parts: list[ft.Control] = [
        *([] if look.short else [lot_steps(look, lot)]),
        *([notice(look, problem)] if problem else []),
        *lot_tally(look, lot),
        readout(look, read_what(look, lot, live.point), shown_text(live), live.unit),
        *([notice(look, live.problem)] if live.problem else judgement(look, live)),
        ways(look, answered, set_panel),
        *([] if look.short else last_read(look, lot)),
    ]
    pause = icon_button(look, Icons.PAUSE_CIRCLE_OUTLINE, _("Pause, go on later"), lambda: phone.go(HOME))
    return screen(
        look,
        top_bar(look, title_of(look, lot, live.point), lot_name(look, lot), back, [pause]),
        parts,
        keypad(look, key, reading_keys(look, phone, lot, live, attempt), ".0 "),
        gap=8,
    )


def title_of(look: Look, lot: LotCheck, point: LotPoint) -> str:
    _ = look.gettext
    if lot.draft.step is LotStep.TARE:
        return _("Empty packing {number}").format(number=point.number)
    words = _("Packing of package {number}") if point.packing else _("Package {number} of {sample}")
    return words.format(number=point.number, sample=lot.sample)


def read_what(look: Look, lot: LotCheck, point: LotPoint) -> str:
    _ = look.gettext
    if point.packing:
        return _("Packing")
    return _("Net") if lot.draft.answers.tare_method is TareMethod.NET else _("Gross")


def shown_text(live: LotLive) -> str:
    if live.point.indication is not None:
        return str(live.point.indication.value)
    return "" if live.point.state is PointState.CANNOT else live.text


def judgement(look: Look, live: LotLive) -> list[ft.Control]:
    """How short the package is, by shape, word and colour; or why that is not known."""
    _, theme, verdict = look.gettext, look.theme, live.verdict
    if live.point.state is PointState.CANNOT:
        return [note(look, Icons.BLOCK, _("This one was not read; the record says why."), theme.unsure)]
    if live.unclear:
        return [note(look, Icons.INFO_OUTLINE, look.say(live.unclear), theme.unsure)]
    if verdict is None:
        asked = _("Type what the display shows")
        return [] if look.short else [note(look, Icons.INFO_OUTLINE, asked)]
    style = GRADES[verdict.grade]
    ink = style.ink(theme)
    deviation = deviation_of(verdict).shown_signed()
    net = _("Net content {net}").format(net=verdict.net_content.shown())
    words = column(
        text(look, look.say(style.words), "strong", ink),
        text(look, net, "note", theme.ink2),
        gap=0,
        expand=True,
    )
    figures = text(look, deviation, "h2", ink, no_wrap=True)
    return [
        ft.Semantics(
            container=True,
            live_region=True,
            content=card(
                look, row(ft.Icon(style.icon, size=26, color=ink), words, figures), gap=4, padding=10
            ),
        )
    ]


def last_read(look: Look, lot: LotCheck) -> list[ft.Control]:
    """The readings before this one, the newest on top."""
    read = [point for point in lot.points if point.state is not PointState.TO_DO]
    newest = sorted(read, key=lambda point: lot.read_at(point.key), reverse=True)[:LAST_READ]

    def row_of(point: LotPoint) -> ft.Semantics:
        return package_row(look, lot, point, lambda: lot.go_to(lot.draft.step, point.key))

    return [listing(look, [row_of(point) for point in newest])] if newest else []


def ways(look: Look, answered: bool, open_panel: Callable[[str], object]) -> ft.Control:
    """The way out of this package, and the list of all of them."""
    _ = look.gettext
    buttons: list[ft.Control] = [
        action(
            look,
            _("Read again") if answered else _("Can't be done"),
            lambda: open_panel("again" if answered else "cannot"),
            rank=Rank.PLAIN,
            height=48,
            expand=1,
        ),
        action(
            look,
            _("All readings"),
            lambda: open_panel("list"),
            Icons.LIST,
            rank=Rank.PLAIN,
            height=48,
            expand=1,
        ),
    ]
    if look.narrow:
        return column(*loosened(buttons), gap=8)
    return row(*buttons, gap=12, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH)


def reading_keys(
    look: Look, phone: Phone, lot: LotCheck, live: LotLive, attempt: Attempt
) -> tuple[Side, ...]:
    """Next, and from the packings on to the packages; the last package leads to the outcome."""
    _ = look.gettext

    async def take() -> None:
        await lot.take()
        if live.verdict:
            await phone.platform.vibrate(HAPTICS[live.verdict.grade])

    if lot.draft.step is LotStep.TARE:
        return (
            Side(_("One more"), lambda: attempt(take)),
            Side(
                _("To the packages"),
                lambda: attempt(lot.onward),
                Icons.ARROW_FORWARD,
                primary=True,
                tall=True,
            ),
        )
    last = lot.is_last
    words = _("See the outcome") if last else _("Next one")
    icon = Icons.GAVEL if last else Icons.ARROW_DOWNWARD
    onward = Side(words, lambda: attempt(take), icon, primary=True, tall=True)
    if last:
        return (onward,)
    return Side(_("Outcome"), lambda: attempt(lambda: lot.go_to(LotStep.VERDICT))), onward


def why(look: Look, lot: LotCheck, point: LotPoint, panel: str, close: Act) -> ft.Control:
    """The reason that a package was not read, or the cause of its being read again."""
    _ = look.gettext

    async def cannot(code: str) -> None:
        await lot.cannot(code)
        close()

    async def again(code: str) -> None:
        await lot.again(point.key, code)
        close()

    title = title_of(look, lot, point)
    if panel == "again":
        words = _("Both readings are kept; the record shows the first with this cause.")
        return Reasons(_("Why read it again?"), title, words, lot.again_causes, again, close)
    words = _("The package counts as undecided; the record says why.")
    return Reasons(_("Can't be done"), title, words, lot.cannot_reasons, cannot, close)
