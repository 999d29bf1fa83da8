"""The public pages' addresses."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from anyio.to_thread import run_sync
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from server.pages import Asked, page
from server.services.house import House
from shared.clock import local_date
from shared.errors import InputError, Problem
from shared.instrument import Instrument
from shared.label import Label, read_payload, serial_tag_of, typed_code

visits = RateLimitConfig(rate_limit=("minute", 120), store="public_visits")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer may know of an instrument: never a finding, a case, a person's name or a position."""

    verdict: str
    """``valid``, ``expired``, ``unverified``, ``unregistered``, ``forged``, ``mismatched``, ``void``, or for a number that
    somebody typed ``unknown`` and ``mistyped``."""
    typed: bool = False
    """Whether only the number is known: that tells nothing of the sticker."""
    problem: Problem | None = None
    """What is wrong with the number, where it is mistyped."""
    kind: str = ""
    """The id of an instrument's kind; empty where no instrument is shown."""
    kind_name: str = ""
    """Empty where this catalogue does not know the kind."""
    site: str = ""
    stall: str = ""
    serial: str = ""
    code: str = ""
    verified_on: str = ""
    valid_until: str = ""
    days: int = 0
    """Until the verification ends, or since it ended."""
    body: str = ""


def masked(serial_number: str) -> str:
    """A serial number with its second half hidden: ``2403-*****``."""
    shown = max(1, len(serial_number) // 2)
    return serial_number[:shown] + "*" * (len(serial_number) - shown)


def label_of(payload: str, house: House) -> tuple[str, Label | None]:
    """The code of a scanned or typed label, and the label itself where it carries a signature."""
    label = read_payload(f"{house.office_origin}/L/{payload}")
    if label is not None:
        return label.code, label
    return typed_code(payload), None


def shown_for(payload: str, house: House) -> Shown:
    """What the page behind this label says."""
    try:
        code, label = label_of(payload, house)
    except InputError as error:
        if "." in payload:
            return Shown(verdict="forged")
        return Shown(verdict="mistyped", typed=True, problem=error.problem)
    typed = label is None
    if label is not None and not house.labels.is_genuine(label):
        return Shown(verdict="forged", code=code)
    instrument = house.registry.by_label(code)
    if instrument is None:
        return Shown(verdict="unknown" if typed else "unregistered", typed=typed, code=code)
    if label is not None and label.serial_tag != serial_tag_of(code, instrument.serial_number):
        return Shown(verdict="mismatched", code=code)
    if instrument.label == code and not instrument.label_in_force:
        return Shown(verdict="void", typed=typed, code=code)
    return of_instrument(instrument, code, house, typed)


def of_instrument(instrument: Instrument, code: str, house: House, typed: bool) -> Shown:
    """A registered instrument's public facts."""
    site = house.registry.premises(instrument.premises_id)
    status, today = instrument.verification, local_date(house.clock.now())
    verdict = "unverified"
    if status is not None:
        verdict = "valid" if status.holds_on(today) else "expired"
    until = status.valid_until if status else None
    kind = house.catalogue.kinds.get(instrument.kind)
    return Shown(
        verdict=verdict,
        typed=typed,
        kind=instrument.kind,
        kind_name=kind.name if kind else "",
        site=site.name if site else "",
        stall=instrument.stall,
        serial=masked(instrument.serial_number),
        code=code,
        verified_on=status.verified_on.isoformat() if status else "",
        valid_until=until.isoformat() if until else "",
        days=abs((until - today).days) if until else 0,
        body=status.body if status else "",
    )


@get("/L", middleware=[visits.middleware], include_in_schema=False)
async def code_page(request: Asked, code: FromQuery[str] = "") -> Response[Any]:
    """Where a label's number is typed."""
    if code.strip():
        return Redirect(f"/L/{quote(code.strip(), safe='')}", status_code=303)
    return page(request, "code.html", signed_in=None)


@get(["/L/{payload:str}", "/l/{payload:str}"], middleware=[visits.middleware], include_in_schema=False)
async def label_page(request: Asked, payload: FromPath[str]) -> Response[Any]:
    """The page behind a label's QR code."""
    shown = await run_sync(shown_for, payload, request.app.state["house"])
    return page(request, "label.html", signed_in=None, shown=shown)


@get(["/R/{record_id:str}", "/r/{record_id:str}"], middleware=[visits.middleware], include_in_schema=False)
async def receipt_page(request: Asked, record_id: FromPath[str]) -> Response[Any]:
    """Whether the check behind a receipt has arrived; nothing of what it found."""
    house: House = request.app.state["house"]
    line = await run_sync(house.journal.exists, record_id.partition(".")[0].lower())
    if line is not None and line.kind not in ("inspection.recorded", "lot.inspected"):
        line = None
    return page(request, "receipt.html", signed_in=None, line=line, record_id=record_id)


handlers: list[HTTPRouteHandler] = [code_page, label_page, receipt_page]
