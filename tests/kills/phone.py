"""One phone in a process of its own: the app's workflows and engine, ``work.db`` and keys on disk, real HTTP.

``python -m tests.kills.phone enrol|work|settle FOLDER ORIGIN NUMBER SEED [CODE]``. It says on its output what it has done, a line at a time: ``asked DEVICE``,
``ready``, ``wrote DIGEST`` when a record is committed, ``ruled DIGEST`` when a ruling is, ``at PHASE DONE`` as a sync goes on, ``quiet`` when nothing waits.
"""

from __future__ import annotations

import asyncio
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mobile.device.clock import SystemClock
from mobile.device.native import NativeBlobs, NativeConnectivity, NativeKeys, NativePositioning, UrlTransport
from mobile.store.work import WorkStore
from mobile.workflow.app_state import AppState
from mobile.workflow.ports import Equipment
from shared.inspection import BlobRef, Inspection
from shared.instrument import Instrument
from shared.premises import PremisesType
from sync.envelope import Basis
from tests.mobile.phone import PIN, catalogue, regions
from tests.mobile.specimen import failing, of
from tests.shared.lots import rules

PATIENCE_S = {"enrol": 60, "work": 3, "settle": 60}
"""How long a request may take: at work a phone gives up soon on what the line has swallowed."""
MOST_WAITING = 60
"""Records in the outbox at which a phone writes no more until some have gone."""
PAUSE_S = 0.3
"""Between syncs while there is no network; the app's own pauses, seconds and minutes, would leave most of the kills nothing to hit."""
SETTLED_AFTER = 40
"""Syncs within which a phone must have nothing left once the faults have ended."""
KIND = "price-computing-scale"
LIKE = "like.json"
"""The spot check that every phone varies, in the folder above the phones'."""
AGAIN = 200
"""Rulings that a phone tells once more after a start: it may have been killed before it told them."""


def say(*words: object) -> None:
    """One line, out at once: a kill takes nothing back."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


@dataclass
class Handset:
    """The phone's parts."""

    app: AppState
    store: WorkStore
    chance: random.Random
    like: Inspection
    number: int

    def count(self, query: str) -> int:
        return int(self.store.database.execute(query).fetchone()[0])

    @property
    def waiting(self) -> int:
        return self.count("SELECT count(*) FROM record WHERE offered")

    async def write(self) -> None:
        """A registration or a spot check, in a fifth of these with a photo."""
        sites = await self.store.registry.all_premises()
        if not sites or self.chance.random() < 0.02:
            [*towns] = await self.app.register.townships()
            name = f"市场 {self.number}-{self.chance.randrange(10**6)}"
            site = await self.app.register.premises(name, self.chance.choice(towns).code, PremisesType.MARKET)
            say("wrote", *(await self.last(site.premises_id)))
            return
        instrument = await self.known_instrument()
        if instrument is None or self.chance.random() < 0.4:
            capacity = self.chance.choice(self.app.register.capacities(KIND))
            serial = f"{self.number}-{self.chance.randrange(10**9)}"
            site = self.chance.choice(sites)
            found = await self.app.register.instrument(
                kind=KIND, serial_number=serial, capacity=capacity, premises_id=site.premises_id
            )
            assert found.instrument
            say("wrote", *(await self.last(found.instrument.instrument_id)))
            return
        await self.check(instrument)

    async def last(self, subject: str) -> list[str]:
        """The digest of the newest record about a subject."""
        return [kept.digest for kept in (await self.store.records.about(subject))[:1]]

    async def known_instrument(self) -> Instrument | None:
        """Any of those that the phone knows, its own and others'."""
        query = "SELECT subject FROM known WHERE subject_type = 'instrument' ORDER BY subject"
        subjects = self.store.database.execute(query).fetchall()
        if not subjects:
            return None
        return await self.store.registry.instrument(self.chance.choice(subjects)[0])

    async def check(self, instrument: Instrument) -> None:
        """A spot check, now a pass and now a fail, so that some contradict each other."""
        photos, files = [], []
        if self.chance.random() < 0.2:
            content = self.chance.randbytes(self.chance.randrange(1_000, 90_000))
            digest = await self.app.equipment.blobs.put(content)
            photos.append(
                BlobRef(digest=digest, media_type="image/jpeg", size=len(content), role="nameplate")
            )
            files.append((digest, len(content), "image/jpeg"))
        like = failing(self.like) if self.chance.random() < 0.3 else self.like
        payload = msgspec.structs.replace(of(like, instrument), photos=photos)
        unsealed = await self.app.register._sealing.prepare(
            "inspection.recorded",
            payload,
            county=instrument.county,
            subjects=[instrument.instrument_id],
            basis=[Basis(instrument.instrument_id, instrument.version)],
            attachments=files,
        )
        say("wrote", (await self.app.register._sealing.write(unsealed)).digest)

    def ruled(self, told: set[str]) -> None:
        """Tells the rulings that are on the disk and were not told."""
        after = self.count("SELECT coalesce(max(position), 0) FROM record") - (0 if told else AGAIN)
        rows = "SELECT digest FROM record WHERE status <> '' AND position > ?"
        for (digest,) in self.store.database.execute(rows, [0 if told else after]).fetchall():
            if digest not in told:
                told.add(digest)
                say("ruled", digest)


