"""待传: what needs a person on top; the rest sends itself."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_back, use_loaded, use_news
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bar,
    card,
    column,
    listing,
    note,
    notice,
    progress,
    row,
    screen,
    section,
    text,
    top_bar,
    touchable,
)
from mobile.ui.widgets.sync_chip import record_chip
from mobile.ui.widgets.tab_bar import OUTBOX, tab_bar
from mobile.ui.wording import RECORD_STATES, headline_style
from mobile.workflow.outbox_view import OutboxRow
from mobile.workflow.resolve import Found
from mobile.workflow.sync_now import SyncPhase
from shared.errors import Problem
from sync.ports import FilesLeft


@ft.component
def Outbox() -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    use_back(lambda: phone.go(HOME))
    view = use_loaded(phone.app.outbox.rows, [news])
    carried = use_loaded(phone.app.courier.carried, [news])
    status = phone.app.sync.status
    now = phone.app.equipment.clock.now()
    last = (
        _("last in touch {time}").format(time=look.language.moment(status.last_success, now))
        if status.last_success
        else _("not yet in touch")
    )
    body: list[ft.Control] = []
    needs_you = 0
    if view:
        needs_you = len(view.needs_you)
        body += [notice(look, problem) for problem in view.accusations]
        if view.needs_you:
            body.append(section(look, _("Needs you"), str(needs_you)))
            body += [trouble(look, phone, one) for one in view.needs_you]
        if view.others:
            body.append(section(look, _("The rest goes by itself; no need to wait"), str(len(view.others))))
            body.append(listing(look, [record_row(look, phone, one) for one in view.others]))
        if view.files.waiting or view.files.failed:
            body.append(photos(look, phone, view.files))
        if not view.needs_you and not view.others:
            body.append(card(look, text(look, _("Nothing has been recorded on this phone yet."))))
        body += [remark(look, problem) for problem in view.remarks]
    body.append(others_hands(look, phone, len(carried or [])))
    if status.problem and status.online:
        body.append(notice(look, status.problem))
    busy = status.phase is not SyncPhase.IDLE
    words = _("Records stay on this phone, every one of them.")
    offline = _("No network now.")
    hint = note(
        look,
        Icons.CLOUD_DONE_OUTLINED if status.online else Icons.CLOUD_OFF,
        words if status.online else f"{offline} {words}",
    )
    again = action(
        look,
        _("Syncing {done}").format(done=status.done or "") if busy else _("Sync now"),
        phone.app.sync.run,
        Icons.CLOUD_UPLOAD_OUTLINED,
        rank=Rank.PLAIN,
        expand=None,
        height=52,
    )
    bottom = bar(look, hint, again, tab_bar(look, phone, OUTBOX, needs_you))
    return screen(look, top_bar(look, _("Outbox"), last), body, bottom)


def others_hands(look: Look, phone: Phone, carried: int) -> ft.Container:
    """No network for long: give the records to somebody, or take somebody's along."""
    _ = look.gettext
    said: list[ft.Control] = [text(look, _("No network for long?"), "title")]
    if carried:
        said.append(note(look, Icons.MOVE_UP, _("Carried for others: {count}").format(count=carried)))
    for words, path in ((_("Hand over"), "/handover"), (_("Carry for another phone"), "/carry")):
        said.append(
            action(look, words, lambda path=path: phone.go(path), rank=Rank.PLAIN, expand=None, height=48)  # type: ignore[misc]
        )
    return card(look, *said)


def remark(look: Look, problem: Problem) -> ft.Container:
    """Something to know, about which there is nothing to do."""
    what, remedy = look.language.problem(problem)
    return card(look, note(look, Icons.INFO_OUTLINE, what), text(look, remedy, "note", look.theme.ink2))


