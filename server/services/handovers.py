"""Taking in what a phone handed over to somebody else: opened with the office's key, then received as if that phone had pushed it.

Invariants:

* A bundle's rulings and the note that it came are one transaction: it counts once, whoever brings it and however often.
* An answer means that everything in it is on the disk. Records are told apart by id and digest, so that what its phone pushed too counts once.
* Whoever brings a bundle lends it no rights: its own device's scope and access decide.
"""

from __future__ import annotations

import json

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection

from server.callers import DeviceAccess
from server.services.attachments import Announced, AttachmentFiles
from server.services.moments import written
from server.services.receive import Receiver, check_head
from server.store import access as access_store
from server.store import handovers as store
from server.store.database import Database
from shared.clock import Clock
from shared.errors import InputError, QuanhengError
from sync.handover import Bundle, Content, HandedFile, handover_damaged, read_bundle, unpack_content
from sync.intake import Opened, open_record
from sync.messages import EnrolmentState, HandoverAnswer, Ruling

SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
RULINGS = msgspec.msgpack.Decoder(list[Ruling])


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a bundle."""

    bundle: Bundle
    rulings: list[Ruling]
    """As they were given when it came first."""
    again: bool
    """Whether it had come before."""
    files: int
    """Files of it that the office has."""
    files_left: int
    """Files that were not taken; their phone still has them."""


class Handovers:
    """Opens bundles and receives what is in them."""

    def __init__(
        self,
        database: Database,
        receiver: Receiver,
        attachments: AttachmentFiles,
        key: ec.EllipticCurvePrivateKey,
        clock: Clock,
        generation: str,
    ) -> None:
        self._database, self._receiver, self._attachments = database, receiver, attachments
        self._key, self._clock, self._generation = key, clock, generation
        self.public_key = public_key_of(key)

    def carried(self, courier: DeviceAccess, content: bytes) -> HandoverAnswer:
        """Takes what a phone carried here. Raises as :meth:`take`."""
        taken = self.take(content, courier.device_id, courier.person_id)
        return HandoverAnswer(taken.bundle.digest, taken.again, self._clock.now(), self._generation)

    def take(self, content: bytes, brought_by: str, person_id: str) -> Taken:
        """Takes a bundle in; ``person_id`` answers for it in the audit trail.

        Raises what :func:`sync.handover.read_bundle` raises, ``handover_damaged`` where the office's key does not open it, ``handover_device_unknown``
        and ``head_signature_wrong``.
        """
        bundle = read_bundle(content, self.public_key)
        opened = self._open(bundle)
        device = self._device(bundle.header.device)
        check_head(device, opened.head)
        rulings, again = self._receive(device, bundle, opened, brought_by, person_id)
        files = sum(self._take_file(device, file) for file in opened.files)
        return Taken(
            bundle=bundle, rulings=rulings, again=again, files=files, files_left=len(opened.files) - files
        )

    def _open(self, bundle: Bundle) -> Content:
        try:
            return unpack_content(SUITE.decrypt(bundle.sealed, self._key, bundle.bound))
        except InvalidTag as error:
            raise handover_damaged() from error

    def _device(self, device_id: str) -> DeviceAccess:
        with self._database.reading() as connection:
            row = access_store.device_by(connection, device_id=device_id)
        if row is None or row["state"] != EnrolmentState.GRANTED.value:
            raise InputError(
                "handover_device_unknown",
                "The phone that this hand-over comes from is not enrolled here.",
                "Keep the file and speak to the administrator.",
            )
        return access_store.device_of(row)

    def _receive(
        self, device: DeviceAccess, bundle: Bundle, content: Content, brought_by: str, person_id: str
    ) -> tuple[list[Ruling], bool]:
        """The rulings on its records, and whether they had been given before."""
        opened = [open_record(sealed) for sealed in content.records]
        authors = self._receiver.authors_of(opened)
        readable = [record for record in opened if isinstance(record, Opened)]
        signed = self._receiver.signed(readable, authors)
        turns = {name for record in readable for name in (record.envelope.county, record.envelope.chain)}

        def act(connection: Connection) -> tuple[list[Ruling], bool]:
            row = store.taken(connection, bundle.digest)
            if row is not None:
                return RULINGS.decode(row["rulings"]), True
            answer = self._receiver.rule(connection, device, content.records, opened, authors, signed)
            now = written(self._clock.now())
            kept = {
                "digest": bundle.digest,
                "device": device.device_id,
                "brought_by": brought_by,
                "made_at": written(bundle.header.made_at),
                "received_at": now,
                "rulings": msgspec.msgpack.encode(answer.rulings),
            }
            store.keep(connection, kept)
            details = json.dumps({"digest": bundle.digest, "brought_by": brought_by})
            access_store.note(connection, now, person_id, "handover_taken", device.device_id, details)
            return answer.rulings, False

        return self._database.write(act, turns | {bundle.digest})

    def _take_file(self, device: DeviceAccess, file: HandedFile) -> bool:
        """Takes a file as if its phone had uploaded it; a file that can't be taken keeps back nothing."""
        announced = Announced(file.digest, len(file.content), file.media_type, file.record_id)
        try:
            upload = self._attachments.create(device, announced)
            if not upload.complete:
                rest = file.content[upload.offset :]
                upload = self._attachments.append(device, file.digest, upload.offset, rest)
        except QuanhengError:
            return False
        return upload.complete


def public_key_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as phones pin it: the uncompressed point, 65 bytes."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
