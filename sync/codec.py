"""Messages as bytes on the wire: msgpack, gzip where the header says so, with a limit on what it inflates to."""

from __future__ import annotations

import zlib
from typing import TypeVar

import msgspec

from shared.errors import InputError

MEDIA_TYPE = "application/msgpack"
MAX_MESSAGE = 64 * 1024 * 1024
"""Bytes that a message may have when inflated."""

T = TypeVar("T")


def inflate(body: bytes, encoding: str, limit: int = MAX_MESSAGE) -> bytes:
    """The message in ``body``; ``encoding`` is the Content-Encoding header's value, empty or ``gzip``.

    Raises InputError ``body_too_large`` (as soon as the limit is passed), ``body_damaged``, ``encoding_unknown``.
    """
    if encoding in ("", "identity"):
        if len(body) > limit:
            raise too_large(limit)
        return body
    if encoding != "gzip":
        raise InputError(
            "encoding_unknown",
            "The encoding {encoding} is not known here.",
            "Send it plain or as gzip.",
            encoding=encoding,
        )
    inflater = zlib.decompressobj(wbits=31)
    try:
        message = inflater.decompress(body, limit + 1)
    except zlib.error as error:
        raise damaged(error) from error
    if len(message) > limit or inflater.unconsumed_tail:
        raise too_large(limit)
    if not inflater.eof:
        raise damaged("it ends too early")
    return message


def decode(message: bytes, message_type: type[T]) -> T:
    """The struct in ``message``. Raises InputError ``message_malformed``."""
    try:
        return msgspec.msgpack.decode(message, type=message_type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            "message_malformed",
            "The message can't be read: {reason}",
            "Update the app. What is on the phone is kept.",
            reason=error,
        ) from error


def too_large(limit: int) -> InputError:
    """The message is larger than what is taken."""
    error = InputError(
        "body_too_large",
        "The message is larger than {limit} bytes.",
        "Send fewer records at a time.",
        limit=limit,
    )
    error.status = 413
    return error


def damaged(reason: object) -> InputError:
    """The compressed message can't be read."""
    return InputError(
        "body_damaged",
        "The message was damaged on the way: {reason}",
        "Send it again. Nothing was lost.",
        reason=reason,
    )
