"""Files in a history: photographs that phones upload, the office's real service over a disk that tears, rots and forgets, and what must hold.

* A file is whole at the office if and only if its hash fits; what a phone believes to be uploaded is whole there (invariant 9).
* An offset that was said is still there after a crash.
* A file that never gets through keeps back no record and no other file.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

from server.callers import DeviceAccess
from server.services.attachments import (
    INCOMING,
    Announced,
    AttachmentFiles,
    Bounds,
    Upload,
    incoming,
    place_of,
)
from server.store import uploads as store
from server.store.database import Database
from shared.clock import SetClock
from shared.errors import InputError, QuanhengError
from shared.identity import digest_of
from shared.inspection import BlobRef, Inspection
from shared.instrument import Instrument
from sync.ports import Answer
from tests.simulation.handset import Handset
from tests.simulation.timeline import Crash

ROUTE = "/api/v1/attachments"
SIZES = [200, 20_000, 50_000]
"""Bytes of a photograph: one chunk, two, three."""
MOST = 3
"""Photographs of one check."""
LIFETIME = timedelta(seconds=45)
"""So short that uploads expire within a history."""
GARBLE_EVERY = 9
ROUGH_ROUNDS = 5
"""Rounds of the time without other faults in which the office still dies over files, and the line still garbles them."""
NEVER_TAKEN, UNREADABLE = "0", "1"
"""First digits of the digests over which the office stumbles for ever, and of those whose content the phone has lost."""


class MemoryFiles:
    """:class:`server.store.files.Files` in memory; a crash tears the write that it falls into, and now and then a byte rots."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.rotten: set[str] = set()
        self.tears = False
        self._crashes = 0

    def names(self, under: str) -> list[str]:
        return sorted(name for name in self.content if name.startswith(under + "/"))

    def size(self, name: str) -> int:
        return len(self.content.get(name, b""))

    def read(self, name: str) -> bytes | None:
        return self.content.get(name)

    def write(self, name: str, offset: int, content: bytes) -> None:
        if self.tears:
            self.tears = False
            content = content[: len(content) // 2] + b"torn"
            self.content[name] = self.content.get(name, b"")[:offset] + content
            self.crash()
            raise Crash
        self.content[name] = self.content.get(name, b"")[:offset] + content

    def move(self, name: str, to: str) -> None:
        self.content[to] = self.content.pop(name)

    def remove(self, name: str) -> None:
        self.content.pop(name, None)

    @contextlib.contextmanager
    def held(self, key: str) -> Iterator[None]:
        yield

    def crash(self) -> None:
        """The machine went down; every second time a byte of an unfinished file is another afterwards."""
        names = self.names(INCOMING)
        self._crashes += bool(names)
        if names and self._crashes % 2 == 0 and self.content[names[0]]:
            name = names[0]
            self.content[name] = bytes([self.content[name][0] ^ 1]) + self.content[name][1:]
            self.rotten.add(name)


class ForgetfulFiles(MemoryFiles):
    """A planted fault: what was written last is not on the disk yet when the call returns, and a crash takes it."""

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, bytes] | None = None

    def write(self, name: str, offset: int, content: bytes) -> None:
        self._before = dict(self.content)
        super().write(name, offset, content)

    def move(self, name: str, to: str) -> None:
        self._before = self._before or dict(self.content)
        super().move(name, to)

    def crash(self) -> None:
        if self._before is not None:
            self.content, self._before = self._before, None
        super().crash()


class HashIsNotCompared(AttachmentFiles):
    """A planted fault: whatever came under a digest is taken for it."""

    def _is_right(self, name: str, digest: str) -> bool:
        return self._files.read(name) is not None


