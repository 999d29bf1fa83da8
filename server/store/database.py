"""Opening the server's database, SQLite in one file or PostgreSQL by its address, and all in which the two differ.

Invariants:

* What was committed survives the power cut: on SQLite WAL and ``synchronous=FULL``, on PostgreSQL ``synchronous_commit=on``.
* A transaction that judges by what it read is not overtaken. SQLite has one writer at a time (``BEGIN IMMEDIATE``). On PostgreSQL writers
  take *turns*: locks by name, held until the commit, always in the order whole store, turns, :func:`may_have_changed`, counters, :func:`queue`,
  and within one call by number, so that nobody waits in a circle.
* Nothing that a process keeps in memory says who may write: any number of processes may open one PostgreSQL database.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Dialect, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, OperationalError

from shared.errors import InputError

MIGRATIONS = Path(__file__).parent / "migrations"
POSTGRESQL = {"postgres", "postgresql", "postgresql+psycopg"}
TRIES = 8
"""How often a transaction is begun that others were in the way of; each time somebody else's was committed."""
OVERTAKEN = {"40001", "40P01", "23505"}
"""SQLSTATE of a serialization failure, a deadlock, and a key that another transaction wrote just before."""
MANY_TURNS = 200
"""More turns than this would fill PostgreSQL's table of locks; such a transaction waits until it is alone."""
STORE, TURN, SURE, QUEUE = range(1, 5)
"""The kinds of lock, in the order in which they are taken."""
BUCKETS = 256
T = TypeVar("T")


class OvertakenError(Exception):
    """What a transaction judged by is no longer so; it is rolled back and begun anew."""


