"""Opening the camera, with its words in the reader's language, and where a scan leads."""

from __future__ import annotations

from mobile.ui.look import Look
from mobile.ui.phone import HOME, Phone
from mobile.workflow.ports import Scan, ScanEnd
from mobile.workflow.resolve import Found, LabelVerdict

TRUSTED = (LabelVerdict.VERIFIED, LabelVerdict.TYPED, LabelVerdict.NO_LABEL, LabelVerdict.FOREIGN_BOUND)
"""Labels and codes whose instrument's card can be shown at once."""


async def scan(phone: Phone, look: Look, title: str) -> Scan:
    """Shows the scanner and waits for its end."""
    _ = look.gettext
    return await phone.camera.scan(
        {
            "title": title,
            "hint": _("Aim at the QR code"),
            "note": _("Identity labels are read here; everything works without a network"),
            "close": _("Close"),
            "torch": _("Torch"),
            "type_code": _("Type the number"),
            "no_label": _("No label"),
            "offline": _("Works offline"),
        }
    )


async def photograph(phone: Phone, look: Look, title: str, hint: str) -> bytes | None:
    """Shows the shutter; None when it was closed."""
    _ = look.gettext
    return await phone.camera.photograph(
        {"title": title, "hint": hint, "close": _("Close"), "shutter": _("Take the picture")}
    )


async def scan_to_check(phone: Phone, look: Look) -> None:
    """扫码检查: to the instrument's card, to a warning, or to another way of finding it."""
    ended = await scan(phone, look, look.gettext("Scan to check"))
    if ended.end is ScanEnd.DECODED:
        await phone.platform.vibrate([40])
        show_found(phone, await phone.app.resolve.scanned(ended.payload))
    elif ended.end is ScanEnd.NO_LABEL:
        phone.found = None
        phone.go("/register")
    elif ended.end in (ScanEnd.TYPE_CODE, ScanEnd.FAILED):
        phone.go("/type")


def show_found(phone: Phone, found: Found, listed: str = HOME) -> None:
    """The card of what was found, or what is to be said of its label first; ``listed`` is where it was chosen from."""
    phone.found, phone.listed = found, listed
    if found.verdict in TRUSTED and found.instrument:
        phone.go(f"/card/{found.instrument.instrument_id}")
    else:
        phone.go("/label")


async def found_of(phone: Phone, instrument_id: str) -> Found:
    """What the last scan came to, if that is the instrument asked for; else the instrument from this phone's store.

    Raises InputError ``instrument_unknown``.
    """
    found = phone.found
    if found and found.instrument and found.instrument.instrument_id == instrument_id:
        return found
    return await phone.app.resolve.chosen(instrument_id)
