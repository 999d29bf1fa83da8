"""结论: the headline, its three findings, every point with its ruler, and how each was worked out."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_attempts, use_back, use_value
from mobile.ui.instruments import instrument_name
from mobile.ui.look import Look, use_look
from mobile.ui.phone import use_phone
from mobile.ui.primitives import (
    Act,
    Icons,
    Rank,
    action,
    bottom_bar,
    card,
    column,
    line,
    note,
    notice,
    row,
    rule,
    screen,
    section,
    text,
    top_bar,
)
from mobile.ui.screens.retest import Retest
from mobile.ui.screens.working import Working, WorkingTogether
from mobile.ui.widgets.check_steps import check_steps
from mobile.ui.widgets.point_table import point_table, together_table
from mobile.ui.widgets.verdict_banner import verdict_banner
from mobile.ui.wording import finding_style, headline_style
from mobile.workflow.draft import Step
from mobile.workflow.outcome_words import FINDING_SUBJECTS
from mobile.workflow.points import PointState, PointView
from mobile.workflow.spot_check import SpotCheck
from shared.inspection import Conclusion, FindingOutcome, FindingSubject
from shared.metrology.judging import Outcome


@ft.component
def Verdict(check: SpotCheck, back: Act) -> ft.Control:
    look, phone = use_look(), use_phone()
    _ = look.gettext
    panel, set_panel = use_value("")
    again, set_again = use_value("")
    problem, attempt = use_attempts()
    conclusion = check.conclusion()

    def go_back() -> object:
        if again:
            return set_again("")
        return set_panel("") if panel else back()

    use_back(go_back)
    if again:
        return Retest(check, again, lambda: set_again(""))
    together = next((each for each in conclusion.together if each.point == panel), None)
    titles = {each.point: look.say(check.together_title(each)) for each in conclusion.together}
    if together:
        return WorkingTogether(together, titles[panel], conclusion, lambda: set_panel(""))
    if panel:
        return Working(check, panel, conclusion, lambda: set_panel(""), lambda: set_again(panel))
    points = check.points
    style = headline_style(conclusion.headline)
    body: list[ft.Control] = [
        *([] if look.short else [check_steps(look, check)]),
        verdict_banner(look, style, look.say(conclusion.words), counted(look, points)),
        *([notice(look, problem)] if problem else []),
        findings(look, conclusion),
        *(
            [point_table(look, points, check.draft.facts.verification_scale_interval, set_panel)]
            if points
            else []
        ),
        *([together_table(look, conclusion.together, titles, set_panel)] if conclusion.together else []),
        *notes(look, conclusion),
    ]
    worst = first_to_repeat(points)
    second = (
        action(look, _("Measure again"), lambda: set_again(worst.key), rank=Rank.PLAIN, expand=4)
        if worst
        else action(look, _("Back to readings") if points else _("Back"), back, rank=Rank.PLAIN, expand=4)
    )
    sign = action(
        look,
        _("Trader signs"),
        lambda: attempt(lambda: check.go_to(Step.SIGN)),
        Icons.DRAW_OUTLINED,
        expand=5,
    )
    hint = note(look, Icons.INFO_OUTLINE, _("This is a screening, not a verification"))
    return screen(
        look,
        top_bar(look, _("Outcome"), instrument_name(look, phone, check.instrument), back),
        body,
        bottom_bar(look, second, sign, hint=hint),
    )


def counted(look: Look, points: list[PointView]) -> str:
    """How many points are beyond, open, or within."""
    _ = look.gettext
    judged = [point.verdict.outcome for point in points if point.verdict]
    beyond = judged.count(Outcome.BEYOND)
    open_points = len(points) - judged.count(Outcome.WITHIN) - beyond
    if not points:
        return ""
    if beyond:
        return _("{beyond} of {total} points over the in-service limit").format(
            beyond=beyond, total=len(points)
        )
    if open_points:
        return _("{undecided} of {total} points undecided").format(undecided=open_points, total=len(points))
    return _("{total} of {total} points within the in-service limit").format(total=len(points))


def first_to_repeat(points: list[PointView]) -> PointView | None:
    """The first point beyond the limit, else the first that was read but not decided."""
    for outcome in (Outcome.BEYOND, Outcome.UNDECIDED):
        for point in points:
            if point.state is PointState.DONE and point.verdict and point.verdict.outcome is outcome:
                return point
    return next((point for point in points if point.state is PointState.CANNOT), None)


def findings(look: Look, conclusion: Conclusion) -> ft.Container:
    """Measurement, marks and seals, verification status: each judged by itself; none hides another."""
    parts: list[ft.Control] = []
    words = look.gettext("{name}: {outcome}")
    for subject in FindingSubject:
        finding = conclusion.finding(subject)
        style = finding_style(subject, finding.outcome)
        reasons = "\n".join(look.say(reason) for reason in finding.reasons)
        name = look.say(FINDING_SUBJECTS[subject])
        if parts:
            parts.append(rule(look))
        parts.append(
            line(
                look,
                style.icon,
                style.ink(look.theme),
                words.format(name=name, outcome=look.say(style.words)),
                reasons,
            )
        )
    return card(look, *parts, gap=10)


def notes(look: Look, conclusion: Conclusion) -> list[ft.Control]:
    """What else must be known, the edition that judged, and what a suspicion leads to."""
    _ = look.gettext
    shown = [note(look, Icons.INFO_OUTLINE, look.say(one)) for one in conclusion.notes]
    suspected = conclusion.finding(FindingSubject.MEASUREMENT).outcome is FindingOutcome.OVER_LIMIT or (
        conclusion.finding(FindingSubject.MARKS_AND_SEALS).outcome is FindingOutcome.SUSPECTED_CHEATING
    )
    if suspected:
        shown.append(
            note(
                look,
                Icons.FORWARD,
                _("Next: have it verified, or seal it; two officers decide."),
                look.theme.ink,
            )
        )
    basis = _("{edition}, rules {version}").format(
        edition=conclusion.edition or _("not judged"), version=conclusion.catalogue_version
    )
    return [
        section(look, _("Notes")),
        column(*shown, row(text(look, basis, "note", look.theme.ink2, expand=True)), gap=8),
    ]
