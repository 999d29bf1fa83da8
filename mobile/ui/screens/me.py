"""我的: who, with whom, with what; how it looks; how the phone is."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back, use_loaded, use_news
from mobile.ui.language import NAMES
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bar,
    card,
    choice,
    column,
    fact,
    note,
    notice,
    row,
    screen,
    section,
    stacked,
    text,
    top_bar,
)
from mobile.ui.screens.prepare import standard_words
from mobile.ui.theme import ThemeChoice
from mobile.ui.widgets.sync_chip import network_chip
from mobile.ui.widgets.tab_bar import tab_bar
from mobile.workflow.ports import StorageEstimate
from shared.message import Message
from sync.clock_error import words_for

THEME_WORDS = {
    ThemeChoice.AUTOMATIC: Message("Automatic"),
    ThemeChoice.LIGHT: Message("Light"),
    ThemeChoice.DARK: Message("Dark"),
    ThemeChoice.SUN: Message("Bright sun"),
}
STORAGE_WORDS = {
    "opfs": Message("The browser's private files, written at once"),
    "idbfs": Message("The browser's database; saving takes longer"),
    "file": Message("Files on this machine"),
}


@ft.component
def Me() -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    use_back(lambda: phone.go(HOME))
    storage = use_loaded(phone.platform.storage, [])
    update = use_loaded(phone.platform.update_waiting, [])
    counts = use_loaded(phone.app.outbox.rows, [news])
    carried = use_loaded(phone.app.courier.carried, [news])
    body: list[ft.Control] = []
    if update:
        body.append(new_version(look, phone))
    body += [
        person(look, phone),
        section(look, _("Display")),
        choices(look, [(THEME_WORDS[one], one) for one in ThemeChoice], phone),
        section(look, _("Language")),
        languages(look, phone),
        section(look, _("Sync")),
        sync_health(look, phone, len(carried or [])),
        section(look, _("This phone")),
        machine(look, phone, storage),
    ]
    lock = action(
        look, _("Lock"), phone.app.session.lock, Icons.LOCK_OUTLINE, rank=Rank.PLAIN, expand=None, height=52
    )
    bottom = bar(look, lock, tab_bar(look, phone, 3, len(counts.needs_you) if counts else 0))
    who = phone.app.session.person
    return screen(look, top_bar(look, _("Me"), who.body if who else ""), body, bottom)


def person(look: Look, phone: Phone) -> ft.Container:
    _, session = look.gettext, phone.app.session
    weights = look.language.listed([standard_words(one) for one in session.standards])
    who = session.person
    number = (
        [fact(look, _("Certificate of office"), who.certificate_no)] if who and who.certificate_no else []
    )
    return card(
        look,
        text(look, who.name if who else "", "h2"),
        *number,
        fact(look, _("Second officer"), session.partner.name if session.partner else _("none chosen")),
        fact(look, _("Standards carried"), weights or _("none chosen")),
        action(
            look,
            _("Change officer or weights"),
            lambda: phone.go("/prepare"),
            rank=Rank.PLAIN,
            expand=None,
            height=48,
        ),
        gap=8,
    )


def choices(look: Look, offered: list[tuple[Message, ThemeChoice]], phone: Phone) -> ft.Control:
    """The four themes; a long press on any screen's head turns bright sun on and off, too."""

    def one(words: Message, value: ThemeChoice) -> ft.Semantics:
        return choice(
            look,
            look.say(words),
            phone.theme_choice is value,
            lambda: phone.choose_theme(value),
            expand=None if look.narrow else 1,
        )

    made: list[ft.Control] = [one(words, value) for words, value in offered]
    if look.narrow:
        return stacked(*made, gap=8)
    stretch = ft.CrossAxisAlignment.STRETCH
    return stacked(
        row(*made[:2], intrinsic_height=True, vertical_alignment=stretch),
        row(*made[2:], intrinsic_height=True, vertical_alignment=stretch),
        gap=8,
    )


