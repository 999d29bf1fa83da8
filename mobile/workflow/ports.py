"""What the workflows need of the phone; ``mobile.device`` and ``mobile.store`` provide it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

import msgspec

from shared.premises import Position
from sync.ports import Signer


class KeyMaterial(msgspec.Struct, frozen=True):
    """The public halves of a phone's keys."""

    device_public_key: bytes
    author_public_key: bytes
    software_key: bool


class Keys(Signer, Protocol):
    """The phone's private keys: made here, used here, never handed out."""

    async def create(self, author: str, pin: str) -> KeyMaterial:
        """Makes the device's key (once) and the author's, wrapped under the PIN and the device's AES key; unlocks it.

        ``author`` may be a temporary name before enrolment tells the person's id; see :meth:`rename`.
        """
        ...

    async def rename(self, author: str, to: str) -> None:
        """Gives an author's key its final name."""
        ...

    async def unlock(self, author: str, pin: str) -> bool:
        """Imports the author's key, non-extractable; False for a wrong PIN."""
        ...

    async def lock(self) -> None:
        """Forgets every unlocked author's key."""
        ...

    async def unlocked(self) -> list[str]:
        """The authors whose keys can sign now."""
        ...

    async def seal(self, content: bytes) -> bytes:
        """AES-GCM under the device's key, for what rests on the phone."""
        ...

    async def open(self, sealed: bytes) -> bytes:
        """Undoes :meth:`seal`; InputError ``sealed_content_damaged`` if the bytes were changed."""
        ...


class Blobs(Protocol):
    """Files on the phone named by the SHA-256 of their content: photographs and signatures, encrypted at rest."""

    async def put(self, content: bytes) -> str:
        """Writes and flushes; the digest of the content as it was given."""
        ...

    async def get(self, digest: str) -> bytes | None: ...

    async def delete(self, digest: str) -> None: ...


class ScanEnd(StrEnum):
    DECODED = "decoded"
    CLOSED = "closed"
    TYPE_CODE = "type_code"
    NO_LABEL = "no_label"
    FAILED = "failed"


class Scan(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a scan ended; ``payload`` is the raw text of the code, ``reason`` why the camera failed."""

    end: ScanEnd
    payload: str = ""
    reason: str = ""


class Camera(Protocol):
    """The camera, full screen, with the words that it shows already in the reader's language."""

    async def scan(self, words: dict[str, str]) -> Scan:
        """Words: ``title``, ``hint``, ``note``, ``close``, ``torch``, ``type_code``, ``no_label``, ``offline``."""
        ...

    async def photograph(self, words: dict[str, str]) -> bytes | None:
        """A JPEG of at most 1600 px without EXIF, or None when closed. Words: ``title``, ``hint``, ``close``, ``shutter``."""
        ...


class Positioning(Protocol):
    async def position(self, timeout_ms: int = 5000) -> Position | None:
        """Where the phone is, or None when it can't tell in time; never raises."""
        ...


class Connectivity(Protocol):
    def online(self) -> bool:
        """What the phone believes; only a request that was answered proves it."""
        ...

    def subscribe(self, changed: Callable[[bool], None]) -> Callable[[], None]:
        """Calls ``changed`` on each change; the result undoes it."""
        ...


class StorageEstimate(msgspec.Struct, frozen=True):
    used_bytes: int
    quota_bytes: int
    persistent: bool
    kind: str
    """``opfs``, ``idbfs`` or ``file``."""


class Platform(Protocol):
    """Small things of the machine underneath."""

    def launch_route(self) -> str:
        """The route in the address that opened the app, for example ``/enrol/CODE``."""
        ...

    async def storage(self) -> StorageEstimate: ...

    async def vibrate(self, pattern_ms: list[int]) -> None: ...

    async def keep_awake(self, on: bool) -> None: ...

    async def share(self, name: str, media_type: str, content: bytes) -> None: ...

    async def update_waiting(self) -> bool:
        """Whether a newer version of the app is installed and waits to be applied."""
        ...

    async def apply_update(self) -> None: ...

    def text_scale(self) -> Decimal: ...
