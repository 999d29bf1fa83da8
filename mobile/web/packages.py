"""The Python packages that the browser's Python carries, as pinned wheels with their hashes (``packages.lock``).

``python -m mobile.web.packages`` writes the lock anew from :data:`WANTED`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

LOCK = Path(__file__).with_name("packages.lock")
WANTED = [
    "flet==1.0.5",
    "msgpack==1.2.4",
    "msgspec==0.22.0",
    "python-stdnum==2.2",
    "qrcode==8.2",
    "repath==0.9.0",
    "six==1.17.0",
    "sqlite-utils==4.2.1",
    "sqlite-fts4==1.0.3",
    "click==8.5.1",
    "click-default-group==1.2.4",
    "pluggy==1.7.0",
    "python-dateutil==4.0.0",
    "tabulate==0.10.0",
]
"""Listed one by one, for pip reads the markers of the machine it runs on and not of the browser."""

FOR_THE_BROWSER = [
    "--no-deps",
    "--only-binary=:all:",
    *("--platform", "pyemscripten_2026_0_wasm32"),
    *("--python-version", "3.14"),
    *("--implementation", "cp"),
    *("--abi", "cp314", "--abi", "none"),
]
UNUSED = [
    "bin",
    "flet/fastapi",
    "flet/testing",
    "stdnum/locale",
    "*.dist-info/RECORD",
    "**/*.pyi",
    "**/py.typed",
    "**/tests",
]


def pip(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq", *arguments], check=True
    )


def install(target: Path) -> None:
    """Puts the locked packages into ``target``, without what the app never asks for."""
    pip("install", "--require-hashes", "--target", str(target), *FOR_THE_BROWSER, "-r", str(LOCK))
    for pattern in UNUSED:
        for path in list(target.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def lock() -> None:
    """Writes ``packages.lock`` from the wheels that the registry holds now."""
    with tempfile.TemporaryDirectory() as directory:
        pip("download", "--dest", directory, *FOR_THE_BROWSER, *WANTED)
        hashes = {
            wheel.name.split("-")[0].replace("_", "-").lower(): sha256(wheel.read_bytes()).hexdigest()
            for wheel in Path(directory).iterdir()
        }
    lines = [f"{each} --hash=sha256:{hashes[each.split('==')[0]]}" for each in WANTED]
    LOCK.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    lock()
