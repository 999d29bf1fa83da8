"""The server's own keys: one signs the office's records, one the labels, one opens hand-overs. They lie in the data folder, readable by the server alone."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.identity import RandomBytes

CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256's group (SEC 2, 2.4.2)."""


def own_key(folder: Path, name: str, random_bytes: RandomBytes) -> Ed25519PrivateKey:
    """The signing key of that name, made at the first call."""
    return Ed25519PrivateKey.from_private_bytes(own_secret(folder, name, random_bytes))


def own_opening_key(folder: Path, name: str, random_bytes: RandomBytes) -> ec.EllipticCurvePrivateKey:
    """The key of that name that opens what is sealed to it, made at the first call."""
    secret = int.from_bytes(own_secret(folder, name, random_bytes), "big")
    return ec.derive_private_key(secret % (_ORDER - 1) + 1, CURVE)


def own_secret(folder: Path, name: str, random_bytes: RandomBytes) -> bytes:
    """The 32 secret bytes of that name, made at the first call."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.key"
    if not path.exists():
        # The key is whole on disk before it has its name: a power cut leaves no half of one, and of two processes one wins.
        made = folder / f"{name}.{random_bytes(8).hex()}.new"
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(random_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(made)
        made.unlink()
    return path.read_bytes()
