"""Hand-overs under faults, and the proof that these histories can fail."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import DatabaseError

from mobile.store.carried import PhoneCarried
from server.callers import DeviceAccess
from server.services.handovers import Handovers
from server.store.tables import chain_head
from sync.envelope import read_body
from sync.handover import Bundle, Content, read_bundle
from sync.messages import HandoverAnswer, Ruling, Status
from sync.ports import Carrying
from tests.simulation.handovers import HandoverParts, play

HISTORIES = 200
SLICES = 4


@pytest.mark.parametrize("part", range(SLICES))
def test_no_history_with_hand_overs_loses_or_doubles_anything(part: int) -> None:
    """Lost frames, couriers that crash and are put back, offices that crash and are restored, bundles brought again: every invariant holds."""
    each = HISTORIES // SLICES
    for seed in range(1 + part * each, 1 + (part + 1) * each):
        play(seed, rebuilds=seed % 50 == 0)


def test_a_history_with_hand_overs_is_determined_by_its_seed() -> None:
    """The same seed gives the same trace twice."""
    assert play(3) == play(3)


class CountsTwice(Handovers):
    """Counts a record in its chain once more when a courier brings what its phone has pushed."""

    def _receive(
        self, device: DeviceAccess, bundle: Bundle, content: Content, brought_by: str, person_id: str
    ) -> tuple[list[Ruling], bool]:
        rulings, again = super()._receive(device, bundle, content, brought_by, person_id)
        for sealed, ruling in zip(content.records, rulings, strict=True):
            if ruling.status is Status.DUPLICATE and not again:
                chain = read_body(sealed.body).chain
                self._database.write(lambda connection, chain=chain: count_once_more(connection, chain))  # type: ignore[misc]
        return rulings, again


def count_once_more(connection: Connection, chain: str) -> None:
    connection.execute(
        update(chain_head).where(chain_head.c.chain == chain).values(count=chain_head.c.count + 1)
    )


class AnswersBeforeCommit(Handovers):
    """Says that it has a bundle although the commit never happened."""

    def carried(self, courier: DeviceAccess, content: bytes) -> HandoverAnswer:
        try:
            return super().carried(courier, content)
        except DatabaseError:
            return HandoverAnswer(read_bundle(content).digest, False, self._clock.now(), self._generation)


class TakesItForItsOwn(Handovers):
    """Receives a bundle as if its courier had written it."""

    def carried(self, courier: DeviceAccess, content: bytes) -> HandoverAnswer:
        self._courier = courier
        return super().carried(courier, content)

    def _receive(
        self, device: DeviceAccess, bundle: Bundle, content: Content, brought_by: str, person_id: str
    ) -> tuple[list[Ruling], bool]:
        courier = getattr(self, "_courier", device)
        return super()._receive(courier, bundle, content, brought_by, person_id)


class KeepsOneAlone(PhoneCarried):
    """Lets go of what it carries when it takes something more."""

    async def keep(self, bundle: Carrying, content: bytes) -> None:
        for one in await self.all():
            await self.drop(one.digest)
        await super().keep(bundle, content)


PLANTED = {
    "counts twice": HandoverParts(office=CountsTwice),
    "answers before the commit": HandoverParts(office=AnswersBeforeCommit),
    "takes it for the courier's own": HandoverParts(office=TakesItForItsOwn),
    "keeps one alone": HandoverParts(phone=KeepsOneAlone),
}


@pytest.mark.parametrize("parts", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_fault_in_hand_overs_is_caught(parts: HandoverParts) -> None:
    """Each known mistake breaks an invariant within two hundred histories."""
    for seed in range(1, 201):
        try:
            play(seed, parts)
        except AssertionError:
            return
    pytest.fail("two hundred histories did not notice")
