"""An office that rewrites its own ledger, and who finds out: the command at the office, and a phone that held an earlier head."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from server.app import phone_app
from server.cli import main
from server.services import rebuild
from server.services.own_keys import own_key
from shared.identity import digest_of
from shared.premises import PremisesType
from sync.envelope import read_body, record_message
from sync.witness import Evidence, Fault
from tests.contracts.fakes import SoftwareKeys, seeded
from tests.mobile.phone import PIN
from tests.mobile.phone import Phone as WholePhone
from tests.server.office import COUNTY, TOWNSHIP, Office
from tests.server_pages.street import Street, Wire

CHANGED = "The office's ledger was changed behind a signed head."


@contextmanager
def origin(office: Office) -> Iterator[Wire]:
    """The phone's origin of a running office."""
    with TestClient(phone_app(office.house, office.settings)) as client:
        yield Wire(client)


def phone_of(street: Street, wire: Wire, folder: Path) -> WholePhone:
    """A whole phone that was enrolled over the real endpoints and has synced once."""
    code = street.office.house.enrolments.make_code(street.people["admin"], street.people["li"], [COUNTY])
    phone = WholePhone(folder / "work.db", street.office.clock, wire, SoftwareKeys(seeded("keys")))  # type: ignore[arg-type]

    async def enrol() -> None:
        await phone.app.start()
        await phone.app.enrolment.give_code(code)
        await phone.app.enrolment.set_pin(PIN, PIN)
        view = await phone.app.enrolment.first_pull()
        assert view.problem is None, view.problem

    asyncio.run(enrol())
    return phone


def sync(phone: WholePhone) -> list[Evidence]:
    """One whole sync; what the phone holds against the office after it."""
    status = asyncio.run(phone.app.sync.run())
    assert status.problem is None, "whatever the office does, the rest goes on"
    return asyncio.run(phone.store.witnessed.evidence())


def record(phone: WholePhone, name: str) -> None:
    """The phone registers a market."""
    asyncio.run(phone.app.register.premises(name, TOWNSHIP, PremisesType.MARKET))


def rewrite(office: Office) -> None:
    """A row of the office's is made another one by hand, in SQLite: bytes, digest and signature all fit, by the office's own key."""
    key = own_key(office.data / "keys", "office", seeded("no key is made"))
    with sqlite3.connect(office.data / "quanheng.db") as connection:
        query = "SELECT seq, record_id, body FROM ledger WHERE kind = 'instrument.registered' ORDER BY seq"
        seq, record_id, body = connection.execute(query).fetchone()
        forged = body.replace(b"2403-01180", b"2403-99999")
        assert forged != body
        digest = digest_of(forged)
        connection.execute(
            "UPDATE ledger SET body = ?, digest = ?, signature = ? WHERE county = ? AND seq = ?",
            (forged, digest, key.sign(record_message(digest)), COUNTY, seq),
        )
        connection.execute("UPDATE record_identity SET digest = ? WHERE record_id = ?", (digest, record_id))
    connection.close()
    assert read_body(forged).record_id == record_id


