"""Files that records name: uploaded by tus 1.0, named by their SHA-256, whole only when the hash fits.

Invariants:

* An offset that was said is on the disk: the bytes are synced before the table counts them, and what the table does not count is gone.
* A file is whole only after its content was hashed; then it lies under its digest, once for all records that name it.
* A phone uploads only what a record of its own or of its person names, into an upload of its own: nobody can spoil another's.
"""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, RowMapping

from server.callers import DeviceAccess
from server.services.moments import read, written
from server.store import uploads as store
from server.store.database import Database
from server.store.files import Files
from shared.clock import Clock
from shared.errors import AccessError, ConflictError, InputError
from shared.identity import digest_of
from sync.envelope import read_body

LARGEST = 8 * 1024 * 1024
LONGEST_SAID = 1024
"""Characters of an upload's metadata."""
MEDIA_TYPES = {"image/jpeg", "image/png", "application/vnd.quanheng.strokes+json"}
INCOMING = "incoming"
REMEMBERED = timedelta(days=30)
"""How long an expired upload is answered with 410 and not 404."""
SWEEP_EVERY = timedelta(hours=1)
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Bounds(msgspec.Struct, frozen=True):
    """How much is taken, and how long an unfinished upload is kept after its last byte."""

    device_bytes: int = 1024**3
    """What one phone may file in a day, with what it has announced."""
    county_bytes: int = 200 * 1024**3
    """What is kept of one county."""
    lifetime: timedelta = timedelta(days=7)


class Announced(msgspec.Struct, frozen=True):
    """What a phone says of a file before it sends it."""

    digest: str
    size: int
    media_type: str
    record_id: str
    said: str = ""
    """The metadata as the phone put it, given back on request."""


class Upload(msgspec.Struct, frozen=True):
    """How far an upload has come."""

    digest: str
    size: int
    offset: int
    media_type: str
    complete: bool
    expires_at: datetime | None = None
    said: str = ""


