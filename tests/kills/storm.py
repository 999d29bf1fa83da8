"""The supervisor: starts a server and three phones, kills them by a seeded schedule, starts them on the same files, and at the end lets them come to rest."""

from __future__ import annotations

import asyncio
import os
import random
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from server.adapters import SystemClock
from server.app import open_house
from server.services.house import House
from server.settings import Settings
from server.store.database import Database
from shared.people import Role
from tests.journeys.office import ROOT, free_port
from tests.kills.line import BadLine
from tests.kills.phone import LIKE
from tests.mobile.specimen import spot_check

PHONES = 3
COUNTIES = ["210123", "210124"]
PATIENCE_S = 120
"""For anything that must come; longer than that and the run fails and says what it waited for."""
LOOK_S = 0.02
"""How often a port is tried while a server starts; the phones' words are read meanwhile."""
SERVER_SHARE = 0.35
"""Of the kills."""
WORDS_BETWEEN = 120
"""Lines of the phones between two kills, at most: about as many as a phone says in a few syncs."""


class StuckError(AssertionError):
    """Something ended by itself, or did not come in time."""


@dataclass
class Child:
    """One process and what it has said."""

    name: str
    words: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    half: bytes = b""
    silent: bool = False
    """It has closed its output: there is nothing more to hear."""

    def start(self) -> None:
        """Starts it; its complaints go to the log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.words],
                cwd=ROOT,
                env=os.environ | self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout
        os.set_blocking(self.process.stdout.fileno(), False)
        self.half, self.silent = b"", False

    def kill(self) -> None:
        """kill -9."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        """Kills it, and closes its pipes."""
        self.kill()
        if self.process and self.process.stdin and self.process.stdout:
            self.process.stdin.close()
            self.process.stdout.close()
            self.process = None

    def read(self) -> list[str]:
        """The whole lines that it has said since."""
        assert self.process
        assert self.process.stdout
        got = self.process.stdout.read()
        self.silent = got == b""
        got = got or b""
        *lines, self.half = (self.half + got).split(b"\n")
        return [line.decode() for line in lines]


@dataclass
class Storm:
    """One run: its processes, its line, and what was heard."""

    folder: Path
    seed: int
    database_url: str = ""
    wrote: dict[int, set[str]] = field(default_factory=dict)
    """By phone: digests that it said it had committed."""
    ruled: dict[int, set[str]] = field(default_factory=dict)
    """By phone: digests that it said the server had ruled on."""
    heard: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    """What a phone had said last when it was killed, or any phone when the server was."""
    last: str = ""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311  a seed is the point
        self.port = free_port()
        self.data = self.folder / "office"
        web = self.folder / "web"
        web.mkdir(parents=True, exist_ok=True)
        (web / "index.html").write_text("<!DOCTYPE html>")
        given = {"data": self.data, "phone_port": self.port, "office_port": free_port(), "web": web}
        self.environment = {f"QUANHENG_{name.upper()}": str(value) for name, value in given.items()}
        self.environment["DATABASE_URL"] = self.database_url
        serving = ["server.cli", "serve"]
        self.server = Child("server", serving, self.folder / "server.log", self.environment)
        self.phones = [
            Child(f"phone {number}", [], self.folder / f"phone-{number}.log") for number in range(PHONES)
        ]
        self.wrote = {number: set() for number in range(PHONES)}
        self.ruled = {number: set() for number in range(PHONES)}
        self.starts: Counter[int] = Counter()

    def phone_folder(self, number: int) -> Path:
        return self.folder / f"phone-{number}"

    def open_office(self) -> tuple[House, Database]:
        """The house over the server's files, in this process; while no server runs, or beside it for what people do at the console."""
        settings = Settings(data=self.data, assets=ROOT / "assets", database_url=self.database_url)
        return open_house(settings)

    def start_phone(self, number: int, mode: str, port: int, *more: str) -> None:
        """Starts a phone on its files; each run has chance of its own."""
        self.starts[number] += 1
        seed = f"{self.seed} {number} {self.starts[number]}"
        child = self.phones[number]
        child.close()
        origin = f"http://127.0.0.1:{port}"
        folder = str(self.phone_folder(number))
        child.words = ["tests.kills.phone", mode, folder, origin, str(number), seed, *more]
        child.start()

    def listen(self, seconds: float) -> int:
        """Reads what the phones say for at most so long, returning as soon as something came; how many lines."""
        count = 0
        with selectors.DefaultSelector() as selector:
            for number, child in enumerate(self.phones):
                if child.process and child.process.stdout and not child.silent:
                    selector.register(child.process.stdout, selectors.EVENT_READ, number)
            for key, _events in selector.select(seconds):
                lines = self.phones[key.data].read()
                count += len(lines)
                for line in lines:
                    self.hear(key.data, line)
        return count

    def hear(self, number: int, line: str) -> None:
        """Notes one line of a phone."""
        word, _, rest = line.partition(" ")
        self.heard[word] += 1
        self.last = f"{word} {rest.split(' ')[0]}" if word == "at" else word
        if word == "wrote":
            self.wrote[number].add(rest)
        elif word == "ruled":
            self.ruled[number].add(rest)

    def until(self, what: str, holds: Callable[[], bool], look_s: float = 1.0) -> None:
        """Listens until something holds. Raises :class:`StuckError` where it does not in time, or a process ended by itself."""
        ends = time.monotonic() + PATIENCE_S
        while not holds():
            self.listen(look_s)
            for child in (self.server, *self.phones):
                if child.process and child.process.poll() not in (None, 0):
                    raise StuckError(
                        f"{child.name} ended by itself, see {child.log}: {child.log.read_text()[-2000:]}"
                    )
            if time.monotonic() > ends:
                raise StuckError(f"waited {PATIENCE_S} s for {what}")

    def have_said(self, word: str, times: int) -> bool:
        """Whether the phones together have said it so often."""
        return self.heard[word] >= times

    def start_server(self) -> None:
        """Starts the server and returns when it takes connections."""

        def answers() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        self.server.start()
        self.until("the server", answers, LOOK_S)

    def enrol(self) -> None:
        """Three people's phones are enrolled, with a person at the console between the request and the grant."""
        (self.folder / LIKE).write_bytes(msgspec.json.encode(asyncio.run(spot_check())))
        house, database = self.open_office()
        admin = house.access.add_person("admin", "correct horse", "王芳", Role.ADMINISTRATOR, "局", COUNTIES)
        people = [
            house.access.add_person(
                f"li{number}", "correct horse", f"李{number}", Role.INSPECTOR, "局", COUNTIES
            )
            for number in range(PHONES)
        ]
        codes = [house.enrolments.make_code(admin, person, COUNTIES) for person in people]
        self.start_server()
        for number, code in enumerate(codes):
            self.start_phone(number, "enrol", self.port, code)
        self.until("the requests", partial(self.have_said, "asked", PHONES))
        for device in house.enrolments.devices():
            house.enrolments.decide(admin, device["device_id"], grant=True)
        database.close()
        self.tell("granted")
        self.until("the first pulls", partial(self.have_said, "ready", PHONES))

    def tell(self, word: str) -> None:
        """Says a line to every phone."""
        for child in self.phones:
            assert child.process
            assert child.process.stdin
            child.process.stdin.write(word.encode() + b"\n")
            child.process.stdin.flush()

    def rage(self, goes_on: Callable[[], bool]) -> BadLine:
        """Kills and starts again, one after the other, as long as it goes on; the line that it went over."""
        with BadLine(self.port, self.seed) as line:
            for number in range(PHONES):
                self.start_phone(number, "work", line.port)
            self.until("the first record", partial(self.have_said, "wrote", 1))
            while goes_on():
                self.strike(line.port)
            for number, child in enumerate(self.phones):
                self.end(number, child)
            line.calm = True
        return line

    def strike(self, port: int) -> None:
        """One kill: after so many words of the phones and a moment more, so that it hits between them too."""
        words = sum(self.heard.values()) + self.random.randrange(1, WORDS_BETWEEN)
        self.until("the phones to go on", lambda: sum(self.heard.values()) >= words)
        ends = time.monotonic() + self.random.random() * 0.1
        while (left := ends - time.monotonic()) > 0:
            self.listen(left)
        if self.random.random() < SERVER_SHARE:
            self.kills["server"] += 1
            self.struck[f"server, a phone {self.last}"] += 1
            self.server.close()
            self.start_server()
            return
        number = self.random.randrange(PHONES)
        self.kills["phones"] += 1
        self.end(number, self.phones[number])
        self.struck[f"phone, {self.last}"] += 1
        self.start_phone(number, "work", port)

    def end(self, number: int, child: Child) -> None:
        """Kills a phone and hears what it had said before."""
        child.kill()
        for line in child.read():
            self.hear(number, line)
        child.close()

    def settle(self) -> None:
        """The faults end: everyone sends what waits, then everyone pulls what came of it."""
        for number in range(PHONES):
            self.start_phone(number, "settle", self.port)
        for quiet in (PHONES, 2 * PHONES):
            self.until("the phones to come to rest", partial(self.have_said, "quiet", quiet))
            self.tell("go on")
        for child in self.phones:
            assert child.process
            child.process.wait(PATIENCE_S)
            child.close()

    def close(self) -> None:
        for child in (self.server, *self.phones):
            child.close()


def for_kills(count: int, storm: Storm) -> Callable[[], bool]:
    """Goes on until so many were killed."""
    return lambda: storm.kills.total() < count


def for_minutes(minutes: float) -> Callable[[], bool]:
    """Goes on for so long."""
    clock = SystemClock()
    ends = clock.monotonic_ms() + int(minutes * 60_000)
    return lambda: clock.monotonic_ms() < ends
