"""The unified social credit code of GB 32100-2015: eighteen characters, ``91110000600037341L``.

The registering authority (1), the kind of organisation (2), the registering region by GB/T 2260 (3 to 8), the organisation code of GB 11714
(9 to 17) and a check character (18). Certainty: alphabet and weights seen in python-stdnum and computed on the vectors.

The check character's arithmetic is python-stdnum's. Its form is not: version 2.2 takes digits only in places 1 and 2 and so refuses the codes
of rural collectives (``N``), of army units (``A``) and of other authorities (``Y``), and it does not look at the organisation code's own check.

What the check character promises: weights are powers of 3 modulo 31, a prime, and there are 31 characters, so that every single character put
for another and every two neighbours exchanged are caught, at all eighteen places.

Some codes of the first pilots of 2015 were issued with a check character that does not fit, and are valid on their licences all the same (seen
in one public source, three from Fujian). So an error of this module is to be shown, and what the licence says may still be kept.
"""

from __future__ import annotations

import re

import msgspec
from stdnum.cn import uscc

from shared.codes import organisation_code
from shared.codes.typed import bare
from shared.errors import InputError

_USED = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")


class CreditCode(msgspec.Struct, frozen=True):
    """The parts of a unified social credit code."""

    authority: str
    """The registering authority's character: 1 posts and establishment, 5 civil affairs, 9 market supervision, N agriculture, Y others."""
    organisation_kind: str
    region: str
    """Where it was registered, GB/T 2260 on that day; the code may since have been abolished."""
    organisation_code: str
    check_character: str

    def written(self) -> str:
        """The eighteen characters; the standard groups them in no way."""
        return (
            self.authority
            + self.organisation_kind
            + self.region
            + self.organisation_code
            + self.check_character
        )


def parse_credit_code(text: str) -> CreditCode:
    """The code in its parts.

    Raises InputError ``credit_code_length``, ``credit_code_character``, ``credit_code_region``, ``credit_code_organisation`` (the slip is in
    characters 9 to 17) or ``credit_code_check`` (it is in the first eight or the last, or it is a letter that the organisation code can't tell from another).
    """
    code = bare(text)
    if len(code) != 18:
        raise InputError(
            "credit_code_length",
            "A unified social credit code has 18 characters; {count} were given.",
            "Copy it from the business licence.",
            count=len(code),
        )
    for place, character in enumerate(code, start=1):
        if character not in _USED:
            raise InputError(
                "credit_code_character",
                "Character {place} can't stand in a unified social credit code: digits and capital letters except I, O, S, V and Z do.",
                "Compare it with the business licence: I is often 1, O is 0, S is 5, Z is 2.",
                place=place,
            )
    if not re.fullmatch("[0-9]{6}", code[2:8]):
        raise InputError(
            "credit_code_region",
            "Characters 3 to 8 of a unified social credit code are a region's six digits.",
            "Compare them with the business licence.",
        )
    if code[16] != organisation_code.check_character(code[8:16]):
        raise InputError(
            "credit_code_organisation",
            "Characters 9 to 17, the organisation code, do not fit their own check character, the 17th.",
            "Compare these nine with the business licence, character by character.",
        )
    if code[17] != uscc.calc_check_digit(code[:17]):
        raise InputError(
            "credit_code_check",
            "The last character does not fit, while characters 9 to 17 do: look at the first eight and the last.",
            "Compare them with the business licence. A few of 2015 are printed so: then keep what the licence says.",
        )
    return CreditCode(code[0], code[1], code[2:8], code[8:17], code[17])
