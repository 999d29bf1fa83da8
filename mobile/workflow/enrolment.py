"""Taking a phone into service: scan the console's code, choose a PIN, compare fingerprints, get the counties.

The order is code → PIN → compare → pull → ready. The PIN comes before the request because the author's key is wrapped under it the
moment it is made, so that no key ever lies on the phone unwrapped. A killed app goes on where it was.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from mobile.workflow.ports import Changed, Equipment, Observers, Unsubscribe
from shared.errors import Problem
from shared.people import Person


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
    problem: Problem | None = None
    """Why the last action did not go on; nothing is lost, and the same action can be tried again."""


def read_code(text: str) -> str:
    """The enrolment code in a scanned address ``…/#/enrol/CODE``, a route ``/enrol/CODE``, or as typed.

    Raises InputError ``enrolment_code_unreadable``.
    """
    raise NotImplementedError


class Enrolment:
    """One phone's enrolment; every step is saved before the call returns.

    No method raises for a missing network or a server's refusal: ``view.problem`` says it.
    """

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._observers = Observers()
        self.view = EnrolmentView(step=EnrolmentStep.CODE)

    def subscribe(self, changed: Changed) -> Unsubscribe:
        raise NotImplementedError

    async def restore(self) -> EnrolmentView:
        """The step that an earlier run of the app had reached."""
        raise NotImplementedError

    async def give_code(self, text: str) -> EnrolmentView:
        """Takes the scanned or typed code; on to the PIN."""
        raise NotImplementedError

    async def set_pin(self, pin: str, again: str) -> EnrolmentView:
        """Makes the keys under the PIN and asks the server; on to the comparison (or the pull where the server grants at once).

        Problems: ``pin_too_short``, ``pin_differs``, ``no_network``, and the server's own.
        """
        raise NotImplementedError

    async def poll(self) -> EnrolmentView:
        """Asks whether it was granted; the screen calls this every few seconds while it shows the fingerprint."""
        raise NotImplementedError

    async def first_pull(self) -> EnrolmentView:
        """Opens the chain and fetches the counties; ``view.pulled`` counts on. Can be called again after a lost network."""
        raise NotImplementedError
