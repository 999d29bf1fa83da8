"""The command ``quanheng``: serves, checks and mends from the shell."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import socket
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Protocol

import msgspec
import uvicorn

from server.adapters import SystemClock
from server.app import office_app, open_house, phone_app
from server.demo import COUNTIES, PASSWORD, PEOPLE, Demo
from server.services import rebuild
from server.services.house import House
from server.services.ledger_check import check_heads, check_ledger
from server.services.packs import Packs
from server.settings import Settings, from_environment
from server.shell import checking, label, listing, lot, packaging, retail
from server.shell.printing import trouble
from server.store.database import Database
from shared.clock import local_date
from shared.errors import QuanhengError

log = logging.getLogger(__name__)
PACKS_SECONDS = 60
COLLECTED_FROM = 100_000
"""New objects from which the collector looks for circles among them; a large batch makes twenty thousand."""


class ShellCommand(Protocol):
    """A module of :mod:`server.shell`."""

    def add_words(self, words: argparse.ArgumentParser) -> None:
        """Its options."""

    def run(self, asked: argparse.Namespace, today: date) -> tuple[int, str]:
        """The exit code and what to print. Raises InputError."""


def port_is_free(host: str, port: int) -> bool:
    """Whether nothing listens there yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def serve(settings: Settings) -> int:
    """Serves both origins until it is stopped."""
    for port, name in (
        (settings.phone_port, "QUANHENG_PHONE_PORT"),
        (settings.office_port, "QUANHENG_OFFICE_PORT"),
    ):
        if not port_is_free(settings.host, port):
            print(
                f"Port {port} is in use. Stop what listens there, or choose another: {name}={port + 10} make run",
                file=sys.stderr,
            )
            return 2
    if not (settings.web / "index.html").exists():
        print(f"The phone's web app is not built ({settings.web}). Say: make phone", file=sys.stderr)
        return 2
    house, database = open_house(settings)
    if settings.demo and not Demo(house).is_there():
        print("Writing the demo province (once) ...", flush=True)
        Demo(house).write()
    announce(settings, house)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run(settings, house))
    finally:
        database.close()
    return 0


async def run(settings: Settings, house: House) -> None:
    """Two listeners, one process: the phone's origin and the office's."""
    servers = [
        uvicorn.Server(
            uvicorn.Config(app, host=settings.host, port=port, log_level="warning", server_header=False)
        )
        for app, port in (
            (phone_app(house, settings), settings.phone_port),
            (office_app(house, settings), settings.office_port),
        )
    ]
    # What is here now stays: the collector need not look through it again and again while records come in. Nor through what a batch is made of, which
    # goes by itself when it is answered.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_FROM)
    fresh = asyncio.create_task(keep_packs_fresh(house.packs))
    try:
        await asyncio.gather(*(server.serve() for server in servers))
    finally:
        fresh.cancel()


async def keep_packs_fresh(packs: Packs) -> None:
    """Looks now and then whether a county's pack is out of date, and builds it aside; a fault is logged and does not end the watch."""
    while True:
        try:
            await asyncio.to_thread(packs.refresh)
        except Exception:
            log.exception("building the packs")
        await asyncio.sleep(PACKS_SECONDS)


def build_packs(packs: Packs) -> int:
    """Builds every county's pack now; the exit code is 1 where none was built."""
    done = packs.refresh(every=True)
    for built in done:
        print(f"{built.pack.county}: {built.pack.states} states, {built.size} bytes, {built.digest}")
    if not done:
        print(
            "No pack was built: no county has states, or a server is building at this moment.",
            file=sys.stderr,
        )
    return 0 if done else 1


def announce(settings: Settings, house: House) -> None:
    """Every address, and in the demo the accounts."""
    office = settings.office_origin
    lines = [
        "",
        "  权衡 Quanheng",
        f"  手机应用 phone app          {settings.phone_origin}/",
        f"  办公台   console            {office}/",
        f"  接口文档 API documentation  {office}/docs",
        f"  标签     label sheets       {office}/labels",
    ]
    if settings.demo:
        site = next(
            (each for each in house.registry.all("premises", COUNTIES, 1000) if "市场" in each.name), None
        )
        if site:
            lines.append(f"  一张标签 one sheet          {office}/labels/{site.premises_id}.pdf")
        lines.append(f"  演示账号 demo accounts (password {PASSWORD}):")
        lines += [f"    {login:<10} {role.value:<17} {name}" for login, name, role, _ in PEOPLE]
        lines.append(
            "  演示中手机注册自动确认 In the demo, enrolments are confirmed without comparing fingerprints."
        )
    print("\n".join([*lines, ""]), flush=True)


def verify_ledger(database: Database, office_key: bytes) -> int:
    """Checks every record of the ledger: digest, place and signature; then the signed heads."""
    wrong = count = 0
    for checked in check_ledger(database, office_key):
        count += 1
        if checked.fault:
            wrong += 1
            print(f"wrong: {checked.county}/{checked.seq} {checked.record_id}: {checked.fault}")
    print(f"{count} records checked, {wrong} wrong")
    return 1 if verify_heads(database, office_key) or wrong else 0


