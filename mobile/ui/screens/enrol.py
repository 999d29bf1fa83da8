"""Taking the phone into service: code, PIN, comparing the fingerprint, fetching the counties."""

from __future__ import annotations

import asyncio

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_news, use_value
from mobile.ui.language import NAMES
from mobile.ui.look import Look, use_look
from mobile.ui.phone import Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    entry,
    fact,
    line,
    note,
    notice,
    row,
    screen,
    text,
    top_bar,
)
from mobile.ui.scanning import scan
from mobile.ui.screens.pin import ChoosePin
from mobile.ui.widgets.steps import steps, steps_fit
from mobile.workflow.enrolment import EnrolmentStep, EnrolmentView
from mobile.workflow.ports import ScanEnd

POLL_SECONDS = 3
ORDER = [EnrolmentStep.CODE, EnrolmentStep.PIN, EnrolmentStep.COMPARE, EnrolmentStep.PULL]


@ft.component
def Enrol() -> ft.Control:
    phone = use_phone()
    use_news(phone.app.enrolment.subscribe)
    view = phone.app.enrolment.view
    use_back(lambda: None)
    if view.step is EnrolmentStep.PIN:
        return ChoosePin(view)
    if view.step is EnrolmentStep.COMPARE:
        return Compare(view)
    if view.step in (EnrolmentStep.PULL, EnrolmentStep.READY):
        return FirstPull(view)
    return GiveCode(view)


def strip(look: Look, view: EnrolmentView) -> list[ft.Control]:
    """The four steps, where they have room."""
    _ = look.gettext
    names = [_("Code"), _("PIN"), _("Compare"), _("Fetch")]
    if not steps_fit(look, names) or view.step not in ORDER:
        return []
    return [steps(look, names, ORDER.index(view.step), lambda _number: None)]


@ft.component
def GiveCode(view: EnrolmentView) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    typed, set_typed = use_value(view.code)
    _problem, attempt = use_attempts()

    async def scan_code() -> None:
        ended = await scan(phone, look, _("Scan the enrolment code"))
        if ended.end is ScanEnd.DECODED:
            await phone.app.enrolment.give_code(ended.payload)

    async def give() -> None:
        await phone.app.enrolment.give_code(typed)

    body: list[ft.Control] = [
        *strip(look, view),
        *([notice(look, view.problem)] if view.problem else []),
    ]
    if view.step is EnrolmentStep.REJECTED:
        body.append(
            card(
                look,
                line(
                    look,
                    Icons.BLOCK,
                    look.theme.bad,
                    _("The administrator did not grant this phone"),
                    _("Ask for a new code and begin again."),
                ),
            )
        )
    body += [
        card(
            look,
            text(look, _("Take this phone into service"), "h2"),
            text(
                look,
                _(
                    "On the console, under Devices, the administrator shows a code for you. Scan it, or type what stands below it."
                ),
            ),
            gap=8,
        ),
        entry(look, _("Enrolment code"), typed, set_typed, on_submit=lambda: attempt(give)),
        action(
            look,
            _("Use this code"),
            (lambda: attempt(give)) if typed.strip() else None,
            rank=Rank.PLAIN,
            expand=None,
            colour="" if typed.strip() else look.theme.ink2,
        ),
        languages(look, phone),
    ]
    scan_button = action(look, _("Scan the code"), lambda: attempt(scan_code), Icons.QR_CODE_SCANNER)
    return screen(
        look,
        top_bar(look, _("Quanheng"), _("Metrology checks in the field")),
        body,
        bottom_bar(look, scan_button),
    )


def languages(look: Look, phone: Phone) -> ft.Row:
    """The other language, by its own name, before anybody had a chance to choose."""

    def other(code: str) -> ft.Semantics:
        return action(look, NAMES[code], lambda: phone.choose_language(code), rank=Rank.QUIET)

    return row(*[other(code) for code in phone.languages if code != look.language.code])


@ft.component
def Compare(view: EnrolmentView) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    alive = ft.use_ref(True)

    async def poll() -> None:
        while alive.current and phone.app.enrolment.view.step is EnrolmentStep.COMPARE:
            await phone.app.enrolment.poll()
            await asyncio.sleep(POLL_SECONDS)

    def stop() -> None:
        alive.current = False

    ft.use_effect(poll, [], stop)
    groups = view.fingerprint.split()
    figures = row(
        *[text(look, group, "h1", look.theme.primary, no_wrap=True) for group in groups],
        wrap=True,
        gap=16,
        run_spacing=4,
        alignment=ft.MainAxisAlignment.CENTER,
    )
    body: list[ft.Control] = [
        *strip(look, view),
        card(
            look,
            text(look, _("Read these figures to the administrator"), "title"),
            ft.Semantics(
                label=_("Fingerprint"),
                value=view.fingerprint,
                container=True,
                exclude_semantics=True,
                content=figures,
            ),
            text(
                look,
                _("The console shows the same figures. Only if they agree may the phone be granted."),
                "note",
                look.theme.ink2,
            ),
            gap=12,
        ),
        note(look, Icons.HOURGLASS_EMPTY, _("Waiting for the administrator; this goes on by itself.")),
    ]
    if view.software_key:
        body.append(
            note(
                look,
                Icons.KEY_OFF_OUTLINED,
                _("This browser keeps the key in software; the office is told so."),
            )
        )
    if view.problem:
        body.append(notice(look, view.problem))
    ask = action(look, _("Ask again now"), phone.app.enrolment.poll, Icons.REFRESH)
    another = action(look, _("Another code"), phone.app.enrolment.begin_again, rank=Rank.PLAIN)
    return screen(look, top_bar(look, _("Compare")), body, bottom_bar(look, another, ask))


def fetched_words(look: Look, view: EnrolmentView) -> str:
    """How far the first fetch has come: a pack by its size, pages by what is in them."""
    _ = look.gettext
    if view.fetched and not view.pulled:
        return _("Fetching the county, {kilobytes} kB").format(kilobytes=view.fetched)
    return _("{count} entries fetched").format(count=view.pulled)


@ft.component
def FirstPull(view: EnrolmentView) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    _problem, attempt = use_attempts()

    async def pull() -> None:
        await phone.app.enrolment.first_pull()

    ft.use_effect(pull, [])
    body: list[ft.Control] = [*strip(look, view)]
    if view.person:
        body.append(
            card(
                look,
                text(look, view.person.name, "h1"),
                fact(look, _("Authority"), view.person.body),
                fact(
                    look,
                    _("Counties"),
                    look.language.listed(view.counties),
                ),
                fact(look, _("Server"), view.server_name),
                gap=8,
            )
        )
    body.append(note(look, Icons.CLOUD_DOWNLOAD_OUTLINED, fetched_words(look, view)))
    if view.confirmed_by_itself:
        body.append(
            note(
                look,
                Icons.INFO_OUTLINE,
                _("This is a demo server: it granted the phone by itself and compared nothing."),
            )
        )
    if view.problem:
        body.append(notice(look, view.problem))
    again = action(look, _("Go on fetching"), lambda: attempt(pull), Icons.REFRESH, rank=Rank.PLAIN)
    return screen(
        look,
        top_bar(look, _("Fetching the counties")),
        body,
        bottom_bar(look, again) if view.problem else None,
    )
