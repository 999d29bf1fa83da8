"""The rules in assets are used to the last line, and say where each fact comes from."""

from __future__ import annotations

import msgspec
import pytest

from tests.house.catalogue_lint import catalogue_faults, prepackage_faults
from tests.shared.checks import catalogue_files
from tests.shared.lots import rules


def test_the_catalogue_has_no_fault() -> None:
    """Nothing in the catalogue is unused, misnamed or without its source."""
    assert not catalogue_faults(catalogue_files())


def test_the_prepackage_rules_have_no_fault() -> None:
    """Every table on prepackages is judged by and says clause and source."""
    assert not prepackage_faults(rules())


SCALE, PRESSURE = "kind-price-computing-scale.toml", "limits-pressure-gauge.toml"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("limits-more.toml", "", "COPY", "limits more: no edition judges by them"),
        ("questions.toml", "", "QUESTION", "questions.toml: no kind asks nobody_asks"),
        (SCALE, 'chinese = "电子计价秤"', 'chinese = "杆秤"', "杆秤: the name of 2 kinds"),
        (SCALE, 'chinese = "电子计价秤"', 'chinese = "scale"', "scale: not Chinese"),
        (SCALE, 'id = "price-computing-scale"', 'id = "scale"', "kind scale: not in kind-scale.toml"),
        (SCALE, "source =", "source = ' ' #", "has no source"),
        (
            SCALE,
            "[[unsure]]",
            "[[unsure]]\nfact = 'x'\nsource = ''\ncertainty = 'memory'\n[[unsure]]",
            "no source: x",
        ),
        (PRESSURE, "source =", "source = '' #", "limits pressure-gauge: no source"),
    ],
    ids=lambda value: value if value.isidentifier() else "",
)
def test_a_fault_is_found(file: str, old: str, new: str, fault: str) -> None:
    """Each rule of the linter finds what breaks it."""
    files = catalogue_files()
    text = files.get(file, b"").decode()
    if new == "COPY":
        changed = files[PRESSURE].decode().replace('id = "pressure-gauge"', 'id = "more"')
    elif new == "QUESTION":
        first = text.index("[[question]]")
        block = text[first : text.index("[[question]]", first + 1)]
        name = block.partition('id = "')[2].partition('"')[0]
        changed = text + "\n" + block.replace(f'id = "{name}"', 'id = "nobody_asks"')
    else:
        assert old in text
        changed = text.replace(old, new, 1)
    found = catalogue_faults(files | {file: changed.encode()})
    assert any(fault in each for each in found), found


def test_a_faulty_table_on_prepackages_is_found() -> None:
    """A table that no edition names, and one without its clause, are found."""
    sound = rules()
    table = msgspec.structs.replace(sound.retail.limits[0], id="nobody", clause="")
    retail = msgspec.structs.replace(sound.retail, limits=[*sound.retail.limits, table])
    found = prepackage_faults(msgspec.structs.replace(sound, retail=retail))
    assert found == ["nobody: no edition judges by it", "nobody: no clause or no source"]
