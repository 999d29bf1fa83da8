"""Every judged kind's form takes what a vector read, field by field, and comes to the vector's judgement."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from mobile.workflow.draft import Field, Step
from mobile.workflow.fields import written
from mobile.workflow.resolve import Found, LabelVerdict
from mobile.workflow.spot_check import SpotCheck
from shared.errors import InputError
from shared.inspection import FindingOutcome, FindingSubject, Inspection, Reading
from shared.metrology.points import REFERENCE
from shared.metrology.spot_check import conclude
from shared.quantity import Quantity
from shared.standard import Standard
from tests.mobile.bench import instrument
from tests.mobile.keys import typed
from tests.mobile.phone import COUNTY, make_phone, make_world
from tests.shared.checks import catalogue, vectors
from tests.shared.families import FILE, check_of

OF_THE_NAMEPLATE = (
    "accuracy_class",
    "capacity_max",
    "capacity_min",
    "verification_scale_interval",
    "actual_scale_interval",
    "nameplate",
)
SPOILT = {"standards_valid_until", "largest_error", "accuracy_class_of_weights"}
"""Vectors whose standards nobody could have chosen, or that the phone would not have carried."""
UNTYPED = {
    "a correction that nobody entered",
    "at the limit exactly, read in kilopascal",
    "3.75 mmHg is within 0.5 kPa",
}
"""Vectors that no form lets anybody type: a usual value that is not there, another unit, more decimals than the display has."""
FORMS = [vector for vector in vectors(FILE) if not SPOILT & set(vector) and vector["name"] not in UNTYPED]


def carried(inspection: Inspection) -> list[Standard]:
    """The standards of a vector as the register has them."""
    return [
        Standard(
            county=COUNTY,
            name="standard",
            serial_number=f"S-{number}",
            certificate_no="J-1",
            **msgspec.structs.asdict(one) | {"standard_id": f"{one.standard_id[:-2]}{number:02d}"},
        )
        for number, one in enumerate(inspection.standards)
    ]


async def begun(inspection: Inspection) -> SpotCheck:
    """The vector's instrument, at its first reading."""
    world = make_world()
    phone = make_phone(world)
    facts = msgspec.structs.asdict(inspection.instrument)
    made = instrument(world, facts["kind"], **{name: facts[name] for name in OF_THE_NAMEPLATE})
    standards = carried(inspection)
    for one in standards:
        world.office.show(COUNTY, "standard", one.standard_id, one)
    await phone.enrol()
    await phone.app.session.choose_standards([one.standard_id for one in standards])
    check = await phone.app.spot_checks.begin(Found(verdict=LabelVerdict.NO_LABEL, instrument=made))
    await check.rest_is_normal()
    await check.without_photo()
    return check


async def enter(check: SpotCheck, field: str, given: Quantity, unit: str) -> None:
    """Types into one field, or chooses."""
    view = next(each for each in check.live().fields if each.id == field)  # type: ignore[union-attr]
    value = written(given.to(unit).value)
    if view.choices:
        await check.choose(field, next(one.value for one in view.choices if one.value == value))
    else:
        await check.edit(field)
        await typed(check, value)


async def read(check: SpotCheck, reading: Reading) -> None:
    """One reading; one that can't be taken for want of something beside it can't be done."""
    await check.go_to(Step.READINGS, reading.point)
    if reading.indication is None:
        await check.cannot("not_settling")
        return
    planned = check.current.planned  # type: ignore[union-attr]
    for each in planned.inputs:
        if each.id == REFERENCE and planned.reference_read:
            if not reading.reference.equals(planned.reference):
                await enter(check, REFERENCE, reading.reference, each.unit)
        elif each.id in reading.inputs:
            await enter(check, each.id, reading.inputs[each.id], each.unit)
    await check.edit(Field.INDICATION.value)
    await typed(check, written(reading.indication.to(planned.unit).value))
    if reading.added_weights:
        await check.finer()
        await typed(check, written(reading.added_weights.to("g").value))
    try:
        await check.next_point()
    except InputError as error:
        assert error.problem.code == "input_missing"  # noqa: PT017  whatever the vector, nothing else may be refused
        await check.cannot("not_settling")


@pytest.mark.parametrize(
    "vector",
    FORMS,
    ids=lambda vector: f"{vector['kind']}: {vector['name']}" if isinstance(vector, dict) else "",
)
def test_the_form_comes_to_the_vectors_judgement(vector: dict[str, Any]) -> None:
    """Typed on the phone, the readings of a vector give the measurement that the vector's record gives."""

    async def flow() -> None:
        inspection = check_of(vector["kind"], vector)
        wanted = conclude(catalogue(), inspection).finding(FindingSubject.MEASUREMENT)
        check = await begun(inspection)
        for reading in inspection.readings:
            await read(check, reading)
        found = check.conclusion().finding(FindingSubject.MEASUREMENT)
        assert found.outcome is wanted.outcome, found.reasons

    asyncio.run(flow())


def test_every_judged_kind_has_a_form_that_passes_and_one_that_fails() -> None:
    """Among the vectors typed there is for every judged kind one within and one beyond the limits."""
    outcomes: dict[str, set[FindingOutcome]] = {}
    for vector in FORMS:
        found = conclude(catalogue(), check_of(vector["kind"], vector))
        outcomes.setdefault(vector["kind"], set()).add(found.finding(FindingSubject.MEASUREMENT).outcome)
    assert all({FindingOutcome.WITHIN, FindingOutcome.OVER_LIMIT} <= each for each in outcomes.values())
