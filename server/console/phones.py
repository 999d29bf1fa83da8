"""The console's page of phones: offering enrolment, granting it, taking access away."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from server.callers import PersonAccess
from server.console.frame import administrator, form_of, house_of, shown
from server.pages import Asked
from server.services.house import House
from shared.errors import InputError
from shared.people import Role

CARRIERS = (Role.INSPECTOR, Role.VERIFIER)


def carriers(house: House) -> list[PersonAccess]:
    """The people that a phone can be for."""
    return [each for each in house.access.people() if each.role in CARRIERS and each.active]


def list_phones(request: Asked, offered: dict[str, Any] | None = None) -> Response[str]:
    """Every phone with its state, those that wait for a decision first, and the form that offers enrolment."""
    session, house = administrator(request), house_of(request)
    devices = sorted(house.enrolments.devices(), key=lambda each: str(each["state"]) != "pending")
    return shown(
        request,
        "phones.html",
        session,
        devices=devices,
        chains=house.journal.chains(),
        people=carriers(house),
        offered=offered,
    )


@get("/phones", include_in_schema=False)
async def phones_page(request: Asked) -> Response[Any]:
    """The phones, and the form that offers enrolment."""
    # An address with two handlers registers each twice, and Litestar then wraps a plain function twice in a thread.
    return await run_sync(list_phones, request)


@post("/phones", status_code=200, include_in_schema=False)
async def offer_enrolment(request: Asked) -> Response[Any]:
    """Shows the code by which a phone is enrolled: single use, ten minutes."""
    session, house = administrator(request), house_of(request)
    chosen = (await form_of(request)).get("person", "")
    person = next((each for each in carriers(house) if each.person_id == chosen), None)
    if person is None:
        raise InputError("person_unknown", "Nobody was chosen.", "Choose the person that the phone is for.")
    code = house.enrolments.make_code(session.person.person_id, person.person_id, person.counties)
    offered = {"person": person, "code": code, "address": f"{house.phone_origin}/#/enrol/{code}"}
    return await run_sync(list_phones, request, offered)


@post("/phones/{device_id:str}", status_code=303, include_in_schema=False)
async def change_phone(request: Asked, device_id: FromPath[str]) -> Redirect:
    """Grants or rejects an enrolment, or changes a phone's access."""
    session, house = administrator(request), house_of(request)
    wanted = (await form_of(request)).get("wanted", "")
    if wanted in ("grant", "reject"):
        house.enrolments.decide(session.person.person_id, device_id, wanted == "grant")
    else:
        house.enrolments.revoke(session.person.person_id, device_id, wanted)
    return Redirect("/phones", status_code=303)


handlers: list[HTTPRouteHandler] = [phones_page, offer_enrolment, change_phone]
