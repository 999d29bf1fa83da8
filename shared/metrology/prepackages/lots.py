"""The verdict on a lot of prepackages, live after each reading; the phone and the server call the same function."""

from __future__ import annotations

from decimal import localcontext

import msgspec

from shared.clock import local_date
from shared.errors import InputError
from shared.lot import LotInspection, LotVerdict, PackageVerdict, PlanVerdict
from shared.message import Message, msgid
from shared.metrology.editions import pending_notes
from shared.metrology.judging import Outcome
from shared.metrology.measuring import check_standard
from shared.metrology.prepackages.amounts import (
    DIGITS,
    FOUND_WITH,
    UNITS,
    Measure,
    in_base,
    measure_of,
    rounded,
)
from shared.metrology.prepackages.contents import Content, Contents, net_contents
from shared.metrology.prepackages.labels import LabelVerdict, label_faults
from shared.metrology.prepackages.rules import (
    NetContentLimits,
    PrepackageRules,
)
from shared.metrology.prepackages.sampling import attributes_row, grade, judge_attributes, judge_sample
from shared.metrology.prepackages.tolerance import Tolerance, tolerance
from shared.quantity import Quantity


class BlockedError(Exception):
    """Why nothing of the net content can be judged."""

    def __init__(self, *reasons: Message) -> None:
        super().__init__(*[reason.text for reason in reasons])
        self.reasons = list(reasons)


def judge_lot(rules: PrepackageRules, lot: LotInspection) -> LotVerdict:
    """What is known of the lot so far, by the editions of the day on which it was sampled (in China).

    Raises nothing: what can't be judged is undecided, with its reason. A missing reading never becomes a pass, an unfit standard
    lets nothing be judged, and an early failure is known before the last package.
    """
    with localcontext(prec=DIGITS):
        return LotJudge(rules, lot).verdict()


def without_working(verdict: LotVerdict) -> LotVerdict:
    """The verdict as a record keeps it: working and comparison can be worked out again from the readings."""
    plan = verdict.plan and msgspec.structs.replace(verdict.plan, working=[])
    packages = [msgspec.structs.replace(each, working=[]) for each in verdict.packages]
    return msgspec.structs.replace(verdict, plan=plan, beside=[], packages=packages, working=[])


