"""The rules on prepackages as data, and which edition of each judges on a day.

Figures of net content stand in g, mL, cm, cm² or pieces (:data:`.amounts.BASE`). Each table says where it comes from and how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from shared.metrology.catalogue_file import invalid, read
from shared.metrology.editions import Certainty, Edition, EditionInForce, in_force
from shared.metrology.prepackages.amounts import Measure

ISSUE, NET_CONTENT, SAMPLING = "issue.toml", "net-content.toml", "sampling.toml"
RETAIL, PACKAGING = "retail.toml", "packaging.toml"
FILES = (ISSUE, NET_CONTENT, SAMPLING, RETAIL, PACKAGING)


class Rounding(StrEnum):
    """How T is rounded to its step; the text that was seen does not say in which direction."""

    UP = "up"
    """As OIML R 87 does."""
    HALF_UP = "half_up"
    NONE = "none"


class DatedRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every table says of itself."""

    id: str
    document: str
    clause: str
    source: str
    certainty: Certainty


Table = TypeVar("Table", bound=DatedRule)


class DatedRules(msgspec.Struct, Generic[Table], frozen=True, forbid_unknown_fields=True):
    """The editions of a regulation and the tables that they name."""

    editions: list[Edition]
    limits: list[Table]

    def edition(self, day: date) -> EditionInForce | None:
        """The edition that judges on ``day``; None before the first."""
        return in_force(self.editions, day)

    def limits_on(self, day: date) -> Table | None:
        """The table that judges on ``day``; None where none is known, which is said and never assumed."""
        found = self.edition(day)
        return next((table for table in self.limits if found and table.id == found.judging.limits), None)


class Excluded(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"starts": "from"}):
    """Goods that a rule does not speak of; ``name`` is a message id."""

    id: str
    name: str
    chinese: str
    starts: date | None = None


class DeficiencyBand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """T of nominal quantities up to and including ``up_to``: a percentage, an amount, or none at all (no shortage is tolerated)."""

    up_to: Decimal | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None


class RoundingStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What T is rounded to for nominal quantities up to ``up_to``."""

    step: Decimal
    up_to: Decimal | None = None


class DeficiencyTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tolerable deficiency T by nominal quantity."""

    measures: list[Measure]
    bands: list[DeficiencyBand]
    limited: bool = False
    """Whether the table ends with its last band; beyond it there is no T."""
    rounding: list[RoundingStep] = []
    rounded_up: Decimal | None = None
    """A step to which the rule itself rounds up, whatever the setting."""


class UnitRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The units in which a nominal quantity below ``below`` is stated."""

    measure: Measure
    units: list[str]
    below: Decimal | None = None


class HeightRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The least height of the characters, in mm, for nominal quantities up to ``up_to``."""

    measures: list[Measure]
    millimetres: Decimal
    up_to: Decimal | None = None


