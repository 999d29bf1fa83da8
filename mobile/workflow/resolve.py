"""From a scanned or typed code to the instrument, offline, and what is to be said of the label."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec
from shared.metrology.catalogue import Kind

from mobile.workflow.ports import Equipment, Kept
from shared.instrument import Instrument
from shared.label import Label
from shared.premises import Premises


class LabelVerdict(StrEnum):
    """What the phone can say of a label by itself."""

    VERIFIED = "verified"
    """The issuer's signature is right, and nothing known contradicts it."""
    FORGED = "forged"
    """The signature is wrong: 疑似假标签."""
    MISMATCHED = "mismatched"
    """The signature is right, but the serial number it was made for is not this instrument's: 标签与实物不符."""
    KEY_UNKNOWN = "key_unknown"
    """Signed by a key that this phone does not hold: 无法验签, no accusation."""
    TYPED = "typed"
    """The code was typed, so there is no signature to check."""
    FOREIGN = "foreign"
    """Not one of our labels at all."""
    NO_LABEL = "no_label"
    """Reached by search or from a list."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan or a typed code came to."""

    verdict: LabelVerdict
    code: str = ""
    """The label's code, eight characters."""
    payload: str = ""
    """The raw text of the code as scanned."""
    label: Label | None = None
    instrument: Instrument | None = None
    """None where the phone knows of none: a VERIFIED label then reads 真伪可验，有效期未知."""
    premises: Premises | None = None


class Validity(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What the instrument's card shows."""

    found: Found
    instrument: Instrument
    premises: Premises | None
    kind: Kind | None
    """The catalogue's entry; None for a kind that this catalogue does not know."""
    township: str
    """Its name."""
    validity: Validity
    valid_until: date | None
    days_left: int | None
    """Days until the verification expires; negative since it did."""
    own_records: list[Kept]
    """This phone's own records on the instrument, the newest first."""
    provisional: bool
    """Registered here and not yet known to the server."""
    checkable: bool
    """Whether the catalogue has a spot check for this kind."""
    draft_id: str = ""
    """An unfinished check of this instrument by this person, to go on with."""


class Resolve:
    """Looks things up on the phone alone; nothing here waits for a network."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment

    async def scanned(self, payload: str) -> Found:
        """A decoded QR code. Never raises: what is not ours is FOREIGN."""
        raise NotImplementedError

    async def typed(self, text: str) -> Found:
        """A code that a person typed. Raises InputError ``label_code_incomplete`` or ``label_code_mistyped``."""
        raise NotImplementedError

    async def chosen(self, instrument_id: str) -> Found:
        """An instrument picked from a list. Raises InputError ``instrument_unknown``."""
        raise NotImplementedError

    async def search(self, text: str) -> list[Found]:
        """By label code, serial number, stall or site, thirty at most."""
        raise NotImplementedError

    async def card(self, found: Found) -> Card:
        """The card of a found instrument. Raises InputError ``instrument_unknown`` where there is none."""
        raise NotImplementedError
