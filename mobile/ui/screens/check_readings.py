"""示值: one point at a time, judged while it is typed. The record says whether a reading was typed or taken as the same."""

from __future__ import annotations

import asyncio

import flet as ft

from mobile.ui.hooks import Attempt, use_attempts, use_back, use_value
from mobile.ui.instruments import instrument_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import Phone, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    column,
    note,
    notice,
    row,
    screen,
    text,
    top_bar,
)
from mobile.ui.screens.cannot_do import CannotDo
from mobile.ui.screens.check_visual import saved_words
from mobile.ui.screens.finer import finer_body, finer_keys
from mobile.ui.screens.retest import Retest
from mobile.ui.widgets.check_steps import check_steps, stage_at, stages
from mobile.ui.widgets.keypad import MINUS_KEY, Side, keypad, typed
from mobile.ui.widgets.live_card import live_card
from mobile.ui.widgets.point_tabs import group_of, point_tabs
from mobile.ui.widgets.readout import readout
from mobile.workflow.draft import Field, Step
from mobile.workflow.points import Live, PointState
from mobile.workflow.spot_check import SpotCheck

OUTCOME_HAPTICS = {"within": [15], "beyond": [60, 60, 60], "undecided": [20, 40, 20]}


@ft.component
def CheckReadings(check: SpotCheck, back: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    panel, set_panel = use_value("")
    problem, attempt = use_attempts()
    hand = ft.use_memo(TypingHand, [])
    use_back((lambda: set_panel("")) if panel else back)
    live = check.live()
    if live is None:
        return no_points(look, phone, check, back, attempt)
    if panel == "cannot":
        return CannotDo(check, lambda: set_panel(""))
    if panel == "retest":
        return Retest(check, live.point.key, lambda: set_panel(""))
    answered = live.point.state is not PointState.TO_DO

    def ask_why() -> None:
        set_panel("retest")

    async def key(pressed: str) -> None:
        if answered:
            ask_why()
        else:
            await hand.press(check, pressed)

    title = look.say(stages(check)[stage_at(check)][0])
    under = saved_words(look, phone, check)
    if look.short:
        title, under = look.say(live.point.planned.instruction), ""
    finer = live.field is Field.ADDED_WEIGHTS and not answered
    top = (
        finer_body(look, check, live, attempt)
        if finer
        else reading_body(look, check, live, attempt, lambda: set_panel("cannot"), ask_why)
    )
    parts: list[ft.Control] = [*([notice(look, problem)] if problem else []), *top]
    if live.problem:
        parts.insert(len(parts) - 1, notice(look, live.problem))
    keys = (
        finer_keys(look, check, attempt)
        if finer
        else reading_keys(look, phone, check, live, attempt, ask_why)
    )
    return screen(
        look,
        top_bar(look, title, under, back),
        parts,
        keypad(look, key, keys, ".0 " if finer else f".0{MINUS_KEY}"),
        gap=8 if look.short else 10,
    )


class TypingHand:
    """Takes keys one after the other, in the order they came: each text is saved before the next key changes it."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def press(self, check: SpotCheck, key: str) -> None:
        async with self._turn:
            await check.type(typed(check.cursor.text, key))


def reading_body(
    look: Look, check: SpotCheck, live: Live, attempt: Attempt, cannot: Act, ask_why: Act
) -> list[ft.Control]:
    """Steps, tabs, what to do, the figure, its judgement, and the two ways out."""
    _, planned = look.gettext, live.point.planned
    answered = live.point.state is not PointState.TO_DO
    group = [point for point in check.points if group_of(point.planned.role) == group_of(planned.role)]
    basis = look.say(planned.basis) if planned.basis else ""
    what = text(look, look.say(planned.instruction), "strong", expand=True)
    told = row(what, text(look, basis, "note", look.theme.ink2))
    if look.text_scale > 1.3 or len(basis) + len(what.value or "") * 1.6 > 48:
        what.expand = None
        told = ft.Row([column(what, text(look, basis, "note", look.theme.ink2), gap=0, expand=True)])
    shown = live.text or (live.point.indication if live.point.state is PointState.DONE else "")
    ways: list[ft.Control] = [
        action(
            look,
            _("Read again") if answered else _("Can't be done"),
            ask_why if answered else cannot,
            rank=Rank.PLAIN,
            height=50,
            expand=2,
        ),
    ]
    if planned.finer_possible:
        ways.insert(
            0,
            action(
                look,
                _("Measure finer"),
                lambda: attempt(check.finer),
                Icons.ADD,
                rank=Rank.PLAIN,
                height=50,
                expand=3,
            ),
        )
    head = [] if look.short else [check_steps(look, check)]
    return [
        *head,
        point_tabs(look, group, live.point.key, lambda key: check.go_to(Step.READINGS, key)),
        *([] if look.short else [told]),
        readout(look, _("Reading"), shown, planned.unit),
        live_card(look, live, check.draft.facts.verification_scale_interval),
        row(*ways, gap=12, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH)
        if not look.narrow
        else column(*loosened(ways), gap=8),
    ]


def loosened(controls: list[ft.Control]) -> list[ft.Control]:
    """The same controls one below the other."""
    for control in controls:
        control.expand = None
    return controls


def reading_keys(
    look: Look, phone: Phone, check: SpotCheck, live: Live, attempt: Attempt, ask_why: Act
) -> tuple[Side, ...]:
    """同载荷 and 下一点; at the last open point the latter reads 看结论."""
    _ = look.gettext

    async def buzz() -> None:
        verdict = live.verdict
        if verdict:
            await phone.platform.vibrate(OUTCOME_HAPTICS[verdict.outcome])

    async def same() -> None:
        await check.same()
        await phone.platform.vibrate(OUTCOME_HAPTICS["within"])

    async def go_on() -> None:
        await check.next_point()
        await buzz()

    answered = live.point.state is not PointState.TO_DO
    last = check.is_last_point
    onward = Side(
        _("See the outcome") if last else _("Next point"),
        lambda: attempt(go_on),
        Icons.GAVEL if last else Icons.ARROW_DOWNWARD,
        primary=True,
        tall=True,
    )
    return Side(
        _("Same as load"), ask_why if answered else lambda: attempt(same), figure=live.point.planned.same
    ), onward


def no_points(look: Look, phone: Phone, check: SpotCheck, back: Act, attempt: Attempt) -> ft.Control:
    """Without weights, or for a kind that is not measured here, there is nothing to read."""
    _ = look.gettext
    measured = check.equipment.catalogue.kind(check.instrument.kind).procedure is not None
    words = (
        _("No point can be read with the weights that were carried; the measurement stays undecided.")
        if measured
        else _("For this kind, marks, seals and certificate are checked; nothing is measured.")
    )
    onward = action(
        look, _("See the outcome"), lambda: attempt(lambda: check.go_to(Step.VERDICT)), Icons.GAVEL
    )
    return screen(
        look,
        top_bar(look, _("Readings"), instrument_name(look, phone, check.instrument), back),
        [check_steps(look, check), note(look, Icons.INFO_OUTLINE, words)],
        bottom_bar(look, onward),
    )
