"""County packs: what is in one, who may have it, how it travels, and how it is kept fresh. Real files, real HTTP."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar.testing import TestClient
from sqlalchemy import text

from mobile.store.work import WorkStore
from server.app import phone_app
from server.services import rebuild
from server.services.packs import BEHIND, OLDEST, Packs, one_at_a_time
from shared.errors import QuanhengError
from shared.identity import digest_of
from sync.messages import Pack, PackOffer
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone
from tests.server.test_api import bearer, problem

API = "/api/v1"
SMALLEST = 40


@pytest.fixture
def client(office: Office) -> Iterator[TestClient[Any]]:
    """The phone's origin."""
    with TestClient(phone_app(office.house, office.settings)) as opened:
        yield opened


@pytest.fixture
def packs(office: Office) -> Packs:
    """Packs for counties from 40 changes on, in the office's folder."""
    return Packs(office.database, office.clock, office.house.generation, office.data / "packs", SMALLEST)


def fill(phone: Phone, scales: int) -> list[str]:
    """Registers a market and scales, the first with a label; the scales' ids."""
    site_id, site = phone.site()
    made = [phone.scale(site_id, f"S-{number}") for number in range(scales)]
    phone.push(site, *[record for _, record in made], phone.label(made[0][0]))
    return [scale_id for scale_id, _ in made]


def offered(client: TestClient[Any], phone: Phone, county: str = COUNTY) -> PackOffer:
    answer = client.get(f"{API}/packs/{county}", headers=bearer(phone))
    assert answer.status_code == 200, answer.text
    return msgspec.msgpack.decode(answer.content, type=PackOffer)


def fetch(client: TestClient[Any], phone: Phone, digest: str, **headers: str) -> httpx.Response:
    return client.get(f"{API}/packs/{COUNTY}/{digest}", headers=bearer(phone, **headers))


def rows_of(packed: bytes, path: Path, query: str) -> list[tuple[Any, ...]]:
    """What a pack's SQLite file says."""
    path.write_bytes(gzip.decompress(packed))
    with closing(sqlite3.connect(path)) as opened:
        return opened.execute(query).fetchall()


def schema(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Tables and indexes of ``state`` as SQLite keeps their text."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'state' AND sql <> ''")
    return {(name, " ".join(sql.split())) for name, sql in rows}


def test_a_pack_holds_what_a_pull_hands_out_and_nothing_else(
    office: Office, phone: Phone, client: TestClient[Any], tmp_path: Path
) -> None:
    """Its states are the pull's byte for byte; beside them it has only what they are found by, and neither a person, a device, a token nor a signature is in it."""
    fill(phone, 12)
    office.house.packs.refresh(every=True)
    offer = offered(client, phone)
    packed = fetch(client, phone, offer.digest).content
    assert (digest_of(packed), len(packed)) == (offer.digest, offer.size)
    plain = gzip.decompress(packed)
    assert len(plain) == offer.unpacked_size
    path = tmp_path / "pack.db"
    states = rows_of(packed, path, "SELECT subject, county, subject_type, state FROM state WHERE own = 0")
    page = phone.pull()
    assert set(states) == {(one.subject, COUNTY, one.subject_type, one.state) for one in page.changes}
    assert len(states) == offer.pack.states == 13
    assert rows_of(packed, path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") == [
        ("about",),
        ("alias",),
        ("search",),
        ("state",),
    ]
    secrets = [phone.person_id, phone.device_id, phone.token, phone.chain]
    assert not [secret for secret in secrets if secret.encode() in plain]
    assert phone.author_public not in plain


def test_the_phones_own_store_has_the_very_same_tables(
    office: Office, phone: Phone, client: TestClient[Any], tmp_path: Path
) -> None:
    """Table and indexes of states in a pack and in a phone's ``work.db`` are one text, so one query reads both."""
    fill(phone, 1)
    office.house.packs.refresh(every=True)
    path = tmp_path / "pack.db"
    path.write_bytes(gzip.decompress(fetch(client, phone, offered(client, phone).digest).content))
    work = WorkStore(":memory:")
    with closing(sqlite3.connect(path)) as pack:
        assert len(schema(pack)) == 5
        assert schema(pack) == schema(work.database.conn)
    work.close()


def test_a_pull_goes_on_from_the_packs_cursor(office: Office, phone: Phone, client: TestClient[Any]) -> None:
    """What was changed after the pack was built comes by the cursor that is offered with it, and nothing twice."""
    [scale_id, *_] = fill(phone, 3)
    office.house.packs.refresh(every=True)
    cursor = offered(client, phone).cursor
    assert phone.pull(cursor=cursor).changes == []
    phone.push(phone.label(scale_id, "8Q3K9M2V"))
    assert [change.subject for change in phone.pull(cursor=cursor).changes] == [scale_id]


