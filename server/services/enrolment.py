"""Taking a phone into service, and taking its access away.

A code is single use, lives ten minutes, and is bound to a person and counties. The scope is granted when the administrator has compared the
fingerprints on both screens; the demo confirms by itself and says so.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import msgspec
from sqlalchemy import Connection, RowMapping

from server.callers import DeviceAccess, PersonAccess
from server.services.access import token_from
from server.services.ledger_log import LedgerLog
from server.services.moments import read, written
from server.services.receive import signature_holds
from server.store import access as store
from server.store import records
from server.store.database import Database
from shared.clock import Clock
from shared.errors import AccessError, ConflictError, InputError
from shared.identity import RandomBytes, digest_of, mint
from shared.people import Person, Role, Scope
from sync.keys import fingerprint, key_id
from sync.messages import (
    Enrolment,
    EnrolmentRequest,
    EnrolmentState,
    Handshake,
    LabelKey,
    Welcome,
    enrolment_message,
)
from sync.versions import PROTOCOL, mismatch

CODE_MINUTES = 10


class Office(msgspec.Struct, frozen=True):
    """What every phone is told of the office."""

    generation: str
    name: str
    public_url: str
    label_keys: list[LabelKey]
    confirms_by_itself: bool
    handover_key: bytes = b""
    """The public key that hand-overs are sealed to."""
    protocol: int = PROTOCOL


class Enrolments:
    """Codes, requests, grants, revocations."""

    def __init__(
        self, database: Database, clock: Clock, random_bytes: RandomBytes, office: Office, log: LedgerLog
    ) -> None:
        self._database, self._clock, self._random = database, clock, random_bytes
        self._office, self._log = office, log

    def make_code(self, administrator: str, person_id: str, counties: list[str]) -> str:
        """A single-use code for a person; the scope is at most that person's own."""
        code = base64.b32encode(self._random(10)).decode()
        expires = written(self._clock.now() + timedelta(minutes=CODE_MINUTES))
        with self._database.writing() as connection:
            person = store.person_by(connection, person_id=person_id)
            if person is None or not set(counties) <= set(json.loads(person["counties"])):
                raise InputError(
                    "scope_too_wide",
                    "The counties are not all this person's.",
                    "Choose among the person's own counties.",
                )
            row = {
                "code_hash": digest_of(code.encode()),
                "person_id": person_id,
                "counties": json.dumps(counties),
            }
            store.add_code(
                connection, {**row, "created_by": administrator, "expires_at": expires, "device_id": ""}
            )
            store.note(
                connection, written(self._clock.now()), administrator, "enrolment_offered", person_id, "{}"
            )
        return code

    def request(self, request: EnrolmentRequest) -> Enrolment:
        """A phone's request. Raises ``enrolment_code_wrong``, ``enrolment_signature_wrong`` or ``enrolment_key_known``."""
        message = enrolment_message(request.code, request.author_public_key)
        if not signature_holds(request.device_public_key, message, request.signature):
            raise AccessError(
                "enrolment_signature_wrong",
                "The phone does not hold the key it sent.",
                "Start again with a new code.",
            )
        now, token, device_id = self._clock.now(), token_from(self._random), mint(self._clock, self._random)
        code_hash = digest_of(request.code.strip().upper().encode())
        granted = self._office.confirms_by_itself

        def take(connection: Connection) -> Enrolment:
            code = store.code_by_hash(connection, code_hash)
            if code is None or code["device_id"] or read(code["expires_at"]) <= now:
                raise code_wrong()
            if not store.use_code(connection, code_hash, device_id):
                raise code_wrong()
            print_of_keys = fingerprint(request.device_public_key, request.author_public_key)
            device = {
                "device_id": device_id,
                "person_id": code["person_id"],
                "name": request.device_name[:80],
                "public_key": request.device_public_key,
                "author_public_key": request.author_public_key,
                "software_key": request.software_key,
                "fingerprint": print_of_keys,
                "state": EnrolmentState.PENDING.value,
                "access": "open",
                "confirmed_by_itself": granted,
                "token_hash": digest_of(token.encode()),
                "counties": code["counties"],
                "scope_version": 1,
                "enrolled_at": written(now),
                "last_seen": "",
                "app_version": "",
            }
            store.add_device(connection, device)
            store.note(connection, written(now), code["person_id"], "enrolment_requested", device_id, "{}")
            if granted:
                self._grant(connection, device_id, "demo")
            return self._answer(connection, device_id)

        return msgspec.structs.replace(self._database.write(take), token=token)

    def state(self, device: DeviceAccess) -> Enrolment:
        """Where a phone's enrolment stands."""
        with self._database.reading() as connection:
            return self._answer(connection, device.device_id)

    def decide(self, administrator: str, device_id: str, grant: bool) -> None:
        """The administrator has compared the fingerprints, or says no."""

        def settle(connection: Connection) -> None:
            device = store.device_by(connection, device_id=device_id)
            if device is None or device["state"] != EnrolmentState.PENDING.value:
                raise ConflictError(
                    "enrolment_decided", "This enrolment is decided already.", "Look at the list of phones."
                )
            if grant:
                self._grant(connection, device_id, administrator)
            else:
                store.change_device(
                    connection, device_id, state=EnrolmentState.REJECTED.value, access="closed"
                )
                store.note(
                    connection,
                    written(self._clock.now()),
                    administrator,
                    "enrolment_rejected",
                    device_id,
                    "{}",
                )

        self._database.write(settle, [device_id])

    def _grant(self, connection: Connection, device_id: str, by: str) -> None:
        device = store.device_by(connection, device_id=device_id)
        assert device is not None  # noqa: S101  it was read in this transaction
        now = written(self._clock.now())
        if store.author_keys(connection, key_id(device["author_public_key"])) is not None:
            raise ConflictError(
                "enrolment_key_known",
                "The author's key of this phone is enrolled already.",
                "Start again on the phone with a new code: it makes a new key.",
            )
        store.change_device(connection, device_id, state=EnrolmentState.GRANTED.value)
        key = {
            "key_id": key_id(device["author_public_key"]),
            "person_id": device["person_id"],
            "device_id": device_id,
            "public_key": device["author_public_key"],
            "software": device["software_key"],
        }
        store.add_author_key(connection, {**key, "revoked": False, "created_at": now})
        store.note(connection, now, by, "enrolment_granted", device_id, "{}")

    def _answer(self, connection: Connection, device_id: str) -> Enrolment:
        device = store.device_by(connection, device_id=device_id)
        assert device is not None  # noqa: S101  its token was known
        state = EnrolmentState(device["state"])
        if state is not EnrolmentState.GRANTED:
            return Enrolment(state, device_id)
        person = store.person_by(connection, person_id=device["person_id"])
        assert person is not None  # noqa: S101  a foreign key
        return Enrolment(
            state,
            device_id,
            person=known_person(store.person_of(person)),
            scope=scope_of(device),
            generation=self._office.generation,
            server_name=self._office.name,
            public_url=self._office.public_url,
            label_keys=self._office.label_keys,
            colleagues=self._colleagues(connection, person),
            confirmed_by_itself=device["confirmed_by_itself"],
            office_key=self._log.public_key,
            handover_key=self._office.handover_key,
        )

    def _colleagues(self, connection: Connection, person: RowMapping) -> list[Person]:
        """Inspectors and verifiers of the same body, who can be the second officer."""
        field_roles = {Role.INSPECTOR.value, Role.VERIFIER.value}
        return [
            known_person(each)
            for each in store.people(connection)
            if each.body == person["body"]
            and each.role in field_roles
            and each.person_id != person["person_id"]
        ]

    def must_understand(self, protocol: int) -> None:
        """Raises ``phone_too_old`` (426) or ``server_too_old`` (409) for a phone that speaks another protocol than we can."""
        if error := mismatch(protocol, self._office.protocol):
            raise error

    def greet(self, device: DeviceAccess, handshake: Handshake) -> Welcome:
        """The answer to a phone's greeting. Raises as :meth:`must_understand` does, once the phone's version and clock are noted."""
        now = self._clock.now()
        offset = int((now - handshake.phone_time).total_seconds() * 1000)
        with self._database.writing() as connection:
            store.change_device(
                connection,
                device.device_id,
                last_seen=written(now),
                app_version=handshake.app_version[:32],
                clock_offset_ms=offset,
            )
            held = records.chains(connection, [handshake.chain]).get(handshake.chain)
            if held and held["device"] != device.device_id:
                held = None
            person = store.person_by(connection, person_id=device.person_id)
            assert person is not None  # noqa: S101  a foreign key
            colleagues = self._colleagues(connection, person)
            heads = self._log.newest(connection, device.counties) if device.access == "open" else []
        self.must_understand(handshake.protocol)
        return Welcome(
            self._office.generation,
            now,
            Scope(device.counties, device.scope_version),
            held["sequence"] if held else 0,
            held["digest"] if held else None,
            device.access,
            self._office.label_keys,
            colleagues,
            self._office.protocol,
            heads=heads,
            office_key=self._log.public_key,
            handover_key=self._office.handover_key,
        )

    def revoke(self, administrator: str, device_id: str, access: str) -> None:
        """Takes access away: ``push_only`` (nothing more is handed out) or ``closed``; ``open`` gives it back.

        Raises ``access_unknown`` or ``device_unknown`` (404).
        """
        if access not in ("open", "push_only", "closed"):
            raise InputError(
                "access_unknown", "There is no such access.", "Choose open, push_only or closed."
            )
        with self._database.writing() as connection:
            if store.device_by(connection, device_id=device_id) is None:
                error = InputError(
                    "device_unknown",
                    "No phone {device} is enrolled here.",
                    "Look at the list of phones.",
                    device=device_id,
                )
                error.status = 404
                raise error
            store.change_device(connection, device_id, access=access)
            details = json.dumps({"access": access})
            store.note(
                connection, written(self._clock.now()), administrator, "access_changed", device_id, details
            )

    def devices(self) -> list[RowMapping]:
        """Every phone with its person and sync health."""
        with self._database.reading() as connection:
            return store.devices(connection)


def code_wrong() -> AccessError:
    """The code enrols nobody, or nobody any more."""
    return AccessError(
        "enrolment_code_wrong",
        "This code is not known, was used already, or is older than ten minutes.",
        "Ask the administrator for a new code.",
    )


def known_person(person: PersonAccess) -> Person:
    """A person as phones know them."""
    return Person(person.person_id, person.name, Role(person.role), person.body, person.certificate_no)


def scope_of(device: RowMapping) -> Scope:
    """What a device may read and write."""
    return Scope(json.loads(device["counties"]), device["scope_version"])
