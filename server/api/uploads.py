"""Uploads by tus 1.0.0 below ``/api/v1/attachments``: core, creation, creation-with-upload, checksum, expiration, termination."""

from __future__ import annotations

import base64
import hashlib
from email.utils import format_datetime

from anyio.to_thread import run_sync
from litestar import HttpMethod, Request, Response, Router, delete, patch, post, route
from litestar.datastructures import State
from litestar.exceptions import HTTPException, InternalServerException
from litestar.params import FromPath

from server.api.device import Asked, device_of, house
from server.callers import DeviceAccess
from server.problems import as_problem
from server.services.attachments import LARGEST, Announced, Upload, longer
from shared.errors import ConflictError, InputError

VERSION = "1.0.0"
BYTES = "application/offset+octet-stream"
PIECE = 256 * 1024
"""Bytes that are written to the disk at once; what came before a cut is kept, whatever the client meant to send in one request."""
LONGEST_NUMBER = 18
DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
TUS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
ABILITIES = {
    "Tus-Resumable": VERSION,
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,creation-with-upload,checksum,expiration,termination",
    "Tus-Max-Size": str(LARGEST),
    "Tus-Checksum-Algorithm": ",".join(DIGESTS),
}


def tus_problem(request: Request[None, None, State], error: Exception) -> Response[bytes]:
    """A problem document with the headers that every answer of tus carries."""
    answer = as_problem(request, error)
    answer.headers.update(TUS | ({"Tus-Version": VERSION} if answer.status_code == 412 else {}))
    return answer


def speaks_tus(request: Asked) -> None:
    """Raises ``tus_version_unknown`` (412) where the request is not of our version."""
    if request.headers.get("tus-resumable") != VERSION:
        error = InputError(
            "tus_version_unknown",
            "The server speaks tus {version}.",
            "Send the header Tus-Resumable with that version.",
            version=VERSION,
        )
        error.status = 412
        raise error


async def asking(request: Asked) -> DeviceAccess:
    """The phone that speaks tus."""
    device = await device_of(request)
    speaks_tus(request)
    return device


def metadata(header: str) -> dict[str, str]:
    """A tus Upload-Metadata header's pairs."""
    pairs = {}
    for pair in header.split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            pairs[name] = base64.b64decode(value, validate=True).decode()
        except ValueError as error:
            raise InputError(
                "metadata_wrong", "The upload's metadata can't be read.", "Send base64 pairs as tus 1.0 says."
            ) from error
    return pairs


def number(request: Asked, name: str) -> int:
    """A header that must be a whole number."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal()) or len(text) > LONGEST_NUMBER:
        raise InputError(
            "header_missing", "The header {name} is missing.", "Send it as tus 1.0 says.", name=name
        )
    return int(text)


def standing(upload: Upload, status: int) -> Response[bytes]:
    """Where an upload stands, in headers."""
    headers = {**TUS, "Upload-Offset": str(upload.offset)}
    if status == 200:
        headers["Upload-Length"] = str(upload.size)
        headers |= {"Upload-Metadata": upload.said} if upload.said else {}
    if status == 201:
        headers["Location"] = f"/api/v1/attachments/{upload.digest}"
    if upload.expires_at:
        headers["Upload-Expires"] = format_datetime(upload.expires_at, usegmt=True)
    return Response(b"", status_code=status, headers=headers)


def checksum(request: Asked) -> tuple[str, bytes] | None:
    """The algorithm and the digest of Upload-Checksum. Raises ``checksum_unknown``."""
    header = request.headers.get("upload-checksum", "")
    if not header:
        return None
    algorithm, _, text = header.partition(" ")
    try:
        digest = base64.b64decode(text, validate=True)
    except ValueError:
        digest = b""
    if algorithm not in DIGESTS or not digest:
        raise InputError(
            "checksum_unknown",
            "The checksum can't be compared.",
            "Send sha1 or sha256 and the digest in base64.",
        )
    return algorithm, digest


def check_bytes(request: Asked, most: int, size: int) -> None:
    """Raises where the body is not of the type that tus sends (415), or longer than what is missing (413)."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != BYTES:
        error = InputError(
            "content_type_wrong", "The bytes must be sent as {type}.", "Send it as tus 1.0 says.", type=BYTES
        )
        error.status = 415
        raise error
    if request.headers.get("content-length") and number(request, "content-length") > most:
        raise longer(size)


