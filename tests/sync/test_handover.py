"""A bundle and its frames: any order, any repeats, any loss; damage is seen; another office's bundle says so."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InputError
from sync import base45
from sync.envelope import Sealed
from sync.handover import (
    FRAME_BYTES,
    FRAME_TEXT,
    MAX_BUNDLE,
    Content,
    Frames,
    Header,
    Heard,
    bound_to,
    frames_of,
    pack_content,
    read_bundle,
    unpack_content,
    write_bundle,
)
from sync.keys import key_id
from sync.messages import ChainHead
from tests.contracts.fakes import seeded

OFFICE, OTHER = b"\x04" + bytes(64), b"\x04" + bytes(63) + b"\x01"
DEVICE = "0192e4a0-0000-7000-8000-000000000001"
HEADER = Header(key=key_id(OFFICE), device=DEVICE, made_at=datetime(2026, 11, 20, tzinfo=UTC), records=2)

sizes = st.integers(0, FRAME_BYTES * 9)


def bundle_of(size: int, seed: int = 1) -> bytes:
    """A bundle with that many sealed bytes."""
    return write_bundle(HEADER, seeded(seed)(size))


def code_of(content: bytes, key: bytes = OFFICE) -> str:
    """The code with which these bytes are declined."""
    with pytest.raises(InputError) as declined:
        read_bundle(content, key)
    return declined.value.problem.code


@given(st.binary(max_size=400))
def test_base45_is_that_of_its_rfc(content: bytes) -> None:
    """Bytes come back as they went, in the letters of a QR code's alphanumeric mode; RFC 9285's own examples hold."""
    assert base45.decode(base45.encode(content)) == content
    assert set(base45.encode(content)) <= set(base45.LETTERS)
    for plain, text in (
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
    ):
        assert base45.encode(plain) == text
        assert base45.decode(text) == plain


@given(st.sampled_from(["GGW", ":::", "A", "ABCD", "ab", "::"]))
def test_base45_declines_what_stands_for_no_bytes(text: str) -> None:
    """Too large a value, a lone letter, and letters of no alphabet are errors, never other bytes."""
    with pytest.raises(ValueError, match="no"):
        base45.decode(text)


@given(size=sizes, seed=st.integers(0, 99), order=st.data())
def test_frames_come_in_any_order_and_any_number_of_times(size: int, seed: int, order: st.DataObject) -> None:
    """Shuffled and repeated, the frames make the same bundle; each is short enough for a cheap camera."""
    bundle = bundle_of(size, seed)
    frames = frames_of(bundle)
    assert all(len(frame) <= FRAME_TEXT for frame in frames)
    shown = order.draw(st.permutations(frames + order.draw(st.lists(st.sampled_from(frames), max_size=8))))
    collected, seen = Frames(), set()
    for frame in shown:
        assert collected.add(frame) is (Heard.AGAIN if frame in seen else Heard.NEW)
        seen.add(frame)
    assert collected.is_whole
    assert collected.bundle() == bundle
    assert read_bundle(collected.bundle(), OFFICE).header == HEADER


@given(size=st.integers(FRAME_BYTES, FRAME_BYTES * 9), lost=st.sets(st.integers(1, 30), min_size=1))
def test_the_numbers_of_lost_frames_are_known(size: int, lost: set[int]) -> None:
    """What did not come is named by its numbers, and the bundle is not whole."""
    frames = frames_of(bundle_of(size))
    lost = {1 + number % (len(frames) - 1) for number in lost}
    collected = Frames()
    for number, frame in enumerate(frames, 1):
        if number not in lost:
            collected.add(frame)
    assert collected.missing == sorted(lost)
    assert not collected.is_whole


@given(at=st.integers(4, 400), letter=st.sampled_from(base45.LETTERS), cut=st.integers(0, 470))
def test_a_damaged_frame_changes_nothing(at: int, letter: str, cut: int) -> None:
    """A letter misread or a text cut short is no frame; the right one is taken afterwards."""
    frame = frames_of(bundle_of(FRAME_BYTES * 2))[0]
    at = min(at, len(frame) - 1)
    misread = frame[:at] + letter + frame[at + 1 :]
    collected = Frames()
    for wrong in (misread, frame[:cut]):
        if wrong != frame:
            assert collected.add(wrong) in (Heard.DAMAGED, Heard.NONE)
    assert collected.of == 0
    assert collected.add(frame) is Heard.NEW


def test_a_frame_of_another_bundle_is_passed_over() -> None:
    """Two phones that show their codes at a time don't mix; some other code is none."""
    first, second = frames_of(bundle_of(700, 1)), frames_of(bundle_of(700, 2))
    collected = Frames()
    assert collected.add(first[0]) is Heard.NEW
    assert collected.add(second[1]) is Heard.OTHER
    assert collected.add("HTTPS://OFFICE.EXAMPLE/L/1") is Heard.NONE
    assert [collected.add(frame) for frame in first[1:]] == [Heard.NEW] * (len(first) - 1)
    assert collected.bundle() == bundle_of(700, 1)


@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_damaged_bundle_is_told(at: int, flip: int) -> None:
    """Any byte changed anywhere is seen without the key."""
    bundle = bytearray(bundle_of(600))
    bundle[at % len(bundle)] ^= flip
    assert code_of(bytes(bundle)) in ("handover_damaged", "handover_none")


def test_what_is_not_for_this_office_is_told() -> None:
    """Another office's key, a newer format, some other file, a cut one and one that is too large each say what they are."""
    bundle = bundle_of(600)
    assert code_of(bundle, OTHER) == "handover_other_office"
    assert read_bundle(bundle).header.device == DEVICE
    assert code_of(b"%PDF-1.7") == "handover_none"
    assert code_of(bundle[:-1]) == "handover_damaged"
    assert code_of(b"") == "handover_none"
    assert code_of(write_bundle(msgspec.structs.replace(HEADER, format=2), b"")) == "handover_newer"
    assert code_of(bundle + bytes(MAX_BUNDLE)) == "handover_too_large"


def test_the_content_is_bound_to_the_header_and_shrinks() -> None:
    """What is sealed is compressed and comes back as it was; another count in the header is another binding."""
    head = ChainHead(DEVICE, 2, "0" * 64, bytes(64))
    content = Content(head, [Sealed(b'{"record":1}' * 100, bytes(64)), Sealed(b"{}", bytes(64))])
    packed = pack_content(content)
    assert len(packed) < 400
    assert unpack_content(packed) == content
    assert bound_to(HEADER) == read_bundle(bundle_of(1)).bound
    assert bound_to(HEADER) != bound_to(msgspec.structs.replace(HEADER, records=3))
