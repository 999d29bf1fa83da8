"""The citizen's identity number of GB 11643: looked at, never kept.

There is one question and one answer, so that nothing here can hand a number on: no parsed form, no error, no text. Certainty: weights and check
characters computed on the vectors.

What the check character promises (ISO 7064 MOD 11-2): every single digit put for another and every two neighbours exchanged are caught.
"""

from __future__ import annotations

import re

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from shared.codes.typed import bare


def resident_id_is_well_formed(text: str) -> bool:
    """Whether ``text`` has eighteen characters, a birth date that is in the calendar and the check character that fits.

    The arithmetic and the date are python-stdnum's. Its table of birth places is left out: it ends with its edition, and a region that it does
    not know (830000, on residence permits) would make a good number bad.
    """
    number = bare(text)
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        return False
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return bool(ric.calc_check_digit(number) == number[17])
