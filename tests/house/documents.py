"""Writes the generated parts of the documents; ``make check`` fails when one is out of date.

A generated part stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from sync import envelope, messages
from tests.house import catalogue_tables
from tests.shared.checks import catalogue

ROOT = Path(__file__).parents[2]


def field_tables(module: object, names: list[str]) -> str:
    """One table a struct: field, type, default."""
    parts = []
    for name in names:
        struct = getattr(module, name)
        rows = ["| field | type | default |", "|---|---|---|"]
        for field in msgspec.structs.fields(struct):
            written = struct.__annotations__[field.name]
            default = (
                ""
                if field.required
                else f"`{field.default!r}`"
                if field.default is not msgspec.NODEFAULT
                else "`[]`"
            )
            rows.append(
                f"| `{field.encode_name}` | `{str(written).replace('|', chr(92) + '|')}` | {default} |"
            )
        summary = inspect.getdoc(struct) or ""
        parts.append(f"### {name}\n\n{summary.splitlines()[0]}\n\n" + "\n".join(rows))
    return "\n\n".join(parts)


def struct_names(module: object) -> list[str]:
    """The structs that a module defines itself, in the order of its text."""
    return [
        name
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and issubclass(value, msgspec.Struct)
        and value.__module__ == getattr(module, "__name__", "")
    ]


def make_targets() -> str:
    """The Makefile's targets with what each says of itself."""
    rows = re.findall(r"^(\w+):.*?## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return "\n".join(
        f"| `make {name}` | {what} |" for name, what in [("target", "what it does"), *rows]
    ).replace("| `make target` | what it does |", "| command | what it does |\n|---|---|")


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "docs/protocol.md": {
        "envelope": lambda: field_tables(envelope, struct_names(envelope)),
        "messages": lambda: field_tables(messages, struct_names(messages)),
    },
    "docs/catalogue.md": {
        "overview": lambda: catalogue_tables.overview(catalogue()),
        "kinds": lambda: catalogue_tables.kinds(catalogue()),
        "weights": lambda: catalogue_tables.weights(catalogue()),
    },
    "README.md": {"targets": make_targets},
}


def rewritten(path: str) -> str:
    """The document with its generated parts made anew."""
    text = (ROOT / path).read_text()
    for name, make in PARTS[path].items():
        pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(\n<!-- end {name} -->)", re.DOTALL)
        text, count = pattern.subn(lambda found, make=make: found[1] + make() + found[2], text)
        if count != 1:
            raise SystemExit(f"{path}: the part {name} is missing or stands twice")
    return text


if __name__ == "__main__":
    for document in PARTS:
        (ROOT / document).write_text(rewritten(document))
        sys.stdout.write(f"wrote {document}\n")
