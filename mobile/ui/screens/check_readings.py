"""示值: one point at a time, judged while it is typed. The record says whether a reading was typed or taken as the same."""

from __future__ import annotations

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
    icon_button,
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
from mobile.ui.widgets.field_chips import field_chips, field_choices
from mobile.ui.widgets.keypad import Side, keypad
from mobile.ui.widgets.live_card import live_card
from mobile.ui.widgets.point_tabs import group_of, point_tabs
from mobile.ui.widgets.readout import readout
from mobile.ui.wording import sort_words
from mobile.workflow.draft import Field, Step
from mobile.workflow.fields import FieldView
from mobile.workflow.keying import MINUS_KEY
from mobile.workflow.points import Live, PointState
from mobile.workflow.spot_check import SpotCheck
from shared.inspection import PlannedPoint

BELOW_NOUGHT = {"℃", "°C"}
"""Units in which a figure below nought is an everyday one."""
OUTCOME_HAPTICS = {"within": [15], "beyond": [60, 60, 60], "undecided": [20, 40, 20]}


@ft.component
def CheckReadings(check: SpotCheck, back: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    panel, set_panel = use_value("")
    problem, attempt = use_attempts()
    unfolded, set_unfolded = use_value(False)
    use_back((lambda: set_panel("")) if panel else back)
    live = check.live()
    if live is None:
        return nothing_to_read(look, phone, check, back, attempt)
    if panel == "cannot":
        return CannotDo(check, lambda: set_panel(""))
    if panel == "retest":
        return Retest(check, live.point.key, lambda: set_panel(""))
    answered = live.point.state is not PointState.TO_DO
    chosen = input_here(live)

    def ask_why() -> None:
        set_panel("retest")

    async def key(pressed: str) -> None:
        if answered:
            ask_why()
        elif not (chosen and chosen.choices):
            await check.press(pressed)

    title = look.say(stages(check)[stage_at(check)][0])
    under = saved_words(look, phone, check)
    if look.short:
        title, under = look.say(live.point.planned.instruction), ""
    finer = live.field == Field.ADDED_WEIGHTS and not answered
    top = (
        finer_body(look, check, live, attempt)
        if finer
        else reading_body(
            look,
            check,
            live,
            attempt,
            lambda: set_panel("cannot"),
            ask_why,
            None if unfolded else lambda: set_unfolded(True),
        )
    )
    parts: list[ft.Control] = [*([notice(look, problem)] if problem else []), *top]
    if live.problem and live.problem != problem:
        parts.insert(len(parts) - 1, notice(look, live.problem))
    return screen(
        look,
        top_bar(look, title, under, back, nameplate_way(look, check, attempt)),
        parts,
        keypad(look, key, keys_of(look, phone, check, live, attempt, ask_why), last_row(check, live, finer)),
        gap=8 if look.short else 10,
        place=live.point.key,
    )


def input_here(live: Live) -> FieldView | None:
    """The field of what is read beside the indication, while the keypad is in it."""
    return next((each for each in live.fields[:-1] if each.here), None)


def nameplate_way(look: Look, check: SpotCheck, attempt: Attempt) -> list[ft.Control]:
    """Where figures of the nameplate decide, one can look at them and put them right."""
    if not check.figures:
        return []
    return [
        icon_button(
            look,
            Icons.BADGE_OUTLINED,
            look.gettext("Nameplate"),
            lambda: attempt(lambda: check.go_to(Step.NAMEPLATE)),
        )
    ]


def last_row(check: SpotCheck, live: Live, finer: bool) -> str:
    """The keypad's lowest row: a sign where what is read can be below nought."""
    unit = next((each.unit for each in live.fields if each.here), "")
    planned = live.point.planned
    below_nought = check.weighs or unit in BELOW_NOUGHT or planned.reference.value <= 0
    return f".0{MINUS_KEY}" if below_nought and not finer else ".0 "


def reading_body(
    look: Look,
    check: SpotCheck,
    live: Live,
    attempt: Attempt,
    cannot: Act,
    ask_why: Act,
    unfold: Act | None,
) -> list[ft.Control]:
    """Steps, tabs, what to do, the fields, the judgement, and the two ways out."""
    planned = live.point.planned
    answered = live.point.state is not PointState.TO_DO
    group = [point for point in check.points if group_of(point.planned.role) == group_of(planned.role)]
    tight = look.short or len(live.fields) > 3
    head = [] if tight else [check_steps(look, check)]
    chips: list[ft.Control] = []
    if len(live.fields) > 1:
        edit = (lambda _field: ask_why()) if answered else (lambda field: attempt(lambda: check.edit(field)))
        chips = [field_chips(look, live.fields, edit, unfold)]
    return [
        *head,
        point_tabs(look, group, live.point.key, lambda key: check.go_to(Step.READINGS, key)),
        *([] if look.short else [told(look, planned)]),
        *chips,
        field_face(look, check, live, attempt),
        live_card(look, live, check.draft.facts.verification_scale_interval),
        ways_out(look, check, live, attempt, cannot, ask_why),
    ]


def told(look: Look, planned: PlannedPoint) -> ft.Row:
    """What to do, and by what it is judged."""
    basis = look.say(planned.basis) if planned.basis else ""
    what = text(look, look.say(planned.instruction), "strong", expand=True)
    if look.text_scale <= 1.3 and len(basis) + len(what.value or "") * 1.6 <= 48:
        return row(what, text(look, basis, "note", look.theme.ink2))
    what.expand = None
    return ft.Row([column(what, text(look, basis, "note", look.theme.ink2), gap=0, expand=True)])


def field_face(look: Look, check: SpotCheck, live: Live, attempt: Attempt) -> ft.Control:
    """The field being typed, large; a choice as its buttons."""
    _ = look.gettext
    chosen = input_here(live)
    if chosen is None or live.point.state is not PointState.TO_DO:
        shown = live.text or (live.point.indication if live.point.state is PointState.DONE else "")
        return readout(look, _("Reading"), shown, live.point.planned.unit, small=len(live.fields) > 1)
    if chosen.choices:
        return field_choices(look, chosen, lambda field, value: attempt(lambda: check.choose(field, value)))
    return readout(look, look.say(chosen.name), chosen.text, chosen.unit, chosen.standing, small=True)


def ways_out(
    look: Look, check: SpotCheck, live: Live, attempt: Attempt, cannot: Act, ask_why: Act
) -> ft.Control:
    """Measuring finer where that is possible, and saying that it can't be done."""
    _ = look.gettext
    answered = live.point.state is not PointState.TO_DO
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
    if live.point.planned.finer_possible:
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
    if look.narrow:
        return column(*loosened(ways), gap=8)
    return row(*ways, gap=12, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH)


def loosened(controls: list[ft.Control]) -> list[ft.Control]:
    """The same controls one below the other."""
    for control in controls:
        control.expand = None
    return controls


def keys_of(
    look: Look, phone: Phone, check: SpotCheck, live: Live, attempt: Attempt, ask_why: Act
) -> tuple[Side, ...]:
    """What moves the work on, for the field that the keypad is in."""
    if live.point.state is PointState.TO_DO:
        if live.field == Field.ADDED_WEIGHTS:
            return finer_keys(look, check, attempt)
        if input_here(live):
            take = look.gettext("Take it")
            return (
                Side(take, lambda: attempt(check.next_field), Icons.ARROW_DOWNWARD, primary=True, tall=True),
            )
    return reading_keys(look, phone, check, live, attempt, ask_why)


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
    if not live.same:
        return (onward,)
    standard_shows = live.point.planned.reference_read or all(
        each.optional or each.choices for each in live.fields[:-1]
    )
    words = _("Same as standard") if standard_shows else _("As it was set")
    if check.weighs:
        words = _("Same as load")
    return Side(words, ask_why if answered else lambda: attempt(same), figure=live.same), onward


def nothing_to_read(look: Look, phone: Phone, check: SpotCheck, back: Act, attempt: Attempt) -> ft.Control:
    """Without a standard that fits, or with a nameplate that says too little, there is nothing to read; there is always a way on."""
    _ = look.gettext
    sort = sort_words(look, check.sort_needed)
    ways: list[ft.Control] = []
    if check.weighs:
        words = _("No point can be read with the weights that were carried; the measurement stays undecided.")
    elif check.kind.procedure is None:
        words = _("For this kind, marks, seals and certificate are checked; nothing is measured.")
    else:
        words = _("Nothing can be read yet; without readings the measurement stays undecided.")
    if check.sort_needed and not check.draft.standards:
        ways += [
            note(look, Icons.INFO_OUTLINE, _("Needed: {sort}").format(sort=sort), look.theme.unsure),
            action(
                look,
                _("Choose standards"),
                lambda: phone.go("/prepare"),
                Icons.HANDYMAN_OUTLINED,
                rank=Rank.PLAIN,
                expand=None,
            ),
        ]
    if check.figures:
        names = look.language.listed(look.say(each.name) for each in check.missing)
        if names:
            needed = _("Needed: {sort}").format(sort=names)
            ways.append(note(look, Icons.INFO_OUTLINE, needed, look.theme.unsure))
        ways.append(
            action(
                look,
                _("Nameplate"),
                lambda: attempt(lambda: check.go_to(Step.NAMEPLATE)),
                Icons.BADGE_OUTLINED,
                rank=Rank.PLAIN,
                expand=None,
            )
        )
    onward = action(
        look, _("See the outcome"), lambda: attempt(lambda: check.go_to(Step.VERDICT)), Icons.GAVEL
    )
    return screen(
        look,
        top_bar(look, _("Readings"), instrument_name(look, phone, check.instrument), back),
        [check_steps(look, check), note(look, Icons.INFO_OUTLINE, words), *ways],
        bottom_bar(look, onward),
    )