class Database:
    """Connections for reading, and transactions for writing."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        # SQLite's writers of this process queue here and not in SQLite, which would make them poll.
        self._queue: AbstractContextManager[Any] = nullcontext() if self.is_postgresql else Lock()

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; nothing is written."""
        with self.engine.connect() as connection, values_that_fit():
            if self.is_postgresql:
                view = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                connection.execution_options(**view)
            else:
                connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that is committed at the end and rolled back by an exception; for writes that read nothing first."""
        with (
            self._queue,
            values_that_fit(),
            self.engine.connect() as connection,
            connection.begin(),
        ):
            if not self.is_postgresql:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def write(self, act: Callable[[Connection], T], turns: Collection[str] = ()) -> T:
        """What ``act`` gives, in one transaction that has the turns of these names; begun anew where another was in its way."""
        return self._try(act, lambda connection: take_turns(connection, turns))

    def write_alone(self, act: Callable[[Connection], T]) -> T:
        """As :meth:`write`, while nobody else does: what starts and repairs a store."""
        return self._try(act, lambda connection: lock(connection, STORE, [0]))

    def _try(self, act: Callable[[Connection], T], take: Callable[[Connection], object]) -> T:
        tries = TRIES
        while True:
            tries -= 1
            try:
                with self.writing() as connection:
                    take(connection)
                    return act(connection)
            except OvertakenError:
                if not tries:
                    raise
            except DBAPIError as error:
                if not tries or getattr(error.orig, "sqlstate", "") not in OVERTAKEN:
                    raise

    def migrate(self) -> None:
        """Brings the tables to the newest revision. Raises InputError ``database_collation`` or ``database_unreachable``."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))

        def upgrade(connection: Connection) -> None:
            if self.is_postgresql:
                check_order(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

        try:
            self.write_alone(upgrade)
        except Exception as error:
            self.close()
            if self.is_postgresql and isinstance(error, OperationalError):
                raise self._unreachable(error) from error
            raise

    def _unreachable(self, error: OperationalError) -> InputError:
        return InputError(
            "database_unreachable",
            "The database {address} can't be opened: {reason}",
            "Look whether PostgreSQL runs there and whether DATABASE_URL is right.",
            address=self.engine.url.render_as_string(hide_password=True),
            reason=" ".join(str(error.orig).split()),
        )

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def values_that_fit() -> Iterator[None]:
    """SQLite takes any text; PostgreSQL no character 0, and no more of them than the column says: that is bad input, not a fault."""
    try:
        yield
    except DataError as error:
        raise InputError(
            "value_unusable", "A value is too long or holds a character that can't be kept.", "Correct it."
        ) from error


def number_of(name: str) -> int:
    """The number of a lock's name; two names with one number wait for each other, which does no harm."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


def lock(connection: Connection, kind: int, numbers: Collection[int], shared: bool = False) -> bool:
    """Takes locks until the commit, in ascending order. False on SQLite, where a writer is alone as it is."""
    if connection.dialect.name != "postgresql":
        return False
    take = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    found = text(f"SELECT {take}(:kind, number) FROM unnest(CAST(:numbers AS integer[])) AS number")  # noqa: S608  a name of ours
    connection.execute(found, {"kind": kind, "numbers": sorted(set(numbers))})
    return True


def take_turns(connection: Connection, names: Collection[str]) -> None:
    """Waits until no other transaction has any of these turns, the first thing in a transaction."""
    many = len(names) > MANY_TURNS
    if lock(connection, STORE, [0], shared=not many) and names and not many:
        lock(connection, TURN, [number_of(name) for name in names])


def may_have_changed(connection: Connection, names: Collection[str]) -> bool:
    """Whether to look again at what these names stand for: others may have written them since, and from now on nobody can."""
    return bool(names) and lock(connection, SURE, [number_of(name) % BUCKETS for name in names])


def queue(connection: Connection, name: str) -> None:
    """Lets rows that number themselves get their numbers in the order of the commits, the last thing before one."""
    lock(connection, QUEUE, [number_of(name)])


def insert_into(dialect: Dialect, table: Table) -> postgresql.Insert | sqlite.Insert:
    """The dialect's INSERT, which knows ``ON CONFLICT``."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


def check_order(connection: Connection) -> None:
    """Text must sort by its bytes, as moments and codes do here and on the phone. Raises InputError ``database_collation``."""
    found = text(
        "SELECT current_database() AS name, 'B' < 'a' AS by_bytes, current_setting('server_encoding') AS encoding"
    )
    row = connection.execute(found).one()
    if not row.by_bytes or row.encoding != "UTF8":
        raise InputError(
            "database_collation",
            "The database {name} does not sort text by its bytes in UTF8.",
            "Make it anew: createdb --template=template0 --locale=C --encoding=UTF8 {name}",
            name=row.name,
        )


def open_engine(url: str) -> Engine:
    """An engine with the settings that the invariants need. Raises InputError ``database_url_wrong``."""
    try:
        address = make_url(url)
        if address.drivername in POSTGRESQL:
            return open_postgresql(address.set(drivername="postgresql+psycopg"))
        if address.get_backend_name() == "sqlite":
            return open_sqlite(address)
    except (ArgumentError, ImportError) as error:
        raise database_url_wrong(str(error)) from error
    raise database_url_wrong(address.drivername)


def database_url_wrong(reason: str) -> InputError:
    """``DATABASE_URL`` names no database that the server can use."""
    return InputError(
        "database_url_wrong",
        "DATABASE_URL can't be used: {reason}",
        "Write postgresql://user:password@host/name, or leave it empty for SQLite.",
        reason=reason,
    )


def open_postgresql(address: URL) -> Engine:
    """PostgreSQL through psycopg; an address that sets ``synchronous_commit`` lower is overruled."""
    # Requests are answered in forty threads at most; those beyond twenty wait a moment for a connection.
    return create_engine(
        address,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        connect_args={
            "options": "-c synchronous_commit=on",
            "client_encoding": "utf8",
            "application_name": "quanheng",
        },
    )


def open_sqlite(address: URL) -> Engine:
    """SQLite, its transactions begun by :class:`Database`: an engine that listens for that is slower in all it does."""
    engine = create_engine(address, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # The driver must not begin transactions by itself.
        write_ahead(connection)
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def write_ahead(connection: sqlite3.Connection) -> None:
    """Puts the file into WAL mode, where it stays; processes that do so at the same moment wait for each other."""
    for _ in range(TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            # SQLite fails this change at once where another makes it too; a transaction does wait until the other has ended.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    raise sqlite3.OperationalError("database is locked")
