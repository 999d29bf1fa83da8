"""Codes that others assigned: each vector is taken or refused, and each check character catches what it promises."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from shared.codes import organisation_code
from shared.codes.credit_code import parse_credit_code
from shared.codes.giai import digital_link_path, format_giai, parse_giai
from shared.codes.iso_6709 import format_position, parse_position
from shared.codes.oiml_certificate import format_oiml_certificate, parse_oiml_certificate
from shared.codes.organisation_code import format_organisation_code, parse_organisation_code
from shared.codes.resident_id import resident_id_is_well_formed
from shared.codes.type_code import parse_type_code
from shared.errors import InputError
from shared.premises import Position
from shared.regions import Level, level_of, parent_of
from tests.shared.checks import ROOT, vectors

VECTORS = vectors("codes.toml")
PARSERS: dict[str, Callable[[str], object]] = {
    "credit_code": parse_credit_code,
    "organisation_code": parse_organisation_code,
    "type_code": parse_type_code,
    "giai": parse_giai,
    "oiml_certificate": parse_oiml_certificate,
    "position": parse_position,
}
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def of_kind(kind: str, refused: bool = False) -> list[Any]:
    return [
        pytest.param(one, id=one["clause"] + " " + one.get("code", ""))
        for one in VECTORS
        if one["kind"] == kind and ("refused" in one) is refused
    ]


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    """A code made by the notes' own weights, not by the module under test."""
    head = draw(st.text(CREDIT_ALPHABET, min_size=2, max_size=2)) + draw(digits(6))
    body = draw(st.text(CREDIT_ALPHABET, min_size=8, max_size=8))
    code = head + body + organisation_code.check_character(body)
    weighed = sum(
        weight * CREDIT_ALPHABET.index(one) for weight, one in zip(CREDIT_WEIGHTS, code, strict=True)
    )
    return code + CREDIT_ALPHABET[-weighed % 31]


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    """A number that belongs to nobody on purpose, its check character by the notes' weights."""
    born = draw(st.dates()).strftime("%Y%m%d").zfill(8)
    number = draw(st.sampled_from("12345678")) + draw(digits(5)) + born + draw(digits(3))
    weighed = sum(weight * int(one) for weight, one in zip(RESIDENT_WEIGHTS, number, strict=True))
    return number + "10X98765432"[weighed % 11]


def slips(code: str, alphabet: str) -> Iterator[str]:
    """Every code with one character replaced."""
    for place, right in enumerate(code):
        for wrong in set(alphabet) - {right}:
            yield code[:place] + wrong + code[place + 1 :]


def exchanges(code: str) -> Iterator[str]:
    """Every code with two unequal neighbours exchanged."""
    for place, (one, other) in enumerate(pairwise(code)):
        if one != other:
            yield code[:place] + other + one + code[place + 2 :]


@pytest.mark.parametrize("vector", [one for kind in PARSERS for one in of_kind(kind, refused=True)])
def test_a_bad_code_is_refused_and_not_repeated(vector: dict[str, Any]) -> None:
    """Each bad vector is refused with its own code, what to do, and without the text that was given."""
    with pytest.raises(InputError) as caught:
        PARSERS[vector["kind"]](vector["code"])
    problem = caught.value.problem
    assert problem.code == vector["refused"]
    assert problem.remedy
    assert vector["code"] not in str(caught.value)
    assert vector["code"] not in problem.details.values()


@pytest.mark.parametrize("vector", of_kind("credit_code"))
def test_a_credit_code_comes_apart(vector: dict[str, Any]) -> None:
    """Each good vector gives its parts, whatever the case and spacing, and is written as it was."""
    code = parse_credit_code(vector["code"])
    parts = [
        code.authority,
        code.organisation_kind,
        code.region,
        code.organisation_code,
        code.check_character,
    ]
    assert parts == vector["parts"]
    assert code.written() == vector["code"]
    assert parse_credit_code(f" {vector['code'][:2].lower()} {vector['code'][2:]} ") == code
    assert parse_organisation_code(code.organisation_code) == code.organisation_code


def test_stdnum_agrees_where_it_is_right() -> None:
    """python-stdnum says the same of every vector whose first two characters are digits and whose organisation code holds."""
    seen = [
        one
        for one in VECTORS
        if one["kind"] == "credit_code" and one.get("refused") != "credit_code_organisation"
    ]
    assert len(seen) > 5
    for one in seen:
        assert uscc.is_valid(one["code"]) is ("refused" not in one and one["code"][:2].isdigit())


