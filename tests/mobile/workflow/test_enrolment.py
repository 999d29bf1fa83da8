"""Enrolment: every step is kept, a lost network costs nothing, a PIN is counted."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from mobile.workflow.app_state import Phase
from mobile.workflow.enrolment import EnrolmentStep, read_code
from mobile.workflow.session import TRIES, WAITS
from shared.errors import AccessError, InputError
from sync.keys import fingerprint
from sync.messages import EnrolmentState
from tests.contracts.office import cut, problem
from tests.mobile.phone import PIN, make_phone, make_world


@pytest.mark.parametrize(
    "text", ["https://phone.example/#/enrol/ABC-123x", "/enrol/ABC-123x", " ABC-123x ", "ABC-123x"]
)
def test_the_code_is_found_in_what_was_scanned(text: str) -> None:
    """An address, a route and the bare code all give the code."""
    assert read_code(text) == "ABC-123x"


@pytest.mark.parametrize("text", ["", "权衡", "https://phone.example/", "a b"])
def test_other_texts_are_no_code(text: str) -> None:
    """What can't be an enrolment code is refused with a way out."""
    with pytest.raises(InputError, match="enrolment_code_unreadable"):
        read_code(text)


def test_enrolment_goes_on_after_a_kill_at_every_step(tmp_path: Path) -> None:
    """Killed after each step, the phone is on that step again; granted while dead, it asks for the PIN and pulls."""

    async def flow() -> None:
        world = make_world()
        world.office.grants_at_once = False
        phone = make_phone(world, tmp_path / "work.db")
        await phone.app.start()
        assert str(phone.app.phase) == "enrol"
        await phone.app.enrolment.give_code("ENROLME1")
        phone = phone.killed()
        await phone.app.start()
        assert phone.app.enrolment.view.step is EnrolmentStep.PIN
        view = await phone.app.enrolment.set_pin(PIN, PIN)
        assert view.step is EnrolmentStep.COMPARE
        asked = world.office.asked
        assert view.fingerprint == fingerprint(asked.device_public_key, asked.author_public_key)
        phone = phone.killed()
        await phone.app.start()
        assert phone.app.enrolment.view.fingerprint == view.fingerprint
        assert (await phone.app.enrolment.poll()).step is EnrolmentStep.COMPARE
        world.office.grants_at_once = True
        view = await phone.app.enrolment.poll()
        assert (view.step, view.counties) == (EnrolmentStep.PULL, ["康平县"])
        assert str(phone.app.phase) == "locked"
        refused = await phone.app.enrolment.first_pull()
        assert refused.problem
        assert refused.problem.code == "session_locked"
        await phone.app.session.unlock(PIN)
        assert str(phone.app.phase) == "enrol"
        assert (await phone.app.enrolment.first_pull()).step is EnrolmentStep.READY
        assert str(phone.app.phase) == "open"
        assert await phone.store.registry.instrument(world.scale.instrument_id)

    asyncio.run(flow())


def test_a_lost_network_costs_nothing() -> None:
    """Each step that needs the server says so without one, and works when it is tried again."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        await phone.app.start()
        await phone.app.enrolment.give_code("ENROLME1")
        world.office.before = cut
        view = await phone.app.enrolment.set_pin(PIN, PIN)
        assert view.problem
        assert (view.step, view.problem.code) == (EnrolmentStep.PIN, "no_network")
        world.office.before = lambda _method, _path: None
        assert (await phone.app.enrolment.set_pin(PIN, PIN)).step is EnrolmentStep.PULL
        world.office.before = cut
        view = await phone.app.enrolment.first_pull()
        assert view.problem
        assert (view.step, view.problem.code) == (EnrolmentStep.PULL, "no_network")
        world.office.before = lambda _method, _path: None
        assert (await phone.app.enrolment.first_pull()).step is EnrolmentStep.READY

    asyncio.run(flow())


def test_a_refused_code_begins_again_with_the_reason() -> None:
    """A code that the server does not take leads back to scanning, with the server's words."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        await phone.app.enrolment.give_code("ENROLME1")
        world.office.before = lambda _method, _path: problem(403, "enrolment_code_spent")
        view = await phone.app.enrolment.set_pin(PIN, PIN)
        assert view.problem
        assert (view.step, view.problem.code) == (EnrolmentStep.CODE, "enrolment_code_spent")

    asyncio.run(flow())


def test_a_rejected_phone_says_so() -> None:
    """Where the administrator's fingerprint differs, the phone is told, and a new code starts again."""

    async def flow() -> None:
        world = make_world()
        world.office.grants_at_once = False
        phone = make_phone(world)
        await phone.app.enrolment.give_code("ENROLME1")
        await phone.app.enrolment.set_pin(PIN, PIN)
        pending = world.office._enrolment()
        rejected = msgspec.structs.replace(pending, state=EnrolmentState.REJECTED)
        world.office._enrolment = lambda: rejected  # type: ignore[method-assign]
        assert (await phone.app.enrolment.poll()).step is EnrolmentStep.REJECTED
        assert (await phone.app.enrolment.give_code("ANOTHER1")).step is EnrolmentStep.PIN

    asyncio.run(flow())


