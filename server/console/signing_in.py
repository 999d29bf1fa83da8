"""Signing in and out of the console, and who is signed in."""

from __future__ import annotations

import hmac
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.response import Redirect

from server.pages import Asked, page
from server.services.access import SESSION_HOURS, Session, not_signed_in
from server.services.house import House
from shared.errors import AccessError, QuanhengError

COOKIE = "quanheng"
tries = RateLimitConfig(rate_limit=("minute", 30), store="sign_in_tries")


def house_of(request: Asked) -> House:
    """The services."""
    return request.app.state["house"]  # type: ignore[no-any-return]


def session_of(request: Asked) -> Session:
    """Who is signed in. Raises ``not_signed_in``."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        raise not_signed_in()
    return house_of(request).access.session(token)


async def form_of(request: Asked) -> dict[str, str]:
    """A form's fields; the token that only our own pages know must be among them (CSRF)."""
    form = await request.form()
    fields = {name: str(value) for name, value in form.items()}
    if not hmac.compare_digest(fields.get("csrf", ""), session_of(request).csrf):
        raise AccessError(
            "form_stale", "This form is out of date.", "Open the page again and send it once more."
        )
    return fields


@get("/sign-in", include_in_schema=False)
async def sign_in_page(request: Asked) -> Response[Any]:
    """The form."""
    return page(request, "sign_in.html", problem=None, signed_in=None, demo=house_of(request).demo)


@post("/sign-in", status_code=200, middleware=[tries.middleware], include_in_schema=False)
async def sign_in(request: Asked) -> Response[Any]:
    """Tries a login and a password."""
    form = await request.form()
    house = house_of(request)
    try:
        session = house.access.sign_in(str(form.get("login", "")), str(form.get("password", "")))
    except QuanhengError as error:
        return page(
            request, "sign_in.html", error.status, problem=error.problem, signed_in=None, demo=house.demo
        )
    answer = Redirect("/", status_code=303)
    answer.set_cookie(
        COOKIE,
        session.token,
        max_age=SESSION_HOURS * 3600,
        httponly=True,
        samesite="strict",
        secure=request.app.state["secure"],
    )
    return answer


@post("/sign-out", status_code=303, include_in_schema=False)
async def sign_out(request: Asked) -> Redirect:
    """Ends the session."""
    await form_of(request)
    house_of(request).access.sign_out(request.cookies.get(COOKIE, ""))
    answer = Redirect("/sign-in", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer


handlers: list[HTTPRouteHandler] = [sign_in_page, sign_in, sign_out]
