"""转交: the outbox given to somebody who will meet a network sooner."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_loaded, use_news, use_value
from mobile.ui.look import Look, use_look
from mobile.ui.phone import use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bar,
    card,
    fact,
    note,
    notice,
    screen,
    text,
    top_bar,
)
from mobile.workflow.hand_over import Handover, Waiting

MEDIA_TYPE = "application/octet-stream"


@ft.component
def HandOver() -> ft.Control:
    """What there is to hand over, and the two ways."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    news = use_news(phone.app.subscribe)
    back = use_back(lambda: phone.go("/outbox"))
    waiting = use_loaded(phone.app.hand_over.waiting, [news])
    given, set_given = use_value("")
    problem, attempt = use_attempts()

    async def as_file(with_files: bool) -> None:
        made = await phone.app.hand_over.as_file(with_files)
        if await phone.platform.share(made.name, MEDIA_TYPE, made.bundle):
            await phone.app.hand_over.given(made)
            set_given(in_it(look, made))

    body: list[ft.Control] = [card(look, *explained(look, waiting))]
    if problem:
        body.append(notice(look, problem))
    if given:
        done = _("The file is out of your hands: give it to a phone of the office, or to the office.")
        body.append(card(look, note(look, Icons.CHECK, done, look.theme.good), text(look, given, "note")))
    actions: list[ft.Control] = []
    if waiting and (waiting.records or waiting.files):
        actions.append(
            action(
                look,
                _("As a file, with photos") if waiting.files else _("As a file"),
                lambda: attempt(lambda: as_file(True)),
                Icons.FILE_DOWNLOAD_OUTLINED,
                rank=Rank.PLAIN,
                expand=None,
                height=52,
            )
        )
    if waiting and waiting.records and waiting.files:
        actions.append(
            action(
                look,
                _("As a file, records alone"),
                lambda: attempt(lambda: as_file(False)),
                rank=Rank.PLAIN,
                expand=None,
                height=52,
            )
        )
    if waiting and waiting.records:
        actions.append(
            action(look, _("Show as codes"), lambda: phone.go("/codes"), Icons.QR_CODE, expand=None)
        )
    return screen(
        look, top_bar(look, _("Hand over"), back=back), body, bar(look, *actions) if actions else None
    )


def explained(look: Look, waiting: Waiting | None) -> list[ft.Control]:
    _ = look.gettext
    if waiting and not waiting.records and not waiting.files:
        return [text(look, _("The office has every record of this phone; there is nothing to hand over."))]
    return [
        fact(look, _("Records"), str(waiting.records) if waiting else ""),
        fact(look, _("Photos"), str(waiting.files) if waiting else ""),
        note(
            look,
            Icons.LOCK_OUTLINE,
            _("It is sealed for the office alone: whoever carries it, or finds it, can't read it."),
        ),
        note(
            look,
            Icons.INFO_OUTLINE,
            _("Nothing is removed here. What arrives twice, by you and by others, counts once."),
        ),
    ]


def in_it(look: Look, made: Handover) -> str:
    """What is in a hand-over, and what is not."""
    _ = look.gettext
    said = [
        _("In it: {records} records, {files} photos.").format(records=len(made.digests), files=made.files)
    ]
    if made.left_records:
        said.append(
            _("Not in it: {count} newer records. Hand them over as a file.").format(count=made.left_records)
        )
    if made.left_files:
        said.append(_("Not in it: {count} photos. They stay on this phone.").format(count=made.left_files))
    return " ".join(said)
