"""The sticker numbers that this phone was given ahead, and which of them are still free.

Invariant: a number that any record of this phone bears, sent or not, or that the office has seen, is never given again; nor is one of a block that
was given to another chain than the one that is written to now.
"""

from __future__ import annotations

import msgspec

from mobile.workflow.enrolled import must_be_enrolled
from mobile.workflow.ports import Equipment
from shared.people import Role
from shared.verification import Sticker, StickerBlock


class _Bears(msgspec.Struct):
    """The part of a record that names its sticker."""

    sticker: Sticker | None = None


class StickerStock:
    """Looks at the blocks of this phone."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._store = equipment.store

    async def free(self, county: str) -> list[Sticker]:
        """The numbers that are left in a county, the lowest first."""
        return [
            block.sticker(number)
            for block in await self._blocks()
            if block.county == county
            for number in await self._free_of(block)
        ]

    async def left(self) -> dict[str, int] | None:
        """How many numbers are left in each county of the scope; None on the phone of somebody who is no verifier."""
        enrolled = await must_be_enrolled(self._store.settings)
        if enrolled.person.role is not Role.VERIFIER:
            return None
        return {county: len(await self.free(county)) for county in enrolled.scope.counties}

    async def _blocks(self) -> list[StickerBlock]:
        chain, _sequence, _digest = await self._store.outbox.head()
        if not chain or await self._store.outbox.retired():
            return []
        device = (await must_be_enrolled(self._store.settings)).device_id
        mine = [
            block
            for block in await self._store.registry.sticker_blocks()
            if block.device == device and block.chain == chain
        ]
        return sorted(mine, key=lambda block: block.first)

    async def _free_of(self, block: StickerBlock) -> list[int]:
        used = set(block.used)
        for kept in await self._store.records.about(block.block_id):
            sticker = msgspec.json.decode(kept.envelope.payload, type=_Bears).sticker
            if sticker and sticker.block_id == block.block_id:
                used.add(sticker.number)
        return [number for number in range(block.first, block.first + block.count) if number not in used]
