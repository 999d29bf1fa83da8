"""Scenarios 5, 25 and 26: two people correct one instrument, and neither knows of the other."""

from __future__ import annotations

from shared.amending import InstrumentField
from shared.instrument import Instrument
from tests.mobile.phone import Phone
from tests.mobile.played import played
from tests.scenarios.town import Town, agree, registered, scale, statuses, sync


async def two_with_one_scale(town: Town) -> tuple[Phone, Phone, Instrument]:
    """Two phones that both know one scale, as the office has it."""
    one, other = await town.phone("li"), await town.phone("zhao")
    await registered(one, "甲")
    [market] = await one.store.registry.all_premises()
    instrument = await scale(one, market.premises_id)
    for phone in (one, other):
        assert (await sync(phone)).finished
    known = await other.store.registry.instrument(instrument.instrument_id)
    assert known
    return one, other, known


async def all_sync(town: Town, *phones: Phone) -> None:
    """Until each has what the others did; then all agree."""
    for phone in (*phones, *phones):
        assert (await sync(phone)).finished
    await agree(town, *phones)


async def now(phone: Phone, instrument: Instrument) -> Instrument:
    """The instrument as the phone knows it."""
    found = await phone.store.registry.instrument(instrument.instrument_id)
    assert found
    return found


def said_of(instrument: Instrument, field: InstrumentField) -> set[str]:
    """All values of a field, the one in force and those beside it."""
    beside = {one.value for one in instrument.disputes if one.field == field}
    return {str(getattr(instrument, field.value)), *beside}


@played
async def test_05_a_correction_of_what_was_scrapped_is_a_conflict_and_kept(town: Town) -> None:
    """5. One phone scraps the scale, the other corrects its stall: an explicit conflict at the one that came second, and the correction is kept."""
    one, other, instrument = await two_with_one_scale(town)
    await one.app.corrections.correct(instrument, {InstrumentField.USE_STATUS: "scrapped"})
    await other.app.corrections.correct(instrument, {InstrumentField.STALL: "B7"})
    await all_sync(town, one, other)
    assert "conflicting" in (await statuses(other)).values()
    for phone in (one, other):
        found = await now(phone, instrument)
        assert found.stall == "B7"
        assert found.use_status == "scrapped"
        assert {dispute.field for dispute in found.disputes} == {"use_status"}


@played
async def test_25_different_fields_both_survive(town: Town) -> None:
    """25. Two phones correct different fields of one scale: both stand, and nobody has to look."""
    one, other, instrument = await two_with_one_scale(town)
    await one.app.corrections.correct(instrument, {InstrumentField.STALL: "B7"})
    await other.app.corrections.correct(instrument, {InstrumentField.MODEL: "TCS-30"})
    await all_sync(town, one, other)
    for phone in (one, other):
        found = await now(phone, instrument)
        assert (found.stall, found.model, found.disputes) == ("B7", "TCS-30", [])
        assert set((await statuses(phone)).values()) == {"accepted"}


@played
async def test_26_one_field_twice_is_a_conflict_with_both_values(town: Town) -> None:
    """26. Two phones correct one field to different values: the ledger's first is in force, the other beside it, on both phones; the second author is told."""
    one, other, instrument = await two_with_one_scale(town)
    await one.app.corrections.correct(instrument, {InstrumentField.STALL: "B7"})
    await other.app.corrections.correct(instrument, {InstrumentField.STALL: "C1"})
    await all_sync(town, one, other)
    for phone in (one, other):
        found = await now(phone, instrument)
        assert found.stall == "B7"
        assert said_of(found, InstrumentField.STALL) == {"B7", "C1"}
    assert "conflicting" in (await statuses(other)).values()
    assert "conflicting" not in (await statuses(one)).values()
