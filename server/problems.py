"""Every error as a problem document (RFC 9457), with a stable code, what is wrong and what to do, in the reader's language."""

from __future__ import annotations

import logging

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from server.words import Words, language_of
from shared.errors import InputError, QuanhengError

log = logging.getLogger(__name__)


class ProblemDocument(msgspec.Struct, omit_defaults=True):
    """RFC 9457 with our members: ``code`` is stable; ``what`` and ``remedy`` are message ids, ``detail`` is the sentence."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    what: str = ""
    remedy: str = ""
    details: dict[str, str] = {}


def document_of(error: QuanhengError, words: Words, language: str) -> ProblemDocument:
    """The document of an error of ours."""
    problem, say = error.problem, words.catalogue(language).gettext
    what, remedy = problem.said().said(say), problem.remedied().said(say)
    return ProblemDocument(
        type=f"urn:quanheng:problem:{problem.code}",
        title=what,
        status=error.status,
        code=problem.code,
        detail=f"{what} {remedy}",
        what=problem.what,
        remedy=problem.remedy,
        details=problem.details,
    )


def server_error() -> QuanhengError:
    """A fault of ours."""
    error = InputError(
        "server_error",
        "Something went wrong here.",
        "Nothing was lost. Try again; if it stays, tell the administrator.",
    )
    error.status = 500
    return error


def http_error(status: int, limit: int | None = None) -> QuanhengError:
    """What the framework refuses by itself; ``limit`` is how many bytes are taken at this address."""
    if status == 404:
        error = InputError(
            "not_found", "There is nothing at this address.", "Look whether the address is right."
        )
    elif status == 405:
        error = InputError(
            "method_wrong", "This address does not take that.", "Look into the API's documentation."
        )
    elif status == 413:
        error = InputError(
            "body_too_large",
            "The message is larger than {limit} bytes.",
            "Send fewer records at a time.",
            limit=limit or "?",
        )
    elif status == 429:
        error = InputError("too_many_requests", "Too many requests.", "Wait a minute and try again.")
    else:
        error = InputError(
            "request_wrong", "The request can't be used.", "Look into the API's documentation."
        )
    error.status = status
    return error


def as_problem(request: Request, error: Exception) -> Response[bytes]:  # type: ignore[type-arg]
    """Litestar's exception handler for the API."""
    headers = {}
    if isinstance(error, QuanhengError):
        known = error
    elif isinstance(error, HTTPException):
        handler = request.scope.get("route_handler")
        limit = handler.resolve_request_max_body_size() if isinstance(handler, HTTPRouteHandler) else None
        known = http_error(error.status_code, limit)
        given = {name.lower(): value for name, value in (error.headers or {}).items()}
        wait = given.get("retry-after") or given.get("ratelimit-reset")
        headers = {"Retry-After": wait} if wait else {}
    else:
        log.error("unexpected error", exc_info=error)
        known = server_error()
    words: Words = request.app.state["words"]
    document = document_of(known, words, language_of(request.headers.get("accept-language", "")))
    return Response(
        msgspec.json.encode(document),
        status_code=known.status,
        media_type="application/problem+json",
        headers=headers,
    )
