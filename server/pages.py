"""What every page of the office shares: templates, the reader's language, dates as people write them, and codes as pictures."""

from __future__ import annotations

import base64
import io
import logging
from datetime import datetime
from functools import cache
from gettext import GNUTranslations
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import qrcode
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from qrcode.constants import ERROR_CORRECT_M

from server.problems import http_error, server_error
from server.services.moments import read
from server.words import Words, language_of
from shared.clock import CHINA_STANDARD_TIME
from shared.errors import QuanhengError
from shared.label import shown_code
from shared.message import Message

log = logging.getLogger(__name__)
HERE = Path(__file__).parent
STYLE = HERE / "console/style"
LANGUAGES = ("zh", "en")
Asked = Request[Any, Any, State]


def local_time(moment: datetime | str) -> str:
    """A moment in China: ``2026-11-24 10:02``."""
    found = read(moment) if isinstance(moment, str) else moment
    return found.astimezone(CHINA_STANDARD_TIME).strftime("%Y-%m-%d %H:%M")


def versioned(name: str) -> str:
    """The address of a file of the style, which changes with its content: it may be kept for ever."""
    return f"/style/{name}?v={sha256((STYLE / name).read_bytes()).hexdigest()[:12]}"


def picture_of(text: str) -> str:
    """A QR code as a data address."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=8, border=4)
    code.add_data(text)
    code.make(fit=True)
    out = io.BytesIO()
    code.make_image(fill_color="black", back_color="white").save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def reader_language(request: Asked) -> str:
    """``?lang=``, else what was chosen before, else what the browser prefers."""
    chosen = request.query_params.get("lang") or request.cookies.get("lang") or ""
    return chosen if chosen in LANGUAGES else language_of(request.headers.get("accept-language", ""))


def in_language(request: Asked, language: str) -> str:
    """This page's address in that language."""
    asked = [(name, value) for name, value in parse_qsl(request.url.query) if name != "lang"]
    return "?" + urlencode([*asked, ("lang", language)])


@cache
def speaking(catalogue: GNUTranslations) -> Environment:
    """The templates in one language: an environment of its own, for overlays share their globals and would mix languages."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(HERE / room / "templates") for room in ("console", "public")]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(catalogue)  # type: ignore[attr-defined]
    environment.filters |= {"local": local_time, "code": shown_code, "picture": picture_of}
    environment.globals["style"] = {path.name: versioned(path.name) for path in STYLE.iterdir()}
    return environment


def page(request: Asked, template: str, status: int = 200, **values: Any) -> Response[str]:
    """A page in the reader's language."""
    words: Words = request.app.state["words"]
    language = reader_language(request)
    catalogue = words.catalogue(language)

    def said(message: Message) -> str:
        return message.said(catalogue.gettext)

    house = request.app.state["house"]
    text = (
        speaking(catalogue)
        .get_template(template)
        .render(
            language=language,
            other_language=in_language(request, "zh" if language == "en" else "en"),
            say=said,
            path=request.url.path,
            issuer=house.labels.issuer,
            demo=house.demo,
            **values,
        )
    )
    answer = Response(text, status_code=status, media_type="text/html; charset=utf-8")
    if request.query_params.get("lang") in LANGUAGES:
        answer.set_cookie(
            "lang",
            language,
            max_age=31536000,
            samesite="lax",
            httponly=True,
            secure=request.app.state["secure"],
        )
    return answer


def known_error(error: Exception) -> QuanhengError:
    """Any error as one of ours; what nobody expected is written down."""
    if isinstance(error, QuanhengError):
        return error
    if isinstance(error, HTTPException) and error.status_code < 500:
        return http_error(error.status_code)
    log.error("unexpected error", exc_info=error)
    return server_error()
