"""What is to be said of a label before its card: each case its own, for an accusation must not rest on a missing key."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import Attempt, use_attempts, use_back
from mobile.ui.instruments import instrument_name, place_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    column,
    note,
    notice,
    row,
    screen,
    text,
    top_bar,
)
from mobile.ui.scanning import photograph, scan_to_check
from mobile.ui.screens.foreign_code import ForeignCode
from mobile.ui.widgets.verdict_banner import verdict_banner
from mobile.ui.wording import Style
from mobile.workflow.app_state import Phase
from mobile.workflow.resolve import Found, LabelVerdict
from shared.label import serial_tag_of, shown_code
from shared.message import Message

FORGED = Style(Icons.GPP_BAD, Message("Suspected false label"), "bad")
MISMATCHED = Style(Icons.DIFFERENCE_OUTLINED, Message("Label and instrument don't agree"), "bad")
KEY_UNKNOWN = Style(Icons.GPP_MAYBE, Message("Label can't be checked"), "unsure")
NOT_KNOWN = Style(Icons.GPP_GOOD, Message("Genuine label, unknown instrument"), "unsure")
CODE_NOT_KNOWN = Style(Icons.SEARCH_OFF, Message("No such number on this phone"), "unsure")

_CASES = {
    LabelVerdict.FORGED: (
        FORGED,
        Message("The signature is wrong: not issued by this province, or changed since."),
    ),
    LabelVerdict.MISMATCHED: (
        MISMATCHED,
        Message(
            "The signature is right, but it was made for another serial number: perhaps moved or copied."
        ),
    ),
    LabelVerdict.KEY_UNKNOWN: (
        KEY_UNKNOWN,
        Message("It was signed with a key that this phone does not have. This accuses nobody."),
    ),
    LabelVerdict.VERIFIED: (
        NOT_KNOWN,
        Message("The signature is right. What the office knows of it has not reached this phone yet."),
    ),
    LabelVerdict.TYPED: (
        CODE_NOT_KNOWN,
        Message("The number is well formed, but no instrument here has it."),
    ),
    LabelVerdict.NO_LABEL: (
        CODE_NOT_KNOWN,
        Message("The number is well formed, but no instrument here has it."),
    ),
}


@ft.component
def LabelWarning() -> ft.Control:
    found = use_phone().found
    return ForeignCode(found) if found and found.foreign else OwnLabel(found)


@ft.component
def OwnLabel(found: Found | None) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    problem, attempt = use_attempts()
    back = use_back(lambda: phone.go(HOME))
    if found is None:
        return screen(look, top_bar(look, _("The label"), back=back), [])
    style, words = _CASES[found.verdict]
    accused = found.verdict in (LabelVerdict.FORGED, LabelVerdict.MISMATCHED)
    body: list[ft.Control] = [
        verdict_banner(look, style, detail=look.say(words)),
        *([notice(look, problem)] if problem else []),
        *compared(look, phone, found),
        *(todo(look) if accused else []),
        note(look, Icons.CLOUD_OFF, _("Labels are checked on the phone itself, with no network.")),
    ]
    return screen(
        look,
        top_bar(look, _("The label"), shown_code(found.code) if found.code else "", back),
        body,
        bottom_bar(look, *ways_on(look, phone, found, attempt)),
    )


def ways_on(look: Look, phone: Phone, found: Found, attempt: Attempt) -> list[ft.Control]:
    """Evidence first where a label is suspect; else the instrument, or its registration."""
    _ = look.gettext
    if phone.app.phase is not Phase.OPEN:
        return [action(look, _("Unlock to check"), phone.unlock_here, Icons.LOCK_OPEN)]

    async def evidence() -> None:
        jpeg = await photograph(phone, look, _("Evidence"), _("Label, nameplate and the whole instrument"))
        if jpeg:
            await phone.begin_check(found)
            if phone.check:
                await phone.check.add_photo(jpeg, "label_evidence")

    def go_on() -> object:
        return attempt(lambda: phone.begin_check(found))

    def register() -> None:
        phone.go("/register")

    if found.instrument and found.verdict in (LabelVerdict.FORGED, LabelVerdict.MISMATCHED):
        return [
            action(look, _("Check all the same"), go_on, rank=Rank.PLAIN, expand=2),
            action(
                look,
                _("Photograph as evidence"),
                lambda: attempt(evidence),
                Icons.PHOTO_CAMERA_OUTLINED,
                expand=3,
            ),
        ]
    again = action(look, _("Scan again"), lambda: scan_to_check(phone, look), rank=Rank.PLAIN, expand=2)
    if found.instrument:
        identity = found.instrument.instrument_id
        return [again, action(look, _("Open its card"), lambda: phone.go(f"/card/{identity}"), expand=3)]
    return [again, action(look, _("Put it on the ledger"), register, Icons.ADD, expand=3)]


def compared(look: Look, phone: Phone, found: Found) -> list[ft.Control]:
    """The label beside what this phone knows."""
    _, theme, instrument = look.gettext, look.theme, found.instrument
    if instrument is None:
        return []
    rows: list[ft.Control] = []
    if found.label:
        ours = serial_tag_of(found.code, instrument.serial_number)
        same = ours == found.label.serial_tag
        ink = theme.ink if same else theme.bad
        rows = [
            row(
                text(look, "", "note", expand=2),
                text(look, _("On the label"), "note", theme.ink2, expand=3),
                text(look, _("On this phone"), "note", theme.ink2, expand=3),
                ft.Container(width=22),
            ),
            row(
                text(look, _("Serial tag"), "note", theme.ink2, expand=2),
                text(look, found.label.serial_tag, "strong", ink, expand=3),
                text(look, ours, "strong", expand=3),
                ft.Icon(
                    Icons.CHECK if same else Icons.CLOSE,
                    size=22,
                    color=theme.good if same else theme.bad,
                    semantics_label=_("agrees") if same else _("differs"),
                ),
            ),
        ]
    rows += [
        column(
            text(look, _("Under this number the phone knows"), "note", theme.ink2),
            text(look, instrument_name(look, phone, instrument), "strong"),
            text(look, place_name(instrument, found.premises)),
            gap=2,
        )
    ]
    return [card(look, *rows, gap=12)]


def todo(look: Look) -> list[ft.Control]:
    """What an inspector does about it."""
    _, theme = look.gettext, look.theme

    def step(number: int, words: str) -> ft.Control:
        dot = ft.Container(
            text(look, str(number), "tag", theme.primary, size=13 / look.text_scale),
            width=28,
            height=28,
            border_radius=14,
            bgcolor=theme.primary_soft,
            alignment=ft.Alignment.CENTER,
        )
        return row(dot, text(look, words, expand=True), gap=12)

    return [
        card(
            look,
            step(1, _("Photograph label, nameplate and the whole instrument")),
            step(2, _("Treat it as not verified")),
            step(3, _("The readings can be checked all the same")),
            gap=12,
        )
    ]
