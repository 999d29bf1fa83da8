"""One TOML file of rules as a struct, refused with file, key and reason where it can't be one; and rules that were read, in one compiled file."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from shared.errors import InputError

Part = TypeVar("Part", bound=msgspec.Struct)


class Unquoted:
    """A number that was written with a point and without quotes; no field takes one, so that a binary fraction never becomes a limit."""


def read(name: str, text: bytes, part: type[Part]) -> Part:
    """One TOML file as a struct."""
    # The phone's web app reads what :func:`compiled` wrote, and need not pay for this at its start.
    import tomllib

    try:
        return msgspec.convert(tomllib.loads(text.decode(), parse_float=lambda _text: Unquoted()), part)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise invalid(name, "$", str(error)) from error
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at ")
        raise invalid(
            name,
            key.rpartition(" in ")[2].replace("`", "") or "$",
            reason.replace("`Unquoted`", "a number without quotes"),
        ) from error


def compiled(rules: msgspec.Struct) -> bytes:
    """Rules that were read and checked, as one file that :func:`unpacked` reads in a fraction of the time."""
    return msgspec.json.encode(rules)


def unpacked(name: str, text: bytes, part: type[Part]) -> Part:
    """What :func:`compiled` wrote. Raises InputError ``catalogue_invalid`` where it is damaged, or of another build."""
    try:
        return msgspec.json.decode(text, type=part)
    except msgspec.DecodeError as error:
        raise invalid(name, "$", str(error)) from error


def add(table: dict[str, Part], name: str, key: str, part: Part) -> None:
    """Puts a part under its id, which must be new."""
    if key in table:
        raise invalid(name, "id", f"{key} is there already")
    table[key] = part


def invalid(file: str, key: str, reason: str) -> InputError:
    """The error of a catalogue that can't be used."""
    return InputError(
        "catalogue_invalid",
        "The catalogue file {file} is wrong at {key}: {reason}",
        "Mend the file in assets/catalogue and start again.",
        file=file,
        key=key,
        reason=reason,
    )
