"""A whole spot check as the real workflow writes it, and the same for any other instrument."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from mobile.workflow.draft import Step
from shared.inspection import Inspection, InstrumentFacts, PointRole, Reading
from shared.instrument import Instrument
from shared.quantity import Quantity
from tests.mobile.phone import make_phone, make_world
from tests.mobile.picture import jpeg


async def spot_check() -> Inspection:
    """Everything answered as if all were right."""
    world = make_world()
    phone = make_phone(world)
    await phone.enrol()
    await phone.app.session.choose_standards([one.standard_id for one in world.weights[:5]])
    check = await phone.app.spot_checks.begin(await phone.app.resolve.scanned(world.payload))
    await check.rest_is_normal()
    await check.add_photo(jpeg())
    while check.cursor.step is Step.READINGS:
        await check.same()
    await check.sign(b"strokes", "image/png")
    [kept] = await phone.store.records.about(world.scale.instrument_id)
    return msgspec.json.decode(kept.envelope.payload, type=Inspection)


def of(like: Inspection, instrument: Instrument) -> Inspection:
    """The same check of another instrument."""
    return msgspec.structs.replace(
        like, instrument=InstrumentFacts.of(instrument), premises_id=instrument.premises_id
    )


def failing(like: Inspection) -> Inspection:
    """The same check with every load read 200 g too high."""

    def wrong(reading: Reading) -> Reading:
        if reading.role is not PointRole.LOAD or reading.indication is None:
            return reading
        return msgspec.structs.replace(reading, indication=reading.indication + Quantity(Decimal(200), "g"))

    return msgspec.structs.replace(like, readings=[wrong(reading) for reading in like.readings])
