"""请院方确认: what was done here, item by item, and the site's signature on this phone's glass."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft
import msgspec

from mobile.ui.hooks import use_attempts, use_back, use_loaded, use_value
from mobile.ui.instruments import instrument_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import Phone, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    column,
    listing,
    note,
    notice,
    pad,
    row,
    screen,
    section,
    text,
    top_bar,
    touchable,
)
from mobile.ui.screens.reasons import Reasons
from mobile.ui.screens.sign import pad_screen
from mobile.ui.widgets.letters import Letters
from mobile.ui.widgets.signature_pad import SignatureBox, SignaturePad
from mobile.ui.wording import STANDINGS
from mobile.workflow.drawing import STROKES_MEDIA_TYPE
from mobile.workflow.roster import ItemLine, SiteLine, Unfinished, answer_key
from mobile.workflow.under_way import REFUSAL_REASONS
from shared.campaign import Campaign
from shared.errors import Problem, QuanhengError

Shown = tuple[Campaign, SiteLine, Unfinished]


@ft.component
def ConfirmSite(which: str) -> ft.Control:
    """``which`` is the campaign's id and the site's."""
    look, phone = use_look(), use_phone()
    campaign_id, _slash, premises_id = which.partition("/")

    async def load() -> Shown | Problem:
        try:
            campaign, site = await phone.app.campaigns.site(campaign_id, premises_id)
        except QuanhengError as error:
            return error.problem
        return campaign, site, await phone.app.campaigns.unfinished(answer_key(campaign, site))

    loaded = use_loaded(load, [which])

    def leave() -> None:
        township = loaded[1].stop.premises.township if isinstance(loaded, tuple) else ""
        phone.go(f"/campaign/{campaign_id}/{township}" if township else f"/campaign/{campaign_id}")

    back = use_back(leave)
    if not isinstance(loaded, tuple):
        said: list[ft.Control] = [notice(look, loaded)] if loaded else []
        return screen(look, top_bar(look, look.gettext("The site confirms"), back=back), said)
    return Answer(*loaded, back)


@ft.component
def Answer(campaign: Campaign, site: SiteLine, kept: Unfinished, back: Act) -> ft.Control:
    """First the items, then the glass; the way out is 拒签 with its reason."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    form, set_form = use_value(kept)
    step, set_step = use_value("items")
    refusal, in_turn = use_attempts(in_turn=True)
    use_back(back if step == "items" else (lambda: set_step("items")))
    name = site.stop.premises.name

    async def keep(changed: Unfinished) -> None:
        set_form(changed)
        await phone.app.campaigns.keep(changed)

    async def refused(code: str) -> None:
        await phone.app.campaigns.refuse(campaign, site, code)
        back()

    if step == "refuse":
        words = _(
            "What was done counts all the same; the record says that the signature was refused, and why."
        )
        return Reasons(_("Refuses to sign"), name, words, REFUSAL_REASONS, refused, lambda: set_step("items"))
    if step == "glass":
        return Glass(campaign, site, form, lambda: set_step("items"), back)

    def toggled(instrument_id: str) -> object:
        left = [each for each in form.disputed if each != instrument_id]
        disputed = left if instrument_id in form.disputed else [*form.disputed, instrument_id]
        return in_turn(lambda: keep(msgspec.structs.replace(form, disputed=disputed)))

    def written(words: str) -> Awaitable[bool]:
        return in_turn(lambda: keep(msgspec.structs.replace(form, words=words)))

    body: list[ft.Control] = [
        *([notice(look, refusal)] if refusal else []),
        *left_first(look, phone, site),
        section(look, _("Touch what was otherwise"), str(len(site.unanswered))),
        listing(look, [item_row(look, phone, each, form, toggled) for each in site.unanswered]),
        *([Letters(_("What was otherwise"), form.words, written)] if form.disputed else []),
        note(
            look,
            Icons.INFO_OUTLINE,
            _(
                "A signature on the team's phone is weaker evidence than the site's own phone, and is marked so."
            ),
        ),
    ]
    bottom = bottom_bar(
        look,
        action(
            look,
            _("Refuses to sign"),
            lambda: set_step("refuse"),
            Icons.PERSON_OFF_OUTLINED,
            rank=Rank.PLAIN,
            expand=2,
        ),
        action(look, _("On to the signature"), lambda: set_step("glass"), Icons.DRAW_OUTLINED, expand=3),
    )
    return screen(look, top_bar(look, _("The site confirms"), name, back), body, bottom)


