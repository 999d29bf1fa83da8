"""Files beside the database: every change is on the disk when the call returns."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """Files by name, below one root. Names are ours, never a caller's text."""

    def names(self, under: str) -> list[str]:
        """Every file below a folder."""
        ...

    def size(self, name: str) -> int:
        """Bytes of a file, 0 where there is none."""
        ...

    def read(self, name: str) -> bytes | None:
        """A file's content, or None where there is none."""
        ...

    def write(self, name: str, offset: int, content: bytes) -> None:
        """Lets the file end with ``content`` at ``offset``; what stood behind the offset is gone."""
        ...

    def move(self, name: str, to: str) -> None:
        """Gives a file another name, in place of what has that name."""
        ...

    def remove(self, name: str) -> None:
        """Drops a file; none there is no error."""
        ...

    def held(self, key: str) -> contextlib.AbstractContextManager[None]:
        """Nobody else, in this process or another, is within a block of the same key."""
        ...


class Folder:
    """:class:`Files` in a folder that only the server's own user may look into."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._make(root)
        self._make(root / "locks")

    def _make(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            settle(folder.parent)

    def names(self, under: str) -> list[str]:
        folder = self._root / under
        return sorted(path.relative_to(self._root).as_posix() for path in folder.rglob("*") if path.is_file())

    def size(self, name: str) -> int:
        try:
            return (self._root / name).stat().st_size
        except FileNotFoundError:
            return 0

    def read(self, name: str) -> bytes | None:
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, offset: int, content: bytes) -> None:
        path = self._root / name
        self._make(path.parent)
        is_new = not path.exists()
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:  # noqa: PTH123
            file.truncate(offset)
            file.seek(offset)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            settle(path.parent)

    def move(self, name: str, to: str) -> None:
        source, target = self._root / name, self._root / to
        self._make(target.parent)
        source.replace(target)
        settle(target.parent)
        settle(source.parent)

    def remove(self, name: str) -> None:
        (self._root / name).unlink(missing_ok=True)

    @contextlib.contextmanager
    def held(self, key: str) -> Iterator[None]:
        with (self._root / "locks" / key[:2]).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # Let go of when the file is closed, by a dying process too.
            yield


def settle(folder: Path) -> None:
    """Writes a folder's own entries to the disk, so that a new name in it survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
