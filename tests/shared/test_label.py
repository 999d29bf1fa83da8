"""Labels: a number that survives being read out and typed, and a code that can't be forged or altered."""

from __future__ import annotations

import base64
from itertools import pairwise

import pytest
import qrcode
import zxingcpp
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM

from shared.errors import InputError
from shared.label import (
    ALPHABET,
    Label,
    label_key_id,
    label_message,
    mint_code,
    read_payload,
    serial_tag_of,
    shown_code,
    typed_code,
    write_payload,
)

BYTES = st.binary(min_size=5, max_size=5)
CODES = BYTES.map(lambda random: mint_code(lambda _count: random))
SIGNATURES = st.binary(min_size=64, max_size=64)
ISSUER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = ISSUER.public_key()
HOSTS = ("https://qh.example", "http://10.0.0.7:8771", "https://jiliang.shenyang.example.cn/")


def issued(code: str, serial_number: str = "2403-01187") -> Label:
    """A label by the issuer's key."""
    key_id, tag = label_key_id(PUBLIC.public_bytes_raw()), serial_tag_of(code, serial_number)
    return Label(code, key_id, tag, ISSUER.sign(label_message(code, key_id, tag)))


def genuine(payload: str, public_key: Ed25519PublicKey = PUBLIC) -> bool:
    """What an empty phone can say of a scanned text: whether it is one of our labels, by our key."""
    label = read_payload(payload)
    if label is None:
        return False
    try:
        public_key.verify(label.signature, label.message())
    except InvalidSignature:
        return False
    return True


@given(code=CODES, place=st.integers(0, 7))
def test_every_single_slip_is_caught(code: str, place: int) -> None:
    """One character replaced by any other of the alphabet, at any place, is refused as mistyped."""
    for character in set(ALPHABET) - {code[place]}:
        with pytest.raises(InputError, match="label_code_mistyped"):
            typed_code(code[:place] + character + code[place + 1 :])


@given(code=CODES)
def test_two_neighbours_exchanged_are_caught_but_for_one_pair(code: str) -> None:
    """Exchanged neighbours are refused, but for 0 and Z, the one pair that the check can't tell apart."""
    for place, (one, other) in enumerate(pairwise(code)):
        exchanged = code[:place] + other + one + code[place + 2 :]
        if one == other:
            continue
        if {one, other} == {"0", "Z"}:
            assert typed_code(exchanged) == exchanged
        else:
            with pytest.raises(InputError, match="label_code_mistyped"):
                typed_code(exchanged)


@given(code=CODES, draw=st.data())
def test_a_number_is_taken_as_people_write_it(code: str, draw: st.DataObject) -> None:
    """Lower case, separators, full-width characters and look-alikes (O for 0, I and L for 1) lead to the same code."""
    separator = draw.draw(st.sampled_from(["", " ", "-", "–", "－", " - ", ".", "·", "\u3000"]))
    text = code
    for right, alike in (("0", "Oo"), ("1", "IiLl")):
        text = "".join(
            draw.draw(st.sampled_from(right + alike)) if character == right else character
            for character in text
        )
    written = f" {text[:4]}{separator}{text[4:]} "
    wide = written.translate({number: number + 0xFEE0 for number in range(0x21, 0x7F)})
    for spelling in (written, written.lower(), wide):
        assert typed_code(spelling) == code
    assert typed_code(shown_code(code)) == code


@pytest.mark.parametrize(
    "text", ["", "7Q3K", "7Q3K9M2V7", "7Q3K-9M2", "7Q3KUM2V", "二维码编号七位", "7Q3K#M2V"]
)
def test_what_is_no_number_is_incomplete(text: str) -> None:
    """Too short, too long, or with a character that no label has: asked to be read again, never guessed at."""
    with pytest.raises(InputError, match="label_code_incomplete"):
        typed_code(text)


@given(code=CODES, tag=st.text("ABCXYZ27", min_size=5, max_size=5), signature=SIGNATURES)
def test_a_payload_reads_back_whatever_the_host(code: str, tag: str, signature: bytes) -> None:
    """Written and read again it is the same label, under any host, in capitals or not."""
    label = Label(code, "ABCD", tag, signature)
    for host in HOSTS:
        payload = write_payload(label, host)
        assert payload == payload.upper()
        assert read_payload(payload) == label
        assert read_payload(f" {payload.lower()}\n") == label


def test_a_label_verifies_under_any_host_and_only_by_its_key() -> None:
    """The host behind the address may change; another issuer's key, or another issuer's label, does not pass."""
    label = issued(mint_code(lambda count: bytes(range(count))))
    assert all(genuine(write_payload(label, host)) for host in HOSTS)
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert not genuine(write_payload(label, HOSTS[0]), stranger.public_key())


def test_an_altered_payload_does_not_verify() -> None:
    """Any one character of code, key id, serial tag or signature replaced by any other: no genuine label."""
    payload = write_payload(issued(mint_code(lambda count: b"\x5a" * count)), HOSTS[0])
    start = payload.index("/L/") + 3
    assert genuine(payload)
    for place in range(start, len(payload)):
        for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.":
            if character != payload[place]:
                assert not genuine(payload[:place] + character + payload[place + 1 :])


@given(code=CODES, other=st.text(st.characters(min_codepoint=48, max_codepoint=90), min_size=1, max_size=20))
def test_the_tag_follows_the_serial_number(code: str, other: str) -> None:
    """The same number however it is punctuated has the same tag; five characters that differ for another (1 in 2^25)."""
    assert (
        serial_tag_of(code, "2403-01187")
        == serial_tag_of(code, "2403 01187")
        == serial_tag_of(code, "240301187")
    )
    assert len(serial_tag_of(code, other)) == 5
    assert serial_tag_of(code, "2403-01187") != serial_tag_of(code, "2403-01188")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://qh.example/",
        "https://qh.example/L/7Q3K9M2V",
        "6901234567892",
        "WIFI:S:market;;",
        "https://qh.example/L/7Q3K9M2V.ABCD.ABCDE." + "A" * 102,
        "https://qh.example/L/7Q3K9M2V.ABCD.ABCDE." + "A" * 102 + "B",
        "ftp://qh.example/L/7Q3K9M2V.ABCD.ABCDE." + "A" * 103,
    ],
)
def test_other_codes_are_none_of_ours(text: str) -> None:
    """Anybody's code, a cut one, and one whose last character is no signature's are not read as labels."""
    assert read_payload(text) is None


@pytest.mark.parametrize("host", ["https://qh.example", "https://jiliang.shenyang.gov.example:8443"])
def test_the_code_is_about_version_7_m(host: str) -> None:
    """All of it in QR's alphanumeric mode, version 6 to 8 at level M, and a reader gives back the very text."""
    payload = write_payload(issued(mint_code(lambda count: b"\x33" * count)), host)
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4, box_size=4)
    code.add_data(payload)
    code.make(fit=True)
    assert 6 <= code.version <= 8
    assert {part.mode for part in code.data_list} == {MODE_ALPHA_NUM}
    [found] = zxingcpp.read_barcodes(code.make_image().get_image().convert("L"))
    assert found.text == payload


def test_the_key_is_named_by_its_digest() -> None:
    """A key's name on labels is stable, in base 32, and another key has another."""
    name = label_key_id(PUBLIC.public_bytes_raw())
    assert len(base64.b32decode(name + "====")) == 2
    assert name != label_key_id(bytes(32))
