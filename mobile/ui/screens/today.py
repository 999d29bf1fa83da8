"""Today: what was begun, where to go, and the one large button."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back, use_loaded, use_news
from mobile.ui.instruments import kind_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import FIND, Phone, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    action,
    bar,
    card,
    column,
    glyph,
    line,
    pad,
    progress,
    row,
    screen,
    section,
    text,
    top_bar,
    touchable,
    upright,
)
from mobile.ui.scanning import scan_to_check
from mobile.ui.theme import RADIUS
from mobile.ui.widgets.sync_chip import network_chip, waiting_chip
from mobile.ui.widgets.tab_bar import tab_bar
from mobile.ui.wording import PREMISES_ICONS
from mobile.workflow.today import DraftSummary, Home, Place
from shared.clock import local_date
from shared.message import Message

STEPS = {
    "visual": Message("Left at the look"),
    "photo": Message("Left at the picture"),
    "verdict": Message("Left at the outcome"),
    "sign": Message("Left at the signature"),
    "found": Message("Left at what was found on site"),
    "goods": Message("Left at the goods"),
    "plan": Message("Left at the sampling plan"),
    "method": Message("Left at the method"),
    "tare": Message("Left at the packings"),
}


@ft.component
def Today() -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    home = use_loaded(phone.app.today.home, [news])
    use_back(lambda: None)
    person = phone.app.session.person
    now = phone.app.equipment.clock.now()
    right = [face(look, person.name, lambda: phone.go("/me"))] if person else []
    under = look.language.day(local_date(now))
    body: list[ft.Control] = []
    if home:
        body = [
            chips(look, phone, home),
            *resuming(look, phone, home),
            find(look, phone),
            *kept_codes(look, phone, home),
            new_lot(look, phone),
            *places(look, phone, home),
        ]
    scan = action(
        look,
        _("Scan to check"),
        lambda: scan_to_check(phone, look),
        Icons.QR_CODE_SCANNER,
        height=look.theme.action + 4,
    )
    bottom = bar(
        look,
        row(
            number_key(look, phone),
            scan,
            gap=12,
            intrinsic_height=True,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
        tab_bar(look, phone, 0, home.needs_you if home else 0),
    )
    return screen(look, top_bar(look, _("Today"), under, right=right), body, bottom)


def face(look: Look, name: str, act: Act) -> ft.Semantics:
    """Whose phone it is at the moment."""
    side = look.theme.target
    shown = name[-2:] if not name.isascii() else "".join(part[0] for part in name.split()[:2])
    return touchable(
        look,
        name,
        text(look, shown, "tag", look.theme.primary, size=13 / min(look.text_scale, 1.4), no_wrap=True),
        act,
        width=side,
        height=side,
        border_radius=side,
        bgcolor=look.theme.primary_soft,
        alignment=ft.Alignment.CENTER,
    )


def number_key(look: Look, phone: Phone) -> ft.Semantics:
    """手输编号: for a label that no camera reads."""
    theme = look.theme
    return touchable(
        look,
        look.gettext("Type the number"),
        ft.Icon(Icons.DIALPAD, size=26, color=theme.primary),
        lambda: phone.go("/type"),
        width=theme.action,
        padding=pad((theme.action + 4 - 26) / 2),
        border_radius=RADIUS,
        border=ft.Border.all(max(1.5, theme.stroke), theme.edge),
        alignment=ft.Alignment.CENTER,
    )


def chips(look: Look, phone: Phone, home: Home) -> ft.Row:
    """The network and what waits: facts, no alarm."""
    shown: list[ft.Control] = [network_chip(look, phone.app.sync.status)]
    if home.waiting:
        shown.append(waiting_chip(look, home.waiting))
    return row(*shown, wrap=True, run_spacing=8)


def stopped_at(look: Look, phone: Phone, draft: DraftSummary) -> str:
    """Where a draft was left and when it was saved."""
    _ = look.gettext
    read = _("{done} of {total} points read") if draft.goods is None else _("{done} of {total} packages read")
    at = (
        look.say(STEPS[draft.step])
        if draft.step in STEPS
        else read.format(done=draft.points_done, total=draft.points_total)
    )
    saved = _("saved {time}").format(
        time=look.language.moment(draft.saved_at, phone.app.equipment.clock.now())
    )
    return f"{at} · {saved}"


def resuming(look: Look, phone: Phone, home: Home) -> list[ft.Control]:
    """接着做: the draft saved last, large; others below it."""
    theme, _ = look.theme, look.gettext
    if not home.resume:
        return []
    drafts = [home.resume, *home.other_drafts]

    def one(number: int, draft: DraftSummary) -> ft.Control:
        first = number == 0
        ink, face = (theme.on_primary, theme.primary) if first else (theme.primary, theme.surface)
        words = column(
            text(look, what_is_resumed(look, phone, draft), "title", ink if first else theme.ink),
            text(look, stopped_at(look, phone, draft), "note", ink if first else theme.ink2),
            gap=2,
            expand=True,
        )
        go = ft.Container(
            text(look, _("Resume"), "title", face if first else ink, no_wrap=True),
            bgcolor=ink if first else theme.primary_soft,
            padding=pad(12, 16),
            border_radius=12,
        )
        return touchable(
            look,
            _("Resume")
            if first
            else _("Resume {serial}").format(serial=draft.serial_number or draft.goods or _("Prepackages")),
            row(words, go, gap=12) if look.text_scale <= 1.3 else column(words, go, gap=8),
            lambda: phone.go(f"/{form_of(draft)}/{draft.draft_id}"),
            padding=16,
            border_radius=RADIUS,
            bgcolor=theme.primary if first else theme.surface,
            border=None if first else ft.Border.all(theme.stroke, theme.line),
        )

    return [section(look, _("Carry on")), *[one(number, draft) for number, draft in enumerate(drafts)]]


def form_of(draft: DraftSummary) -> str:
    """The first part of the path of a draft's screen."""
    if draft.finding:
        return "found"
    return "check" if draft.goods is None else "lot"


