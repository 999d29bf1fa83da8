"""The bench's phone: the real store on a real file, the real engine over real HTTP, and a day's records in its outbox."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mobile.device.native import UrlTransport
from mobile.store.packs import PackFiles
from server.adapters import SystemClock
from shared.identity import mint
from shared.instrument import Instrument
from shared.premises import Premises, PremisesType
from shared.records import InstrumentRegistered
from sync.envelope import Basis
from tests.bench.office import TOWNSHIP, Running, instrument
from tests.contracts.fakes import SoftwareKeys, seeded
from tests.mobile.phone import PIN, Phone
from tests.mobile.specimen import of, spot_check


async def enrolled(running: Running, path: Path, pack_files: PackFiles | None = None) -> Phone:
    """A phone that has gone through the real enrolment; its store is the file ``path``."""
    transport, keys = UrlTransport(running.origin), SoftwareKeys(seeded("bench"))
    phone = Phone(path, SystemClock(), transport, keys, pack_files=pack_files)  # type: ignore[arg-type]
    await phone.app.start()
    await phone.app.enrolment.give_code(running.code)
    await phone.app.enrolment.set_pin(PIN, PIN)
    return phone


def hurried(phone: Phone, on: bool) -> None:
    """While records are prepared nothing needs to survive a power cut; what is measured runs with ``synchronous=FULL`` again."""
    phone.store.database.execute(f"PRAGMA synchronous={'OFF' if on else 'FULL'}").fetchall()


async def write_registrations(phone: Phone, count: int, after: int = 0) -> list[Instrument]:
    """One site and ``count`` - 1 instruments on it, sealed and signed one by one as the app does it; ``after`` so many others, whose serial numbers
    are not theirs.
    """
    site = await phone.app.register.premises("张强镇中心农贸市场", TOWNSHIP, PremisesType.MARKET)
    return [await write_instrument(phone, site, number) for number in range(after + 1, after + count)]


async def write_instrument(phone: Phone, site: Premises, number: int) -> Instrument:
    """One registration of a scale with all its fields."""
    state = instrument(number, mint(phone.clock, phone.random_bytes), site.premises_id)
    fields = {name: getattr(state, name) for name in InstrumentRegistered.__struct_fields__}
    unsealed = await phone.app.register._sealing.prepare(
        "instrument.registered",
        InstrumentRegistered(**fields),
        county=state.county,
        subjects=[state.instrument_id, site.premises_id],
    )
    await phone.app.register._sealing.write(unsealed)
    return state


async def write_inspections(phone: Phone, instruments: Sequence[Instrument], count: int) -> None:
    """``count`` spot checks, each instrument in its turn."""
    like = await spot_check()
    for number in range(count):
        state = instruments[number % len(instruments)]
        payload = of(like, state)
        unsealed = await phone.app.register._sealing.prepare(
            "inspection.recorded",
            payload,
            county=state.county,
            subjects=[state.instrument_id],
            basis=[Basis(state.instrument_id, 1)],
        )
        await phone.app.register._sealing.write(unsealed)
