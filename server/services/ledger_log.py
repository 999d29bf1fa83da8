"""The office's own Merkle log: a tree over each county's ledger, whose head is signed whenever it grows, and the proofs that phones ask for.

Invariants:

* Tree and head are written in the transaction that appends, and a head is handed out after its commit only: no two heads of one generation contradict
  each other unless the ledger was changed.
* The leaves are the ledger's own digests: below the stored subtrees nothing is kept that could agree with a head while the ledger does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, RowMapping

from server.callers import DeviceAccess
from server.services.moments import read, written
from server.services.pull import must_read
from server.store import ledger_log as store
from server.store import records
from server.store.database import Database
from shared.clock import Clock
from shared.errors import InputError
from sync.merkle import Edge, consistency_path, fold, inclusion_path, leaf_of, left_size, node_hash
from sync.messages import MAX_PROOFS, Consistency, Inclusion, Inclusions, LedgerHead

STEP = 8
"""Every eighth height of the tree is kept."""
WIDTH = 1 << STEP


class LedgerLog:
    """Signs heads and makes proofs."""

    def __init__(self, database: Database, clock: Clock, key: Ed25519PrivateKey, generation: str) -> None:
        self._database, self._clock, self._key, self._generation = database, clock, key, generation
        self.public_key = key.public_key().public_bytes_raw()

    def append(
        self, connection: Connection, added: Mapping[str, Iterable[tuple[int, str]]]
    ) -> list[LedgerHead]:
        """Adds what was put on each county's ledger, by number and digest, and signs the new heads. In the intake's transaction."""
        edges = {county: grow(connection, county, added[county]) for county in sorted(added)}
        return self._sign(connection, edges)

    def newest(self, connection: Connection, counties: Sequence[str]) -> list[LedgerHead]:
        """The newest head of each county; in a transaction that may write, for a county has none yet in a new generation."""
        found = {county: store.newest_head(connection, county, self._generation) for county in counties}
        missing = {county: edge_of(connection, county) for county, row in found.items() if row is None}
        return [head_of(row) for row in found.values() if row] + self._sign(connection, missing)

    def _sign(self, connection: Connection, edges: Mapping[str, Edge]) -> list[LedgerHead]:
        now = self._clock.now()
        heads = []
        for county, edge in edges.items():
            unsigned = LedgerHead(county, edge.size, edge.root.hex(), self._generation, now, b"")
            signature = self._key.sign(unsigned.message)
            heads.append(LedgerHead(county, edge.size, edge.root.hex(), self._generation, now, signature))
        store.keep_heads(connection, [row_of(head) for head in heads])
        return heads

    def catch_up(self) -> None:
        """Takes into the trees what was on the ledgers before there were trees: once, at the start."""

        def grow_all(connection: Connection) -> None:
            behind = [
                row["county"]
                for row in records.counties(connection)
                if edge_of(connection, row["county"]).size < row["ledger_seq"]
            ]
            self._sign(connection, {county: grow_from_ledger(connection, county) for county in behind})

        self._database.write_alone(grow_all)

    def consistency(self, device: DeviceAccess, county: str, first: int, second: int) -> Consistency:
        """The proof between two sizes. Raises ``out_of_scope``, ``access_ended``; InputError ``ledger_sizes_wrong``."""
        must_read(device, county)
        with self._database.reading() as connection:
            if not 1 <= first <= second <= edge_of(connection, county).size:
                raise sizes_wrong()
            path = consistency_path(first, second, Leaves(connection, county, second).range_hash)
        return Consistency(county, first, second, path, self._generation)

    def inclusions(
        self, device: DeviceAccess, county: str, size: int, record_ids: Sequence[str]
    ) -> Inclusions:
        """Proofs for those of the records that are on the ledger of that size; raises as :meth:`consistency`."""
        must_read(device, county)
        proofs = []
        with self._database.reading() as connection:
            if not 1 <= size <= edge_of(connection, county).size:
                raise sizes_wrong()
            leaves = Leaves(connection, county, size)
            for row in records.identities(connection, record_ids[:MAX_PROOFS]).values():
                if row["county"] == county and row["seq"] <= size:
                    path = inclusion_path(row["seq"] - 1, size, leaves.range_hash)
                    proofs.append(Inclusion(row["digest"], row["seq"], path))
        return Inclusions(county, size, proofs, self._generation)


class Leaves:
    """The hashes of ranges of a county's leaves below a size, read a block of 256 at a time, each block once."""

    def __init__(self, connection: Connection, county: str, size: int) -> None:
        self._connection, self._county, self._size = connection, county, size
        self._blocks: dict[tuple[int, int], list[bytes]] = {}

    def range_hash(self, start: int, end: int) -> bytes:
        """As :data:`sync.merkle.RangeHash`, for the ranges that proofs are made of: they begin where a subtree does."""
        size = end - start
        if size & (size - 1):
            middle = start + left_size(size)
            return node_hash(self.range_hash(start, middle), self.range_hash(middle, end))
        height = (size.bit_length() - 1) // STEP
        number, count = start >> STEP * height, size >> STEP * height
        block, at = divmod(number, WIDTH)
        hashes = self._block(height, block)[at : at + count]
        if len(hashes) != count:
            raise tree_damaged()
        return fold(hashes)

    def _block(self, height: int, block: int) -> list[bytes]:
        kept = self._blocks.get((height, block))
        if kept is None:
            kept = self._blocks[height, block] = self._read(height, block * WIDTH)
        return kept

    def _read(self, height: int, first: int) -> list[bytes]:
        if height:
            return store.nodes(self._connection, self._county, height, first, WIDTH)
        last = min(first + WIDTH, self._size)
        there = dict(store.digests(self._connection, self._county, first + 1, last))
        return [leaf_of(self._county, seq, there.get(seq, "")) for seq in range(first + 1, last + 1)]


