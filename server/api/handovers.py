"""``POST /api/v1/handovers``: a phone brings what another one handed to it."""

from __future__ import annotations

from anyio.to_thread import run_sync
from litestar import Response, post
from litestar.handlers import HTTPRouteHandler

from server.api.device import Asked, answer, device_of, house
from sync.handover import MAX_BUNDLE, handover_too_large
from sync.messages import HandoverAnswer


@post("/handovers", status_code=200, summary="Bring another phone's records", gives=HandoverAnswer)
async def bring(request: Asked) -> Response[bytes]:
    """Everything in the bundle is on the disk when this answers; the courier learns nothing of what was in it."""
    device = await device_of(request)
    if int(request.headers.get("content-length") or 0) > MAX_BUNDLE:
        raise handover_too_large()
    return answer(await run_sync(house(request).handovers.carried, device, await request.body()))


handlers: list[HTTPRouteHandler] = [bring]
