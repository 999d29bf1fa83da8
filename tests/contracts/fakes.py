"""Stand-ins for what a phone is made of: real cryptography, memory instead of disk, and chance from a seed."""

from __future__ import annotations

import hmac
import random
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mobile.workflow.ports import KeyMaterial
from shared.errors import AccessError, InputError
from shared.identity import RandomBytes, digest_of
from shared.premises import Position


def seeded(seed: int | str) -> RandomBytes:
    """Random bytes that are the same for the same seed."""
    return random.Random(seed).randbytes  # noqa: S311  a seed is the point


class SoftwareKeys:
    """:class:`mobile.workflow.ports.Keys` with keys in memory; :meth:`restarted` is the same phone after a kill."""

    def __init__(self, random_bytes: RandomBytes) -> None:
        self._random_bytes = random_bytes
        self._device: Ed25519PrivateKey | None = None
        self._sealing_key = random_bytes(32)
        self._authors: dict[str, tuple[Ed25519PrivateKey, str]] = {}
        self._unlocked: set[str] = set()

    async def create(self, author: str, pin: str) -> KeyMaterial:
        if self._device is None:
            self._device = Ed25519PrivateKey.from_private_bytes(self._random_bytes(32))
        key = Ed25519PrivateKey.from_private_bytes(self._random_bytes(32))
        self._authors[author] = (key, pin)
        self._unlocked.add(author)
        return KeyMaterial(
            self._device.public_key().public_bytes_raw(), key.public_key().public_bytes_raw(), False
        )

    async def rename(self, author: str, to: str) -> None:
        self._authors[to] = self._authors.pop(author)
        if author in self._unlocked:
            self._unlocked = self._unlocked - {author} | {to}

    async def unlock(self, author: str, pin: str) -> bool:
        if author not in self._authors or self._authors[author][1] != pin:
            return False
        self._unlocked.add(author)
        return True

    async def lock(self) -> None:
        self._unlocked.clear()

    async def unlocked(self) -> list[str]:
        return sorted(self._unlocked)

    async def seal(self, content: bytes) -> bytes:
        nonce = self._random_bytes(12)
        return nonce + AESGCM(self._sealing_key).encrypt(nonce, content, None)

    async def open(self, sealed: bytes) -> bytes:
        try:
            return AESGCM(self._sealing_key).decrypt(sealed[:12], sealed[12:], None)
        except InvalidTag as error:
            raise InputError("sealed_content_damaged", "It was changed.", "Restore it.") from error

    async def seal_for(self, public_key: bytes, content: bytes, bound: bytes) -> bytes:
        return sealed_for(public_key, content, bound, self._random_bytes)

    async def sign_as_device(self, message: bytes) -> bytes:
        if self._device is None:
            raise InputError("key_missing", "There is no key.", "Enrol the phone.")
        return self._device.sign(message)

    async def sign_as_author(self, author: str, message: bytes) -> bytes:
        if author not in self._unlocked:
            raise AccessError("key_locked", "The key is locked.", "Give the PIN.")
        return self._authors[author][0].sign(message)

    async def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def restarted(self, random_bytes: RandomBytes | None = None) -> SoftwareKeys:
        """The keys as the next run of the app finds them: all there, none unlocked."""
        again = SoftwareKeys(random_bytes or self._random_bytes)
        again._device, again._sealing_key, again._authors = self._device, self._sealing_key, self._authors
        return again


def sealed_for(public_key: bytes, content: bytes, info: bytes, random_bytes: RandomBytes) -> bytes:
    """HPKE's base mode written out (RFC 9180, 4.1 and 5.1), so that chance can come from a seed: P-256, HKDF-SHA256, AES-256-GCM."""

    def extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + secret, "sha256")

    def expand(suite: bytes, secret: bytes, label: bytes, info: bytes, size: int) -> bytes:
        labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
        return HKDFExpand(hashes.SHA256(), size, labelled).derive(secret)

    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    except ValueError as error:
        raise InputError("handover_key_unusable", "It is no key.", "Ask for another.") from error
    ours = ec.derive_private_key(int.from_bytes(random_bytes(31), "big") + 1, ec.SECP256R1())
    encapsulated = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    kem, suite = b"KEM\x00\x10", b"HPKE\x00\x10\x00\x01\x00\x02"
    agreed = extract(kem, b"", b"eae_prk", ours.exchange(ec.ECDH(), theirs))
    shared = expand(kem, agreed, b"shared_secret", encapsulated + public_key, 32)
    hashed = extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key = expand(suite, secret, b"key", b"\x00" + hashed, 32)
    nonce = expand(suite, secret, b"base_nonce", b"\x00" + hashed, 12)
    return encapsulated + AESGCM(key).encrypt(nonce, content, None)


class MemoryBlobs:
    """:class:`mobile.workflow.ports.Blobs` in memory."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    async def put(self, content: bytes) -> str:
        self.content[digest_of(content)] = content
        return digest_of(content)

    async def get(self, digest: str) -> bytes | None:
        return self.content.get(digest)

    async def delete(self, digest: str) -> None:
        self.content.pop(digest, None)


class Line:
    """:class:`mobile.workflow.ports.Connectivity` that is told."""

    def __init__(self, online: bool = True) -> None:
        self._online = online
        self._metered: bool | None = None
        self._callbacks: list[Callable[[bool], None]] = []

    def online(self) -> bool:
        return self._online

    def metered(self) -> bool | None:
        return self._metered

    def subscribe(self, changed: Callable[[bool], None]) -> Callable[[], None]:
        self._callbacks.append(changed)
        return lambda: self._callbacks.remove(changed)

    def set(self, online: bool, metered: bool | None = None) -> None:
        """Comes or goes, or becomes another network."""
        self._online, self._metered = online, metered
        for changed in list(self._callbacks):
            changed(online)


class Nowhere:
    """:class:`mobile.workflow.ports.Positioning` in a basement."""

    async def position(self, timeout_ms: int = 5000) -> Position | None:
        return None