def test_pieces_make_the_whole(office: Office, phone: Phone, client: TestClient[Any]) -> None:
    """HEAD and GET tell one strong tag; ranges answer 206 with their place, an open end and a suffix too, and together are the file."""
    fill(phone, 5)
    office.house.packs.refresh(every=True)
    offer = offered(client, phone)
    whole = fetch(client, phone, offer.digest)
    head = client.head(f"{API}/packs/{COUNTY}/{offer.digest}", headers=bearer(phone))
    for answer in (whole, head):
        assert answer.status_code == 200
        assert answer.headers["etag"] == f'"{offer.digest}"'
        assert answer.headers["accept-ranges"] == "bytes"
        assert int(answer.headers["content-length"]) == offer.size
        assert "content-encoding" not in answer.headers
    assert head.content == b""
    first = fetch(client, phone, offer.digest, Range="bytes=0-99", **{"If-Range": f'"{offer.digest}"'})
    rest = fetch(client, phone, offer.digest, Range="bytes=100-")
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.headers["content-range"] == f"bytes 0-99/{offer.size}"
    assert first.content + rest.content == whole.content
    assert fetch(client, phone, offer.digest, Range="bytes=-7").content == whole.content[-7:]
    assert fetch(client, phone, offer.digest, Range=f"bytes=5-{offer.size * 2}").content == whole.content[5:]
    beyond = fetch(client, phone, offer.digest, Range=f"bytes={offer.size}-")
    assert problem(beyond) == (416, "range_wrong")


@pytest.mark.parametrize("odd", ["bytes=9-3", "bytes=0-1,3-4", "lines=0-1", "bytes=-", "bytes=a-b"])
def test_a_range_that_is_none_gets_the_whole(
    office: Office, phone: Phone, client: TestClient[Any], odd: str
) -> None:
    """Several ranges, other units and nonsense are passed over, as RFC 9110 (14.2) allows."""
    fill(phone, 1)
    office.house.packs.refresh(every=True)
    offer = offered(client, phone)
    answer = fetch(client, phone, offer.digest, Range=odd)
    assert (answer.status_code, len(answer.content)) == (200, offer.size)


def test_pieces_of_two_packs_never_meet(office: Office, phone: Phone, client: TestClient[Any]) -> None:
    """A pack built in the middle of a fetch changes no byte of it: the one before is kept, a piece for another tag is the whole, and what was
    swept answers ``pack_swept``, upon which a phone begins again.
    """
    fill(phone, 3)
    office.house.packs.refresh(every=True)
    first = offered(client, phone)
    whole = fetch(client, phone, first.digest).content
    head = fetch(client, phone, first.digest, Range="bytes=0-99").content
    phone.push(phone.weight())
    office.house.packs.refresh(every=True)
    second = offered(client, phone)
    assert second.digest != first.digest
    assert head + fetch(client, phone, first.digest, Range="bytes=100-").content == whole
    mixed = fetch(client, phone, second.digest, Range="bytes=100-", **{"If-Range": f'"{first.digest}"'})
    assert (mixed.status_code, digest_of(mixed.content)) == (200, second.digest)
    phone.push(phone.weight())
    office.house.packs.refresh(every=True)
    assert problem(fetch(client, phone, first.digest, Range="bytes=100-")) == (404, "pack_swept")
    assert fetch(client, phone, second.digest).status_code == 200
    assert len(list((office.data / "packs" / COUNTY).glob("*.sqlite.gz"))) == 2


def test_only_a_phone_whose_scope_holds_the_county_gets_it(office: Office, client: TestClient[Any]) -> None:
    """Another county's phone, a phone that may only push, and nobody at all get neither the offer nor the file."""
    inside = office.phone("inside")
    outside = office.phone("outside", (NEXT_COUNTY,))
    fill(inside, 3)
    office.house.packs.refresh(every=True)
    digest = offered(client, inside).digest
    for address in (f"{API}/packs/{COUNTY}", f"{API}/packs/{COUNTY}/{digest}"):
        assert problem(client.get(address, headers=bearer(outside))) == (403, "out_of_scope")
        assert problem(client.get(address)) == (401, "token_unknown")
    office.house.enrolments.revoke("admin", inside.device_id, "push_only")
    for address in (f"{API}/packs/{COUNTY}", f"{API}/packs/{COUNTY}/{digest}"):
        assert problem(client.get(address, headers=bearer(inside))) == (403, "access_ended")


