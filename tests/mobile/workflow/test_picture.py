"""Pictures on their way into the phone: what a camera writes beside them stays behind, the picture itself is not touched."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mobile.workflow.picture import stripped
from shared.errors import InputError
from tests.mobile.picture import jpeg, segment

GPS_IFD, MAKE, DATE_TIME, ORIENTATION = 0x8825, 0x010F, 0x0132, 0x0112


def photograph(orientation: int = 1, **more: object) -> bytes:
    """A picture with everything that a telephone tells of itself: where, when, its make, a comment, and a second picture behind the first."""
    picture = Image.effect_noise((64, 48), 80).convert("RGB")
    exif = Image.Exif()
    exif[MAKE], exif[DATE_TIME], exif[ORIENTATION] = "Maker", "2026:11:20 09:00:00", orientation
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (42.0, 45.0, 2.0), 3: "E", 4: (123.0, 21.0, 10.0)})
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"serial 12345", icc_profile=b"colours", **more)
    behind = io.BytesIO()
    picture.save(behind, "JPEG", exif=exif)
    return out.getvalue() + behind.getvalue()


@pytest.mark.parametrize("more", [{}, {"progressive": True}, {"restart_marker_blocks": 2}])
def test_place_time_and_make_are_gone(more: dict[str, object]) -> None:
    """No GPS, no date, no make, no comment, nothing behind the picture; every pixel and the colours' meaning as before."""
    taken = photograph(**more)
    assert Image.open(io.BytesIO(taken)).getexif().get_ifd(GPS_IFD), "the picture had a place to begin with"
    clean = stripped(taken)
    for told in (b"Maker", b"2026:11:20", b"serial 12345"):
        assert told in taken
        assert told not in clean
    picture = Image.open(io.BytesIO(clean))
    assert not picture.getexif()
    assert picture.info["icc_profile"] == b"colours"
    assert picture.tobytes() == Image.open(io.BytesIO(taken)).tobytes()
    assert stripped(clean) == clean


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_how_a_picture_is_turned_is_meant(orientation: int) -> None:
    """A picture taken upright stays upright: that one entry is kept, and no other."""
    clean = stripped(photograph(orientation))
    assert dict(Image.open(io.BytesIO(clean)).getexif()) == {ORIENTATION: orientation}
    assert stripped(clean) == clean


@given(
    st.binary(max_size=200), st.lists(st.tuples(st.integers(0xE1, 0xEF), st.binary(max_size=40)), max_size=4)
)
def test_whatever_stands_beside_it_the_picture_is_the_same(
    data: bytes, beside: list[tuple[int, bytes]]
) -> None:
    """Segments of metadata with any content leave nothing but the picture, where they say nothing that is meant."""
    meant = (b"ICC_PROFILE\0", b"Adobe", b"Exif\0\0")
    before = [segment(marker, content) for marker, content in beside if not content.startswith(meant)]
    assert stripped(jpeg(data, *before)) == jpeg(data)


@given(st.binary(max_size=300))
def test_damaged_bytes_are_refused(noise: bytes) -> None:
    """What is no whole picture is refused with a word on what to do, and never crashes."""
    for given_bytes in (noise, b"\xff\xd8" + noise, jpeg()[: len(noise) % len(jpeg())]):
        assert code_of(given_bytes) in ("", "picture_unreadable")
    assert code_of(b"\x89PNG" + noise) == "picture_unreadable"


def code_of(content: bytes) -> str:
    """Why a picture is refused; empty where it is taken."""
    try:
        stripped(content)
    except InputError as error:
        return error.problem.code
    return ""
