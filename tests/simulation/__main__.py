"""``python -m tests.simulation --histories 200000 --seed 1``: plays histories and stops at the first that breaks an invariant, with its seed."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.history import play

REBUILD_EVERY = 50
TELL_EVERY = 1000


def main() -> int:
    """Plays them all; the exit code is 1 where one failed."""
    words = argparse.ArgumentParser(prog="python -m tests.simulation")
    words.add_argument("--histories", type=int, default=20_000)
    words.add_argument(
        "--seed", type=int, default=1, help="seed of the first history; the next ones count on"
    )
    asked = words.parse_args()
    began, records = time.monotonic(), 0
    for number in range(asked.histories):
        seed = asked.seed + number
        try:
            records += play(seed, rebuilds=number % REBUILD_EVERY == 0).records
        except Exception as error:
            sys.stdout.write(
                f"history {seed} broke: {error!r}\nagain: python -m tests.simulation --histories 1 --seed {seed}\n"
            )
            return 1
        if (number + 1) % TELL_EVERY == 0 or number + 1 == asked.histories:
            an_hour = (number + 1) / (time.monotonic() - began) * 3600
            sys.stdout.write(f"{number + 1} histories, {records} records, {an_hour:,.0f} histories an hour\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
