"""One sample judged by one plan, as far as it has been read: T1, T2 and the average. METROLOGY §4.1.

A failure is known as soon as it can't be mended by what is still to be read; a pass never before everything is. The arithmetic is exact in the
figures that :func:`.lots.judge_lot` sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from shared.lot import Grade, PlanVerdict
from shared.message import Message
from shared.metrology.judging import Outcome, worst
from shared.metrology.prepackages.amounts import Measure, rounded, written
from shared.metrology.prepackages.rules import AttributesPlan, AttributesRow, PlanRow, SamplingPlan
from shared.metrology.prepackages.tolerance import Tolerance, shown
from shared.quantity import figure

Nets = Mapping[int, Decimal]
"""Net contents in the base unit, by the package's number."""


class Average(msgspec.Struct, frozen=True):
    """The mean of a sample, and whether it is Qn − factor·s at least."""

    mean: Decimal
    deviation: Decimal
    limit: Decimal
    outcome: Outcome


def row_of(plan: SamplingPlan, lot_size: int) -> PlanRow:
    """The row for a lot of that size; there is one for every size."""
    return next(row for row in plan.rows if row.lot_to is None or lot_size <= row.lot_to)


def attributes_row(plan: AttributesPlan, lot_size: int, destructive: bool) -> AttributesRow | None:
    """The row for a lot of that size; None where the plan is not for such a lot."""
    rows = plan.destructive if destructive else plan.non_destructive
    return next(
        (row for row in rows if row.lot_from <= lot_size and (row.lot_to is None or lot_size <= row.lot_to)),
        None,
    )


def grade(tolerance: Tolerance, net: Decimal) -> Grade:
    """T1 where the deficiency is more than T, T2 where it is more than 2T; at the limit neither."""
    deficiency = tolerance.nominal - net
    if deficiency <= tolerance.value:
        return Grade.NONE
    return Grade.T1 if deficiency <= 2 * tolerance.value else Grade.T2


def average(nets: Sequence[Decimal], nominal: Decimal, factor: Decimal) -> Average:
    """q̄ ≥ Qn − factor·s with s by n − 1, compared squared so that no root is rounded; needs two packages."""
    count = len(nets)
    total, squares = sum(nets, Decimal(0)), sum((net * net for net in nets), Decimal(0))
    spread = count * squares - total * total
    short = count * nominal - total
    passes = short <= 0 or short * short * (count - 1) <= factor * factor * count * spread
    deviation = (max(spread, Decimal(0)) / (count * (count - 1))).sqrt()
    limit = nominal - factor * deviation
    return Average(total / count, deviation, limit, Outcome.WITHIN if passes else Outcome.BEYOND)


def first(nets: Nets, start: int, count: int) -> list[Decimal]:
    """The net contents of the packages numbered from ``start``, ``count`` of them."""
    return [nets[number] for number in range(start, start + count) if number in nets]


def counts(tolerance: Tolerance, nets: Sequence[Decimal]) -> tuple[int, int]:
    """How many T1 and T2."""
    grades = [grade(tolerance, net) for net in nets]
    return grades.count(Grade.T1), grades.count(Grade.T2)


def judge_sample(plan: SamplingPlan, lot_size: int, tolerance: Tolerance, nets: Nets) -> PlanVerdict:
    """The sample by the plan that judges; packages numbered beyond the sample do not count."""
    row = row_of(plan, lot_size)
    sample = row.sample or lot_size
    read = first(nets, 1, sample)
    t1, t2 = counts(tolerance, read)
    individual = Outcome.WITHIN if len(read) == sample else Outcome.UNDECIDED
    if t1 > row.t1_allowed or t2 > row.t2_allowed:
        individual = Outcome.BEYOND
    mean, outcome = None, None
    said = [plan_words(lot_size, sample, row)]
    if row.correction is None:
        said.append(Message("A lot of this size has no average test."))
    else:
        mean, outcome, lines = mean_test(tolerance, read, sample, row.correction)
        said += lines
    verdict = PlanVerdict(
        plan=plan.id,
        document=plan.document,
        outcome=worst([individual, *([outcome] if outcome else [])]),
        individual=individual,
        average=outcome,
        sample=sample,
        read=len(read),
        t1=t1,
        t1_allowed=row.t1_allowed,
        t2=t2,
        t2_allowed=row.t2_allowed,
        reasons=reasons_of(tolerance, row, individual, (t1, t2), mean, outcome),
        working=[*said, *counts_words(t1, t2, row, sample - len(read))],
    )
    return with_mean(verdict, mean, tolerance.measure)


def mean_test(
    tolerance: Tolerance, read: Sequence[Decimal], sample: int, factor: Decimal
) -> tuple[Average | None, Outcome, list[Message]]:
    """The average so far, and its outcome once every package of the sample is read."""
    if len(read) < 2:
        return None, Outcome.UNDECIDED, []
    found, measure = average(read, tolerance.nominal, factor), tolerance.measure
    values = {
        "count": str(len(read)),
        "mean": written(found.mean, measure),
        "deviation": written(found.deviation, measure),
        "nominal": shown(tolerance.nominal, measure),
        "factor": figure(factor),
        "limit": written(found.limit, measure),
    }
    said = [Message("Mean of {count} = {mean}, s = {deviation} (n − 1)", values)]
    if len(read) < sample:
        return found, Outcome.UNDECIDED, [*said, Message("The average is judged when all are read.")]
    said.append(Message("Qn − λs = {nominal} − {factor} × {deviation} = {limit}", values))
    if found.outcome is Outcome.WITHIN:
        said.append(Message("Mean {mean} ≥ {limit}", values))
    else:
        said.append(Message("Mean {mean} < {limit}", values))
    return found, found.outcome, said


