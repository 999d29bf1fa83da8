"""The console's page of conflicts: what is at odds, side by side, and the form by which a reviewer decides it."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from server.console.frame import form_of, house_of, reader, session_of, shown
from server.pages import Asked
from server.services.access import require
from server.services.conflicts import Decision, conflict_unknown
from shared.instrument import Instrument
from shared.people import Role

DECIDERS = (Role.REVIEWER, Role.ADMINISTRATOR)
LONGEST_NUMBER = 9
"""Digits of a version; no state will ever have more."""


def list_conflicts(request: Asked) -> Response[str]:
    """Every conflict of the person's counties."""
    session, house = reader(request), house_of(request)
    found = house.conflicts.open(session.person.counties)
    subjects = [side.subject for one in found for side in one.sides]
    named = {each.premises_id for each in subjects if isinstance(each, Instrument)}
    named |= {side.value for one in found if one.field == "premises_id" for side in one.sides}
    values: dict[str, Any] = {
        "conflicts": found,
        "sites": {each: house.registry.premises(each) for each in named},
        "decides": session.person.role in {role.value for role in DECIDERS},
        "counties": session.person.counties,
    }
    return shown(request, "conflicts.html", session, house=house, **values)


@get("/conflicts", include_in_schema=False)
async def conflicts_page(request: Asked) -> Response[Any]:
    """What is at odds."""
    return await run_sync(list_conflicts, request)


@post("/conflicts", status_code=303, include_in_schema=False)
async def decide(request: Asked) -> Redirect:
    """Decides one conflict for one subject; a record that nothing undoes, and a line of the audit trail."""
    session, house = session_of(request), house_of(request)
    require(session.person, *DECIDERS)
    form = await form_of(request)
    version = form.get("version", "0")
    if not (version.isascii() and version.isdecimal()) or len(version) > LONGEST_NUMBER:
        raise conflict_unknown()
    decision = Decision(
        conflict=form.get("conflict", ""),
        subject=form.get("subject", ""),
        version=int(version),
        field=form.get("field", ""),
        value=form.get("value", ""),
        settles=form.get("settles", "").split(),
        merged=form.get("merged", "").split(),
        reason=form.get("reason", ""),
    )
    person = session.person
    await run_sync(house.conflicts.decide, person.person_id, person.counties, decision)
    return Redirect("/conflicts", status_code=303)


handlers: list[HTTPRouteHandler] = [conflicts_page, decide]