def languages(look: Look, phone: Phone) -> ft.Row:
    def one(code: str) -> ft.Semantics:
        here = phone.language.code == code
        return choice(look, NAMES[code], here, lambda: phone.choose_language(code), expand=1)

    return row(
        *[one(code) for code in phone.languages],
        intrinsic_height=True,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def sync_health(look: Look, phone: Phone, carried: int) -> ft.Container:
    _, status = look.gettext, phone.app.sync.status
    now, clock = phone.app.equipment.clock.now(), words_for(status.server_offset_ms)
    last = look.language.moment(status.last_success, now) if status.last_success else _("never")
    return card(
        look,
        row(network_chip(look, status), wrap=True),
        fact(look, _("Last in touch"), last),
        *([note(look, Icons.WARNING_AMBER, look.say(clock), look.theme.unsure)] if clock else []),
        *([fact(look, _("Carried for others"), str(carried))] if carried else []),
        *([notice(look, each) for each in (status.problem, status.without) if each]),
        photo_choice(look, phone),
        action(look, _("Sync now"), phone.app.sync.run, Icons.SYNC, rank=Rank.PLAIN, expand=None, height=48),
        gap=8,
    )


def photo_choice(look: Look, phone: Phone) -> ft.Control:
    """Whether photos go over a network that is paid for by the byte; records always go."""
    _, sync = look.gettext, phone.app.sync
    waits = sync.status.photos_wait

    def one(words: str, value: bool) -> ft.Semantics:
        return choice(
            look,
            words,
            waits is value,
            lambda: sync.let_photos_wait(value),
            expand=None if look.narrow else 1,
        )

    both: list[ft.Control] = [one(_("Photos go at once"), False), one(_("Photos wait for Wi-Fi"), True)]
    said: list[ft.Control] = []
    if waits and phone.app.equipment.connectivity.metered() is None:
        words = _("This phone does not say what network it is on, so photos go at once all the same.")
        said = [note(look, Icons.WARNING_AMBER, words, look.theme.unsure)]
    if look.narrow:
        return stacked(*both, *said, gap=8)
    stretch = ft.CrossAxisAlignment.STRETCH
    return stacked(row(*both, intrinsic_height=True, vertical_alignment=stretch), *said, gap=8)


def machine(look: Look, phone: Phone, storage: StorageEstimate | None) -> ft.Container:
    _ = look.gettext
    lines: list[ft.Control] = [fact(look, _("App"), phone.app.equipment.app_version)]
    lines.append(fact(look, _("Rules"), phone.app.equipment.catalogue.version))
    if storage:
        used = _("{used} MB of {quota} MB").format(
            used=storage.used_bytes // 1_000_000, quota=storage.quota_bytes // 1_000_000
        )
        if storage.quota_bytes:
            lines.append(fact(look, _("Space used"), used))
        words = STORAGE_WORDS.get(storage.kind)
        if words:
            lines.append(fact(look, _("Kept in"), look.say(words)))
        if not storage.persistent:
            lines.append(
                note(
                    look,
                    Icons.WARNING_AMBER,
                    _("The browser may clear this app if the phone runs full. Put it on the home screen."),
                    look.theme.unsure,
                )
            )
    return card(look, *lines, gap=8)


def new_version(look: Look, phone: Phone) -> ft.Container:
    """A newer version waits until it is wanted: nothing changes in the middle of a check."""
    _ = look.gettext
    return card(
        look,
        column(
            text(look, _("A newer version is ready"), "title"),
            text(look, _("Drafts and records stay. It takes a few seconds."), "note", look.theme.ink2),
        ),
        action(
            look,
            _("Start the newer version"),
            phone.platform.apply_update,
            Icons.SYSTEM_UPDATE_ALT,
            expand=None,
            height=48,
        ),
        border=ft.Border.all(2, look.theme.primary),
    )
