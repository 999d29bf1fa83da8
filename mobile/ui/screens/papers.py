"""The papers of a sealed record: choose one, see it as it is, give it out as a file for a screen, a printer or a roll."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile.ui.hooks import Attempt, use_attempts, use_back, use_loaded, use_value
from mobile.ui.look import Look, use_look
from mobile.ui.phone import Phone, use_phone
from mobile.ui.primitives import (
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    choice,
    entry,
    note,
    notice,
    screen,
    stacked,
    text,
    top_bar,
)
from mobile.ui.widgets.paper_sheet import paper_sheet
from mobile.workflow.paper import Paper, PaperKind
from mobile.workflow.papers import TITLES, Source, paper_of, source_of
from mobile.workflow.print_font import PrintFont
from mobile.workflow.typeset import Format, Saying, missing_from, typeset
from shared.errors import Problem, QuanhengError

FORMATS = {
    Format.A4: "A4",
    Format.ROLL_80: "80 mm",
    Format.ROLL_58: "58 mm",
}
"""How wide the file is, in whatever language."""
Opened = tuple[Source, PrintFont]


@ft.component
def Papers(digest: str) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    back = use_back(lambda: phone.go(f"/receipt/{digest}"))
    chosen, choose = use_value("")
    term, set_term = use_value("")
    given, set_given = use_value("")
    problem, attempt = use_attempts()

    async def load() -> Opened | Problem:
        try:
            return await source_of(phone.app.equipment, digest), PrintFont(await phone.platform.print_font())
        except QuanhengError as error:
            return error.problem

    opened = use_loaded(load, [digest])
    top = top_bar(look, _("Papers"), back=back)
    if opened is None or isinstance(opened, Problem):
        return screen(look, top, [notice(look, opened)] if opened else [])
    source, font = opened
    kind = PaperKind(chosen) if chosen else source.kinds[0]
    paper = paper_of(source, kind, term.strip())

    def pick(one: PaperKind) -> None:
        set_given("")
        choose(one.value)

    async def typed(words: str) -> None:
        set_term(words)

    def offered(one: PaperKind) -> ft.Semantics:
        return choice(look, look.say(TITLES[one]), one is kind, lambda: pick(one))

    body: list[ft.Control] = [stacked(*[offered(one) for one in source.kinds], gap=8)]
    if kind is PaperKind.CORRECTION_NOTICE:
        body.append(term_field(look, term, typed))
    body += [notice(look, problem)] if problem else []
    body += [note(look, Icons.CHECK, given)] if given else []
    body += warnings(look, paper, font)
    body.append(paper_sheet(look, paper))
    return screen(look, top, body, giving(look, phone, paper, font, attempt, set_given), place=kind.value)


def term_field(look: Look, term: str, typed: Callable[[str], object]) -> ft.Container:
    """When it must be put right: said by the officers, or left open to be written by hand."""
    _ = look.gettext
    return card(
        look,
        entry(look, _("Term for correcting"), term, typed),
        text(look, _("Stands on this paper only, not in the record. Left empty, a line is printed."), "note"),
    )


def warnings(look: Look, paper: Paper, font: PrintFont) -> list[ft.Control]:
    """Which characters will stand as boxes."""
    missing = missing_from(paper, saying_of(look), font)
    if not missing:
        return []
    words = look.gettext("Not in the font of papers, printed as boxes: {characters}")
    listed = ", ".join(f"{each} U+{ord(each):04X}" for each in missing)
    return [note(look, Icons.WARNING_ROUNDED, words.format(characters=listed), look.theme.unsure)]


def saying_of(look: Look) -> Saying:
    """The reader's language, as papers are set in it."""
    return Saying(look.say, look.language.listed)


def giving(
    look: Look, phone: Phone, paper: Paper, font: PrintFont, attempt: Attempt, told: Callable[[str], object]
) -> ft.Container:
    """One button a format: the phone's share sheet, or a download."""
    _ = look.gettext

    async def share(form: Format) -> None:
        name = (
            f"{look.say(paper.title)}-{paper.number}{'' if form is Format.A4 else f'-{form.name[5:]}mm'}.pdf"
        )
        content = typeset(paper, saying_of(look), font, form)
        if await phone.platform.share(name, "application/pdf", content):
            told(_("Given out: {name}").format(name=name))

    def button(form: Format) -> ft.Semantics:
        rank = Rank.PRIMARY if form is Format.A4 else Rank.PLAIN
        return action(
            look, FORMATS[form], lambda: attempt(lambda: share(form)), Icons.SHARE_OUTLINED, rank=rank
        )

    return bottom_bar(look, button(Format.ROLL_58), button(Format.ROLL_80), button(Format.A4))
