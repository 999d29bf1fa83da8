"""The catalogue as tables that people read, made from the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from shared.metrology.catalogue import Catalogue, Kind, Limits
from shared.metrology.editions import Edition
from shared.metrology.energy import HeatLimits, Share
from shared.metrology.gas import GasLimits
from shared.metrology.judging import Stage, limits_shown
from shared.metrology.pressure import PressureLimits
from shared.metrology.procedure import PointsProcedure, WeighingProcedure
from shared.metrology.table_limits import ErrorForm, MpeRow, PointLimits, Spread, TableLimits
from shared.metrology.weighing_limits import WeighingLimits
from shared.quantity import Quantity, figure
from shared.standard import WEIGHT

STAGES = {Stage.INITIAL: "initial", Stage.SUBSEQUENT: "subsequent", Stage.IN_SERVICE: "in service"}
DASH = "–"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") or DASH for cell in line) + " |" for line in lines
    )


def in_order(catalogue: Catalogue) -> list[Kind]:
    """The kinds, family by family."""
    return sorted(catalogue.kinds.values(), key=lambda kind: (kind.family, kind.id))


def overview(catalogue: Catalogue) -> str:
    """All kinds, a row each."""
    head = ("种类", "kind", "family", "edition", "measurement", "standard", "强制检定", "interval")
    rows = [
        (
            kind.chinese,
            f"{kind.name} (`{kind.id}`)",
            kind.family,
            editions_shown(kind),
            "judged" if kind.procedure else "not judged",
            standard_of(kind),
            f"{kind.mandatory_verification.form} ({kind.mandatory_verification.certainty})",
            f"{kind.interval_months} months" if kind.interval_months else "",
        )
        for kind in in_order(catalogue)
    ]
    return table(head, rows)


def editions_shown(kind: Kind) -> str:
    """The last edition, after the one that judges in its place where its text was not seen."""
    last = kind.editions[-1]
    if not last.judged_by:
        return last.document
    return f"{last.judged_by}; {last.document} from {last.starts}, text not seen"


def standard_of(kind: Kind) -> str:
    """The sort of reference standard that the spot check needs."""
    if isinstance(kind.procedure, PointsProcedure):
        return f"`{kind.procedure.standard}`"
    return f"`{WEIGHT}`" if kind.procedure else ""


def kinds(catalogue: Catalogue) -> str:
    """A section for each kind: what it is, editions, limits, what is unsure."""
    return "\n\n".join(section(catalogue, kind) for kind in in_order(catalogue))


def section(catalogue: Catalogue, kind: Kind) -> str:
    """One kind."""
    said = [f"Used in: {', '.join(kind.use_scenes)}."]
    if kind.jjf_1051:
        said.append(f"JJF 1051: {kind.jjf_1051}.")
    if kind.accuracy_classes:
        said.append(f"Accuracy classes: {', '.join(kind.accuracy_classes)}.")
    if not kind.procedure:
        said.append("The measurement is not judged: identity, seals and certificate only.")
    parts = [f"### {kind.chinese} {kind.name}", " ".join(said)]
    parts.append(table(("document", "in force", "certainty", "source"), map(edition_row, kind.editions)))
    named = dict.fromkeys(edition.limits for edition in kind.editions if edition.limits)
    parts += [limits(catalogue.limits[name]) for name in named]
    if isinstance(kind.procedure, WeighingProcedure):
        loads, deciding = kind.procedure.loads, kind.procedure.deciding_loads
        parts.append(f"Loads: {', '.join(loads)}; the least that decides: {', '.join(deciding)}.")
    if kind.unsure:
        rows = [(each.fact, each.certainty.value, each.source) for each in kind.unsure]
        parts.append(table(("unsure", "certainty", "source"), rows))
    return "\n\n".join(parts)


def edition_row(edition: Edition) -> list[str]:
    """One edition."""
    document = edition.document + (f" (judged by {edition.judged_by})" if edition.judged_by else "")
    in_force = f"{edition.starts or '?'} … {edition.until or ''}".strip()
    return [document, in_force, edition.certainty.value, edition.source]


def limits(found: Limits) -> str:
    """The limits of one document in readable rows."""
    if isinstance(found, WeighingLimits):
        return weighing(found)
    source = f"{found.document}, {found.clause} ({found.certainty}; {found.source})"
    if isinstance(found, HeatLimits):
        head = ("stage", "class", "flow, by qp/q", "sensors, by Δθmin/Δθ", "calculator, by Δθmin/Δθ")
        rows = [
            (
                stages(each.stages),
                each.accuracy_class,
                *map(share, (each.flow, each.sensors, each.calculator)),
            )
            for each in found.parts
        ]
        return f"Limits in per cent, to be summed: {source}\n\n{table(head, rows)}"
    rows = [mpe_row(found, row) for row in found.mpe]
    shown = table(("stage", "class", "zone", "from … to", "limit", "clause"), rows)
    return "\n\n".join([f"Limits: {source}", shown, *beside(found)])


def share(part: Share) -> str:
    """A part of a heat meter's limit."""
    most = "" if part.most is None else f", at most {figure(part.most)}"
    return f"{figure(part.fixed)} + {figure(part.share)} × ratio{most}"


