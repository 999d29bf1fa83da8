"""What phone and server say to each other, as msgpack; fields are only ever added, each with a default."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.clock import Moment
from shared.errors import Problem
from shared.identity import County, Digest, Identity
from shared.people import Person, Scope
from shared.words import OpenWord
from sync.envelope import Sealed

FIRST_PROTOCOL = 1
"""What a side speaks that does not say it. It never changes: a default is not written, and the other side reads its own."""
PublicKey = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""An Ed25519 public key, raw."""
MAX_BATCH = 1000
"""Records in one push at most."""


class ChainHead(msgspec.Struct, frozen=True, omit_defaults=True):
    """The end of a device's chain, signed by the device's key."""

    chain: Identity
    sequence: int
    digest: Digest
    signature: bytes


class Push(msgspec.Struct, frozen=True, omit_defaults=True):
    """A batch of records, oldest first."""

    head: ChainHead
    records: Annotated[list[Sealed], Meta(max_length=MAX_BATCH)]
    protocol: int = FIRST_PROTOCOL


class Status(OpenWord):
    """What became of a record; a status of a newer server is kept by its word, and reads as held."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    HELD = "held"
    CONFLICTING = "conflicting"
    REFUSED = "refused"

    @property
    def is_stored(self) -> bool:
        """Whether the record has its place on the ledger."""
        return self in (Status.ACCEPTED, Status.DUPLICATE, Status.CONFLICTING)


class Ruling(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the server made of one record; its bytes are kept on both sides whatever it says."""

    record_id: str
    """Empty where the bytes could not be read: the digest tells which record is meant."""
    digest: Digest
    status: Status
    county: str = ""
    ledger_seq: int | None = None
    problem: Problem | None = None


class LedgerHead(msgspec.Struct, frozen=True):
    """The office's signed word on a county's ledger: how many records are on it, and the root of the Merkle tree over them.

    Two heads of one generation, of which the larger does not continue the smaller, prove by the office's own signatures that the ledger was changed.
    """

    county: County
    size: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    root: Digest
    generation: str
    server_time: datetime
    signature: bytes
    """The office's key's, over :attr:`message`."""

    @property
    def message(self) -> bytes:
        """What the office's key signs."""
        parts = (
            self.county,
            self.size,
            self.root,
            self.generation,
            self.server_time.astimezone(UTC).isoformat(),
        )
        return b"quanheng ledger head 1\x00" + "\x00".join(map(str, parts)).encode()


class PushAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A ruling for each record pushed, in the same order; sent after the commit."""

    rulings: list[Ruling]
    server_time: datetime
    generation: str
    heads: list[LedgerHead] = []
    """The heads of the ledgers that grew by this push."""


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """A subject's new state in one county, or that it is gone from there."""

    subject_type: str
    """``instrument``, ``premises``, ``campaign``, ``standard``; a reader keeps or skips what it does not know."""
    subject: Identity
    county: County
    state_seq: int
    state: bytes | None = None
    """The state's struct as JSON text, carried as bytes (a message is msgpack), or ``None`` for a tombstone."""


class Page(msgspec.Struct, frozen=True, omit_defaults=True):
    """Changes of one county in the order of their ``state_seq``, and where to go on."""

    county: County
    changes: list[Change]
    cursor: str
    """Opaque; saved in the same transaction as the rows."""
    more: bool
    rulings: list[Ruling] = []
    """Rulings on this device's records that changed since they were pushed."""
    server_time: datetime | None = None


Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]


class Consistency(msgspec.Struct, frozen=True):
    """The proof that a county's ledger of ``second`` records begins with the one of ``first``."""

    county: County
    first: int
    second: int
    path: list[Hash]
    generation: str


class Inclusion(msgspec.Struct, frozen=True):
    """The proof that a record has its place on a county's ledger."""

    digest: Digest
    seq: int
    path: list[Hash]


class Inclusions(msgspec.Struct, frozen=True):
    """Proofs in the tree of ``size`` records; a record that is not on that ledger has none."""

    county: County
    size: int
    proofs: list[Inclusion]
    generation: str


