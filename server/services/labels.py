"""Issuing labels: a code, a serial tag, and the issuer's signature; bound to an instrument by a record."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.services.office_records import OfficeEntry, OfficeRecords
from server.services.receive import signature_holds
from shared.identity import RandomBytes
from shared.instrument import Instrument
from shared.label import Label, label_key_id, label_message, mint_code, serial_tag_of, write_payload
from shared.records import LabelBound
from sync.messages import LabelKey


class PrintedLabel(msgspec.Struct, frozen=True):
    """A label as it is printed."""

    label: Label
    payload: str
    instrument: Instrument


class Labels:
    """Issues and checks labels with the issuer's key."""

    def __init__(
        self,
        key: Ed25519PrivateKey,
        issuer: str,
        public_url: str,
        office: OfficeRecords,
        random_bytes: RandomBytes,
    ) -> None:
        self._key, self._issuer, self._public_url = key, issuer, public_url
        self._office, self._random = office, random_bytes
        self._public = key.public_key().public_bytes_raw()
        self.key_id = label_key_id(self._public)

    @property
    def issuer(self) -> str:
        """Who issues these labels."""
        return self._issuer

    def keys(self) -> list[LabelKey]:
        """The public keys that phones pin."""
        return [LabelKey(self.key_id, self._public, self._issuer)]

    def sign(self, code: str, serial_number: str) -> Label:
        """The signed label of a code on an instrument with this serial number."""
        tag = serial_tag_of(code, serial_number)
        return Label(code, self.key_id, tag, self._key.sign(label_message(code, self.key_id, tag)))

    def issue(self, author: str, instruments: Sequence[Instrument]) -> None:
        """Binds a new code to each instrument."""
        entries = []
        for instrument in instruments:
            code = mint_code(self._random)
            bound = LabelBound(
                label=code,
                instrument_id=instrument.instrument_id,
                key_id=self.key_id,
                serial_tag=serial_tag_of(code, instrument.serial_number),
            )
            subjects = [instrument.instrument_id]
            entries.append(
                OfficeEntry(kind="label.bound", county=instrument.county, subjects=subjects, payload=bound)
            )
        self._office.write(author, entries)

    def printed(self, instrument: Instrument) -> PrintedLabel:
        """The label of an instrument that has a code, ready to print."""
        label = self.sign(instrument.label, instrument.serial_number)
        return PrintedLabel(label, write_payload(label, self._public_url), instrument)

    def is_genuine(self, label: Label) -> bool:
        """Whether our key signed this label."""
        return label.key_id == self.key_id and signature_holds(self._public, label.message(), label.signature)
