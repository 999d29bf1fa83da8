"""Reads the whole ledger and says which records no longer are what their authors signed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, RowMapping

from server.services.receive import signature_holds
from server.store import access as access_store
from server.store import records as store
from server.store.database import Database
from shared.errors import InputError
from shared.identity import digest_of
from sync.envelope import read_body, record_message
from sync.keys import key_id

PAGE = 2000


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """One record of the ledger, checked."""

    county: str
    seq: int
    record_id: str
    fault: str
    """``digest``, ``place`` (other record, other row), ``signature``, ``unreadable``; empty where all is right."""


def check_ledger(database: Database, office_key: bytes) -> Iterator[Checked]:
    """Every record in the order of its county: its digest worked out anew, its place, and its author's signature."""
    with database.reading() as connection:
        keys = access_store.public_keys(connection) | {key_id(office_key): office_key}
        for county in store.counties(connection):
            for row in rows_of(connection, county["county"]):
                yield Checked(
                    county=row["county"],
                    seq=row["seq"],
                    record_id=row["record_id"],
                    fault=fault_of(row, keys),
                )


def rows_of(connection: Connection, county: str) -> Iterator[RowMapping]:
    """A county's ledger, a page at a time."""
    after = 0
    while page := store.read_ledger(connection, county, after, PAGE):
        yield from page
        after = page[-1]["seq"]


def fault_of(row: RowMapping, keys: dict[str, bytes]) -> str:
    """What is wrong with one row, or empty."""
    digest = digest_of(row["body"])
    if digest != row["digest"]:
        return "digest"
    try:
        envelope = read_body(row["body"])
    except InputError:
        return "unreadable"
    stands = (row["record_id"], row["county"], row["author_key"])
    if stands != (envelope.record_id, envelope.county, envelope.author_key):
        return "place"
    key = keys.get(envelope.author_key, b"")
    return "" if signature_holds(key, record_message(digest), row["signature"]) else "signature"
