"""When all is well again: what the phone took is at the office, each record once, and the chains are whole on both sides."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from server.store.database import Database
from shared.identity import digest_of
from tests.journeys.office import ROOT
from tests.monkey.disk import Kept
from tests.monkey.memory import broken_chains

TAKEN = {"accepted", "duplicate", "conflicting"}


def rows(data: Path, statement: str) -> list[tuple[Any, ...]]:
    """What the server's store says."""
    with closing(Database(f"sqlite:///{data / 'quanheng.db'}")) as database, database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def faults(
    kept: list[Kept], ledger: list[tuple[str, str, bytes]], heads: dict[str, tuple[int, str]]
) -> list[str]:
    """What does not hold between the phone's records and the server's ledger (record id, digest, body) and heads of chains."""
    found = []
    counted = Counter(record_id for record_id, _digest, _body in ledger)
    found += [
        f"record {one} is on the ledger {number} times"
        for one, number in sorted(counted.items())
        if number > 1
    ]
    bodies = {digest: bytes(body) for _record_id, digest, body in ledger}
    found += [
        f"the ledger's bytes of {one} are others" for one, body in bodies.items() if digest_of(body) != one
    ]
    own = Counter(each.record_id for each in kept)
    found += [
        f"record {one} is on the phone {number} times" for one, number in sorted(own.items()) if number > 1
    ]
    for each in kept:
        if bodies.get(each.digest) != each.body:
            found.append(
                f"record {each.number} ({each.kind}, {each.status or 'waiting'}) is not on the ledger as signed"
            )
        elif each.status not in TAKEN:
            found.append(
                f"the outbox says {each.status or 'waiting'} of record {each.number}, which the server has"
            )
        if each.offered:
            found.append(f"record {each.number} is still offered")
    found += broken_chains(kept)
    for chain in sorted({each.chain for each in kept}):
        last = max((each for each in kept if each.chain == chain), key=lambda each: each.sequence)
        if heads.get(chain) != (last.sequence, last.digest):
            found.append(f"the server's head of chain {chain} is {heads.get(chain)}, not {last.sequence}")
    return found


def compare(kept: list[Kept], data: Path) -> list[str]:
    """:func:`faults` between what lies on the phone and what the server's store holds."""
    ledger = rows(data, "SELECT record_id, digest, body FROM ledger ORDER BY county, seq")
    heads = rows(data, "SELECT chain, sequence, digest FROM chain_head")
    return faults(kept, ledger, {chain: (sequence, digest) for chain, sequence, digest in heads})


def crashes(log: Path) -> list[str]:
    """Errors of the server that nobody handled."""
    said = log.read_text(errors="replace") if log.is_file() else ""
    return [
        f"the server's log says: …{said[at : at + 2000]}"
        for at in [said.find("Traceback (most recent")]
        if at >= 0
    ]


def command(data: Path, *words: str) -> str:
    """What is wrong by a command of the server; empty where it ended well."""
    ended = subprocess.run(
        [sys.executable, "-m", "server.cli", *words],
        cwd=ROOT,
        env=os.environ | {"QUANHENG_DATA": str(data)},
        capture_output=True,
        text=True,
    )
    return "" if ended.returncode == 0 else f"{' '.join(words)}: {ended.stdout[-1000:]}{ended.stderr[-1000:]}"
