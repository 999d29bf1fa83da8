"""The adapters in a browser. ``quanheng_native`` is our JavaScript module in the Python worker (``mobile/web/page/native.mjs``)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from mobile.workflow.ports import KeyMaterial, Scan, ScanEnd, StorageEstimate, storage_failed
from shared.errors import AccessError, InputError
from shared.identity import digest_of
from shared.premises import Position
from sync.ports import Answer, TransportError

STORE = Path("/store")
FILES = ["work.db", "work.db-journal"]
"""The files that SQLite may use from the start: opened before it sees them, for a browser can only open them asynchronously."""
TIMEOUT_MS = 60_000
PRINT_FONT = "/assets/fonts/NotoSansSC-Print.bin"
OK = 200


def native() -> Any:
    """Our JavaScript module."""
    import quanheng_native  # type: ignore[import-not-found]

    return quanheng_native


def to_js(value: object) -> Any:
    """A Python value as plain JavaScript objects."""
    import js
    from pyodide import ffi

    return ffi.to_js(value, dict_converter=js.Object.fromEntries)


def to_bytes(value: Any) -> bytes:
    """The bytes of a JavaScript Uint8Array."""
    return bytes(value.to_py())


async def ask(question: str, values: dict[str, object] | None = None) -> Any:
    """A question to the page's own thread, and its answer as Python values."""
    answer = await native().ask(question, to_js(values or {}))
    return answer.to_py() if hasattr(answer, "to_py") else answer


async def open_storage() -> tuple[Path, str, Callable[[], Awaitable[None]]]:
    """Mounts the files: where they are, ``opfs`` or ``idbfs``, and what writes them through after a commit."""
    kind = str(await native().openFiles(str(STORE), to_js(FILES)))

    async def written_through() -> None:
        if kind == "idbfs":
            await native().flush()

    return STORE, kind, written_through


async def written(coming: Any) -> Any:
    """What a promise to write comes to. Raises InputError ``phone_storage_failed`` where the browser has no room or its storage fails."""
    from pyodide import ffi

    try:
        return await coming
    except ffi.JsException as error:
        raise storage_failed(error) from error


class BrowserKeys:
    """:class:`mobile.workflow.ports.Keys` on WebCrypto; the private keys stay in the browser."""

    async def create(self, author: str, pin: str) -> KeyMaterial:
        made = await written(native().createKeys(author, pin))
        return KeyMaterial(to_bytes(made.device), to_bytes(made.author), bool(made.software))

    async def rename(self, author: str, to: str) -> None:
        await written(native().renameKey(author, to))

    async def unlock(self, author: str, pin: str) -> bool:
        return bool(await native().unlock(author, pin))

    async def lock(self) -> None:
        native().lock()

    async def unlocked(self) -> list[str]:
        return [str(author) for author in native().unlocked().to_py()]

    async def sign_as_device(self, message: bytes) -> bytes:
        return to_bytes(await native().signAsDevice(to_js(message)))

    async def sign_as_author(self, author: str, message: bytes) -> bytes:
        signature = await native().signAsAuthor(author, to_js(message))
        if not signature:
            raise key_locked()
        return to_bytes(signature)

    async def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        return bool(await native().verify(to_js(public_key), to_js(message), to_js(signature)))

    async def seal(self, content: bytes) -> bytes:
        return to_bytes(await native().seal(to_js(content)))

    async def open(self, sealed: bytes) -> bytes:
        content = await native().open(to_js(sealed))
        if content is None:
            raise content_damaged()
        return to_bytes(content)

    async def seal_for(self, public_key: bytes, content: bytes, bound: bytes) -> bytes:
        sealed = await native().sealFor(to_js(public_key), to_js(content), to_js(bound))
        if sealed is None:
            raise key_unusable()
        return to_bytes(sealed)


def key_locked() -> AccessError:
    """Nobody has entered the PIN of this author's key."""
    return AccessError(
        "key_locked", "The signing key is locked.", "Enter the PIN, then sign again. Nothing was lost."
    )


def content_damaged() -> InputError:
    """Sealed content that this phone's key does not open."""
    return InputError(
        "sealed_content_damaged",
        "A file kept on this phone can't be opened: it was changed or belongs to another phone.",
        "Leave it as it is and speak to the administrator.",
    )


def key_unusable() -> InputError:
    """The office's key is no point of its curve."""
    return InputError(
        "handover_key_unusable",
        "The office's key for hand-overs can't be used.",
        "Everything is kept on the phone. Speak to the administrator.",
    )


def print_font_unread() -> InputError:
    """The browser threw away what it kept of the app."""
    return InputError(
        "print_font_unread",
        "The font for papers is not on this phone.",
        "Open the app once with a network. The record is kept; show it on the glass for now.",
    )


class BrowserBlobs:
    """:class:`mobile.workflow.ports.Blobs` in IndexedDB, each sealed by the device's key."""

    def __init__(self, keys: BrowserKeys) -> None:
        self._keys = keys

    async def put(self, content: bytes) -> str:
        digest = digest_of(content)
        await written(native().putBlob(digest, to_js(await self._keys.seal(content))))
        return digest

    async def get(self, digest: str) -> bytes | None:
        sealed = await native().getBlob(digest)
        return None if not sealed else await self._keys.open(to_bytes(sealed))

    async def delete(self, digest: str) -> None:
        await written(native().deleteBlob(digest))


