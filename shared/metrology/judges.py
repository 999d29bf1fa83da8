"""One way to ask: who judges a kind of instrument on a day, and what is permitted at a point.

==============  =============================  ====================================================
family          module                         what is its own
==============  =============================  ====================================================
weighing        weighing, weighing_check, …    loads, ΔL, E0, repeats, corners, price
dispensing      dispensing                     neck scale, volumes brought to one temperature
pressure        pressure                       leak, light tap, falling against rising
temperature     temperature                    the correction of the standard's certificate
flow            flow                           the zone that a flow rate lies in
energy          energy                         the sum of the parts of a heat meter's limit, in its limits: no judge
distance        distance                       the step of the display, what the sign means
gas             gas                            repeats by their mean, response time
time            timing                         the daily rate
the others      points, table_limits           nothing: a table of limits, point by point
==============  =============================  ====================================================
"""

from __future__ import annotations

from datetime import date

import msgspec

from shared.errors import InputError
from shared.inspection import InstrumentFacts, PlannedPoint, StandardUsed
from shared.memo import remembered
from shared.metrology.catalogue import Catalogue, Kind
from shared.metrology.dispensing import DispensingJudge
from shared.metrology.distance import DistanceJudge
from shared.metrology.flow import FlowJudge
from shared.metrology.gas import GasJudge
from shared.metrology.judging import Stage
from shared.metrology.measuring import Judge
from shared.metrology.points import PointsJudge
from shared.metrology.pressure import PressureJudge
from shared.metrology.procedure import PointsProcedure, WeighingProcedure
from shared.metrology.temperature import TemperatureJudge
from shared.metrology.timing import TimeJudge
from shared.metrology.weighing_check import WeighingJudge
from shared.metrology.weighing_limits import WeighingLimits

JUDGES: dict[str, type[PointsJudge]] = {
    "dispensing": DispensingJudge,
    "pressure": PressureJudge,
    "temperature": TemperatureJudge,
    "flow": FlowJudge,
    "distance": DistanceJudge,
    "gas": GasJudge,
    "time": TimeJudge,
}
"""Families that have something of their own."""
_encode = msgspec.json.Encoder().encode


def judge_of(
    catalogue: Catalogue, facts: InstrumentFacts, on: date, stage: Stage = Stage.IN_SERVICE
) -> Judge:
    """Who judges this instrument on ``on``, by the edition that judges then; the same one for all instruments with the same plate.

    Raises InputError ``kind_unknown``, ``edition_unknown``, ``not_judged``, ``scale_incomplete``, ``scale_impossible``, ``accuracy_class_unknown``,
    ``nameplate_impossible``, ``unit_mismatch``.
    """
    plate = (
        facts.kind,
        facts.accuracy_class,
        facts.capacity_max,
        facts.capacity_min,
        facts.verification_scale_interval,
        facts.actual_scale_interval,
        facts.partial_ranges,
        facts.nameplate,
    )
    key = _encode((plate, on, stage))
    judge: Judge = remembered(catalogue.judges, key, lambda: make_judge(catalogue, facts, on, stage))
    return judge


def make_judge(catalogue: Catalogue, facts: InstrumentFacts, on: date, stage: Stage) -> Judge:
    """As :func:`judge_of`; of ``facts`` a judge looks at the plate alone, never at which instrument it is."""
    kind = catalogue.kind(facts.kind)
    limits = catalogue.limits_on(kind.id, on)
    if limits is None:
        raise InputError(
            "not_judged",
            "No limits are known for {kind} on {on}.",
            "Check identity, seals and certificate; have the measurement verified.",
            kind=kind.chinese,
            on=on,
        )
    procedure, facts = kind.procedure, with_known_figures(kind, facts)
    if isinstance(limits, WeighingLimits):
        loads = procedure if isinstance(procedure, WeighingProcedure) else None
        return WeighingJudge(limits, loads, facts, kind.default_class, stage, on)
    points = procedure if isinstance(procedure, PointsProcedure) else None
    judge = JUDGES.get(kind.family, PointsJudge)
    names = {each.id: each.name for each in kind.nameplate}
    return judge(limits, points, facts, kind.default_class, stage, on, names)


def with_known_figures(kind: Kind, facts: InstrumentFacts) -> InstrumentFacts:
    """The facts with those figures of the nameplate that the kind has. Raises InputError ``nameplate_impossible``, ``unit_mismatch``."""
    known = {field.id: field for field in kind.nameplate}
    figures = {name: given for name, given in facts.nameplate.items() if name in known}
    for name, given in figures.items():
        known[name].check(given)
    return msgspec.structs.replace(facts, nameplate=figures)


def plan(
    catalogue: Catalogue, facts: InstrumentFacts, standards: list[StandardUsed], on: date
) -> list[PlannedPoint]:
    """The points that a spot check on ``on`` asks for.

    An empty list means that the kind's measurement is not judged, or that nothing can be measured with these standards or by this
    nameplate: marks and seals are checked all the same, and the conclusion says why. Raises InputError ``standard_expired``.
    """
    if catalogue.kind(facts.kind).procedure is None:
        return []
    try:
        return judge_of(catalogue, facts, on).plan(standards)
    except InputError as error:
        if error.problem.code == "standard_expired":
            raise
        return []
