"""One upload of several chunks, with the office dying at every single point of it: before, within and after each write and each commit."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from server.services.attachments import Announced, AttachmentFiles
from shared.errors import QuanhengError
from shared.identity import digest_of
from tests.server.office import Office, Phone
from tests.simulation.photos import MemoryFiles
from tests.simulation.timeline import Crash

CONTENT = bytes(range(250)) * 4
DIGEST = digest_of(CONTENT)
CHUNK = 300
POINTS = 1 + 4 * (3 + 1) + 2 + 1
"""A commit to begin; before, within and after each of four writes, and their commits; on either side of the move; the last commit."""


class Doom(MemoryFiles):
    """The disk and the store of an office that dies at the point of a number."""

    def __init__(self, office: Office, point: int) -> None:
        super().__init__()
        self.left = point
        event.listen(office.database.engine, "commit", self._committing)

    def pass_point(self) -> None:
        """Dies here if this is the point."""
        self.left -= 1
        if self.left == 0:
            raise Crash

    def write(self, name: str, offset: int, content: bytes) -> None:
        self.pass_point()
        self.left -= 1
        self.tears = self.left == 0
        super().write(name, offset, content)
        self.pass_point()

    def move(self, name: str, to: str) -> None:
        self.pass_point()
        super().move(name, to)
        self.pass_point()

    def crash(self) -> None:
        """A torn write is all that goes wrong here."""

    def _committing(self, _connection: Any) -> None:
        self.pass_point()


def send(files: AttachmentFiles, phone: Phone, record: str, said: list[int]) -> None:
    """Uploads as a client does: asks where it stands, and goes on from there; ``said`` are the offsets it was told."""
    device = phone.access
    try:
        upload = files.find(device, DIGEST)
    except QuanhengError:
        upload = files.create(device, Announced(DIGEST, len(CONTENT), "image/jpeg", record))
    assert upload.offset >= max(said, default=0), "an offset that was said is not on the disk"
    while not upload.complete:
        said.append(upload.offset)
        chunk = CONTENT[upload.offset : upload.offset + CHUNK]
        upload = files.append(device, DIGEST, upload.offset, chunk)


@pytest.fixture
def office(tmp_path: Path) -> Any:
    opened = Office(tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("point", range(1, POINTS + 1))
def test_an_office_that_dies_anywhere_in_an_upload_loses_no_offset(
    office: Office, point: int, late: bool
) -> None:
    """After the restart, where the first chunk comes once more too, it stands at no less than what was said, ends whole, and leaves nothing."""
    phone = office.phone()
    record = phone.naming(DIGEST)
    disk = Doom(office, point)
    files = AttachmentFiles(office.database, disk, office.clock)
    said: list[int] = []
    died = 0
    while True:
        try:
            send(files, phone, record, said)
            break
        except Crash:
            died += 1
            files = AttachmentFiles(office.database, disk, office.clock)
            if late:
                with contextlib.suppress(QuanhengError):
                    files.append(phone.access, DIGEST, 0, CONTENT[:CHUNK])
    assert died == 1, "the points are counted wrongly"
    files.sweep()
    assert files.content(DIGEST) == CONTENT
    assert disk.names("incoming") == []