class BrowserPackFiles:
    """:class:`mobile.store.packs.PackFiles` in the browser's own file system, each opened by the browser before Python or SQLite sees it."""

    async def open(self, name: str) -> Path:
        from pyodide import ffi

        try:
            await native().openFile(name)
        except ffi.JsException as error:
            raise OSError(f"{name}: {error}") from error
        return STORE / name

    async def drop(self, name: str) -> None:
        await native().dropFile(name)

    async def names(self) -> list[str]:
        return [str(name) for name in (await native().fileNames()).to_py() if str(name) not in FILES]

    async def free_bytes(self) -> int | None:
        found = await ask("storage")
        return max(0, int(found["quota"]) - int(found["used"])) if found["quota"] else None


class BrowserCamera:
    """:class:`mobile.workflow.ports.Camera` as a page over the app's."""

    async def scan(self, words: dict[str, str]) -> Scan:
        found = await ask("scan", dict(words))
        return Scan(ScanEnd(found["end"]), found.get("payload", ""), found.get("reason", ""))

    async def photograph(self, words: dict[str, str]) -> bytes | None:
        found = await ask("photograph", dict(words))
        if found["end"] == "failed":
            raise InputError(
                "camera_failed",
                "The camera can't be used: {reason}",
                "Allow the camera for this page in the browser's settings, or go on without a picture.",
                reason=found.get("reason", ""),
            )
        return bytes(found["bytes"]) if found["end"] == "taken" else None

    async def scan_next(self, words: dict[str, str]) -> Scan:
        found = await ask("series", dict(words))
        return Scan(ScanEnd(found["end"]), found.get("payload", ""), found.get("reason", ""))

    async def end_series(self) -> None:
        await ask("seriesEnd")


class BrowserPositioning:
    """:class:`mobile.workflow.ports.Positioning` by the browser's geolocation."""

    async def position(self, timeout_ms: int = 5000) -> Position | None:
        found = await ask("position", {"timeout": timeout_ms})
        if not found:
            return None
        # No browser tells whether an app put another place in this one's stead.
        return Position(
            Decimal(found["latitude"]),
            Decimal(found["longitude"]),
            Decimal(found["accuracy"]),
            datetime.fromtimestamp(int(found["read_at"]) / 1000, UTC),
        )


class BrowserConnectivity:
    """:class:`mobile.workflow.ports.Connectivity` by the browser's own belief."""

    def online(self) -> bool:
        return bool(native().isOnline())

    def metered(self) -> bool | None:
        return {"metered": True, "free": False}.get(str(native().network()))

    def subscribe(self, changed: Callable[[bool], None]) -> Callable[[], None]:
        from pyodide import ffi

        # JavaScript calls from outside of every context; whoever subscribed is told within its own, where Flet knows its page.
        told_in = copy_context()
        listener = ffi.create_proxy(lambda online: told_in.copy().run(changed, bool(online)))
        undo = native().onOnline(listener)

        def unsubscribe() -> None:
            undo()
            listener.destroy()

        return unsubscribe


class BrowserPlatform:
    """:class:`mobile.workflow.ports.Platform`: what the page knew at its start, and what it is asked later."""

    def __init__(self, kind: str, launch: str, scale: Decimal) -> None:
        self._kind, self._launch, self._scale = kind, launch, scale

    @classmethod
    async def found(cls, kind: str) -> BrowserPlatform:
        launch = await ask("launch")
        scale = await ask("scale")
        await ask("persist")
        return cls(kind, str(launch["hash"]).removeprefix("#"), Decimal(str(scale)))

    def launch_route(self) -> str:
        return self._launch

    async def storage(self) -> StorageEstimate:
        found = await ask("storage")
        return StorageEstimate(int(found["used"]), int(found["quota"]), bool(found["persistent"]), self._kind)

    async def vibrate(self, pattern_ms: list[int]) -> None:
        await ask("vibrate", {"pattern": pattern_ms})

    async def keep_awake(self, on: bool) -> None:
        await ask("awake", {"on": on})

    async def share(self, name: str, media_type: str, content: bytes) -> bool:
        return bool(await ask("share", {"name": name, "type": media_type, "bytes": content}))

    async def print_font(self) -> bytes:
        # The service worker has it from the first visit on, so that this needs no network.
        from pyodide import ffi

        try:
            answer = await native().request("GET", PRINT_FONT, to_js(b""), to_js({}), TIMEOUT_MS)
        except ffi.JsException as error:
            raise print_font_unread() from error
        if int(answer.status) != OK:
            raise print_font_unread()
        return to_bytes(answer.body)

    async def pick(self) -> bytes | None:
        found = await ask("pick")
        return bytes(found) if found is not None else None

    async def update_waiting(self) -> bool:
        return bool(await ask("update"))

    async def apply_update(self) -> None:
        await ask("apply")

    def text_scale(self) -> Decimal:
        return self._scale


class BrowserTransport:
    """:class:`sync.ports.Transport` by fetch, to the origin that the app came from."""

    def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Coroutine[Any, Any, Answer]:
        return self._answer(native().request(method, path, to_js(body), to_js(headers or {}), TIMEOUT_MS))

    async def _answer(self, coming: Any) -> Answer:
        """What the promise of an answer comes to."""
        from pyodide import ffi

        try:
            answer = await coming
        except ffi.JsException as error:
            raise TransportError(str(error)) from error
        return Answer(int(answer.status), to_bytes(answer.body), dict(answer.headers.to_py()))