def stages(named: Iterable[Stage]) -> str:
    """Stages as people name them."""
    return ", ".join(STAGES[stage] for stage in named)


def mpe_row(found: TableLimits, row: MpeRow) -> list[str]:
    """One row of a table of limits."""
    form = row.form or found.form
    units = {
        ErrorForm.ABSOLUTE: found.unit,
        ErrorForm.RELATIVE: "%",
        ErrorForm.DAILY: f"{found.unit}/d",
        ErrorForm.FIDUCIAL: "% of the span",
    }
    low = -row.high if row.low is None else row.low
    limit = limits_shown(Quantity(low, units[form]), Quantity(row.high, units[form]))
    if row.or_absolute is not None:
        limit += f" or ±{figure(row.or_absolute)} {found.unit}, whichever is more"
    ends = [
        f"{word} {figure(end)}"
        for word, end in (("from", row.least), ("below", row.below), ("up to", row.up_to))
        if end is not None
    ]
    of = units[form] if form is ErrorForm.FIDUCIAL else found.unit
    stretch = f"{' '.join(ends)} {of}" if ends else ""
    return [stages(row.stages), row.accuracy_class, row.zone, stretch, limit, row.clause or found.clause]


def beside(found: PointLimits) -> list[str]:
    """What is judged beside the errors."""
    said = []
    if found.repeatability is not None:
        formula = "; formula not seen" if found.repeatability_as is Spread.UNSEEN else ""
        said.append(f"repeatability ≤ {figure(found.repeatability)} %{formula}")
    if isinstance(found, PressureLimits):
        said += ["falling against rising ≤ the limit's amount"] if found.returning else []
        said += [f"light tap ≤ {figure(found.tap)} of the limit's amount"] if found.tap is not None else []
    if isinstance(found, GasLimits):
        said += [f"{name} ≤ {figure(longest)} s" for name, longest in found.response.items()]
    said.append(f"the standard's own error ≤ 1/{found.standard_divisor} of the limit")
    return [f"Also: {'; '.join(said)}.", *([found.note] if found.note else [])]


def weighing(found: WeighingLimits) -> str:
    """Limits of scales in multiples of e."""
    rows = []
    for each in found.mpe:
        low = 0
        for band in each.bands:
            end = f"{low}e < m ≤ {band.up_to}e" if band.up_to else f"m > {low}e"
            in_service = figure(band.multiple * found.stages[Stage.IN_SERVICE])
            rows.append([each.accuracy_class, end, f"±{figure(band.multiple)}e", f"±{in_service}e"])
            low = band.up_to or low
    head = ("class", "load m", "initial, subsequent", "in service")
    source = f"{found.document}, {found.clause} ({found.certainty})"
    also = f"Also: zero ≤ {figure(found.zero_multiple)}e; weights' own errors ≤ 1/{found.weights.divisor} of the limit."
    return f"Limits: {source}\n\n{table(head, rows)}\n\n{also}"


def weights(catalogue: Catalogue) -> str:
    """Limits of weights in milligrams."""
    found = next(each for each in catalogue.limits.values() if isinstance(each, WeighingLimits)).weights
    nominal = sorted({mass for row in found.mpe_mg.values() for mass in row}, reverse=True)
    rows = [
        [mass_shown(mass), *(figure(row[mass]) if mass in row else "" for row in found.mpe_mg.values())]
        for mass in nominal
    ]
    source = f"{found.document} ({found.certainty}; {found.source})"
    return f"{source}\n\n{table(('mass', *found.mpe_mg), rows)}"


def mass_shown(grams: Decimal) -> str:
    """A nominal mass in its usual unit."""
    unit = "kg" if grams >= 1000 else "g" if grams >= 1 else "mg"
    return Quantity(grams, "g").to(unit).shown()
