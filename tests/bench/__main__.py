"""``python -m tests.bench [push pull packs clients opening search start verdicts loading pouch]``: measures, prints a table, writes ``build/bench.json``; exit code 1 where a gate is missed."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.bench import clients, loading, opening, packs, pouch, pull, push, search, start, verdicts
from tests.bench.office import ROOT
from tests.bench.row import Row, Sizes

AREAS: dict[str, Callable[[Path, Sizes], list[Row]]] = {
    "push": push.rows,
    "pull": pull.rows,
    "packs": packs.rows,
    "clients": clients.rows,
    "opening": opening.rows,
    "search": search.rows,
    "start": start.rows,
    "verdicts": verdicts.rows,
    "loading": loading.rows,
    "pouch": pouch.rows,
}


def machine() -> dict[str, str]:
    """What the figures depend on. The load before the run says whether others used the machine meanwhile."""
    return {
        "cores": str(os.cpu_count()),
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def shown_seconds(seconds: float) -> str:
    """Milliseconds below a second, three significant figures."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def line(row: Row) -> str:
    """A row of the table with its notes under it."""
    first = (
        f"{row.name:<42}{shown_seconds(row.seconds):>10}{shown_seconds(row.floor_s):>12}{row.ratio:>9.1f}x"
    )
    gates = [
        f"    gate: {gate.what} {gate.found:.4g}, at {'least' if gate.at_least else 'most'} {gate.limit:g}: {'kept' if gate.is_kept else 'MISSED'}"
        for gate in row.gates
    ]
    return "\n".join([first, *gates, *(f"    {name}: {value}" for name, value in row.notes.items())])


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Runs the areas asked for, or all."""
    reader = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    reader.add_argument("areas", nargs="*", metavar="area", help=", ".join(AREAS))
    asked = reader.parse_args().areas or list(AREAS)
    unknown = set(asked) - AREAS.keys()
    if unknown:
        reader.error(f"no such area: {', '.join(sorted(unknown))}")
    facts = machine()
    say("\n".join(f"{name}: {value}" for name, value in facts.items()))
    say(f"\n{'':<42}{'measured':>10}{'floor':>12}{'ratio':>10}")
    rows: list[Row] = []
    for area in asked:
        with tempfile.TemporaryDirectory(prefix="quanheng-bench-") as folder:
            found = AREAS[area](Path(folder), Sizes())
        measured = pouch.compared(found, rows) if area == "pouch" else found
        rows += measured
        say("\n".join(line(row) for row in measured))
    target = ROOT / "build/bench.json"
    target.parent.mkdir(exist_ok=True)
    report = {"machine": facts, "rows": [msgspec.to_builtins(row) | {"ratio": row.ratio} for row in rows]}
    target.write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    return 0 if all(row.passes for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
