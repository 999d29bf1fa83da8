"""Reference standards (计量标准器): what an inspector carries to check with."""

from __future__ import annotations

from datetime import date

import msgspec

from shared.identity import County, Identity
from shared.quantity import Quantity

WEIGHT = "weight"
"""The sort of standard that a scale is checked with; others are named by the procedures of ``assets/catalogue``."""


class Standard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of one reference standard, for example one weight or a set of equal weights."""

    standard_id: Identity
    county: County
    name: str
    serial_number: str
    accuracy_class: str
    """For weights the class of OIML R 111, for example ``M1``."""
    nominal: Quantity
    count: int = 1
    certificate_no: str
    valid_until: date
    sort: str = WEIGHT
    largest_error: Quantity | None = None
    """Its own largest permissible error, or the expanded uncertainty (k = 2) of its certificate; of weights that of their class."""

    def holds_on(self, day: date) -> bool:
        """Whether the standard's own certificate is valid on ``day``."""
        return day <= self.valid_until
