"""The Merkle tree: the reference vectors of Certificate Transparency, and the recursive definitions of RFC 9162 over any tree."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.merkle import (
    Edge,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
    leaf_of,
)

VECTORS = tomllib.loads((Path(__file__).parents[1] / "vectors/merkle.toml").read_text())
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(text) for text in VECTORS["roots"]]
sizes = st.integers(1, 70)


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """MTH as RFC 9162, 2.1.1 defines it, word for word; of leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def path_of(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D_n) of 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m < k:
        return [*path_of(m, leaves[:k]), tree_hash(leaves[k:])]
    return [*path_of(m - k, leaves[k:]), tree_hash(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], b: bool) -> list[bytes]:
    """SUBPROOF(m, D_n, b) of 2.1.4.1."""
    if m == len(leaves):
        return [] if b else [tree_hash(leaves)]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], b), tree_hash(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), tree_hash(leaves[:k])]


def some(count: int, salt: int = 0) -> list[bytes]:
    """That many leaves."""
    return [leaf_of("210123", seq, f"{salt:064x}") for seq in range(1, count + 1)]


def grown(leaves: Sequence[bytes]) -> Edge:
    """The tree of these leaves, which went to disk and came back after each."""
    edge = Edge()
    for leaf in leaves:
        edge = Edge(edge.size, edge.peaks)
        edge.append(leaf)
    return edge


def test_the_reference_tree_has_its_known_roots() -> None:
    """The tree of the first n leaves has the published root, for n from 0 to 8."""
    assert [grown(LEAVES[:size]).root for size in range(9)] == ROOTS


def test_the_reference_proofs_are_made_and_hold() -> None:
    """The published proofs of inclusion and consistency are what is made, and they verify."""
    for vector in VECTORS["inclusion"]:
        path = [bytes.fromhex(text) for text in vector["path"]]
        index, size = vector["index"], vector["size"]
        assert inclusion_path(index, size, lambda start, end: tree_hash(LEAVES[start:end])) == path
        assert is_included(index, size, LEAVES[index], path, ROOTS[size])
    for vector in VECTORS["consistency"]:
        path = [bytes.fromhex(text) for text in vector["path"]]
        first, second = vector["first"], vector["second"]
        assert consistency_path(first, second, lambda start, end: tree_hash(LEAVES[start:end])) == path
        assert is_consistent(first, second, ROOTS[first], ROOTS[second], path)


@given(sizes)
def test_growing_gives_the_root_of_the_definition(size: int) -> None:
    """The right edge, kept and read again after each leaf, gives the root that the recursive definition gives; so do the completed subtrees."""
    leaves = some(size)
    assert grown(leaves).root == tree_hash(leaves)
    edge = Edge()
    for end, leaf in enumerate(leaves, 1):
        for height, root in enumerate(edge.append(leaf)):
            assert root == tree_hash(leaves[end - (1 << height) : end])


@given(st.data(), sizes)
def test_inclusion_is_proven_and_nothing_else_is(data: st.DataObject, size: int) -> None:
    """The path is the definition's and verifies; with another leaf, place, size, root, or a path shortened, prolonged or bent it does not."""
    index = data.draw(st.integers(0, size - 1))
    leaves, other = some(size), leaf_of("210124", 1, "0" * 64)
    path = inclusion_path(index, size, lambda start, end: tree_hash(leaves[start:end]))
    assert path == path_of(index, leaves)
    root = tree_hash(leaves)
    assert is_included(index, size, leaves[index], path, root)
    assert not is_included(index, size, other, path, root)
    assert not is_included(index, size, leaves[index], path, other)
    assert not is_included(index, size, leaves[index], [*path, other], root)
    assert not is_included(size, size, leaves[index], path, root)
    assert not is_included(-1, size, leaves[index], path, root)
    for place in {0, size - 1} - {index}:
        assert not is_included(place, size, leaves[index], path, root)
    for at in range(len(path)):
        assert not is_included(index, size, leaves[index], path[:at] + path[at + 1 :], root)
        assert not is_included(index, size, leaves[index], [*path[:at], other, *path[at + 1 :]], root)


@settings(max_examples=200)
@given(st.data(), sizes)
def test_growth_is_proven_and_no_change_is(data: st.DataObject, second: int) -> None:
    """The proof is the definition's and verifies; a tree in which one early leaf was changed, dropped or put elsewhere has none that does."""
    first = data.draw(st.integers(1, second))
    leaves, other = some(second), leaf_of("210124", 1, "0" * 64)

    def proof(of: list[bytes]) -> list[bytes]:
        return consistency_path(first, len(of), lambda start, end: tree_hash(of[start:end]))

    path = proof(leaves)
    assert path == subproof(first, leaves, True)
    old, new = tree_hash(leaves[:first]), tree_hash(leaves)
    assert is_consistent(first, second, old, new, path)
    assert not is_consistent(first, second, old, other, path)
    assert not is_consistent(first, second, other, new, path)
    assert not is_consistent(first, second, old, new, [*path, other])
    assert not is_consistent(second + 1, second, old, new, path)
    for at in range(len(path)):
        assert not is_consistent(first, second, old, new, path[:at] + path[at + 1 :])
        assert not is_consistent(first, second, old, new, [*path[:at], other, *path[at + 1 :]])
    changed = data.draw(st.integers(0, first - 1))
    rewritten = [*leaves[:changed], other, *leaves[changed + 1 :]]
    assert not is_consistent(first, second, old, tree_hash(rewritten), proof(rewritten))
    dropped = [*leaves[:changed], *leaves[changed + 1 :], other]
    assert not is_consistent(first, second, old, tree_hash(dropped), proof(dropped))


def test_an_empty_tree_begins_every_tree() -> None:
    """Nothing is consistent with anything by an empty proof, if the root is that of nothing; a proof too long is not looked at."""
    assert is_consistent(0, 8, ROOTS[0], ROOTS[8], [])
    assert is_consistent(0, 0, ROOTS[0], ROOTS[0], [])
    assert not is_consistent(0, 8, ROOTS[1], ROOTS[8], [])
    assert not is_consistent(0, 8, ROOTS[0], ROOTS[8], [ROOTS[1]])
    assert not is_consistent(1, 8, ROOTS[1], ROOTS[8], [ROOTS[1]] * 10_000)


def test_a_leaf_is_a_record_at_its_place() -> None:
    """Another county, number or digest is another leaf."""
    digest = "a" * 64
    leaves = {
        leaf_of("210123", 1, digest),
        leaf_of("210124", 1, digest),
        leaf_of("210123", 2, digest),
        leaf_of("210123", 1, "b" * 64),
    }
    assert len(leaves) == 4
