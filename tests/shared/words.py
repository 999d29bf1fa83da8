"""What ``shared`` says: each line is whole, stands in the catalogue of words, and has every value that it names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from string import Formatter

import msgspec
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from shared.message import Message
from tests.shared.checks import ROOT


@cache
def words() -> Catalog:
    """The Chinese catalogue of what ``shared`` says."""
    with (ROOT / "assets/locales/zh_CN/LC_MESSAGES/shared.po").open("rb") as file:
        return read_po(file)


@cache
def said_in_chinese(text: str) -> str:
    """The sentence in the Chinese catalogue, which must have it."""
    entry = words().get(text)
    assert entry, text
    return str(entry.string)


def said(line: Message) -> str:
    """The line in Chinese; every value that it names is there, and is text or a line itself."""
    for _text, name, _spec, _conversion in Formatter().parse(line.text):
        value = line.values[name] if name else "-"
        assert value, (line, name)
        if isinstance(value, Message):
            said(value)
        else:
            assert isinstance(value, str), (line, name)
            assert "None" not in value, (line, name)
    return line.said(said_in_chinese)


def lines_in(value: object) -> Iterator[Message]:
    """Each line that a structure holds, however deep."""
    if isinstance(value, Message):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from lines_in(getattr(value, name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from lines_in(each)


def everything_said(found: object) -> list[str]:
    """Each line of a conclusion, a verdict or a plan, in Chinese; what holds them can be written to a record and is read back the same."""
    if isinstance(found, msgspec.Struct):
        assert msgspec.json.decode(msgspec.json.encode(found), type=type(found)) == found
    return [said(line) for line in lines_in(found)]