class PhotoDesk:
    """What ``server/api/uploads.py`` does with a request, without HTTP around it."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        self._database, self._clock = database, clock
        self.begin(AttachmentFiles, MemoryFiles)

    def begin(self, service: type[AttachmentFiles], files: type[MemoryFiles]) -> None:
        """An empty disk for a new history."""
        self.files = files()
        self.service = service(self._database, self.files, self._clock, Bounds(lifetime=LIFETIME))
        self.calm = False
        self._patches = self._crashes = self.commits_to_live = 0
        self._said: dict[str, int] = {}

    def arm(self) -> None:
        """The next crash falls into the write, or between it and its note, or between the end of a file and the note on that."""
        self._crashes += 1
        self.files.tears = self._crashes % 3 == 0
        self.commits_to_live = self._crashes % 2

    def restored(self) -> None:
        """The tables were put back to a backup; the files lie apart from them and stay."""
        self._said.clear()

    def answer(
        self, device: DeviceAccess, method: str, address: str, body: bytes, headers: dict[str, str]
    ) -> Answer:
        """Raises QuanhengError as the service does."""
        digest = address.removeprefix(ROUTE).removeprefix("/")
        if method == "POST":
            announced = read_announcement(headers)
            digest = announced.digest
        if digest.startswith(NEVER_TAKEN):
            error = InputError("server_error", "Something went wrong here.", "Try again.")
            error.status = 500
            raise error
        if method == "POST":
            upload, status = self.service.create(device, announced), 201
        elif method == "HEAD":
            upload, status = self.service.find(device, digest), 200
        else:
            offset = int(headers["Upload-Offset"])
            try:
                upload, status = (
                    self.service.append(device, digest, offset, self._carried(body, headers)),
                    204,
                )
            except QuanhengError as error:
                if error.status == 460:
                    self._said.pop(incoming(device.device_id, digest), None)
                raise
        self._check_said(device, upload, method)
        return Answer(status, b"", {"Upload-Offset": str(upload.offset), "Location": f"{ROUTE}/{digest}"})

    def _carried(self, body: bytes, headers: dict[str, str]) -> bytes:
        """The chunk as it came over the line; a garbled one is told by its checksum."""
        self._patches += 1
        if not self.calm and self._patches % GARBLE_EVERY == 0:
            body = bytes([body[0] ^ 1]) + body[1:]
        sent = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if headers["Upload-Checksum"] != f"sha256 {sent}":
            error = InputError("checksum_wrong", "The bytes were changed on their way.", "Send them again.")
            error.status = 460
            raise error
        return body

    def _check_said(self, device: DeviceAccess, upload: Upload, method: str) -> None:
        """An upload never stands behind an offset that was said, but for bytes that rotted and uploads that expired."""
        name = incoming(device.device_id, upload.digest)
        before = self._said.get(name, 0)
        if method != "POST" and name not in self.files.rotten:
            assert upload.offset >= before, "an offset that was said is not on the disk"
        self._said[name] = upload.offset


def read_announcement(headers: dict[str, str]) -> Announced:
    """What a POST announces."""
    pairs = dict(pair.split(" ") for pair in headers["Upload-Metadata"].split(","))
    named = {name: base64.b64decode(value).decode() for name, value in pairs.items()}
    return Announced(
        named["sha256"],
        int(headers["Upload-Length"]),
        named["filetype"],
        named["record"],
        headers["Upload-Metadata"],
    )


async def inspect(phone: Handset, instrument: Instrument, check: Inspection, random: Random) -> None:
    """A spot check with photographs."""
    photos = []
    for size in random.choices(SIZES, k=random.randint(1, MOST)):
        content = random.randbytes(size)
        digest = await phone.blobs.put(content)
        photos.append(BlobRef(digest=digest, media_type="image/jpeg", size=size, role="nameplate"))
        if digest.startswith(UNREADABLE):
            await phone.blobs.delete(digest)
    await phone.inspect(instrument, check, photos)


def waiting(phone: Handset) -> set[str]:
    """Digests of the files that a phone still wants to send."""
    return {digest for (digest,) in phone.rows("SELECT digest FROM attachment WHERE state = 'waiting'")}


def is_quiet(phones: Sequence[Handset]) -> bool:
    """Whether every file is where it belongs, but for those that the office never takes."""
    return all(digest.startswith(NEVER_TAKEN) for phone in phones for digest in waiting(phone))


def check(desk: PhotoDesk, database: Database, phones: Sequence[Handset]) -> None:
    """Raises AssertionError with the invariant that does not hold."""
    desk.service.sweep()
    with database.reading() as connection:
        under_way = {incoming(row["device"], row["digest"]) for row in store.all_under_way(connection)}
    for name, content in desk.files.content.items():
        if name.startswith(INCOMING):
            assert name in under_way, "bytes of no upload were not swept"
        elif desk.service.arrived(name.partition("/")[2]):
            assert place_of(digest_of(content)) == name, "a file is whole and its hash does not fit"
    for phone in phones:
        for digest, state in phone.rows("SELECT digest, state FROM attachment"):
            if state == "uploaded":
                whole = desk.service.content(digest)
                assert whole is not None, "a phone believes that a file is uploaded, and it is not"
                assert digest_of(whole) == digest, "a file is whole and its hash does not fit"
            elif state == "failed":
                assert digest.startswith(UNREADABLE), "a file was given up that could have been sent"
            else:
                assert digest.startswith(NEVER_TAKEN), "a file waits for nothing"
