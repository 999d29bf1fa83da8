"""What every :class:`mobile.store.packs.PackFiles` keeps to; the browser's is played by the journey of the packs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mobile.device.native import NativePackFiles
from mobile.store.packs import PackFiles


@pytest.fixture
def files(tmp_path: Path) -> PackFiles:
    """The native files, empty."""
    return NativePackFiles(tmp_path)


def test_an_opened_file_is_there_and_keeps_what_was_written(files: PackFiles) -> None:
    """Opening makes an empty file; opening again leaves its content; it is among the names."""

    async def flow() -> None:
        path = await files.open("pack-210123-a.db")
        assert path.read_bytes() == b""
        path.write_bytes(b"content")
        assert (await files.open("pack-210123-a.db")).read_bytes() == b"content"
        assert await files.names() == ["pack-210123-a.db"]

    asyncio.run(flow())


def test_a_dropped_file_is_gone_and_may_come_again(files: PackFiles) -> None:
    """Dropping twice is no error, and a file of the same name begins empty."""

    async def flow() -> None:
        (await files.open("a.gz")).write_bytes(b"content")
        for _time in range(2):
            await files.drop("a.gz")
            assert await files.names() == []
        assert (await files.open("a.gz")).read_bytes() == b""

    asyncio.run(flow())


def test_room_is_told(files: PackFiles) -> None:
    """A number of bytes, or None where nobody can tell."""

    async def flow() -> None:
        free = await files.free_bytes()
        assert free is None or free >= 0

    asyncio.run(flow())
