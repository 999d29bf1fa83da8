"""Taking a phone into service: scan the console's code, choose a PIN, compare fingerprints, get the counties.

The order is code → PIN → compare → pull → ready. The PIN comes before the request because the author's key is wrapped under it the
moment it is made, so that no key ever lies on the phone unwrapped. A killed app goes on where it was.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from mobile.workflow.enrolled import Enrolled, calls_of, enrolled_here, seal_text, written
from mobile.workflow.ports import Changed, Equipment, Observers, Unsubscribe
from mobile.workflow.sealing import Sealing
from mobile.workflow.session import Session
from mobile.workflow.sync_now import SyncNow, SyncPhase
from shared.errors import InputError, Problem, QuanhengError
from shared.identity import mint
from shared.people import Person
from sync.calls import Calls, RefusedError, no_network
from sync.keys import fingerprint, key_id
from sync.messages import Enrolment as Answered
from sync.messages import EnrolmentRequest, EnrolmentState, enrolment_message
from sync.ports import TransportError


class EnrolmentStep(StrEnum):
    CODE = "code"
    """Scan the console's code or type it."""
    PIN = "pin"
    """Choose a PIN of six digits, twice."""
    COMPARE = "compare"
    """The fingerprint is shown until the administrator has compared it."""
    REJECTED = "rejected"
    """The administrator said no; a new code starts again."""
    PULL = "pull"
    """The counties' states are being fetched."""
    READY = "ready"


class EnrolmentView(msgspec.Struct, frozen=True, kw_only=True):
    """What the enrolment screen shows."""

    step: EnrolmentStep
    code: str = ""
    fingerprint: str = ""
    """Groups of four characters, the same as the console shows."""
    person: Person | None = None
    counties: list[str] = []
    """Names of the counties, in the region's language."""
    server_name: str = ""
    confirmed_by_itself: bool = False
    """The demo's server compared nothing; the screen says so."""
    software_key: bool = False
    pulled: int = 0
    """States fetched so far."""
    fetched: int = 0
    """Kilobytes of the county's pack that have come."""
    problem: Problem | None = None
    """Why the last action did not go on; nothing is lost, and the same action can be tried again."""


_CODE = re.compile(r"(?:^|/enrol/)(?P<code>[0-9A-Za-z_-]{6,64})/?$")
PIN_LENGTH = 6
_PROGRESS = "enrolment"


