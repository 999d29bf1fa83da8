"""What the sync engine needs of the phone it runs on; each port has one contract suite for fake and real."""

from __future__ import annotations

from typing import Protocol

import msgspec

from sync.envelope import Sealed
from sync.messages import Page, Ruling


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer as the transport gives it; bodies are already inflated."""

    status: int
    body: bytes
    headers: dict[str, str] = {}


class TransportError(Exception):
    """No answer: no network, a time-out, or the connection cut. Nothing is known of what the server did."""


class Transport(Protocol):
    """Carries one request to the server and its answer back."""

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """Raises :class:`TransportError` when no answer comes."""
        ...


class Signer(Protocol):
    """Runs signing and verifying jobs; asynchronous, for that is all a browser offers."""

    async def sign_as_device(self, message: bytes) -> bytes:
        """64 bytes of Ed25519 by the device's key."""
        ...

    async def sign_as_author(self, author: str, message: bytes) -> bytes:
        """64 bytes of Ed25519 by the unlocked key of ``author``; InputError ``key_locked`` before the PIN."""
        ...

    async def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is that key's over ``message``."""
        ...


class Outbox(Protocol):
    """The phone's own records and what became of each; every call is one committed transaction."""

    async def head(self) -> tuple[str, int, str | None]:
        """The chain's id, its highest sequence and that record's digest."""
        ...

    async def append(self, sealed: Sealed, sequence: int, previous: str | None) -> None:
        """Adds a record if the head is still ``previous``; else ConflictError ``chain_moved``."""
        ...

    async def waiting(self, records: int, size: int) -> list[Sealed]:
        """The oldest records without a final ruling, at most that many and at most ``size`` bytes (one at least)."""
        ...

    async def ruled(self, rulings: list[Ruling]) -> None:
        """Keeps the rulings; the records stay."""
        ...


class Mirror(Protocol):
    """The pulled states on the phone."""

    async def cursor(self, county: str) -> str:
        """The saved cursor of ``county``; empty before the first page."""
        ...

    async def apply(self, page: Page, expected: str) -> bool:
        """Rows and cursor in one transaction, if the cursor is still ``expected``; else False and nothing changed."""
        ...

    async def forget(self, county: str) -> None:
        """Drops the county's states and cursor (left scope, or a new generation); never touches the outbox."""
        ...
