"""Maximum permissible errors that stand in a table: by stage, accuracy class, zone and value of the reference quantity."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

import msgspec

from shared.errors import InputError
from shared.message import Message, msgid
from shared.metrology.catalogue_file import invalid
from shared.metrology.editions import Certainty
from shared.metrology.judging import STAGE_WORDS, Limit, Source, Stage, limits_shown
from shared.quantity import Quantity, figure, plain

HUNDRED = Decimal(100)
THIRD = 3
"""A standard may be off by a third of the limit that it judges (JJF 1094-2002 5.3.1.4, the usual demand of the regulations)."""


class ErrorForm(StrEnum):
    """What an error is expressed in (VIM 2.16 and its relative and fiducial forms)."""

    ABSOLUTE = "absolute"
    """In the unit of the quantity: indication − reference."""
    RELATIVE = "relative"
    """In per cent of the reference value."""
    FIDUCIAL = "fiducial"
    """In per cent of the span of the measuring range."""
    DAILY = "daily"
    """In seconds a day (日差)."""


class Spread(StrEnum):
    """What a limit of repeatability is compared with."""

    SPREAD = "spread"
    """The largest less the smallest."""
    UNSEEN = "unseen"
    """The formula was not seen: the spread, its share by the range coefficient, or the standard deviation. All lie between the spread and the
    spread over √(2(n − 1)), the least standard deviation that n values with this spread can have; between these two it stays undecided."""


class MpeRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"least": "from"}):
    """One row: the limits for the stages, class, zone and stretch that it names. The first row that fits counts.

    The stretch is of reference values, of a fiducial row of their share of the span in per cent.
    """

    stages: list[Stage]
    high: Decimal
    low: Decimal | None = None
    """Where it is not −high."""
    accuracy_class: str = ""
    zone: str = ""
    least: Decimal | None = None
    """From here on, this one included."""
    below: Decimal | None = None
    up_to: Decimal | None = None
    """… up to here, this one included."""
    form: ErrorForm | None = None
    """Where it is not that of the table."""
    or_absolute: Decimal | None = None
    """Beside a relative limit: as wide as this at least, in the unit of the table, in which the error then is too."""
    clause: str = ""

    def holds(self, value: Decimal) -> bool:
        """Whether the stretch holds ``value``."""
        return (
            (self.least is None or self.least <= value)
            and (self.below is None or value < self.below)
            and (self.up_to is None or value <= self.up_to)
        )


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """The point that a limit is asked for."""

    stage: Stage
    reference: Decimal
    """In the limits' unit."""
    accuracy_class: str = ""
    zone: str = ""
    span: Decimal | None = None
    """Of the measuring range, in the limits' unit."""
    inputs: Mapping[str, Quantity] = {}
    """What else was read at the point."""
    nameplate: Mapping[str, Quantity] = {}
    figures: Mapping[str, str] = {}
    """Names of the figures of the nameplate, by their ids."""


class PointLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="rule"):
    """What the limits of all kinds have in common that are compared with a standard point by point."""

    id: str
    family: str
    document: str
    clause: str
    source: str
    certainty: Certainty
    unit: str
    """Of the reference quantity, and of absolute limits."""
    shown_decimals: int
    """Errors are shown with so many decimals, half to even; judged is the error before that."""
    repeatability: Decimal | None = None
    """The largest permissible repeatability, in the unit of the errors."""
    repeatability_as: Spread = Spread.SPREAD
    standard_divisor: int = THIRD
    """The standard's own error may be this part of the limit."""
    note: str = ""

    def limit_at(self, where: Where) -> Limit:
        """The limits at a point, in the unit that the errors there are expressed in. Raises InputError ``limit_unknown_here``."""
        raise self.unknown(where)

    def knows(self, stage: Stage) -> bool:
        """Whether any limit is known for a stage."""
        del stage
        return False

    def source_of(self, clause: str = "") -> Source:
        """Where a limit comes from."""
        return Source(self.document, clause or self.clause, self.certainty.value)

    def unknown(self, where: Where) -> InputError:
        """The error of a point without a known limit."""
        return InputError(
            "limit_unknown_here",
            "{document} has no known limit at {reference} {unit} ({stage}).",
            "Read class and range from the nameplate again; what has no known limit is not judged.",
            document=self.document,
            reference=figure(plain(where.reference)),
            unit=self.unit,
            stage=STAGE_WORDS[where.stage].text,
        )


def input_missing(name: str) -> InputError:
    """What was not read beside the indication, by its name."""
    return InputError("input_missing", "{what} was not read.", "Read it and type it.", what=name)


def nameplate_incomplete(name: str) -> InputError:
    """A figure of the nameplate that is not known, by its name."""
    return InputError(
        "nameplate_incomplete",
        "A figure of the nameplate is not known: {figure}.",
        "Read it from the nameplate and enter it.",
        figure=name,
    )