MAX_PROOFS = 50
"""Records whose inclusion is asked for at once, at most."""
Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Cursor(msgspec.Struct, frozen=True):
    """What the opaque text of a cursor holds."""

    generation: str
    scope: int
    schema: int
    state_seq: Number
    ruling_seq: Number = 0
    county: str = ""


class Pack(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a county pack says of itself: which states it holds."""

    county: County
    format: int
    """The shape of the file (``sync.pack.FORMAT``)."""
    generation: str
    schema: int
    """As in the cursor."""
    state_seq: Number
    """The last change that it holds."""
    states: int = 0
    built_at: datetime | None = None


class PackOffer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pack that can be fetched now, ``/packs/{county}/{digest}``, and the cursor to pull from when it is mounted."""

    pack: Pack
    digest: Digest
    """Of the file as it travels, which is gzip."""
    size: int
    """Bytes of the file as it travels."""
    unpacked_size: int
    cursor: str = ""
    search: int = 0
    """The shape of the search segment in the file (``sync.finding.VERSION``); 0 where it has none."""


class EnrolmentRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A phone asks to be enrolled with the single-use code that it scanned on the console."""

    code: str
    device_public_key: PublicKey
    author_public_key: PublicKey
    signature: bytes
    """The device key's, over ``enrolment_message(code, author_public_key)``: proof that the phone holds it."""
    device_name: str = ""
    software_key: bool = False
    """True where the browser has no Ed25519 and a library signs."""


class LabelKey(msgspec.Struct, frozen=True):
    """A public key by which labels are told from forgeries, pinned at enrolment."""

    key_id: str
    public_key: bytes
    issuer: str


class EnrolmentState(StrEnum):
    PENDING = "pending"
    GRANTED = "granted"
    REJECTED = "rejected"


class Enrolment(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an enrolment stands; the grant is there when the administrator has compared the fingerprints."""

    state: EnrolmentState
    device_id: Identity
    token: str = ""
    """Shown once, with the answer that creates the device; the server keeps only its hash."""
    person: Person | None = None
    scope: Scope | None = None
    generation: str = ""
    server_name: str = ""
    public_url: str = ""
    label_keys: list[LabelKey] = []
    colleagues: list[Person] = []
    """People of the same body, who can be named as the second officer."""
    confirmed_by_itself: bool = False
    """True only in the demo, where nobody compares fingerprints; the phone says so."""
    office_key: bytes = b""
    """The office's public key, by which the phone tells the ledger's signed heads; pinned at enrolment."""
    handover_key: bytes = b""
    """The office's public key that a hand-over is sealed to: P-256, a point of 65 bytes; pinned at enrolment."""


class Handshake(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a phone says of itself before it syncs."""

    chain: Identity
    sequence: int
    digest: Digest | None
    schema: int
    app_version: str
    phone_time: Moment
    generation: str = ""
    protocol: int = FIRST_PROTOCOL
    stickers: dict[County, int] | None = None
    """Of a verifier's phone: how many sticker numbers are left to it in each county; the blocks that it is given come with the pull."""


class Welcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the server says of itself and of what it holds of this device."""

    generation: str
    server_time: datetime
    scope: Scope
    head_sequence: int
    """The highest sequence of this chain that the server holds; 0 for none."""
    head_digest: Digest | None
    access: str
    """``open``, ``push_only`` or ``closed``."""
    label_keys: list[LabelKey] = []
    colleagues: list[Person] = []
    protocol: int = FIRST_PROTOCOL
    heads: list[LedgerHead] = []
    """The newest head of each county of the scope, while access is open."""
    office_key: bytes = b""
    """For a phone that was enrolled before the office signed heads; one that has pinned a key keeps to it."""
    handover_key: bytes = b""
    """For a phone that was enrolled before there were hand-overs; one that has pinned a key keeps to it."""


class HandoverAnswer(msgspec.Struct, frozen=True):
    """The office has everything that was in a bundle, on the disk; sent after the commit. It tells the courier nothing of what was in it."""

    digest: Digest
    """Of the bundle."""
    again: bool
    """Whether it had come before, and nothing was changed."""
    server_time: datetime
    generation: str


def enrolment_message(code: str, author_public_key: bytes) -> bytes:
    """What the device's key signs to be enrolled."""
    return b"quanheng enrol 1\x00" + code.encode() + b"\x00" + author_public_key