def edge_of(connection: Connection, county: str) -> Edge:
    """The right edge of the county's tree."""
    row = store.tree(connection, county)
    return Edge(row["size"], row["peaks"]) if row else Edge()


def grow(connection: Connection, county: str, added: Iterable[tuple[int, str]]) -> Edge:
    """Adds records, by number and digest, to the county's tree."""
    edge = edge_of(connection, county)
    nodes = []
    for seq, digest in added:
        completed = edge.append(leaf_of(county, seq, digest))
        for height, level in enumerate(range(STEP, len(completed), STEP), 1):
            number = (edge.size >> level) - 1
            nodes.append({"county": county, "height": height, "number": number, "hash": completed[level]})
    store.keep_tree(connection, {"county": county, "size": edge.size, "peaks": edge.peaks}, nodes)
    return edge


def grow_from_ledger(connection: Connection, county: str) -> Edge:
    """Adds what is on the county's ledger and not yet in its tree."""
    return grow(connection, county, store.all_digests(connection, county, edge_of(connection, county).size))


def head_of(row: RowMapping) -> LedgerHead:
    """A row of the signed heads as it is handed out."""
    return LedgerHead(
        row["county"],
        row["size"],
        row["root"],
        row["generation"],
        read(row["server_time"]),
        row["signature"],
    )


def row_of(head: LedgerHead) -> records.Row:
    """A signed head as it is kept."""
    return {
        "county": head.county,
        "generation": head.generation,
        "size": head.size,
        "root": head.root,
        "server_time": written(head.server_time),
        "signature": head.signature,
    }


def tree_damaged() -> InputError:
    """Some of the tree's stored subtrees are gone."""
    error = InputError(
        "ledger_tree_damaged",
        "The tree over the ledger is damaged on the server.",
        "Have the administrator say there: quanheng rebuild",
    )
    error.status = 503
    return error


def sizes_wrong() -> InputError:
    """The ledger is not that long, or the sizes are the wrong way round."""
    error = InputError(
        "ledger_sizes_wrong",
        "The ledger has no such sizes.",
        "The phone greets the server again and asks anew by itself.",
    )
    error.status = 404
    return error
