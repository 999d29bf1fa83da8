"""Correcting what is registered of an instrument, offline: signed, and shown as the phone's own until the server's state arrives."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mobile.workflow.ports import Equipment
from mobile.workflow.register import field_missing
from mobile.workflow.resolve import Found, Resolve
from mobile.workflow.sealing import Sealing, shown
from shared.amending import FieldChange, InstrumentField, amend, value_of, what_was_seen
from shared.instrument import Instrument
from shared.records import InstrumentAmended
from sync.envelope import Basis


class Corrections:
    """Writes ``instrument.amended``."""

    def __init__(self, equipment: Equipment, resolve: Resolve, sealing: Sealing) -> None:
        self._registry = equipment.store.registry
        self._resolve = resolve
        self._sealing = sealing

    async def correct(self, instrument: Instrument, values: Mapping[InstrumentField, str]) -> Found:
        """Signs what differs from the instrument as its card showed it; the values that the author had not seen stay beside it.

        Raises InputError ``field_missing`` for an empty serial number; AccessError ``session_locked``.
        """
        wanted = {field: value.strip() for field, value in values.items()}
        if wanted.get(InstrumentField.SERIAL_NUMBER) == "":
            raise field_missing("serial_number")
        changes = [
            FieldChange(
                field=field,
                before=value_of(instrument, field),
                after=value,
                seen=what_was_seen(instrument, field, value),
            )
            for field, value in wanted.items()
            if value != value_of(instrument, field)
        ]
        if changes:
            await self._write(instrument, changes)
        return await self._resolve.chosen(instrument.instrument_id)

    async def _write(self, instrument: Instrument, changes: list[FieldChange[InstrumentField]]) -> None:
        unsealed = await self._sealing.prepare(
            "instrument.amended",
            InstrumentAmended(instrument_id=instrument.instrument_id, changes=changes),
            county=instrument.county,
            subjects=[instrument.instrument_id],
            basis=[Basis(instrument.instrument_id, instrument.version)],
        )
        # What this phone wrote meanwhile, on another screen, must not vanish from its own state.
        before = await self._registry.instrument(instrument.instrument_id) or instrument
        after, _clashes = amend(before, changes, unsealed.record_id)
        site = await self._registry.premises(after.premises_id)
        after = msgspec.structs.replace(after, township=site.township if site else after.township)
        await self._sealing.write(unsealed, provisional=[shown("instrument", after.instrument_id, after)])
