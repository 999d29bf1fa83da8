"""检定一件: what failed, if anything; what that makes of it; and the sticker's number."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

import flet as ft
import msgspec

from mobile.ui.hooks import use_attempts, use_back, use_loaded, use_value
from mobile.ui.instruments import instrument_name, place_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    choice,
    column,
    line,
    note,
    notice,
    pad,
    row,
    screen,
    section,
    text,
    top_bar,
    touchable,
    upright,
)
from mobile.ui.screens.reasons import Reasons
from mobile.ui.widgets.letters import Letters
from mobile.ui.wording import PUT_RIGHT, STANDINGS, VERIFICATION_ITEMS
from mobile.workflow.campaigns import ABSENT_REASONS, REPLACED, SCRAPPED_REASONS
from mobile.workflow.roster import Concluded, ItemView, Unfinished
from shared.campaign import RosterState
from shared.errors import Problem, QuanhengError
from shared.instrument import Instrument
from shared.verification import PutRight, VerificationItem, VerificationResult

SCRAPPED = {code for code, _words in SCRAPPED_REASONS}


@ft.component
def VerifyItem(which: str) -> ft.Control:
    """``which`` is the campaign's id and the instrument's."""
    look, phone = use_look(), use_phone()
    campaign_id, _slash, instrument_id = which.partition("/")
    again, set_again = use_value(0)
    redo, set_redo = use_value("")
    done, set_done = use_value(cast("Concluded | None", None))

    async def load() -> ItemView | Problem:
        try:
            return await phone.app.campaigns.item(campaign_id, instrument_id)
        except QuanhengError as error:
            return error.problem

    view = use_loaded(load, [which, again])

    def leave() -> None:
        township = view.premises.township if isinstance(view, ItemView) and view.premises else ""
        phone.go(f"/campaign/{campaign_id}/{township}" if township else f"/campaign/{campaign_id}")

    back = use_back(leave)
    if not isinstance(view, ItemView) or view.line.entry.instrument_id != instrument_id:
        said: list[ft.Control] = [notice(look, view)] if isinstance(view, Problem) else []
        return screen(look, top_bar(look, look.gettext("Verify"), back=back), said)

    def reload() -> None:
        set_again(again + 1)

    def concluded(found: Concluded) -> None:
        set_done(found)
        set_redo("")
        reload()

    shown = done if done and done.recorded.instrument_id == instrument_id else None
    dealt = view.line.entry.state not in (RosterState.EXPECTED, RosterState.ABSENT)
    if not view.is_verifier or shown or (dealt and redo != instrument_id):
        return Dealt(view, shown, back, lambda: (set_done(None), set_redo(instrument_id)), reload)
    return Form(view, back, concluded)


@ft.component
def Form(view: ItemView, back: Act, concluded: Callable[[Concluded], object]) -> ft.Control:
    """The form; it is kept as it is filled in, and signed by its one primary action."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    form, set_form = use_value(view.form)
    panel, set_panel = use_value("")
    problem, attempt = use_attempts()
    refusal, in_turn = use_attempts(in_turn=True)
    use_back((lambda: set_panel("")) if panel else back)
    name = instrument_name(look, phone, view.line.instrument)

    async def keep(changed: Unfinished) -> None:
        set_form(changed)
        await phone.app.campaigns.keep(changed)

    async def conclude() -> None:
        found = await phone.app.campaigns.verify(msgspec.structs.replace(view, form=form))
        await phone.platform.vibrate([40] if not form.failed else [80, 60, 80])
        concluded(found)

    async def missing(code: str) -> None:
        if code == REPLACED[0]:
            set_panel("replaced")
            return
        state = RosterState.SCRAPPED if code in SCRAPPED else RosterState.ABSENT
        await phone.app.campaigns.note(view, state, code)
        back()

    if panel == "missing":
        choices = [*ABSENT_REASONS, *SCRAPPED_REASONS, REPLACED]
        words = _("It stays on the roster, with the reason. What is only absent can be verified later.")
        return Reasons(_("Not there, or scrapped"), name, words, choices, missing, lambda: set_panel(""))
    if panel == "replaced":
        return Replaced(view, lambda: set_panel(""), back)

    def toggled(item: VerificationItem) -> object:
        left = [each for each in form.failed if each is not item]
        failed = left if item in form.failed else [*form.failed, item]
        return in_turn(lambda: keep(msgspec.structs.replace(form, failed=failed)))

    body: list[ft.Control] = [
        *([notice(look, shown)] if (shown := problem or refusal) else []),
        *put_right(look, view, form, lambda changed: in_turn(lambda: keep(changed))),
        section(look, _("What failed? Nothing, when all is right.")),
        *items(look, form, toggled),
        *in_words(look, form, lambda changed: in_turn(lambda: keep(changed))),
        *rules(look, view),
    ]
    passed = not form.failed
    main = action(
        look,
        _("All right: passed") if passed else _("Failed"),
        lambda: attempt(conclude),
        Icons.CHECK_CIRCLE if passed else Icons.CANCEL,
        expand=3,
    )
    other = action(look, _("Not there or scrapped"), lambda: set_panel("missing"), rank=Rank.PLAIN, expand=2)
    under = place_name(view.line.instrument, view.premises)
    return screen(look, top_bar(look, name, under, back), body, bottom_bar(look, other, main))