@given(code=credit_codes())
def test_a_credit_code_catches_every_slip_and_exchange(code: str) -> None:
    """One character put for another, at any place, and any two neighbours exchanged, are refused; the code itself is not."""
    assert parse_credit_code(code).written() == code
    for wrong in [*slips(code, CREDIT_ALPHABET), *exchanges(code)]:
        with pytest.raises(InputError, match=r"^credit_code_(check|organisation|region): "):
            parse_credit_code(wrong)


@pytest.mark.parametrize(
    ("check", "alphabet", "length"),
    [
        pytest.param(uscc.calc_check_digit, CREDIT_ALPHABET, 17, id="credit code"),
        pytest.param(lambda body: ric.calc_check_digit(body + "0"), "0123456789", 17, id="resident ID"),
        pytest.param(organisation_code.check_character, "0123456789", 8, id="organisation code of digits"),
    ],
)
def test_weights_tell_every_pair_apart(check: Callable[[str], str], alphabet: str, length: int) -> None:
    """At each place every character, and at each two places every ordered pair and its exchange, give different check characters.

    The sums are linear, so what holds with nought everywhere else holds for every code: this is the whole proof but for the last two places.
    """
    for place in range(length):
        alone = {check("0" * place + one + "0" * (length - place - 1)) for one in alphabet}
        assert len(alone) == len(alphabet)
    for place in range(length - 1):
        before, after = "0" * place, "0" * (length - place - 2)
        for one, other in combinations(alphabet, 2):
            assert check(before + one + other + after) != check(before + other + one + after)


@given(code=credit_codes(), place=st.sampled_from([0, 1, 2, 7, 17]))
def test_a_credit_code_says_which_part_is_wrong(code: str, place: int) -> None:
    """A digit slipped outside the organisation code is laid to the first eight and the last."""
    wrong = code[:place] + ("7" if code[place] != "7" else "8") + code[place + 1 :]
    with pytest.raises(InputError, match=r"^credit_code_check: "):
        parse_credit_code(wrong)


@pytest.mark.parametrize("vector", of_kind("organisation_code"))
def test_an_organisation_code_is_taken_and_written(vector: dict[str, Any]) -> None:
    """With and without its dash it is the same code, and it is written with one."""
    assert format_organisation_code(parse_organisation_code(vector["code"])) == vector["written"]
    assert format_organisation_code(parse_organisation_code(vector["written"])) == vector["written"]


@given(body=digits(8))
@example(body="74916631")
def test_an_organisation_code_of_digits_catches_all_slips_and_all_exchanges_but_one(body: str) -> None:
    """Among digits, every one put for another and every two exchanged are refused, but for 1X at the end, which passes as X1."""
    code = body + organisation_code.check_character(body)
    assert parse_organisation_code(code) == code
    tampered = {*slips(code, "0123456789"), *exchanges(code), *(body + one for one in "0123456789X")} - {code}
    if code.endswith("1X"):
        passing = f"{code[:7]}X1"
        assert parse_organisation_code(passing) == passing
        tampered.remove(passing)
    for wrong in tampered:
        with pytest.raises(InputError, match=r"^organisation_code_(check|form): "):
            parse_organisation_code(wrong)


@given(body=st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8), place=st.integers(0, 7))
def test_an_organisation_code_misses_only_letters_eleven_apart(body: str, place: int) -> None:
    """With letters, exactly the characters whose values differ by a multiple of 11 pass for each other."""
    check = organisation_code.check_character(body)
    for value, other in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        changed = body[:place] + other + body[place + 1 :]
        eleven_apart = (value - int(body[place], 36)) % 11 == 0
        assert (organisation_code.check_character(changed) == check) is eleven_apart


@pytest.mark.parametrize("vector", of_kind("resident_id"))
def test_a_resident_id_is_well_formed_or_not(vector: dict[str, Any]) -> None:
    """Each vector is answered as it says."""
    assert resident_id_is_well_formed(vector["code"]) is vector["well_formed"]


@given(number=resident_ids())
def test_a_resident_id_catches_every_slip_and_exchange(number: str) -> None:
    """One digit put for another and any two neighbours exchanged make a number that is not well-formed."""
    assert resident_id_is_well_formed(number)
    assert not any(map(resident_id_is_well_formed, slips(number, "0123456789X")))
    assert not any(map(resident_id_is_well_formed, exchanges(number)))


@given(text=st.text() | st.text("0123456789X\n\r  ", min_size=16, max_size=20))
def test_a_resident_id_is_answered_and_never_raised(text: str) -> None:
    """Whatever was typed, the answer is yes or no: no error could carry the number on."""
    assert resident_id_is_well_formed(text) in (True, False)