class AttachmentFiles:
    """The files, and what is known of each."""

    def __init__(self, database: Database, files: Files, clock: Clock, bounds: Bounds | None = None) -> None:
        self._database, self._files, self._clock = database, files, clock
        self._bounds = bounds or Bounds()
        self._swept_at: datetime | None = None

    # What a phone asks

    def create(self, device: DeviceAccess, announced: Announced) -> Upload:
        """Begins an upload, or finds the one begun, or the file itself.

        Raises ``attachment_too_large`` (413), ``attachment_type_unknown``, ``attachment_record_unknown`` (409),
        ``attachment_not_named`` (403), ``attachment_quota_device`` and ``attachment_quota_county`` (507).
        """
        check_digest(announced.digest)
        check_announced(announced)
        self._sweep_now_and_then()
        with self._files.held(announced.digest):
            with self._database.reading() as connection:
                county = county_of(connection, device, announced)
                row = self._whole(connection, announced.digest)
                mine = store.under_way(connection, device.device_id, announced.digest)
            if row is not None:
                return as_whole(row)
            if self._is_right(place_of(announced.digest), announced.digest):
                # The store was put back to an older backup, and the file is still there.
                return self._note_whole(announced_row(device, announced, county, self._clock.now()))
            if mine is not None and mine["size"] == announced.size and not self._is_expired(mine):
                return self._finished_first(mine)
            self._check_quota(device, announced, county)
            return self._begin(device, announced, county)

    def find(self, device: DeviceAccess, digest: str) -> Upload:
        """Where a phone's upload stands; one whose last bytes came just before a crash is finished first.

        Raises ``attachment_unknown`` (404), also for what lies outside of the phone's scope, and ``attachment_expired`` (410).
        """
        check_digest(digest)
        found = self._found(device, digest)
        if isinstance(found, Upload):
            return found
        if found["arrived"] < found["size"]:
            return self._standing(found)
        with self._files.held(digest):
            found = self._found_at_rest(device, digest)
            return found if isinstance(found, Upload) else self._standing(found)

    def append(self, device: DeviceAccess, digest: str, offset: int, chunk: bytes) -> Upload:
        """Adds bytes at ``offset``; they are on the disk when this returns.

        Raises ConflictError ``offset_wrong``, ``attachment_longer`` (413), and ``attachment_damaged`` (460) when all is there and
        the hash does not fit: the upload then stands at 0.
        """
        check_digest(digest)
        with self._files.held(digest):
            found = self._found_at_rest(device, digest)
            standing = found if isinstance(found, Upload) else self._standing(found)
            if offset != standing.offset or (standing.complete and chunk):
                raise ConflictError(
                    "offset_wrong",
                    "The upload stands at {offset}.",
                    "Go on from there.",
                    offset=standing.offset,
                )
            if isinstance(found, Upload):
                return found
            end = offset + len(chunk)
            if end > standing.size:
                raise longer(standing.size)
            if chunk:
                self._files.write(incoming(device.device_id, digest), offset, chunk)
            reached = self._reach(found, end)
            return self._finish(reached) if end == standing.size else self._standing(reached)

    def terminate(self, device: DeviceAccess, digest: str) -> None:
        """Forgets a phone's own unfinished upload. Raises AccessError ``attachment_kept``: a file that is whole is evidence."""
        check_digest(digest)
        with self._files.held(digest):
            found = self._found_at_rest(device, digest)
            if isinstance(found, Upload):
                raise AccessError(
                    "attachment_kept",
                    "The file is whole and belongs to a record; it is kept.",
                    "There is nothing to do.",
                )
            with self._database.writing() as connection:
                store.end(connection, device.device_id, digest)
            self._files.remove(incoming(device.device_id, digest))

    # What the office asks

    def arrived(self, digest: str) -> bool:
        """Whether the whole file is here."""
        with self._database.reading() as connection:
            return self._whole(connection, digest) is not None

    def arrived_from(self, digest: str, county: str, device: str) -> bool:
        """Whether the whole file is here, and that county's or from that device: for whoever knows another's digest can name it in a record."""
        with self._database.reading() as connection:
            row = self._whole(connection, digest)
        return row is not None and (row["county"] == county or row["device"] == device)

    def content(self, digest: str) -> bytes | None:
        """The whole file, or None while it has not arrived."""
        return self._files.read(place_of(digest)) if self.arrived(digest) else None

    def sweep(self) -> int:
        """Drops the bytes of expired uploads, and bytes that belong to none; how many files these were."""
        self._swept_at = self._clock.now()
        names = self._files.names(INCOMING)
        with self._database.reading() as connection:
            rows = store.all_under_way(connection)
        for row in rows:
            if read(row["expires_at"]) + REMEMBERED < self._swept_at:
                with self._database.writing() as connection:
                    store.end(connection, row["device"], row["digest"])
        expected = {
            incoming(row["device"], row["digest"]): row["digest"] for row in rows if not self._is_expired(row)
        }
        dropped = [name for name in names if name not in expected]
        for name in dropped:
            _, device, digest = name.split("/")
            with self._files.held(digest):
                with self._database.reading() as connection:
                    again = store.under_way(connection, device, digest)
                if again is None or self._is_expired(again):
                    self._files.remove(name)
        return len(dropped)

    def _sweep_now_and_then(self) -> None:
        if self._swept_at is None or self._clock.now() - self._swept_at >= SWEEP_EVERY:
            self.sweep()

    # How far it has come

    def _found(self, device: DeviceAccess, digest: str) -> Upload | RowMapping:
        """The whole file where the phone may know of it, else its own upload under way."""
        with self._database.reading() as connection:
            row = self._whole(connection, digest)
            mine = store.under_way(connection, device.device_id, digest)
        if row is not None and (row["device"] == device.device_id or row["county"] in device.counties):
            return as_whole(row)
        if mine is None:
            raise unknown()
        if self._is_expired(mine):
            raise expired()
        return mine

    def _found_at_rest(self, device: DeviceAccess, digest: str) -> Upload | RowMapping:
        """As :meth:`_found`, where nobody else has the digest: an upload whose end a crash left unnoted is brought to it first.

        Otherwise an early chunk that comes once more, late, would find the file moved away, and begin it anew.
        """
        found = self._found(device, digest)
        if isinstance(found, Upload) or found["arrived"] < found["size"]:
            return found
        self._finished_first(found)
        return self._found(device, digest)

    def _whole(self, connection: Connection, digest: str) -> RowMapping | None:
        """A file that is whole and still on the disk; where the disk has lost it, it is to be sent again."""
        row = store.whole(connection, digest)
        return row if row and self._files.size(place_of(digest)) == row["size"] else None

    def _is_expired(self, row: RowMapping) -> bool:
        return read(row["expires_at"]) <= self._clock.now()

    def _standing(self, row: RowMapping) -> Upload:
        offset = min(row["arrived"], self._files.size(incoming(row["device"], row["digest"])))
        expires_at = read(row["expires_at"])
        return Upload(row["digest"], row["size"], offset, row["media_type"], False, expires_at, row["said"])

    def _begin(self, device: DeviceAccess, announced: Announced, county: str) -> Upload:
        now = self._clock.now()
        row = announced_row(device, announced, county, now)
        row |= {"arrived": 0, "expires_at": written(now + self._bounds.lifetime)}
        self._files.remove(incoming(device.device_id, announced.digest))
        with self._database.writing() as connection:
            store.begin(connection, row)
            begun = store.under_way(connection, device.device_id, announced.digest)
        assert begun is not None  # noqa: S101  it was written just now
        return self._standing(begun)

    def _reach(self, row: RowMapping, arrived: int) -> RowMapping:
        expires_at = written(self._clock.now() + self._bounds.lifetime)
        with self._database.writing() as connection:
            store.reached(connection, row["device"], row["digest"], arrived, expires_at)
            found = store.under_way(connection, row["device"], row["digest"])
        assert found is not None  # noqa: S101  it was written just now
        return found

    # The end

    def _finished_first(self, row: RowMapping) -> Upload:
        """Where an upload stands, after it was finished where all its bytes had come; a damaged one begins anew, at 0."""
        if row["arrived"] < row["size"]:
            return self._standing(row)
        with contextlib.suppress(InputError):
            return self._finish(row)
        return self._standing(self._reach(row, 0))

    def _finish(self, row: RowMapping) -> Upload:
        name, place = incoming(row["device"], row["digest"]), place_of(row["digest"])
        if self._is_right(name, row["digest"]):
            self._files.move(name, place)
        elif not self._is_right(place, row["digest"]):  # It is there where only the note on it was lost.
            self._reach(row, 0)
            raise damaged()
        kept = {key: row[key] for key in ("digest", "size", "media_type", "record_id", "device", "county")}
        now = written(self._clock.now())
        return self._note_whole({**kept, "said": row["said"], "created_at": now})

    def _is_right(self, name: str, digest: str) -> bool:
        content = self._files.read(name)
        return content is not None and digest_of(content) == digest

    def _note_whole(self, row: dict[str, object]) -> Upload:
        with self._database.writing() as connection:
            store.add_whole(connection, row)
            store.end(connection, str(row["device"]), str(row["digest"]))
            noted = store.whole(connection, str(row["digest"]))
        assert noted is not None  # noqa: S101  it was written just now
        return as_whole(noted)

    def _check_quota(self, device: DeviceAccess, announced: Announced, county: str) -> None:
        now = self._clock.now()
        since = written(now - timedelta(days=1))
        with self._database.reading() as connection:
            device_id, digest = device.device_id, announced.digest
            by_device = store.used_by_device(connection, device_id, since, written(now), digest)
            by_county = store.used_by_county(connection, county, written(now), digest)
        if by_device + announced.size > self._bounds.device_bytes:
            raise no_room(
                InputError(
                    "attachment_quota_device",
                    "This phone has sent as many files in a day as the server takes: {limit} bytes.",
                    "The record is whole without them; the files are kept on the phone and go tomorrow.",
                    limit=self._bounds.device_bytes,
                )
            )
        if by_county + announced.size > self._bounds.county_bytes:
            raise no_room(
                InputError(
                    "attachment_quota_county",
                    "The server's room for files of county {county} is used up: {limit} bytes.",
                    "The record is whole without them; the files are kept on the phone. Tell the administrator.",
                    county=county,
                    limit=self._bounds.county_bytes,
                )
            )


