"""In which order a team goes from site to site, without a map: always on to the nearest that is left."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from shared.premises import Position, Premises

EARTH_M = 6_371_009
"""Mean radius of the earth in metres."""


class Stop(msgspec.Struct, frozen=True):
    """A site on the way, and how far it is from the one before as the crow flies; None where a position is missing."""

    premises: Premises
    distance_m: int | None


def metres(one: Position, other: Position) -> int:
    """The distance over the earth's surface. It orders a list and is shown rounded; nothing is judged by it."""
    latitudes = math.radians(float(one.latitude)), math.radians(float(other.latitude))
    east = math.radians(float(other.longitude - one.longitude))
    north = latitudes[1] - latitudes[0]
    half = (
        math.sin(north / 2) ** 2 + math.cos(latitudes[0]) * math.cos(latitudes[1]) * math.sin(east / 2) ** 2
    )
    return round(2 * EARTH_M * math.asin(math.sqrt(min(1.0, half))))


def route(sites: Sequence[Premises], here: Position | None) -> list[Stop]:
    """From ``here``, or from the first site by name; those without a position come last, by name."""
    by_name = sorted(sites, key=lambda site: (site.name, site.premises_id))
    left = [site for site in by_name if site.position]
    stops: list[Stop] = []
    at = here
    while left:
        start = at
        nearest = min(left, key=lambda site: metres(start, site.position)) if start else left[0]  # type: ignore[arg-type]
        assert nearest.position  # noqa: S101  only such are left
        stops.append(Stop(nearest, metres(start, nearest.position) if start else None))
        at = nearest.position
        left.remove(nearest)
    return stops + [Stop(site, None) for site in by_name if not site.position]
