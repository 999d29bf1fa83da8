"""现场情况不符: what was found, a picture, who was there; signed and kept on one screen."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import Attempt, use_attempts, use_back, use_loaded, use_news, use_value
from mobile.ui.instruments import found_row, instrument_name, place_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import HOME, Phone, use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    choice,
    icon_button,
    line,
    listing,
    note,
    notice,
    screen,
    section,
    text,
    top_bar,
)
from mobile.ui.scanning import photograph
from mobile.ui.screens.discard import Discard
from mobile.ui.screens.register_site import SitePicker
from mobile.ui.screens.sign import Sign
from mobile.ui.widgets.figure_rows import in_rows
from mobile.ui.widgets.letters import Letters
from mobile.ui.widgets.present import who_is_there
from mobile.ui.widgets.sought_field import Sought, sought_field
from mobile.workflow.finding import Finding
from mobile.workflow.found import WORDS, Found
from mobile.workflow.resolve import Found as FoundInstrument
from shared.errors import Problem, QuanhengError
from shared.message import Message
from shared.premises import Premises

SHOWN = 5
HINTS = {
    Found.LABEL_MISSING: Message("Its place and the nameplate in one picture"),
    Found.LABEL_UNREADABLE: Message("The label and the nameplate in one picture"),
    Found.LABEL_SWAPPED: Message("The label on the other instrument, and that one's nameplate"),
    Found.ABSENT: Message("The place where it should be"),
    Found.MOVED: Message("The instrument at its new place"),
    Found.SCRAPPED: Message("The instrument, or what is left of it"),
    Found.HERE: Message("The instrument with its nameplate"),
    Found.CLOSED: Message("The entrance with the site's name"),
    Found.OPEN: Message("The entrance with the site's name"),
}


@ft.component
def FindingScreen(draft_id: str) -> ft.Control:
    look, phone = use_look(), use_phone()
    back = use_back(lambda: phone.go(HOME))

    async def load() -> Finding | Problem:
        try:
            return await phone.open_finding(draft_id)
        except QuanhengError as error:
            return error.problem

    loaded = use_loaded(load, [draft_id])
    if isinstance(loaded, Finding):
        return Stage(loaded)
    body: list[ft.Control] = [notice(look, loaded)] if loaded else []
    return screen(look, top_bar(look, look.gettext("Found on site"), back=back), body)


def named(look: Look, phone: Phone, finding: Finding) -> str:
    """The instrument with its number, or the site."""
    if finding.instrument:
        return instrument_name(look, phone, finding.instrument)
    return finding.premises.name if finding.premises else ""


def page_of(finding: Finding) -> str:
    """Where one came from, and goes back to."""
    return f"/card/{finding.subject}" if finding.instrument else f"/place/{finding.subject}"


@ft.component
def Stage(finding: Finding) -> ft.Control:
    """The form, or the signature; drawn anew after each saved answer."""
    look, phone = use_look(), use_phone()
    use_news(finding.subscribe, [finding.draft_id])
    discarding, set_discarding = use_value(False)
    signing = finding.draft.signing
    # What is signed and could not be sealed waits at home.
    goes_on = signing and not finding.draft.finished
    back = use_back(finding.not_signing if goes_on else lambda: phone.go(page_of(finding)))
    if finding.receipt:
        return screen(look, top_bar(look, look.gettext("Found on site")), [])
    if discarding:
        return Discard(finding, named(look, phone, finding), lambda: set_discarding(False))
    if signing:
        return Sign(
            finding, named(look, phone, finding), summary(look, phone, finding), back, known_words(look)
        )
    return Form(finding, back, lambda: set_discarding(True))


def known_words(look: Look) -> str:
    """What a signature under a finding means."""
    return look.gettext("I have seen what is recorded above. Signing means that I know of it.")


def summary(look: Look, phone: Phone, finding: Finding) -> ft.Control:
    """What was found, as the other party is to see it before signing."""
    draft = finding.draft
    words = look.say(WORDS[draft.what]) if draft.what else ""
    count = look.gettext("{count} pictures kept").format(count=len(draft.photos))
    where = place_name(finding.instrument, finding.premises) if finding.instrument else ""
    lines = [text(look, one) for one in (named(look, phone, finding), where, draft.note.strip()) if one]
    return card(
        look, line(look, Icons.FLAG_OUTLINED, look.theme.unsure, words, count), *lines, gap=4, padding=12
    )


@ft.component
def Form(finding: Finding, back: Act, discard: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    problem, attempt = use_attempts()
    refusal, in_turn = use_attempts(in_turn=True)
    picking, set_picking = use_value(False)
    sites = use_loaded(phone.app.equipment.store.registry.all_premises) or []
    draft = finding.draft
    use_back(lambda: set_picking(False) if picking else back())

    if picking:
        here = [site for site in sites if site.county == finding.county]

        async def moved(site: Premises) -> None:
            await finding.moved_to(site)
            set_picking(False)

        return SitePicker(here, moved, None, lambda: set_picking(False))

    async def keep() -> None:
        await finding.seal()
        phone.finding = phone.found = None
        phone.go(page_of(finding))

    body: list[ft.Control] = [
        *[notice(look, one) for one in (problem, refusal) if one],
        *what_is_it(look, finding, in_turn),
        *([SeenOn(finding)] if draft.what is Found.LABEL_SWAPPED else []),
        *(whereto(look, finding, in_turn, lambda: set_picking(True)) if draft.what is Found.MOVED else []),
        *pictures(look, phone, finding, attempt),
        *who_is_there(look, finding, in_turn),
        Letters(_("A word on it"), draft.note, lambda words: in_turn(lambda: finding.say(words))),
        *circumstances(look, phone, finding),
    ]
    bottom = bottom_bar(
        look,
        action(look, _("Have it signed"), lambda: attempt(finding.ask_to_sign), rank=Rank.PLAIN, expand=2),
        action(look, _("Sign and keep"), lambda: attempt(keep), Icons.CHECK, expand=3),
    )
    saved = _("saved")
    away = icon_button(look, Icons.DELETE_OUTLINE, _("Discard this finding"), discard)
    top = top_bar(look, _("Found on site"), f"{named(look, phone, finding)} · {saved}", back, [away])
    return screen(look, top, body, bottom)


def what_is_it(look: Look, finding: Finding, in_turn: Attempt) -> list[ft.Control]:
    """The answers; where there is one alone it is given already."""
    choices = finding.choices
    if len(choices) == 1:
        return [line(look, Icons.FLAG_OUTLINED, look.theme.unsure, look.say(WORDS[choices[0]]))]

    def one(what: Found) -> ft.Semantics:
        chosen = finding.draft.what is what
        return choice(look, look.say(WORDS[what]), chosen, lambda: in_turn(lambda: finding.found(what)))

    return [section(look, look.gettext("What is it")), in_rows(look, [one(what) for what in choices], 2)]


@ft.component
def SeenOn(finding: Finding) -> ft.Control:
    """Of a swapped label: the instrument that it was seen on, where this phone knows it."""
    look, phone = use_look(), use_phone()
    _ = look.gettext
    sought = ft.use_memo(Sought, [])
    typed, set_typed = use_value("")
    hits, set_hits = use_value(list[FoundInstrument]())
    problem, attempt = use_attempts()
    other = finding.draft.seen_on

    async def changed(words: str) -> None:
        set_typed(words)
        found = await phone.app.resolve.search(words) if len(words.strip()) >= 2 else []
        set_hits([one for one in found if one.instrument and one.instrument.instrument_id != finding.subject])

    async def take(one: FoundInstrument) -> None:
        await finding.seen_on(one.instrument)
        sought.text = ""
        set_typed("")
        set_hits([])

    sought.changed = changed

    def hit(one: FoundInstrument) -> ft.Control:
        return found_row(look, phone, one, lambda: attempt(lambda: take(one)))

    parts: list[ft.Control] = [notice(look, problem)] if problem else []
    if other:
        name = instrument_name(look, phone, other)
        again = _("Another one")
        parts += [
            line(look, Icons.LINK, look.theme.primary, _("Seen on {name}").format(name=name), other.stall),
            action(
                look,
                again,
                lambda: attempt(lambda: finding.seen_on(None)),
                rank=Rank.PLAIN,
                expand=None,
                height=48,
            ),
        ]
    else:
        parts.append(sought_field(sought, _("On which one? Its serial number or stall")))
        if hits:
            parts.append(listing(look, [hit(one) for one in hits[:SHOWN]]))
        elif typed.strip():
            parts.append(
                note(look, Icons.INFO_OUTLINE, _("Not on this phone: write its serial number into the note."))
            )
    return card(look, *parts)


def whereto(look: Look, finding: Finding, in_turn: Attempt, pick: Act) -> list[ft.Control]:
    """Of an instrument that moved: the site and the stall where it stands now."""
    draft, _ = finding.draft, look.gettext
    site = draft.moved_to or draft.premises
    stall = draft.stall if draft.stall is not None else finding.instrument.stall if finding.instrument else ""
    return [
        section(look, _("It stands now at")),
        action(
            look,
            site.name if site else _("Choose the site"),
            pick,
            Icons.STOREFRONT,
            rank=Rank.PLAIN,
            expand=None,
            height=52,
        ),
        Letters(_("Stall or user"), stall, lambda words: in_turn(lambda: finding.stands_at(words))),
    ]


def pictures(look: Look, phone: Phone, finding: Finding, attempt: Attempt) -> list[ft.Control]:
    """The shutter, and how many pictures are kept."""
    draft, _ = finding.draft, look.gettext
    hint = look.say(HINTS[draft.what]) if draft.what else _("What shows it")

    async def shoot() -> None:
        jpeg = await photograph(phone, look, _("Evidence"), hint)
        if jpeg:
            await finding.add_photo(jpeg)

    count = len(draft.photos)
    kept = _("{count} pictures kept").format(count=count) if count else ""
    again = _("One more picture") if count else _("Take the picture")
    shutter = action(
        look,
        again,
        lambda: attempt(shoot),
        Icons.PHOTO_CAMERA_OUTLINED,
        rank=Rank.PLAIN,
        expand=None,
        height=52,
    )
    return [
        section(look, _("Pictures")),
        line(look, Icons.PHOTO_OUTLINED, look.theme.good if count else look.theme.ink2, kept or hint),
        shutter,
    ]


def circumstances(look: Look, phone: Phone, finding: Finding) -> list[ft.Control]:
    """Where and by whom: what the record will say of it."""
    _, theme = look.gettext, look.theme
    session, position = phone.app.session, finding.draft.position
    now = phone.app.equipment.clock.now()
    officers = [person.name for person in (session.person, session.partner) if person]
    lines: list[ft.Control] = []
    if session.partner:
        lines.append(note(look, Icons.GROUPS_OUTLINED, look.language.listed(officers)))
    else:
        lines.append(note(look, Icons.PERSON_OUTLINE, _("No second officer is chosen."), theme.unsure))
    if position is None:
        lines.append(note(look, Icons.LOCATION_OFF_OUTLINED, _("No position; the record goes without it.")))
        return lines
    accuracy = f" ±{position.accuracy_m} m" if position.accuracy_m is not None else ""
    time = look.language.moment(position.read_at, now) if position.read_at else "–"
    words = _("Position{accuracy}, read {time}").format(accuracy=accuracy, time=time)
    if position.is_stale_at(now):
        lines.append(
            note(
                look,
                Icons.HISTORY,
                _("{position}: old, and recorded so").format(position=words),
                theme.unsure,
            )
        )
    else:
        lines.append(note(look, Icons.PLACE_OUTLINED, words))
    if position.mocked:
        lines.append(note(look, Icons.WARNING_ROUNDED, _("The position is made up by an app."), theme.bad))
    return lines
