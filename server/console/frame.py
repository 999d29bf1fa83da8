"""The frame around the console's pages: who is signed in, what they may open, and what an error looks like."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Response
from litestar.response import Redirect

from server.pages import Asked, known_error, local_time, page
from server.services.access import Session, not_signed_in, require
from server.services.house import House
from shared.errors import AccessError, QuanhengError
from shared.people import Role

COOKIE = "quanheng"
READERS = (Role.REVIEWER, Role.CAMPAIGN_MANAGER, Role.ADMINISTRATOR, Role.AUDITOR)


def house_of(request: Asked) -> House:
    """The services."""
    return request.app.state["house"]  # type: ignore[no-any-return]


def session_of(request: Asked) -> Session:
    """Who is signed in. Raises ``not_signed_in``."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        raise not_signed_in()
    return house_of(request).access.session(token)


def reader(request: Asked) -> Session:
    """Who is signed in, if they may read the office's pages. Raises ``not_signed_in``, ``role_missing``."""
    session = session_of(request)
    require(session.person, *READERS)
    return session


def administrator(request: Asked) -> Session:
    """Who is signed in, if it is an administrator. Raises ``not_signed_in``, ``role_missing``."""
    session = session_of(request)
    require(session.person, Role.ADMINISTRATOR)
    return session


def form_stale() -> AccessError:
    """The form did not come from a page of ours."""
    return AccessError(
        "form_stale", "This form is out of date.", "Open the page again and send it once more."
    )


def require_own_page(request: Asked) -> None:
    """Raises ``form_stale`` where a browser says that another site's page sent this form."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "")
    if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != request.url.netloc):
        raise form_stale()


async def form_of(request: Asked) -> dict[str, str]:
    """A form's fields; the token that only our own pages know must be among them (CSRF)."""
    require_own_page(request)
    form = await request.form()
    fields = {name: str(value) for name, value in form.items()}
    if not hmac.compare_digest(fields.get("csrf", "").encode(), session_of(request).csrf.encode()):
        raise form_stale()
    return fields


def shown(request: Asked, template: str, session: Session, status: int = 200, **values: Any) -> Response[str]:
    """A page of the console with its frame: who is signed in, how much waits, and as of when and where the figures are."""
    house = house_of(request)
    person = session.person
    ledger = house.desk.ledger(person.counties)
    frame: dict[str, Any] = {
        "signed_in": session,
        "reads": person.role in READERS,
        "administrator": person.role == Role.ADMINISTRATOR,
        "waiting": house.journal.intake_count(person.counties) if person.role in READERS else 0,
        "region": house.regions.name,
        "now": local_time(house.clock.now()),
        "ledger": ledger,
        "address": f"{house.office_origin}{request.url.path}"
        + (f"?{request.url.query}" if request.url.query else ""),
        "phone_origin": house.phone_origin,
    }
    return page(request, template, status, **frame, **values)


def as_page(request: Asked, error: Exception) -> Response[Any]:
    """An error as a page: what is wrong and what to do. Who is not signed in goes to the sign-in and comes back."""
    known = known_error(error)
    if known.problem.code == "not_signed_in" and request.method == "GET":
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Redirect(
            "/sign-in" if wanted == "/" else f"/sign-in?to={quote(wanted, safe='/')}", status_code=303
        )
    answer = error_page(request, known)
    if known.status == 429:
        answer.headers["Retry-After"] = "60"
    return answer


def error_page(request: Asked, known: QuanhengError) -> Response[str]:
    """The page, with the console's frame where somebody is signed in."""
    if known.status != 500 and not request.url.path.lower().startswith(("/l/", "/r/")):
        try:
            session = session_of(request)
        except QuanhengError:
            pass
        else:
            return shown(request, "error.html", session, known.status, problem=known.problem)
    return page(request, "error.html", known.status, problem=known.problem, signed_in=None)
