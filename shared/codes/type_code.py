"""The type code of JJF 1051: which kind of measuring instrument, in eight digits.

Certainty: seen one only, 04067500 for a glass thermometer. How the digits divide, and whether they hold a check digit, was not seen, so the
form alone is looked at.
"""

from __future__ import annotations

import re

from shared.codes.typed import bare
from shared.errors import InputError


def parse_type_code(text: str) -> str:
    """The eight digits; InputError ``type_code_form``."""
    code = bare(text)
    if not re.fullmatch(r"[0-9]{8}", code):
        raise InputError(
            "type_code_form",
            "A type code of JJF 1051 has 8 digits.",
            "Copy it from the verification certificate, or leave it out.",
        )
    return code