def made(mode: str, folder: Path, origin: str, number: int, seed: str) -> Handset:
    """The phone on what lies in its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)  # noqa: S311  a seed is the point
    store = WorkStore(folder / "work.db")
    keys = NativeKeys(folder, random.SystemRandom().randbytes, rounds=1)
    equipment = Equipment(
        clock=SystemClock(),
        random_bytes=random.SystemRandom().randbytes,
        store=store,
        keys=keys,
        blobs=NativeBlobs(folder, keys),
        transport=UrlTransport(origin, PATIENCE_S[mode]),
        connectivity=NativeConnectivity(),
        positioning=NativePositioning(),
        catalogue=catalogue(),
        regions=regions(),
        app_version="0.1.0",
        prepackages=rules,
        device_name=f"phone {number}",
    )
    like = msgspec.json.decode((folder.parent / LIKE).read_bytes(), type=Inspection)
    return Handset(AppState(equipment), store, chance, like, number)


async def enrol(phone: Handset, code: str) -> None:
    """From nothing to ready; waits in the middle for a line on its input, which says that somebody granted it."""
    await phone.app.start()
    await phone.app.enrolment.give_code(code)
    view = await phone.app.enrolment.set_pin(PIN, PIN)
    assert view.problem is None, view.problem
    say("asked")
    await asyncio.to_thread(sys.stdin.readline)
    await phone.app.enrolment.poll()
    view = await phone.app.enrolment.first_pull()
    assert view.problem is None, view.problem
    say("ready")


async def opened(phone: Handset) -> None:
    """Starts the app and gives the PIN."""
    await phone.app.start()
    assert (await phone.app.session.unlock(PIN)).opened
    phone.app.sync.subscribe(lambda: say("at", phone.app.sync.status.phase, phone.app.sync.status.done))


async def work(phone: Handset) -> None:
    """Writes and syncs until it is killed."""
    told: set[str] = set()
    while True:
        if phone.waiting < MOST_WAITING:
            for _ in range(phone.chance.randrange(1, 9)):
                await phone.write()
        status = await phone.app.sync.run()
        phone.ruled(told)
        if status.problem:
            await asyncio.sleep(PAUSE_S)


async def settle(phone: Handset) -> None:
    """Syncs until nothing waits, and once more when it is told that the others have nothing either: then it has what came of it."""
    for _ in range(2):
        await come_to_rest(phone)
        say("quiet")
        await asyncio.to_thread(sys.stdin.readline)


async def come_to_rest(phone: Handset) -> None:
    """Syncs until nothing waits."""
    for _ in range(SETTLED_AFTER):
        status = await phone.app.sync.run()
        files = (await phone.store.attachments.counts()).get("waiting", 0)
        if status.problem is None and not phone.waiting and not files:
            return
    sys.exit(f"phone {phone.number} does not come to rest: {status.problem}")


async def main(mode: str, folder: str, origin: str, number: str, seed: str, code: str = "") -> None:
    """Does what the first word says."""
    phone = made(mode, Path(folder), origin, int(number), seed)
    if mode == "enrol":
        await enrol(phone, code)
    else:
        await opened(phone)
        await (work if mode == "work" else settle)(phone)
    phone.store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
