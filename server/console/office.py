"""The console's pages: the day, one record, the intake, instruments, campaigns, phones, labels."""

from __future__ import annotations

import base64
import io
import json
from datetime import date
from typing import Annotated, Any

import qrcode
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter
from litestar.response import Redirect
from qrcode.constants import ERROR_CORRECT_M

from server.console.signing_in import form_of, house_of, session_of
from server.pages import Asked, page
from server.services.access import Session, require, require_county
from shared.clock import local_date
from shared.errors import InputError
from shared.inspection import Headline
from shared.people import Role
from shared.records import PAYLOADS

READERS = (Role.REVIEWER, Role.CAMPAIGN_MANAGER, Role.ADMINISTRATOR, Role.AUDITOR)


def reader(request: Asked) -> Session:
    """Who is signed in, if they may read the office's pages; else to the sign-in."""
    session = session_of(request)
    require(session.person, *READERS)
    return session


def shown(request: Asked, template: str, session: Session, **values: Any) -> Response[str]:
    """A page of the console with its frame: who is signed in, and how much waits."""
    house = house_of(request)
    waiting = house.journal.intake_count(session.person.counties)
    administrator = session.person.role == Role.ADMINISTRATOR.value
    regions = house.regions
    frame: dict[str, Any] = {
        "signed_in": session,
        "waiting": waiting,
        "administrator": administrator,
        "region": regions.name,
    }
    return page(request, template, **frame, **values)


def day_of(request: Asked, text: str) -> date:
    """The day in ``?day=``, else today in China."""
    if not text:
        return local_date(house_of(request).clock.now())
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            "day_unreadable", "{day} is no date.", "Write it as 2026-11-24.", day=text
        ) from error


@get("/", include_in_schema=False, sync_to_thread=True)
def day_page(request: Asked, day: str = "", kind: str = "", headline: str = "") -> Response[Any]:
    """The records that came in on a day."""
    if not request.cookies.get("quanheng"):
        return Redirect("/sign-in", status_code=303)
    session = reader(request)
    house, on = house_of(request), day_of(request, day)
    counties = session.person.counties
    lines = house.journal.day(counties, on, kind, headline)
    counts = house.journal.counts(counties, on)
    kinds = sorted({name for name, _schema in PAYLOADS})
    values = {
        "day": on,
        "kind": kind,
        "headline": headline,
        "kinds": kinds,
        "headlines": [each.value for each in Headline],
    }
    return shown(request, "day.html", session, lines=lines, counts=counts, **values)


@get("/records/{record_id:str}", include_in_schema=False, sync_to_thread=True)
def record_page(request: Asked, record_id: str) -> Response[Any]:
    """One record with its evidence and the whole history of its instrument."""
    session, house = reader(request), house_of(request)
    found = house.journal.find(record_id)
    require_county(session.person, found.line.county)
    instrument_id = found.inspection.instrument.instrument_id if found.inspection else ""
    history = house.journal.history(instrument_id or found.envelope.record_id) if instrument_id else []
    questions = {}
    if found.inspection:
        kind = house.catalogue.kind(found.inspection.instrument.kind)
        questions = {question.id: question.short for question in kind.visual}
    house.access.audit(session.person.person_id, "record_read", record_id)
    body = json.dumps(found.payload, ensure_ascii=False, indent=1, default=str)
    return shown(
        request, "record.html", session, found=found, history=history, body=body, questions=questions
    )


@get("/intake", include_in_schema=False, sync_to_thread=True)
def intake_page(request: Asked) -> Response[Any]:
    """What is held or refused, with the reason."""
    session = reader(request)
    lines = house_of(request).journal.intake(session.person.counties)
    return shown(request, "intake.html", session, lines=lines)


@get("/instruments", include_in_schema=False, sync_to_thread=True)
def instruments_page(request: Asked, q: str = "") -> Response[Any]:
    """Instruments by label or serial number."""
    session, house = reader(request), house_of(request)
    found = house.registry.search(session.person.counties, q) if q else []
    sites = {each.premises_id: house.registry.premises(each.premises_id) for each in found}
    return shown(
        request, "instruments.html", session, q=q, found=found, sites=sites, kinds=house.catalogue.kinds
    )