class TableLimits(PointLimits, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="table"):
    """The limits of a kind whose rule is a table."""

    form: ErrorForm
    mpe: list[MpeRow]

    def row_at(self, where: Where) -> MpeRow:
        """The row for a point. Raises InputError ``limit_unknown_here``."""
        for row in self.mpe:
            if (
                where.stage in row.stages
                and row.accuracy_class in ("", where.accuracy_class)
                and row.zone in ("", where.zone)
                and row.holds(self.stretch_value(row, where))
            ):
                return row
        raise self.unknown(where)

    def stretch_value(self, row: MpeRow, where: Where) -> Decimal:
        """What a row's stretch is compared with: the reference value, of a fiducial row as per cent of the span."""
        if (row.form or self.form) is ErrorForm.FIDUCIAL and where.span:
            return abs(where.reference) * HUNDRED / where.span
        return where.reference

    def limit_at(self, where: Where) -> Limit:
        """The limits of the row that fits. Raises InputError ``limit_unknown_here``, ``range_unknown``."""
        row = self.row_at(where)
        form = row.form or self.form
        low, high = -row.high if row.low is None else row.low, row.high
        if form is ErrorForm.FIDUCIAL:
            if not where.span:
                raise InputError(
                    "range_unknown",
                    "The measuring range is not known.",
                    "Read the measuring range from the nameplate and enter it.",
                )
            low, high = low * where.span / HUNDRED, high * where.span / HUNDRED
        unit = {ErrorForm.RELATIVE: "%", ErrorForm.DAILY: f"{self.unit}/d"}.get(form, self.unit)
        if row.or_absolute is not None:
            # Either suffices, so the wider counts: as an amount, which no division rounds.
            high = max(row.or_absolute, abs(where.reference) * high / HUNDRED)
            low, unit = -high, self.unit
        shown = limits_shown(Quantity(plain(low), unit), Quantity(plain(high), unit))
        return Limit(
            plain(low), plain(high), unit, self.working(row, where, shown), self.source_of(row.clause)
        )

    def working(self, row: MpeRow, where: Where, shown: str) -> Message:
        """How a limit came about, as a line that can be read out."""
        values: dict[str, str | Message] = {
            "reference": f"{figure(plain(where.reference))} {self.unit}",
            "stage": STAGE_WORDS[where.stage],
            "document": self.document,
            "limit": shown,
        }
        if (row.form or self.form) is ErrorForm.FIDUCIAL:
            values |= {
                "share": f"{figure(plain(row.high))} %",
                "span": f"{figure(plain(where.span or HUNDRED))} {self.unit}",
            }
            text = msgid("{reference}, {stage}: ±{share} of the span {span} = {limit} ({document})")
        elif row.or_absolute is not None:
            values |= {
                "relative": f"{figure(plain(row.high))} %",
                "absolute": f"{figure(plain(row.or_absolute))} {self.unit}",
            }
            text = msgid(
                "{reference}, {stage}: ±{relative} or ±{absolute}, whichever is more = {limit} ({document})"
            )
        else:
            text = msgid("{reference}, {stage}: {limit} ({document})")
        return Message(text, values)

    def knows(self, stage: Stage) -> bool:
        """Whether any limit is known for a stage."""
        return any(stage in row.stages for row in self.mpe)


def check_points(name: str, limits: PointLimits) -> None:
    """What all limits of points need."""
    if limits.shown_decimals < 0:
        raise invalid(name, "shown_decimals", "must not be negative")
    if limits.standard_divisor <= 0:
        raise invalid(name, "standard_divisor", "must be more than 0")
    if limits.repeatability is not None and limits.repeatability <= 0:
        raise invalid(name, "repeatability", "must be more than 0")


def check_table(name: str, limits: TableLimits) -> None:
    """Every row is a band that can be kept, and its stretch is one."""
    check_points(name, limits)
    if not limits.mpe:
        raise invalid(name, "mpe", "there is no row")
    for place, row in enumerate(limits.mpe):
        key = f"mpe[{place}]"
        low, form = -row.high if row.low is None else row.low, row.form or limits.form
        if not row.stages:
            raise invalid(name, f"{key}.stages", "no stage is named")
        if low >= row.high or row.high < 0:
            raise invalid(name, f"{key}.high", "the upper limit must be above the lower one")
        if form is ErrorForm.FIDUCIAL and low != -row.high:
            raise invalid(name, f"{key}.low", "a fiducial limit is the same on both sides")
        ends = [end for end in (row.below, row.up_to) if end is not None]
        if len(ends) > 1 or (row.least is not None and ends and ends[0] < row.least):
            raise invalid(name, key, "the stretch must end once, and after it begins")
        if row.or_absolute is not None and (
            form is not ErrorForm.RELATIVE or row.or_absolute <= 0 or low != -row.high
        ):
            raise invalid(name, f"{key}.or_absolute", "stands beside a relative limit only")
