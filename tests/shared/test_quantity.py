"""Quantities: exact, and written as people write them."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InputError
from shared.quantity import FACTORS, FINEST, GREATEST, UNITS, Quantity, figure, plain

MASSES = st.sampled_from(["mg", "g", "kg", "t"])
VALUES = st.decimals(-(10**9), 10**9, places=6)
QUANTITIES = st.builds(Quantity, VALUES, MASSES)


@given(mass=QUANTITIES, unit=MASSES)
def test_units_convert_exactly_and_back(mass: Quantity, unit: str) -> None:
    """There and back is the same amount, to the last digit, in every pair of units."""
    assert mass.to(unit).to(mass.unit).value == mass.value
    assert mass.equals(mass.to(unit))
    assert mass.to(mass.unit) is mass


@given(one=QUANTITIES, other=QUANTITIES)
def test_arithmetic_is_exact_in_any_units(one: Quantity, other: Quantity) -> None:
    """Sum and difference undo each other, and comparison does not depend on the units."""
    assert (one + other - other).equals(one)
    assert (one - other).equals(-(other - one))
    assert (one < other) is (one.to("g").value < other.to("g").value)
    assert (one <= other) is not (one > other)
    assert (one >= other) is (one > other or one.equals(other))
    assert abs(one).value == abs(one.value)
    assert (one * 2).equals(one + one)


EXACT = st.sampled_from(["mass", "volume", "length", "energy"])
"""Quantities whose units are powers of ten of each other."""


@given(value=VALUES, quantity=EXACT, draws=st.data())
def test_powers_of_ten_convert_exactly_and_back(value: Decimal, quantity: str, draws: st.DataObject) -> None:
    """Between units that are powers of ten of each other nothing is rounded, there and back."""
    first, second = (draws.draw(st.sampled_from(sorted(UNITS[quantity]))) for _ in range(2))
    given_one = Quantity(value, first)
    assert given_one.to(second).to(first).value == value
    assert given_one.equals(given_one.to(second))


@given(value=VALUES, quantity=st.sampled_from(sorted(UNITS)), draws=st.data())
def test_conversion_is_rounded_in_the_last_digit_at_most(
    value: Decimal, quantity: str, draws: st.DataObject
) -> None:
    """Where a conversion has no end it comes back within a hair of what it was; into the least unit it is exact."""
    first, second = (draws.draw(st.sampled_from(sorted(UNITS[quantity]))) for _ in range(2))
    there = Quantity(value, first).to(second)
    assert abs(there.to(first).value - value) <= max(abs(value), Decimal(1)) * Decimal("1e-16")
    base = next(unit for unit, factor in UNITS[quantity].items() if factor == 1)
    assert Quantity(value, first).to(base).value == value * UNITS[quantity][first]


@pytest.mark.parametrize(
    ("given_one", "unit", "expected"),
    [
        ("1 mmHg", "Pa", "133.322387415"),
        ("300 mmHg", "kPa", "39.9967162245"),
        ("0.53328954966 kPa", "mmHg", "4"),
        ("1.6 MPa", "kPa", "1600"),
        ("2 mL", "L", "0.002"),
        ("0.1 m³", "L", "100"),
        ("938 m", "km", "0.938"),
        ("15 min", "s", "900"),
        ("25 h", "d", "1.041666666666666666666667"),
        ("1500 L/h", "m³/h", "1.5"),
        ("1 L/min", "m³/h", "0.06"),
        ("1.5 kWh", "Wh", "1500"),
    ],
)
def test_units_of_the_trade(given_one: str, unit: str, expected: str) -> None:
    """Known conversions, among them the conventional millimetre of mercury, and one that has no end."""
    value, _, named = given_one.partition(" ")
    assert Quantity(Decimal(value), named).to(unit) == Quantity(Decimal(expected), unit)


def test_no_unit_is_of_two_quantities() -> None:
    """Each unit stands in one row of the table only, and each row has a unit of factor 1."""
    assert sum(len(units) for units in UNITS.values()) == len(FACTORS)
    assert all(Decimal(1) in units.values() for units in UNITS.values())


def test_tenths_add_up() -> None:
    """0.1 kg and 0.2 kg are 0.3 kg, which binary fractions deny."""
    assert Quantity(Decimal("0.1"), "kg") + Quantity(Decimal(200), "g") == Quantity(Decimal("0.3"), "kg")


@pytest.mark.parametrize(
    ("value", "shown", "signed"),
    [
        ("10.000", "10.000 kg", "+10 kg"),
        ("5", "5 kg", "+5 kg"),
        ("-2.50", "−2.50 kg", "−2.5 kg"),
        ("0", "0 kg", "0 kg"),
        ("-0.00", "0.00 kg", "0 kg"),
        ("1E+3", "1000 kg", "+1000 kg"),
        ("-1E-3", "−0.001 kg", "−0.001 kg"),
        ("12345.678", "12345.678 kg", "+12345.678 kg"),
    ],
)
def test_figures_are_written_as_people_write_them(value: str, shown: str, signed: str) -> None:
    """A true minus, never an exponent; the display's decimals kept, an error's sign always there but on nought."""
    quantity = Quantity(Decimal(value), "kg")
    assert quantity.shown() == shown
    assert quantity.shown_signed() == signed


@given(value=VALUES)
def test_plain_changes_no_value(value: Decimal) -> None:
    """Superfluous zeros go, the value stays, and the figure reads back as it."""
    assert plain(value) == value
    text = figure(plain(value))
    assert Decimal(text.replace("−", "-")) == value
    assert not text.endswith(".")
    assert "." not in text or not text.endswith("0")


def test_lengths_are_no_masses() -> None:
    """Units of different quantities are refused with a code, in arithmetic and comparison alike."""
    mass, length = Quantity(Decimal(1), "kg"), Quantity(Decimal(1), "m")
    for act in (
        lambda: mass + length,
        lambda: mass < length,
        lambda: mass.equals(length),
        lambda: mass.to("m"),
    ):
        with pytest.raises(InputError, match="unit_mismatch"):
            act()


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+30", "1E-40", "1E+999999"])
def test_no_quantity_is_beyond_measure(value: str) -> None:
    """What nobody can have measured is refused where it is made, and where it comes in as bytes with its place."""
    with pytest.raises(InputError, match="quantity_impossible"):
        Quantity(Decimal(value), "kg")
    with pytest.raises(msgspec.ValidationError, match="can't have been measured"):
        msgspec.json.decode(msgspec.json.encode({"value": value, "unit": "kg"}), type=Quantity)


@given(digits=st.integers(-(10**45), 10**45), exponent=st.integers(-45, 25))
def test_the_last_digit_decides_what_is_too_fine(digits: int, exponent: int) -> None:
    """A figure is refused exactly where its first digit is beyond the greatest or its last one beyond the finest place."""
    value = Decimal(digits).scaleb(exponent)
    last = int(value.as_tuple().exponent)
    if value.adjusted() <= GREATEST and last >= FINEST:
        assert Quantity(value, "kg").value == value
    else:
        with pytest.raises(InputError, match="quantity_impossible"):
            Quantity(value, "kg")


@given(mass=QUANTITIES)
def test_decimals_survive_the_wire(mass: Quantity) -> None:
    """Written and read back a quantity has the very digits it was given with: 10.000 does not become 10."""
    again = msgspec.json.decode(msgspec.json.encode(mass), type=Quantity)
    assert str(again.value) == str(mass.value)
