"""GS1's Global Individual Asset Identifier, application identifier 8004: one instrument's number on a label of its owner.

Four digits or more of a GS1 company prefix, then up to 30 characters in all of the GS1 character set 82; no check digit. Certainty: the pattern
``[0-9]{4}[!%-?A-Z_a-z"]{1,26}`` seen in GS1's tag data translation files. Capitals and small letters differ, so nothing that was typed is changed
but the blanks around it.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from shared.errors import InputError

_CHARACTER_SET_82 = re.compile(r'[!%-?A-Z_a-z"]')


def parse_giai(text: str) -> str:
    """The identifier, from itself or from ``(8004)…`` as it is printed under a bar code.

    Raises InputError ``giai_length``, ``giai_prefix`` or ``giai_character``.
    """
    giai = text.strip().removeprefix("(8004)")
    if not 5 <= len(giai) <= 30:
        raise InputError(
            "giai_length",
            "An asset identifier (GIAI) has 5 to 30 characters; {count} were given.",
            "Scan the code again, or copy what stands behind (8004).",
            count=len(giai),
        )
    if not re.fullmatch(r"[0-9]{4}", giai[:4]):
        raise InputError(
            "giai_prefix",
            "An asset identifier (GIAI) begins with the digits of a GS1 company prefix.",
            "Scan the code again, or copy what stands behind (8004).",
        )
    for place, character in enumerate(giai, start=1):
        if not _CHARACTER_SET_82.fullmatch(character):
            raise InputError(
                "giai_character",
                "Character {place} is none that an asset identifier (GIAI) may hold.",
                "Scan the code again, or copy what stands behind (8004).",
                place=place,
            )
    return giai


def format_giai(giai: str) -> str:
    """As it is printed under a bar code: ``(8004)…``."""
    return f"(8004){giai}"


def digital_link_path(giai: str) -> str:
    """The path of a GS1 Digital Link, percent-encoded: ``/8004/…``."""
    return f"/8004/{quote(giai, safe='')}"
