"""The console's pages: the day, one record, the intake, instruments, campaigns, labels."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from server.console.frame import form_of, house_of, reader, session_of, shown
from server.pages import Asked
from server.services.access import require, require_county
from server.services.campaigns import counted
from server.services.found import FoundOnSite
from server.services.house import House
from server.services.journal import ROWS as DAY_ROWS
from server.services.journal import record_unknown
from server.services.registry import ROWS as FOUND_ROWS
from shared.amending import InstrumentField
from shared.clock import local_date
from shared.errors import InputError, QuanhengError
from shared.inspection import Headline, Inspection
from shared.instrument import Instrument
from shared.lot import NOT_DONE, READ_AGAIN, LotHeadline
from shared.message import Message
from shared.metrology.judges import plan
from shared.metrology.measuring import together_title
from shared.metrology.points import REFERENCE, STANDARD
from shared.metrology.procedure import PointsProcedure
from shared.people import Role
from shared.premises import Premises
from shared.records import PAYLOADS
from sync.clock_error import words_for

SEARCHED_SITES = 50
ISSUERS = (Role.ADMINISTRATOR, Role.CAMPAIGN_MANAGER)


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
def day_page(
    request: Asked, day: FromQuery[str] = "", kind: FromQuery[str] = "", headline: FromQuery[str] = ""
) -> Response[Any]:
    """The records that came in on a day."""
    session = reader(request)
    house, on = house_of(request), day_of(request, day)
    counties = session.person.counties
    lines = house.journal.day(counties, on, kind, headline)
    values: dict[str, Any] = {
        "day": on,
        "day_before": on - timedelta(days=1),
        "day_after": on + timedelta(days=1),
        "today": local_date(house.clock.now()),
        "kind": kind,
        "headline": headline,
        "kinds": sorted({name for name, _schema in PAYLOADS}),
        "headlines": list(dict.fromkeys(each.value for each in (*Headline, *LotHeadline))),
        "most": DAY_ROWS,
    }
    counts = house.journal.counts(counties, on)
    about = house.desk.about(lines)
    return shown(request, "day.html", session, lines=lines, counts=counts, about=about, house=house, **values)


def titles_of(house: House, inspection: Inspection) -> dict[str, Message]:
    """What each point that was read is called, by its key."""
    try:
        points = plan(
            house.catalogue, inspection.instrument, inspection.standards, local_date(inspection.started_at)
        )
    except QuanhengError:
        # The plan can't be worked out anew, and the page then shows the points' keys.
        return {}
    return {point.key: point.title for point in points}


def inputs_of(house: House, inspection: Inspection) -> dict[str, Message]:
    """What is read beside the indication is called, by its id."""
    kind = house.catalogue.kinds.get(inspection.instrument.kind)
    if kind is None or not isinstance(kind.procedure, PointsProcedure):
        return {}
    return {REFERENCE: STANDARD} | {each.id: Message(each.name) for each in kind.procedure.all_inputs()}


def questions_of(house: House, inspection: Inspection) -> dict[str, str]:
    """What is asked to be looked at, by the question's id; none of a kind that is not in this catalogue."""
    kind = house.catalogue.kinds.get(inspection.instrument.kind)
    return {each.id: each.short for each in kind.visual} if kind else {}


def sites_of(house: House, on_site: FoundOnSite | None) -> dict[str, Premises | None]:
    """The sites that a correction names, by id."""
    changes = on_site.changes if on_site else []
    named = {
        each
        for change in changes
        if change.field == InstrumentField.PREMISES_ID
        for each in (change.before, change.after)
    }
    return {each: house.registry.premises(each) for each in named if each}


@get("/records/{record_id:str}", include_in_schema=False, sync_to_thread=True)
def record_page(request: Asked, record_id: FromPath[str]) -> Response[Any]:
    """One record with its evidence and the whole history of its instrument."""
    session, house = reader(request), house_of(request)
    found = house.journal.find(record_id)
    require_county(session.person, found.line.county)
    it, lot = found.inspection, found.lot
    on_site = found.found
    subject = it.instrument.instrument_id if it else lot.lot_id if lot else on_site.subject if on_site else ""
    history = house.journal.history(subject) if subject else []
    people = {each.person_id: each.name for each in house.access.people()}
    titles = titles_of(house, it) if it else {}
    together = found.derived.together if found.derived else []
    values: dict[str, Any] = {
        "titles": titles,
        "together": {each.point: together_title(each.point, titles) for each in together},
        "inputs": inputs_of(house, it) if it else {},
        "questions": questions_of(house, it) if it else {},
        "officers": [
            people.get(each, each) for each in found.scene.officers if each != found.envelope.author
        ],
        "sites": sites_of(house, on_site),
        "seen_on": house.registry.find(on_site.seen_on, Instrument) if on_site and on_site.seen_on else None,
        "causes": NOT_DONE | READ_AGAIN,
        "about": house.desk.about([found.line, *history]),
        "clock": words_for(found.envelope.clock.server_offset_ms),
        "body": json.dumps(found.payload, ensure_ascii=False, indent=1, default=str),
    }
    house.access.audit(session.person.person_id, "record_read", record_id)
    return shown(request, "record.html", session, found=found, history=history, house=house, **values)


