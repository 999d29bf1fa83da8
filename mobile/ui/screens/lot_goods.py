"""商品与标注: what is in the packages, and whether their label states the net content as it must. The label is judged as it is typed."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_loaded, use_value
from mobile.ui.look import Look, use_look
from mobile.ui.phone import Phone, use_phone
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
    note,
    notice,
    row,
    screen,
    section,
    stacked,
    text,
    top_bar,
)
from mobile.ui.scanning import photograph
from mobile.ui.screens.register_site import SitePicker
from mobile.ui.widgets.figure_rows import in_rows
from mobile.ui.widgets.letters import Letters
from mobile.ui.widgets.lot_steps import lot_name, lot_steps
from mobile.ui.wording import LABELS
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import Figure, LotStep
from shared.metrology.judging import Outcome
from shared.premises import Premises

USUAL = ("净含量:500g", "净含量:1kg", "净含量:5kg", "净含量:250mL", "净含量:500mL", "净含量:5L")
"""Statements that are found on many packages."""


@ft.component
def LotGoods(lot: LotCheck, back: Act, discard: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    picking, pick = use_value(False)
    problem, attempt = use_attempts()
    refusal, in_turn = use_attempts(in_turn=True)
    sites = use_loaded(phone.app.equipment.store.registry.all_premises) or []
    use_back((lambda: pick(False)) if picking else back)

    async def take_site(site: Premises) -> None:
        await lot.at_site(site)
        pick(False)

    if picking:
        return SitePicker(sites, take_site, None, lambda: pick(False))
    answers = lot.draft.answers

    def field(label: str, name: str, value: str) -> ft.Control:
        return Letters(label, value, lambda words: in_turn(lambda: lot.answer(**{name: words})), key=name)

    body: list[ft.Control] = [
        lot_steps(look, lot),
        *[notice(look, one) for one in (problem, refusal) if one],
        field(_("What is in the packages"), "goods", answers.goods),
        action(
            look,
            lot.premises.name if lot.premises else _("Choose the site (may stay empty)"),
            lambda: pick(True),
            Icons.STOREFRONT,
            rank=Rank.PLAIN,
            expand=None,
            height=52,
        ),
        section(look, _("Label")),
        field(_("Net content as printed"), "label_text", answers.label_text),
        *usual_statements(look, lot),
        *label_card(look, lot),
        height_button(look, lot),
        picture_button(look, phone, lot),
        section(look, _("May stay empty")),
        field(_("Producer"), "producer", answers.producer),
        field(_("Batch number"), "batch_no", answers.batch_no),
        *exclusions(look, lot),
    ]
    onward = action(look, _("To the sampling plan"), lambda: attempt(lot.onward), Icons.ARROW_FORWARD)
    away = icon_button(look, Icons.DELETE_OUTLINE, _("Discard this check"), discard)
    return screen(
        look,
        top_bar(look, _("Goods and label"), lot_name(look, lot), back, [away]),
        body,
        bottom_bar(look, onward),
    )


def usual_statements(look: Look, lot: LotCheck) -> list[ft.Control]:
    """Before anything is written: statements to begin with."""
    if lot.draft.answers.label_text:
        return []

    def one(words: str) -> ft.Semantics:
        return choice(look, words, False, lambda: lot.answer(label_text=words))

    return [in_rows(look, [one(words) for words in USUAL], 2)]


def label_card(look: Look, lot: LotCheck) -> list[ft.Control]:
    """What is wrong with the label, and what of it is not judged yet."""
    label = lot.label()
    if label is None:
        return []
    style = LABELS[label.outcome]
    ink = style.ink(look.theme)
    said = [text(look, look.say(one), "note") for one in [*label.faults, *label.undecided]]
    box = {} if label.outcome is Outcome.WITHIN else {"border": ft.Border.all(2, ink)}
    head = line(look, style.icon, ink, look.say(style.words))
    return [
        ft.Semantics(
            content=card(look, head, *said, gap=4, padding=12, **box), container=True, live_region=True
        )
    ]


def height_button(look: Look, lot: LotCheck) -> ft.Semantics:
    _ = look.gettext
    typed = lot.draft.figures.get(Figure.HEIGHT, "")
    words = _("Character height: {height} mm").format(height=typed) if typed else _("Measure the characters")
    return action(
        look,
        words,
        lambda: lot.go_to(LotStep.GOODS, Figure.HEIGHT),
        Icons.HEIGHT,
        rank=Rank.PLAIN,
        expand=None,
        height=52,
    )


def picture_button(look: Look, phone: Phone, lot: LotCheck) -> ft.Control:
    _ = look.gettext
    count = len(lot.photos)

    async def shoot() -> None:
        jpeg = await photograph(phone, look, _("Label"), _("The whole label, sharp enough to read"))
        if jpeg:
            await lot.add_photo(jpeg)

    button = action(
        look,
        _("One more picture") if count else _("Picture of the label"),
        shoot,
        Icons.PHOTO_CAMERA_OUTLINED,
        rank=Rank.PLAIN,
        expand=None,
        height=52,
    )
    kept = note(look, Icons.PHOTO_OUTLINED, _("{count} pictures kept").format(count=count))
    return stacked(button, *([kept] if count else []), gap=4)


def exclusions(look: Look, lot: LotCheck) -> list[ft.Control]:
    """Goods that the rule does not speak of: touching one says that these are such goods."""
    _ = look.gettext
    chosen = lot.draft.answers.exclusion

    def one(name: str, exclusion: str) -> ft.Semantics:
        here = exclusion == chosen
        return choice(look, _(name), here, lambda: lot.answer(exclusion="" if here else exclusion))

    choices = [one(each.name, each.id) for each in lot.excluded]
    if not choices:
        return []
    words = _("Such goods are outside the rule: nothing of them is judged.")
    return [
        section(look, _("Outside the rule")),
        row(text(look, words, "note", look.theme.ink2, expand=True)),
        in_rows(look, choices, 2),
    ]