def place_of(digest: str) -> str:
    """Where a whole file lies."""
    return f"{digest[:2]}/{digest}"


def incoming(device_id: str, digest: str) -> str:
    """Where a phone's unfinished upload lies."""
    return f"{INCOMING}/{device_id}/{digest}"


def check_digest(digest: str) -> None:
    """Raises ``attachment_name_wrong`` for what is no SHA-256: nothing else ever becomes a file's name."""
    if not _DIGEST.fullmatch(digest):
        raise InputError(
            "attachment_name_wrong",
            "A file is named by its SHA-256.",
            "Send the digest in lower-case hexadecimal.",
        )


def check_announced(announced: Announced) -> None:
    """Raises where such a file is never taken, whoever sends it."""
    if not 0 < announced.size <= LARGEST:
        error = InputError(
            "attachment_too_large",
            "The file is larger than {limit} bytes.",
            "Take a smaller picture.",
            limit=LARGEST,
        )
        error.status = 413
        raise error
    if announced.media_type not in MEDIA_TYPES:
        raise InputError(
            "attachment_type_unknown",
            "Files of type {media_type} are not taken.",
            "Send JPEG or PNG.",
            media_type=announced.media_type,
        )
    if len(announced.said) > LONGEST_SAID:
        raise InputError(
            "metadata_wrong", "The upload's metadata can't be read.", "Send base64 pairs as tus 1.0 says."
        )


