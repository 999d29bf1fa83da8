"""The office's Merkle log: heads that come with the commit, proofs that hold over many sizes, trees that the ledger gives again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from litestar.testing import TestClient
from sqlalchemy import Connection, event

from server.app import phone_app
from server.services.ledger_log import Leaves, grow
from server.store.tables import ledger
from sync.merkle import EMPTY, Edge, consistency_path, is_consistent, is_included, leaf_of
from sync.messages import Consistency, Inclusions, LedgerHead, PushAnswer
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone

DIGEST = "{:064x}"


@pytest.fixture
def client(office: Office) -> Iterator[TestClient[Any]]:
    """The phone's origin."""
    with TestClient(phone_app(office.house, office.settings)) as opened:
        yield opened


def pushed(office: Office, phone: Phone, *records: Any) -> PushAnswer:
    """The answer to a push of these records."""
    return office.house.receiver.push(phone.access, phone.message(*records))


def signed_by_the_office(office: Office, head: LedgerHead) -> bool:
    """Whether a head's signature holds; raises where it does not."""
    Ed25519PublicKey.from_public_bytes(office.house.log.public_key).verify(head.signature, head.message)
    return True


def fill(connection: Connection, count: int) -> None:
    """A ledger of that many rows and its tree, without the records' bytes."""
    columns = {column.name: b"" if "BLOB" in str(column.type) else "" for column in ledger.columns}
    rows = [
        columns
        | {"county": COUNTY, "seq": seq, "digest": DIGEST.format(seq), "schema": 1, "sequence": seq}
        | {"clock_doubtful": False}
        for seq in range(1, count + 1)
    ]
    connection.execute(ledger.insert(), rows)
    grow(connection, COUNTY, [(row["seq"], row["digest"]) for row in rows])


def test_a_push_is_answered_with_the_signed_head_that_it_made(office: Office, phone: Phone) -> None:
    """Each push that put something on a ledger hands out one head a county, signed, of the new size; one that put nothing there hands out none."""
    first = pushed(office, phone, phone.weight(), phone.site()[1])
    second = pushed(office, phone, phone.weight())
    again = pushed(office, phone, phone.seal(office.rows("SELECT body FROM ledger")[0]["body"]))
    assert [(head.county, head.size) for head in first.heads + second.heads] == [(COUNTY, 2), (COUNTY, 3)]
    assert again.heads == []
    edge = Edge()
    for row in office.rows("SELECT seq, digest FROM ledger ORDER BY seq"):
        edge.append(leaf_of(COUNTY, row["seq"], row["digest"]))
    [head] = second.heads
    assert head.root == edge.root.hex()
    assert head.generation == office.house.generation == second.generation
    assert all(signed_by_the_office(office, each) for each in first.heads + second.heads)


def test_a_greeting_shows_the_newest_head_of_each_county(office: Office) -> None:
    """The whole scope, the empty ledger too; a phone that may not read any more is shown none."""
    phone = office.phone("wide", (COUNTY, NEXT_COUNTY))
    pushed(office, phone, phone.weight())
    welcome = phone.greet()
    assert {head.county: head.size for head in welcome.heads} == {COUNTY: 1, NEXT_COUNTY: 0}
    assert welcome.office_key == office.house.log.public_key
    assert {head.root for head in welcome.heads if not head.size} == {EMPTY.hex()}
    assert all(signed_by_the_office(office, head) for head in welcome.heads)
    assert phone.greet().heads == welcome.heads
    office.house.enrolments.revoke("admin", phone.device_id, "push_only")
    assert phone.greet().heads == []


def test_a_commit_that_fails_leaves_no_head(office: Office, phone: Phone) -> None:
    """Where the transaction is not committed there is neither record nor tree nor head, and the next head is of what is there."""

    def fail(_connection: object) -> None:
        raise OSError("the disk is full")

    pushed(office, phone, phone.weight())
    event.listen(office.database.engine, "commit", fail)
    with pytest.raises(OSError, match="the disk is full"):
        pushed(office, phone, phone.weight())
    event.remove(office.database.engine, "commit", fail)
    assert [row["size"] for row in office.rows("SELECT size FROM ledger_head ORDER BY size")] == [1]
    [head] = phone.greet().heads
    assert head.size == 1
    [head] = pushed(office, phone, phone.weight()).heads
    assert head.size == 2


