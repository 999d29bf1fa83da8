"""Limits of non-automatic weighing instruments and of weights, as the catalogue holds them."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import msgspec

from shared.errors import InputError
from shared.metrology.catalogue_file import invalid
from shared.metrology.editions import Certainty
from shared.metrology.judging import Stage


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit of ``multiple`` × e up to and including ``up_to`` intervals; absent means without end."""

    multiple: Decimal
    up_to: int | None = None


class IntervalSizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which scales a class knows: for e from ``e_from`` to ``e_to`` grams, n = Max/e, and Min in e (R 76-1 3.2, table 3)."""

    e_from: Decimal
    n_least: int
    capacity_min: int
    e_to: Decimal | None = None
    n_most: int | None = None

    def hold(self, e: Decimal) -> bool:
        """Whether they are for this e."""
        return self.e_from <= e and (self.e_to is None or e <= self.e_to)


class ClassLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accuracy_class: str
    bands: list[Band]
    sizes: list[IntervalSizes]

    def sizes_for(self, e: Decimal) -> IntervalSizes | None:
        """The sizes for an e in grams; None where the class has no such e."""
        return next((sizes for sizes in self.sizes if sizes.hold(e)), None)


class WeightLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of weights in milligrams, by class and nominal mass in grams."""

    document: str
    source: str
    certainty: Certainty
    divisor: int
    """The weights' own limits together may be this part of the instrument's limit."""
    mpe_mg: dict[str, dict[Decimal, Decimal]]

    def mpe(self, accuracy_class: str, nominal: Decimal) -> Decimal | None:
        """The limit of one weight, both in grams; None where it is not known."""
        milligrams = self.mpe_mg.get(accuracy_class, {}).get(nominal)
        return None if milligrams is None else milligrams / 1000


class WeighingLimits(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="rule", tag="weighing"
):
    """The limits of a family, with the factor of each stage (``initial``, ``subsequent``, ``in_service``)."""

    id: str
    family: str
    document: str
    clause: str
    certainty: Certainty
    stages: dict[Stage, Decimal]
    zero_multiple: Decimal
    """Limit of the zero, in e; a zero that was only set leaves as much."""
    amount_step: Decimal
    """What a price is rounded to, in yuan."""
    mpe: list[ClassLimits]
    weights: WeightLimits
    note: str = ""

    def of_class(self, accuracy_class: str) -> ClassLimits:
        """The limits of a class. Raises InputError ``accuracy_class_unknown``."""
        found = next((each for each in self.mpe if each.accuracy_class == accuracy_class), None)
        if found is None:
            raise InputError(
                "accuracy_class_unknown",
                "There are no limits for accuracy class {accuracy_class}.",
                "Read the class from the nameplate again, or say that the measurement can't be done.",
                accuracy_class=accuracy_class or "?",
            )
        return found


def check_weighing(name: str, limits: WeighingLimits) -> None:
    """Bands go up without a hole, every stage has its factor, and nothing is nought or less."""
    for stage in Stage:
        if limits.stages.get(stage, Decimal(0)) <= 0:
            raise invalid(name, f"stages.{stage}", "the factor is missing or not more than 0")
    for key in ("zero_multiple", "amount_step"):
        if getattr(limits, key) <= 0:
            raise invalid(name, key, "must be more than 0")
    if limits.weights.divisor <= 0:
        raise invalid(name, "weights.divisor", "must be more than 0")
    for place, each in enumerate(limits.mpe):
        key = f"mpe[{place}].bands"
        if not each.bands or any(band.up_to is None for band in each.bands[:-1]):
            raise invalid(name, key, "only the last band may be without end")
        ends = [Decimal(band.up_to) for band in each.bands if band.up_to is not None]
        multiples = [band.multiple for band in each.bands]
        if any(
            after <= before for row in (ends, multiples) for before, after in pairwise([Decimal(0), *row])
        ):
            raise invalid(name, key, "the bands must go up")
    if len({each.accuracy_class for each in limits.mpe}) < len(limits.mpe):
        raise invalid(name, "mpe", "two tables are for the same class")