def verify(office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """What ``quanheng verify-ledger`` ends with and says."""
    monkeypatch.setenv("QUANHENG_DATA", str(office.data))
    capsys.readouterr()
    return main(["verify-ledger"]), capsys.readouterr().out.splitlines()


def test_the_command_finds_a_row_that_was_made_to_fit(
    street: Street, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Digest, place and signature of every record are right, and yet the heads that were signed are not: code 1, and the first is named."""
    code, lines = verify(street.office, monkeypatch, capsys)
    assert code == 0
    assert lines[-1].endswith(" signed heads checked, 0 wrong")
    rewrite(street.office)
    code, lines = verify(street.office, monkeypatch, capsys)
    assert code == 1
    assert lines[0].endswith(" records checked, 0 wrong")
    assert lines[1].startswith(f"wrong: head {COUNTY}/2 ")
    assert lines[1].endswith(": root")
    rebuild.check(street.office.database, street.office.house.catalogue, keep=True)
    code, lines = verify(street.office, monkeypatch, capsys)
    assert code == 1, "the trees are made anew, and the signed heads are what they were"
    assert [line.rpartition(" ")[2] for line in lines[1:-1]] == ["root"]


@pytest.mark.parametrize("thorough", [False, True], ids=["the row alone", "the projections and the tree too"])
def test_a_phone_that_held_an_earlier_head_finds_it(street: Street, tmp_path: Path, thorough: bool) -> None:
    """At its next sync the phone keeps both signed heads, says it in words on the outbox, and everything else goes on: records arrive and are pulled."""
    office = street.office
    with origin(office) as wire:
        phone = phone_of(street, wire, tmp_path)
        assert sync(phone) == []
        rewrite(office)
        if thorough:
            rebuild.check(office.database, office.house.catalogue, keep=True)
        street.site("又一市场")
        record(phone, "新市场")
        found = sync(phone)
        assert found[0].fault is Fault.CHANGED
        assert {each.fault for each in found} <= {Fault.CHANGED, Fault.MISSING}
        kept, shown = found[0].kept, found[0].shown
        assert kept
        assert shown
        assert kept.size < shown.size
        assert {kept.generation, shown.generation} == {office.house.generation}
        view = asyncio.run(phone.app.outbox.rows())
        assert view.accusations[0].what == CHANGED
        assert view.remarks == []
        assert office.rows("SELECT count(*) AS n FROM ledger WHERE kind = 'premises.registered'")[0]["n"] == 3
        assert len(sync(phone)) == len(found), "it is said once, and the next head is compared with the last"


def test_an_honest_office_is_accused_of_nothing(street: Street, tmp_path: Path) -> None:
    """Over several syncs heads grow and are verified, and the phone's own records are marked as verified on the signed ledger."""
    with origin(street.office) as wire:
        phone = phone_of(street, wire, tmp_path)
        for name in ("甲市场", "乙市场"):
            record(phone, name)
            street.site(name + "对面")
            assert sync(phone) == []
        heads = asyncio.run(phone.store.witnessed.heads())
        [row] = street.office.rows("SELECT size FROM ledger_tree")
        assert heads[COUNTY].verified
        assert heads[COUNTY].verified.size == row["size"]
        kept = asyncio.run(phone.store.records.newest(10))
        assert [each.proven for each in kept] == [True] * 3
        page = asyncio.run(phone.app.outbox.record(kept[0].digest))
        assert page.ledger_seq == row["size"]


def test_a_restored_office_is_no_accusation(street: Street, tmp_path: Path) -> None:
    """A backup is put back under a new generation, and goes another way: the phone keeps both heads, says so without blame, and offers its records again."""
    office = street.office
    backup = tmp_path / "backup.sqlite"
    office.close()
    office = Office(office.data, True, office.clock, "before")
    street.office = office
    with origin(office) as wire:
        phone = phone_of(street, wire, tmp_path)
        with sqlite3.connect(office.data / "quanheng.db") as live, sqlite3.connect(backup) as copy:
            live.backup(copy)
        live.close()
        copy.close()
        record(phone, "新市场")
        assert sync(phone) == []
    office.close()
    for path in office.data.glob("quanheng.db*"):
        path.unlink()
    backup.rename(office.data / "quanheng.db")
    with sqlite3.connect(office.data / "quanheng.db") as live:
        live.execute("UPDATE about SET value = 'restored' WHERE name = 'generation'")
    live.close()
    street.office = restored = Office(office.data, True, office.clock, "after")
    street.site("恢复后登记的市场")
    with origin(restored) as wire:
        phone.equipment.transport._client = wire._client  # type: ignore[attr-defined]
        found = sync(phone)
        assert [each.fault for each in found] == [Fault.RESTORED]
        view = asyncio.run(phone.app.outbox.rows())
        assert view.accusations == []
        assert view.remarks[0].what == "The office was restored from a backup."
        assert len(sync(phone)) == 1
        kept = asyncio.run(phone.store.records.newest(10))
        assert all(each.proven for each in kept), "what was offered again is on the new ledger"
    restored.close()
