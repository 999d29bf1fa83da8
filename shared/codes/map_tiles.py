"""Where a position lies on Chinese map tiles, which are drawn in GCJ-02, some hundreds of metres beside WGS 84.

Positions that are kept, sent or compared are WGS 84, always: :class:`shared.premises.Position`. A :class:`TilePoint` lives between a map's
picture and the eye and goes into no record; a finger on the map is taken back with :func:`position_at` before anything else is done with it.

Certainty: no official text is public. The formula, with a = 6378245 m and e² = 0.00669342162296594323, is the one that public code shares
(googollee/eviltransform and others; seen), and it reproduces the vector. "China" is its rectangle, which holds parts of the neighbours too.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

import msgspec

from shared.codes.iso_6709 import check_degrees
from shared.premises import Position

_SEMI_MAJOR_AXIS = Decimal(6378245)
_ECCENTRICITY_SQUARED = Decimal("0.00669342162296594323")
_PI = Decimal("3.1415926535897932384626433832795")
_DIGITS = 26
_TILE_STEP = Decimal("1E-12")
_POSITION_STEP = Decimal("1E-9")
_FARTHEST = Decimal("0.1")
"""No offset in the rectangle is as large as this many degrees."""


class TilePoint(msgspec.Struct, frozen=True):
    """A place on a GCJ-02 tile, in degrees: for drawing only."""

    gcj02_latitude: Decimal
    gcj02_longitude: Decimal


def tile_point(position: Position) -> TilePoint:
    """Where to draw ``position``, to 1E-12 degree; outside China as it stands. InputError ``position_out_of_range``."""
    latitude, longitude = position.latitude, position.longitude
    check_degrees(latitude, longitude)
    if not _in_china(latitude, longitude):
        return TilePoint(latitude, longitude)
    with localcontext(prec=_DIGITS):
        north, east = _offset(latitude, longitude)
        return TilePoint((latitude + north).quantize(_TILE_STEP), (longitude + east).quantize(_TILE_STEP))


def position_at(point: TilePoint) -> Position:
    """The WGS 84 position that is drawn at ``point``, to 1E-9 degree (0.1 mm); InputError ``position_out_of_range``.

    At the rectangle's edge, where places inside and outside are drawn over each other, the one inside is meant.
    """
    check_degrees(point.gcj02_latitude, point.gcj02_longitude)
    unmoved = Position(point.gcj02_latitude, point.gcj02_longitude)
    if not _in_china(unmoved.latitude, unmoved.longitude, beyond=_FARTHEST):
        return unmoved
    with localcontext(prec=_DIGITS):
        latitude, longitude = point.gcj02_latitude, point.gcj02_longitude
        # The offset changes by less than a hundredth of the way, so that each turn gains two digits or more: six turns do.
        for _turn in range(12):
            north, east = _offset(latitude, longitude)
            before = latitude, longitude
            latitude, longitude = point.gcj02_latitude - north, point.gcj02_longitude - east
            if max(abs(latitude - before[0]), abs(longitude - before[1])) < _TILE_STEP:
                break
        latitude, longitude = latitude.quantize(_POSITION_STEP), longitude.quantize(_POSITION_STEP)
    return Position(latitude, longitude) if _in_china(latitude, longitude) else unmoved


def _in_china(latitude: Decimal, longitude: Decimal, beyond: Decimal = Decimal(0)) -> bool:
    return (
        Decimal("0.8293") - beyond <= latitude <= Decimal("55.8271") + beyond
        and Decimal("72.004") - beyond <= longitude <= Decimal("137.8347") + beyond
    )


def _offset(latitude: Decimal, longitude: Decimal) -> tuple[Decimal, Decimal]:
    """GCJ-02 minus WGS 84 in degrees, northward and eastward."""
    x, y = longitude - 105, latitude - 35
    root = abs(x).sqrt()
    both = 20 * _sine_of_half_turns(6 * x) + 20 * _sine_of_half_turns(2 * x)
    northward = both + _waves(y, (20, 1), (40, 3), (160, 12), (320, 30))
    eastward = both + _waves(x, (20, 1), (40, 3), (150, 12), (300, 30))
    north_m = northward * 2 / 3 - 100 + 2 * x + 3 * y + (2 * y * y + x * y + 2 * root) / 10
    east_m = eastward * 2 / 3 + 300 + x + 2 * y + (x * x + x * y + root) / 10

    sine = _sine_of_half_turns(latitude / 180)
    flattened = 1 - _ECCENTRICITY_SQUARED * sine * sine
    meridian_radius = _SEMI_MAJOR_AXIS * (1 - _ECCENTRICITY_SQUARED) / (flattened * flattened.sqrt())
    parallel_radius = _SEMI_MAJOR_AXIS / flattened.sqrt() * (1 - sine * sine).sqrt()
    return north_m * 180 / (meridian_radius * _PI), east_m * 180 / (parallel_radius * _PI)


def _waves(along: Decimal, *waves: tuple[int, int]) -> Decimal:
    return sum((height * _sine_of_half_turns(along / length) for height, length in waves), Decimal(0))


def _sine_of_half_turns(half_turns: Decimal) -> Decimal:
    """sin(π · half_turns) to the digits of the context: the nearest whole turn off, then the series."""
    angle = half_turns.remainder_near(Decimal(2)) * _PI
    square, term, total, power = angle * angle, angle, Decimal(0), 1
    while total + term != total:
        total += term
        power += 2
        term = -term * square / (power * (power - 1))
    return total
