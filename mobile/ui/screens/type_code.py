"""手输编号: the number under the code, or any word by which the instrument is known here."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_value
from mobile.ui.instruments import found_row
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bottom_bar,
    listing,
    note,
    notice,
    screen,
    section,
    top_bar,
)
from mobile.ui.scanning import scan_to_check, show_found
from mobile.ui.widgets.sought_field import Sought, sought_field
from mobile.workflow.app_state import Phase
from mobile.workflow.resolve import Found
from shared.errors import Problem


@ft.component
def TypeCode() -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    sought = ft.use_memo(Sought, [])
    typed, set_typed = use_value("")
    hits, set_hits = use_value(list[Found]())
    problem, attempt = use_attempts()
    back = use_back(lambda: phone.go(HOME))

    def searched(words: str) -> bool:
        """The ledger is not for who has no PIN; a whole number is a label's, and that anybody may read."""
        return phone.app.phase is Phase.OPEN and len(words.strip()) >= 2

    async def changed(words: str) -> None:
        set_typed(words)
        set_hits(await phone.app.resolve.search(words) if searched(words) else [])

    async def find() -> None:
        show_found(phone, await phone.app.resolve.typed(sought.text))

    sought.changed, sought.submitted = changed, lambda: attempt(find)

    body: list[ft.Control] = [
        sought_field(sought, _("Number, serial number or stall"), "7Q3K-9M2V", autofocus=True),
        note(look, Icons.INFO_OUTLINE, _("The number stands under the QR code: eight digits and letters.")),
        *complaint(look, problem, hits),
        *found_here(look, phone, hits),
    ]
    bottom = bottom_bar(
        look,
        action(look, _("Scan to check"), lambda: scan_to_check(phone, look), rank=Rank.PLAIN, expand=2),
        action(look, _("Find"), (lambda: attempt(find)) if typed.strip() else None, Icons.SEARCH, expand=3),
    )
    return screen(look, top_bar(look, _("Type the number"), back=back), body, bottom)


def complaint(look: Look, problem: Problem | None, hits: list[Found]) -> list[ft.Control]:
    """What is wrong with the number, unless the search found something by it."""
    return [notice(look, problem)] if problem and not hits else []


def found_here(look: Look, phone: Phone, hits: list[Found]) -> list[ft.Control]:
    """The search's finds."""
    if not hits:
        return []

    def hit(found: Found) -> ft.Control:
        return found_row(look, phone, found, lambda: show_found(phone, found))

    return [
        section(look, look.gettext("Known on this phone"), str(len(hits))),
        listing(look, [hit(one) for one in hits]),
    ]
