"""The peer in the same run: PouchDB pushes the same registrations to express-pouchdb and pulls the same states. It checks no signature and judges nothing.

In these rows the floor is our own row of the same name, so that the ratio says how many times as long the peer takes.
"""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from server.adapters import SystemClock
from shared.identity import digest_of, mint
from shared.records import InstrumentRegistered
from sync.envelope import ClockEvidence, Envelope, write_body
from tests.bench.office import COUNTY, ROOT, free_ports, instrument
from tests.bench.row import Gate, Row, Sizes
from tests.contracts.fakes import seeded

HERE = ROOT / "tests/bench/pouch"
PUSH_LEAST, PULL_LEAST = 2, 10


class Done(msgspec.Struct):
    """What the client says of a job."""

    job: str
    seconds: float
    documents: int
    up: int
    down: int
    client_cpu: float
    server_cpu: float


def write_documents(folder: Path, sizes: Sizes) -> tuple[Path, Path]:
    """The records as our phone would seal them, with their signatures beside, and the states as our server would hand them out."""
    clock, random_bytes = SystemClock(), seeded("pouch")
    site, phone, previous = mint(clock, random_bytes), mint(clock, random_bytes), None
    records, states = folder / "records.ndjson", folder / "states.ndjson"
    with records.open("w") as file:
        for number in range(1, sizes.records + 1):
            state = instrument(number, mint(clock, random_bytes), site)
            registered = InstrumentRegistered(
                **{name: getattr(state, name) for name in InstrumentRegistered.__struct_fields__}
            )
            body = write_body(
                Envelope(
                    record_id=mint(clock, random_bytes),
                    kind="instrument.registered",
                    schema=1,
                    county=COUNTY,
                    author=phone,
                    author_key="0" * 16,
                    device=phone,
                    chain=phone,
                    sequence=number,
                    previous=previous,
                    observed_at=clock.now(),
                    clock=ClockEvidence(clock.monotonic_ms()),
                    subjects=[state.instrument_id, site],
                    payload=msgspec.Raw(msgspec.json.encode(registered)),
                )
            )
            previous = digest_of(body)
            document = {"_id": str(number), **json.loads(body), "signature": random_bytes(64).hex()}
            file.write(json.dumps(document, ensure_ascii=False) + "\n")
    with states.open("w") as file:
        for number in range(sizes.states):
            state = instrument(number, mint(clock, random_bytes), site)
            document = {"_id": state.instrument_id, **msgspec.to_builtins(state)}
            file.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
    return records, states


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The peer's server, until the block ends; its address."""
    port, _other = free_ports()
    process = subprocess.Popen(
        ["node", HERE / "server.js", folder, str(port)], stdout=subprocess.PIPE, cwd=HERE
    )
    assert process.stdout
    try:
        assert process.stdout.readline() == b"up\n", "PouchDB's server did not start. Say: make bench"
        origin = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{origin}/__used", timeout=10):  # noqa: S310  our own server
            yield origin
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def rows(folder: Path, sizes: Sizes) -> list[Row]:
    """The peer's rows, not compared yet."""
    records, states = write_documents(folder, sizes)
    with serving(folder / "server") as origin:
        words = [folder / "client", origin, records, states, str(sizes.changed)]
        ended = subprocess.run(["node", HERE / "client.js", *words], capture_output=True, text=True, cwd=HERE)
    assert ended.returncode == 0, ended.stderr[-2000:]
    done = [msgspec.json.decode(line, type=Done) for line in ended.stdout.splitlines()]
    expected = {"push": sizes.records, "pull": sizes.states, "changed": sizes.changed, "one": 1}
    assert {each.job: each.documents for each in done} == expected
    names = {
        "push": f"push of {sizes.records:,} registrations",
        "pull": f"pull of {sizes.states:,} states",
        "changed": f"pull of {sizes.changed} changed",
        "one": "pull of 1 changed",
    }
    return [
        Row(
            name=names[each.job],
            seconds=each.seconds,
            floor_s=each.seconds,
            notes={
                "bytes up": each.up,
                "bytes down": each.down,
                "processor seconds, client": round(each.client_cpu, 2),
                "processor seconds, server": round(each.server_cpu, 2),
            },
        )
        for each in done
    ]


def compared(peer: Sequence[Row], ours: Sequence[Row]) -> list[Row]:
    """The peer's rows against ours of the same run, and its one pull against both of ours."""
    least = {"push": PUSH_LEAST, "pull": PULL_LEAST}
    found = []
    for row in peer:
        for own in ours:
            if own.name not in (row.name, f"{row.name} by pack"):
                continue
            times = row.seconds / own.seconds
            limit = least[row.name.split(" ")[0]] if "changed" not in row.name else None
            gates = [Gate("times ours", times, limit, at_least=True)] if limit else []
            found.append(
                Row(
                    name=f"PouchDB, {own.name}",
                    seconds=row.seconds,
                    floor_s=own.seconds,
                    gates=gates,
                    # Where the plain floor with our duties takes longer than the gate allows, no tuning of ours keeps it.
                    notes={**row.notes, "seconds of our own floor": round(own.floor_s, 3)},
                )
            )
    return found or list(peer)
