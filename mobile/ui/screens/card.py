"""The instrument's card: is it verified, is its label genuine, what was found before; then: start."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import Attempt, use_attempts, use_back, use_loaded
from mobile.ui.instruments import capacity_words, kind_icon, kind_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    column,
    fact,
    glyph,
    line,
    note,
    notice,
    pad,
    row,
    rule,
    screen,
    section,
    text,
    top_bar,
    touchable,
)
from mobile.ui.scanning import found_of, scan_to_check
from mobile.ui.widgets.sync_chip import record_chip
from mobile.ui.wording import (
    FIELD_WORDS,
    LABEL_TROUBLES,
    USE_STATUS_WORDS,
    VALIDITY,
    headline_style,
    sort_words,
    use_scene,
)
from mobile.workflow.app_state import Phase
from mobile.workflow.outbox_view import headline_of, state_of
from mobile.workflow.ports import Kept
from mobile.workflow.readings import sort_of
from mobile.workflow.resolve import Card as CardView
from mobile.workflow.resolve import LabelVerdict
from shared.amending import Dispute, InstrumentField
from shared.errors import Problem, QuanhengError
from shared.foreign_label import legible
from shared.instrument import UseStatus
from shared.label import shown_code
from shared.message import Message
from shared.premises import Standing
from shared.standard import WEIGHT

LABEL_LINES = {
    LabelVerdict.VERIFIED: (Icons.GPP_GOOD_OUTLINED, "good", Message("Label's signature valid")),
    LabelVerdict.FORGED: (Icons.GPP_BAD_OUTLINED, "bad", Message("Suspected false label")),
    LabelVerdict.MISMATCHED: (Icons.GPP_BAD_OUTLINED, "bad", Message("Label is not this instrument's")),
    LabelVerdict.KEY_UNKNOWN: (Icons.GPP_MAYBE_OUTLINED, "unsure", Message("Label can't be checked here")),
    LabelVerdict.TYPED: (Icons.DIALPAD, "unsure", Message("Number typed: signature not checked")),
    LabelVerdict.FOREIGN: (Icons.GPP_MAYBE_OUTLINED, "unsure", Message("Not an identity label")),
    LabelVerdict.FOREIGN_BOUND: (Icons.LINK, "unsure", Message("Code of others, bound to it: no signature")),
    LabelVerdict.NO_LABEL: (Icons.LABEL_OFF_OUTLINED, "unsure", Message("Label not scanned")),
}


@ft.component
def Card(instrument_id: str) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    problem, attempt = use_attempts()
    back = use_back(lambda: phone.go(phone.listed))

    async def load() -> CardView | Problem:
        try:
            return await phone.app.resolve.card(await found_of(phone, instrument_id))
        except QuanhengError as error:
            return error.problem

    view = use_loaded(load, [instrument_id, phone.found])
    if not isinstance(view, CardView):
        said: list[ft.Control] = [notice(look, view)] if view else []
        return screen(look, top_bar(look, _("This instrument"), back=back), said)
    body: list[ft.Control] = [
        head(look, phone, view),
        *([notice(look, problem)] if problem else []),
        standing(look, view),
        facts(look, phone, view),
        *correcting(look, phone, view, attempt),
        *weights_missing(look, phone, view),
        *history(look, phone, view),
        *not_this_one(look, phone, view),
    ]
    under = _("On this phone; not yet sent") if view.provisional else view.township
    another = action(
        look,
        _("Scan another"),
        lambda: attempt(lambda: scan_to_check(phone, look)),
        rank=Rank.PLAIN,
        expand=2,
    )
    return screen(
        look,
        top_bar(look, _("This instrument"), under, back),
        body,
        bottom_bar(look, another, start(look, phone, view, attempt)),
    )


def start(look: Look, phone: Phone, view: CardView, attempt: Attempt) -> ft.Semantics:
    """What the primary button does: unlock, go on, or start."""
    _ = look.gettext
    if phone.app.phase is Phase.LOCKED:
        return action(look, _("Unlock to check"), phone.unlock_here, Icons.LOCK_OPEN, expand=3)
    words = _("Go on checking") if view.draft_id else _("Start check")
    act = (lambda: attempt(lambda: phone.begin_check(view.found))) if view.checkable else None
    return action(look, words, act, Icons.PLAY_ARROW_ROUNDED, expand=3)


def head(look: Look, phone: Phone, view: CardView) -> ft.Control:
    where = view.premises.name if view.premises else ""
    tile = [glyph(look, kind_icon(phone, view.instrument.kind), 72)] if look.text_scale <= 1.3 else []
    return row(
        *tile,
        column(
            text(look, kind_name(look, phone, view.instrument.kind), "h1"),
            *([text(look, view.instrument.stall, "title")] if view.instrument.stall else []),
            *([text(look, where, "note", look.theme.ink2)] if where else []),
            gap=2,
            expand=True,
        ),
        gap=16,
    )


def standing(look: Look, view: CardView) -> ft.Container:
    """Verification and label, each a shape, a word and a colour."""
    _ = look.gettext
    style = VALIDITY[view.validity]
    detail = _("The office may know more than this phone.")
    if view.valid_until and view.days_left is not None:
        words = (
            _("to {until}, {days} days left")
            if view.days_left >= 0
            else _("ended on {until}, {days} days ago")
        )
        detail = words.format(until=view.valid_until.isoformat(), days=abs(view.days_left))
    icon, tone, label = LABEL_LINES[view.found.verdict]
    code = view.found.code or view.instrument.label
    under = shown_code(code) if code else ""
    if view.found.verdict is LabelVerdict.FOREIGN_BOUND:
        under = legible(view.found.payload, 60)
    return card(
        look,
        line(look, style.icon, style.ink(look.theme), look.say(style.words), detail),
        rule(look),
        label_line(look, view, line(look, icon, str(getattr(look.theme, tone)), look.say(label), under)),
        *site_closed(look, view),
        gap=12,
    )


def label_line(look: Look, view: CardView, scanned: ft.Row) -> ft.Control:
    """What the scan said of the label; that it is out of force comes first, however right its signature is."""
    trouble = view.instrument.label_trouble
    if trouble not in LABEL_TROUBLES:
        return scanned
    words = look.say(LABEL_TROUBLES[trouble])
    return column(line(look, Icons.LABEL_OFF_OUTLINED, look.theme.bad, words), scanned, gap=12)


def site_closed(look: Look, view: CardView) -> list[ft.Control]:
    """That nobody expects to find it at work."""
    if view.premises is None or view.premises.standing is not Standing.CLOSED:
        return []
    return [note(look, Icons.STORE_OUTLINED, look.gettext("Its site is closed"), look.theme.unsure)]


def not_this_one(look: Look, phone: Phone, view: CardView) -> list[ft.Control]:
    """The way out where a bound code opened the wrong card: what was bound stays, and the office sees both."""
    if view.found.verdict is not LabelVerdict.FOREIGN_BOUND or phone.app.phase is not Phase.OPEN:
        return []
    words = look.gettext("The code is on another instrument")
    return [
        action(look, words, lambda: phone.go("/bind"), Icons.LINK, rank=Rank.PLAIN, expand=None, height=48)
    ]


def facts(look: Look, phone: Phone, view: CardView) -> ft.Container:
    _, instrument = look.gettext, view.instrument
    model = " · ".join(
        part
        for part in (
            instrument.model,
            _("class {accuracy_class}").format(accuracy_class=instrument.accuracy_class)
            if instrument.accuracy_class
            else "",
        )
        if part
    )
    lines = [
        (_("Serial number"), instrument.serial_number),
        (_("Model"), model),
        (_("Range"), capacity_words(look, instrument)),
        *figures_known(look, view),
        (_("Maker"), instrument.manufacturer),
        (_("Use"), use_scene(look, instrument.use_scene) if instrument.use_scene else ""),
        (_("Use status"), status_words(look, instrument.use_status)),
    ]
    shown = [fact(look, name, value) for name, value in lines if value]
    shown += [also_said(look, view, one) for one in instrument.disputes]
    if view.kind is None:
        shown.append(
            note(look, Icons.INFO_OUTLINE, _("This app's catalogue does not know this kind; update the app."))
        )
    elif view.kind.procedure is None:
        shown.append(
            note(
                look,
                Icons.INFO_OUTLINE,
                _("For this kind, marks, seals and certificate are checked; nothing is measured."),
            )
        )
    return card(look, *shown, gap=6)


def figures_known(look: Look, view: CardView) -> list[tuple[str, str]]:
    """What the register knows of the nameplate beside a scale's Max and e."""
    known, fields = view.instrument.nameplate, view.kind.nameplate if view.kind else []
    return [(look.gettext(each.name), known[each.id].shown()) for each in fields if each.id in known]


