"""The envelope that carries a record, and the seal that nobody can change without its being seen.

Invariants:

* ``Sealed.body`` is the JSON text of an :class:`Envelope` exactly as its author's phone wrote it. Nobody re-encodes it, so fields
  that a reader does not know survive. The digest is the SHA-256 of those bytes, and identity is record id *and* digest.
* In one chain, sequences count 1, 2, 3 …; ``previous`` is the digest of the record before, and is absent in the first.
* The author's key signs ``record_message(digest)``; a second officer's signs ``cosign_message(payload digest)``.
"""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.clock import Moment
from shared.errors import InputError
from shared.identity import County, Digest, Identity, digest_of

MAX_BODY = 256 * 1024
"""Bytes of the largest body that is taken; photographs and signatures travel apart."""

MOST = 2**31 - 1
"""The highest number that the tables of every store hold."""

KeyId = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$")]


class ClockEvidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the phone knew of its own clock when it wrote ``observed_at``."""

    monotonic_ms: int
    """The phone's monotonic clock; two records' difference shows whether the wall clock was moved between them."""
    server_offset_ms: int | None = None
    """Server's time minus the phone's at last contact, if there ever was one."""
    offset_age_ms: int | None = None
    """How long ago, on the monotonic clock, that contact was."""


class Basis(msgspec.Struct, frozen=True):
    """The version of a subject that the author was looking at."""

    subject: Identity
    version: int


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who wrote what about which subjects, when, where in the device's chain, and seeing what."""

    record_id: Identity
    kind: Annotated[str, Meta(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=64)]
    """For example ``inspection.recorded``."""
    schema: Annotated[int, Meta(ge=1, le=MOST)]
    """Version of the payload's meaning under this kind."""
    county: County
    """The record's one home."""
    author: Identity
    author_key: KeyId
    device: Identity
    chain: Identity
    sequence: Annotated[int, Meta(ge=1, le=MOST)]
    previous: Digest | None = None
    observed_at: Moment
    clock: ClockEvidence
    subjects: list[Identity] = []
    basis: list[Basis] = []
    payload: msgspec.Raw
    """The payload's bytes verbatim, JSON; what they mean is said by ``kind`` and ``schema``."""


class Cosignature(msgspec.Struct, frozen=True):
    """A second officer's signature over the payload's digest."""

    author: Identity
    key: KeyId
    signature: bytes


class Sealed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record as it travels and as it is kept: the bytes and the signatures over them.

    The fields have no limits of their own: a record that is too large is ruled on by itself, and its batch goes on.
    """

    body: bytes
    signature: bytes
    cosignatures: list[Cosignature] = []

    @property
    def digest(self) -> str:
        """The SHA-256 of :attr:`body`."""
        return digest_of(self.body)


_decoder = msgspec.json.Decoder(Envelope)
_encoder = msgspec.json.Encoder()


def write_body(envelope: Envelope) -> bytes:
    """The bytes to seal. Only the author's phone calls this, once for a record."""
    return _encoder.encode(envelope)


def read_body(body: bytes) -> Envelope:
    """The envelope in ``body``.

    Raises :class:`~shared.errors.InputError` with code ``record_too_large`` or ``record_malformed``.
    """
    if len(body) > MAX_BODY:
        raise InputError(
            "record_too_large",
            "The record is larger than {limit} bytes.",
            "The bytes are kept. Record the check anew, with shorter notes.",
            limit=MAX_BODY,
        )
    try:
        envelope = _decoder.decode(body)
        envelope.observed_at.astimezone(UTC)  # Within a day of the calendar's ends there is no such moment.
        return envelope
    except (msgspec.DecodeError, UnicodeDecodeError, OverflowError, RecursionError) as error:
        raise InputError(
            "record_malformed",
            "The record can't be read: {reason}",
            "The bytes are kept. Hand the phone to the administrator, who can read them from the outbox.",
            reason=error,
        ) from error


def record_message(digest: str) -> bytes:
    """What the author's key signs for a record."""
    return b"quanheng record 1\x00" + bytes.fromhex(digest)


def cosign_message(payload: bytes) -> bytes:
    """What a second officer's key signs: the digest of the payload alone, which both saw on the glass."""
    return b"quanheng cosign 1\x00" + bytes.fromhex(digest_of(payload))


def head_message(chain: str, sequence: int, digest: str) -> bytes:
    """What the device's key signs over its chain's head, once for a push or a hand-over."""
    return f"quanheng head 1\x00{chain}\x00{sequence}\x00{digest}".encode()
