"""What every :class:`server.store.files.Files` keeps to."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest

from server.store.files import Files, Folder
from tests.simulation.photos import MemoryFiles


@pytest.fixture(params=["memory", "folder"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    """Each implementation, empty."""
    return Folder(tmp_path / "files") if request.param == "folder" else MemoryFiles()


def test_a_write_ends_the_file(files: Files) -> None:
    """A file ends with what was written last: what stood behind the offset is gone."""
    files.write("a/b/c", 0, b"0123456789")
    files.write("a/b/c", 4, b"xy")
    assert files.read("a/b/c") == b"0123xy"
    assert files.size("a/b/c") == 6
    assert files.names("a") == ["a/b/c"]


def test_what_is_not_there_is_nothing(files: Files) -> None:
    """No file has no content and no size; removing it is no error; an empty folder has no names."""
    files.remove("a/b")
    assert files.read("a/b") is None
    assert files.size("a/b") == 0
    assert files.names("a") == []


def test_a_move_replaces(files: Files) -> None:
    """The file has the new name alone, in place of what had it."""
    files.write("in/a", 0, b"new")
    files.write("x/a", 0, b"older")
    files.move("in/a", "x/a")
    assert files.read("x/a") == b"new"
    assert files.names("in") == []
    files.remove("x/a")
    assert files.read("x/a") is None


def test_a_folder_is_the_servers_alone_and_holds_one_at_a_time(tmp_path: Path) -> None:
    """Nobody else on the machine may look into it; a second holder of the same key waits until the first lets go."""
    folder = Folder(tmp_path / "files")
    folder.write("in/a", 0, b"new")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "files").rglob("*")}
    assert modes == {"locks": 0o700, "in": 0o700, "a": 0o600}
    order: list[str] = []
    came = Event()

    def second() -> None:
        came.set()
        with Folder(tmp_path / "files").held("key"):
            order.append("second")

    with folder.held("key"):
        other = Thread(target=second)
        other.start()
        assert came.wait(10)
        order.append("first")
    other.join(10)
    assert order == ["first", "second"]
