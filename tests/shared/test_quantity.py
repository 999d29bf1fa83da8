"""Quantities: exact, and written as people write them."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InputError
from shared.quantity import Quantity, figure, plain

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


@given(mass=QUANTITIES)
def test_decimals_survive_the_wire(mass: Quantity) -> None:
    """Written and read back a quantity has the very digits it was given with: 10.000 does not become 10."""
    again = msgspec.json.decode(msgspec.json.encode(mass), type=Quantity)
    assert str(again.value) == str(mass.value)
