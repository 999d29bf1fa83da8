"""What the console hands out as files: style, script, evidence, label sheets, raw bytes."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from server.console.drawing import STROKES, picture_of_strokes
from server.console.frame import house_of, reader
from server.pages import STYLE, Asked
from server.printing.labels import LabelPrinter
from server.services.access import require_county
from server.services.journal import record_unknown
from shared.errors import InputError
from shared.instrument import in_walking_order

KEPT = {"Cache-Control": "max-age=31536000, immutable"}
STYLES = {
    "console.css": "text/css; charset=utf-8",
    "public.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
PICTURES = ("image/jpeg", "image/png")
SALT = 16
"""Random bytes that a personal file begins with."""


@get("/style/{name:str}", include_in_schema=False, sync_to_thread=True)
def style(name: FromPath[str]) -> Response[Any]:
    """The style and the keyboard's script; their addresses change with their content."""
    if name not in STYLES:
        raise record_unknown()
    return Response((STYLE / name).read_bytes(), media_type=STYLES[name], headers=KEPT)


@get("/style/fonts/{name:str}", include_in_schema=False, sync_to_thread=True)
def font(request: Asked, name: FromPath[str]) -> Response[Any]:
    """The bundled fonts."""
    if name not in {"NotoSansSC-Regular.woff2", "NotoSansSC-Bold.woff2"}:
        raise record_unknown()
    content = (request.app.state["assets"] / "fonts" / name).read_bytes()
    return Response(content, media_type="font/woff2", headers={"Cache-Control": "max-age=604800"})


@get("/records/{record_id:str}/evidence/{digest:str}", include_in_schema=False, sync_to_thread=True)
def evidence(request: Asked, record_id: FromPath[str], digest: FromPath[str]) -> Response[Any]:
    """A file that the record names. Reading a personal one is noted."""
    session, house = reader(request), house_of(request)
    found = house.journal.find(record_id)
    require_county(session.person, found.line.county)
    named = next((each.blob for each in found.evidence if each.arrived and each.blob.digest == digest), None)
    content = house.attachments.content(digest) if named else None
    if named is None or content is None:
        raise record_unknown()
    if named.personal:
        house.access.audit(session.person.person_id, "personal_read", digest, record=record_id)
        content = content[SALT:]
    if named.media_type == STROKES:
        return Response(picture_of_strokes(content), media_type="image/svg+xml")
    if named.media_type in PICTURES:
        return Response(content, media_type=named.media_type)
    # The record names the type, and a browser must not be told to run what a phone sent.
    headers = {"Content-Disposition": f'attachment; filename="{digest[:16]}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


@get("/intake/{digest:str}", include_in_schema=False, sync_to_thread=True)
def intake_bytes(request: Asked, digest: FromPath[str]) -> Response[Any]:
    """The bytes of a held or refused record, as they came."""
    session, house = reader(request), house_of(request)
    line, body = house.journal.intake_bytes(digest)
    require_county(session.person, line.county)
    house.access.audit(session.person.person_id, "intake_read", digest)
    headers = {"Content-Disposition": f'attachment; filename="{line.digest[:16]}.json"'}
    return Response(body, media_type="application/octet-stream", headers=headers)


@get("/labels/{sheet:str}", include_in_schema=False, sync_to_thread=True)
def label_sheet(request: Asked, sheet: FromPath[str]) -> Response[Any]:
    """A4 sheets with the labels of one site, ``/labels/<premises id>.pdf``."""
    session, house = reader(request), house_of(request)
    premises_id = sheet.removesuffix(".pdf")
    site = house.registry.premises(premises_id)
    if site is None:
        raise record_unknown()
    require_county(session.person, site.county)
    kinds = house.catalogue.kinds
    printed = [
        (house.labels.printed(each), kinds[each.kind].chinese if each.kind in kinds else each.kind)
        for each in sorted(house.registry.at(premises_id), key=in_walking_order)
        if each.label_in_force
    ]
    if not printed:
        raise InputError("labels_none", "No instrument of this site has a label.", "Issue labels first.")
    printer = LabelPrinter(
        request.app.state["assets"] / "fonts", request.app.state["kept"] / "fonts", house.labels.issuer
    )
    headers = {"Content-Disposition": f'inline; filename="labels-{premises_id[:8]}.pdf"'}
    return Response(printer.sheets(printed, site.name), media_type="application/pdf", headers=headers)


handlers: list[HTTPRouteHandler] = [style, font, evidence, intake_bytes, label_sheet]
