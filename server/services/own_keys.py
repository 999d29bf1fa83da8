"""The server's own keys: one signs the office's records, one the labels. They lie in the data folder, readable by the server alone."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.identity import RandomBytes


def own_key(folder: Path, name: str, random_bytes: RandomBytes) -> Ed25519PrivateKey:
    """The key of that name, made at the first call."""
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
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
