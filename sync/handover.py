"""A phone's outbox in one sealed bundle, which any other phone or a desk of the office can carry to the server and none of them can read.

Invariants:

* A bundle is named by the SHA-256 of what follows it, so that a courier sees whether it is whole; that it is genuine only the server can tell.
* In the clear stand a device's number and counts, and no personal data. They are bound to what is sealed: nobody can exchange them.
* Frames of one bundle make the same bytes in any order, with any repeated; a frame of another bundle, or a damaged one, changes nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.errors import InputError
from shared.identity import Digest, Identity
from sync import base45
from sync.codec import decode, inflate
from sync.envelope import KeyId, Sealed
from sync.keys import key_id
from sync.messages import ChainHead

FORMAT = 1
MAGIC = b"QHHO"
MAX_BUNDLE = 6 * 1024 * 1024
"""Bytes of the largest bundle that is taken."""
MAX_CONTENT = 32 * 1024 * 1024
"""Bytes that a bundle's content may have when inflated."""
MAX_RECORDS = 5_000
FRAME_TEXT = 480
"""Letters on a QR code at most: version 13 at level M, which a cheap camera reads off a phone's glass."""
FRAME_PREFIX = "QHH:"
_FRAME_HEAD = struct.Struct(">B4sHH")
_CHECK = struct.Struct(">I")
FRAME_BYTES = (FRAME_TEXT - len(FRAME_PREFIX)) // 3 * 2 - _FRAME_HEAD.size - _CHECK.size
"""Bytes of a bundle in one frame."""
MAX_FRAMES = 60
"""Frames in a series at most; more is a file's work."""

Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What anybody may read of a bundle."""

    format: int = FORMAT
    key: KeyId
    """The office's key that it is sealed to."""
    device: Identity
    """The phone that it comes from."""
    made_at: datetime
    """By that phone's clock."""
    records: Count
    files: Count = 0


class HandedFile(msgspec.Struct, frozen=True):
    """A photograph or a signature that a record names."""

    digest: Digest
    media_type: str
    record_id: Identity
    content: bytes


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """What only the server reads: the records as they would be pushed, and files of theirs."""

    head: ChainHead
    records: Annotated[list[Sealed], Meta(max_length=MAX_RECORDS)]
    files: list[HandedFile] = []


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """A whole bundle as a courier sees it."""

    digest: Digest
    """Its name."""
    header: Header
    bound: bytes
    """What the sealed bytes are bound to (HPKE's ``info``)."""
    sealed: bytes


class _Wire(msgspec.Struct, frozen=True):
    header: bytes
    sealed: bytes


def pack_content(content: Content) -> bytes:
    """The bytes to seal. They are compressed first: sealed bytes don't shrink."""
    return gzip.compress(msgspec.msgpack.encode(content), 9, mtime=0)


def unpack_content(packed: bytes) -> Content:
    """Undoes :func:`pack_content`. Raises InputError ``body_damaged``, ``body_too_large``, ``message_malformed``."""
    return decode(inflate(packed, "gzip", MAX_CONTENT), Content)


def bound_to(header: Header) -> bytes:
    """What the sealed content of a bundle with this header is bound to."""
    return _bound(msgspec.msgpack.encode(header))


def _bound(header: bytes) -> bytes:
    return b"quanheng handover 1\x00" + header


def write_bundle(header: Header, sealed: bytes) -> bytes:
    """The bundle's bytes; ``sealed`` is the packed content under the office's key, bound to :func:`bound_to` ``(header)``."""
    body = msgspec.msgpack.encode(_Wire(msgspec.msgpack.encode(header), sealed))
    return MAGIC + hashlib.sha256(body).digest() + body