async def take_in(request: Asked, device: DeviceAccess, upload: Upload, begins: int) -> Upload:
    """Writes the body's bytes, which begin at ``begins`` of the file, piece by piece; a cut leaves what came before it.

    Those before the upload's offset are on the disk already and are passed over.
    """
    check_bytes(request, upload.size - begins, upload.size)
    known = upload.offset - begins
    expected = checksum(request)
    if expected:
        return await take_checked(request, device, upload, known, *expected)
    append = house(request).attachments.append
    held = bytearray()
    try:
        async for piece in request.stream():
            held += piece[known:]
            known = max(0, known - len(piece))
            if len(held) >= PIECE:
                upload = await run_sync(append, device, upload.digest, upload.offset, bytes(held))
                held.clear()
    except InternalServerException:  # The line was cut.
        await run_sync(append, device, upload.digest, upload.offset, bytes(held))
        raise
    return await run_sync(append, device, upload.digest, upload.offset, bytes(held))


async def take_checked(
    request: Asked, device: DeviceAccess, upload: Upload, known: int, algorithm: str, digest: bytes
) -> Upload:
    """Writes the body only where it fits its checksum. Raises ``checksum_wrong`` (460), and nothing of it is kept."""
    body = await request.body()

    def compare_and_append() -> Upload:
        if DIGESTS[algorithm](body).digest() != digest:
            error = InputError(
                "checksum_wrong", "The bytes were changed on their way.", "Send them again from {offset}.",
                offset=upload.offset,
            )  # fmt: skip
            error.status = 460
            raise error
        return house(request).attachments.append(device, upload.digest, upload.offset, body[known:])

    return await run_sync(compare_and_append)


async def begin(request: Asked) -> Response[bytes]:
    device = await asking(request)
    said = request.headers.get("upload-metadata", "")
    named = metadata(said)
    announced = Announced(
        named.get("sha256", ""),
        number(request, "upload-length"),
        named.get("filetype", ""),
        named.get("record", ""),
        said,
    )
    upload = await run_sync(house(request).attachments.create, device, announced)
    if request.headers.get("content-type", "").startswith(BYTES):
        if upload.complete:  # The bytes are here already; what the phone sends beside is not looked at.
            return standing(upload, 201)
        upload = await take_in(request, device, upload, 0)
    return standing(upload, 201)


async def go_on(request: Asked, digest: str) -> Response[bytes]:
    device = await asking(request)
    offset = number(request, "upload-offset")
    upload = await run_sync(house(request).attachments.find, device, digest)
    if offset != upload.offset:
        raise ConflictError(
            "offset_wrong", "The upload stands at {offset}.", "Go on from there.", offset=upload.offset
        )
    return standing(await take_in(request, device, upload, offset), 204)


async def forget(request: Asked, digest: str) -> Response[bytes]:
    device = await asking(request)
    await run_sync(house(request).attachments.terminate, device, digest)
    return Response(b"", status_code=204, headers=dict(TUS))


@post("/", status_code=201, summary="Begin an upload (tus creation, creation-with-upload)")
async def begin_upload(request: Asked) -> Response[bytes]:
    """Announces a file by its digest; bytes may come along."""
    return await begin(request)


@route("/{digest:str}", http_method=[HttpMethod.HEAD], summary="How far an upload has come")
async def upload_state(request: Asked, digest: FromPath[str]) -> Response[bytes]:
    """The offset to go on from."""
    device = await asking(request)
    return standing(await run_sync(house(request).attachments.find, device, digest), 200)


@patch("/{digest:str}", summary="Go on with an upload")
async def go_on_uploading(request: Asked, digest: FromPath[str]) -> Response[bytes]:
    """Bytes at an offset."""
    return await go_on(request, digest)


@delete("/{digest:str}", status_code=200, summary="Give an unfinished upload up (tus termination)")
async def forget_upload(request: Asked, digest: FromPath[str]) -> Response[bytes]:
    """Frees the room that it takes."""
    return await forget(request, digest)


@post("/{digest:str}", status_code=200, summary="PATCH or DELETE through a proxy that passes only POST")
async def overridden(request: Asked, digest: FromPath[str]) -> Response[bytes]:
    """The method is what X-HTTP-Method-Override says."""
    method = request.headers.get("x-http-method-override", "")
    if method == "PATCH":
        return await go_on(request, digest)
    if method == "DELETE":
        return await forget(request, digest)
    raise HTTPException(status_code=405)


@route(["/", "/{digest:str}"], http_method=[HttpMethod.OPTIONS], include_in_schema=False)
async def abilities(request: Asked) -> Response[bytes]:
    """What of tus the server speaks; for this no token is needed."""
    return Response(b"", status_code=204, headers=ABILITIES)


router = Router(
    "/attachments",
    # The first handler of an address settles who answers OPTIONS there.
    route_handlers=[abilities, begin_upload, upload_state, go_on_uploading, forget_upload, overridden],
    exception_handlers={Exception: tus_problem},
)
