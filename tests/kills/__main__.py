"""``python -m tests.kills [--minutes 10] [--seed 1] [--store sqlite|postgresql]``: kills for so long, checks, and says what happened."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.kills.afterwards import Found, check
from tests.kills.line import BadLine
from tests.kills.storm import Storm, for_minutes
from tests.server.cluster import Cluster


@contextmanager
def store(name: str) -> Iterator[str]:
    """The address of an empty database; empty for SQLite."""
    if name == "sqlite":
        yield ""
        return
    with closing(Cluster()) as cluster, cluster.database() as address:
        yield address


def report(storm: Storm, line: BadLine, found: Found) -> str:
    """What happened, in lines."""
    listed = {
        "seed": storm.seed,
        "kill -9": ", ".join(f"{name} {count}" for name, count in sorted(storm.kills.items())),
        "struck": ", ".join(f"{what} {count}" for what, count in storm.struck.most_common()),
        "connections": ", ".join(f"{fate} {count}" for fate, count in line.met.items()),
        "records": f"{found.records} on the ledger, each once; {dict(found.statuses)}",
        "told": f"{found.told_written} written and {found.told_ruled} ruled before a kill or after, all there",
        "states": f"{found.states}, the same on every phone",
        "photos": f"{found.files}, whole",
        "load": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }
    return "\n".join([*(f"{name}: {value}" for name, value in listed.items()), *found.said])


def main() -> int:
    """One run; exit code 1 where something does not hold, and then the files stay."""
    reader = argparse.ArgumentParser(prog="tests.kills", description=__doc__)
    reader.add_argument("--minutes", type=float, default=10)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    asked = reader.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="quanheng-kills-"))
    with store(asked.store) as address, closing(Storm(folder, asked.seed, address)) as storm:
        try:
            storm.enrol()
            line = storm.rage(for_minutes(asked.minutes))
            storm.settle()
            storm.server.close()
            sys.stdout.write(report(storm, line, check(storm)) + "\n")
        except AssertionError as error:
            kills = dict(storm.kills)
            sys.stdout.write(f"seed {storm.seed}, kills {kills}: {error}\nthe files are in {folder}\n")
            return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