def status_words(look: Look, status: UseStatus) -> str:
    """Suspended or scrapped; nothing is said of what is in use, as most are."""
    return "" if status is UseStatus.IN_USE else look.say(USE_STATUS_WORDS[status])


def also_said(look: Look, view: CardView, one: Dispute) -> ft.Control:
    """A value beside the one in force, until the office decides."""
    field, value = InstrumentField(one.field), one.value
    if field is InstrumentField.PREMISES_ID:
        value = view.other_sites.get(value, "")
    if field is InstrumentField.USE_STATUS:
        value = look.say(USE_STATUS_WORDS[UseStatus(value)])
    words = look.gettext("{field}: somebody else recorded {value}. The office decides.")
    said = words.format(field=look.say(FIELD_WORDS[field]), value=value or "–")
    return note(look, Icons.CALL_SPLIT, said, look.theme.unsure)


def correcting(look: Look, phone: Phone, view: CardView, attempt: Attempt) -> list[ft.Control]:
    """The ways to say what was found on site and to correct the entry, for who is unlocked."""
    if phone.app.phase is not Phase.OPEN:
        return []
    path = f"/correct/{view.instrument.instrument_id}"
    words = look.gettext("Correct the entry")
    return [
        action(
            look,
            look.gettext("Label, place or instrument not as recorded"),
            lambda: attempt(lambda: phone.begin_finding(view.instrument)),
            Icons.FLAG_OUTLINED,
            rank=Rank.PLAIN,
            expand=None,
            height=48,
        ),
        action(
            look,
            words,
            lambda: phone.go(path),
            Icons.EDIT_OUTLINED,
            rank=Rank.QUIET,
            expand=None,
            height=48,
        ),
    ]


