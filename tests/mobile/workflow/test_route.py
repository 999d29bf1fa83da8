"""The way from site to site without a map."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mobile.workflow.route import metres, route
from shared.premises import Position, Premises, PremisesType


def site(name: str, place: tuple[str, str] | None = None) -> Premises:
    position = Position(Decimal(place[0]), Decimal(place[1])) if place else None
    return Premises(
        premises_id=f"019aa000-0000-7000-8000-{name.encode().hex():0>12}",
        county="210123",
        township="210123101",
        type=PremisesType.CLINIC,
        name=name,
        position=position,
    )


def test_always_on_to_the_nearest() -> None:
    """From where one is, else from the first by name; what has no position comes last, by name."""
    sites = [
        site("D"),
        site("C", ("42.70", "123.30")),
        site("B", ("42.75", "123.35")),
        site("A", ("42.80", "123.40")),
        site("0"),
    ]
    here = Position(Decimal("42.69"), Decimal("123.29"))
    assert [stop.premises.name for stop in route(sites, here)] == ["C", "B", "A", "0", "D"]
    from_first = route(sites, None)
    assert [stop.premises.name for stop in from_first] == ["A", "B", "C", "0", "D"]
    assert [stop.distance_m is None for stop in from_first] == [True, False, False, True, True]


def test_a_minute_of_latitude_is_a_sea_mile() -> None:
    """1852 m, within the half per cent by which the earth is no ball."""
    one, other = Position(Decimal(42), Decimal(123)), Position(Decimal(42) + Decimal(1) / 60, Decimal(123))
    assert abs(metres(one, other) - 1852) < 10
    assert metres(one, one) == 0


@given(st.lists(st.tuples(st.integers(4000, 4300), st.integers(12000, 12500)) | st.none(), max_size=9))
def test_every_site_once(places: list[tuple[int, int] | None]) -> None:
    """Whatever is known of positions, no site is left out and none comes twice; the order does not depend on the one they came in."""
    sites = [
        site(f"S{number}", (str(Decimal(place[0]) / 100), str(Decimal(place[1]) / 100)) if place else None)
        for number, place in enumerate(places)
    ]
    stops = [stop.premises for stop in route(sites, None)]
    assert sorted(stops, key=lambda each: each.premises_id) == sorted(
        sites, key=lambda each: each.premises_id
    )
    assert stops == [stop.premises for stop in route(sites[::-1], None)]
