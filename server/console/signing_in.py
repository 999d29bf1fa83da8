"""Signing in to the console and out of it."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import FromQuery
from litestar.response import Redirect

from server.console.frame import COOKIE, form_of, house_of, require_own_page
from server.pages import Asked, page
from server.services.access import SESSION_HOURS
from shared.errors import Problem, QuanhengError

tries = RateLimitConfig(rate_limit=("minute", 30), store="sign_in_tries")


def own_address(text: str) -> str:
    """A path of ours to go on to after the sign-in; anything else is the first page."""
    inside = text.startswith("/") and not text.startswith(("//", "/\\", "/sign-"))
    return text if inside and text.isprintable() else "/"


def form_page(request: Asked, to: str, status: int = 200, problem: Problem | None = None) -> Response[str]:
    """The form, with what went wrong."""
    return page(request, "sign_in.html", status, problem=problem, to=own_address(to), signed_in=None)


@get("/sign-in", include_in_schema=False)
async def sign_in_page(request: Asked, to: FromQuery[str] = "/") -> Response[Any]:
    """The form."""
    return form_page(request, to)


@post("/sign-in", status_code=200, middleware=[tries.middleware], include_in_schema=False)
async def sign_in(request: Asked) -> Response[Any]:
    """Tries a login and a password."""
    require_own_page(request)
    form = await request.form()
    login, password, to = (str(form.get(name, "")) for name in ("login", "password", "to"))
    try:
        session = await run_sync(house_of(request).access.sign_in, login, password)
    except QuanhengError as error:
        return form_page(request, to, error.status, error.problem)
    answer = Redirect(own_address(to), status_code=303)
    answer.set_cookie(
        COOKIE,
        session.token,
        max_age=SESSION_HOURS * 3600,
        httponly=True,
        # Lax and not strict, so that a page's address can be mailed; no address changes anything by being opened.
        samesite="lax",
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
