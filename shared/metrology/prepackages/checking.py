"""What the types of the rules' files can't say: editions follow each other, bands go up, and nothing remembered judges."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from shared.metrology.catalogue_file import invalid
from shared.metrology.editions import Edition, check_editions, check_sure
from shared.metrology.prepackages.amounts import UNITS, Measure
from shared.metrology.prepackages.rules import (
    NET_CONTENT,
    PACKAGING,
    RETAIL,
    SAMPLING,
    AttributesRow,
    DatedRule,
    DeficiencyTable,
    NetContentLimits,
    PackagingLimits,
    PlanRow,
    PrepackageRules,
    RetailLimits,
)


def check(rules: PrepackageRules) -> None:
    """Raises InputError ``catalogue_invalid`` at the first thing that is wrong."""
    check_tables(NET_CONTENT, rules.net_content.editions, rules.net_content.limits)
    check_tables(SAMPLING, rules.sampling.editions, rules.sampling.limits)
    check_tables(RETAIL, rules.retail.editions, rules.retail.limits)
    check_tables(PACKAGING, rules.packaging.editions, rules.packaging.limits)
    for place, limits in enumerate(rules.net_content.limits):
        check_net_content(f"limits[{place}]", limits)
    for place, plan in enumerate(rules.sampling.limits):
        check_rows(f"limits[{place}].rows", plan.rows, first=1)
        for number, row in enumerate(plan.rows):
            # No sample, or one of a single package, has no standard deviation.
            if row.correction is not None and (row.sample is None or row.sample < 2):
                raise invalid(SAMPLING, f"limits[{place}].rows[{number}]", "an average needs a sample of 2")
    for place, beside in enumerate(rules.sampling.beside):
        for kind in ("non_destructive", "destructive"):
            rows: list[AttributesRow] = getattr(beside, kind)
            check_rows(f"beside[{place}].{kind}", rows)
            check_stages(f"beside[{place}].{kind}", rows)
    for place, retail in enumerate(rules.retail.limits):
        check_retail(f"limits[{place}]", retail)
    for place, packaging in enumerate(rules.packaging.limits):
        check_packaging(f"limits[{place}]", packaging)


def check_tables(name: str, editions: Sequence[Edition], tables: Sequence[DatedRule]) -> None:
    """The editions are in order, and the tables that they name are there and sure."""
    check_editions(name, editions)
    by_id = {table.id: table for table in tables}
    if len(by_id) < len(tables):
        raise invalid(name, "limits", "two tables have the same id")
    for place, edition in enumerate(editions):
        key = f"editions[{place}].limits"
        if edition.limits and edition.limits not in by_id:
            raise invalid(name, key, f"there is no table {edition.limits}")
        if edition.limits:
            check_sure(name, key, (edition.certainty, by_id[edition.limits].certainty))


def ascends(ends: Sequence[Decimal | None]) -> bool:
    """Whether upper ends go up from 0, only the last of them open."""
    closed = [end for end in ends if end is not None]
    return None not in ends[:-1] and all(low < high for low, high in pairwise([Decimal(0), *closed]))


def check_net_content(key: str, limits: NetContentLimits) -> None:
    """Each measure has one table, units and heights for every size."""
    for measure in Measure:
        if sum(measure in table.measures for table in limits.deficiency) != 1:
            raise invalid(NET_CONTENT, f"{key}.deficiency", f"one table must be for {measure.value}")
        units = [rule for rule in limits.units if rule.measure is measure]
        heights = [rule for rule in limits.heights if measure in rule.measures]
        if measure is not Measure.COUNT and (
            not units or units[-1].below is not None or not ascends([rule.below for rule in units])
        ):
            raise invalid(NET_CONTENT, f"{key}.units", f"{measure.value} needs units for every size")
        if not heights or heights[-1].up_to is not None or not ascends([rule.up_to for rule in heights]):
            raise invalid(NET_CONTENT, f"{key}.heights", f"{measure.value} needs heights for every size")
    for place, rule in enumerate(limits.units):
        if any(UNITS.get(unit) is not rule.measure for unit in rule.units):
            raise invalid(NET_CONTENT, f"{key}.units[{place}]", "a unit is not one of this measure")
    for place, table in enumerate(limits.deficiency):
        check_deficiency(f"{key}.deficiency[{place}]", table)


def check_deficiency(key: str, table: DeficiencyTable) -> None:
    """Bands go up, each with one figure at most, and only a limited table ends."""
    ends = [band.up_to for band in table.bands]
    if not ends or not ascends(ends) or (ends[-1] is not None) != table.limited:
        raise invalid(NET_CONTENT, f"{key}.bands", "the bands must go up, and end only where limited")
    for place, band in enumerate(table.bands):
        figures = [figure for figure in (band.percent, band.amount) if figure is not None]
        if len(figures) > 1 or any(figure <= 0 for figure in figures):
            raise invalid(NET_CONTENT, f"{key}.bands[{place}]", "one figure above 0, or none")
    steps = table.rounding
    if steps and (steps[-1].up_to is not None or not ascends([step.up_to for step in steps])):
        raise invalid(NET_CONTENT, f"{key}.rounding", "the steps must go up, the last without end")
    if any(step.step <= 0 for step in steps) or (table.rounded_up is not None and table.rounded_up <= 0):
        raise invalid(NET_CONTENT, f"{key}.rounding", "a step must be more than 0")


def check_rows(key: str, rows: Sequence[PlanRow] | Sequence[AttributesRow], first: int | None = None) -> None:
    """Lots of every size have one row."""
    if not rows or rows[-1].lot_to is not None or (first is not None and rows[0].lot_from != first):
        raise invalid(SAMPLING, key, "the rows must reach from the first lot to lots without end")
    spans = [(row.lot_from, row.lot_to) for row in rows]
    for place, ((start, end), (following, _end)) in enumerate(pairwise(spans)):
        if end is None or end < start or following != end + 1:
            raise invalid(SAMPLING, f"{key}[{place + 1}].lot_from", "the rows must follow each other")


def check_stages(key: str, rows: Sequence[AttributesRow]) -> None:
    """Counts that accept are below those that reject, and the last stage leaves nothing between."""
    for place, row in enumerate(rows):
        gaps = [stage.reject - stage.accept for stage in row.stages]
        if not gaps or min(gaps) < 1 or gaps[-1] != 1 or len(gaps) > 2:
            raise invalid(
                SAMPLING, f"{key}[{place}].stages", "the last stage must decide, each must be able to"
            )


def check_retail(key: str, limits: RetailLimits) -> None:
    """Bands go up; the prices of the rows do not overlap; factors are above 0."""
    for place, goods in enumerate(limits.goods):
        if not goods.bands or not ascends([band.up_to for band in goods.bands]):
            raise invalid(RETAIL, f"{key}.goods[{place}].bands", "the bands must go up")
        if any(band.deviation <= 0 for band in goods.bands):
            raise invalid(RETAIL, f"{key}.goods[{place}].bands", "a deviation must be more than 0")
    for low, high in pairwise([each for each in limits.goods if each.price_above or each.price_up_to]):
        if low.price_up_to is None or low.price_up_to != high.price_above:
            raise invalid(RETAIL, f"{key}.goods", "the prices must follow each other")
    if min(limits.same_or_better, limits.equal) <= 0:
        raise invalid(RETAIL, key, "a factor must be more than 0")
    names = [each.id for each in limits.goods] + [each.id for each in limits.excluded]
    if len(set(names)) < len(names):
        raise invalid(RETAIL, f"{key}.goods", "two rows have the same id")


def check_packaging(key: str, limits: PackagingLimits) -> None:
    """Bands go up and end open; every cost rule begins at no price."""
    if not limits.void_ratio or limits.void_ratio[-1].up_to is not None:
        raise invalid(PACKAGING, f"{key}.void_ratio", "the last band must be without end")
    if not ascends([band.up_to for band in limits.void_ratio]):
        raise invalid(PACKAGING, f"{key}.void_ratio", "the bands must go up")
    if any(not 0 < band.percent < 100 for band in limits.void_ratio):
        raise invalid(PACKAGING, f"{key}.void_ratio", "a void ratio is between 0 and 100 %")
    if len({each.id for each in limits.goods}) < len(limits.goods):
        raise invalid(PACKAGING, f"{key}.goods", "two rows have the same id")
    for place, costs in enumerate([limits.cost, *[each.cost for each in limits.goods if each.cost]]):
        prices = [each.price_above for each in costs]
        if not prices or prices[0] != 0 or prices != sorted(set(prices)):
            raise invalid(PACKAGING, f"{key}.cost ({place})", "the prices must go up from 0")