@get("/intake", include_in_schema=False, sync_to_thread=True)
def intake_page(request: Asked) -> Response[Any]:
    """What is held or refused, with the reason."""
    session = reader(request)
    lines = house_of(request).journal.intake(session.person.counties)
    return shown(request, "intake.html", session, lines=lines)


@get("/instruments", include_in_schema=False, sync_to_thread=True)
def instruments_page(request: Asked, q: FromQuery[str] = "", site: FromQuery[str] = "") -> Response[Any]:
    """Instruments by label, serial number or site; with nothing asked, every site and what stands there."""
    session, house = reader(request), house_of(request)
    counties = session.person.counties
    q = q.strip()
    chosen = site_of(house, counties, site) if site else None
    found = house.registry.at(site) if chosen else house.registry.search(counties, q) if q else []
    wanted = q.casefold()
    named = [each for each in house.desk.sites(counties) if wanted in each.premises.name.casefold()]
    values: dict[str, Any] = {
        "q": q,
        "chosen": chosen,
        "found": found,
        "sites": {each.premises_id: house.registry.premises(each.premises_id) for each in found},
        "named": [] if chosen else named[:SEARCHED_SITES] if q else named,
        "today": local_date(house.clock.now()),
        "most": FOUND_ROWS,
    }
    return shown(request, "instruments.html", session, house=house, **values)


def site_of(house: House, counties: list[str], premises_id: str) -> Premises:
    """A site of these counties. Raises ``site_unknown`` (404)."""
    found = house.registry.premises(premises_id)
    if found is None or found.county not in counties:
        error = InputError("site_unknown", "No such site is registered.", "Look at the list of sites.")
        error.status = 404
        raise error
    return found


@get("/instruments/{instrument_id:str}", include_in_schema=False, sync_to_thread=True)
def instrument_page(request: Asked, instrument_id: FromPath[str]) -> Response[Any]:
    """One instrument and every record about it."""
    session, house = reader(request), house_of(request)
    instrument = house.registry.instrument(instrument_id)
    require_county(session.person, instrument.county)
    history = house.journal.history(instrument_id)
    values: dict[str, Any] = {
        "site": house.registry.premises(instrument.premises_id),
        "today": local_date(house.clock.now()),
        "about": house.desk.about(history),
        "bound": house.registry.bound_to(instrument.aliases),
        "may_issue": session.person.role in ISSUERS,
        "counties": session.person.counties,
    }
    return shown(request, "instrument.html", session, it=instrument, history=history, house=house, **values)


@get("/campaigns", include_in_schema=False, sync_to_thread=True)
def campaigns_page(request: Asked) -> Response[Any]:
    """Every campaign with its count."""
    session, house = reader(request), house_of(request)
    running = house.campaigns.running(session.person.counties)
    today = local_date(house.clock.now())
    return shown(request, "campaigns.html", session, running=running, today=today)


@get("/campaigns/{campaign_id:str}", include_in_schema=False, sync_to_thread=True)
def campaign_page(
    request: Asked,
    campaign_id: FromPath[str],
    township: FromQuery[str] = "",
    standing: Annotated[str, QueryParameter(name="state")] = "",
) -> Response[Any]:
    """A campaign by township, and the roster behind each figure."""
    session, house = reader(request), house_of(request)
    campaign = house.campaigns.find(campaign_id)
    require_county(session.person, campaign.county)
    values: dict[str, Any] = {
        "campaign": campaign,
        "townships": house.campaigns.by_township(campaign),
        "lines": house.campaigns.roster(campaign, township, standing),
        "total": counted("", "", campaign.roster).counts,
        "township": township,
        "state": standing,
        "today": local_date(house.clock.now()),
    }
    return shown(request, "campaign.html", session, house=house, **values)


@get("/labels", include_in_schema=False, sync_to_thread=True)
def labels_page(request: Asked) -> Response[Any]:
    """Sites, each with a printable sheet of its labels."""
    session = reader(request)
    sites = house_of(request).desk.sites(session.person.counties)
    return shown(request, "labels.html", session, sites=sites, may_issue=session.person.role in ISSUERS)


@post("/labels/issue/{premises_id:str}", status_code=303, include_in_schema=False)
async def issue_labels(request: Asked, premises_id: FromPath[str]) -> Redirect:
    """Gives each instrument of a site that has none a label."""
    session, house = session_of(request), house_of(request)
    require(session.person, *ISSUERS)
    await form_of(request)
    site = house.registry.premises(premises_id)
    if site is None:
        raise record_unknown()
    require_county(session.person, site.county)
    bare = [each for each in house.registry.at(premises_id) if not each.label_in_force]
    if bare:
        house.labels.issue(session.person.person_id, bare)
    return Redirect("/labels", status_code=303)


handlers: list[HTTPRouteHandler] = [
    day_page,
    record_page,
    intake_page,
    instruments_page,
    instrument_page,
    campaigns_page,
    campaign_page,
    labels_page,
    issue_labels,
]