def photos(look: Look, phone: Phone, left: FilesLeft) -> ft.Container:
    """The files' own queue: how many wait and for what, how far the present one is, and what will never go."""
    _, sync = look.gettext, phone.app.sync
    status = sync.status
    said: list[ft.Control] = [text(look, _("Photos and signatures"), "title")]
    if left.waiting:
        waits = _("{count} still to send; their records are whole without them.").format(count=left.waiting)
        said.append(note(look, Icons.SCHEDULE, waits))
    if left.waiting and sync.photos_held_back:
        said.append(note(look, Icons.WIFI, _("They wait for Wi-Fi, as you chose under Me.")))
    if status.file_bytes:
        sent = _("{sent} of {size} kB of this one have arrived").format(
            sent=status.sent_bytes // 1000, size=-(-status.file_bytes // 1000)
        )
        said += [progress(look, status.sent_bytes, status.file_bytes), text(look, sent, "note")]
    if left.failed:
        lost = _(
            "{count} can't be sent: damaged on this phone, or not taken. Their records arrive without them."
        )
        said.append(note(look, Icons.WARNING_AMBER, lost.format(count=left.failed), look.theme.unsure))
    return card(look, *said)


def files_note(look: Look, left: FilesLeft | None) -> list[str]:
    """What a record's row says of its files."""
    _ = look.gettext
    if not left:
        return []
    waiting = [_("{count} photos still to send").format(count=left.waiting)] if left.waiting else []
    return waiting + ([_("{count} photos can't be sent").format(count=left.failed)] if left.failed else [])


def when_and_where(look: Look, phone: Phone, one: OutboxRow) -> str:
    when = look.language.moment(one.observed_at, phone.app.equipment.clock.now())
    return " · ".join(part for part in (one.subtitle, when) if part)


def trouble(look: Look, phone: Phone, one: OutboxRow) -> ft.Container:
    """A record that was sent back: why, what to do, and that nothing is lost."""
    _, theme = look.gettext, look.theme
    said: list[ft.Control] = []
    if one.problem:
        what, remedy = look.language.problem(one.problem)
        said = [text(look, what, "strong", theme.bad), text(look, remedy, "note", theme.ink2)]
    actions: list[ft.Control] = [
        action(
            look,
            _("See the record"),
            lambda: phone.go(f"/outbox/{one.digest}"),
            rank=Rank.PLAIN,
            height=48,
            expand=None if look.narrow else 2,
        )
    ]
    if one.instrument_id and one.kind == "inspection.recorded":
        actions.append(
            action(
                look,
                _("Check it again"),
                lambda: again(phone, one.instrument_id),
                height=48,
                expand=None if look.narrow else 3,
            )
        )
    return card(
        look,
        row(
            record_chip(look, one.state),
            text(look, look.say(one.title), "title", expand=True),
            wrap=False,
        ),
        text(look, when_and_where(look, phone, one), "note", theme.ink2),
        *said,
        column(*actions, gap=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
        if look.narrow
        else row(*actions, gap=12, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH),
        border=ft.Border.all(2, theme.bad),
    )


async def again(phone: Phone, instrument_id: str) -> None:
    """To the card of the instrument, to check it anew; the record that was sent back stays."""
    found: Found = await phone.app.resolve.chosen(instrument_id)
    phone.found = found
    phone.go(f"/card/{instrument_id}")


def record_row(look: Look, phone: Phone, one: OutboxRow) -> ft.Semantics:
    theme = look.theme
    title = look.say(one.title)
    detail = when_and_where(look, phone, one)
    detail = "\n".join([detail, *files_note(look, one.files)])
    spoken = [title, detail]
    outcome: list[ft.Control] = []
    if one.headline:
        style = headline_style(one.headline)
        ink = style.ink(theme)
        spoken.append(look.say(style.words))
        outcome = [
            row(
                ft.Icon(style.icon, size=17, color=ink),
                text(look, look.say(style.words), "tag", ink, expand=True),
                gap=4,
            )
        ]
    words = column(
        text(look, title, "title"), text(look, detail, "note", theme.ink2), *outcome, gap=0, expand=True
    )
    state = record_chip(look, one.state)
    spoken.append(look.say(RECORD_STATES[one.state].words))
    if look.narrow:
        words.expand = None
        face: ft.Control = column(words, row(state), gap=4)
    else:
        face = row(words, state, gap=12)
    return touchable(
        look,
        ", ".join(spoken),
        face,
        lambda: phone.go(f"/outbox/{one.digest}"),
        padding=ft.Padding.symmetric(vertical=12, horizontal=16),
    )
