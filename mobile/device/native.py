"""The adapters in a native build and on a desktop: keys by ``cryptography``, files in the app's folder, HTTP by urllib."""

from __future__ import annotations

import asyncio
import gzip
import os
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Coroutine
from decimal import Decimal
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from mobile.device.browser import content_damaged, key_locked, key_unusable
from mobile.workflow.ports import KeyMaterial, Scan, ScanEnd, StorageEstimate
from shared.identity import RandomBytes, digest_of
from shared.premises import Position
from sync.ports import Answer, TransportError

ROUNDS = 600_000


def storage_folder() -> Path:
    """Where a native app keeps its files; Flet's build sets the variable."""
    folder = Path(os.environ.get("FLET_APP_STORAGE_DATA") or Path.home() / ".quanheng")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def open_storage() -> tuple[Path, str, Callable[[], Awaitable[None]]]:
    """The folder, ``file``, and nothing to flush: SQLite writes through."""

    async def written_through() -> None:
        return None

    return storage_folder(), "file", written_through


def write_durably(path: Path, content: bytes) -> None:
    """The whole content or the old one, even when the power goes."""
    making = path.with_suffix(".making")
    with making.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    making.replace(path)


class WrappedKey(msgspec.Struct):
    """An author's key as it rests: under the PIN's key, and that under the device's."""

    wrapped: bytes
    salt: bytes
    public: bytes


class NativeKeys:
    """:class:`mobile.workflow.ports.Keys` in files. The device's keys lie in the app's private folder, readable by the app alone."""

    def __init__(self, folder: Path, random_bytes: RandomBytes, rounds: int = ROUNDS) -> None:
        self._folder, self._random, self._rounds = folder / "keys", random_bytes, rounds
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._unlocked: dict[str, Ed25519PrivateKey] = {}
        self._device_key = self._device()

    def _device(self) -> tuple[Ed25519PrivateKey, AESGCM]:
        path = self._folder / "device"
        if not path.exists():
            write_durably(path, self._random(64))
            path.chmod(0o600)
        secret = path.read_bytes()
        return Ed25519PrivateKey.from_private_bytes(secret[:32]), AESGCM(secret[32:])

    def _pin_key(self, pin: str, salt: bytes) -> AESGCM:
        kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=self._rounds)
        return AESGCM(kdf.derive(pin.encode()))

    def _seal(self, key: AESGCM, content: bytes) -> bytes:
        nonce = self._random(12)
        return nonce + key.encrypt(nonce, content, None)

    async def create(self, author: str, pin: str) -> KeyMaterial:
        seed, salt = self._random(32), self._random(16)
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        wrapped = self._seal(self._device_key[1], self._seal(self._pin_key(pin, salt), seed))
        write_durably(self._path(author), msgspec.msgpack.encode(WrappedKey(wrapped, salt, public)))
        await self.unlock(author, pin)
        return KeyMaterial(self._device_key[0].public_key().public_bytes_raw(), public, software_key=True)

    def _path(self, author: str) -> Path:
        return self._folder / f"author-{digest_of(author.encode())[:32]}"

    async def rename(self, author: str, to: str) -> None:
        if author == to:
            return
        self._path(author).replace(self._path(to))
        if author in self._unlocked:
            self._unlocked[to] = self._unlocked.pop(author)

    async def unlock(self, author: str, pin: str) -> bool:
        path = self._path(author)
        if not path.exists():
            return False
        kept = msgspec.msgpack.decode(path.read_bytes(), type=WrappedKey)
        try:
            inner = self._device_key[1].decrypt(kept.wrapped[:12], kept.wrapped[12:], None)
            seed = self._pin_key(pin, kept.salt).decrypt(inner[:12], inner[12:], None)
        except InvalidTag:
            return False
        self._unlocked[author] = Ed25519PrivateKey.from_private_bytes(seed)
        return True

    async def lock(self) -> None:
        self._unlocked.clear()

    async def unlocked(self) -> list[str]:
        return list(self._unlocked)

    async def sign_as_device(self, message: bytes) -> bytes:
        return self._device_key[0].sign(message)

    async def sign_as_author(self, author: str, message: bytes) -> bytes:
        key = self._unlocked.get(author)
        if key is None:
            raise key_locked()
        return key.sign(message)

    async def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    async def seal(self, content: bytes) -> bytes:
        return self._seal(self._device_key[1], content)

    async def open(self, sealed: bytes) -> bytes:
        try:
            return self._device_key[1].decrypt(sealed[:12], sealed[12:], None)
        except (InvalidTag, ValueError) as error:
            raise content_damaged() from error

    async def seal_for(self, public_key: bytes, content: bytes, bound: bytes) -> bytes:
        try:
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
        except ValueError as error:
            raise key_unusable() from error
        suite = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
        return bytes(suite.encrypt(content, point, bound))


