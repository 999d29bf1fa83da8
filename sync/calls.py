"""One call to the server: the request's bytes, the answer's struct, or the reason why there is none."""

from __future__ import annotations

import gzip
from collections.abc import Coroutine
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar

import msgspec

from shared.errors import Problem
from sync.ports import Answer, Transport

API = "/api/v1"
MEDIA_TYPE = "application/msgpack"
SMALLEST_GZIPPED = 256
LONGEST_WAIT_MS = 3_600_000
"""However long a server, or something on the way to it, asks to wait."""
T = TypeVar("T")


class _Details(msgspec.Struct):
    """A problem document (RFC 9457) as far as the phone reads it."""

    code: str = ""
    title: str = ""
    detail: str = ""
    what: str = ""
    remedy: str = ""
    details: dict[str, str] = {}


_details = msgspec.json.Decoder(_Details)


class RefusedError(Exception):
    """The server answered, and the answer is no."""

    def __init__(self, status: int, problem: Problem, retry_after_ms: int = 0) -> None:
        self.status = status
        self.problem = problem
        self.retry_after_ms = retry_after_ms
        super().__init__(f"{status} {problem.code}")


def no_network() -> Problem:
    """What is said when no answer came."""
    return Problem(
        "no_network",
        "The server can't be reached.",
        "Everything is kept on the phone. It is sent by itself as soon as there is a network.",
    )


def _answer_unreadable(reason: object) -> Problem:
    return Problem(
        "answer_unreadable",
        "The server's answer can't be read: {reason}",
        "Everything is kept on the phone. Perhaps this network shows its own sign-in page; perhaps the app needs an update.",
        {"reason": str(reason)},
    )


def _retry_after_ms(answer: Answer) -> int:
    """What Retry-After (RFC 9110, 10.2.3) asks for, in seconds or as a date, which is compared with the answer's own: the phone's clock may be wrong."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    wait = headers.get("retry-after", "")
    if wait.isascii() and wait.isdecimal():
        return min(int(wait[:9]) * 1000, LONGEST_WAIT_MS)
    try:
        asked = parsedate_to_datetime(wait) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return 0
    return min(max(0, asked // timedelta(milliseconds=1)), LONGEST_WAIT_MS)


def refusal(answer: Answer) -> RefusedError:
    """The answer's problem document; where it holds none, a problem named after its status."""
    retry_after_ms = _retry_after_ms(answer)
    try:
        found = _details.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = _Details()
    if found.code:
        problem = Problem(found.code, found.what or found.detail or found.title, found.remedy, found.details)
    elif answer.status == 401:
        # The answer to HEAD has no body that could say it.
        problem = Problem(
            "token_unknown",
            "This phone is not enrolled here.",
            "Everything is kept on the phone. Have it enrolled again by the administrator.",
        )
    else:
        problem = Problem(
            f"http_{answer.status}",
            "The server answered with status {status}.",
            "Everything is kept on the phone, and it tries again by itself.",
            {"status": str(answer.status)},
        )
    return RefusedError(answer.status, problem, retry_after_ms)


class Packed(msgspec.Struct, frozen=True):
    """A message as it travels."""

    body: bytes = b""
    headers: dict[str, str] = {}


NOTHING = Packed()


def packed(message: msgspec.Struct) -> Packed:
    """The message as msgpack, as gzip where that gains anything."""
    body = msgspec.msgpack.encode(message)
    headers = {"Content-Type": MEDIA_TYPE}
    if len(body) > SMALLEST_GZIPPED:
        body = gzip.compress(body, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Packed(body, headers)


class Asked(Generic[T]):
    """A request on its way; closed, nobody waits for its answer any more."""

    def __init__(self, coming: Coroutine[Any, Any, Answer], answer_type: type[T]) -> None:
        self._coming, self._answer_type = coming, answer_type
        self.close = coming.close

    async def answer(self) -> T:
        """Raises :class:`RefusedError` for an answer that is no, TransportError for none."""
        answer = await self._coming
        if not 200 <= answer.status < 300:
            raise refusal(answer)
        try:
            return msgspec.msgpack.decode(answer.body, type=self._answer_type)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RefusedError(answer.status, _answer_unreadable(error)) from error


class Calls:
    """Speaks msgpack to the server's API over a transport, as a device with its token."""

    def __init__(self, transport: Transport, token: str = "", language: str = "") -> None:
        self.transport = transport
        self._headers = {"Accept": MEDIA_TYPE}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        if language:
            self._headers["Accept-Language"] = language

    async def post(self, path: str, message: msgspec.Struct, answer_type: type[T]) -> T:
        """Raises :class:`RefusedError` for an answer that is no, TransportError for none."""
        return await self.ask("POST", path, answer_type, packed(message)).answer()

    async def get(self, path: str, answer_type: type[T]) -> T:
        """As :meth:`post`, without a body."""
        return await self.ask("GET", path, answer_type).answer()

    def ask(self, method: str, path: str, answer_type: type[T], message: Packed = NOTHING) -> Asked[T]:
        """Sends a request; its answer is waited for when there is nothing else to do."""
        return Asked(self.raw(method, path, message.body, message.headers), answer_type)

    def raw(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Coroutine[Any, Any, Answer]:
        """One request with the device's headers, as the transport's; any answer."""
        return self.transport.request(method, API + path, body, self._headers | (headers or {}))