@given(number=resident_ids(), kind=st.sampled_from([*PARSERS, "region"]))
def test_a_resident_id_in_the_wrong_field_is_not_repeated(number: str, kind: str) -> None:
    """An identity number typed where another code belongs stands in no error."""
    said = None
    try:
        PARSERS.get(kind, level_of)(number)
    except InputError as refused:
        said = refused
    if said:
        assert number not in f"{said}{said.problem}"
        assert said.__cause__ is None
        assert said.__context__ is None


@pytest.mark.parametrize("vector", of_kind("type_code"))
def test_a_type_code_is_eight_digits(vector: dict[str, Any]) -> None:
    """The one that was seen is taken, full width too."""
    assert parse_type_code(vector["code"]) == vector["code"]
    assert parse_type_code("".join(chr(ord(one) + 0xFEE0) for one in vector["code"])) == vector["code"]


@pytest.mark.parametrize("vector", of_kind("giai"))
def test_an_asset_identifier_is_taken_and_written(vector: dict[str, Any]) -> None:
    """With and without the application identifier it is the same one; a Digital Link's path is percent-encoded."""
    giai = parse_giai(vector["code"])
    assert giai == vector["plain"]
    assert parse_giai(format_giai(giai)) == giai
    assert digital_link_path(giai) == vector["path"]


@pytest.mark.parametrize("vector", of_kind("oiml_certificate"))
def test_an_oiml_number_is_taken_apart_and_put_together(vector: dict[str, Any]) -> None:
    """Each vector is written again as the register prints it, also from small letters."""
    certificate = parse_oiml_certificate(vector["code"])
    assert format_oiml_certificate(certificate) == vector["code"]
    assert parse_oiml_certificate(vector["code"].lower()) == certificate


def test_an_oiml_number_says_what_it_stands_for() -> None:
    """Recommendation, edition, scheme, authority, year, number and revision are each in their place."""
    certificate = parse_oiml_certificate("R76/2006-A-NL1-25.06 revision 1")
    assert (certificate.recommendation, certificate.edition, certificate.scheme) == (76, 2006, "A")
    assert (certificate.authority, certificate.year, certificate.number) == ("NL1", "25", "06")
    assert certificate.revision == 1


@pytest.mark.parametrize("vector", of_kind("position"))
def test_a_position_is_read_and_written(vector: dict[str, Any]) -> None:
    """Each vector gives its degrees as written and is written again as it was."""
    position = parse_position(vector["code"])
    assert [position.latitude, position.longitude] == [Decimal(one) for one in vector["degrees"]]
    assert format_position(position) == vector["code"]


@given(latitude=st.decimals(-90, 90, places=9), longitude=st.decimals(-180, 180, places=9))
def test_positions_survive_writing(latitude: Decimal, longitude: Decimal) -> None:
    """Any position is read back as it was written, to the last decimal."""
    position = Position(latitude, longitude)
    assert parse_position(format_position(position)) == position


@pytest.mark.parametrize("degrees", ["NaN", "Infinity", "90.001", "-1E+3"])
def test_no_place_is_not_written(degrees: str) -> None:
    """A latitude that is no number or beyond the pole is refused."""
    with pytest.raises(InputError, match="position_out_of_range"):
        format_position(Position(Decimal(degrees), Decimal(0)))


def test_every_region_of_liaoning_has_its_level() -> None:
    """All 100 counties and 1,406 townships in assets are well-formed at their level, and stand under the county that their row names."""
    with (ROOT / "assets/regions/regions.csv").open() as file:
        levels = [(level_of(row["code"]), row["code"]) for row in csv.DictReader(file)]
    counties = [code for level, code in levels if level is Level.COUNTY and not code.endswith("01")]
    assert len(counties) == 100
    with (ROOT / "assets/regions/townships.csv").open() as file:
        townships = list(csv.DictReader(file))
    assert len(townships) == 1406
    for row in townships:
        assert level_of(row["code"]) is Level.TOWNSHIP
        assert parent_of(row["code"]) == row["county_code"]
        assert row["county_code"] in counties


@pytest.mark.parametrize(
    "code", ["", "21", "2101", "010203", "910000", "210002", "2101020", "210102000", "210100001", "21010２"]
)
def test_a_malformed_region_is_refused(code: str) -> None:
    """A code of another length, of no province, with a gap above its last pair or with other digits is none."""
    with pytest.raises(InputError, match="region_code_form"):
        level_of(code)
