"""What is forgiven in a code that a person typed."""

from __future__ import annotations

import re
import unicodedata


def bare(text: str) -> str:
    """``text`` in capitals and half width, without the spaces and dashes that people group characters with."""
    return re.sub(r"[\s\-‐-―−]", "", unicodedata.normalize("NFKC", text).upper())