@pytest.mark.parametrize(
    ("pin", "again", "code"), [("123", "123", "pin_too_short"), (PIN, "246811", "pin_differs")]
)
def test_a_pin_is_six_digits_twice(pin: str, again: str, code: str) -> None:
    """Anything else is refused before a key is made."""

    async def flow() -> None:
        phone = make_phone(make_world())
        await phone.app.enrolment.give_code("ENROLME1")
        view = await phone.app.enrolment.set_pin(pin, again)
        assert view.problem
        assert (view.step, view.problem.code) == (EnrolmentStep.PIN, code)

    asyncio.run(flow())


def test_wrong_pins_wait_longer_and_never_wipe(tmp_path: Path) -> None:
    """After five wrong tries the phone waits 1, 5 and then 15 minutes, over restarts too; the right PIN then opens it."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world, tmp_path / "work.db")
        await phone.enrol()
        for wait in [*WAITS, WAITS[-1]]:
            phone = phone.killed()
            await phone.app.start()
            for left in (4, 3, 2, 1):
                unlock = await phone.app.session.unlock("000000")
                assert (unlock.opened, unlock.tries_left, unlock.wait_until) == (False, left, None)
            unlock = await phone.app.session.unlock("000000")
            assert unlock.wait_until == world.clock.now() + wait
            phone = phone.killed()
            await phone.app.start()
            assert not (await phone.app.session.unlock(PIN)).opened
            world.clock.advance(wait - timedelta(seconds=1))
            assert await phone.app.session.waiting_until()
            world.clock.advance(timedelta(seconds=1))
            assert await phone.app.session.waiting_until() is None
        assert (await phone.app.session.unlock(PIN)).opened
        assert await phone.store.registry.instrument(world.scale.instrument_id)

    asyncio.run(flow())


def test_a_clock_put_back_makes_no_wait_longer() -> None:
    """Five wrong PINs while the clock was nine days ahead: once it is right again, a minute is a minute."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        await phone.enrol()
        session = phone.app.session
        await session.lock()
        world.clock.advance(timedelta(days=9))
        for _try in range(TRIES):
            await session.unlock("000000")
        world.clock.advance(timedelta(days=-9))
        assert await session.waiting_until() == world.clock.now() + WAITS[0]
        world.clock.advance(WAITS[0] - timedelta(seconds=1))
        assert not (await session.unlock(PIN)).opened
        world.clock.advance(timedelta(seconds=1))
        assert (await session.unlock(PIN)).opened

    asyncio.run(flow())


def test_an_idle_phone_locks_itself() -> None:
    """Ten minutes without a touch lock the key; a touch puts it off."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        await phone.enrol()
        session = phone.app.session
        world.clock.advance(timedelta(minutes=9))
        assert not await session.lock_when_idle()
        session.touched()
        world.clock.advance(timedelta(minutes=9))
        assert not await session.lock_when_idle()
        world.clock.advance(timedelta(minutes=1))
        assert await session.lock_when_idle()
        assert phone.app.phase is Phase.LOCKED
        with pytest.raises(AccessError, match="session_locked"):
            await phone.app.spot_checks.begin(await phone.app.resolve.scanned(world.payload))

    asyncio.run(flow())


def test_weights_with_an_expired_certificate_are_refused() -> None:
    """An expired standard is shown as not usable, choosing it is refused, and one that expires drops out by itself."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        await phone.enrol()
        session = phone.app.session
        offered = await session.offered_standards()
        assert [one.usable for one in offered] == [True] * 5 + [False]
        valid = [one.standard.standard_id for one in offered if one.usable]
        await session.choose_standards(valid)
        with pytest.raises(InputError, match="standard_expired"):
            await session.choose_standards([offered[-1].standard.standard_id])
        assert [one.standard_id for one in session.standards] == valid
        world.clock.advance(timedelta(days=500))
        await session.restore()
        assert session.standards == []

    asyncio.run(flow())


def test_the_partner_of_last_time_is_offered_first(tmp_path: Path) -> None:
    """The second officer is kept over a restart and stands first in the list; oneself is not in it."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world, tmp_path / "work.db")
        await phone.enrol()
        [partner] = await phone.app.session.partners()
        await phone.app.session.choose_partner(partner.person_id)
        phone = await phone.reopened()
        assert phone.app.session.partner == partner
        with pytest.raises(InputError, match="person_unknown"):
            await phone.app.session.choose_partner(world.office.person.person_id)

    asyncio.run(flow())
