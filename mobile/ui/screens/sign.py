"""请经营者签名: what was found, agreed to or objected to, and the signature on the glass."""

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
    card,
    choice,
    notice,
    pad,
    refusal,
    row,
    stacked,
    text,
    top_bar,
)
from mobile.ui.screens.refuse import Refuse
from mobile.ui.theme import MARGIN
from mobile.ui.widgets.letters import Letters
from mobile.ui.widgets.present import who_is_there
from mobile.ui.widgets.signature_pad import SignatureBox, SignaturePad
from mobile.ui.wording import headline_style
from mobile.workflow.drawing import STROKES_MEDIA_TYPE
from mobile.workflow.spot_check import SpotCheck
from mobile.workflow.under_way import Signable
from shared.errors import Problem


@ft.component
def Sign(work: Signable, who: str, told: ft.Control, back: Act, known: str = "") -> ft.Control:
    """``who`` signs, what they are ``told`` before it, and what the signature means where it is not that of a check."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    box = ft.use_memo(SignatureBox, [])
    signed, set_signed = use_value(False)
    panel, set_panel = use_value("")
    problem, attempt = use_attempts()
    unsaid, in_turn = use_attempts(in_turn=True)
    use_back((lambda: set_panel("")) if panel else back)

    if panel == "refuse":
        return Refuse(work, lambda: set_panel(""))

    async def seal() -> None:
        receipt = await work.sign(box.drawing().encoded(), STROKES_MEDIA_TYPE)
        phone.go(f"/receipt/{receipt.digest}")

    def drawn() -> None:
        set_signed(box.signed)

    known = known or _(
        "I have seen the readings and the outcome above. Signing means that I know them; I may ask for a verification."
    )
    parts: list[ft.Control] = [
        *asked(look, problem or unsaid),
        told,
        *answer(look, work, in_turn),
        *who_is_there(look, work, in_turn, somebody=True),
        text(look, known, "note", look.theme.ink2),
    ]
    bottom = bottom_bar(
        look,
        action(
            look,
            _("Refuses to sign"),
            lambda: set_panel("refuse"),
            Icons.PERSON_OFF_OUTLINED,
            rank=Rank.PLAIN,
            expand=2,
        ),
        action(
            look,
            _("Signed"),
            (lambda: attempt(seal)) if signed else None,
            Icons.CHECK,
            rank=Rank.PRIMARY if signed else Rank.PLAIN,
            expand=2,
            colour="" if signed else look.theme.ink2,
        ),
    )
    return pad_screen(
        look, top_bar(look, _("Trader signs"), who, back), parts, SignaturePad(look, box, drawn), bottom
    )


def answer(look: Look, work: Signable, in_turn: Attempt) -> list[ft.Control]:
    """无异议 or 有异议, with a field for the words; kept as it is given."""
    _ = look.gettext
    objects = work.draft.objects

    def says(disagrees: bool) -> object:
        return in_turn(lambda: work.party_says(disagrees))

    choices = row(
        choice(look, _("No objection"), not objects, lambda: says(False), expand=1),
        choice(look, _("Objects"), objects, lambda: says(True), expand=1),
        intrinsic_height=True,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    words = Letters(
        _("What is objected to"),
        work.draft.objection,
        lambda text: in_turn(lambda: work.party_says(True, text)),
    )
    return [choices, *([words] if objects else [])]


def pad_screen(
    look: Look, top: ft.Control, told: list[ft.Control], pad_control: ft.Control, bottom: ft.Control
) -> ft.Container:
    """Like a screen, but the pad stands still beside the part that scrolls."""
    scrolls = ft.ListView(
        [*refusal(look), *told],
        spacing=8,
        expand=5,
        padding=ft.Padding.only(left=MARGIN, right=MARGIN, top=4, bottom=8),
    )
    still = ft.Container(pad_control, expand=6 if not look.short else 5, padding=pad(4, MARGIN))
    return ft.Container(
        stacked(top, scrolls, still, bottom, gap=0, expand=True), bgcolor=look.theme.ground, expand=True
    )


def asked(look: Look, problem: Problem | None) -> list[ft.Control]:
    return [notice(look, problem)] if problem else []


def summary(look: Look, phone: Phone, check: SpotCheck) -> ft.Container:
    """The outcome of a spot check as the trader is to see it before signing."""
    conclusion = check.conclusion()
    style = headline_style(conclusion.headline)
    ink = style.ink(look.theme)
    worst = max(
        (point for point in conclusion.points if point.limit.unit != "元"),
        key=lambda point: abs(point.error_of_indication.value) / (point.limit.value or 1),
        default=None,
    )
    lines: list[ft.Control] = [
        row(
            ft.Icon(style.icon, size=30, color=ink),
            text(look, look.say(conclusion.words), "h2", ink, expand=True),
        ),
        text(look, instrument_name(look, phone, check.instrument)),
    ]
    if worst:
        words = look.gettext("Largest error {error}, limit {limit}")
        lines.append(
            text(
                look, words.format(error=worst.error_of_indication.shown_signed(), limit=worst.limits_shown())
            )
        )
    return card(look, *lines, gap=4, padding=12)
