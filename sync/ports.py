"""What the sync engine needs of the phone it runs on; each port has one contract suite for fake and real."""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Sequence
from typing import Any, Protocol

import msgspec

from shared.errors import Problem
from shared.identity import Digest
from sync.envelope import Sealed
from sync.handover import Header
from sync.messages import Change, PackOffer, Page, Ruling


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer as the transport gives it; bodies are already inflated."""

    status: int
    body: bytes
    headers: dict[str, str] = {}


class TransportError(Exception):
    """No answer: no network, a time-out, or the connection cut. Nothing is known of what the server did."""


class Transport(Protocol):
    """Carries one request to the server and its answer back."""

    def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Coroutine[Any, Any, Answer]:
        """Sends the request, so that there is time for other work until the answer is awaited; that raises :class:`TransportError` when none comes.

        Whoever wants the answer no more closes it. A transport may also send no sooner than the answer is awaited.
        """
        ...


class Signer(Protocol):
    """Runs signing and verifying jobs; asynchronous, for that is all a browser offers."""

    async def sign_as_device(self, message: bytes) -> bytes:
        """64 bytes of Ed25519 by the device's key."""
        ...

    async def sign_as_author(self, author: str, message: bytes) -> bytes:
        """64 bytes of Ed25519 by the unlocked key of ``author``; AccessError ``key_locked`` before the PIN."""
        ...

    async def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is that key's over ``message``."""
        ...


class Attachment(msgspec.Struct, frozen=True):
    """A file that a record names by its digest, to be uploaded apart from it."""

    digest: Digest
    size: int
    media_type: str
    record_id: str


class FilesLeft(msgspec.Struct, frozen=True):
    """What a record's files still lack."""

    waiting: int
    """Not sent yet; the office sees the record, and that they are awaited."""
    failed: int
    """Never sent any more: unreadable, or not taken."""


class Outbox(Protocol):
    """The phone's own records and what became of each; every call is one committed transaction."""

    async def head(self) -> tuple[str, int, str | None]:
        """The chain's id, its highest sequence and that record's digest."""
        ...

    async def append(
        self,
        sealed: Sealed,
        sequence: int,
        previous: str | None,
        finishes: str = "",
        attachments: Sequence[Attachment] = (),
        provisional: Sequence[Change] = (),
    ) -> None:
        """Adds a record if the head is still ``previous``; else ConflictError ``chain_moved``.

        In the same transaction the draft ``finishes`` is dropped, the attachments are queued, and the ``provisional`` states of
        what this record puts on the ledger are shown until the server's own arrive.
        """
        ...

    async def open_chain(self, sealed: Sealed) -> None:
        """Adds the first record of a new chain, which becomes the one to write to; older chains' records stay."""
        ...

    async def waiting(self, records: int, size: int, without: Collection[str] = ()) -> list[Sealed]:
        """The oldest records still to be offered, at most that many and at most ``size`` bytes (one at least).

        ``without`` are digests to pass over this time.
        """
        ...

    async def offered(self) -> int:
        """How many records are still to be offered."""
        ...

    async def sent(self, digests: Sequence[str]) -> None:
        """Marks records as having left the phone."""
        ...

    async def handed_over(self, digests: Sequence[str]) -> None:
        """Marks records as carried to the office by somebody else; they wait all the same until a ruling comes."""
        ...

    async def ruled(self, rulings: Sequence[Ruling]) -> None:
        """Keeps the rulings, each by its record's digest; the records stay and are no longer offered."""
        ...

    async def digest_at(self, chain: str, sequence: int) -> str | None:
        """The digest of that chain's record, or None where the phone has none of that number."""
        ...

    async def retire_chain(self, reason: str) -> None:
        """The next record must begin a new chain, for ``restored`` or ``fork``; what is written stays and is pushed."""
        ...

    async def retired(self) -> str:
        """Why the chain is retired, or empty while it may be written to."""
        ...

    async def generation(self) -> str:
        """The server's generation that this phone knows; empty before the first contact."""
        ...

    async def meet_generation(self, generation: str, offer_again: bool) -> None:
        """Notes the server's generation; with ``offer_again`` all records and files wait to be pushed once more.

        A new generation means that the server's store was restored from a backup. What was ruled stays visible.
        """
        ...


