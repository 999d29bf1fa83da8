"""The Merkle tree over one county's ledger (RFC 9162, 2.1): roots, and proofs that a record is in it and that it only ever grew.

The leaf of a record binds its digest to its place: ``LEAF``, county, number in the county's ledger, digest. The hash is SHA-256. The phone uses the two
verifications alone; the office makes the proofs from whatever gives it the hash of a range of leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

LEAF = "quanheng ledger 1"
EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""
HASH_BYTES = 32
LONGEST_PATH = 128
"""Hashes in a proof at most: twice the height of any tree that there can be."""

RangeHash = Callable[[int, int], bytes]
"""The Merkle tree hash of the leaves from the first index, counted from 0, up to but without the second; never of none."""


def leaf_of(county: str, seq: int, digest: str) -> bytes:
    """The leaf hash of the record that has the number ``seq`` (counted from 1) on the ledger of ``county``."""
    return leaf_hash(f"{LEAF}\x00{county}\x00{seq}\x00{digest}".encode())


def leaf_hash(entry: bytes) -> bytes:
    """``HASH(0x00 || entry)``."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """``HASH(0x01 || left || right)``."""
    return sha256(b"\x01" + left + right).digest()


class Edge:
    """The right edge of a growing tree: the roots of its complete subtrees, the largest first. All that appending needs."""

    def __init__(self, size: int = 0, peaks: bytes = b"") -> None:
        self.size = size
        self._peaks = [peaks[start : start + HASH_BYTES] for start in range(0, len(peaks), HASH_BYTES)]

    @property
    def peaks(self) -> bytes:
        """The roots, one after another."""
        return b"".join(self._peaks)

    @property
    def root(self) -> bytes:
        """The tree's root now."""
        if not self._peaks:
            return EMPTY
        root = self._peaks[-1]
        for peak in self._peaks[-2::-1]:
            root = node_hash(peak, root)
        return root

    def append(self, leaf: bytes) -> list[bytes]:
        """Adds one leaf hash; the roots of the subtrees that it completes, by their height from 0, the leaf itself."""
        completed = [leaf]
        rest = self.size
        while rest & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            completed.append(leaf)
            rest >>= 1
        self._peaks.append(leaf)
        self.size += 1
        return completed


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over 2ⁿ hashes of one height."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def left_size(size: int) -> int:
    """How many of ``size`` leaves, two at least, are under the root's left child: the largest power of two below it."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_path(index: int, size: int, range_hash: RangeHash) -> list[bytes]:
    """The proof that the leaf at ``index``, counted from 0, is in the tree of ``size`` leaves (RFC 9162, 2.1.3.1)."""
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + left_size(end - start)
        if index < middle:
            path.append(range_hash(middle, end))
            end = middle
        else:
            path.append(range_hash(start, middle))
            start = middle
    return path[::-1]


def consistency_path(first: int, second: int, range_hash: RangeHash) -> list[bytes]:
    """The proof that the tree of ``second`` leaves begins with that of ``first``, one at least (RFC 9162, 2.1.4.1)."""
    path: list[bytes] = []
    start, end = 0, second
    while first != end:
        middle = start + left_size(end - start)
        if first <= middle:
            path.append(range_hash(middle, end))
            end = middle
        else:
            path.append(range_hash(start, middle))
            start = middle
    if start:
        path.append(range_hash(start, end))
    return path[::-1]


def is_included(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether ``path`` proves the leaf at ``index``, counted from 0, in the tree of ``size`` leaves and that root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or len(path) > LONGEST_PATH:
        return False
    at, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(beside, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether ``path`` proves that the tree of ``second`` leaves begins with that of ``first`` (RFC 9162, 2.1.4.2).

    A tree is consistent with itself, and any tree with the empty one, by an empty path.
    """
    if not 0 <= first <= second or len(path) > LONGEST_PATH:
        return False
    if first == second:
        return not path and first_root == second_root
    if first == 0:
        return not path and first_root == EMPTY
    if not path:
        return False
    is_whole = first & (first - 1) == 0
    hashes = [first_root, *path] if is_whole else path
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    earlier = later = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            earlier, later = node_hash(beside, earlier), node_hash(beside, later)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            later = node_hash(later, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and earlier == first_root and later == second_root