def weights_missing(look: Look, phone: Phone, view: CardView) -> list[ft.Control]:
    """Says before the check, not after it, that nothing was chosen to check with."""
    _ = look.gettext
    sort = sort_of(view.kind) if view.kind else ""
    carried = {one.sort for one in phone.app.session.standards}
    if not sort or sort in carried or phone.app.phase is not Phase.OPEN:
        return []
    scale = sort == WEIGHT
    words = (
        _("No weights are chosen: the readings would stay undecided.")
        if scale
        else _("Nothing is chosen of this sort: {sort}. The readings would stay undecided.").format(
            sort=sort_words(look, sort)
        )
    )
    return [
        card(
            look,
            note(
                look,
                Icons.INFO_OUTLINE,
                words,
                look.theme.unsure,
            ),
            action(
                look,
                _("Choose weights") if scale else _("Choose standards"),
                lambda: phone.go("/prepare"),
                rank=Rank.PLAIN,
                height=48,
                expand=None,
            ),
        )
    ]


def history(look: Look, phone: Phone, view: CardView) -> list[ft.Control]:
    """What was found before: this phone's own records with their state, then the ledger's; for who is unlocked."""
    _ = look.gettext
    if phone.app.phase is Phase.LOCKED:
        return []
    own = [kept for kept in view.own_records if kept.envelope.kind == "inspection.recorded"]
    own_ids = {kept.envelope.record_id for kept in own}
    earlier = [one for one in view.instrument.inspections if one.record_id not in own_ids]
    if not own and not earlier:
        return []
    now = phone.app.equipment.clock.now()
    rows: list[ft.Control] = [own_row(look, phone, kept) for kept in own]
    for one in earlier:
        style = headline_style(one.headline)
        rows.append(
            row(
                ft.Icon(style.icon, size=20, color=style.ink(look.theme)),
                text(look, look.say(style.words), "strong", style.ink(look.theme), expand=True),
                text(look, look.language.moment(one.observed_at, now), "note", look.theme.ink2),
            )
        )
    return [section(look, _("Earlier checks"), str(len(rows))), card(look, *rows, gap=12)]


def own_row(look: Look, phone: Phone, kept: Kept) -> ft.Semantics:
    style = headline_style(headline_of(kept.envelope.payload))
    words, ink = look.say(style.words), style.ink(look.theme)
    when = look.language.moment(kept.envelope.observed_at, phone.app.equipment.clock.now())
    return touchable(
        look,
        f"{words}, {when}",
        row(
            ft.Icon(style.icon, size=20, color=ink),
            column(
                text(look, words, "strong", ink),
                text(look, when, "note", look.theme.ink2),
                gap=0,
                expand=True,
            ),
            record_chip(look, state_of(kept)),
        ),
        lambda: phone.go(f"/outbox/{kept.digest}"),
        padding=pad((look.theme.target - 40) / 2, 4),
    )
