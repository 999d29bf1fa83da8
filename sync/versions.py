"""Which versions of the protocol may speak with each other: a phone and a server that are at most one apart, either way round.

``protocol`` grows only with what an older side can't pass over: a message whose meaning changes, or evidence that would be lost where it is not
known. A field more, a kind of record more, a word more do not raise it. Each side says its own in every greeting and push, and either may end the
talk: then nothing is handed over, and everything that the phone has stays in its outbox.
"""

from __future__ import annotations

from shared.errors import ConflictError

PROTOCOL = 1
"""What this code speaks."""
APART = 1
"""Versions between a phone and a server that still speak with each other."""
UPGRADE_REQUIRED = 426


def mismatch(phone: int, server: int) -> ConflictError | None:
    """``phone_too_old`` or ``server_too_old`` where the two can't speak with each other, with the status of the answer."""
    if server - phone > APART:
        error = ConflictError(
            "phone_too_old",
            "This app is too old for the office's server.",
            "Update the app: open it once with a network and choose the newer version. Everything you recorded is kept and is sent then.",
        )
        error.status = UPGRADE_REQUIRED
        return error
    if phone - server > APART:
        return ConflictError(
            "server_too_old",
            "The office's server is too old for this app.",
            "Everything you recorded is kept, and is sent as soon as the office has updated its server. Tell the administrator.",
        )
    return None
