"""Uploading one file by the tus 1.0 protocol (core and creation), resumed where it was cut.

The server names an upload by the SHA-256 of its content, so that the phone needs to remember nothing: HEAD says how far it came.
"""

from __future__ import annotations

import base64
from enum import StrEnum
from urllib.parse import urlsplit

from shared.errors import InputError
from shared.identity import digest_of
from sync.calls import API, Calls, RefusedError, refusal
from sync.ports import Answer, Attachment, Attachments, Contents

CHUNK = 256 * 1024
TUS = {"Tus-Resumable": "1.0.0"}
FINAL = {400, 410, 413, 415, 422, 460}
"""Statuses after which the same file will never be taken."""


class Fate(StrEnum):
    UPLOADED = "uploaded"
    FAILED = "failed"
    LATER = "later"


async def upload_waiting(
    calls: Calls, attachments: Attachments, contents: Contents, attachment: Attachment
) -> Fate:
    """Uploads one waiting file and notes what became of it. A lost network or a busy server is raised, and nothing noted."""
    try:
        content = await contents.get(attachment.digest)
    except InputError:
        content = None
    if content is None or digest_of(content) != attachment.digest:
        await attachments.failed(attachment.digest, "unreadable")
        return Fate.FAILED
    try:
        await _upload(calls, attachment, content)
    except RefusedError as refused:
        if refused.status in FINAL:
            await attachments.failed(attachment.digest, refused.problem.code)
            return Fate.FAILED
        if refused.status in (401, 429) or refused.status >= 500:
            raise
        return Fate.LATER
    await attachments.uploaded(attachment.digest)
    return Fate.UPLOADED


async def _upload(calls: Calls, attachment: Attachment, content: bytes) -> None:
    path = f"/attachments/{attachment.digest}"
    offset = await _offset(calls, path)
    if offset is None:
        path = await _create(calls, path, attachment, content)
        offset = 0
    stumbled = False
    while offset < len(content):
        chunk = content[offset : offset + CHUNK]
        answer = await calls.raw(
            "PATCH",
            path,
            chunk,
            TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)},
        )
        if answer.status == 409 and not stumbled:
            stumbled = True
            offset = await _offset(calls, path) or 0
        elif answer.status == 204:
            offset = _read_offset(answer, offset + len(chunk))
        else:
            raise refusal(answer)


async def _create(calls: Calls, path: str, attachment: Attachment, content: bytes) -> str:
    named = {"sha256": attachment.digest, "filetype": attachment.media_type, "record": attachment.record_id}
    metadata = ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in named.items())
    answer = await calls.raw(
        "POST", "/attachments", b"", TUS | {"Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    )
    if answer.status not in (200, 201, 204):
        raise refusal(answer)
    location = next((value for name, value in answer.headers.items() if name.lower() == "location"), "")
    return urlsplit(location).path.removeprefix(API) or path


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
