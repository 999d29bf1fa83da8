"""Files that records name: uploaded by tus 1.0 (core and creation), named by their SHA-256, complete only when the hash fits."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from threading import Lock

import msgspec
from sqlalchemy import RowMapping, insert, select, update

from server.callers import DeviceAccess
from server.services.moments import written
from server.store.database import Database
from server.store.tables import attachment
from shared.clock import Clock
from shared.errors import ConflictError, InputError
from shared.identity import digest_of

LARGEST = 8 * 1024 * 1024
MEDIA_TYPES = {"image/jpeg", "image/png", "application/vnd.quanheng.strokes+json"}
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Upload(msgspec.Struct, frozen=True):
    """How far an upload has come."""

    digest: str
    size: int
    offset: int
    media_type: str
    complete: bool


class AttachmentFiles:
    """The files, and what is known of each."""

    def __init__(self, database: Database, folder: Path, clock: Clock) -> None:
        self._database, self._folder, self._clock = database, folder, clock
        # A phone that lost an answer sends the same bytes again while the first may still be written: one at a time a file.
        self._writers = [Lock() for _ in range(16)]
        folder.mkdir(parents=True, exist_ok=True)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise InputError(
                "attachment_name_wrong",
                "A file is named by its SHA-256.",
                "Send the digest in lower-case hexadecimal.",
            )
        return self._folder / digest[:2] / digest

    def create(self, device: DeviceAccess, digest: str, size: int, media_type: str, record_id: str) -> Upload:
        """Begins an upload, or finds the one begun. Raises ``attachment_too_large``, ``attachment_type_unknown``."""
        path = self._path(digest)
        if not 0 < size <= LARGEST:
            error = InputError(
                "attachment_too_large",
                "The file is larger than {limit} bytes.",
                "Take a smaller picture.",
                limit=LARGEST,
            )
            error.status = 413
            raise error
        if media_type not in MEDIA_TYPES:
            raise InputError(
                "attachment_type_unknown",
                "Files of type {media_type} are not taken.",
                "Send JPEG or PNG.",
                media_type=media_type,
            )
        path.parent.mkdir(exist_ok=True)
        row = {"digest": digest, "size": size, "media_type": media_type, "record_id": record_id}
        with self._writer(digest):
            known = self._row(digest)
            with self._database.writing() as connection:
                if known is None:
                    at = written(self._clock.now())
                    connection.execute(
                        insert(attachment).values(
                            **row, device=device.device_id, complete=False, created_at=at
                        )
                    )
                elif known["size"] != size and not known["complete"]:
                    # Whoever announced it first had the length wrong: that must not shut the file out for ever.
                    connection.execute(update(attachment).where(attachment.c.digest == digest).values(**row))
                    path.write_bytes(b"")
            path.touch()
        return self.resume(digest)

    def _writer(self, digest: str) -> Lock:
        return self._writers[int(digest[0], 16)]

    def _row(self, digest: str) -> RowMapping | None:
        with self._database.reading() as connection:
            found = connection.execute(select(attachment).where(attachment.c.digest == digest))
            return found.mappings().first()

    def find(self, digest: str) -> Upload:
        """Where an upload stands. Raises ``attachment_unknown`` (404)."""
        path = self._path(digest)
        row = self._row(digest)
        if row is None or not path.exists():
            error = InputError(
                "attachment_unknown", "No such file has been announced.", "Begin the upload anew."
            )
            error.status = 404
            raise error
        return Upload(digest, row["size"], path.stat().st_size, row["media_type"], row["complete"])

    def append(self, device: DeviceAccess, digest: str, offset: int, chunk: bytes) -> Upload:
        """Adds bytes at ``offset``. Raises ConflictError ``offset_wrong``; ``attachment_damaged`` (460) when the hash does not fit."""
        path = self._path(digest)
        with self._writer(digest):
            upload = self.find(digest)
            if offset != upload.offset or upload.complete or offset + len(chunk) > upload.size:
                raise ConflictError(
                    "offset_wrong",
                    "The upload stands at {offset}.",
                    "Go on from there.",
                    offset=upload.offset,
                )
            with path.open("ab") as file:
                file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if offset + len(chunk) == upload.size:
                self._finish(digest, path)
        return self.find(digest)

    def resume(self, digest: str) -> Upload:
        """Where an upload can go on: as :meth:`find`, and a file whose last bytes came just before a crash is finished first."""
        upload = self.find(digest)
        if upload.complete or upload.offset < upload.size:
            return upload
        with self._writer(digest), contextlib.suppress(InputError):  # A damaged one begins anew, at 0.
            self._finish(digest, self._path(digest))
        return self.find(digest)

    def _finish(self, digest: str, path: Path) -> None:
        if digest_of(path.read_bytes()) != digest:
            path.write_bytes(b"")
            error = InputError(
                "attachment_damaged", "The file does not fit its digest.", "Send it again from the beginning."
            )
            error.status = 460
            raise error
        with self._database.writing() as connection:
            connection.execute(update(attachment).where(attachment.c.digest == digest).values(complete=True))

    def content(self, digest: str) -> bytes | None:
        """The whole file, or None while it has not arrived."""
        try:
            upload = self.find(digest)
        except InputError:
            return None
        return self._path(digest).read_bytes() if upload.complete else None
