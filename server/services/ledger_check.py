"""Reads the whole ledger and says which records no longer are what their authors signed, and which signed heads it no longer bears out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from sqlalchemy import Connection, RowMapping

from server.services.ledger_log import Leaves, edge_of, head_of
from server.services.receive import signature_holds
from server.store import access as access_store
from server.store import ledger_log as log_store
from server.store import records as store
from server.store.database import Database
from shared.errors import InputError
from shared.identity import digest_of
from sync.envelope import read_body, record_message
from sync.keys import key_id
from sync.merkle import Edge, leaf_of
from sync.messages import LedgerHead

PAGE = 2000


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """One record of the ledger, checked."""

    county: str
    seq: int
    record_id: str
    fault: str
    """``digest``, ``place`` (other record, other row), ``signature``, ``unreadable``; empty where all is right."""


class CheckedHead(msgspec.Struct, frozen=True, kw_only=True):
    """One signed head, checked; or a county's tree, where it is the tree that is wrong."""

    county: str
    size: int
    signed_at: str
    fault: str
    """``signature``, ``root`` (the ledger is not the one that was signed), ``beyond`` (records are gone from its end), ``tree`` (what proofs are made of
    is not what the ledger gives), ``unsigned`` (records stand behind the last head); empty where all is right."""


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


def check_heads(database: Database, office_key: bytes) -> Iterator[CheckedHead]:
    """Works each county's tree out anew from its ledger and compares it with every head that was signed, the smallest first."""
    with database.reading() as connection:
        counties = {row["county"] for row in store.counties(connection)}
        for county in sorted(counties.union(log_store.counties_with_heads(connection))):
            heads = [head_of(row) for row in log_store.heads(connection, county)]
            edge = Edge()
            roots = {0: edge.root}
            signed = {head.size for head in heads}
            for seq, digest in log_store.all_digests(connection, county):
                edge.append(leaf_of(county, seq, digest))
                if edge.size in signed:
                    roots[edge.size] = edge.root
            for head in heads:
                fault = fault_of_head(head, roots, office_key)
                yield CheckedHead(
                    county=county, size=head.size, signed_at=head.server_time.isoformat(), fault=fault
                )
            yield from faults_of_tree(connection, county, edge, heads)


def fault_of_head(head: LedgerHead, roots: dict[int, bytes], office_key: bytes) -> str:
    """What is wrong with one head, or empty; ``roots`` by size as the ledger gives them."""
    if not signature_holds(office_key, head.message, head.signature):
        return "signature"
    if head.size not in roots:
        return "beyond"
    return "" if roots[head.size].hex() == head.root else "root"


def faults_of_tree(
    connection: Connection, county: str, edge: Edge, heads: Iterable[LedgerHead]
) -> Iterator[CheckedHead]:
    """Whether the tree that proofs are made of is the ledger's, and the whole ledger under a head."""
    kept = edge_of(connection, county)
    same = (kept.size, kept.peaks) == (edge.size, edge.peaks)
    if not same or not subtrees_fit(connection, county, edge):
        yield CheckedHead(county=county, size=kept.size, signed_at="", fault="tree")
    if max((head.size for head in heads), default=0) < edge.size:
        yield CheckedHead(county=county, size=edge.size, signed_at="", fault="unsigned")


def subtrees_fit(connection: Connection, county: str, edge: Edge) -> bool:
    """Whether the stored subtrees, with the ledger below them, give the root."""
    try:
        return not edge.size or Leaves(connection, county, edge.size).range_hash(0, edge.size) == edge.root
    except InputError:
        return False
