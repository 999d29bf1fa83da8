"""How an instrument and its site are named on the screens."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import Look
from mobile.ui.phone import Phone
from mobile.ui.primitives import Act, Icons, column, pad, row, text, touchable
from mobile.ui.wording import FAMILY_ICONS
from mobile.workflow.resolve import Found
from shared.instrument import Instrument
from shared.premises import Premises


def kind_name(look: Look, phone: Phone, kind_id: str) -> str:
    """The name of a kind; one that this catalogue does not know is shown by its id."""
    kind = phone.app.equipment.catalogue.kinds.get(kind_id)
    return look.gettext(kind.name) if kind else kind_id


def kind_icon(phone: Phone, kind_id: str) -> ft.IconData:
    kind = phone.app.equipment.catalogue.kinds.get(kind_id)
    return FAMILY_ICONS.get(kind.family if kind else "", ft.Icons.SCALE_OUTLINED)


def instrument_name(look: Look, phone: Phone, instrument: Instrument) -> str:
    """Kind and serial number: 电子计价秤 2403-01187."""
    return f"{kind_name(look, phone, instrument.kind)} {instrument.serial_number}"


def place_name(instrument: Instrument, premises: Premises | None) -> str:
    """Stall and site, as far as they are known."""
    return " · ".join(part for part in (instrument.stall, premises.name if premises else "") if part)


def found_row(look: Look, phone: Phone, found: Found, act: Act) -> ft.Control:
    """One of several instruments to choose from: kind, serial number, and where it stands."""
    instrument = found.instrument
    if instrument is None:
        return ft.Container()
    name, where = instrument_name(look, phone, instrument), place_name(instrument, found.premises)
    return touchable(
        look,
        f"{name}, {where}",
        row(
            column(text(look, name, "title"), text(look, where, "note", look.theme.ink2), gap=0, expand=True),
            ft.Icon(Icons.CHEVRON_RIGHT, color=look.theme.ink2),
        ),
        act,
        padding=pad(10, 16),
    )


def capacity_words(look: Look, instrument: Instrument) -> str:
    """``100 g to 15 kg, e = 5 g``, or empty where the nameplate is not known."""
    if not instrument.capacity_max or not instrument.verification_scale_interval:
        return ""
    least = instrument.capacity_min
    e = f"e = {instrument.verification_scale_interval.shown()}"
    if least is None:
        return look.gettext("up to {most}, {e}").format(most=instrument.capacity_max.shown(), e=e)
    return look.gettext("{least} to {most}, {e}").format(
        least=least.shown(), most=instrument.capacity_max.shown(), e=e
    )
