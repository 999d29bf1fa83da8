"""Phones that begin on packs, under faults, and the proof that these histories can fail."""

from __future__ import annotations

import msgspec
import pytest

from mobile.store.packs import PhonePacks
from server.callers import DeviceAccess
from server.services.packs import Packs
from server.services.pull import read_cursor, write_cursor
from server.store import records as store
from sync.messages import PackOffer
from tests.simulation.packs import PackParts, play

HISTORIES = 200
SLICES = 4


@pytest.mark.parametrize("part", range(SLICES))
def test_no_history_on_packs_loses_or_doubles_anything(part: int) -> None:
    """Lost and late pieces, crashes at any commit, restores on both sides and changes of scope: every phone ends on what the office has."""
    each = HISTORIES // SLICES
    for seed in range(1 + part * each, 1 + (part + 1) * each):
        play(seed)


def test_a_history_on_packs_is_determined_by_its_seed() -> None:
    """The same seed gives the same trace twice."""
    assert play(3) == play(3)


class KeepsWhatWasPulled(PhonePacks):
    """Puts a county on a newer pack and leaves what was pulled over the older one: it hides what is newer."""

    async def install(self, offer: PackOffer) -> None:
        kept = self._database.execute(
            "SELECT * FROM state WHERE county = ? AND own = 0", [offer.pack.county]
        ).fetchall()
        await super().install(offer)
        marks = ", ".join("?" * 9)
        with self._database.atomic():
            self._database.conn.executemany(f"INSERT OR REPLACE INTO state VALUES ({marks})", kept)  # noqa: S608


class CursorAhead(Packs):
    """Offers an older pack with the cursor of today: what lies between is never pulled."""

    def offer(self, device: DeviceAccess, county: str) -> PackOffer:
        offer = super().offer(device, county)
        with self._database.reading() as connection:
            newest = store.last_state_seq(connection, county)
        cursor = read_cursor(offer.cursor)
        return msgspec.structs.replace(
            offer, cursor=write_cursor(msgspec.structs.replace(cursor, state_seq=newest))
        )


PLANTED = {
    "keeps what was pulled": PackParts(phone=KeepsWhatWasPulled),
    "cursor ahead": PackParts(office=CursorAhead),
}


@pytest.mark.parametrize("parts", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_fault_in_packs_is_caught(parts: PackParts) -> None:
    """Each known mistake breaks an invariant within a hundred histories."""
    for seed in range(1, 101):
        try:
            play(seed, parts)
        except AssertionError:
            return
    pytest.fail("a hundred histories did not notice")
