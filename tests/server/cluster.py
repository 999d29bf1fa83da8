"""A real PostgreSQL for the tests, from the system's binaries: one cluster a run, in a folder that goes with it, one database a test."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from server.store.database import Database

SETTINGS = {
    "listen_addresses": "''",
    # The tests end processes, never the machine, and what a process wrote outlives it without fsync. Durability against a power cut is
    # PostgreSQL's own; that we do not turn it off is held in test_stores.py.
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
}
USER = "quanheng"


def binaries() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``, the newest version's."""
    on_path = shutil.which("pg_ctl")
    found = [Path(on_path).parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: int(each.parent.name))
    if not found:
        pytest.fail("PostgreSQL is missing: the store's tests run on a real one. Say: make postgres")
    return found[-1]


class Cluster:
    """A running server that listens on a socket in its own folder and nowhere else."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="quanheng-postgresql-"))
        self.bin, self.data = binaries(), self.folder / "data"
        # PostgreSQL refuses to run as root; Debian's package brings a user for it.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self.folder, self._user, self._user)
        self._numbers = count(1)
        self._run("initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", f"-k {self.folder} {options}", "start")  # fmt: skip
        self.sql("CREATE DATABASE template TEMPLATE template0")
        tables = Database(self.url("template"))
        tables.migrate()
        tables.close()

    def _run(self, program: str, *words: str | Path) -> None:
        done = subprocess.run(
            [self.bin / program, *words],
            user=self._user,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            pytest.fail(f"{program} ended with {done.returncode}: {done.stderr}")

    def url(self, name: str) -> str:
        """What ``DATABASE_URL`` says for one of its databases."""
        return f"postgresql://{USER}@/{name}?host={self.folder}"

    def sql(self, statement: str) -> None:
        """One statement of the server's administrator."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    @contextmanager
    def database(self, template: str = "template") -> Iterator[str]:
        """The address of a new database, with its tables; dropped at the end."""
        name = f"office_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Stops the server and removes its folder."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)
