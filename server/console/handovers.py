"""The console's import of a hand-over: a file that somebody brought on a stick, and what became of each record in it."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler

from server.console.frame import administrator, form_of, house_of, shown
from server.pages import Asked
from shared.errors import InputError
from sync.handover import MAX_BUNDLE

FORM_BYTES = MAX_BUNDLE + 64 * 1024
"""The file, and the form around it."""


@post("/phones/handovers", status_code=200, include_in_schema=False, request_max_body_size=FORM_BYTES)
async def import_handover(request: Asked) -> Response[Any]:
    """Takes the file in and shows the rulings."""
    session, house = administrator(request), house_of(request)
    await form_of(request)
    file = (await request.form()).get("bundle")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content:
        raise InputError(
            "handover_missing", "No file was chosen.", "Choose the file that the phone gave, then import it."
        )
    person_id = session.person.person_id
    taken = await run_sync(house.handovers.take, content, person_id, person_id)
    devices = {str(each["device_id"]): each for each in await run_sync(house.enrolments.devices)}
    values: dict[str, Any] = {"taken": taken, "device": devices.get(taken.bundle.header.device)}
    return await run_sync(lambda: shown(request, "handover.html", session, **values))


handlers: list[HTTPRouteHandler] = [import_handover]
