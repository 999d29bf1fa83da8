"""The server's own keys: one signs the office's records, one the labels. They lie in the data folder, readable by the server alone."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.identity import RandomBytes


def own_key(folder: Path, name: str, random_bytes: RandomBytes) -> Ed25519PrivateKey:
    """The key of that name, made at the first call."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(random_bytes(32))
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
