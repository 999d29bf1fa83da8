"""The strip over every step of a spot check; where it has no room, the step's number goes in words."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import text
from mobile.ui.widgets.point_tabs import GROUPS, group_of
from mobile.ui.widgets.steps import steps, steps_fit
from mobile.workflow.draft import Step
from mobile.workflow.spot_check import SpotCheck
from shared.message import Message

LOOK, OUTCOME = Message("Look"), Message("Outcome")


def stages(check: SpotCheck) -> list[tuple[Message, str]]:
    """The stages of this check: the look, the groups of points that it has (with their first point), the outcome."""
    middle: dict[int, str] = {}
    for planned in check.draft.planned:
        middle.setdefault(group_of(planned.role), planned.key)
    return [(LOOK, ""), *[(GROUPS[number][0], key) for number, key in middle.items()], (OUTCOME, "")]


def stage_at(check: SpotCheck) -> int:
    """Which of the stages the draft is in."""
    step = check.cursor.step
    if step in (Step.VISUAL, Step.PHOTO, Step.NAMEPLATE):
        return 0
    known = stages(check)
    current = next((one for one in check.draft.planned if one.key == check.cursor.point), None)
    if step is not Step.READINGS or current is None:
        return len(known) - 1
    name = GROUPS[group_of(current.role)][0]
    return next(number for number, (words, _key) in enumerate(known) if words == name)


def check_steps(look: Look, check: SpotCheck) -> ft.Control:
    """The strip; a finished stage leads back to itself."""
    known, at = stages(check), stage_at(check)
    names = [look.say(words) for words, _key in known]

    async def go(number: int) -> None:
        key = known[number][1]
        await check.go_to(Step.READINGS if key else Step.VISUAL, key)

    if steps_fit(look, names) and not look.short:
        return steps(look, names, at, go)
    return text(look, f"{at + 1}/{len(names)} {names[at]}", "tag", look.theme.primary)
