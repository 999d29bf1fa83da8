"""The house's own rules, held by a test: who imports whom, how long a thing may be, what may not stand in the tree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("shared", "sync", "mobile", "server", "tests")


def modules(*rooms: str) -> list[Path]:
    return sorted(
        path for room in rooms for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts
    )


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls(tree: ast.AST) -> Iterator[str]:
    return (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_import_rules_hold() -> None:
    """Every contract on who may import whom, as pyproject.toml states them, is kept."""
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("path", modules(*SOURCES), ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_stay_small(path: Path) -> None:
    """No module is longer than 500 lines (800 for a test), and no function longer than 70, but for a migration, which lists tables."""
    text = path.read_text()
    limit = 800 if path.is_relative_to(ROOT / "tests") else 500
    assert len(text.splitlines()) <= limit, f"{path.name} has outgrown its room: make it two"
    long = [
        f"{function.name}: {(function.end_lineno or 0) - function.lineno + 1} lines"
        for function in functions(ast.parse(text))
        if "migrations" not in path.parts and (function.end_lineno or 0) - function.lineno + 1 > 70
    ]
    assert not long


@pytest.mark.parametrize(
    "path",
    [p for p in modules("tests") if p.name.startswith("test_")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_test_says_what_it_holds(path: Path) -> None:
    """Each test function has a docstring that states the behaviour, and none sleeps or skips."""
    tree = ast.parse(path.read_text())
    silent = [f.name for f in functions(tree) if f.name.startswith("test_") and not ast.get_docstring(f)]
    assert not silent
    lazy = {
        "time.sleep",
        "asyncio.sleep",
        "pytest.skip",
        "pytest.mark.skip",
        "pytest.mark.skipif",
        "pytest.mark.xfail",
    }
    assert not lazy & set(calls(tree))


@pytest.mark.parametrize(
    "path", modules("shared", "sync", "mobile", "server"), ids=lambda path: str(path.relative_to(ROOT))
)
def test_time_and_chance_are_handed_in(path: Path) -> None:
    """Only the clock adapters ask the system for the time, and only they for randomness: elsewhere a seed is handed in."""
    adapters = {
        "mobile/device",
        "server/adapters.py",
        "mobile/app.py",
        "server/app.py",
        "server/cli.py",
        "mobile/web",
    }
    relative = path.relative_to(ROOT).as_posix()
    if any(relative.startswith(adapter) for adapter in adapters):
        return
    asked = {
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "time.monotonic",
        "uuid4",
        "uuid.uuid4",
    }
    found = set(calls(ast.parse(path.read_text())))
    assert not found & asked
    chance = {name for name in found if name.startswith(("random.", "secrets."))}
    assert not chance - {"random.Random"}, "a seeded generator is the one that may be made"


@pytest.mark.parametrize("path", modules("shared"), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_float_near_a_measurement(path: Path) -> None:
    """Nothing in ``shared`` names the type float: quantities are Decimal."""
    names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    assert "float" not in names


def test_no_room_without_a_name() -> None:
    """No module is called utils, common, helpers, manager, data, lib or misc."""
    empty = {"utils", "util", "common", "helpers", "helper", "manager", "data", "lib", "misc"}
    assert not [path for path in modules(*SOURCES) if path.stem in empty or path.parent.name in empty]


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_tree_names_no_machine_and_no_registry() -> None:
    """No tracked text holds a path of somebody's machine, a registry's host, or a private key."""
    forbidden = re.compile(
        r"/home/(?!pyodide)\w+/|/Users/\w+/|/work/|registry\.npmjs\.org|files\.pythonhosted\.org|pypi\.org/simple"
        r"|BEGIN (?:OPENSSH |EC |RSA )?PRIVATE KEY"
    )
    found = []
    for path in tracked_files():
        if path == Path(__file__) or path.suffix in {".png", ".woff2", ".otf", ".jpg", ".ico"}:
            continue
        hit = forbidden.search(path.read_text(errors="ignore"))
        if hit:
            found.append(f"{path.relative_to(ROOT)}: {hit.group()}")
    assert not found


def test_locks_hold_what_the_project_names() -> None:
    """Every pinned dependency of pyproject.toml stands in the lock files with the same version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = project["project"]["dependencies"] + [
        need for extra in project["project"]["optional-dependencies"].values() for need in extra
    ]
    test = run + project["dependency-groups"]["dev"]
    for needs, lock in ((run, "run.lock"), (test, "test.lock")):
        locked = set(
            re.findall(r"^([a-z0-9._-]+==\S+)", (ROOT / "requirements" / lock).read_text(), re.MULTILINE)
        )
        missing = [
            need for need in needs if re.sub(r"\[.*?\]", "", need).split(";")[0].strip().lower() not in locked
        ]
        assert not missing, f"{lock} lacks {missing}"
