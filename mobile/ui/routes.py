"""Which screen a path shows."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile.ui.phone import Phone
from mobile.ui.screens.bind import Bind
from mobile.ui.screens.campaigns import Campaigns
from mobile.ui.screens.card import Card
from mobile.ui.screens.carry import Carry
from mobile.ui.screens.check import Check
from mobile.ui.screens.correct import Correct
from mobile.ui.screens.enrol import Enrol
from mobile.ui.screens.find import Find
from mobile.ui.screens.hand_over import HandOver
from mobile.ui.screens.hand_over_codes import HandOverCodes
from mobile.ui.screens.kept_codes import KeptCodes
from mobile.ui.screens.label_warning import LabelWarning
from mobile.ui.screens.me import Me
from mobile.ui.screens.outbox import Outbox
from mobile.ui.screens.outbox_record import OutboxRecord
from mobile.ui.screens.pin import Pin
from mobile.ui.screens.place import Place
from mobile.ui.screens.prepare import Prepare
from mobile.ui.screens.receipt import Receipt
from mobile.ui.screens.register import Register
from mobile.ui.screens.today import Today
from mobile.ui.screens.type_code import TypeCode
from mobile.workflow.app_state import Phase

PLAIN: dict[str, Callable[[], ft.Control]] = {
    "": Today,
    "bind": Bind,
    "campaigns": Campaigns,
    "carry": Carry,
    "codes": HandOverCodes,
    "find": Find,
    "handover": HandOver,
    "kept": KeptCodes,
    "label": LabelWarning,
    "me": Me,
    "outbox": Outbox,
    "prepare": Prepare,
    "register": Register,
    "type": TypeCode,
}


def lot(draft_id: str) -> ft.Control:
    """A lot of prepackages; its screens are read with the first one, for most starts need none of them."""
    from mobile.ui.screens.lot import Lot

    return Lot(draft_id)


def finding(draft_id: str) -> ft.Control:
    """Something found on site; as with a lot, its screen is read with the first one."""
    from mobile.ui.screens.finding import FindingScreen

    return FindingScreen(draft_id)


def campaign(which: str) -> ft.Control:
    """A campaign, or a township of it; read with the first one, as of a lot."""
    from mobile.ui.screens.campaign import CampaignPage

    return CampaignPage(which)


def verify(which: str) -> ft.Control:
    """One item of a campaign."""
    from mobile.ui.screens.verify_item import VerifyItem

    return VerifyItem(which)


def confirm(which: str) -> ft.Control:
    """A site's word on what was done there."""
    from mobile.ui.screens.confirm_site import ConfirmSite

    return ConfirmSite(which)


def papers(digest: str) -> ft.Control:
    """The papers of a record, read with the first one, as a lot is."""
    from mobile.ui.screens.papers import Papers

    return Papers(digest)


OF_ONE: dict[str, Callable[[str], ft.Control]] = {
    "bind": Bind,
    "campaign": campaign,
    "card": Card,
    "check": Check,
    "confirm": confirm,
    "lot": lot,
    "correct": Correct,
    "found": finding,
    "outbox": OutboxRecord,
    "papers": papers,
    "place": Place,
    "receipt": Receipt,
    "verify": verify,
}
"""Screens of one thing, by its name in the path: ``/card/<instrument id>``."""

WHILE_LOCKED = {"card", "label", "type"}
"""What a locked phone shows when somebody looks up a label: public facts only."""


def screen_of(phone: Phone) -> ft.Control:
    """The screen for the phase that the app is in and the place where the person is; an unknown path leads home."""
    name, _slash, which = phone.path.strip("/").partition("/")
    if phone.app.phase is Phase.ENROL:
        return Enrol()
    if phone.app.phase is Phase.LOCKED and not (phone.looking_up and name in WHILE_LOCKED):
        return Pin()
    if which and name in OF_ONE:
        return OF_ONE[name](which)
    return PLAIN.get(name, Today)()
