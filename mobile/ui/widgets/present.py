"""Who of the other side is there: several touches at most, and no names."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import Attempt
from mobile.ui.look import Look
from mobile.ui.primitives import choice, section
from mobile.ui.widgets.figure_rows import in_rows
from mobile.workflow.under_way import Signable
from shared.inspection import Present
from shared.message import Message

PRESENT_WORDS = {
    Present.OPERATOR: Message("Operator"),
    Present.EMPLOYEE: Message("Employee"),
    Present.ORGANISER: Message("Market's organiser"),
    Present.WITNESS: Message("Witness"),
    Present.NOBODY: Message("Nobody"),
}


def who_is_there(look: Look, work: Signable, in_turn: Attempt, *, somebody: bool = False) -> list[ft.Control]:
    """The question and its answers, kept as they are given; ``somebody`` where one is there to sign."""

    def one(who: Present) -> ft.Semantics:
        words, chosen = look.say(PRESENT_WORDS[who]), who in work.draft.present
        return choice(look, words, chosen, lambda: in_turn(lambda: work.was_present(who)))

    asked = [who for who in Present if not (somebody and who is Present.NOBODY)]
    across = 2 if somebody else 3
    return [section(look, look.gettext("Who is there")), in_rows(look, [one(who) for who in asked], across)]
