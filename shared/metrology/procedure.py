"""The spot check's procedure of a kind: which points are asked for, and what is read at each."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from shared.metrology.catalogue_file import invalid


class WeighingProcedure(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="method", tag="loads"
):
    """The spot check of a weighing instrument; loads are named ``min``, ``half``, ``max`` or as a multiple of e (``500e``)."""

    loads: list[str]
    deciding_loads: list[str]
    """The least that decides, ascending: of each a load must have been judged, from it on and below the next of them."""
    repeats: int
    corners: int
    """Places of the eccentric load, where the nameplate does not say how many ``supports`` there are."""
    eccentricity_divisor: int
    """The eccentric load is Max over this, with n > 4 supports Max/(n − 1) (R 76-1:2006 3.6.2)."""
    unit_price: Decimal | None = None
    """Yuan a kilogram that the price point asks for; None for a scale that computes no price."""
    tare: bool = True
    digital: bool = True
    """False for a beam or dial: read to the nearest graduation, and no small weights make a display jump."""


class InputChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure that has a name, for example the expansion of petrol; ``name`` is a message id."""

    value: str
    name: str


class InputField(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that is read at a point beside the indication; ``name`` is a message id."""

    id: str
    name: str
    unit: str
    decimals: int
    usual: str = ""
    """What stands there unless something else is typed; where empty, the one of the point before."""
    choices: list[InputChoice] = []
    """Where not empty, one of these is chosen instead of typed."""
    optional: bool = False


class PointRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One point, or several alike at ascending reference values. ``title`` and ``instruction`` are message ids with ``{reference}``."""

    id: str
    title: str
    instruction: str
    references: list[Decimal] = []
    """In the procedure's unit."""
    shares: list[Decimal] = []
    """As a share of the span, from the lower end of the measuring range."""
    nameplate: str = ""
    """Or the value of that figure of the nameplate."""
    standards: bool = False
    """Or at the value of each standard carried, as certified."""
    repeats: int = 1
    falling: bool = False
    """Read while the quantity falls, after the rising readings."""
    zone: str = ""
    inputs: list[InputField] = []
    """Read at these points beside the inputs of the whole procedure."""


class PointsProcedure(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="method", tag="points"
):
    """A procedure of points that are compared with a reference standard."""

    unit: str
    """Of the indication and of the reference value."""
    decimals: int
    """What the display shows at most."""
    standard: str
    """The sort of reference standard that must be carried (a value of ``Standard.sort``)."""
    points: list[PointRow]
    inputs: list[InputField] = []
    reference_read: bool = False
    """Whether the reference value is read off the standard at each point, with the nominal one standing there before."""

    def all_inputs(self) -> list[InputField]:
        """What is read beside the indications, at every point or at some."""
        return [*self.inputs, *(field for row in self.points for field in row.inputs)]


Procedure = WeighingProcedure | PointsProcedure

_NAMED_LOAD = re.compile("min|half|max|[1-9][0-9]*e")


def check_procedure(name: str, procedure: Procedure, nameplate: set[str]) -> None:
    """The points have names that mean something, and the numbers make a check."""
    if isinstance(procedure, WeighingProcedure):
        check_loads(name, procedure)
        return
    if not procedure.points:
        raise invalid(name, "procedure.points", "there is no point")
    if len({row.id for row in procedure.points}) < len(procedure.points):
        raise invalid(name, "procedure.points", "two points have the same id")
    for place, row in enumerate(procedure.points):
        key = f"procedure.points[{place}]"
        named = [bool(row.references), bool(row.shares), bool(row.nameplate), row.standards]
        if sum(named) != 1:
            raise invalid(name, key, "must say in one way where its reference values come from")
        if row.nameplate and row.nameplate not in nameplate:
            raise invalid(name, f"{key}.nameplate", f"the nameplate has no {row.nameplate}")
        if row.shares and not {"range_from", "range_to"} <= nameplate:
            raise invalid(name, f"{key}.shares", "the nameplate needs range_from and range_to")
        if row.repeats < 1:
            raise invalid(name, f"{key}.repeats", "must be at least 1")
    inputs = [field.id for field in procedure.all_inputs()]
    if len(set(inputs)) < len(inputs):
        raise invalid(name, "procedure.inputs", "two inputs have the same id")


def check_loads(name: str, procedure: WeighingProcedure) -> None:
    """The loads have names that mean something, and the numbers make a check."""
    for key in ("loads", "deciding_loads"):
        for load in getattr(procedure, key):
            if not _NAMED_LOAD.fullmatch(load):
                raise invalid(
                    name, f"procedure.{key}", f"{load} is neither min, half, max nor a multiple of e"
                )
    if not procedure.deciding_loads or not set(procedure.deciding_loads) <= set(procedure.loads):
        raise invalid(name, "procedure.deciding_loads", "not among the loads")
    for key in ("repeats", "eccentricity_divisor"):
        if getattr(procedure, key) <= 0:
            raise invalid(name, f"procedure.{key}", "must be more than 0")
    if procedure.corners < 0 or (procedure.unit_price is not None and procedure.unit_price <= 0):
        raise invalid(name, "procedure", "a number must not be negative, and a price more than 0")
