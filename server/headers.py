"""The security headers of every answer: pages, files, problems and what the framework answers by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar.datastructures import MutableScopeHeaders

from sync.codec import MEDIA_TYPE

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OFFICE = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PHONE = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""For what the phone's origin answers beside the app's files, which bring their own."""
ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


NO_PAGE = ("X-Content-Type-Options", "Cache-Control", *ONLY_HTTPS)
"""What remains of them on a phone's message: no browser shows msgpack, and a small answer would be headers for a third."""


def with_headers(wanted: Mapping[str, str], is_secure: bool) -> Callable[[Any, Any], Awaitable[None]]:
    """A hook for ``before_send``: adds each header that the answer does not bring itself."""
    added = {**wanted, **(ONLY_HTTPS if is_secure else {})}

    async def add(message: Any, _scope: Any) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders(message)
            is_message = headers.get("content-type") == MEDIA_TYPE
            for name in NO_PAGE if is_message else added:
                if name in added:
                    headers.setdefault(name, added[name])

    return add
