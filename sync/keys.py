"""Names of public keys: a short one for programs, and a fingerprint for people to compare by eye."""

from __future__ import annotations

import base64
import hashlib

from shared.identity import digest_of


def key_id(public_key: bytes) -> str:
    """What an envelope calls its author's key: the first 16 hexadecimal digits of the public key's SHA-256."""
    return digest_of(public_key)[:16]


def fingerprint(device_public_key: bytes, author_public_key: bytes) -> str:
    """What phone and console both show at enrolment: four groups of four characters (80 bits) over both public keys."""
    digest = hashlib.sha256(b"quanheng fingerprint 1\x00" + device_public_key + author_public_key).digest()
    text = base64.b32encode(digest[:10]).decode()
    return " ".join(text[start : start + 4] for start in range(0, 16, 4))