@get("/instruments/{instrument_id:str}", include_in_schema=False, sync_to_thread=True)
def instrument_page(request: Asked, instrument_id: str) -> Response[Any]:
    """One instrument and every record about it."""
    session, house = reader(request), house_of(request)
    instrument = house.registry.instrument(instrument_id)
    require_county(session.person, instrument.county)
    values = {
        "site": house.registry.premises(instrument.premises_id),
        "kind": house.catalogue.kind(instrument.kind),
    }
    history = house.journal.history(instrument_id)
    return shown(request, "instrument.html", session, instrument=instrument, history=history, **values)


@get("/campaigns", include_in_schema=False, sync_to_thread=True)
def campaigns_page(request: Asked) -> Response[Any]:
    """Every campaign with its count."""
    session = reader(request)
    return shown(
        request,
        "campaigns.html",
        session,
        running=house_of(request).campaigns.running(session.person.counties),
    )


@get("/campaigns/{campaign_id:str}", include_in_schema=False, sync_to_thread=True)
def campaign_page(
    request: Asked,
    campaign_id: str,
    township: str = "",
    standing: Annotated[str, Parameter(query="state")] = "",
) -> Response[Any]:
    """A campaign by township, and the roster behind each figure."""
    session, house = reader(request), house_of(request)
    campaign = house.campaigns.find(campaign_id)
    require_county(session.person, campaign.county)
    lines = house.campaigns.roster(campaign, township, standing)
    values = {"township": township, "state": standing, "kinds": house.catalogue.kinds}
    townships = house.campaigns.by_township(campaign)
    return shown(
        request, "campaign.html", session, campaign=campaign, townships=townships, lines=lines, **values
    )


@get("/phones", include_in_schema=False, sync_to_thread=True)
def phones_page(request: Asked) -> Response[Any]:
    """The phones, and the form that offers enrolment."""
    session, house = session_of(request), house_of(request)
    require(session.person, Role.ADMINISTRATOR)
    people = [
        each for each in house.access.people() if each.role in (Role.INSPECTOR.value, Role.VERIFIER.value)
    ]
    return shown(
        request, "phones.html", session, devices=house.enrolments.devices(), people=people, offered=None
    )


@post("/phones", status_code=200, include_in_schema=False)
async def offer_enrolment(request: Asked) -> Response[Any]:
    """Shows the code by which a phone is enrolled: single use, ten minutes."""
    session, house = session_of(request), house_of(request)
    require(session.person, Role.ADMINISTRATOR)
    form = await form_of(request)
    people = [
        each for each in house.access.people() if each.role in (Role.INSPECTOR.value, Role.VERIFIER.value)
    ]
    person = next((each for each in people if each.person_id == form.get("person", "")), None)
    if person is None:
        raise InputError("person_unknown", "Nobody was chosen.", "Choose the person that the phone is for.")
    code = house.enrolments.make_code(session.person.person_id, person.person_id, person.counties)
    address = f"{house.phone_origin}/#/enrol/{code}"
    offered = {"person": person, "code": code, "address": address, "picture": picture_of(address)}
    return shown(
        request, "phones.html", session, devices=house.enrolments.devices(), people=people, offered=offered
    )


def picture_of(text: str) -> str:
    """A QR code as a data address."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=8, border=4)
    code.add_data(text)
    code.make(fit=True)
    out = io.BytesIO()
    code.make_image(fill_color="black", back_color="white").save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


@post("/phones/{device_id:str}", status_code=303, include_in_schema=False)
async def change_phone(request: Asked, device_id: str) -> Redirect:
    """Grants or rejects an enrolment, or changes a phone's access."""
    session, house = session_of(request), house_of(request)
    require(session.person, Role.ADMINISTRATOR)
    wanted = (await form_of(request)).get("wanted", "")
    if wanted in ("grant", "reject"):
        house.enrolments.decide(session.person.person_id, device_id, wanted == "grant")
    else:
        house.enrolments.revoke(session.person.person_id, device_id, wanted)
    return Redirect("/phones", status_code=303)


@get("/labels", include_in_schema=False, sync_to_thread=True)
def labels_page(request: Asked) -> Response[Any]:
    """Sites, each with a printable sheet of its labels."""
    session, house = reader(request), house_of(request)
    sites = house.registry.all("premises", session.person.counties, 1000)
    return shown(
        request, "labels.html", session, sites=sorted(sites, key=lambda site: (site.county, site.name))
    )


handlers: list[HTTPRouteHandler] = [
    day_page,
    record_page,
    intake_page,
    instruments_page,
    instrument_page,
    campaigns_page,
    campaign_page,
    phones_page,
    offer_enrolment,
    change_phone,
    labels_page,
]
