"""County packs under ``/api/v1``: what there is of a county, and the file in ranges, straight from the disk."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
from anyio.to_thread import run_sync
from litestar import HttpMethod, Response, get, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream

from server.api.device import Asked, answer, device_of, house
from shared.errors import InputError
from sync.messages import PackOffer

CHUNK = 256 * 1024
MEDIA_TYPE = "application/gzip"
_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))")


def asked_range(text: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last of a Range header (RFC 9110, 14.1.2); None where the whole is to be sent.

    Several ranges, other units and nonsense are passed over, as the RFC allows. Raises InputError ``range_wrong`` (416).
    """
    found = _RANGE.fullmatch(text.strip())
    if not found:
        return None
    first, last, suffix = found.groups()
    if first is None:
        start, end = max(0, size - int(suffix)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < int(first):
            return None
    if start >= end:
        error = InputError(
            "range_wrong", "The file has {size} bytes.", "Ask for bytes that it has.", size=size
        )
        error.status = 416
        raise error
    return start, end


async def read_from(path: Path, start: int, end: int) -> AsyncIterator[bytes]:
    """The bytes of a file between two places, a little at a time."""
    async with await anyio.open_file(path, "rb") as file:
        await file.seek(start)
        while start < end and (chunk := await file.read(min(CHUNK, end - start))):
            start += len(chunk)
            yield chunk


@get("/packs/{county:str}", summary="What pack there is of a county", gives=PackOffer)
async def pack_offer(request: Asked, county: FromPath[str]) -> Response[bytes]:
    """The newest pack, and the cursor to go on from."""
    device = await device_of(request)
    return answer(await run_sync(house(request).packs.offer, device, county))


@route(
    "/packs/{county:str}/{digest:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], summary="Fetch a pack"
)
async def pack_file(request: Asked, county: FromPath[str], digest: FromPath[str]) -> Response[bytes] | Stream:
    """The file or a range of it; its digest is its name and its strong tag, so that pieces of two packs never meet."""
    device = await device_of(request)
    path = await run_sync(house(request).packs.file, device, county, digest)
    size, tag = path.stat().st_size, f'"{digest}"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}
    only_if = request.headers.get("if-range", tag)
    span = asked_range(request.headers.get("range", ""), size) if only_if == tag else None
    start, end = span or (0, size)
    headers["Content-Length"] = str(end - start)
    if span:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if span else 200
    if request.method == HttpMethod.HEAD:
        return Response(
            b"", status_code=200, headers=headers | {"Content-Length": str(size)}, media_type=MEDIA_TYPE
        )
    return Stream(read_from(path, start, end), status_code=status, headers=headers, media_type=MEDIA_TYPE)


handlers: list[HTTPRouteHandler] = [pack_offer, pack_file]
