"""``python -m tests.monkey [--minutes 30] [--seed 1] [--steps N]``: lets a monkey at the phone, and says what became of it."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.journeys.office import ROOT, Office
from tests.monkey.monkey import FaultError, Monkey
from tests.monkey.paw import Paw

TRACES = ROOT / "build" / "monkey"
FOR_EVER = 10**9


def report(monkey: Monkey) -> str:
    """What was done, in lines."""
    done = ", ".join(f"{what} {count}" for what, count in monkey.done.most_common())
    kinds = sorted({each.kind for each in monkey.memory.kept})
    return "\n".join(
        [
            f"seed {monkey.seed}: {monkey.step} steps, {done}",
            f"{len(monkey.memory.kept)} records on the phone ({', '.join(kinds)}), each once on the ledger; {len(monkey.memory.drafts)} drafts",
            f"trace: {monkey.trace.relative_to(ROOT)}",
        ]
    )


@contextmanager
def at_large(folder: Path, seed: int) -> Iterator[Monkey]:
    """A monkey with an office and a phone of its own in a folder."""
    office = Office(folder / "data")
    with sync_playwright() as playwright:
        paw = Paw(playwright, office.phone_origin, folder / "profile", folder / "film.mjpeg")
        try:
            office.start()
            yield Monkey(office, paw, seed, TRACES / f"{seed}.log")
        finally:
            paw.kill()
            office.close()


def main() -> int:
    """One run; exit code 1 where something happened that must not, and then the files stay."""
    reader = argparse.ArgumentParser(prog="tests.monkey", description=__doc__)
    reader.add_argument("--minutes", type=float, default=30)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--steps", type=int, default=FOR_EVER)
    asked = reader.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="quanheng-monkey-"))
    with at_large(folder, asked.seed) as monkey:
        try:
            monkey.live(asked.minutes * 60, asked.steps)
        except FaultError as fault:
            again = f"make monkey SEED={asked.seed} MINUTES={asked.minutes:g}"
            sys.stdout.write(
                f"seed {asked.seed}, step {monkey.step}: {fault}\ntrace: {monkey.trace}\nagain: {again}\nthe files are in {folder}\n"
            )
            return 1
    sys.stdout.write(report(monkey) + "\n")
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
