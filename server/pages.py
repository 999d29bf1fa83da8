"""What every page of the office shares: templates, the reader's language, security headers, dates as people write them."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from server.problems import http_error, server_error
from server.services.moments import read
from server.words import Words, language_of
from shared.clock import CHINA_STANDARD_TIME
from shared.errors import QuanhengError
from shared.label import shown_code
from shared.message import Message

log = logging.getLogger(__name__)
HERE = Path(__file__).parent
Asked = Request[Any, Any, State]
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_environment = Environment(
    loader=ChoiceLoader(
        [FileSystemLoader(HERE / "console/templates"), FileSystemLoader(HERE / "public/templates")]
    ),
    autoescape=True,
    undefined=StrictUndefined,
    extensions=["jinja2.ext.i18n"],
    trim_blocks=True,
    lstrip_blocks=True,
)


def local_time(moment: datetime | str) -> str:
    """A moment in China: ``2026-11-24 10:02``."""
    found = read(moment) if isinstance(moment, str) else moment
    return found.astimezone(CHINA_STANDARD_TIME).strftime("%Y-%m-%d %H:%M")


_environment.filters["local"] = local_time
_environment.filters["code"] = shown_code


def reader_language(request: Asked) -> str:
    """``?lang=``, else what was chosen before, else what the browser prefers."""
    chosen = request.query_params.get("lang") or request.cookies.get("lang") or ""
    return chosen if chosen in ("zh", "en") else language_of(request.headers.get("accept-language", ""))


def page(request: Asked, template: str, status: int = 200, **values: Any) -> Response[str]:
    """A page in the reader's language."""
    words: Words = request.app.state["words"]
    language = reader_language(request)
    catalogue = words.catalogue(language)

    def said(message: Message) -> str:
        return message.said(catalogue.gettext)

    environment = _environment.overlay()
    environment.install_gettext_translations(catalogue)  # type: ignore[attr-defined]
    text = environment.get_template(template).render(
        language=language, say=said, path=request.url.path, **values
    )
    answer = Response(text, status_code=status, media_type="text/html; charset=utf-8", headers=dict(HEADERS))
    if request.query_params.get("lang") in ("zh", "en"):
        answer.set_cookie("lang", language, max_age=31536000, samesite="lax", httponly=True)
    return answer


def error_page(request: Asked, error: Exception) -> Response[str]:
    """An error as a page: what is wrong and what to do."""
    if isinstance(error, QuanhengError):
        known = error
    else:
        known = http_error(error.status_code) if isinstance(error, HTTPException) else server_error()
        if known.status == 500:
            log.error("unexpected error", exc_info=error)
    return page(request, "error.html", known.status, problem=known.problem, signed_in=None)
