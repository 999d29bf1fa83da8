"""Uploading one file by the tus 1.0 protocol, resumed where it was cut.

The server names an upload by the SHA-256 of its content, so that the phone needs to remember nothing: HEAD says how far it came.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from shared.errors import InputError, Problem
from shared.identity import digest_of
from sync.calls import API, Calls, RefusedError, refusal
from sync.ports import Answer, Attachment, Attachments, Contents

FIRST_CHUNK = 16 * 1024
"""A slow line carries this much well within the time that a request may take; each chunk that arrives doubles the next."""
LARGEST_CHUNK = 512 * 1024
STUMBLES = 3
"""Wrong offsets and damaged chunks in one go after which the file waits for the next sync."""
TUS = {"Tus-Resumable": "1.0.0"}
FINAL = {400, 413, 415, 422}
"""Statuses after which the same file will never be taken."""


class Fate(StrEnum):
    UPLOADED = "uploaded"
    FAILED = "failed"
    LATER = "later"
    PAUSED = "paused"
    """Something more urgent came up; what arrived stays."""


@dataclass(frozen=True)
class Watch:
    """Who looks on while a file is sent."""

    told: Callable[[int, int], None] = lambda _sent, _size: None
    """Told of the bytes that the server has, and of how many there are."""
    pauses: Callable[[], Awaitable[bool]] | None = None
    """Asked after each chunk whether something more urgent waits."""


async def upload_waiting(
    calls: Calls, attachments: Attachments, contents: Contents, attachment: Attachment, watch: Watch
) -> tuple[Fate, Problem | None]:
    """Uploads one waiting file and notes what became of it, with the problem where it must wait.

    A lost network is raised, and so is an answer that speaks for every file (no access, too busy, no room); then nothing is noted.
    """
    try:
        content = await contents.get(attachment.digest)
    except InputError:
        content = None
    if content is None or digest_of(content) != attachment.digest:
        await attachments.failed(attachment.digest, "unreadable")
        return Fate.FAILED, None
    try:
        if not await _upload(calls, attachment, content, watch):
            return Fate.PAUSED, None
    except RefusedError as refused:
        if refused.status in FINAL:
            await attachments.failed(attachment.digest, refused.problem.code)
            return Fate.FAILED, None
        if refused.status in (401, 429, 503, 507) or refused.retry_after_ms:
            raise
        await attachments.later(attachment.digest)
        # Its record is not there yet: nothing is wrong.
        return Fate.LATER, None if refused.status in (403, 409) else refused.problem
    await attachments.uploaded(attachment.digest)
    return Fate.UPLOADED, None


async def _upload(calls: Calls, attachment: Attachment, content: bytes, watch: Watch) -> bool:
    """Sends what is missing; False where it paused. Raises RefusedError."""
    path = f"/attachments/{attachment.digest}"
    offset = await _offset(calls, path)
    if offset is None:
        path, offset = await _create(calls, path, attachment, content)
    most, stumbles = FIRST_CHUNK, 0
    while offset < len(content):
        watch.told(offset, len(content))
        chunk = content[offset : offset + most]
        answer = await calls.raw("PATCH", path, chunk, TUS | _headers(offset, chunk))
        if answer.status == 204:
            offset = _read_offset(answer, offset + len(chunk))
            most = min(most * 2, LARGEST_CHUNK)
            if offset < len(content) and watch.pauses and await watch.pauses():
                return False
            continue
        stumbles += 1
        if answer.status not in (409, 460) or stumbles == STUMBLES:
            raise refusal(answer)
        # Somebody else's answer came first, or the bytes were changed on their way: the server says where it stands.
        offset = await _offset(calls, path) or 0
        most = FIRST_CHUNK
    return True


def _headers(offset: int, chunk: bytes) -> dict[str, str]:
    checksum = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
    return {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": str(offset),
        "Upload-Checksum": f"sha256 {checksum}",
    }


async def _create(calls: Calls, path: str, attachment: Attachment, content: bytes) -> tuple[str, int]:
    """Announces a file; where to send it, and how much of it the server has already."""
    named = {"sha256": attachment.digest, "filetype": attachment.media_type, "record": attachment.record_id}
    metadata = ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in named.items())
    answer = await calls.raw(
        "POST", "/attachments", b"", TUS | {"Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    )
    if answer.status not in (200, 201, 204):
        raise refusal(answer)
    location = next((value for name, value in answer.headers.items() if name.lower() == "location"), "")
    return urlsplit(location).path.removeprefix(API) or path, _read_offset(answer, 0)


async def _offset(calls: Calls, path: str) -> int | None:
    answer = await calls.raw("HEAD", path, b"", TUS)
    if answer.status in (404, 410):
        return None
    if not 200 <= answer.status < 300:
        raise refusal(answer)
    return _read_offset(answer, 0)


def _read_offset(answer: Answer, otherwise: int) -> int:
    text = next((value for name, value in answer.headers.items() if name.lower() == "upload-offset"), "")
    return int(text) if text.isdecimal() else otherwise