class _Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept between the steps until the grant."""

    step: EnrolmentStep
    code: str = ""
    key_name: str = ""
    device_public_key: bytes = b""
    author_public_key: bytes = b""
    software_key: bool = False
    device_id: str = ""
    token: str = ""
    """Sealed."""


def read_code(text: str) -> str:
    """The enrolment code in a scanned address ``…/#/enrol/CODE``, a route ``/enrol/CODE``, or as typed.

    Raises InputError ``enrolment_code_unreadable``.
    """
    found = _CODE.search(text.strip())
    if not found:
        raise InputError(
            "enrolment_code_unreadable",
            "This is not an enrolment code.",
            "Scan the code under Devices on the console, or type what stands below it.",
        )
    return found["code"]


class Enrolment:
    """One phone's enrolment; every step is saved before the call returns.

    No method raises for a missing network or a server's refusal: ``view.problem`` says it.
    """

    def __init__(self, equipment: Equipment, sealing: Sealing, session: Session, sync: SyncNow) -> None:
        self._equipment = equipment
        self._sealing = sealing
        self._session = session
        self._sync = sync
        self._observers = Observers()
        self._progress = _Progress(step=EnrolmentStep.CODE)
        self.view = EnrolmentView(step=EnrolmentStep.CODE)

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Calls ``changed`` after each change of :attr:`view`."""
        return self._observers.subscribe(changed)

    async def restore(self) -> EnrolmentView:
        """The step that an earlier run of the app had reached."""
        text = await self._equipment.store.settings.get(_PROGRESS)
        if text:
            self._progress = msgspec.json.decode(text, type=_Progress)
        return await self._show()

    async def give_code(self, text: str) -> EnrolmentView:
        """Takes the scanned or typed code; on to the PIN. A problem: ``enrolment_code_unreadable``."""
        try:
            code = read_code(text)
        except InputError as error:
            return await self._show(error.problem)
        if self._progress.step in (EnrolmentStep.PULL, EnrolmentStep.READY):
            return await self._show()
        await self._go(_Progress(step=EnrolmentStep.PIN, code=code))
        return await self._show()

    async def begin_again(self) -> EnrolmentView:
        """Back to the code: to correct it before it was used, or to give another one while the first is not granted."""
        if self._progress.step is EnrolmentStep.PIN:
            await self._go(_Progress(step=EnrolmentStep.CODE, code=self._progress.code))
        elif self._progress.step is EnrolmentStep.COMPARE:
            await self._go(_Progress(step=EnrolmentStep.CODE))
        return await self._show()

    async def set_pin(self, pin: str, again: str) -> EnrolmentView:
        """Makes the keys under the PIN and asks the server; on to the comparison (or the pull where the server grants at once).

        Problems: ``pin_too_short``, ``pin_differs``, ``no_network``, and the server's own.
        """
        if self._progress.step is not EnrolmentStep.PIN:
            return await self._show()
        try:
            check_pin(pin, again)
            await self._make_keys(pin)
            asked = await self._ask()
        except QuanhengError as error:
            return await self._show(error.problem)
        except RefusedError as refused:
            return await self._refused(refused)
        except TransportError:
            return await self._show(no_network())
        await self._go(
            msgspec.structs.replace(
                self._progress,
                step=EnrolmentStep.COMPARE,
                device_id=asked.device_id,
                token=await seal_text(self._equipment.keys, asked.token),
            )
        )
        return await self._take(asked)

    async def _refused(self, refused: RefusedError) -> EnrolmentView:
        """A code that the server will not take is of no more use; anything else can be tried again."""
        if 400 <= refused.status < 500 and refused.status != 429:
            await self._go(_Progress(step=EnrolmentStep.CODE))
        return await self._show(refused.problem)

    async def _make_keys(self, pin: str) -> None:
        """Keys of this attempt; made anew with each PIN given, for an earlier wrapping is of no use."""
        key_name = mint(self._equipment.clock, self._equipment.random_bytes)
        made = await self._equipment.keys.create(key_name, pin)
        await self._go(
            msgspec.structs.replace(
                self._progress,
                key_name=key_name,
                device_public_key=made.device_public_key,
                author_public_key=made.author_public_key,
                software_key=made.software_key,
            )
        )

    async def _ask(self) -> Answered:
        progress = self._progress
        signature = await self._equipment.keys.sign_as_device(
            enrolment_message(progress.code, progress.author_public_key)
        )
        request = EnrolmentRequest(
            code=progress.code,
            device_public_key=progress.device_public_key,
            author_public_key=progress.author_public_key,
            signature=signature,
            device_name=self._equipment.device_name,
            software_key=progress.software_key,
        )
        return await Calls(self._equipment.transport).post("/enrolments", request, Answered)

    async def poll(self) -> EnrolmentView:
        """Asks whether it was granted; the screen calls this every few seconds while it shows the fingerprint."""
        if self._progress.step is not EnrolmentStep.COMPARE:
            return await self._show()
        try:
            calls = await calls_of(self._equipment, self._progress.token)
            return await self._take(await calls.get(f"/enrolments/{self._progress.device_id}", Answered))
        except RefusedError as refused:
            return await self._show(refused.problem)
        except TransportError:
            return await self._show(no_network())

    async def _take(self, answered: Answered) -> EnrolmentView:
        if answered.state is EnrolmentState.REJECTED:
            await self._go(_Progress(step=EnrolmentStep.REJECTED))
        elif answered.state is EnrolmentState.GRANTED and answered.person and answered.scope:
            progress = self._progress
            enrolled = Enrolled(
                device_id=progress.device_id,
                token=progress.token,
                key_name=progress.key_name,
                author_key=key_id(progress.author_public_key),
                person=answered.person,
                scope=answered.scope,
                server_name=answered.server_name,
                public_url=answered.public_url,
                label_keys=answered.label_keys,
                colleagues=answered.colleagues,
                confirmed_by_itself=answered.confirmed_by_itself,
                software_key=progress.software_key,
                office_key=answered.office_key,
                handover_key=answered.handover_key,
            )
            await self._go(msgspec.structs.replace(progress, step=EnrolmentStep.PULL), written(enrolled))
            await self._session.restore()
        return await self._show()

    async def first_pull(self) -> EnrolmentView:
        """Opens the chain and fetches the counties; ``view.pulled`` counts on. Can be called again after a lost network.

        Problems: ``session_locked`` (unlock first, after a kill), ``no_network``, and the server's own.
        """
        if self._progress.step is not EnrolmentStep.PULL:
            return await self._show()
        try:
            await self._sealing.ensure_chain()
        except QuanhengError as error:
            return await self._show(error.problem)
        unsubscribe = self._sync.subscribe(self._count)
        try:
            await self._sync.until_idle()
            status = await self._sync.run()
        finally:
            unsubscribe()
        if status.problem:
            return await self._show(status.problem)
        await self._go(msgspec.structs.replace(self._progress, step=EnrolmentStep.READY))
        await self._session.restore()
        return await self._show()

    def _count(self) -> None:
        status = self._sync.status
        view = self.view
        if status.phase is SyncPhase.PULLING:
            view = msgspec.structs.replace(view, pulled=status.done)
        elif status.phase is SyncPhase.FETCHING:
            view = msgspec.structs.replace(view, fetched=status.done)
        if view != self.view:
            self.view = view
            self._observers.notify()

    async def _go(self, progress: _Progress, more: dict[str, str] | None = None) -> None:
        await self._equipment.store.settings.put(
            {_PROGRESS: msgspec.json.encode(progress).decode()} | (more or {})
        )
        self._progress = progress

    async def _show(self, problem: Problem | None = None) -> EnrolmentView:
        progress = self._progress
        enrolled = await enrolled_here(self._equipment.store.settings)
        self.view = EnrolmentView(
            step=progress.step,
            code=progress.code,
            fingerprint=fingerprint(progress.device_public_key, progress.author_public_key)
            if progress.device_public_key
            else "",
            person=enrolled.person if enrolled else None,
            counties=[self._equipment.regions.name(county) for county in enrolled.scope.counties]
            if enrolled
            else [],
            server_name=enrolled.server_name if enrolled else "",
            confirmed_by_itself=bool(enrolled and enrolled.confirmed_by_itself),
            software_key=progress.software_key,
            problem=problem,
        )
        self._observers.notify()
        return self.view


def check_pin(pin: str, again: str) -> None:
    """Raises InputError ``pin_too_short`` or ``pin_differs``."""
    if len(pin) != PIN_LENGTH or not pin.isdecimal():
        raise InputError("pin_too_short", "A PIN has six digits.", "Choose six digits.")
    if pin != again:
        raise InputError(
            "pin_differs", "The two PINs are not the same.", "Give the same six digits in both fields."
        )