def in_words(look: Look, form: Unfinished, keep: Callable[[Unfinished], Awaitable[bool]]) -> list[ft.Control]:
    """The certificate's number, and of a failure what was found."""
    _ = look.gettext
    certificate = Letters(
        _("Certificate number, if there is one"),
        form.certificate_no,
        lambda words: keep(msgspec.structs.replace(form, certificate_no=words)),
        key="certificate",
    )
    if not form.failed:
        return [certificate]
    found = Letters(
        _("What was found"),
        form.note,
        lambda words: keep(msgspec.structs.replace(form, note=words)),
        key="note",
    )
    return [certificate, found]


def put_right(
    look: Look, view: ItemView, form: Unfinished, keep: Callable[[Unfinished], object]
) -> list[ft.Control]:
    """What was done to one that failed before."""
    if not view.is_retest:
        return []
    _ = look.gettext
    on = view.line.entry.on.isoformat() if view.line.entry.on else ""

    def one(what: PutRight) -> ft.Control:
        chosen = msgspec.structs.replace(form, put_right=what)
        return choice(
            look,
            look.say(PUT_RIGHT[what]),
            form.put_right is what,
            lambda: keep(chosen),
            expand=1,
        )

    return [
        line(
            look,
            Icons.REPLAY,
            look.theme.unsure,
            _("Failed on {day}").format(day=on),
            _("This is its retest."),
        ),
        section(look, _("What was done to it since?")),
        row(
            *[one(each) for each in PUT_RIGHT],
            intrinsic_height=True,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
    ]


def items(look: Look, form: Unfinished, toggled: Callable[[VerificationItem], object]) -> list[ft.Control]:
    """The items of the verification, two in a row; the touched ones failed."""

    def one(item: VerificationItem) -> ft.Control:
        return failing(look, look.say(VERIFICATION_ITEMS[item]), item in form.failed, lambda: toggled(item))

    every = [one(each) for each in VERIFICATION_ITEMS]
    if look.narrow:
        return every
    pairs = [every[start : start + 2] for start in range(0, len(every), 2)]
    return [
        row(*pair, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH) for pair in pairs
    ]


def failing(look: Look, words: str, failed: bool, act: Act) -> ft.Semantics:
    """One item: touched it reads as failed by a cross, a word and a colour, so that no tick is taken for a pass."""
    theme = look.theme
    ink = theme.bad if failed else theme.ink
    said = look.gettext("{item}: failed").format(item=words) if failed else words
    cross: list[ft.Control] = [ft.Icon(Icons.CLOSE, size=20, color=ink)] if failed else []
    label = text(look, said, "strong", ink, align=ft.TextAlign.CENTER, expand=True, expand_loose=True)
    return touchable(
        look,
        words,
        row(*cross, label, gap=4, alignment=ft.MainAxisAlignment.CENTER),
        act,
        expand=None if look.narrow else 1,
        selected=failed,
        alignment=ft.Alignment.CENTER,
        padding=pad(upright(look, max(52, theme.target), "strong"), 10),
        border_radius=12,
        bgcolor=theme.bad_soft if failed else theme.surface,
        border=ft.Border.all(max(1.5, theme.stroke), theme.bad if failed else theme.edge),
    )


def rules(look: Look, view: ItemView) -> list[ft.Control]:
    """By which regulation, with which standards, until when, and how many stickers are left."""
    _ = look.gettext
    lines = [
        note(
            look,
            Icons.MENU_BOOK_OUTLINED,
            _("Verified by {edition}.").format(edition=view.edition)
            if view.edition
            else _("No regulation is known here for this kind; follow the one in force."),
        ),
        note(
            look,
            Icons.FITNESS_CENTER,
            _("{count} standards chosen that fit; they go into the record.").format(count=view.standards)
            if view.standards
            else _("None of the standards chosen fits; the record names none."),
        ),
    ]
    if view.valid_until:
        lines.append(
            note(look, Icons.EVENT_AVAILABLE, _("A pass holds until {day}.").format(day=view.valid_until))
        )
    words = (
        _("{count} sticker numbers left on this phone").format(count=view.stickers_left)
        if view.stickers_left
        else _("No sticker number left: go on, the sticker follows after the next sync.")
    )
    colour = "" if view.stickers_left else look.theme.unsure
    lines.append(note(look, Icons.CONFIRMATION_NUMBER_OUTLINED, words, colour))
    return list[ft.Control](lines)


@ft.component
def Dealt(view: ItemView, done: Concluded | None, back: Act, redo: Act, changed: Act) -> ft.Control:
    """Where the item stands: just concluded, or dealt with before. It is opened, and never counted twice."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    problem, attempt = use_attempts()
    use_back(back)
    instrument, entry = view.line.instrument, view.line.entry
    style = STANDINGS[entry.standing]
    status = instrument.verification
    on = entry.on.isoformat() if entry.on else ""
    body: list[ft.Control] = [
        *([notice(look, problem)] if problem else []),
        line(look, style.icon, style.ink(look.theme), look.say(style.words), on),
    ]
    if status and entry.by and status.record_id == entry.by:
        body += sticker_card(
            look, status.sticker, status.valid_until.isoformat() if status.valid_until else ""
        )
    if entry.state is RosterState.FAILED:
        body.append(
            note(
                look,
                Icons.BUILD_OUTLINED,
                _(
                    "Stop its use. Once it is repaired or adjusted, test it again; one that is replaced is noted as scrapped."
                ),
            )
        )

    async def affix() -> None:
        await phone.app.campaigns.affix(view)
        changed()

    if view.sticker_follows and view.is_verifier:
        body.append(
            action(
                look,
                _("Take a sticker number now"),
                lambda: attempt(affix),
                Icons.CONFIRMATION_NUMBER_OUTLINED,
                rank=Rank.PLAIN,
                expand=None,
                height=52,
            )
        )
    failed = (
        bool(done and done.recorded.result is VerificationResult.FAILED) or entry.state is RosterState.FAILED
    )
    words = _("Test it again") if failed else _("Verify once more")
    onward = action(look, _("To the roster"), back, Icons.LIST_ALT, expand=3)
    actions = [onward]
    if view.is_verifier:
        actions = [action(look, words, redo, rank=Rank.PLAIN, expand=2), onward]
    name = instrument_name(look, phone, instrument)
    under = place_name(instrument, view.premises)
    return screen(look, top_bar(look, name, under, back), body, bottom_bar(look, *actions))


def sticker_card(look: Look, sticker: str, until: str) -> list[ft.Control]:
    """The number to affix, large, and the day to write on it."""
    _ = look.gettext
    if not sticker:
        words = _("The sticker follows: no number was left. The verification counts all the same.")
        return [note(look, Icons.CONFIRMATION_NUMBER_OUTLINED, words, look.theme.unsure)]
    parts: list[ft.Control] = [
        text(look, _("Affix the sticker with this number"), "note", look.theme.ink2),
        text(look, sticker, "h1"),
    ]
    if until:
        parts.append(text(look, _("Valid until {day}").format(day=until), "title"))
    return [card(look, *parts, gap=4)]


@ft.component
def Replaced(view: ItemView, close: Act, back: Act) -> ft.Control:
    """Which instrument stands in its place: one of the site that is not on the roster, or a new one that is registered first."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    problem, attempt = use_attempts()
    use_back(close)
    found = use_loaded(lambda: phone.app.campaigns.replacements(view.campaign, view.line))

    async def take(instrument: Instrument) -> None:
        await phone.app.campaigns.note(view, RosterState.SCRAPPED, REPLACED[0], instrument.instrument_id)
        phone.go(f"/verify/{view.campaign.campaign_id}/{instrument.instrument_id}")

    def one(instrument: Instrument) -> ft.Control:
        return choice(
            look, instrument_name(look, phone, instrument), False, lambda: attempt(lambda: take(instrument))
        )

    words = _(
        "Which one stands in its place? Register it first, if it is not in the list; then come back here."
    )
    body: list[ft.Control] = [
        *([notice(look, problem)] if problem else []),
        note(look, Icons.INFO_OUTLINE, words),
        column(
            *[one(each) for each in found or []], gap=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        ),
    ]
    bottom = bottom_bar(look, action(look, _("Register a new one"), lambda: phone.go("/register"), Icons.ADD))
    return screen(look, top_bar(look, _("Replaced by another"), back=close), body, bottom)
