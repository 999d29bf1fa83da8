"""Codes of others on instruments: which instrument may be meant, binding one on the spot, and putting one aside for later."""

from __future__ import annotations

from datetime import datetime

import msgspec

from mobile.workflow.ports import Equipment, KeptCode
from mobile.workflow.resolve import Found, LabelVerdict, Resolve
from mobile.workflow.sealing import Sealing, shown
from shared.errors import InputError
from shared.foreign_label import ForeignLabel
from shared.identity import digest_of
from shared.instrument import Instrument
from shared.records import AliasBound, Sighting
from sync.envelope import Basis

UNBOUND = (LabelVerdict.FOREIGN, LabelVerdict.FOREIGN_DISPUTED)
"""Codes of others of which a person has to say what they stand for."""


class PutAside(msgspec.Struct, frozen=True):
    """A code that waits for somebody to find out what it stands for."""

    found: Found
    kept_at: datetime


class ForeignLabels:
    """What a person does with a code that is not one of our labels."""

    def __init__(self, equipment: Equipment, resolve: Resolve, sealing: Sealing) -> None:
        self._equipment = equipment
        self._resolve = resolve
        self._sealing = sealing

    async def alike(self, foreign: ForeignLabel) -> list[Found]:
        """The instruments known here whose serial number is what the code says, or may say."""
        numbers = [foreign.serial_number, *(one.value for one in foreign.candidates)]
        found: dict[str, Found] = {}
        for number in filter(None, numbers):
            for instrument in await self._equipment.store.registry.by_serial(number):
                if instrument.instrument_id not in found:
                    found[instrument.instrument_id] = await self._resolve.chosen(instrument.instrument_id)
        return list(found.values())

    async def bind(self, found: Found, instrument: Instrument, seen: Sighting) -> Found:
        """Seals ``alias.bound``, and gives the code as found on the instrument; one that is bound to it already is not bound twice.

        Raises InputError ``code_names_none``; AccessError ``session_locked``.
        """
        foreign = must_be_bindable(found)
        instrument = await self._equipment.store.registry.instrument(instrument.instrument_id) or instrument
        if foreign.key not in instrument.aliases:
            bound = AliasBound(
                instrument_id=instrument.instrument_id,
                raw=foreign.raw,
                format=foreign.format,
                key=foreign.key,
                seen=seen,
            )
            unsealed = await self._sealing.prepare(
                "alias.bound",
                bound,
                county=instrument.county,
                subjects=[instrument.instrument_id],
                basis=[Basis(instrument.instrument_id, instrument.version)],
            )
            instrument = msgspec.structs.replace(instrument, aliases=[*instrument.aliases, foreign.key])
            await self._sealing.write(
                unsealed, provisional=[shown("instrument", instrument.instrument_id, instrument)]
            )
        await self.drop(found)
        return await self._resolve.bound(found, instrument)

    async def keep(self, found: Found) -> None:
        """Puts the code aside as it is, every character."""
        content = found.payload.encode()
        await self._equipment.store.kept_codes.keep(
            KeptCode(
                digest=digest_of(content),
                kept_at=self._equipment.clock.now(),
                sealed=await self._equipment.keys.seal(content),
            )
        )

    async def drop(self, found: Found) -> None:
        """Forgets that the code was put aside."""
        await self._equipment.store.kept_codes.drop(digest_of(found.payload.encode()))

    async def is_kept(self, found: Found) -> bool:
        """Whether the code was put aside."""
        digest = digest_of(found.payload.encode())
        return any(code.digest == digest for code in await self._equipment.store.kept_codes.all())

    async def put_aside(self) -> list[PutAside]:
        """The codes that were put aside, the newest first, each looked up anew: one may have been bound meanwhile."""
        return [
            PutAside(
                await self._resolve.scanned((await self._equipment.keys.open(code.sealed)).decode()),
                code.kept_at,
            )
            for code in await self._equipment.store.kept_codes.all()
        ]


def must_be_bindable(found: Found) -> ForeignLabel:
    """What the code says, if it may stand for one instrument. Raises InputError ``code_names_none``."""
    foreign = found.foreign
    if foreign is None or not foreign.names_one:
        raise InputError(
            "code_names_none",
            "This code names a model, a maker or a page, not one instrument.",
            "Use our own label for this instrument.",
        )
    return foreign
