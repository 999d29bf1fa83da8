"""What holds of a store itself, SQLite or PostgreSQL: how it is opened, migrated, and what it says when it can't be."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url

from server.cli import main
from server.store.database import MIGRATIONS, Database
from server.store.tables import metadata
from shared.errors import InputError
from tests.server.cluster import Cluster
from tests.server.conftest import Store
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone


def code_of(url: str) -> str:
    """The code with which a store of that address is refused."""
    with pytest.raises(InputError) as refused:
        Database(url).migrate()
    return refused.value.problem.code


def test_one_chain_of_migrations_makes_the_tables_of_both(store: Store, tmp_path: Path) -> None:
    """Up, down to nothing and up again: then the tables are those that the code names, on either store."""
    with store() as url:
        database = Database(url or f"sqlite:///{tmp_path / 'quanheng.db'}")
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        database.migrate()
        with database.writing() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "base")
            assert set(inspect(connection).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
        database.migrate()
        with database.reading() as connection:
            parts = {
                name for name in inspect(connection).get_table_names() if name.rpartition("_")[2].isdigit()
            }
            context = MigrationContext.configure(
                connection, opts={"include_name": lambda name, _kind, _parents: name not in parts}
            )
            assert compare_metadata(context, metadata) == []
        database.close()
        assert len(parts) == (48 if database.is_postgresql else 0)


def test_rulings_from_before_say_of_which_record_they_are(office: Office, phone: Phone) -> None:
    """An older store that is upgraded knows of each ruling that waits for a phone which record it is of."""
    site_id, site = phone.site()
    phone.push(site, *[phone.scale(site_id, "S-1")[1] for _ in range(2)])
    rulings = office.rows("SELECT record_id, ruling FROM later_ruling")
    assert [row["record_id"] for row in rulings] == [phone.pull().rulings[0].record_id]
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with office.database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0016")
        assert "record_id" not in {
            column["name"] for column in inspect(connection).get_columns("later_ruling")
        }
    office.database.migrate()
    assert office.rows("SELECT record_id, ruling FROM later_ruling") == rulings


def test_counties_lie_in_parts_of_their_own(cluster: Cluster, tmp_path: Path) -> None:
    """On PostgreSQL a county's ledger, states and subjects lie in one part each, and reading a county reads no other part."""
    with cluster.database() as url:
        office = Office(tmp_path, database_url=url)
        phone = office.phone(counties=(COUNTY, NEXT_COUNTY))
        phone.push(*[phone.site(county=county)[1] for county in (COUNTY, NEXT_COUNTY)])
        for table in ("ledger", "ledger_subject", "state"):
            parts = {
                row["county"]: row["part"]
                for row in office.rows(f"SELECT county, tableoid::regclass::text AS part FROM {table}")  # noqa: S608
            }
            assert len(set(parts.values())) == len(parts) == 2
        plan = [
            row["QUERY PLAN"]
            for row in office.rows(
                f"EXPLAIN SELECT * FROM state WHERE county = '{COUNTY}' AND state_seq > 0 ORDER BY state_seq"  # noqa: S608
            )
        ]
        assert len([line for line in plan if " on state_" in line]) == 1
        office.close()


def test_postgresql_is_opened_for_keeps(cluster: Cluster) -> None:
    """An answer of success means it is on disk, whatever the database's own setting; a reader sees one moment and can't write."""
    with cluster.database() as url:
        cluster.sql(f"ALTER DATABASE {make_url(url).database} SET synchronous_commit = off")
        database = Database(url)
        with database.reading() as connection:
            found = [
                connection.exec_driver_sql(f"SHOW {name}").scalar()
                for name in ("synchronous_commit", "transaction_isolation", "transaction_read_only")
            ]
            assert found == ["on", "repeatable read", "on"]
        with database.writing() as connection:
            found = [
                connection.exec_driver_sql(f"SHOW {name}").scalar()
                for name in ("synchronous_commit", "transaction_isolation", "transaction_read_only")
            ]
            assert found == ["on", "read committed", "off"]
        database.close()


def test_a_database_that_sorts_otherwise_is_refused(cluster: Cluster) -> None:
    """Codes and moments are compared as text: where text does not sort by its bytes the store is refused, and it says how to make one."""
    for name, so in (("bytes", "ENCODING 'SQL_ASCII'"), ("words", "LOCALE_PROVIDER icu ICU_LOCALE 'zh'")):
        cluster.sql(f"CREATE DATABASE {name} TEMPLATE template0 {so}")
        assert code_of(cluster.url(name)) == "database_collation"


@pytest.mark.parametrize("url", ["nothing", "mysql://host/name", "oracle://host/name", "://"])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    """What is neither SQLite nor PostgreSQL is a clear error."""
    assert code_of(url) == "database_url_wrong"


def test_a_database_that_does_not_answer_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends with code 2, says the address without its password, the reason, and no traceback."""
    monkeypatch.setenv("QUANHENG_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"postgresql://li:secret@/name?host={tmp_path}")
    assert main(["verify-ledger"]) == 2
    said = capsys.readouterr().err
    assert "database_unreachable" in said
    assert "li:***@/name?host=" in said
    assert len(said.splitlines()) == 1
    assert "secret" not in said
    assert "Traceback" not in said


def test_what_a_column_can_not_hold_stops_no_record(office: Office, phone: Phone) -> None:
    """A serial number longer than any column, and text with a character 0, are kept as they are; the index has what fits."""
    site_id, site = phone.site("a\0b")
    long = "S" * 5000
    scale_id, scale = phone.scale(site_id, long)
    odd_id, odd = phone.scale(site_id, "1\0" + "2", instrument_id=phone.mint())
    assert phone.statuses(site, scale, odd) == ["accepted"] * 3
    assert office.house.registry.instrument(scale_id).serial_number == long
    assert [each.instrument_id for each in office.house.registry.search([COUNTY], long)] == [scale_id]
    assert [each.instrument_id for each in office.house.registry.search([COUNTY], "12")] == [odd_id]
    assert office.check()["state"] == 3


def test_text_that_can_not_be_asked_for_is_bad_input(office: Office) -> None:
    """A sign-in or a page asked for with a character 0 is refused or unknown on either store, never a fault of ours."""
    with pytest.raises(Exception) as refused:  # noqa: PT011  each store says it in its own way
        office.house.access.sign_in("li\0", "x")
    assert getattr(refused.value, "status", 500) < 500
