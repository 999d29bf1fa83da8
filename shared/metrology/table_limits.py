"""Maximum permissible errors that stand in a table: by stage, accuracy class, zone and value of the reference quantity."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from shared.errors import InputError
from shared.message import Message, msgid
from shared.metrology.catalogue_file import invalid
from shared.metrology.editions import Certainty
from shared.metrology.judging import STAGE_WORDS, Limit, Source, Stage
from shared.quantity import figure, plain

HUNDRED = Decimal(100)


class ErrorForm(StrEnum):
    """What an error is expressed in (VIM 2.16 and its relative and fiducial forms)."""

    ABSOLUTE = "absolute"
    """In the unit of the quantity: indication − reference."""
    RELATIVE = "relative"
    """In per cent of the reference value."""
    FIDUCIAL = "fiducial"
    """In per cent of the span of the measuring range."""


class MpeRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"least": "from"}):
    """One row: the limits for the stages, class, zone and stretch that it names. The first row that fits counts."""

    stages: list[Stage]
    high: Decimal
    low: Decimal | None = None
    """Where it is not −high."""
    accuracy_class: str = ""
    zone: str = ""
    least: Decimal | None = None
    """For reference values from here on, this one included."""
    below: Decimal | None = None
    up_to: Decimal | None = None
    """… up to here, this one included."""
    of: str = ""
    """Which input the stretch is of; the reference value where empty."""
    form: ErrorForm | None = None
    """Where it is not that of the table."""
    or_absolute: Decimal | None = None
    """Beside a relative limit: as wide as this at least, in the unit of the table."""
    clause: str = ""

    def holds(self, value: Decimal | None) -> bool:
        """Whether the stretch holds ``value``."""
        if value is None:
            return self.least is None and self.below is None and self.up_to is None
        return (
            (self.least is None or self.least <= value)
            and (self.below is None or value < self.below)
            and (self.up_to is None or value <= self.up_to)
        )


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """The point that a limit is asked for."""

    stage: Stage
    reference: Decimal
    """In the table's unit."""
    accuracy_class: str = ""
    zone: str = ""
    span: Decimal | None = None
    """Of the measuring range, in the table's unit."""
    inputs: dict[str, Decimal] = {}


class TableLimits(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="rule", tag="table"
):
    """The limits of a family whose rule is a table."""

    id: str
    family: str
    document: str
    clause: str
    source: str
    certainty: Certainty
    form: ErrorForm
    unit: str
    """Of the reference quantity, and of absolute limits."""
    shown_decimals: int
    """Errors are shown with so many decimals, half to even; judged is the error before that."""
    mpe: list[MpeRow]
    repeatability: Decimal | None = None
    """The largest permissible spread of repeated errors, in the unit of the errors."""
    returning: bool = False
    """Whether a falling reading may differ from the rising one by no more than the limit's amount (回程误差)."""
    note: str = ""

    def row_at(self, where: Where) -> MpeRow:
        """The row for a point. Raises InputError ``limit_unknown_here``."""
        for row in self.mpe:
            value = where.inputs.get(row.of) if row.of else self.stretch_value(row, where)
            if (
                where.stage in row.stages
                and row.accuracy_class in ("", where.accuracy_class)
                and row.zone in ("", where.zone)
                and row.holds(value)
            ):
                return row
        raise InputError(
            "limit_unknown_here",
            "{document} has no known limit at {reference} {unit} for {stage}.",
            "Read class and range from the nameplate again; what has no known limit is not judged.",
            document=self.document,
            reference=figure(plain(where.reference)),
            unit=self.unit,
            stage=STAGE_WORDS[where.stage].text,
        )

    def stretch_value(self, row: MpeRow, where: Where) -> Decimal:
        """What a row's stretch is compared with: the reference value, of a fiducial row as per cent of the span."""
        if (row.form or self.form) is ErrorForm.FIDUCIAL and where.span:
            return abs(where.reference) * HUNDRED / where.span
        return where.reference

    def limit_at(self, where: Where) -> Limit:
        """The limits at a point, in the unit that the errors there are expressed in. Raises InputError ``limit_unknown_here``, ``range_unknown``."""
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
            share, low, high = high, low * where.span / HUNDRED, high * where.span / HUNDRED
        unit = "%" if form is ErrorForm.RELATIVE else self.unit
        if row.or_absolute is not None and where.reference:
            least = abs(row.or_absolute * HUNDRED / where.reference)
            low, high = min(low, -least), max(high, least)
        values: dict[str, str | Message] = {
            "reference": f"{figure(plain(where.reference))} {self.unit}",
            "stage": STAGE_WORDS[where.stage],
            "document": self.document,
        }
        source = Source(self.document, row.clause or self.clause, self.certainty.value)
        limit = Limit(plain(low), plain(high), unit, Message(""), source)
        values["limit"] = limit.shown()
        if form is ErrorForm.FIDUCIAL:
            values |= {
                "share": f"{figure(plain(share))} %",
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
        return msgspec.structs.replace(limit, working=Message(text, values))

    def knows(self, stage: Stage) -> bool:
        """Whether any limit is known for a stage."""
        return any(stage in row.stages for row in self.mpe)


def check_table(name: str, limits: TableLimits) -> None:
    """Every row is a band that can be kept, and its stretch is one."""
    if not limits.mpe:
        raise invalid(name, "mpe", "there is no row")
    if limits.shown_decimals < 0:
        raise invalid(name, "shown_decimals", "must not be negative")
    for place, row in enumerate(limits.mpe):
        key = f"mpe[{place}]"
        low = -row.high if row.low is None else row.low
        if not row.stages:
            raise invalid(name, f"{key}.stages", "no stage is named")
        if low >= row.high or row.high < 0:
            raise invalid(name, f"{key}.high", "the upper limit must be above the lower one")
        ends = [end for end in (row.below, row.up_to) if end is not None]
        if len(ends) > 1 or (row.least is not None and ends and ends[0] < row.least):
            raise invalid(name, key, "the stretch must end once, and after it begins")
        if row.or_absolute is not None and (row.form or limits.form) is not ErrorForm.RELATIVE:
            raise invalid(name, f"{key}.or_absolute", "stands beside a relative limit only")
    if limits.repeatability is not None and limits.repeatability <= 0:
        raise invalid(name, "repeatability", "must be more than 0")
