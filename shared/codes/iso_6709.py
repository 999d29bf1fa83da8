"""Positions as ISO 6709 writes them in decimal degrees: ``+41.8057+123.4315/``, latitude first, WGS 84.

Certainty: memory. Degrees with minutes or seconds, heights and the name of another datum are refused rather than guessed at.
"""

from __future__ import annotations

import re
from decimal import Decimal

from shared.errors import InputError
from shared.premises import Position

_DEGREES = re.compile(
    r"(?P<latitude>[+-][0-9]{2}(?:\.[0-9]{1,18})?)(?P<longitude>[+-][0-9]{3}(?:\.[0-9]{1,18})?)/"
)


def check_degrees(latitude: Decimal, longitude: Decimal) -> None:
    """InputError ``position_out_of_range`` unless the latitude is within ±90 and the longitude within ±180 degrees."""
    finite = latitude.is_finite() and longitude.is_finite()
    if not finite or abs(latitude) > 90 or abs(longitude) > 180:
        raise InputError(
            "position_out_of_range",
            "There is no such place: a latitude lies within ±90 degrees and a longitude within ±180.",
            "Give the latitude first, then the longitude, in degrees.",
        )


def parse_position(text: str) -> Position:
    """The position, its decimals as written; InputError ``position_form`` or ``position_out_of_range``."""
    found = _DEGREES.fullmatch(text.strip())
    if not found:
        raise InputError(
            "position_form",
            "A position is written in decimal degrees as +41.8057+123.4315/.",
            "Write the latitude with a sign and two digits, the longitude with a sign and three, then a stroke.",
        )
    latitude, longitude = Decimal(found["latitude"]), Decimal(found["longitude"])
    check_degrees(latitude, longitude)
    return Position(latitude, longitude)


def format_position(position: Position) -> str:
    """The position with all its decimals; its accuracy is not part of the form. InputError ``position_out_of_range``."""
    check_degrees(position.latitude, position.longitude)
    return f"{_signed(position.latitude, 2)}{_signed(position.longitude, 3)}/"


def _signed(degrees: Decimal, digits: int) -> str:
    whole, point, decimals = f"{abs(degrees):f}".partition(".")
    return f"{'-' if degrees < 0 else '+'}{whole.zfill(digits)}{point}{decimals}"
