"""``work.db``: opened once, by one process, with one connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from mobile.store.carried import PhoneCarried
from mobile.store.drafts import PhoneAttachments, PhoneDrafts, PhoneKeptCodes, PhoneSettings
from mobile.store.finder import PhoneFinder
from mobile.store.outbox import PhoneOutbox
from mobile.store.packs import Mounts, PackFiles, PhonePacks
from mobile.store.registry import PhoneRegistry
from mobile.store.schema import Flush, prepare
from mobile.store.states import PhoneMirror
from mobile.store.witnessed import PhoneWitnessed
from mobile.workflow.ports import storage_failed


async def written_through() -> None:
    """The flush of a file system on which a commit is a commit."""


class WorkDatabase(Database):
    """A transaction that the phone can't write is said in words, and leaves everything as it was."""

    @contextmanager
    def atomic(self) -> Generator[Database, None, None]:
        """One transaction. Raises InputError ``phone_storage_failed`` where the phone is full or its storage fails."""
        try:
            with super().atomic():
                yield self
        except sqlite3.OperationalError as error:
            raise storage_failed(error) from error

    def execute(
        self, sql: str, parameters: Sequence[object] | dict[str, object] | None = None
    ) -> sqlite3.Cursor:
        """One statement, which is its own transaction outside of one. Raises as :meth:`atomic`."""
        try:
            return super().execute(sql, parameters)
        except sqlite3.OperationalError as error:
            raise storage_failed(error) from error


class WorkStore:
    """:class:`mobile.workflow.ports.Store` on SQLite; a committed call survives the process's death."""

    def __init__(
        self, path: Path | str, flush: Flush = written_through, pack_files: PackFiles | None = None
    ) -> None:
        """Without ``pack_files`` there are no packs; with them, call :meth:`mount` next."""
        self.database = WorkDatabase(
            # By address, so that packs can be mounted read-only.
            sqlite3.connect(str(path), check_same_thread=False, uri=True),
            execute_plugins=False,
            recursive_triggers=False,
        )
        try:
            prepare(self.database)
        except Exception:
            self.database.close()
            raise
        mounts = Mounts(self.database)
        self.packs = PhonePacks(self.database, mounts, pack_files, flush) if pack_files else None
        self.outbox = PhoneOutbox(self.database, flush)
        self.records = self.outbox
        self.mirror = PhoneMirror(self.database, flush)
        self.attachments = PhoneAttachments(self.database, flush)
        self.witnessed = PhoneWitnessed(self.database, flush)
        self.registry = PhoneRegistry(self.database)
        self.finder = PhoneFinder(self.database, mounts, self.registry)
        self.drafts = PhoneDrafts(self.database, flush)
        self.carried = PhoneCarried(self.database, flush)
        self.kept_codes = PhoneKeptCodes(self.database, flush)
        self.settings = PhoneSettings(self.database, flush)

    async def mount(self) -> None:
        """Mounts the packs that the counties stand on."""
        if self.packs:
            await self.packs.mount()

    def close(self) -> None:
        """Closes the file; open transactions there are none."""
        self.database.close()
