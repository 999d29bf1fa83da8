"""Names that are minted where a thing is written, with no one to ask."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shared.clock import Clock

_VERSION_7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
Identity = Annotated[str, Meta(pattern=_VERSION_7)]
"""A UUID version 7 (RFC 9562 §5.7) as lower-case text: sorts by the minting clock, collides with nobody."""

County = Annotated[str, Meta(pattern=r"^[0-9]{6}$")]
"""A county's code by GB/T 2260, six digits: the unit of scope, order and partition."""

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest (FIPS 180-4) as lower-case hexadecimal."""

RandomBytes = Callable[[int], bytes]
"""Gives that many random bytes: the system's in the field, a seeded generator's in a simulation."""


def mint(clock: Clock, random_bytes: RandomBytes) -> str:
    """A new :data:`Identity`, from the milliseconds of ``clock`` and 74 random bits."""
    milliseconds = int(clock.now().timestamp() * 1000)
    tail = int.from_bytes(random_bytes(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80 | tail
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=value))


def digest_of(content: bytes) -> str:
    """The :data:`Digest` of ``content``."""
    return hashlib.sha256(content).hexdigest()


def key_id_of(public_key: bytes) -> str:
    """A key's name: the first 16 hexadecimal digits of the SHA-256 of its 32 raw Ed25519 bytes."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def fingerprint_of(public_key: bytes) -> str:
    """A key's fingerprint as two people read it to each other: five groups of four digits."""
    number = int.from_bytes(hashlib.sha256(public_key).digest()[:9], "big") % 10**20
    return " ".join(f"{number:020d}"[start : start + 4] for start in range(0, 20, 4))
