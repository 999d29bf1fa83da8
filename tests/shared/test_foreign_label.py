"""Codes of others: kept as they are, never opened, and one key for writings that mean the same."""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.foreign_label import (
    MOST,
    MOST_KEY,
    AliasKey,
    Confidence,
    ForeignLabel,
    LabelFormat,
    legible,
    read_foreign,
)
from tests.shared.checks import vectors

SIGNS = st.text(st.characters(categories=["L", "N", "P", "Z", "S", "C"]), max_size=200)
PIECES = st.sampled_from([
    "https://", "HTTP://", "maker.example", "/8004/", "/01/09506000134352", "/21/", "(8004)", "(01)", "]Q3", "\x1d", "6901A", "%2f",
    "%E7%BC%96", "%zz", "?", "#", "&", "=", "id=", "ccbh=", "出厂编号", "型号规格", "：", ":", "；", "\n", "{", "}", '"', ",", "[" * 40,
    "S/N", " ", "2403-77777", "javascript:", "\u202e", "\ufeff", "\ud83d", "@", "[::1", ":99999",
])  # fmt: skip
PAYLOADS = st.one_of(SIGNS, st.lists(PIECES, max_size=14).map("".join))
NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~", min_size=1, max_size=20)


@pytest.mark.parametrize("vector", vectors("foreign-labels.toml"), ids=lambda vector: vector["name"])
def test_what_is_read_in_a_code(vector: dict[str, Any]) -> None:
    """Format, key, how sure it is, and every field are those of the vector; the text is kept as it came."""
    found = read_foreign(vector["raw"])
    assert found.raw == vector["raw"]
    assert found.format.value == vector["format"]
    assert found.confidence.value == vector["confidence"]
    assert found.key == vector["key"] or (
        vector["key"].endswith("sha256:") and found.key.startswith(vector["key"])
    )
    fields = (found.serial_number, found.manufacturer, found.model, found.name)
    assert fields == tuple(
        vector.get(name, "") for name in ("serial_number", "manufacturer", "model", "kind")
    )
    assert [one.value for one in found.candidates] == vector.get("candidates", [])
    assert vector["certainty"] in ("seen", "computed", "memory")


@settings(deadline=None)
@given(raw=PAYLOADS)
def test_anything_can_be_read_and_stays_as_it_is(raw: str) -> None:
    """Nothing raises; the text is kept verbatim, and the key is short, printable, the same each time and fit for a record."""
    found = read_foreign(raw)
    assert found.raw == raw
    assert read_foreign(raw) == found
    assert found.key.isprintable()
    assert msgspec.convert(found.key, AliasKey) == found.key
    assert len(found.key) <= MOST_KEY
    assert all(
        field.isprintable() for field in (found.serial_number, found.manufacturer, found.model, found.name)
    )


@settings(deadline=None)
@given(raw=PAYLOADS)
def test_only_a_web_address_has_a_host(raw: str) -> None:
    """A host is found in http and https alone, with no name before it; all other schemes are text."""
    found = read_foreign(raw)
    if found.host:
        assert raw.strip("\ufeff \t\r\n\x00")[:7].lower() in ("http://", "https:/")
        assert "@" not in raw.partition("//")[2].partition("/")[0].partition("?")[0].partition("#")[0]


@given(
    host=st.from_regex(r"[a-z]{1,10}\.example", fullmatch=True),
    path=NAMES,
    value=st.text(min_size=1, max_size=12),
)
def test_an_address_has_one_key_in_all_its_writings(host: str, path: str, value: str) -> None:
    """The host's case, http or https, the standard port, and percent-encoding of what needs none make no difference; the path's case does."""
    value = "".join(
        one for one in value if unicodedata.category(one) not in ("Cc", "Cs", "Cf", "Zs", "Zl", "Zp")
    )
    plain, encoded = (
        quote(f"{path}{value}", safe="~"),
        "".join(f"%{byte:02x}" for byte in f"{path}{value}".encode()),
    )
    writings = [
        f"https://{host}/q/{plain}?id={plain}",
        f"HTTP://{host.upper()}/q/{encoded}?id={encoded}",
        f"https://{host}:443/q/{encoded.upper()}?id={plain}",
    ]
    assert len({read_foreign(one).key for one in writings}) == 1
    if path.swapcase() != path:
        assert (
            read_foreign(f"https://{host}/q/{path.swapcase()}").key
            != read_foreign(f"https://{host}/q/{path}").key
        )


@settings(deadline=None)
@given(
    asset=st.from_regex(r"[0-9]{4}[0-9A-Za-z/._-]{1,26}", fullmatch=True),
    host=st.sampled_from(["id.gs1.org", "X.cn"]),
)
def test_a_giai_has_one_key_in_all_its_writings(asset: str, host: str) -> None:
    """As a link at any resolver, as an element string, behind FNC1: one asset, one key, and sure."""
    encoded = "".join(f"%{byte:02X}" for byte in asset.encode())
    writings = [
        f"(8004){asset}",
        f"https://{host}/8004/{quote(asset, safe='')}",
        f"http://{host}/8004/{encoded}",
        f"]Q38004{asset}",
    ]
    found = [read_foreign(one) for one in writings]
    assert {(one.key, one.confidence) for one in found} == {(f"gs1:(8004){asset}", Confidence.SURE)}


@given(
    number=st.from_regex(r"[0-9]{4}-[0-9]{5}", fullmatch=True),
    mark=st.sampled_from([":", "：", "="]),
    gap=st.sampled_from([";", "；", "\n", "|", "，"]),
)
def test_ledger_fields_have_one_key_in_all_their_writings(number: str, mark: str, gap: str) -> None:
    """Full or half width, in any order, on lines or one line, or as JSON."""
    fields = {"型号规格": "TCS-15", "出厂编号": number, "生产厂家": "上海大华"}
    plain = read_foreign(gap.join(f"{name}{mark}{value}" for name, value in reversed(fields.items())))
    as_json = read_foreign(msgspec.json.encode(fields).decode())
    assert (plain.key, plain.serial_number) == (as_json.key, number)


@given(extra=st.integers(1, 50))
def test_what_is_longer_than_a_code_is_kept_and_names_nothing(extra: int) -> None:
    """A text that no camera can have read is told from every other, and is no name of an instrument."""
    found = read_foreign("7" * (MOST + extra))
    assert (len(found.raw), found.format, found.names_one) == (MOST + extra, LabelFormat.UNKNOWN, False)
    assert found.key != read_foreign("7" * (MOST + extra + 1)).key


@given(raw=PAYLOADS)
def test_the_screen_shows_nothing_that_hides_or_turns(raw: str) -> None:
    """What is shown is printable line by line and not longer than asked for."""
    shown = legible(raw, 60)
    assert len(shown) <= 61
    assert all(line.isprintable() for line in shown.split("\n"))


def test_a_serial_number_is_contradicted_by_another_only() -> None:
    """Hyphens, case and width don't count; a code without a serial number contradicts nothing."""
    found = read_foreign("S/N 2403-a1187")
    assert not found.contradicts("2403 Ａ1187")
    assert found.contradicts("2403-A1188")
    assert not read_foreign("码").contradicts("2403-A1188")
    assert isinstance(found, ForeignLabel)
