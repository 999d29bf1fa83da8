"""What the console hands out as files: style, script, evidence, label sheets, raw bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from server.console.office import reader
from server.console.signing_in import house_of
from server.pages import HEADERS, Asked
from server.printing.labels import LabelPrinter
from server.services.access import require_county
from server.services.journal import record_unknown
from shared.errors import InputError

HERE = Path(__file__).parent
KEPT = {"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"}
STYLES = {"console.css": "text/css; charset=utf-8", "console.js": "text/javascript; charset=utf-8"}


@get("/style/{name:str}", include_in_schema=False, sync_to_thread=True)
def style(name: str) -> Response[Any]:
    """The style and the keyboard's script."""
    if name not in STYLES:
        raise record_unknown()
    return Response((HERE / "style" / name).read_bytes(), media_type=STYLES[name], headers=KEPT)


@get("/style/fonts/{name:str}", include_in_schema=False, sync_to_thread=True)
def font(request: Asked, name: str) -> Response[Any]:
    """The bundled fonts."""
    if name not in {"NotoSansSC-Regular.woff2", "NotoSansSC-Bold.woff2"}:
        raise record_unknown()
    content = (request.app.state["assets"] / "fonts" / name).read_bytes()
    return Response(content, media_type="font/woff2", headers=KEPT)


@get("/records/{record_id:str}/evidence/{digest:str}", include_in_schema=False, sync_to_thread=True)
def evidence(request: Asked, record_id: str, digest: str) -> Response[Any]:
    """A file that the record names. Reading a personal one is noted."""
    session, house = reader(request), house_of(request)
    found = house.journal.find(record_id)
    require_county(session.person, found.line.county)
    named = next((each.blob for each in found.evidence if each.blob.digest == digest), None)
    content = house.attachments.content(digest) if named else None
    if named is None or content is None:
        raise record_unknown()
    if named.personal:
        house.access.audit(session.person.person_id, "personal_read", digest, record=record_id)
        content = content[16:]
    return Response(
        content, media_type=named.media_type, headers={**HEADERS, "Content-Disposition": "inline"}
    )


@get("/intake/{digest:str}", include_in_schema=False, sync_to_thread=True)
def intake_bytes(request: Asked, digest: str) -> Response[Any]:
    """The bytes of a held or refused record, as they came."""
    session, house = reader(request), house_of(request)
    line, body = house.journal.intake_bytes(digest)
    require_county(session.person, line.county)
    house.access.audit(session.person.person_id, "intake_read", digest)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{line.digest[:16]}.json"'}
    return Response(body, media_type="application/octet-stream", headers=headers)


@get("/labels/{premises_id:str}.pdf", include_in_schema=False, sync_to_thread=True)
def label_sheet(request: Asked, premises_id: str) -> Response[Any]:
    """A4 sheets with the labels of one site."""
    session, house = reader(request), house_of(request)
    site = house.registry.premises(premises_id)
    if site is None:
        raise record_unknown()
    require_county(session.person, site.county)
    printed = [
        (house.labels.printed(each), house.catalogue.kind(each.kind).chinese)
        for each in house.registry.at(premises_id)
        if each.label
    ]
    if not printed:
        raise InputError("labels_none", "No instrument of this site has a label.", "Issue labels first.")
    printer = LabelPrinter(
        request.app.state["assets"] / "fonts", request.app.state["kept"] / "fonts", house.labels.issuer
    )
    return Response(printer.sheets(printed), media_type="application/pdf", headers=dict(HEADERS))


handlers: list[HTTPRouteHandler] = [style, font, evidence, intake_bytes, label_sheet]