def with_mean(verdict: PlanVerdict, mean: Average | None, measure: Measure) -> PlanVerdict:
    """The verdict with the average, once there is one."""
    if mean is None:
        return verdict
    return msgspec.structs.replace(
        verdict,
        mean=rounded(mean.mean, measure),
        deviation=rounded(mean.deviation, measure),
        mean_limit=rounded(mean.limit, measure),
    )


def plan_words(lot_size: int, sample: int, row: PlanRow) -> Message:
    """What the plan asks of this lot."""
    values = {
        "lot_size": str(lot_size),
        "sample": str(sample),
        "t1_allowed": str(row.t1_allowed),
        "t2_allowed": str(row.t2_allowed),
    }
    if row.correction is None:
        return Message("N = {lot_size}: n = {sample}, T1 ≤ {t1_allowed}, T2 ≤ {t2_allowed}", values)
    values["factor"] = figure(row.correction)
    return Message("N = {lot_size}: n = {sample}, λ = {factor}, T1 ≤ {t1_allowed}, T2 ≤ {t2_allowed}", values)


def counts_words(t1: int, t2: int, row: PlanRow, left: int) -> list[Message]:
    """How many T1 and T2 there are, and what the rest can still do."""
    values = {"t1": str(t1), "t2": str(t2), "left": str(left), "more": str(row.t1_allowed - t1)}
    said = [Message("T1: {t1}, T2: {t2}", values)]
    decided = t1 > row.t1_allowed or t2 > row.t2_allowed
    if left and decided:
        said.append(Message("{left} still to read; they can't mend it.", values))
    elif left:
        said.append(Message("{left} still to read; {more} more T1 and no T2 are allowed.", values))
    return said


def reasons_of(
    tolerance: Tolerance,
    row: PlanRow,
    individual: Outcome,
    found: tuple[int, int],
    mean: Average | None,
    outcome: Outcome | None,
) -> list[Message]:
    """Why the sample is not within."""
    t1, t2 = found
    values = {
        "t1": str(t1),
        "t2": str(t2),
        "t1_allowed": str(row.t1_allowed),
        "t2_allowed": str(row.t2_allowed),
        "tolerance": shown(tolerance.value, tolerance.measure),
        "double": shown(2 * tolerance.value, tolerance.measure),
    }
    reasons = []
    if t2 > row.t2_allowed:
        reasons.append(Message("{t2} short by more than 2T = {double}; allowed {t2_allowed}", values))
    if t1 > row.t1_allowed:
        reasons.append(Message("{t1} short by more than T = {tolerance}; allowed {t1_allowed}", values))
    if mean and outcome is Outcome.BEYOND:
        reasons.append(mean_reason(tolerance, mean))
    if individual is Outcome.UNDECIDED:
        reasons.append(Message("Not all packages of the sample are read."))
    return reasons


def mean_reason(tolerance: Tolerance, mean: Average) -> Message:
    """Why the average test fails."""
    values = {
        "mean": written(mean.mean, tolerance.measure),
        "limit": written(mean.limit, tolerance.measure),
    }
    return Message("Mean {mean} is below {limit}", values)


def judge_attributes(
    plan: AttributesPlan, row: AttributesRow, tolerance: Tolerance, nets: Nets
) -> PlanVerdict:
    """The samples by an attributes plan: the second is drawn where the first neither accepts nor rejects.

    Defective is what is short by more than T; one that is short by more than 2T rejects at once.
    """
    start, total_t1, total_t2, wanted, read_count = 1, 0, 0, 0, 0
    individual, stage = Outcome.UNDECIDED, row.stages[0]
    for stage in row.stages:
        read = first(nets, start, stage.sample)
        t1, t2 = counts(tolerance, read)
        start, wanted, read_count = start + stage.sample, wanted + stage.sample, read_count + len(read)
        total_t1, total_t2 = total_t1 + t1, total_t2 + t2
        if total_t2 or total_t1 >= stage.reject:
            individual = Outcome.BEYOND
            break
        if len(read) < stage.sample:
            break
        if total_t1 <= stage.accept:
            individual = Outcome.WITHIN
            break
    second = stage is not row.stages[0]
    values = {
        "sample": str(wanted),
        "defects": str(total_t1 + total_t2),
        "accept": str(stage.accept),
        "reject": str(stage.reject),
        "t2": str(total_t2),
    }
    said = [Message("n = {sample}: {defects} below Qn − T; accept {accept}, reject {reject}", values)]
    if second:
        said.append(Message("A second sample is needed."))
    if total_t2:
        said.append(Message("{t2} below Qn − 2T: reject", values))
    opening = row.stages[0].sample
    if row.mean_factor is None:
        mean, outcome = None, Outcome.UNDECIDED
        lines = [Message("The mean limit for lots of this size was not seen; the average is not judged.")]
    else:
        mean, outcome, lines = mean_test(tolerance, first(nets, 1, opening), opening, row.mean_factor)
    verdict = PlanVerdict(
        plan=plan.id,
        document=plan.document,
        outcome=worst([individual, outcome]),
        individual=individual,
        average=outcome,
        sample=wanted,
        read=read_count,
        t1=total_t1,
        t1_allowed=stage.accept,
        t2=total_t2,
        t2_allowed=0,
        second_sample=second,
        working=[*said, *lines],
    )
    return with_mean(verdict, mean, tolerance.measure)
