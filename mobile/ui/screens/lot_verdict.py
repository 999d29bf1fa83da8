"""结论: net content and label apart, how each was worked out, and on to the signature."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_value
from mobile.ui.look import Look, use_look
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    column,
    fact,
    line,
    note,
    notice,
    row,
    screen,
    section,
    text,
    top_bar,
)
from mobile.ui.screens.lot_list import LotList
from mobile.ui.widgets.lot_steps import lot_name, lot_steps
from mobile.ui.widgets.verdict_banner import verdict_banner
from mobile.ui.wording import LABELS, headline_style
from mobile.workflow.lot import LotCheck
from mobile.workflow.lot_draft import LotStep
from shared.lot import LotVerdict, PlanVerdict, lot_headline


@ft.component
def LotVerdictScreen(lot: LotCheck, back: Act) -> ft.Control:
    look = use_look()
    _ = look.gettext
    panel, set_panel = use_value("")
    problem, attempt = use_attempts()
    use_back((lambda: set_panel("")) if panel else back)
    verdict = lot.verdict()
    if panel == "list":
        return LotList(lot, lambda: set_panel(""))
    if verdict is None:
        return screen(look, top_bar(look, _("Outcome"), lot_name(look, lot), back), [lot_steps(look, lot)])
    plan = verdict.plan
    readings = action(
        look,
        _("All readings"),
        lambda: set_panel("list"),
        Icons.LIST,
        rank=Rank.PLAIN,
        expand=None,
        height=52,
    )
    body: list[ft.Control] = [
        *([] if look.short else [lot_steps(look, lot)]),
        banner(look, verdict),
        *([notice(look, problem)] if problem else []),
        *[note(look, Icons.INFO_OUTLINE, look.say(one), look.theme.ink) for one in verdict.reasons],
        label_lines(look, verdict),
        *([plan_facts(look, plan), readings] if plan else []),
        *working(look, verdict),
        *notes(look, verdict),
    ]
    sign = action(
        look,
        _("Trader signs"),
        lambda: attempt(lambda: lot.go_to(LotStep.SIGN)),
        Icons.DRAW_OUTLINED,
        expand=5,
    )
    second = action(look, _("Back to readings") if plan else _("Back"), back, rank=Rank.PLAIN, expand=4)
    hint = note(look, Icons.INFO_OUTLINE, _("This is a screening, not a verification"))
    return screen(
        look,
        top_bar(look, _("Outcome"), lot_name(look, lot), back),
        body,
        bottom_bar(look, second, sign, hint=hint),
    )


def banner(look: Look, verdict: LotVerdict) -> ft.Semantics:
    """The headline: shape, word and colour."""
    style = headline_style(lot_headline(verdict.outcome, verdict.label))
    plan = verdict.plan
    read = (
        look.gettext("{done} of {total} packages read").format(done=plan.read, total=plan.sample)
        if plan
        else ""
    )
    return verdict_banner(look, style, look.say(verdict.words), read)


def label_lines(look: Look, verdict: LotVerdict) -> ft.Container:
    """The label's own outcome."""
    style = LABELS[verdict.label]
    said = [text(look, look.say(one), "note") for one in verdict.label_reasons]
    return card(look, line(look, style.icon, style.ink(look.theme), look.say(style.words)), *said, gap=4)


def plan_facts(look: Look, plan: PlanVerdict) -> ft.Container:
    """Both tests in figures."""
    _ = look.gettext
    facts = [
        ("T1", f"{plan.t1} / {plan.t1_allowed}"),
        ("T2", f"{plan.t2} / {plan.t2_allowed}"),
        (_("Mean"), plan.mean.shown() if plan.mean else ""),
        ("Qn − λs", plan.mean_limit.shown() if plan.mean_limit and plan.average else ""),
    ]
    return card(look, *[fact(look, name, value) for name, value in facts if value], gap=4)


def working(look: Look, verdict: LotVerdict) -> list[ft.Control]:
    """In lines that can be read out."""
    if not verdict.working:
        return []
    head = text(look, look.gettext("How it is worked out"), "title")
    return [card(look, head, *[text(look, look.say(one)) for one in verdict.working], gap=8)]


def notes(look: Look, verdict: LotVerdict) -> list[ft.Control]:
    """What else must be known, other plans for comparison, and the editions that judged."""
    _ = look.gettext
    said = [note(look, Icons.INFO_OUTLINE, look.say(one)) for one in verdict.notes]
    for plan in verdict.beside:
        for one in plan.working[:1]:
            words = f"{_('For comparison only')} · {plan.document}: {look.say(one)}"
            said.append(note(look, Icons.COMPARE_ARROWS, words))
    editions = [verdict.edition, verdict.plan.document if verdict.plan else ""]
    basis = _("{edition}, rules {version}").format(
        edition=look.language.listed(one for one in editions if one) or _("not judged"),
        version=verdict.rules_version,
    )
    said.append(row(text(look, basis, "note", look.theme.ink2, expand=True)))
    return [section(look, _("Notes")), column(*said, gap=8)]


def lot_summary(look: Look, lot: LotCheck) -> ft.Control:
    """The outcome as the trader is to see it before signing."""
    verdict = lot.verdict()
    if verdict is None:
        return ft.Container()
    style = headline_style(lot_headline(verdict.outcome, verdict.label))
    ink = style.ink(look.theme)
    head = row(
        ft.Icon(style.icon, size=30, color=ink),
        text(look, look.say(verdict.words), "h2", ink, expand=True),
    )
    label = LABELS[verdict.label]
    lines = [text(look, lot_goods(lot)), text(look, look.say(label.words), "body", label.ink(look.theme))]
    return card(look, head, *lines, gap=4, padding=12)


def lot_goods(lot: LotCheck) -> str:
    """Goods and nominal quantity."""
    nominal = lot.nominal
    return f"{lot.draft.answers.goods} {nominal.shown() if nominal else ''}".strip()
