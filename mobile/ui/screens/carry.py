"""代传: another phone's records, taken by camera or as a file, sealed, and carried to the office."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_loaded, use_news, use_value
from mobile.ui.look import Look, use_look
from mobile.ui.phone import Phone, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bar,
    card,
    note,
    notice,
    screen,
    section,
    text,
    top_bar,
)
from mobile.workflow.ports import ScanEnd
from sync.handover import Frames, Heard
from sync.ports import Carrying

NAMED_MISSING = 8
"""Missing frames that are named one by one; of more, only how many."""


@ft.component
def Carry() -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    back = use_back(lambda: phone.go("/outbox"))
    carried = use_loaded(phone.app.courier.carried, [news])
    taken, set_taken = use_value("")
    problem, attempt = use_attempts()
    _drawn, set_drawn = use_value(0)

    async def scan() -> None:
        set_taken("")
        found = await scan_series(phone, look)
        set_drawn(len(phone.app.courier.frames.parts) + 1)
        if found:
            set_taken(what_it_is(look, phone, found))

    async def pick() -> None:
        set_taken("")
        content = await phone.platform.pick()

        async def take() -> None:
            if content is not None:
                set_taken(what_it_is(look, phone, await phone.app.courier.take(content)))

        await attempt(take)

    frames = phone.app.courier.frames
    body: list[ft.Control] = [
        card(
            look,
            text(look, _("A phone without a network gives its records to this one.")),
            note(
                look,
                Icons.LOCK_OUTLINE,
                _("They are sealed: this phone can't read them. It hands them in with its next sync."),
            ),
        )
    ]
    if problem:
        body.append(notice(look, problem))
    if taken:
        done = _("Taken, and kept until the office has it.")
        body.append(card(look, note(look, Icons.CHECK, done, look.theme.good), text(look, taken, "note")))
    if frames.of:
        body.append(half(look, phone, frames, lambda: set_drawn(-1)))
    if carried:
        body.append(section(look, _("Carried for others"), str(len(carried))))
        body += [bundle(look, phone, one) for one in carried]
    bottom = bar(
        look,
        action(look, _("Open a file"), pick, Icons.FOLDER_OPEN, rank=Rank.PLAIN, expand=None, height=52),
        action(look, _("Scan the codes"), lambda: attempt(scan), Icons.QR_CODE_SCANNER, expand=None),
    )
    return screen(look, top_bar(look, _("Carry for another phone"), back=back), body, bottom)


def half(look: Look, phone: Phone, frames: Frames, forgotten: Act) -> ft.Container:
    """A series that was left off: what is here, what is missing, and going on."""
    _ = look.gettext

    def forget() -> None:
        phone.app.courier.begin_anew()
        forgotten()

    return card(
        look,
        text(look, progress_words(look, frames), "title"),
        text(look, missing_words(look, frames), "note"),
        note(look, Icons.INFO_OUTLINE, _("Scan the codes again to go on; what is here is not lost.")),
        action(look, _("Begin another series"), forget, rank=Rank.QUIET, expand=None, height=48),
    )


def progress_words(look: Look, frames: Frames) -> str:
    if not frames.of:
        return look.gettext("Aim at the codes on the other phone")
    return look.gettext("{count} of {all} codes").format(count=len(frames.parts), all=frames.of)


def missing_words(look: Look, frames: Frames) -> str:
    """Which are missing, where they are few."""
    _, missing = look.gettext, frames.missing
    if not missing or len(missing) > NAMED_MISSING:
        return _("{count} are missing").format(count=len(missing)) if missing else ""
    return _("Missing: {numbers}").format(numbers=look.language.listed([str(each) for each in missing]))


async def scan_series(phone: Phone, look: Look) -> Carrying | None:
    """Reads code after code until the series is whole; None where the camera was closed before. Raises as :meth:`Courier.take`."""
    _ = look.gettext
    courier = phone.app.courier
    remark = ""
    try:
        while not courier.frames.is_whole:
            frames = courier.frames
            ended = await phone.camera.scan_next(
                {
                    "title": _("Scan the codes"),
                    "hint": progress_words(look, frames),
                    "note": remark or missing_words(look, frames),
                    "close": _("Close"),
                    "torch": _("Torch"),
                }
            )
            if ended.end is not ScanEnd.DECODED:
                return None
            heard = courier.hear(ended.payload)
            if heard is Heard.NEW:
                await phone.platform.vibrate([25])
            remark = {
                Heard.OTHER: _("This code is of another hand-over; it was passed over."),
                Heard.NONE: _("This is no code of a hand-over."),
            }.get(heard, "")
    finally:
        await phone.camera.end_series()
    await phone.platform.vibrate([40, 60, 40])
    return await courier.take_series()


def what_it_is(look: Look, phone: Phone, one: Carrying) -> str:
    """Count and origin, as the clear header has them."""
    said = look.gettext("{records} records, {files} photos; from phone {device}, {when}")
    when = look.language.moment(one.header.made_at, phone.app.equipment.clock.now())
    return said.format(
        records=one.header.records, files=one.header.files, device=one.header.device[-8:], when=when
    )


def bundle(look: Look, phone: Phone, one: Carrying) -> ft.Container:
    _ = look.gettext
    said: list[ft.Control] = [text(look, what_it_is(look, phone, one))]
    if one.problem:
        said.append(notice(look, one.problem))
        said.append(
            action(
                look,
                _("Throw it away"),
                lambda: phone.app.courier.throw_away(one.digest),
                rank=Rank.QUIET,
                expand=None,
                height=48,
            )
        )
    else:
        said.append(note(look, Icons.SCHEDULE, _("Waits for a network")))
    return card(look, *said)
