"""Who may do what: passwords, sessions, devices' tokens, and the audit trail.

Secrets are never stored: passwords as argon2 hashes, tokens as SHA-256 digests. Five wrong passwords lock a sign-in for fifteen minutes.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from functools import partial

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Connection, RowMapping

from server.callers import DeviceAccess, PersonAccess
from server.services.moments import read, written
from server.store import access as store
from server.store.database import Database
from shared.clock import Clock
from shared.errors import AccessError, QuanhengError
from shared.identity import RandomBytes, digest_of, mint
from shared.people import Role

SESSION_HOURS = 12
WRONG_PASSWORDS = 5
LOCKED_MINUTES = 15


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is signed in to the console."""

    person: PersonAccess
    csrf: str
    token: str = ""
    """Only in the answer that opened it."""


def token_from(random_bytes: RandomBytes) -> str:
    """A new secret of 256 bits as text for URLs and headers."""
    return base64.urlsafe_b64encode(random_bytes(32)).rstrip(b"=").decode()


def not_signed_in() -> QuanhengError:
    """Nobody is signed in, or the session has ended."""
    error = AccessError("not_signed_in", "You are not signed in, or the session has ended.", "Sign in again.")
    error.status = 401
    return error


def token_unknown() -> QuanhengError:
    """The device's token is not known."""
    error = AccessError(
        "token_unknown",
        "This phone is not enrolled here.",
        "Everything is kept on the phone. Have it enrolled again by the administrator.",
    )
    error.status = 401
    return error


class Access:
    """Signs people and devices in."""

    def __init__(
        self, database: Database, clock: Clock, random_bytes: RandomBytes, hasher: PasswordHasher
    ) -> None:
        self._database, self._clock, self._random, self._hasher = database, clock, random_bytes, hasher
        self._decoy = hasher.hash("no such person")

    def add_person(
        self,
        login: str,
        password: str,
        name: str,
        role: Role,
        body: str,
        counties: list[str],
        certificate_no: str = "",
    ) -> str:
        """Puts a person on the books; returns the person's id."""
        person_id = mint(self._clock, self._random)
        row = {
            "person_id": person_id,
            "login": login,
            "password_hash": self._hasher.hash(password),
            "name": name,
            "role": role.value,
            "body": body,
            "certificate_no": certificate_no,
            "counties": json.dumps(counties),
            "language": "zh",
            "active": True,
            "failed_sign_ins": 0,
            "locked_until": "",
        }
        with self._database.writing() as connection:
            store.add_person(connection, row)
        return person_id

    def sign_in(self, login: str, password: str) -> Session:
        """A new session. Raises AccessError ``sign_in_wrong`` or ``sign_in_locked``."""
        now = self._clock.now()
        with self._database.reading() as connection:
            row = self._open_to(connection, login)
        # The hash takes its time on purpose, and nobody else's records wait for it.
        right = self._matches(row["password_hash"] if row else self._decoy, password)
        if row is None:
            raise sign_in_wrong()
        # Each wrong one is counted, however many are tried at once.
        session = self._database.write(partial(self._count, login=login, right=right, now=now), [login])
        if session is None:
            raise sign_in_wrong()
        return session

    def _count(self, connection: Connection, login: str, right: bool, now: datetime) -> Session | None:
        """Opens a session, or counts a wrong password."""
        row = self._open_to(connection, login)
        if row is None:
            return None
        person, at = row["person_id"], written(now)
        if right:
            token, csrf = token_from(self._random), token_from(self._random)
            store.change_person(connection, person, failed_sign_ins=0, locked_until="")
            expires = written(now + timedelta(hours=SESSION_HOURS))
            session = {"token_hash": digest_of(token.encode()), "person_id": person, "csrf": csrf}
            store.add_session(connection, {**session, "expires_at": expires})
            store.note(connection, at, person, "signed_in", person, "{}")
            return Session(person=store.person_of(row), csrf=csrf, token=token)
        failed = row["failed_sign_ins"] + 1
        locked = written(now + timedelta(minutes=LOCKED_MINUTES)) if failed >= WRONG_PASSWORDS else ""
        kept = 0 if locked else failed
        store.change_person(connection, person, failed_sign_ins=kept, locked_until=locked)
        if locked:
            store.note(connection, at, person, "sign_in_locked", person, "{}")
        return None

    def _open_to(self, connection: Connection, login: str) -> RowMapping | None:
        """The person who may sign in under this login, if there is one. Raises ``sign_in_locked``."""
        row = store.person_by(connection, login=login)
        if row is None or not row["active"]:
            return None
        if row["locked_until"] and read(row["locked_until"]) > self._clock.now():
            raise AccessError(
                "sign_in_locked",
                "Too many wrong passwords: this sign-in is locked for {minutes} minutes.",
                "Wait, or ask the administrator.",
                minutes=LOCKED_MINUTES,
            )
        return row

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerifyMismatchError:
            return False

    def session(self, token: str) -> Session:
        """The session of a cookie. Raises ``not_signed_in``."""
        with self._database.reading() as connection:
            row = store.session_by_hash(connection, digest_of(token.encode()))
        if row is None or read(row["expires_at"]) <= self._clock.now() or not row["active"]:
            raise not_signed_in()
        return Session(person=store.person_of(row), csrf=row["csrf"])

    def sign_out(self, token: str) -> None:
        """Ends a session."""
        with self._database.writing() as connection:
            store.drop_session(connection, digest_of(token.encode()))

    def device(self, token: str) -> DeviceAccess:
        """The granted device of a token. Raises ``token_unknown``."""
        with self._database.reading() as connection:
            row = store.device_by(connection, token_hash=digest_of(token.encode()))
        if row is None:
            raise token_unknown()
        return store.device_of(row)

    def audit(self, person_id: str, action: str, subject: str, **details: str) -> None:
        """One line of the audit trail."""
        with self._database.writing() as connection:
            at = written(self._clock.now())
            store.note(connection, at, person_id, action, subject, json.dumps(details, ensure_ascii=False))

    def people(self) -> list[PersonAccess]:
        """Everybody on the books."""
        with self._database.reading() as connection:
            return store.people(connection)


def sign_in_wrong() -> QuanhengError:
    """Login or password is wrong; which of the two is not said."""
    error = AccessError(
        "sign_in_wrong", "The login or the password is wrong.", "Try again; five wrong ones lock the sign-in."
    )
    error.status = 401
    return error


def require(person: PersonAccess, *roles: Role) -> None:
    """Raises AccessError ``role_missing`` unless the person has one of the roles."""
    if person.role not in {role.value for role in roles}:
        raise AccessError(
            "role_missing",
            "Your role does not allow this.",
            "Ask a colleague who may, or the administrator.",
        )


def require_county(person: PersonAccess, county: str) -> None:
    """Raises AccessError ``out_of_region`` unless the county is the person's."""
    if county not in person.counties:
        raise AccessError(
            "out_of_region", "This lies outside your region.", "Ask a colleague of that county."
        )
