"""台账里没有: four fields, most of them filled in already, and the instrument can be checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from mobile.ui.hooks import Attempt, use_attempts, use_back, use_loaded, use_value
from mobile.ui.instruments import instrument_name, place_name
from mobile.ui.language import CHINESE, Gettext
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
    column,
    entry,
    note,
    notice,
    row,
    screen,
    stacked,
    text,
    top_bar,
)
from mobile.ui.scanning import show_found
from mobile.ui.screens.register_site import NewSite, SitePicker
from mobile.ui.widgets.figure_rows import FigurePad, figure_row, in_rows
from mobile.workflow.keying import after_key
from mobile.workflow.nameplate import CLASS, INTERVAL, MAX, Figure, figures_of
from mobile.workflow.register import CapacityChoice, RegisterView, Unfinished
from mobile.workflow.resolve import Found
from shared.foreign_label import ForeignLabel
from shared.instrument import Instrument
from shared.premises import Premises

FIRST_KINDS = 4


@ft.component
def Register() -> ft.Control:
    look, phone = use_look(), use_phone()
    view = use_loaded(phone.app.register.view)
    _ = look.gettext
    back = use_back(lambda: phone.go(HOME))
    if view is None:
        return screen(look, top_bar(look, _("Not on the ledger"), back=back), [])
    return Form(view)


def begun(view: RegisterView, found: Found | None, chinese: Gettext) -> Unfinished:
    """The form that was left with the same label, or a new one for the site of last time, with what a code of others says."""
    payload, foreign = (found.payload, found.foreign) if found else ("", None)
    if view.unfinished and view.unfinished.payload == payload:
        return view.unfinished
    named = foreign.name if foreign else ""
    # The ledgers that such codes are made from are Chinese, whatever the reader's language.
    kinds = [kind.id for kind in view.kinds if named and chinese(kind.name) == named] or [
        kind.id for kind in view.kinds
    ]
    return Unfinished(
        kind=kinds[0] if kinds else "",
        serial_number=foreign.serial_number if foreign else "",
        manufacturer=foreign.manufacturer if foreign else "",
        model=foreign.model if foreign else "",
        premises_id=view.last_premises,
        payload=payload,
    )


@ft.component
def Form(view: RegisterView) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    answers = ft.use_memo(lambda: begun(view, phone.found, phone.languages[CHINESE].gettext), [])
    site = use_loaded(
        lambda: phone.app.equipment.store.registry.premises(answers.premises_id), [answers.premises_id]
    )
    _count, redraw = use_value(0)
    panel, set_panel = use_value("")
    problem, attempt = use_attempts()

    async def changed() -> None:
        redraw(_count + 1)
        await phone.app.register.keep(answers)

    def go_back() -> None:
        if panel:
            set_panel("")
        else:
            phone.go(HOME)

    back = use_back(go_back)

    async def take_site(chosen: Premises) -> None:
        answers.premises_id = chosen.premises_id
        set_panel("")
        await changed()

    if panel == "site":
        return SitePicker(view.premises, take_site, lambda: set_panel("new-site"), back)
    if panel == "new-site":
        return NewSite(take_site, back)
    kind = phone.app.equipment.catalogue.kinds.get(answers.kind)
    typing = next((each for each in figures_of(kind) if each.id == answers.typing), None) if kind else None
    if typing:
        return TypedFigure(typing, answers, changed)

    async def only_register() -> None:
        show_found(phone, await saved(phone, answers))

    async def register_and_check() -> None:
        phone.found = await saved(phone, answers)
        await phone.begin_check(phone.found)

    body: list[ft.Control] = [
        *([notice(look, problem)] if problem else []),
        KindField(look, view, answers, changed),
        SerialField(look, phone, answers, changed, attempt),
        *said_by_code(look, phone.found.foreign if phone.found else None, answers, changed),
        *nameplate_field(look, phone, answers, changed),
        user_field(look, answers, site, lambda: set_panel("site"), changed),
        note(
            look,
            Icons.INFO_OUTLINE,
            _("This phone's ledger does not have it. Register now; the rest can follow."),
        ),
    ]
    bottom = bottom_bar(
        look,
        action(look, _("Only register"), lambda: attempt(only_register), rank=Rank.PLAIN, expand=2),
        action(
            look,
            _("Register and check"),
            lambda: attempt(register_and_check),
            Icons.PLAY_ARROW_ROUNDED,
            expand=3,
        ),
    )
    return screen(look, top_bar(look, _("Not on the ledger"), back=back), body, bottom, gap=20)


async def saved(phone: Phone, answers: Unfinished) -> Found:
    """The instrument, on the ledger now; a genuine label that led here is bound to it."""
    return await phone.app.register.instrument(
        kind=answers.kind,
        serial_number=answers.serial_number,
        capacity=answers.capacity,
        figures=answers.figures,
        premises_id=answers.premises_id,
        stall=answers.stall,
        manufacturer=answers.manufacturer,
        model=answers.model,
        found=phone.found,
    )


def field(look: Look, number: int, name: str, *controls: ft.Control, hint: str = "") -> ft.Column:
    """A numbered field with its name and a word on what is offered."""
    hints = [text(look, hint, "note", look.theme.ink2)] if hint else []
    head = (
        row(text(look, f"{number}  {name}", "strong", expand=True), *hints)
        if look.text_scale <= 1.3
        else column(text(look, f"{number}  {name}", "strong"), *hints)
    )
    return stacked(head, *controls, gap=8)


@ft.component
def KindField(look: Look, view: RegisterView, answers: Unfinished, changed: Act) -> ft.Control:
    """是什么: the kinds usual at this site first, all others behind one choice."""
    _ = look.gettext
    everything, show_everything = use_value(False)
    kinds = view.kinds if everything else view.kinds[:FIRST_KINDS]
    if answers.kind not in {kind.id for kind in kinds}:
        kinds = [*kinds, *[kind for kind in view.kinds if kind.id == answers.kind]]

    def take(kind_id: str) -> object:
        answers.kind, answers.capacity, answers.figures = kind_id, None, {}
        return changed()

    def one(kind_id: str, name: str) -> ft.Semantics:
        return choice(look, _(name), answers.kind == kind_id, lambda: take(kind_id))

    choices = [one(kind.id, kind.name) for kind in kinds]
    if len(view.kinds) > len(kinds):
        choices.append(choice(look, _("Other kinds"), False, lambda: show_everything(True)))
    return field(look, 1, _("What is it"), in_rows(look, choices, 2), hint=_("usual here first"))


@ft.component
def SerialField(
    look: Look, phone: Phone, answers: Unfinished, changed: Callable[[], Awaitable[None]], attempt: Attempt
) -> ft.Control:
    """出厂编号; one that is known already is asked about."""
    _ = look.gettext
    serial = answers.serial_number

    async def same() -> list[Instrument]:
        return await phone.app.register.same_serial(serial) if len(serial) > 3 else []

    alike = use_loaded(same, [serial]) or []

    async def typed(words: str) -> None:
        answers.serial_number = words.strip().upper()
        await changed()

    controls: list[ft.Control] = [entry(look, _("Serial number"), serial, typed, capitals=True)]

    def known(instrument: Instrument) -> ft.Control:
        async def take() -> None:
            show_found(phone, await phone.app.resolve.chosen(instrument.instrument_id))

        return card(
            look,
            text(look, _("Is it this one?"), "strong", look.theme.unsure),
            text(look, instrument_name(look, phone, instrument), "title"),
            text(look, place_name(instrument, None), "note", look.theme.ink2),
            action(
                look, _("Yes, the same one"), lambda: attempt(take), rank=Rank.PLAIN, expand=None, height=48
            ),
        )

    return field(look, 2, _("Serial number"), *controls, *[known(one) for one in alike[:3]])


def said_by_code(
    look: Look, foreign: ForeignLabel | None, answers: Unfinished, changed: Callable[[], Awaitable[None]]
) -> list[ft.Control]:
    """Model and maker, where the code says them: to be compared, and corrected."""
    _ = look.gettext

    async def model(words: str) -> None:
        answers.model = words
        await changed()

    async def manufacturer(words: str) -> None:
        answers.manufacturer = words
        await changed()

    controls: list[ft.Control] = []
    if foreign and foreign.model:
        controls.append(entry(look, _("Model"), answers.model, model))
    if foreign and foreign.manufacturer:
        controls.append(entry(look, _("Maker"), answers.manufacturer, manufacturer))
    if foreign and (controls or foreign.serial_number):
        controls.append(note(look, Icons.QR_CODE_2, _("Filled in from the code: compare the nameplate.")))
    return [stacked(*controls, gap=8)] if controls else []


def nameplate_field(
    look: Look, phone: Phone, answers: Unfinished, changed: Callable[[], Awaitable[None]]
) -> list[ft.Control]:
    """What the judgement needs of the nameplate. Nobody is held up by it: what is left out is asked for at the check."""
    _ = look.gettext
    kind = phone.app.equipment.catalogue.kinds.get(answers.kind)
    figures = figures_of(kind) if kind else []
    offered = phone.app.register.capacities(answers.kind)
    by_chips = bool(offered) and not any(name in answers.figures for name in (MAX, INTERVAL))
    fields: list[ft.Control] = []
    if by_chips:
        fields = [capacity_field(look, answers, offered, figures, changed)]
        figures = [each for each in figures if each.id not in (CLASS, MAX, INTERVAL)]
    if not figures:
        return fields

    async def take(name: str, value: str) -> None:
        again = answers.figures.get(name) == value
        answers.figures = {key: one for key, one in answers.figures.items() if key != name}
        if not again:
            answers.figures[name] = value
        await changed()

    async def type_it(name: str) -> None:
        answers.typing, answers.typed = name, answers.figures.get(name, "")
        await changed()

    rows = [figure_row(look, each, answers.figures.get(each.id, ""), take, type_it) for each in figures]
    if by_chips:
        return [*fields, *rows]
    hint = note(look, Icons.INFO_OUTLINE, _("What is left empty here is asked for at the check."))
    return [field(look, 3, _("On the nameplate"), *rows, hint)]


def capacity_field(
    look: Look,
    answers: Unfinished,
    offered: list[CapacityChoice],
    figures: list[Figure],
    changed: Callable[[], Awaitable[None]],
) -> ft.Control:
    """最大秤量: a usual one implies e and class; any other is typed with its e."""
    _ = look.gettext

    async def take(capacity: CapacityChoice) -> None:
        answers.capacity = capacity
        await changed()

    async def another() -> None:
        answers.capacity, answers.typing, answers.typed = None, MAX, ""
        await changed()

    def one(capacity: CapacityChoice) -> ft.Semantics:
        return choice(
            look, capacity.capacity_max.shown(), answers.capacity == capacity, lambda: take(capacity)
        )

    chosen = answers.capacity
    hint = (
        _("e = {e}, class {accuracy_class}").format(
            e=chosen.verification_scale_interval.shown(), accuracy_class=chosen.accuracy_class
        )
        if chosen
        else ""
    )
    choices = [one(capacity) for capacity in offered]
    choices.append(choice(look, _("Other value"), False, another))
    across = 3 if len(choices) > 4 else 2
    return field(look, 3, _("Largest load (Max)"), in_rows(look, choices, across), hint=hint)


@ft.component
def TypedFigure(figure: Figure, answers: Unfinished, changed: Callable[[], Awaitable[None]]) -> ft.Control:
    """The field of one figure; what is typed is kept after each key."""
    problem, attempt = use_attempts()

    async def press(key: str) -> None:
        answers.typed = after_key(answers.typed, key)
        await changed()

    async def take() -> None:
        figure.check(answers.typed)
        answers.figures = {**answers.figures, figure.id: answers.typed}
        await close()

    async def close() -> None:
        answers.typing, answers.typed = "", ""
        await changed()

    return FigurePad(figure, answers.typed, problem, press, lambda: attempt(take), close)


def user_field(
    look: Look,
    answers: Unfinished,
    site: Premises | None,
    pick: Act,
    changed: Callable[[], Awaitable[None]],
) -> ft.Column:
    """谁在用: the site of last time, and the stall."""
    _ = look.gettext

    async def typed(words: str) -> None:
        answers.stall = words
        await changed()

    where = site.name if site else _("Choose the site")
    return field(
        look,
        4,
        _("Who uses it"),
        action(look, where, pick, Icons.STOREFRONT, rank=Rank.PLAIN, expand=None, height=52),
        entry(look, _("Stall or user"), answers.stall, typed),
    )