def test_proofs_over_the_wire(office: Office, phone: Phone, client: TestClient[Any]) -> None:
    """Between any two sizes and for any records, a phone gets proofs that hold; for a record that is not there it gets none."""
    heads = [pushed(office, phone, phone.weight()).heads[0] for _ in range(7)]
    bearer = {"Authorization": f"Bearer {phone.token}"}
    for first in heads:
        for second in heads[first.size - 1 :]:
            asked = urlencode({"first": first.size, "second": second.size})
            answer = client.get(f"/api/v1/ledger/{COUNTY}/consistency?{asked}", headers=bearer)
            proof = msgspec.msgpack.decode(answer.content, type=Consistency)
            roots = (bytes.fromhex(first.root), bytes.fromhex(second.root))
            assert is_consistent(first.size, second.size, *roots, proof.path)
            assert proof.generation == second.generation
    rows = office.rows("SELECT record_id, digest, seq FROM ledger")
    records = [row["record_id"] for row in rows]
    asked = urlencode({"size": 6, "record": [*records, phone.mint()]}, doseq=True)
    answer = client.get(f"/api/v1/ledger/{COUNTY}/inclusion?{asked}", headers=bearer)
    found = msgspec.msgpack.decode(answer.content, type=Inclusions)
    assert sorted((each.seq, each.digest) for each in found.proofs) == sorted(
        (row["seq"], row["digest"]) for row in rows if row["seq"] <= 6
    )
    root = bytes.fromhex(heads[5].root)
    for each in found.proofs:
        assert is_included(each.seq - 1, 6, leaf_of(COUNTY, each.seq, each.digest), each.path, root)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{COUNTY}/consistency?first=0&second=1", 404, "ledger_sizes_wrong"),
        (f"{COUNTY}/consistency?first=1&second=9", 404, "ledger_sizes_wrong"),
        (f"{COUNTY}/consistency?first=1&second=0", 404, "ledger_sizes_wrong"),
        (f"{COUNTY}/inclusion?size=9&record=x", 404, "ledger_sizes_wrong"),
        (f"{NEXT_COUNTY}/consistency?first=1&second=1", 403, "out_of_scope"),
        (f"{NEXT_COUNTY}/inclusion?size=1&record=x", 403, "out_of_scope"),
    ],
)
def test_proofs_that_there_are_none_of(
    office: Office, phone: Phone, client: TestClient[Any], path: str, status: int, code: str
) -> None:
    """Sizes that the ledger has not, and counties outside the scope, are clear errors; without a token nothing is said."""
    pushed(office, phone, phone.weight())
    answer = client.get(f"/api/v1/ledger/{path}", headers={"Authorization": f"Bearer {phone.token}"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert client.get(f"/api/v1/ledger/{path}").status_code == 401


def test_a_revoked_phone_gets_no_proofs(office: Office, phone: Phone, client: TestClient[Any]) -> None:
    """Push only is push only."""
    pushed(office, phone, phone.weight())
    office.house.enrolments.revoke("admin", phone.device_id, "push_only")
    answer = client.get(
        f"/api/v1/ledger/{COUNTY}/consistency?first=1&second=1",
        headers={"Authorization": f"Bearer {phone.token}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "access_ended")


def test_proofs_of_a_long_ledger_read_few_blocks(office: Office) -> None:
    """Over 70,000 records, with subtrees kept at two heights, proofs hold and read no more than a handful of blocks of 256."""
    count = 70_000
    marks = {1, 255, 256, 257, 300, 65_536, 65_537, 69_999, count}
    with office.database.writing() as connection:
        fill(connection, count)
        edge, roots = Edge(), {}
        for seq in range(1, count + 1):
            edge.append(leaf_of(COUNTY, seq, DIGEST.format(seq)))
            if seq in marks:
                roots[seq] = edge.root
        reads: list[str] = []

        def note(*_called: Any) -> None:
            reads.append("")

        for first in sorted(marks):
            leaves = Leaves(connection, COUNTY, count)
            event.listen(connection, "before_cursor_execute", note)
            path = consistency_path(first, count, leaves.range_hash)
            event.remove(connection, "before_cursor_execute", note)
            assert len(reads) <= 8, f"{len(reads)} reads"
            reads.clear()
            assert is_consistent(first, count, roots[first], roots[count], path)


def test_a_ledger_from_before_the_log_gets_its_tree_at_the_start(office: Office, phone: Phone) -> None:
    """Trees and heads are made from the ledger at the next start, equal to those that would have grown with it."""
    pushed(office, phone, *[phone.weight() for _ in range(5)])
    before = office.projections()["ledger_tree"]
    with office.database.writing() as connection:
        for table in ("ledger_tree", "ledger_node", "ledger_head"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608
    again = office.restarted()
    try:
        assert again.projections()["ledger_tree"] == before
        assert [row["size"] for row in again.rows("SELECT size FROM ledger_head")] == [5]
        again.check()
    finally:
        again.close()
