"""Reading and writing the Merkle trees over the ledgers and their signed heads, within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, RowMapping, bindparam, select

from server.store.records import Row, add, upsert
from server.store.tables import ledger, ledger_head, ledger_node, ledger_tree

PAGE = 5000

_TREE = select(ledger_tree).where(ledger_tree.c.county == bindparam("county"))
_DIGESTS = (
    select(ledger.c.seq, ledger.c.digest)
    .where(
        ledger.c.county == bindparam("county"), ledger.c.seq.between(bindparam("first"), bindparam("last"))
    )
    .order_by(ledger.c.seq)
)
_NEWEST_HEAD = (
    select(ledger_head)
    .where(ledger_head.c.county == bindparam("county"), ledger_head.c.generation == bindparam("generation"))
    .order_by(ledger_head.c.size.desc())
    .limit(1)
)


def tree(connection: Connection, county: str) -> RowMapping | None:
    """The right edge of the county's tree."""
    return connection.execute(_TREE, {"county": county}).mappings().first()


def keep_tree(connection: Connection, row: Row, nodes: Sequence[Row]) -> None:
    """Writes the edge and the subtrees that were completed."""
    upsert(connection, ledger_tree, [row])
    add(connection, ledger_node, nodes)


def nodes(connection: Connection, county: str, height: int, first: int, count: int) -> list[bytes]:
    """The roots of complete subtrees, by their number."""
    found = (
        select(ledger_node.c.hash)
        .where(ledger_node.c.county == county, ledger_node.c.height == height)
        .where(ledger_node.c.number.between(first, first + count - 1))
        .order_by(ledger_node.c.number)
    )
    return list(connection.execute(found).scalars())


def digests(connection: Connection, county: str, first: int, last: int) -> list[tuple[int, str]]:
    """Numbers and digests of the county's ledger, both ends included."""
    rows = connection.execute(_DIGESTS, {"county": county, "first": first, "last": last})
    return [(seq, digest) for seq, digest in rows]


def all_digests(connection: Connection, county: str, after: int = 0) -> Iterable[tuple[int, str]]:
    """The same of the whole ledger from a number on, a page at a time."""
    while page := digests(connection, county, after + 1, after + PAGE):
        yield from page
        after += PAGE


def keep_heads(connection: Connection, rows: Sequence[Row]) -> None:
    """Writes signed heads."""
    upsert(connection, ledger_head, rows)


def newest_head(connection: Connection, county: str, generation: str) -> RowMapping | None:
    """The head of the most records that was signed in this generation."""
    where = {"county": county, "generation": generation}
    return connection.execute(_NEWEST_HEAD, where).mappings().first()


def heads(connection: Connection, county: str) -> list[RowMapping]:
    """Every head of the county, the smallest first."""
    found = select(ledger_head).where(ledger_head.c.county == county)
    return list(connection.execute(found.order_by(ledger_head.c.size)).mappings())


def counties_with_heads(connection: Connection) -> list[str]:
    """Every county of which a head was signed."""
    found = select(ledger_head.c.county).distinct().order_by(ledger_head.c.county)
    return list(connection.execute(found).scalars())
