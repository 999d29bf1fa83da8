"""A phone whose county stands on a pack, laid down as the phone leaves it after an installation."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec
from sqlite_utils import Database

from mobile.device.native import NativePackFiles
from mobile.store.packs import slot_name
from mobile.store.work import WorkStore
from server.services.packs import segment_of
from sync.finding import SEARCH, VERSION
from sync.messages import Change, Pack
from sync.pack import ABOUT, ALIASES, FORMAT, INSERT, STATES, rows_of


async def laid(folder: Path, county: str, changes: Iterable[Change], segment: bool) -> WorkStore:
    """``segment`` False lays a pack as servers built them before there was a search."""
    folder.mkdir(exist_ok=True)
    pack = Pack(county, FORMAT, "generation", 1, 1)
    path = await NativePackFiles(folder).open(slot_name(county, "a"))
    with closing(sqlite3.connect(path)) as connection:
        for statement in f"{STATES};{ALIASES}".split(";"):
            connection.execute(statement)
        connection.executemany(
            INSERT,
            (rows_of(one.subject, county, 0, one.subject_type, one.state or b"")[0] for one in changes),
        )
        connection.execute(ABOUT)
        connection.execute("INSERT INTO about VALUES (?)", [msgspec.json.encode(pack)])
        if segment:
            found = segment_of(Database(connection, execute_plugins=False))
            connection.execute(SEARCH)
            connection.execute("INSERT INTO search VALUES (?, ?)", [VERSION, msgspec.msgpack.encode(found)])
        connection.commit()
    store = WorkStore(folder / "work.db", pack_files=NativePackFiles(folder))
    with store.database.atomic():
        about = msgspec.json.encode(pack)
        store.database.execute("INSERT INTO pack VALUES (?, 'a', ?)", [county, about])
        store.database.execute("INSERT INTO cursor VALUES (?, 'packed')", [county])
    await store.mount()
    return store
