"""The organisation code of GB 11714: eight characters and a check character, ``60003734-1``.

Certainty: computed. The weights come from no text of the standard that was seen, but they give the check character of each organisation code
inside the credit codes of the vectors. python-stdnum has no such code.

What the check character promises among digits: one put for another, and the check character for another, is always caught; so are two neighbours
exchanged, the check character included, but for ``1X`` at the end, which passes as ``X1``. Letters have values from 10 to 35, reckoned modulo 11, so
a character put for another whose value differs by 11, 22 or 33 (``0``, ``B``, ``M`` and ``X``, say) is not caught.
"""

from __future__ import annotations

import re

from shared.codes.typed import bare
from shared.errors import InputError

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def check_character(body: str) -> str:
    """The check character of the first eight characters, capitals and digits: ``0`` to ``9`` or ``X``."""
    weighed = sum(weight * _VALUES[character] for weight, character in zip(_WEIGHTS, body, strict=True))
    return "0123456789X"[-weighed % 11]


def parse_organisation_code(text: str) -> str:
    """The nine characters; InputError ``organisation_code_form`` or ``organisation_code_check``."""
    code = bare(text)
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code):
        raise InputError(
            "organisation_code_form",
            "An organisation code has 8 digits or capital letters and a check character, 0 to 9 or X.",
            "Copy it from the certificate or from characters 9 to 17 of the unified social credit code.",
        )
    if code[8] != check_character(code[:8]):
        raise InputError(
            "organisation_code_check",
            "The organisation code's check character does not fit the eight before it.",
            "Compare it with the certificate, character by character.",
        )
    return code


def format_organisation_code(code: str) -> str:
    """As it is printed: ``60003734-1``."""
    return f"{code[:8]}-{code[8:]}"