def read_bundle(content: bytes, office_key: bytes = b"") -> Bundle:
    """A bundle as it was written.

    Raises InputError ``handover_none`` (it is something else), ``handover_too_large``, ``handover_damaged``, ``handover_newer``, and, with the public
    ``office_key``, ``handover_other_office`` where it is sealed to another.
    """
    if not content.startswith(MAGIC):
        raise InputError(
            "handover_none",
            "This is no hand-over of a phone's records.",
            "Choose the file that the phone gave.",
        )
    if len(content) > MAX_BUNDLE:
        raise handover_too_large()
    start = len(MAGIC) + hashlib.sha256().digest_size
    digest, body = content[len(MAGIC) : start], content[start:]
    if hashlib.sha256(body).digest() != digest:
        raise handover_damaged()
    try:
        wire = msgspec.msgpack.decode(body, type=_Wire)
        said = msgspec.msgpack.decode(wire.header, type=_Said)
        if said.format > FORMAT:
            raise InputError(
                "handover_newer",
                "The hand-over was written by a newer app.",
                "Keep it. Update the app or the server, then try again.",
            )
        header = msgspec.msgpack.decode(wire.header, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise handover_damaged() from error
    if office_key and header.key != key_id(office_key):
        raise handover_other_office()
    return Bundle(digest=digest.hex(), header=header, bound=_bound(wire.header), sealed=wire.sealed)


class _Said(msgspec.Struct):
    format: int


def handover_damaged() -> InputError:
    """The bytes are not those that were written, or not sealed as the header says."""
    return InputError(
        "handover_damaged",
        "The hand-over was damaged or changed on its way.",
        "Take it once more from the phone that it comes from; nothing was lost there.",
    )


def handover_other_office() -> InputError:
    """Sealed to a key that is not this office's."""
    return InputError(
        "handover_other_office",
        "The hand-over is for another office.",
        "Give it to a phone or a desk of the office that its phone belongs to.",
    )


def handover_too_large() -> InputError:
    """More than anybody takes."""
    error = InputError(
        "handover_too_large",
        "The hand-over is larger than {limit} bytes.",
        "Hand over without photos.",
        limit=MAX_BUNDLE,
    )
    error.status = 413
    return error


# As a series of QR codes


def frames_of(bundle: bytes) -> list[str]:
    """The texts of the QR codes that carry a bundle together: each says which bundle, which number, of how many, and has a checksum."""
    parts = [bundle[start : start + FRAME_BYTES] for start in range(0, len(bundle), FRAME_BYTES)]
    name = _name_of(bundle)
    frames = []
    for number, part in enumerate(parts, 1):
        frame = _FRAME_HEAD.pack(FORMAT, name, number, len(parts)) + part
        frames.append(FRAME_PREFIX + base45.encode(frame + _CHECK.pack(zlib.crc32(frame))))
    return frames


def _name_of(bundle: bytes) -> bytes:
    """The first bytes of the bundle's own digest: enough to keep two series apart; the digest itself is compared at the end."""
    return bundle[len(MAGIC) : len(MAGIC) + 4]


class Heard(StrEnum):
    """What one code told."""

    NEW = "new"
    AGAIN = "again"
    OTHER = "other"
    """A frame of another bundle than the one begun."""
    DAMAGED = "damaged"
    """A frame, and not as it was written; or of a newer format."""
    NONE = "none"
    """Some other code."""


@dataclass
class Frames:
    """The frames of one bundle as they come in. The first that is right says which bundle it is."""

    name: bytes = b""
    of: int = 0
    parts: dict[int, bytes] = field(default_factory=dict)

    def add(self, text: str) -> Heard:
        """Takes one code's text."""
        if not text.startswith(FRAME_PREFIX):
            return Heard.NONE
        try:
            frame = base45.decode(text.removeprefix(FRAME_PREFIX))
            said, check = frame[: -_CHECK.size], frame[-_CHECK.size :]
            form, name, number, of = _FRAME_HEAD.unpack_from(said)
        except (ValueError, struct.error):
            return Heard.DAMAGED
        right = _CHECK.pack(zlib.crc32(said)) == check and form == FORMAT and 0 < number <= of
        if not right:
            return Heard.DAMAGED
        if self.parts and (name, of) != (self.name, self.of):
            return Heard.OTHER
        self.name, self.of = name, of
        if number in self.parts:
            return Heard.AGAIN
        self.parts[number] = said[_FRAME_HEAD.size :]
        return Heard.NEW

    @property
    def missing(self) -> list[int]:
        """The numbers that have not come yet."""
        return [number for number in range(1, self.of + 1) if number not in self.parts]

    @property
    def is_whole(self) -> bool:
        return bool(self.of) and len(self.parts) == self.of

    def bundle(self) -> bytes:
        """The bundle's bytes once the series is whole; :func:`read_bundle` says whether they are right."""
        return b"".join(self.parts[number] for number in sorted(self.parts))
