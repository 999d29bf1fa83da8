"""The label on an instrument: a code a person can read out, and a signature by which an empty phone tells a forgery.

The payload of its QR code is ``HTTPS://HOST/L/<code>.<keyid>.<serialtag>.<sig>`` in capitals, so that QR's alphanumeric mode holds it in
about version 7. Signed are code, key id and serial tag; not the host, which may change behind the address.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata

import msgspec
from stdnum import luhn

from shared.errors import InputError
from shared.identity import RandomBytes

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which people misread."""

CODE_LENGTH = 8
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})
_PAYLOAD = re.compile(
    r"^HTTPS?://[^/]+/L/(?P<code>[0-9A-Z]{8})\.(?P<key>[A-Z2-7]{4})\.(?P<tag>[A-Z2-7]{5})\.(?P<signature>[A-Z2-7]{102}[AIQY])$"
)
"""The last character of a signature holds its last two bits, so it can be one of four: one signature has one spelling only."""


class Label(msgspec.Struct, frozen=True):
    """What a label's QR code says."""

    code: str
    key_id: str
    """First four base-32 characters of the SHA-256 of the issuing public key."""
    serial_tag: str
    signature: bytes

    def message(self) -> bytes:
        """What the issuer's key signed."""
        return label_message(self.code, self.key_id, self.serial_tag)


def label_message(code: str, key_id: str, serial_tag: str) -> bytes:
    """The bytes that the issuer's Ed25519 key signs for a label."""
    return f"quanheng label 1\x00{code}\x00{key_id}\x00{serial_tag}".encode()


def mint_code(random_bytes: RandomBytes) -> str:
    """A new code: seven random characters and the check character."""
    number = int.from_bytes(random_bytes(5), "big")
    body = "".join(ALPHABET[number >> 5 * place & 31] for place in range(CODE_LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """The check character of a code's first seven: Luhn's algorithm modulo 32, which catches every single slip."""
    return str(luhn.calc_check_digit(body, ALPHABET))


def typed_code(text: str) -> str:
    """The code that a person typed, with spaces, dashes, dots, full width and lower case forgiven.

    Raises InputError ``label_code_incomplete`` or ``label_code_mistyped``.
    """
    typed = unicodedata.normalize("NFKC", text).upper()
    code = re.sub(r"[\s\-‐-―−.·_/]", "", typed).translate(_MISREAD)
    if len(code) != CODE_LENGTH or any(character not in ALPHABET for character in code):
        raise InputError(
            "label_code_incomplete",
            "A label's number has 8 characters: digits and letters except I, L, O and U.",
            "Read the number under the QR code once more.",
        )
    if not luhn.is_valid(code, ALPHABET):
        raise InputError(
            "label_code_mistyped",
            "One character of {code} is wrong: the check character does not fit.",
            "Compare it with the number under the QR code, character by character.",
            code=shown_code(code),
        )
    return code


def shown_code(code: str) -> str:
    """The code as it is printed and read out: ``7Q3K-9M2V``."""
    return f"{code[:4]}-{code[4:]}"


def serial_tag_of(code: str, serial_number: str) -> str:
    """A short tag of an instrument's serial number: five base-32 characters of a SHA-256 with the label's code.

    Twenty-five bits: enough that a copied sticker on another instrument shows, not enough to search serial numbers by.
    """
    text = f"{code}\x00{re.sub(r'[^0-9A-Z]', '', serial_number.upper())}"
    return base64.b32encode(hashlib.sha256(text.encode()).digest())[:5].decode()


def label_key_id(public_key: bytes) -> str:
    """The name of an issuing key on its labels."""
    return base64.b32encode(hashlib.sha256(public_key).digest())[:4].decode()


def write_payload(label: Label, public_url: str) -> str:
    """The QR code's text, in capitals throughout; ``public_url`` is scheme and host, ``https://qh.example``."""
    signature = base64.b32encode(label.signature).rstrip(b"=").decode()
    return f"{public_url.rstrip('/')}/L/{label.code}.{label.key_id}.{label.serial_tag}.{signature}".upper()


def read_payload(payload: str) -> Label | None:
    """The label in a scanned text, or None where the text is not one of our labels at all."""
    found = _PAYLOAD.match(payload.strip().upper())
    if not found:
        return None
    try:
        signature = base64.b32decode(found["signature"] + "=" * (-len(found["signature"]) % 8))
    except binascii.Error:
        return None
    return Label(found["code"], found["key"], found["tag"], signature)
