"""Identities, digests and fingerprints."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.clock import SetClock, local_date
from shared.identity import digest_of, fingerprint_of, mint

MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moment=MOMENTS, chance=st.binary(min_size=10, max_size=10))
def test_identity_is_a_uuid_of_version_7(moment: datetime, chance: bytes) -> None:
    """Whatever the time and the chance, the identity is a UUIDv7 of RFC 9562 whose first 48 bits are the milliseconds."""
    identity = uuid.UUID(mint(SetClock(moment), lambda size: chance))
    assert identity.version == 7
    assert identity.variant == uuid.RFC_4122
    assert identity.int >> 80 == int(moment.timestamp() * 1000)


@given(
    moment=MOMENTS,
    later=st.integers(min_value=1, max_value=10**6),
    chance=st.binary(min_size=20, max_size=20),
)
def test_later_identities_sort_later(moment: datetime, later: int, chance: bytes) -> None:
    """An identity minted at least a millisecond later sorts after an earlier one as text."""
    clock = SetClock(moment)
    first = mint(clock, lambda size: chance[:10])
    clock.advance(timedelta(milliseconds=later + 1))
    assert first < mint(clock, lambda size: chance[10:])


def test_digest_is_sha_256() -> None:
    """The digest of ``abc`` is the one of FIPS 180-4's example (appendix B.1 of FIPS 180-2)."""
    assert digest_of(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_fingerprint_can_be_read_out() -> None:
    """A fingerprint is five groups of four digits, and another key has another."""
    assert re.fullmatch(r"\d{4}( \d{4}){4}", fingerprint_of(bytes(32)))
    assert fingerprint_of(bytes(32)) != fingerprint_of(bytes(31) + b"\x01")


def test_the_law_counts_days_in_china() -> None:
    """Sixteen hours UTC is already the next calendar day on which an edition or a validity is judged."""
    assert local_date(datetime(2027, 1, 7, 15, 59, tzinfo=UTC)).isoformat() == "2027-01-07"
    assert local_date(datetime(2027, 1, 7, 16, 0, tzinfo=UTC)).isoformat() == "2027-01-08"
