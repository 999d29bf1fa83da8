"""A code of others: what it reads, which instrument it may mean, and what a person can do with it."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import Attempt, use_attempts, use_back, use_loaded
from mobile.ui.instruments import found_row
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    STRETCH,
    Icons,
    Rank,
    action,
    bar,
    bottom_bar,
    card,
    fact,
    icon_button,
    listing,
    note,
    notice,
    row,
    rule,
    screen,
    section,
    text,
    top_bar,
)
from mobile.ui.scanning import scan_to_check, show_found
from mobile.ui.widgets.verdict_banner import verdict_banner
from mobile.ui.wording import Style
from mobile.workflow.app_state import Phase
from mobile.workflow.resolve import Found, LabelVerdict
from shared.foreign_label import Confidence, ForeignLabel, LabelFormat, legible
from shared.message import Message

FOREIGN = Style(Icons.QR_CODE_2, Message("Not an identity label"), "unsure")
DISPUTED = Style(Icons.CALL_SPLIT, Message("Bound to several instruments"), "unsure")
FORMATS = {
    LabelFormat.GS1: Message("A GS1 code."),
    LabelFormat.PLATFORM: Message("An address of a maker or a platform. It is not opened."),
    LabelFormat.E_CQS: Message("Fields of the e-CQS ledger."),
    LabelFormat.SERIAL_NUMBER: Message("A serial number."),
    LabelFormat.UNKNOWN: Message("A maker's code, an old label, or something else altogether."),
}
CONFIDENCE = {
    Confidence.SURE: Message("Codes of this format name one instrument. No signature vouches for it."),
    Confidence.LIKELY: Message("It seems to name one instrument. No signature vouches for it."),
    Confidence.GUESS: Message("Whether it names one instrument is a guess: compare it with the nameplate."),
    Confidence.NONE: Message("This code names a model, a maker or a page, not one instrument."),
}
SHOWN_CANDIDATES = 3


@ft.component
def ForeignCode(found: Found) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    problem, attempt = use_attempts()
    back = use_back(lambda: phone.go(HOME))
    foreign, is_open = found.foreign, phone.app.phase is Phase.OPEN

    async def known() -> list[Found]:
        """The ledger is not for who has no PIN."""
        return await phone.app.foreign.alike(foreign) if foreign and is_open else []

    alike = use_loaded(known, [found.payload, is_open]) or []
    kept = use_loaded(lambda: phone.app.foreign.is_kept(found), [found.payload])
    disputed = found.verdict is LabelVerdict.FOREIGN_DISPUTED
    detail = Message("Compare the serial number on the nameplate: which one is it?")
    body: list[ft.Control] = [
        verdict_banner(
            look,
            DISPUTED if disputed else FOREIGN,
            detail=look.say(detail if disputed or not foreign else FORMATS[foreign.format]),
        ),
        *([notice(look, problem)] if problem else []),
        *holders(look, phone, found, attempt),
        *([] if disputed else candidates(look, phone, found, alike)),
        *([reading(look, foreign)] if foreign else []),
    ]
    again = icon_button(
        look, Icons.QR_CODE_SCANNER, _("Scan again"), lambda: attempt(lambda: scan_to_check(phone, look))
    )
    return screen(
        look,
        top_bar(look, _("The label"), back=back, right=[again]),
        body,
        ways_on(look, phone, found, kept is True, attempt),
    )


def reading(look: Look, foreign: ForeignLabel) -> ft.Control:
    """The text itself, what was found in it, and how sure that is."""
    _ = look.gettext
    values = [one.value for one in foreign.candidates if one.value != foreign.serial_number]
    facts = [
        (_("Serial number"), foreign.serial_number),
        (_("Kind"), foreign.name),
        (_("Model"), foreign.model),
        (_("Maker"), foreign.manufacturer),
        (_("Perhaps its number"), ", ".join(values[:SHOWN_CANDIDATES])),
    ]
    return card(
        look,
        text(look, _("It reads"), "note", look.theme.ink2),
        text(look, legible(foreign.raw)),
        rule(look),
        *[fact(look, name, value) for name, value in facts if value],
        note(look, Icons.INFO_OUTLINE, look.say(CONFIDENCE[foreign.confidence])),
    )


def holders(look: Look, phone: Phone, found: Found, attempt: Attempt) -> list[ft.Control]:
    """The instruments that a disputed code is bound to; touching one opens its card."""

    def one(holder: Found) -> ft.Control:
        async def take() -> None:
            if holder.instrument:
                show_found(phone, await phone.app.resolve.bound(found, holder.instrument))

        return found_row(look, phone, holder, lambda: attempt(take))

    return [listing(look, [one(holder) for holder in found.holders])] if found.holders else []


def candidates(look: Look, phone: Phone, found: Found, alike: list[Found]) -> list[ft.Control]:
    """Instruments with the number that the code says: touching one leads to binding it."""
    if not alike or not found.foreign or not found.foreign.names_one:
        return []

    def one(each: Found) -> ft.Control:
        identity = each.instrument.instrument_id if each.instrument else ""
        return found_row(look, phone, each, lambda: phone.go(f"/bind/{identity}"))

    head = section(look, look.gettext("Known here with this number: is it this one?"))
    return [head, listing(look, [one(each) for each in alike])]


def ways_on(look: Look, phone: Phone, found: Found, kept: bool, attempt: Attempt) -> ft.Control:
    """Bind it, register a new instrument, or put the code aside."""
    _ = look.gettext
    if phone.app.phase is not Phase.OPEN:
        return bottom_bar(look, action(look, _("Unlock to check"), phone.unlock_here, Icons.LOCK_OPEN))

    async def aside() -> None:
        await (phone.app.foreign.drop(found) if kept else phone.app.foreign.keep(found))
        phone.go(HOME)

    binds = found.foreign is not None and found.foreign.names_one
    words = _("Throw the code away") if kept else _("Keep for later")
    keep = action(look, words, lambda: attempt(aside), rank=Rank.PLAIN)
    register = action(
        look,
        _("Put it on the ledger"),
        lambda: phone.go("/register"),
        rank=Rank.PLAIN if binds else Rank.PRIMARY,
    )
    if not binds:
        return bottom_bar(look, keep, register)
    bind = action(look, _("Bind to an instrument here"), lambda: phone.go("/bind"), Icons.LINK, expand=None)
    if look.narrow:
        return bottom_bar(look, keep, register, bind)
    return bar(look, row(keep, register, gap=12, intrinsic_height=True, vertical_alignment=STRETCH), bind)
