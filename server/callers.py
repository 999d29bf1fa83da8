"""Who asks: an enrolled phone, or a person who is signed in."""

from __future__ import annotations

import msgspec


class DeviceAccess(msgspec.Struct, frozen=True, kw_only=True):
    """An enrolled phone as its token opens it."""

    device_id: str
    person_id: str
    public_key: bytes
    author_public_key: bytes
    state: str
    access: str
    counties: list[str]
    scope_version: int
    fingerprint: str
    confirmed_by_itself: bool


class PersonAccess(msgspec.Struct, frozen=True, kw_only=True):
    """A person on the books, without the password."""

    person_id: str
    login: str
    name: str
    role: str
    body: str
    certificate_no: str
    counties: list[str]
    language: str
    active: bool