def county_of(connection: Connection, device: DeviceAccess, announced: Announced) -> str:
    """The county of the record that names the file: one that came from this phone, or that its person wrote on another."""
    came = store.bodies(connection, announced.record_id) if announced.record_id else []
    if not came:
        raise ConflictError(
            "attachment_record_unknown",
            "The record that names the file has not arrived.",
            "Push the record first, then send the file.",
        )
    for county, from_device, body in came:
        envelope = read_body(body)
        is_own = from_device == device.device_id or envelope.author == device.person_id
        if is_own and announced.digest.encode() in body:
            return county
    raise AccessError(
        "attachment_not_named",
        "No record of this phone or its person names the file under that number.",
        "Send the file for the record that names it.",
    )


def announced_row(device: DeviceAccess, announced: Announced, county: str, at: datetime) -> dict[str, object]:
    """What both tables hold of a file."""
    row: dict[str, object] = msgspec.structs.asdict(announced)
    return row | {"device": device.device_id, "county": county, "created_at": written(at)}


def as_whole(row: RowMapping) -> Upload:
    """A whole file as an upload that has come to its end."""
    return Upload(row["digest"], row["size"], row["size"], row["media_type"], True, None, row["said"])


def unknown() -> InputError:
    """No such upload, as far as this phone may know."""
    error = InputError("attachment_unknown", "No such file has been announced.", "Begin the upload anew.")
    error.status = 404
    return error


def expired() -> InputError:
    """An upload that was left alone for too long."""
    error = InputError(
        "attachment_expired", "The upload was left unfinished for too long.", "Begin the upload anew."
    )
    error.status = 410
    return error


def longer(size: int) -> InputError:
    """More bytes than were announced."""
    error = InputError(
        "attachment_longer", "More bytes came than the {size} announced.", "Begin the upload anew.", size=size
    )
    error.status = 413
    return error


def damaged() -> InputError:
    """All bytes are there, and they are not the file that its name says."""
    error = InputError(
        "attachment_damaged", "The file does not fit its digest.", "Send it again from the beginning."
    )
    error.status = 460
    return error


def no_room(error: InputError) -> InputError:
    """507: the file may be sent later."""
    error.status = 507
    return error