class Mirror(Protocol):
    """The pulled states on the phone."""

    async def counties(self) -> list[str]:
        """The counties that have a cursor."""
        ...

    async def cursor(self, county: str) -> str:
        """The saved cursor of ``county``; empty before the first page."""
        ...

    async def apply(self, page: Page, expected: str) -> bool:
        """Rows, rulings and cursor in one transaction, if the cursor is still ``expected``; else False and nothing changed."""
        ...

    async def forget(self, county: str) -> None:
        """Drops the county's states and cursor (left scope, or a new generation); never touches the outbox."""
        ...


class Packs(Protocol):
    """County packs on the phone. A county stands on one from the commit of :meth:`install` on; the outbox is never touched."""

    async def begin(self, offer: PackOffer) -> int:
        """Makes ready to fetch it: how many of its bytes are here, all of them where the county stands on it already.

        What was fetched of another pack of the county is dropped. Raises InputError ``pack_newer`` (of a format that this app does not
        know), ``pack_too_many``, ``pack_no_room``; what the phone has stays as it is.
        """
        ...

    async def add(self, offer: PackOffer, at: int, piece: bytes) -> None:
        """Writes and flushes bytes of it at that place. Raises InputError ``pack_no_room``, and gives the room back."""
        ...

    async def install(self, offer: PackOffer) -> None:
        """Verifies, unpacks, mounts, and in one commit puts the county on it, in place of all that was pulled of the county before.

        Raises InputError ``pack_damaged`` or ``pack_no_room``: then what was fetched is dropped, and what the phone had stays.
        """
        ...

    async def sweep(self) -> None:
        """Gives back the room of packs that no county stands on and that are not being fetched."""
        ...


class Attachments(Protocol):
    """The files that wait to be uploaded, and what became of each."""

    async def waiting(self, limit: int, without: Collection[str] = ()) -> list[Attachment]:
        """Those not uploaded yet, whose record has left the phone; the oldest first, but for the digests ``without``."""
        ...

    async def unsent(self) -> list[Attachment]:
        """All that are not uploaded yet, whatever became of their records; the oldest first."""
        ...

    async def uploaded(self, digest: str) -> None:
        """The server holds it, hash compared."""
        ...

    async def counts(self) -> dict[str, int]:
        """How many files there are by state: ``waiting``, ``uploaded``, ``failed``."""
        ...

    async def later(self, digest: str) -> None:
        """It got nowhere this time: it goes behind all the others, so that a few such files never shut out the rest."""
        ...

    async def left(self) -> dict[str, FilesLeft]:
        """What is not uploaded, by the record that names it."""
        ...

    async def failed(self, digest: str, code: str) -> None:
        """It will not be tried again (unreadable, or refused with ``code``); its record is not affected."""
        ...


class Contents(Protocol):
    """Where an attachment's bytes are read."""

    async def get(self, digest: str) -> bytes | None:
        """The content, or None where there is none; InputError where it was damaged at rest."""
        ...


class Carrying(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle of another phone that this one carries to the office."""

    digest: Digest
    header: Header
    size: int
    problem: Problem | None = None
    """Why the office does not take it; it is kept until a person drops it."""


class Carried(Protocol):
    """The bundles that this phone carries for others; every call that writes is one committed transaction."""

    async def keep(self, bundle: Carrying, content: bytes) -> None:
        """Keeps it, once."""
        ...

    async def all(self) -> list[Carrying]:
        """The oldest first."""
        ...

    async def content(self, digest: str) -> bytes:
        """The bundle's bytes, or none where it is not here."""
        ...

    async def declined(self, digest: str, problem: Problem) -> None:
        """The office will never take it as it is; it is not offered again."""
        ...

    async def drop(self, digest: str) -> None:
        """The office has it, or a person threw it away."""
        ...
