"""What the phone knows of itself once it is enrolled, kept as one setting."""

from __future__ import annotations

import base64

import msgspec

from mobile.workflow.ports import Equipment, Keys, Settings
from shared.errors import InputError
from shared.people import Person, Scope
from sync.calls import Calls
from sync.messages import LabelKey

ENROLLED = "enrolled"


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """One enrolment that was granted."""

    device_id: str
    token: str
    """The device's token, sealed under the device's key and in base 64."""
    key_name: str
    """What :class:`mobile.workflow.ports.Keys` calls the author's key."""
    author_key: str
    person: Person
    scope: Scope
    server_name: str = ""
    public_url: str = ""
    label_keys: list[LabelKey] = []
    colleagues: list[Person] = []
    confirmed_by_itself: bool = False
    software_key: bool = False
    office_key: bytes = b""
    """By which the office's signed heads are told; pinned, never replaced."""
    handover_key: bytes = b""
    """To which a hand-over is sealed; pinned, never replaced."""


async def enrolled_here(settings: Settings) -> Enrolled | None:
    """The enrolment, or None before it was granted."""
    text = await settings.get(ENROLLED)
    return msgspec.json.decode(text, type=Enrolled) if text else None


async def must_be_enrolled(settings: Settings) -> Enrolled:
    """The enrolment; InputError ``not_enrolled`` before it was granted."""
    enrolled = await enrolled_here(settings)
    if enrolled is None:
        raise InputError(
            "not_enrolled", "This phone is not enrolled.", "Scan the enrolment code on the console."
        )
    return enrolled


def written(enrolled: Enrolled) -> dict[str, str]:
    """The settings that keep ``enrolled``."""
    return {ENROLLED: msgspec.json.encode(enrolled).decode()}


async def seal_text(keys: Keys, text: str) -> str:
    """``text`` as it may rest on the phone."""
    return base64.b64encode(await keys.seal(text.encode())).decode()


async def calls_of(equipment: Equipment, sealed_token: str) -> Calls:
    """Calls to the server with the device's token."""
    token = (await equipment.keys.open(base64.b64decode(sealed_token))).decode()
    return Calls(equipment.transport, token)