class NetContentLimits(DatedRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Tolerable deficiency and label of one edition."""

    deficiency: list[DeficiencyTable]
    units: list[UnitRule]
    heights: list[HeightRule]
    excluded: list[Excluded]

    def deficiency_of(self, measure: Measure) -> DeficiencyTable:
        """The table of a measure; :mod:`.checking` made sure that there is one."""
        return next(table for table in self.deficiency if measure in table.measures)


class NetContent(DatedRules[NetContentLimits], frozen=True, forbid_unknown_fields=True):
    """``net-content.toml``."""

    rounding: Rounding


class PlanRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sample of lots of ``lot_from`` to ``lot_to`` packages."""

    lot_from: int
    t1_allowed: int
    t2_allowed: int
    lot_to: int | None = None
    sample: int | None = None
    """None: every package of the lot."""
    correction: Decimal | None = None
    """λ, the factor of s in the average criterion; None: no average test."""


class SamplingPlan(DatedRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A single sampling plan with T1, T2 and the average."""

    rows: list[PlanRow]


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sample of an attributes plan; ``accept`` and ``reject`` count the defects of this sample and of those before it."""

    sample: int
    accept: int
    reject: int


class AttributesRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The samples of lots of a size; defective is what holds less than Qn − T."""

    lot_from: int
    stages: list[Stage]
    lot_to: int | None = None
    mean_factor: Decimal | None = None
    """Of s in the mean limit of the first sample; None where it was not seen."""


class AttributesPlan(DatedRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A double plan and a mean limit, shown beside the plan that judges."""

    non_destructive: list[AttributesRow]
    destructive: list[AttributesRow]


class Sampling(DatedRules[SamplingPlan], frozen=True, forbid_unknown_fields=True):
    """``sampling.toml``."""

    beside: list[AttributesPlan]


class WeightBand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The permitted negative deviation in g of weights up to and including ``up_to`` g."""

    up_to: Decimal
    deviation: Decimal


class RetailClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the table: goods by name, or by price in yuan a kilogram (above ``price_above``, up to ``price_up_to``)."""

    id: str
    name: str
    chinese: str
    bands: list[WeightBand]
    certainty: Certainty
    price_above: Decimal | None = None
    price_up_to: Decimal | None = None

    def holds_price(self, price: Decimal) -> bool:
        """Whether the row is for this price; one that names no price is for none."""
        if self.price_above is None and self.price_up_to is None:
            return False
        return (self.price_above is None or self.price_above < price) and (
            self.price_up_to is None or price <= self.price_up_to
        )


class RetailLimits(DatedRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """零售商品称重 附表1 with what multiplies it."""

    same_or_better: Decimal
    """Factor where the check scale is the seller's own or a better one."""
    equal: Decimal
    """Factor where it is another one of equal accuracy."""
    goods: list[RetailClass]
    excluded: list[Excluded]


class Retail(DatedRules[RetailLimits], frozen=True, forbid_unknown_fields=True):
    """``retail.toml``."""


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One figure that has a certainty of its own."""

    value: Decimal
    certainty: Certainty
    source: str


class VoidBand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The largest void ratio in per cent for items of up to ``up_to`` g or mL."""

    percent: Decimal
    up_to: Decimal | None = None


class CostLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The largest share of the price, in per cent, that packaging may cost where the price is above ``price_above`` yuan."""

    percent: Decimal
    certainty: Certainty
    source: str
    price_above: Decimal = Decimal(0)


class PackagedGoods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one kind of goods; ``name`` is a message id."""

    id: str
    name: str
    chinese: str
    necessary_space: Fact | None = None
    """k; None where it is not known."""
    layers: Fact | None = None
    cost: list[CostLimit] = []
    """Ascending by price; empty: as for all goods."""


class PackagingLimits(DatedRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Void ratio, layers and cost of one edition of GB 23350."""

    content_volume: Fact
    """V0: cm³ of a gram or a millilitre of content."""
    void_ratio: list[VoidBand]
    void_ratio_certainty: Certainty
    cost: list[CostLimit]
    goods: list[PackagedGoods]


class Packaging(DatedRules[PackagingLimits], frozen=True, forbid_unknown_fields=True):
    """``packaging.toml``."""


class RulesIssue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which issue of the rules this is."""

    version: str
    issued: date


Part = TypeVar("Part", bound=msgspec.Struct)


class PrepackageRules(msgspec.Struct, frozen=True):
    """Everything in ``assets/prepackages``, checked once when it is read."""

    version: str
    net_content: NetContent
    sampling: Sampling
    retail: Retail
    packaging: Packaging

    @classmethod
    def parse(cls, files: Mapping[str, bytes]) -> PrepackageRules:
        """Reads the files by name. Raises InputError ``catalogue_invalid`` with the file, the key and the reason."""
        from shared.metrology.prepackages import checking

        unknown = sorted(files.keys() - set(FILES))
        if unknown:
            raise invalid(unknown[0], "$", "no such file is known")
        rules = cls(
            part(files, ISSUE, RulesIssue).version,
            part(files, NET_CONTENT, NetContent),
            part(files, SAMPLING, Sampling),
            part(files, RETAIL, Retail),
            part(files, PACKAGING, Packaging),
        )
        checking.check(rules)
        return rules


def part(files: Mapping[str, bytes], name: str, struct: type[Part]) -> Part:
    """One of the files."""
    if name not in files:
        raise invalid(name, "$", "the file is missing")
    return read(name, files[name], struct)