class NativeBlobs:
    """:class:`mobile.workflow.ports.Blobs` as files, each sealed by the device's key."""

    def __init__(self, folder: Path, keys: NativeKeys) -> None:
        self._folder, self._keys = folder / "blobs", keys
        self._folder.mkdir(parents=True, exist_ok=True)

    async def put(self, content: bytes) -> str:
        digest = digest_of(content)
        write_durably(self._folder / digest, await self._keys.seal(content))
        return digest

    async def get(self, digest: str) -> bytes | None:
        path = self._folder / digest
        return await self._keys.open(path.read_bytes()) if path.exists() else None

    async def delete(self, digest: str) -> None:
        (self._folder / digest).unlink(missing_ok=True)


class NativePackFiles:
    """:class:`mobile.store.packs.PackFiles` in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "packs"
        self._folder.mkdir(parents=True, exist_ok=True)

    async def open(self, name: str) -> Path:
        path = self._folder / name
        path.touch()
        return path

    async def drop(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    async def names(self) -> list[str]:
        return sorted(path.name for path in self._folder.iterdir())

    async def free_bytes(self) -> int | None:
        state = os.statvfs(self._folder)
        return state.f_bavail * state.f_frsize


class NativeCamera:
    """:class:`mobile.workflow.ports.Camera` of a build without a decoder of its own: the code is typed, and pictures wait."""

    async def scan(self, words: dict[str, str]) -> Scan:
        return Scan(ScanEnd.TYPE_CODE)

    async def photograph(self, words: dict[str, str]) -> bytes | None:
        return None

    async def scan_next(self, words: dict[str, str]) -> Scan:
        return Scan(ScanEnd.FAILED, reason="no decoder")

    async def end_series(self) -> None:
        return None


class NativePositioning:
    """:class:`mobile.workflow.ports.Positioning` of a desktop: it can't tell."""

    async def position(self, timeout_ms: int = 5000) -> Position | None:
        return None


class NativeConnectivity:
    """:class:`mobile.workflow.ports.Connectivity` where only a request can tell."""

    def online(self) -> bool:
        return True

    def metered(self) -> bool | None:
        return None

    def subscribe(self, changed: Callable[[bool], None]) -> Callable[[], None]:
        return lambda: None


class NativePlatform:
    """:class:`mobile.workflow.ports.Platform` on a desktop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def launch_route(self) -> str:
        return ""

    async def storage(self) -> StorageEstimate:
        used = sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())
        state = os.statvfs(self._folder)
        return StorageEstimate(used, used + state.f_bavail * state.f_frsize, True, "file")

    async def vibrate(self, pattern_ms: list[int]) -> None:
        return None

    async def keep_awake(self, on: bool) -> None:
        return None

    async def share(self, name: str, media_type: str, content: bytes) -> bool:
        write_durably(self._folder / Path(name).name, content)
        return True

    async def print_font(self) -> bytes:
        return (Path(__file__).parents[2] / "assets/fonts/NotoSansSC-Print.bin").read_bytes()

    async def pick(self) -> bytes | None:
        """Without a file chooser: the file of that kind that was put last into the app's folder ``incoming``."""
        found = sorted((self._folder / "incoming").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return found[-1].read_bytes() if found else None

    async def update_waiting(self) -> bool:
        return False

    async def apply_update(self) -> None:
        return None

    def text_scale(self) -> Decimal:
        return Decimal(1)


class UrlTransport:
    """:class:`sync.ports.Transport` by urllib, off the loop."""

    def __init__(self, origin: str, timeout_s: int = 60) -> None:
        self._origin, self._timeout = origin.rstrip("/"), timeout_s

    def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Coroutine[Any, Any, Answer]:
        loop = asyncio.get_running_loop()
        coming = loop.run_in_executor(None, self._request, method, path, body, headers or {})

        async def answer() -> Answer:
            return await coming

        return answer()

    def _request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        headers = {"Accept-Encoding": "gzip", **headers}
        asked = urllib.request.Request(self._origin + path, data=body or None, headers=headers, method=method)  # noqa: S310  our own server
        try:
            with self._open(asked) as answer:
                content = answer.read()
                if answer.headers.get("Content-Encoding") == "gzip":
                    content = gzip.decompress(content)
                return Answer(answer.status or 0, content, dict(answer.headers))
        except (OSError, HTTPException, EOFError) as error:
            # Also an answer that was cut in its middle, with or without an announced length.
            raise TransportError(str(error)) from error

    def _open(self, asked: urllib.request.Request) -> HTTPResponse | urllib.error.HTTPError:
        """The answer, whatever its status."""
        try:
            return urllib.request.urlopen(asked, timeout=self._timeout)  # type: ignore[no-any-return]  # noqa: S310  our own server
        except urllib.error.HTTPError as error:
            return error
