"""Positions on Chinese map tiles: drawn in GCJ-02, kept in WGS 84."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.codes.map_tiles import TilePoint, position_at, tile_point
from shared.errors import InputError
from shared.premises import Position
from shared.records import PAYLOADS
from tests.shared.checks import vectors

[VECTOR] = [one for one in vectors("codes.toml") if one["kind"] == "map_tile"]
SOUTH, NORTH, WEST, EAST = (Decimal(one) for one in ("0.8293", "55.8271", "72.004", "137.8347"))


def places(low: Decimal | int, high: Decimal | int) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=9)


def test_the_vector_is_drawn_where_it_should_be() -> None:
    """The public vector is met to a thousand-millionth of a millimetre, and led back to its position."""
    latitude, longitude = (Decimal(one) for one in VECTOR["wgs84"])
    point = tile_point(Position(latitude, longitude, accuracy_m=Decimal(5)))
    drawn = (point.gcj02_latitude, point.gcj02_longitude)
    assert all(
        abs(here - Decimal(there)) < Decimal("1E-12")
        for here, there in zip(drawn, VECTOR["gcj02"], strict=True)
    )
    assert position_at(point) == Position(latitude, longitude)


@given(latitude=places(SOUTH, NORTH), longitude=places(WEST, EAST))
@example(latitude=SOUTH, longitude=WEST)
@example(latitude=NORTH, longitude=EAST)
@example(latitude=SOUTH, longitude=EAST)
@example(latitude=NORTH, longitude=WEST)
@example(latitude=Decimal(35), longitude=Decimal(105))
def test_there_and_back_is_the_same_place(latitude: Decimal, longitude: Decimal) -> None:
    """Anywhere in the rectangle a place is drawn beside itself, by no more than 0.1°, and found again within 1E-8 degree."""
    point = tile_point(Position(latitude, longitude))
    moved = (point.gcj02_latitude - latitude, point.gcj02_longitude - longitude)
    assert moved != (0, 0)
    assert max(map(abs, moved)) < Decimal("0.1")
    back = position_at(point)
    assert abs(back.latitude - latitude) < Decimal("1E-8")
    assert abs(back.longitude - longitude) < Decimal("1E-8")


@given(
    place=st.one_of(
        st.tuples(places(-90, Decimal("0.7")), places(-180, 180)),
        st.tuples(places(Decimal("55.95"), 90), places(-180, 180)),
        st.tuples(places(-90, 90), places(-180, Decimal("71.9"))),
        st.tuples(places(-90, 90), places(Decimal("137.95"), 180)),
    )
)
def test_outside_china_nothing_moves(place: tuple[Decimal, Decimal]) -> None:
    """Outside the rectangle a place is drawn where it is, both ways."""
    assert tile_point(Position(*place)) == TilePoint(*place)
    assert position_at(TilePoint(*place)) == Position(*place)


def test_no_record_can_hold_a_tile_point() -> None:
    """Of all that a record may say, positions are WGS 84: no payload has a place for a tile's."""
    _schemas, structs = msgspec.json.schema_components(PAYLOADS.values())
    assert Position.__name__ in structs
    assert TilePoint.__name__ not in structs


@pytest.mark.parametrize("degrees", ["NaN", "91"])
def test_no_place_is_not_drawn(degrees: str) -> None:
    """What is no place is refused, both ways."""
    with pytest.raises(InputError, match="position_out_of_range"):
        tile_point(Position(Decimal(degrees), Decimal(120)))
    with pytest.raises(InputError, match="position_out_of_range"):
        position_at(TilePoint(Decimal(degrees), Decimal(120)))
