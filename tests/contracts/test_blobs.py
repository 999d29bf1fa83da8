"""What every :class:`mobile.workflow.ports.Blobs` keeps to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mobile.device.native import NativeBlobs, NativeKeys
from mobile.workflow.ports import Blobs
from shared.identity import digest_of
from tests.contracts.fakes import MemoryBlobs, seeded


@pytest.fixture(params=["memory", "native"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """Each implementation, empty."""
    if request.param == "native":
        return NativeBlobs(tmp_path, NativeKeys(tmp_path, seeded("native"), rounds=1000))
    return MemoryBlobs()


def test_a_blob_is_named_by_its_contents_digest(blobs: Blobs) -> None:
    """Put gives the SHA-256 of the content as given, get gives the content back, putting again is no error."""

    async def flow() -> None:
        for _ in range(2):
            assert await blobs.put(b"picture") == digest_of(b"picture")
        assert await blobs.get(digest_of(b"picture")) == b"picture"

    asyncio.run(flow())


def test_what_is_not_there_is_none(blobs: Blobs) -> None:
    """An unknown or a deleted blob is None, and deleting twice is no error."""

    async def flow() -> None:
        digest = await blobs.put(b"picture")
        for _ in range(2):
            await blobs.delete(digest)
            assert await blobs.get(digest) is None

    asyncio.run(flow())


def test_a_native_blob_rests_encrypted(tmp_path: Path) -> None:
    """The file's bytes do not hold the picture's."""

    async def flow() -> None:
        digest = await NativeBlobs(tmp_path, NativeKeys(tmp_path, seeded("n"), rounds=1000)).put(
            b"picture of a face"
        )
        assert b"face" not in (tmp_path / "blobs" / digest).read_bytes()

    asyncio.run(flow())
