"""The device's endpoints under ``/api/v1``: msgpack in, msgpack out."""

from __future__ import annotations

import gzip
from typing import TypeVar

import msgspec
from anyio.to_thread import run_sync
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import FromPath, FromQuery

from server.callers import DeviceAccess
from server.services.house import House
from shared.errors import AccessError
from sync.codec import MEDIA_TYPE, decode, inflate
from sync.messages import (
    Consistency,
    Enrolment,
    EnrolmentRequest,
    Handshake,
    Inclusions,
    Page,
    Push,
    PushAnswer,
    Welcome,
)

T = TypeVar("T", bound=msgspec.Struct)
Asked = Request[None, None, State]
MAX_BODY = 16 * 1024 * 1024
"""Bytes of a request before it is inflated."""
SMALLEST_PACKED = 256
"""Bytes of an answer below which gzip gains nothing; one changed state shrinks by a third."""
QUICKLY, TIGHTLY, LARGE = 1, 6, 64 * 1024
"""How hard a large answer is pressed, and a smaller one, for which the time does not count."""

enrolment_tries = RateLimitConfig(rate_limit=("minute", 20), store="enrolment_tries")


def house(request: Asked) -> House:
    return request.app.state["house"]  # type: ignore[no-any-return]


async def message(request: Asked, message_type: type[T]) -> T:
    """The request's body as a struct; a large one is inflated and read aside, so that others are answered meanwhile."""
    body, encoding = await request.body(), request.headers.get("content-encoding", "")
    return await run_sync(lambda: decode(inflate(body, encoding), message_type))


def answer(struct: msgspec.Struct, status: int = 200) -> Response[bytes]:
    """A struct as the answer's body."""
    headers = {"Cache-Control": "no-store"}
    return Response(
        msgspec.msgpack.encode(struct), status_code=status, media_type=MEDIA_TYPE, headers=headers
    )


def packed(plain: Response[bytes], accepted: str) -> Response[bytes]:
    """The answer as gzip where the phone takes it: a county's states are mostly the same words, and shrink to a fifth and less."""
    plain.headers["Vary"] = "Accept-Encoding"
    size = len(plain.content)
    if "gzip" in accepted and size > SMALLEST_PACKED:
        plain.content = gzip.compress(plain.content, QUICKLY if size > LARGE else TIGHTLY, mtime=0)
        plain.headers["Content-Encoding"] = "gzip"
    return plain


async def device_of(request: Asked, granted: bool = True) -> DeviceAccess:
    """The phone whose token the request carries."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    device = await run_sync(house(request).access.device, token if scheme.lower() == "bearer" else "")
    if granted and device.state != "granted":
        raise AccessError(
            "not_granted",
            "This phone's enrolment is not granted yet.",
            "Have the administrator compare the fingerprints.",
        )
    return device


@post(
    "/enrolments",
    status_code=201,
    middleware=[enrolment_tries.middleware],
    summary="Ask for enrolment",
    takes=EnrolmentRequest,
    gives=Enrolment,
)
async def enrol(request: Asked) -> Response[bytes]:
    """A phone asks with the single-use code of the console."""
    asked = await message(request, EnrolmentRequest)
    return answer(await run_sync(house(request).enrolments.request, asked), 201)


@get("/enrolments/{device_id:str}", summary="Look whether the enrolment is granted", gives=Enrolment)
async def enrolment(request: Asked, device_id: FromPath[str]) -> Response[bytes]:
    """Where the phone's own enrolment stands."""
    device = await device_of(request, granted=False)
    if device.device_id != device_id:
        raise AccessError("not_yours", "This is another phone's enrolment.", "Ask for your own.")
    return answer(await run_sync(house(request).enrolments.state, device))


@post("/handshake", status_code=200, summary="Greet", takes=Handshake, gives=Welcome)
async def handshake(request: Asked) -> Response[bytes]:
    """Phone and server say where they stand."""
    device, asked = await device_of(request), await message(request, Handshake)
    welcome = await run_sync(house(request).enrolments.greet, device, asked)
    await run_sync(house(request).stickers.grant, device, asked, welcome)
    return answer(welcome)


@post("/push", status_code=200, summary="Push records", takes=Push, gives=PushAnswer)
async def push(request: Asked) -> Response[bytes]:
    """A ruling for each record, after the commit."""
    device, asked = await device_of(request), await message(request, Push)
    house(request).enrolments.must_understand(asked.protocol)
    accepted = request.headers.get("accept-encoding", "")
    receive = house(request).receiver.push
    return await run_sync(lambda: packed(answer(receive(device, asked)), accepted))


@get("/pull/{county:str}", summary="Pull a county's changes", gives=Page)
async def pull(
    request: Asked, county: FromPath[str], cursor: FromQuery[str] = "", limit: FromQuery[int] = 2000
) -> Response[bytes]:
    """A page of states after the cursor."""
    device = await device_of(request)
    accepted = request.headers.get("accept-encoding", "")
    page = house(request).puller.page
    return await run_sync(lambda: packed(answer(page(device, county, cursor, limit)), accepted))


@get("/ledger/{county:str}/consistency", summary="Prove that a ledger only grew", gives=Consistency)
async def consistency(
    request: Asked, county: FromPath[str], first: FromQuery[int], second: FromQuery[int]
) -> Response[bytes]:
    """The proof that the county's ledger of ``second`` records begins with that of ``first``."""
    device = await device_of(request)
    return answer(await run_sync(house(request).log.consistency, device, county, first, second))


@get("/ledger/{county:str}/inclusion", summary="Prove that records are on a ledger", gives=Inclusions)
async def inclusion(
    request: Asked, county: FromPath[str], size: FromQuery[int], record: FromQuery[list[str]]
) -> Response[bytes]:
    """The proofs that these records have their places on the county's ledger of ``size`` records."""
    device = await device_of(request)
    return answer(await run_sync(house(request).log.inclusions, device, county, size, record))


@get("/health", summary="Whether the server is up")
async def health(request: Asked) -> dict[str, str]:
    """The generation of the store, for monitoring."""
    return {"status": "ok", "generation": house(request).generation}


handlers: list[HTTPRouteHandler] = [
    enrol,
    enrolment,
    handshake,
    push,
    pull,
    consistency,
    inclusion,
    health,
]
