"""Sticker numbers (合格证编号), given to phones ahead so that a team affixes them without a network.

Invariants: a number is given to one chain of one phone, once; what a copy of that phone gives away besides is seen when it comes in. A store that
was put back from a backup gives numbers of another series, for its series is drawn from the store's generation.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from server.callers import DeviceAccess
from server.services.office_records import OfficeEntry, OfficeRecords
from server.services.registry import Registry
from server.store import access as access_store
from server.store.database import Database
from shared.clock import Clock
from shared.identity import RandomBytes, mint
from shared.label import ALPHABET
from shared.people import Role
from shared.verification import BLOCK_SIZE, NumbersReserved, StickerBlock
from sync.messages import Handshake, Welcome

LOW = 20
"""Numbers left to a phone in a county below which it is given more."""
MOST_OPEN = 3 * BLOCK_SIZE
"""Numbers of one chain that the office has not seen again; with so many out it waits for the phone's records."""
MOST_BLOCKS = 100_000
"""More than the phones of a province have."""
NEXT = "next_sticker"


def series_of(generation: str) -> str:
    """Four characters that the numbers of this generation of the store begin with."""
    number = int.from_bytes(hashlib.sha256(generation.encode()).digest()[:8], "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(4))


class Stickers:
    """Gives phones their numbers."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        office: OfficeRecords,
        clock: Clock,
        random_bytes: RandomBytes,
        generation: str,
    ) -> None:
        self._database, self._registry, self._office = database, registry, office
        self._clock, self._random, self._series = clock, random_bytes, series_of(generation)

    def grant(self, device: DeviceAccess, handshake: Handshake, welcome: Welcome) -> int:
        """Gives a verifier's phone a block for each county in which few numbers are left to it, before it pulls; how many blocks.

        A phone that the office knows more of than the phone itself was put back: it opens a new chain, and numbers go to that one.
        """
        put_back = welcome.head_sequence > handshake.sequence or (
            welcome.head_sequence == handshake.sequence and welcome.head_digest != handshake.digest
        )
        if not handshake.chain or put_back or device.access != "open" or handshake.stickers is None:
            return 0
        if not self._is_verifier(device.person_id):
            return 0
        low = [each for each in device.counties if handshake.stickers.get(each, 0) < LOW]
        if not low:
            return 0
        open_here = self._open_numbers(device.counties, handshake.chain)
        wanted = [each for each in low if open_here.get(each, 0) < MOST_OPEN]
        if wanted:
            entries = [self._block(county, device.device_id, handshake.chain) for county in wanted]
            self._office.write(device.person_id, entries)
        return len(wanted)

    def _is_verifier(self, person_id: str) -> bool:
        with self._database.reading() as connection:
            person = access_store.person_by(connection, person_id=person_id)
        return person is not None and person["role"] == Role.VERIFIER.value

    def _open_numbers(self, counties: list[str], chain: str) -> dict[str, int]:
        """By county how many numbers of this chain were given and not seen again."""
        found: dict[str, int] = {}
        for block in self.blocks(counties):
            if block.chain == chain:
                found[block.county] = found.get(block.county, 0) + block.count - len(block.used)
        return found

    def blocks(self, counties: list[str]) -> list[StickerBlock]:
        """Every block that was given in these counties."""
        return self._registry.all("sticker_block", counties, MOST_BLOCKS)

    def _block(self, county: str, device_id: str, chain: str) -> OfficeEntry:
        block_id = mint(self._clock, self._random)
        payload = NumbersReserved(
            block_id=block_id,
            series=self._series,
            first=self._take(),
            count=BLOCK_SIZE,
            device=device_id,
            chain=chain,
        )
        return OfficeEntry(kind="numbers.reserved", county=county, subjects=[block_id], payload=payload)

    def _take(self) -> int:
        """The first of a hundred numbers that nobody else gets; those of a block that is not written after all are lost, never given twice."""

        def take(connection: Connection) -> int:
            first = int(access_store.fact(connection, NEXT) or 1)
            access_store.set_fact(connection, NEXT, str(first + BLOCK_SIZE))
            return first

        return self._database.write(take, [NEXT])