def verify_heads(database: Database, office_key: bytes) -> int:
    """Checks every signed head against the ledger; of a county's heads with one fault only the first is named, for those behind it follow."""
    count, wrong = 0, Counter[tuple[str, str]]()
    for checked in check_heads(database, office_key):
        count += bool(checked.signed_at)
        if checked.fault:
            wrong[checked.county, checked.fault] += 1
            if wrong[checked.county, checked.fault] == 1:
                print(
                    f"wrong: head {checked.county}/{checked.size} {checked.signed_at or '-'}: {checked.fault}"
                )
    print(f"{count} signed heads checked, {wrong.total()} wrong")
    return wrong.total()


def parser() -> argparse.ArgumentParser:
    """The command's words."""
    words = argparse.ArgumentParser(
        prog="quanheng", description="The office of Quanheng: serve, check, mend."
    )
    commands = words.add_subparsers(dest="command", required=True)
    serving = commands.add_parser(
        "serve", help="serve the phone's app, the API, the console and the public pages"
    )
    serving.add_argument(
        "--demo", action="store_true", help="with a demo province; enrolments confirm themselves"
    )
    serving.add_argument("--data", type=Path, help="folder of the data")
    serving.add_argument("--host", help="address to listen on")
    serving.add_argument("--phone-url", help="public address of the phone's app, https://…")
    serving.add_argument(
        "--office-url", help="public address of the console and the labels' pages, https://…"
    )
    rebuilding = commands.add_parser("rebuild", help="make the projections anew from the ledger")
    rebuilding.add_argument("--check", action="store_true", help="only say whether they would be the same")
    commands.add_parser("verify-ledger", help="check every record and every signed head of the ledger")
    commands.add_parser("sweep-uploads", help="drop uploads that were left unfinished for too long")
    commands.add_parser("packs", help="build every county's pack now")
    revoking = commands.add_parser("revoke", help="take a phone's access away")
    revoking.add_argument("device")
    revoking.add_argument("--access", choices=["open", "push_only", "closed"], default="push_only")
    for name, (module, what) in SHELL.items():
        module.add_words(commands.add_parser(name, help=what))
    return words


SHELL: dict[str, tuple[ShellCommand, str]] = {
    "check": (checking, "explain the verdict on readings, with its working"),
    "catalogue": (listing, "list kinds of instrument, their editions, and what is unsure"),
    "lot": (lot, "explain the verdict on a lot of prepackages, also half-way through its readings"),
    "label": (label, "say what is wrong with the statement of a net content"),
    "retail": (retail, "judge goods that were weighed again after the sale"),
    "packaging": (packaging, "work out void ratio, layers and cost of a sales package"),
}
"""Commands that need nothing but the rules in assets, with what each says of itself."""


def say(asked: argparse.Namespace, more: list[str]) -> int:
    """Runs one of :data:`SHELL` and prints what it says."""
    if more:
        asked.readings = [*asked.readings, *more]
    try:
        module, _what = SHELL[asked.command]
        code, text = module.run(asked, local_date(SystemClock().now()))
    except QuanhengError as error:
        print(trouble(error.problem, asked.language), file=sys.stderr)
        return 2
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Whoever reads has seen enough (quanheng catalogue | head).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def settings_of(asked: argparse.Namespace) -> Settings:
    """The environment's settings under the command line's."""
    given = {
        name: value for name, value in vars(asked).items() if name in Settings.__struct_fields__ and value
    }
    return msgspec.structs.replace(from_environment(dict(os.environ)), **given)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    words = parser()
    asked, more = words.parse_known_args(arguments)
    # Readings may stand between options, where argparse alone would not find them.
    if more and (asked.command != "check" or any(word.startswith("-") for word in more)):
        words.error(f"unrecognized arguments: {' '.join(more)}")
    if asked.command in SHELL:
        return say(asked, more)
    try:
        settings = settings_of(asked)
    except msgspec.ValidationError as error:
        print(f"A setting can't be used: {error}", file=sys.stderr)
        return 2
    try:
        return serve(settings) if asked.command == "serve" else mend(settings, asked)
    except rebuild.DifferenceError as error:
        print(f"The projections differ from the ledger in: {error}. Say: quanheng rebuild", file=sys.stderr)
        return 1
    except QuanhengError as error:
        print(error, file=sys.stderr)
        return 2


def mend(settings: Settings, asked: argparse.Namespace) -> int:
    """Does what was asked of the store."""
    house, database = open_house(settings)
    with contextlib.closing(database):
        if asked.command == "verify-ledger":
            return verify_ledger(database, house.office.public_key)
        if asked.command == "packs":
            return build_packs(house.packs)
        if asked.command == "sweep-uploads":
            print(f"{house.attachments.sweep()} unfinished files dropped")
            return 0
        if asked.command == "revoke":
            house.enrolments.revoke("shell", asked.device, asked.access)
            print(f"{asked.device}: {asked.access}")
            return 0
        rows = rebuild.check(database, house.rules, keep=not asked.check)
        print(", ".join(f"{name}: {count} rows" for name, count in rows.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