def what_is_resumed(look: Look, phone: Phone, draft: DraftSummary) -> str:
    """Kind or goods, and where."""
    what = kind_name(look, phone, draft.kind) if draft.kind else look.gettext("Found on site")
    if draft.goods is not None:
        what = draft.goods.strip() or look.gettext("Prepackages")
    where = " ".join(part for part in (draft.stall, draft.site) if part) or draft.serial_number
    return " · ".join(part for part in (what, where) if part)


def new_lot(look: Look, phone: Phone) -> ft.Semantics:
    """预包装商品检查: a lot has no label to scan, so it begins here."""
    words = look.gettext("Check prepackages")
    face = row(
        ft.Icon(Icons.INVENTORY_2_OUTLINED, size=24, color=look.theme.primary),
        text(look, words, "title", expand=True),
        ft.Icon(Icons.ADD, color=look.theme.primary),
        gap=12,
    )
    return touchable(
        look,
        words,
        face,
        phone.begin_lot,
        padding=pad(upright(look, look.theme.target + 8, "title"), 16),
        border_radius=RADIUS,
        bgcolor=look.theme.surface,
        border=ft.Border.all(look.theme.stroke, look.theme.line),
    )


def find(look: Look, phone: Phone) -> ft.Semantics:
    """找器具: looks like the field that it leads to."""
    words = look.gettext("Find an instrument")
    face = row(
        ft.Icon(Icons.SEARCH, size=24, color=look.theme.primary),
        text(look, look.gettext("Find by words, due date or campaign"), "body", look.theme.ink2, expand=True),
        gap=12,
    )
    return touchable(
        look,
        words,
        face,
        lambda: phone.go(FIND),
        padding=pad(upright(look, look.theme.target + 8, "body"), 16),
        border_radius=12,
        bgcolor=look.theme.surface,
        border=ft.Border.all(max(1.5, look.theme.stroke), look.theme.edge),
    )


def kept_codes(look: Look, phone: Phone, home: Home) -> list[ft.Control]:
    """Scanned codes that somebody still has to find the instrument of."""
    if not home.kept_codes:
        return []
    words = look.gettext("Codes kept for later")
    face = row(
        ft.Icon(Icons.QR_CODE_2, size=24, color=look.theme.primary),
        text(look, words, "title", expand=True),
        text(look, str(home.kept_codes), "title", look.theme.ink2),
        ft.Icon(Icons.CHEVRON_RIGHT, color=look.theme.ink2),
        gap=12,
    )
    return [
        touchable(
            look,
            f"{words}, {home.kept_codes}",
            face,
            lambda: phone.go("/kept"),
            padding=pad(upright(look, look.theme.target + 8, "title"), 16),
            border_radius=RADIUS,
            bgcolor=look.theme.surface,
            border=ft.Border.all(look.theme.stroke, look.theme.line),
        )
    ]


def places(look: Look, phone: Phone, home: Home) -> list[ft.Control]:
    """Today's sites with what is left at each."""
    _ = look.gettext
    if not home.places:
        return [
            card(
                look,
                line(
                    look,
                    Icons.EVENT_AVAILABLE,
                    look.theme.primary,
                    _("Nothing is arranged for today"),
                    _("You can scan right away."),
                ),
            )
        ]
    head = section(look, _("Arranged today"), str(len(home.places)))
    return [head, *[place_card(look, phone, place) for place in home.places]]


def place_card(look: Look, phone: Phone, place: Place) -> ft.Semantics:
    theme, _ = look.theme, look.gettext
    done = place.total - place.left
    words = _("{left} left").format(left=place.left) if place.left else _("All done")
    name = place.premises.name
    parts: list[ft.Control] = [
        row(
            *([glyph(look, PREMISES_ICONS[place.premises.type])] if look.text_scale <= 1.3 else []),
            column(text(look, name, "title"), text(look, words, "note", theme.ink2), gap=2, expand=True),
            text(look, f"{done}/{place.total}", "title", theme.ink2, no_wrap=True),
            ft.Icon(Icons.CHEVRON_RIGHT, color=theme.ink2),
            gap=12,
        )
    ]
    if place.total > 1:
        parts.append(progress(look, done, place.total))
    return touchable(
        look,
        f"{name}, {words}",
        column(*parts, gap=12),
        lambda: phone.go(f"/place/{place.premises.premises_id}"),
        padding=16,
        border_radius=RADIUS,
        bgcolor=theme.surface,
        border=ft.Border.all(theme.stroke, theme.line),
    )
