"""The table of scenarios says the truth."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
ROW = re.compile(r"^\| (\d+) [^|]+\| ([^|]+) \|$", re.MULTILINE)


def named_in(path: Path) -> set[str]:
    """The test functions of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, functions)}


def test_every_scenario_has_a_test_that_exists() -> None:
    """Rows 1 to 39, each once; each names a test that is there."""
    rows = {
        int(number): held for number, held in ROW.findall((HERE / "__init__.py").read_text(encoding="utf-8"))
    }
    assert sorted(rows) == list(range(1, 40))
    for held in rows.values():
        module, _, name = held.partition("::")
        assert name in named_in(HERE / module), held