@pytest.mark.parametrize("name", ["0" * 64, "pack.json", "..%2F..%2Fquanheng.db", "A" * 64])
def test_a_name_that_is_no_packs_leads_nowhere(
    office: Office, phone: Phone, client: TestClient[Any], name: str
) -> None:
    """Only the digest of a kept pack is an address; nothing else in the server's folder can be fetched."""
    fill(phone, 1)
    office.house.packs.refresh(every=True)
    assert fetch(client, phone, name).status_code == 404


def test_packs_are_built_when_enough_has_changed_or_time_has_passed(
    office: Office, phone: Phone, packs: Packs
) -> None:
    """None below the smallest size; one as soon as it is reached; anew after one change in twenty, or after a day if anything changed."""
    fill(phone, SMALLEST - 3)
    assert packs.refresh() == []
    phone.push(phone.weight())
    [first] = packs.refresh()
    assert packs.refresh() == []
    office.clock.advance(OLDEST)
    assert packs.refresh() == [], "nothing has changed"
    phone.push(phone.weight())
    [second] = packs.refresh()
    assert second.pack.state_seq == first.pack.state_seq + 1
    enough = -(-second.pack.states // BEHIND)
    phone.push(*[phone.weight() for _ in range(enough - 1)])
    assert packs.refresh() == []
    phone.push(phone.weight())
    office.clock.advance(timedelta(minutes=1))
    [third] = packs.refresh()
    assert third.pack.states == second.pack.states + enough


def test_a_pack_of_another_history_is_not_offered(office: Office, phone: Phone, packs: Packs) -> None:
    """After a repair of the states or a restore from a backup the old pack is out of date at once, and built anew."""
    [scale_id, *_] = fill(phone, SMALLEST)
    packs.refresh()
    assert packs.offer(phone.access, COUNTY)
    with office.database.writing() as connection:
        connection.execute(text("DELETE FROM state WHERE subject = :scale"), {"scale": scale_id})
    rebuild.check(office.database, office.house.catalogue, keep=True)
    with pytest.raises(QuanhengError, match="pack_none"):
        packs.offer(phone.access, COUNTY)
    [repaired] = packs.refresh()
    assert packs.offer(phone.access, COUNTY).digest == repaired.digest
    restored = Packs(office.database, office.clock, "restored", office.data / "packs", SMALLEST)
    with pytest.raises(QuanhengError, match="pack_none"):
        restored.offer(phone.access, COUNTY)
    with office.database.writing() as connection:
        connection.exec_driver_sql("UPDATE county_counter SET state_seq = 5")
    with pytest.raises(QuanhengError, match="pack_none"):
        packs.offer(phone.access, COUNTY)


def test_half_a_pack_is_never_seen(office: Office, phone: Phone, packs: Packs, tmp_path: Path) -> None:
    """What a process left when it died in the middle of building is not offered and is swept; a lost file is built anew."""
    fill(phone, SMALLEST)
    home = office.data / "packs" / COUNTY
    (office.data / "packs" / "building-dead").mkdir(parents=True)
    home.mkdir()
    (home / "pack.making").write_bytes(b"half")
    (home / "about.making").write_bytes(b"half")
    with pytest.raises(QuanhengError, match="pack_none"):
        packs.offer(phone.access, COUNTY)
    [built] = packs.refresh()
    assert sorted(path.name for path in home.iterdir()) == [f"{built.digest}.sqlite.gz", "pack.json"]
    assert sorted(path.name for path in home.parent.iterdir()) == [COUNTY, "lock"]
    (home / f"{built.digest}.sqlite.gz").unlink()
    with pytest.raises(QuanhengError, match="pack_none"):
        packs.offer(phone.access, COUNTY)
    assert packs.refresh()


def test_two_processes_do_not_build_at_once(office: Office, phone: Phone, packs: Packs) -> None:
    """While another holds the lock, nothing is built, and nothing of the other's is swept."""
    fill(phone, SMALLEST)
    packs.refresh()
    phone.push(*[phone.weight() for _ in range(SMALLEST)])
    with one_at_a_time(office.data / "packs" / "lock") as ours:
        assert ours
        assert packs.refresh() == []
    assert packs.refresh()


def test_a_pack_says_what_it_is(office: Office, phone: Phone, packs: Packs, tmp_path: Path) -> None:
    """The file itself names county, generation, the last change in it and how many states: what was offered, word for word."""
    fill(phone, SMALLEST)
    [built] = packs.refresh()
    packed = packs.file(phone.access, COUNTY, built.digest).read_bytes()
    [[about]] = rows_of(packed, tmp_path / "pack.db", "SELECT pack FROM about")
    said = msgspec.json.decode(about, type=Pack)
    assert said == built.pack == packs.offer(phone.access, COUNTY).pack
    assert (said.county, said.generation) == (COUNTY, office.house.generation)
    assert said.states == SMALLEST + 1