class LotJudge:
    """Judges one lot."""

    def __init__(self, rules: PrepackageRules, lot: LotInspection) -> None:
        self.rules, self.lot = rules, lot
        self.day = local_date(lot.started_at)
        self.edition, self.limits = rules.net_content.edition(self.day), rules.net_content.limits_on(self.day)
        self.notes = pending_notes(self.edition)
        self.working: list[Message] = []
        self.reasons: list[Message] = []
        self.tolerance: Tolerance | None = None
        self.plan: PlanVerdict | None = None
        self.beside: list[PlanVerdict] = []
        self.packages: list[PackageVerdict] = []

    def verdict(self) -> LotVerdict:
        """Net content and label."""
        try:
            outcome = self.judge()
        except BlockedError as blocked:
            outcome, self.reasons = Outcome.UNDECIDED, [*blocked.reasons, *self.reasons]
        except InputError as error:
            # A figure beyond anything measured, which only shows when it is worked with.
            outcome, self.reasons = Outcome.UNDECIDED, [error.problem.said(), *self.reasons]
        label = self.label()
        found = self.tolerance
        return LotVerdict(
            outcome=outcome,
            words=outcome_words(outcome),
            reasons=self.reasons,
            label=label.outcome,
            label_reasons=[*label.faults, *label.undecided],
            tolerance=rounded(found.value, found.measure) if found else None,
            plan=self.plan,
            beside=self.beside,
            packages=self.packages,
            notes=self.notes,
            working=self.working,
            edition=self.edition.judging.document if self.edition else "",
            rules_version=self.rules.version,
        )

    def judge(self) -> Outcome:
        """The outcome of the net content. Raises BlockedError where nothing decides."""
        if self.limits is None:
            raise BlockedError(
                Message("No rule on net content is known for {day}.", {"day": self.day.isoformat()})
            )
        found = self.work_out(self.limits)
        contents = net_contents(self.lot, found.measure)
        self.reasons = [*contents.unclear.values()]
        self.notes += contents.notes
        self.packages = [package_verdict(found, each) for each in contents.found.values()]
        self.compare(found, contents)
        edition, plan = self.rules.sampling.edition(self.day), self.rules.sampling.limits_on(self.day)
        self.notes += pending_notes(edition)
        if plan is None:
            document = edition.judging.document if edition else self.day.isoformat()
            text = msgid("No sampling plan is known for {document}: the lot is not judged.")
            raise BlockedError(Message(text, {"document": document}), *self.unfit(found.measure))
        nets = {number: content.net for number, content in contents.found.items()}
        self.plan = judge_sample(plan, self.lot.lot_size, found, nets)
        self.working += self.plan.working
        self.working.append(Message("Figures are shown to 0.001, half up; what is compared is not rounded."))
        extra = sum(number > self.plan.sample for number in nets)
        if extra:
            text = msgid("{count} packages beyond the sample of {sample} were read and do not count.")
            self.notes.append(Message(text, {"count": str(extra), "sample": str(self.plan.sample)}))
        unfit = self.unfit(found.measure)
        if unfit:
            raise BlockedError(*unfit)
        self.reasons = [*self.plan.reasons, *self.reasons]
        unclear = any(number <= self.plan.sample for number in contents.unclear)
        return Outcome.UNDECIDED if unclear and self.plan.outcome is Outcome.WITHIN else self.plan.outcome

    def work_out(self, limits: NetContentLimits) -> Tolerance:
        """T, where these goods fall under the rule and have one."""
        outside = self.outside(limits)
        if outside:
            raise BlockedError(outside)
        try:
            setting = self.lot.rounding or self.rules.net_content.rounding
            found = tolerance(limits, self.lot.nominal, setting)
        except InputError as error:
            raise BlockedError(error.problem.said()) from error
        self.tolerance = found
        self.working = [*found.working]
        return found

    def outside(self, limits: NetContentLimits) -> Message | None:
        """Why the rule does not speak of these goods; None where it does."""
        if not self.lot.exclusion:
            return None
        found = next((each for each in limits.excluded if each.id == self.lot.exclusion), None)
        if found is None:
            return Message("There are no goods {goods} in the rules.", {"goods": self.lot.exclusion})
        if found.starts and self.day < found.starts:
            return None
        return Message(
            "{goods} are outside {document}.", {"goods": Message(found.name), "document": limits.document}
        )

    def unfit(self, measure: Measure) -> list[Message]:
        """Why what was measured with may not judge; pieces are counted without an instrument."""
        if measure is Measure.COUNT:
            return []
        if not self.lot.standards:
            return [Message("No measuring instrument is recorded: the readings judge nothing.")]
        readings = [*self.lot.readings, *self.lot.tare_readings]
        units = {one.indication.unit for one in readings if one.indication and not one.superseded_because}
        for read in {measure_of(unit) for unit in units & UNITS.keys()} & {measure, Measure.MASS} or {
            measure
        }:
            if not any(one.sort in FOUND_WITH[read] for one in self.lot.standards):
                return [Message("No reference standard that fits was carried.")]
        last = max((each.read_at for each in readings if each.read_at), default=None)
        day = local_date(last or self.lot.finished_at or self.lot.started_at)
        reasons = []
        for standard in self.lot.standards:
            try:
                check_standard(standard, day)
            except InputError as error:
                reasons.append(error.problem.said())
        return reasons

    def compare(self, found: Tolerance, contents: Contents) -> None:
        """What the other plans make of the same packages."""
        nets = {number: content.net for number, content in contents.found.items()}
        for plan in self.rules.sampling.beside:
            row = attributes_row(plan, self.lot.lot_size, self.lot.destructive)
            if row is None:
                text = msgid("{document} has no plan that was seen for a lot of {lot_size}.")
                values = {"document": plan.document, "lot_size": str(self.lot.lot_size)}
                self.notes.append(Message(text, values))
            else:
                self.beside.append(judge_attributes(plan, row, found, nets))

    def label(self) -> LabelVerdict:
        """The label, where it was read and states what is judged."""
        if self.limits is None or not self.lot.label_text:
            reason = Message("The label was not read.")
            return LabelVerdict(outcome=Outcome.UNDECIDED, undecided=[reason])
        outside = self.outside(self.limits)
        if outside:
            return LabelVerdict(outcome=Outcome.UNDECIDED, undecided=[outside])
        try:
            found = label_faults(self.limits, self.lot.label_text, self.lot.character_height)
        except InputError as error:
            return LabelVerdict(outcome=Outcome.UNDECIDED, undecided=[error.problem.said()])
        if found.nominal and not same_amount(found.nominal, self.lot.nominal):
            values = {"stated": found.nominal.shown(), "nominal": self.lot.nominal.shown()}
            self.notes.append(Message("The label states {stated}; judged was {nominal}.", values))
        return found


def same_amount(one: Quantity, other: Quantity) -> bool:
    """Whether both are the same net content, whatever the units."""
    measure = measure_of(one.unit)
    return (
        other.unit in UNITS
        and measure_of(other.unit) is measure
        and in_base(one, measure) == in_base(other, measure)
    )


def package_verdict(found: Tolerance, content: Content) -> PackageVerdict:
    """One package as it is kept and shown."""
    return PackageVerdict(
        package=content.package,
        net_content=rounded(content.net, found.measure),
        deficiency=rounded(found.nominal - content.net, found.measure),
        grade=grade(found, content.net),
        working=content.working,
    )


def outcome_words(outcome: Outcome) -> Message:
    """The verdict on the net content as a sentence; never 合格."""
    if outcome is Outcome.WITHIN:
        return Message("Net content within limits")
    return Message("Suspected short content") if outcome is Outcome.BEYOND else Message("Undecided")