@ft.component
def Glass(campaign: Campaign, site: SiteLine, form: Unfinished, items: Act, signed_off: Act) -> ft.Control:
    """The pad under what is signed."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    box = ft.use_memo(SignatureBox, [])
    signed, set_signed = use_value(False)
    problem, attempt = use_attempts()

    async def sign() -> None:
        await phone.app.campaigns.sign(campaign, site, box.drawing().encoded(), STROKES_MEDIA_TYPE)
        signed_off()

    told: list[ft.Control] = [*([notice(look, problem)] if problem else []), *summary(look, site, form)]
    bottom = bottom_bar(
        look,
        action(look, _("Back to the items"), items, rank=Rank.PLAIN, expand=2),
        action(
            look,
            _("Signed"),
            (lambda: attempt(sign)) if signed else None,
            Icons.CHECK,
            rank=Rank.PRIMARY if signed else Rank.PLAIN,
            expand=2,
            colour="" if signed else look.theme.ink2,
        ),
    )
    top = top_bar(look, _("The site signs"), site.stop.premises.name, items)
    pad_control = SignaturePad(look, box, lambda: set_signed(box.signed))
    return pad_screen(look, top, told, pad_control, bottom)


def left_first(look: Look, phone: Phone, site: SiteLine) -> list[ft.Control]:
    """What was not done stands first, so that nobody signs for it."""
    left = [each for each in site.items if not each.entry.by]
    if not left:
        return []
    names = "、".join(instrument_name(look, phone, each.instrument) for each in left[:5])
    words = look.gettext("{count} not done yet, and not part of this: {names}")
    return [
        note(
            look,
            Icons.SCHEDULE,
            words.format(count=len(left), names=names + (" …" if left[5:] else "")),
            look.theme.unsure,
        )
    ]


def item_row(
    look: Look, phone: Phone, item: ItemLine, form: Unfinished, toggled: Callable[[str], object]
) -> ft.Control:
    """One item as the site is to see it; touched, it is disputed."""
    theme, style = look.theme, STANDINGS[item.entry.standing]
    disputed = item.entry.instrument_id in form.disputed
    name, words = instrument_name(look, phone, item.instrument), look.say(style.words)
    on = item.entry.on.isoformat() if item.entry.on else ""
    status = item.instrument.verification
    sticker = status.sticker if status and status.record_id == item.entry.by else ""
    detail = " · ".join(part for part in (words, on, sticker) if part)
    otherwise = look.gettext("Otherwise")
    return touchable(
        look,
        f"{name}, {detail}" + (f", {otherwise}" if disputed else ""),
        row(
            ft.Icon(style.icon, size=24, color=style.ink(theme)),
            column(
                text(look, name, "strong"),
                text(look, detail, "note", theme.ink2),
                *([text(look, otherwise, "strong", theme.bad)] if disputed else []),
                gap=0,
                expand=True,
            ),
            ft.Icon(
                Icons.REPORT_PROBLEM if disputed else Icons.CHECK_BOX_OUTLINE_BLANK,
                color=theme.bad if disputed else theme.ink2,
            ),
            gap=12,
        ),
        lambda: toggled(item.entry.instrument_id),
        selected=disputed,
        padding=pad(10, 16),
    )


def summary(look: Look, site: SiteLine, form: Unfinished) -> list[ft.Control]:
    """What is signed: how many items, and to how many of them an objection."""
    _ = look.gettext
    count = len(site.unanswered)
    said = (
        _("{count} items, {disputed} of them otherwise").format(count=count, disputed=len(form.disputed))
        if form.disputed
        else _("{count} items, as shown").format(count=count)
    )
    known = _("I have seen the items. The free verification took place on the days shown; it cost nothing.")
    return [text(look, said, "title"), text(look, known, "note", look.theme.ink2)]
